"""Spend from daily usage: the trailing window on any day, and day by day."""

from __future__ import annotations

from datetime import date, timedelta

from negotiation.records import Negotiation
from negotiation.usage import DailySpend, Trailing, window
from resolvers.errors import BadUserInput, FieldError, LimitExceeded
from resolvers.view import View

EARLIEST = date(2000, 1, 1)
LATEST = timedelta(days=3_660)
MOST_DAYS = 1_100


def trailing(view: View, negotiation: Negotiation, on: date | None) -> Trailing:
    """Spend of the ladder's window before `on` (default: today). Raises BadUserInput."""
    day = view.today if on is None else on
    _check_day(view, day, "on")
    picture = view.picture(negotiation)
    return view.figures.once(("trailing", negotiation.id, day), lambda: picture.trailing_on(day))


def daily(
    view: View, negotiation: Negotiation, since: date | None, until: date | None
) -> tuple[DailySpend, ...]:
    """Days with usage from `since` to `until`, oldest first; default: the 90 days before today.

    Raises BadUserInput or LimitExceeded.
    """
    first, last = window(view.today)
    first, last = (first if since is None else since), (last if until is None else until)
    _check_day(view, first, "from")
    _check_day(view, last, "to")
    days = (last - first).days + 1
    if days < 1:
        message = f"{last} lies before {first}."
        raise BadUserInput(message, [FieldError("to", message, "Swap `from` and `to`.")])
    if days > MOST_DAYS:
        raise LimitExceeded(
            f"At most {MOST_DAYS} days at once, {days} were asked for.",
            limit="days",
            value=MOST_DAYS,
            found=days,
        )
    picture = view.picture(negotiation)
    return view.figures.once(
        ("daily", negotiation.id, first, last), lambda: picture.daily(first, last)
    )


def _check_day(view: View, day: date, path: str) -> None:
    latest = view.today + LATEST
    if not EARLIEST <= day <= latest:
        message = f"{day} is not between {EARLIEST} and {latest}."
        raise BadUserInput(f"{path}: {message}", [FieldError(path, message)])
