"""Quiet hours end when the clocks of their place say so: over midnight, over weekends, on the days they are changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from negotiation.rules.model import QuietHours, Weekday
from negotiation.rules.quiet import never_ends, quiet_until, zone

MINUTE = timedelta(minutes=1)
clock_times = st.builds(
    "{:02}:{:02}".format,
    st.integers(min_value=0, max_value=23),
    st.integers(min_value=0, max_value=59),
)
hours = st.builds(
    QuietHours,
    start=clock_times,
    end=clock_times,
    zone=st.sampled_from(
        ["UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu"]
    ),
    days=st.sets(st.sampled_from(list(Weekday))).map(tuple),
)
instants = st.integers(min_value=0, max_value=2 * 366 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + minutes * MINUTE
)


def night(**changes: Any) -> QuietHours:
    return QuietHours(**({"start": "22:00", "end": "07:00", "zone": "America/New_York"} | changes))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        ("2026-04-01T21:59-04:00", None),
        ("2026-04-01T22:00-04:00", "2026-04-02T07:00-04:00"),
        ("2026-04-02T03:00-04:00", "2026-04-02T07:00-04:00"),
        ("2026-04-02T07:00-04:00", None),
        ("2026-03-08T01:30-05:00", "2026-03-08T07:00-04:00"),  # this night lasts eight hours
        ("2026-11-01T01:30-04:00", "2026-11-01T07:00-05:00"),  # and this one ten
    ],
)
def test_a_night_ends_in_the_morning_whatever_the_clocks_did(now: str, ends: str | None) -> None:
    assert quiet_until(night(), at(now)) == (None if ends is None else at(ends))


def test_a_window_belongs_to_the_day_on_which_it_begins() -> None:
    fridays = night(days=(Weekday.FRI,))
    assert quiet_until(fridays, at("2026-04-04T03:00-04:00")) == at("2026-04-04T07:00-04:00")
    assert quiet_until(fridays, at("2026-04-03T03:00-04:00")) is None


def test_windows_that_touch_are_one_quiet() -> None:
    weekend = QuietHours(
        start="00:00", end="00:00", zone="Europe/Berlin", days=(Weekday.SAT, Weekday.SUN)
    )
    assert quiet_until(weekend, at("2026-04-04T12:00+02:00")) == at("2026-04-06T00:00+02:00")


def test_an_hour_that_comes_twice_is_quiet_until_it_has_passed_twice() -> None:
    small = night(start="01:00", end="01:30")
    assert quiet_until(small, at("2026-11-01T01:10-04:00")) == at("2026-11-01T01:30-05:00")
    assert quiet_until(small, at("2026-11-01T01:45-04:00")) == at("2026-11-01T01:30-05:00")


def test_an_hour_that_is_left_out_is_no_reason_to_wake_early() -> None:
    small = night(start="01:00", end="02:30")
    assert quiet_until(small, at("2026-03-08T01:10-05:00")) == at("2026-03-08T03:30-04:00")


def test_quiet_all_week_would_never_end() -> None:
    always = night(start="08:00", end="08:00")
    assert never_ends(always)
    assert not never_ends(night(start="08:00", end="08:00", days=(Weekday.MON, Weekday.TUE)))
    with pytest.raises(ValueError, match="all week"):
        quiet_until(always, at("2026-04-01T12:00-04:00"))


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../../etc/passwd", "America", "x" * 5_000])
def test_what_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        zone(name)


@given(hours, instants)
def test_the_end_is_not_quiet_and_everything_until_then_is(
    found: QuietHours, now: datetime
) -> None:
    assume(not never_ends(found))
    end = quiet_until(found, now)
    if end is None:
        return
    assert now < end <= now + timedelta(days=8)
    assert quiet_until(found, end) is None
    for part in range(1, 8):
        between = now + (end - now) * part / 8
        assert quiet_until(found, between) == end


@given(hours, instants)
def test_who_watches_the_clock_on_the_wall_sees_no_message_in_the_window(
    found: QuietHours, now: datetime
) -> None:
    """Whatever the clocks show when something may be sent, it is not inside the window that began that day."""
    assume(not never_ends(found) and quiet_until(found, now) is None)
    local = now.astimezone(zone(found.zone))
    today = list(Weekday)[local.weekday()]
    shown = f"{local:%H:%M}"
    if found.start < found.end and (not found.days or today in found.days):
        assert not found.start <= shown < found.end
