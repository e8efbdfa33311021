"""Twilio: sends notifications with credentials, queues them without; reads usage and prices where it may."""

from __future__ import annotations

from adapters.pace import HURRIED, Pace
from adapters.resilience import CircuitBreaker, RetryPolicy
from adapters.twilio.account import TwilioAccount
from adapters.twilio.callbacks import StatusCallbacks
from adapters.twilio.credentials import TwilioCredentials
from adapters.twilio.inbound import InboundMessages
from adapters.twilio.notifier import TwilioNotifier
from adapters.twilio.provider import PAGE_SIZE, TwilioProvider
from adapters.twilio.queue_only import QueueOnlyNotifier
from adapters.twilio.signature import Signature
from resolvers.ports import Clock, HealthSignal
from resolvers.provider import NoProvider

__all__ = [
    "InboundMessages",
    "QueueOnlyNotifier",
    "Signature",
    "StatusCallbacks",
    "TwilioCredentials",
    "TwilioNotifier",
    "TwilioProvider",
    "make_notifier",
    "make_provider",
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


def make_provider(
    credentials: TwilioCredentials,
    *,
    clock: Clock,
    signal: HealthSignal,
    policy: RetryPolicy | None = None,
    page_size: int = PAGE_SIZE,
    pace: Pace = HURRIED,
) -> TwilioProvider | NoProvider:
    """What usage and prices are read from. It needs no sender, and its circuit is its own. Does nothing yet."""
    if credentials.absent:
        return NoProvider()
    if not (credentials.account_sid and credentials.auth_token):
        return NoProvider(f"Usage is not read from Twilio: {'; '.join(credentials.faults())}.")
    policy = policy or RetryPolicy(attempts=4, timeout=10.0)
    account = TwilioAccount(
        credentials,
        clock=clock,
        signal=signal,
        circuit=CircuitBreaker(clock),
        timeout_seconds=policy.timeout,
    )
    return TwilioProvider(
        account, credentials, clock=clock, policy=policy, page_size=page_size, pace=pace
    )
