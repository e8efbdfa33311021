"""Scalars: what is read, what is refused, and how it is written."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.scalars import (
    Ratio,
    read_date,
    read_datetime,
    read_decimal,
    read_ratio,
    scalar_map,
    write_datetime,
)
from negotiation.errors import NegotiationError


def written(kind: object, value: Any) -> Any:
    serialize = scalar_map()[kind].serialize
    assert serialize is not None
    return serialize(value)


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, min_value=-(10**19), max_value=10**19, places=9
    )
)
def test_a_decimal_comes_back_exactly_as_it_was_written(value: Decimal) -> None:
    assert read_decimal(written(Decimal, value)) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [("1E-7", "0.0000001"), ("1E+3", "1000"), ("-0.00", "0.00"), ("0.004752", "0.004752")],
)
def test_a_decimal_is_written_plainly(value: str, text: str) -> None:
    assert written(Decimal, Decimal(value)) == text


def test_a_whole_number_is_a_decimal() -> None:
    assert read_decimal(1234) == 1234


@pytest.mark.parametrize("value", [0.1, 1e300, float("nan"), float("inf")])
def test_a_float_is_refused_with_a_hint(value: float) -> None:
    with pytest.raises(NegotiationError) as refused:
        read_decimal(value)
    assert refused.value.code == "FLOAT_REFUSED"
    assert refused.value.hint is not None


@pytest.mark.parametrize("value", ["", "x", "1,5", "1 000", "NaN", "Infinity", True, None, [], "٣"])
def test_what_is_no_plain_number_is_refused(value: Any) -> None:
    with pytest.raises(NegotiationError):
        read_decimal(value)


@pytest.mark.parametrize("text", ["0.35", "35%", " 35 % ", "3500bp", "3500bps", "3500 BPS"])
def test_a_ratio_may_be_written_in_four_ways(text: str) -> None:
    assert read_ratio(text) == Decimal("0.35")


@pytest.mark.parametrize("value", ["1", "35", "-0.1", "100%", 1, 0.35, "a", "", "%", True])
def test_a_ratio_outside_zero_to_one_is_refused(value: Any) -> None:
    with pytest.raises(NegotiationError):
        read_ratio(value)


def test_zero_is_a_ratio() -> None:
    assert (read_ratio(0), read_ratio("0")) == (0, 0)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0.35", "0.3500"),
        ("0.12345", "0.1234"),
        ("0.12355", "0.1236"),
        ("1", "1.0000"),
        ("-0.00001", "0.0000"),
    ],
)
def test_a_ratio_is_written_with_four_places_half_even(value: str, text: str) -> None:
    assert written(Ratio, Decimal(value)) == text


def test_a_day_is_read_strictly() -> None:
    assert read_date("2026-02-28") == date(2026, 2, 28)


@pytest.mark.parametrize(
    "value",
    [
        "2026-02-30",
        "20260228",
        "2026-W09-1",
        "28.02.2026",
        "2026-2-8",
        "2026-02-28T00:00",
        5,
        None,
        "٢٠٢٦-02-28",
    ],
)
def test_what_is_no_day_is_refused(value: Any) -> None:
    with pytest.raises(NegotiationError):
        read_date(value)


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))])))
def test_an_instant_is_written_in_utc_to_the_millisecond(value: datetime) -> None:
    text = write_datetime(value)
    assert text.endswith("Z")
    assert abs(read_datetime(text) - value) < timedelta(milliseconds=1)


@pytest.mark.parametrize("value", ["2026-02-28", "2026-02-28T10:00:00", "x", 5, None])
def test_an_instant_without_offset_is_refused(value: Any) -> None:
    with pytest.raises(NegotiationError):
        read_datetime(value)
