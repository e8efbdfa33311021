"""Who may be texted and how much: the list of recipients, the caps of the last 24 hours.

What is counted is what was queued and not cancelled, whether or not it arrived, and each time that the provider took it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from operator import itemgetter

import phonenumbers

from negotiation.money import exact_arithmetic, format_money
from negotiation.phone import mask_phone
from negotiation.records import AttemptOutcome, Notification, NotificationStatus
from negotiation.sms import measure
from resolvers.errors import (
    BadUserInput,
    FieldError,
    GatewayError,
    LimitExceeded,
    RateLimited,
)
from resolvers.ports import NotificationPolicy

DAY = timedelta(days=1)
_DEAR = frozenset(
    {phonenumbers.PhoneNumberType.PREMIUM_RATE, phonenumbers.PhoneNumberType.SHARED_COST}
)


def checked_recipient(to: str | None, policy: NotificationPolicy, *, path: str = "input.to") -> str:
    """The E.164 number that a message goes to. Raises BadUserInput."""
    if to is None or not to.strip():
        if policy.default_recipient is None:
            raise _bad_recipient(
                "There is no recipient.",
                "Give a number in E.164, or have NOTIFY_RECIPIENT set.",
                path,
            )
        return policy.default_recipient
    return allowed_number(e164(to, path=path), policy, path=path)


def e164(text: str, *, path: str = "input.to") -> str:
    """The phone number that a text is, however it is spaced. Raises BadUserInput."""
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise _bad_recipient(
            f"{text[:40]!r} is not a phone number.", "Write it in E.164, as +14155550123.", path
        )
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def allowed_number(number: str, policy: NotificationPolicy, *, path: str = "input.to") -> str:
    """The number, if it is on the list. A prefix stands for ordinary numbers: one at a premium or shared-cost rate must be
    there itself. Raises BadUserInput.
    """
    if number in (*policy.allowed, policy.default_recipient):
        return number
    if any(each.endswith("*") and number.startswith(each[:-1]) for each in policy.allowed):
        if phonenumbers.number_type(phonenumbers.parse(number, None)) not in _DEAR:
            return number
        raise _bad_recipient(
            f"{mask_phone(number)} is a premium-rate or shared-cost number.",
            "A prefix in NOTIFY_ALLOWED does not stand for those; its operator can list the number itself.",
            path,
        )
    raise _bad_recipient(
        f"{mask_phone(number)} is not on the list of recipients.",
        "Its operator lists numbers and prefixes in NOTIFY_ALLOWED.",
        path,
    )


def price(policy: NotificationPolicy, rows: Iterable[Notification]) -> Decimal:
    """What the messages cost at the configured price of a segment, unrounded, each as often as it is named."""
    with exact_arithmetic():
        segments = sum(measure(row.body).segments for row in rows)
        return policy.price_per_segment * segments


class Allowance:
    """What the caps of the last 24 hours still allow at the instant `now`, one message after the other: each counts for the next."""

    def __init__(
        self, rows: Iterable[Notification], policy: NotificationPolicy, now: datetime
    ) -> None:
        self._policy = policy
        self._now = now
        since = now - DAY
        recent = (row for row in rows if row.updated_at > since)  # nothing of others is younger
        counted = [(at, row) for row in recent for at in _counted_at(row) if at > since]
        counted.sort(key=_instant)
        self._times = [at for at, _ in counted]
        self._segments = [measure(row.body).segments for _, row in counted]
        self._taken = sum(self._segments)
        self._to: dict[str, list[datetime]] = {}
        for at, row in counted:
            self._to.setdefault(row.to, []).append(at)

    def take(self, to: str, body: str) -> None:
        """One message more. Raises RateLimited or LimitExceeded where it would pass a cap: then it does not count."""
        policy, now = self._policy, self._now
        own = self._to.setdefault(to, [])
        _check_count(own, policy.per_recipient_daily, lambda: f"to {mask_phone(to)}", now)
        _check_count(self._times, policy.total_daily, lambda: "in all", now)
        segments = measure(body).segments
        self._check_budget(segments)
        own.append(now)
        self._times.append(now)
        self._segments.append(segments)
        self._taken += segments

    def _check_budget(self, segments: int) -> None:
        most, taken = self._policy.daily_budget, self._taken + segments
        if self._cost(taken) <= most:
            return
        budget = format_money(most, self._policy.currency)
        if self._cost(segments) > most:
            raise LimitExceeded(
                f"This message alone costs more than the budget of a day ({budget}).",
                limit="dailyBudget",
                value=int(most),
            )
        for at, saved in zip(self._times, self._segments, strict=True):
            taken -= saved
            if self._cost(taken) <= most:
                said = f"The budget of {budget} in 24 hours is used up."
                raise _too_many(said, at, self._now)

    def _cost(self, segments: int) -> Decimal:
        with exact_arithmetic():
            return self._policy.price_per_segment * segments


_instant = itemgetter(0)


def _counted_at(row: Notification) -> list[datetime]:
    """When a message counts: each time that the provider took it, and while it is to be sent, when it was queued."""
    if not row.history:
        return [] if row.status is NotificationStatus.CANCELLED else [row.queued_at]
    taken = [line.ended_at for line in row.history if line.outcome is AttemptOutcome.ACCEPTED]
    if row.status is NotificationStatus.CANCELLED or (taken and row.provider_id is not None):
        return taken
    return [*taken, row.queued_at]


def _check_count(
    times: Sequence[datetime], most: int, whom: Callable[[], str], now: datetime
) -> None:
    if len(times) >= most:
        frees = times[len(times) - most] if most > 0 else now
        raise _too_many(f"At most {most} messages {whom()} may be queued in 24 hours.", frees, now)


def _too_many(message: str, frees: datetime, now: datetime) -> GatewayError:
    wait = frees + DAY - now
    return RateLimited(message, retry_after_ms=max(1, round(wait.total_seconds() * 1_000)))


def _bad_recipient(message: str, hint: str, path: str = "input.to") -> BadUserInput:
    return BadUserInput(f"{message} {hint}", [FieldError(path, message, hint)])
