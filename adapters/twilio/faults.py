"""What Twilio's refusals mean for the queue: again, never, or hold everything.

    NotifierError                     the port's
    └── TwilioFault                   outage: it, not the message, is the trouble; hold: nothing will pass until someone acts

The codes are in `codes`. An unknown one is final and shows Twilio's own words, numbers masked; an answer without one is not
Twilio's, and may be another next time.
"""

from __future__ import annotations

import json

from adapters.twilio.codes import NOT_FOUND, RATE_LIMITED, TABLE, Kind
from negotiation.phone import mask_phones
from negotiation.records import NotificationStatus
from resolvers.ports import Delivery, NotifierError


class TwilioFault(NotifierError):
    """A NotifierError that also knows whether the whole service, or the whole account, is concerned."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        retry: bool,
        ambiguous: bool = False,
        retry_after: float | None = None,
        outage: bool = False,
        hold: bool = False,
    ) -> None:
        super().__init__(code, message, retry=retry, ambiguous=ambiguous, retry_after=retry_after)
        self.outage = outage
        self.hold = hold


HOLD_SECONDS = 60.0
"""How long nothing is tried after Twilio refused the account."""
ANSWERED_SETTLE_SECONDS = 2.0
"""After a complete 5xx answer the request is no longer under way: so soon a look-up is conclusive."""
_GAVE_UP = frozenset({502, 504})
"""From a proxy that lost Twilio, or no longer waits for it: the request may still be under way."""


def explain(code: str | None, words: str | None = None) -> str:
    """What a code means and what to do; for an unknown one Twilio's own words, masked."""
    if code is not None and (entry := TABLE.get(code)):
        return str(entry)
    said = mask_phones(words).strip() if words else "Twilio gave no reason."
    where = f" See twilio.com/docs/api/errors/{code}." if code and code.isdigit() else ""
    return f"{said}{where}"


def refusal(code: str) -> TwilioFault:
    """The final refusal of one message by a code of the table."""
    return TwilioFault(code, explain(code), retry=False)


def of_answer(status: int, body: str, retry_after: str | None, *, sending: bool) -> TwilioFault:
    """The fault of an HTTP answer of 400 or more. `sending`: it answered a request that creates something."""
    code, words = _read(body)
    asked = _seconds(retry_after)
    if status >= 500:
        unavailable = status == 503  # refused at the door: nothing was taken
        ambiguous = sending and not unavailable
        if ambiguous:
            soon = max(ANSWERED_SETTLE_SECONDS, 0.0 if asked is None else asked)
            asked = None if status in _GAVE_UP else soon
        return TwilioFault(
            code or f"HTTP_{status}",
            f"Twilio has trouble (HTTP {status}). Nothing to do: it is tried again.",
            retry=True,
            ambiguous=ambiguous,
            retry_after=asked,
            outage=True,
        )
    if code is None and status in {401, 429}:
        code = "20003" if status == 401 else RATE_LIMITED
    entry = TABLE.get(code) if code else None
    if code == NOT_FOUND and not sending:
        entry = None  # a look-up that finds nothing says nothing about the account
    is_twilios = code is not None and status != 429
    kind = entry.kind if entry else Kind.FINAL if is_twilios else Kind.LATER
    if asked is None and entry is not None:
        asked = entry.wait
    return TwilioFault(
        code or f"HTTP_{status}",
        str(entry) if entry else explain(code, words or f"Twilio refused (HTTP {status})."),
        retry=kind is not Kind.FINAL,
        retry_after=HOLD_SECONDS if kind is Kind.HOLD else asked,
        hold=kind is Kind.HOLD,
    )


def delivery_of(status: str, code: int | str | None, words: str | None) -> Delivery:
    """Twilio's message status in our words; a failure with what to do about it."""
    match status:
        case "delivered" | "read":
            return Delivery(NotificationStatus.DELIVERED)
        case "failed" | "undelivered" | "canceled":
            known = str(code) if code is not None else None
            return Delivery(
                NotificationStatus.FAILED, known or status.upper(), explain(known, words)
            )
        case _:
            return Delivery(NotificationStatus.SENT)


def not_reached(why: str) -> TwilioFault:
    """No connection: nothing was sent."""
    return TwilioFault(
        "UNREACHABLE",
        f"Twilio cannot be reached ({why}). Check the network; the queue waits.",
        retry=True,
        outage=True,
    )


def no_answer(code: str, why: str, *, sending: bool) -> TwilioFault:
    """The request may have arrived; its answer did not."""
    return TwilioFault(
        code,
        f"Twilio did not answer ({why})."
        + (
            " It may have taken the message: it is looked up before another try." if sending else ""
        ),
        retry=True,
        ambiguous=sending,
        outage=True,
    )


def circuit_open(seconds: float) -> TwilioFault:
    return TwilioFault(
        "CIRCUIT_OPEN",
        "Not tried: Twilio has been failing, and a pause protects it and us.",
        retry=True,
        retry_after=seconds,
    )


def _read(body: str) -> tuple[str | None, str | None]:
    """Code and words of a Twilio error body, of the older and the RFC 9457 kind."""
    try:
        answer = json.loads(body)
    except ValueError:
        return None, None
    if not isinstance(answer, dict):
        return None, None
    code, words = answer.get("code"), answer.get("message") or answer.get("detail")
    return (str(code) if code is not None else None), (str(words) if words else None)


def _seconds(retry_after: str | None) -> float | None:
    """The header's delay in seconds, at most an hour. Twilio sends the numeric form."""
    try:
        return min(3600.0, max(0.0, float(retry_after))) if retry_after is not None else None
    except ValueError:
        return None
