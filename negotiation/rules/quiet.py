"""Quiet hours: by the clocks of a place, over midnight, over the days on which those clocks are changed.

In doubt it is quiet: an hour that comes twice counts until it has passed for the second time, one that is left out from
the earlier reading of it to the later.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from negotiation.rules.model import QuietHours, Weekday

_DAYS: Final = tuple(Weekday)
_DAY: Final = timedelta(days=1)
_WEEK: Final = 7
MONDAY: Final = date(2026, 1, 5)
"""Any Monday."""


def quiet_until(hours: QuietHours, now: datetime) -> datetime | None:
    """When the quiet that `now` lies in ends, in UTC; None: it is not quiet now. ValueError for quiet without an end."""
    moment = now
    for _ in range(2 * _WEEK):
        end = max(
            (last for first, last in _windows(hours, moment) if first <= moment < last),
            default=None,
        )
        if end is None:
            return None if moment == now else moment
        moment = end
    raise ValueError("It is quiet all week.")


def never_ends(hours: QuietHours) -> bool:
    """Whether nothing would ever be sent."""
    days = set(hours.days or _DAYS)
    return len(days) == _WEEK and clock_time(hours.start) == clock_time(hours.end)


def clock_time(text: str) -> time:
    """ "22:00". ValueError for anything else."""
    if len(text) != len("00:00"):
        raise ValueError(f"{text!r} is no time of day")
    return time.fromisoformat(text)


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    """The zone of this IANA name. ValueError where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone") from None


def _windows(hours: QuietHours, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The windows that begin around `now`, in UTC."""
    place = zone(hours.zone)
    start, end = clock_time(hours.start), clock_time(hours.end)
    wanted = hours.days or _DAYS
    today = now.astimezone(place).date()
    for offset in (-2, -1, 0, 1):
        day = today + offset * _DAY
        if _DAYS[day.weekday()] in wanted:
            last = day if end > start else day + _DAY
            yield min(_readings(day, start, place)), max(_readings(last, end, place))


def _readings(day: date, at: time, place: ZoneInfo) -> tuple[datetime, datetime]:
    """The instants at which the clocks show it: the same twice, but on a day on which they are changed."""
    first, second = (
        datetime.combine(day, at.replace(fold=fold), place).astimezone(UTC) for fold in (0, 1)
    )
    return first, second
