"""Asks Twilio whether these credentials would be let in: account active, sender ours. Sends nothing."""

from __future__ import annotations

from adapters.resilience import CircuitBreaker
from adapters.twilio.account import TwilioAccount
from adapters.twilio.credentials import TwilioCredentials
from adapters.twilio.faults import TwilioFault
from resolvers.ports import Clock, HealthSignal


async def refusal(
    credentials: TwilioCredentials, *, clock: Clock, signal: HealthSignal, timeout_seconds: float
) -> str | None:
    """Why Twilio would not send for us, in words, or None. `credentials` must be complete."""
    account = TwilioAccount(
        credentials,
        clock=clock,
        signal=signal,
        circuit=CircuitBreaker(clock),
        timeout_seconds=timeout_seconds,
    )
    try:
        return await _refusal(account, credentials)
    except TwilioFault as fault:
        return fault.message
    finally:
        await account.close()


async def _refusal(account: TwilioAccount, credentials: TwilioCredentials) -> str | None:
    sid, sender, service = (
        credentials.account_sid or "",
        credentials.sender,
        credentials.messaging_service_sid,
    )
    found = await account.exchange(
        "look at the account", lambda client: client.api.v2010.accounts(sid).fetch_async()
    )
    if found.status != "active":
        return f"The Twilio account is {found.status}. Reactivate it in Twilio's console."
    if service is not None:
        await account.exchange(
            "look at the sender",
            lambda client: client.messaging.v1.services(service).fetch_async(),
        )
        return None
    numbers = await account.exchange(
        "look at the sender",
        lambda client: client.incoming_phone_numbers.list_async(phone_number=sender, limit=1),
    )
    if not numbers:
        return (
            "TWILIO_FROM is not a number of this account. Use one that is, or a Messaging Service."
        )
    return None
