"""Who may be texted and how much: the list of recipients, the caps of the last 24 hours.

What is counted is what was queued and not cancelled, whether or not it arrived.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import phonenumbers

from negotiation.money import exact_arithmetic, format_money
from negotiation.phone import mask_phone
from negotiation.records import Notification, NotificationStatus
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
    try:
        number = phonenumbers.parse(to, None)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise _bad_recipient(
            f"{to[:40]!r} is not a phone number.", "Write it in E.164, as +14155550123.", path
        )
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return allowed_number(e164, policy, path=path)


def allowed_number(number: str, policy: NotificationPolicy, *, path: str = "input.to") -> str:
    for allowed in (*policy.allowed, policy.default_recipient or ""):
        if number == allowed or (allowed.endswith("*") and number.startswith(allowed[:-1])):
            return number
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


def check_caps(
    rows: Iterable[Notification],
    to: str,
    body: str,
    policy: NotificationPolicy,
    now: datetime,
) -> None:
    """Raises RateLimited when one more message would pass a cap of the last 24 hours."""
    counted = sorted(
        (
            each
            for each in rows
            if each.status is not NotificationStatus.CANCELLED and each.queued_at > now - DAY
        ),
        key=lambda each: each.queued_at,
    )
    to_same = [each.queued_at for each in counted if each.to == to]
    _check_count(to_same, policy.per_recipient_daily, f"to {mask_phone(to)}", now)
    _check_count([each.queued_at for each in counted], policy.total_daily, "in all", now)
    with exact_arithmetic():
        cost = policy.price_per_segment * measure(body).segments
        costs = [policy.price_per_segment * measure(each.body).segments for each in counted]
        spent = sum(costs, cost)
        budget = format_money(policy.daily_budget, policy.currency)
        if cost > policy.daily_budget:
            raise LimitExceeded(
                f"This message alone costs more than the budget of a day ({budget}).",
                limit="dailyBudget",
                value=int(policy.daily_budget),
            )
        for each, saved in zip(counted, costs, strict=True):
            if spent <= policy.daily_budget:
                return
            spent -= saved
            if spent <= policy.daily_budget:
                raise _too_many(
                    f"The budget of {budget} in 24 hours is used up.", each.queued_at, now
                )


def _check_count(times: Sequence[datetime], most: int, whom: str, now: datetime) -> None:
    if len(times) >= most:
        frees = times[len(times) - most] if most > 0 else now
        raise _too_many(f"At most {most} messages {whom} may be queued in 24 hours.", frees, now)


def _too_many(message: str, frees: datetime, now: datetime) -> GatewayError:
    wait = frees + DAY - now
    return RateLimited(message, retry_after_ms=max(1, round(wait.total_seconds() * 1_000)))


def _bad_recipient(message: str, hint: str, path: str = "input.to") -> BadUserInput:
    return BadUserInput(f"{message} {hint}", [FieldError(path, message, hint)])
