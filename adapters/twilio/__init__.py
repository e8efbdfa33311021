"""Twilio: sends notifications with credentials, queues them without."""

from __future__ import annotations

from adapters.resilience import CircuitBreaker
from adapters.twilio.account import TwilioAccount
from adapters.twilio.callbacks import StatusCallbacks
from adapters.twilio.credentials import TwilioCredentials
from adapters.twilio.notifier import TwilioNotifier
from adapters.twilio.queue_only import QueueOnlyNotifier
from resolvers.ports import Clock, HealthSignal

__all__ = [
    "QueueOnlyNotifier",
    "StatusCallbacks",
    "TwilioCredentials",
    "TwilioNotifier",
    "make_notifier",
]


def make_notifier(
    credentials: TwilioCredentials,
    *,
    clock: Clock,
    signal: HealthSignal,
    circuit: CircuitBreaker,
    timeout_seconds: float = 10.0,
) -> TwilioNotifier | QueueOnlyNotifier:
    """The notifier that fits the credentials. Does nothing yet."""
    if not credentials.complete:
        return QueueOnlyNotifier(credentials)
    account = TwilioAccount(
        credentials, clock=clock, signal=signal, circuit=circuit, timeout_seconds=timeout_seconds
    )
    return TwilioNotifier(account, credentials)
