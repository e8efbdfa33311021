"""Ratios: strict text on the wire, percents by a stated rule in Python, and two kinds that never mix."""

import operator
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from negotiation.errors import NegotiationError, RatioError
from negotiation.ratio import (
    DiscountRate,
    MarginRate,
    format_ratio,
    parse_ratio,
    read_ratio,
    round_ratio,
)

thorough = settings(deadline=None, max_examples=300)
fractions = st.decimals(min_value=0, max_value=Decimal("0.9999"), places=4)


@pytest.mark.parametrize(
    ("text", "ratio"),
    [
        ("0.35", "0.35"),
        ("0", "0"),
        (".5", "0.5"),
        ("0.999999", "0.999999"),
        ("35%", "0.35"),
        ("35 %", "0.35"),
        ("0.5%", "0.005"),
        ("1%", "0.01"),
        ("3500bp", "0.35"),
        ("3500 BPS", "0.35"),
        ("50bp", "0.005"),
        (" 32.5% ", "0.325"),
    ],
)
def test_a_ratio_is_a_fraction_or_has_its_unit(text, ratio):
    assert parse_ratio(text) == Decimal(ratio)
    assert read_ratio(text) == (Decimal(ratio), ())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("35", "RATIO_OUT_OF_RANGE"),
        ("1", "RATIO_OUT_OF_RANGE"),
        ("1.0", "RATIO_OUT_OF_RANGE"),
        ("100%", "RATIO_OUT_OF_RANGE"),
        ("10000bp", "RATIO_OUT_OF_RANGE"),
        ("-0.01", "RATIO_OUT_OF_RANGE"),
        ("-1%", "RATIO_OUT_OF_RANGE"),
        ("0,35", "RATIO_MALFORMED"),
        ("35 percent", "RATIO_MALFORMED"),
        ("%", "RATIO_MALFORMED"),
        ("35%%", "RATIO_MALFORMED"),
        ("nan", "RATIO_MALFORMED"),
        ("Infinity", "RATIO_MALFORMED"),
        ("", "EMPTY"),
        (0.35, "NOT_TEXT"),
        (True, "NOT_TEXT"),
        (None, "NOT_TEXT"),
    ],
)
def test_what_is_no_ratio_on_the_wire_is_refused_with_a_hint(text, code):
    with pytest.raises(RatioError) as refused:
        parse_ratio(text, field="targetMargin")
    assert (refused.value.code, refused.value.field) == (code, "targetMargin")
    assert refused.value.hint


def test_a_bare_percent_on_the_wire_is_answered_with_how_to_write_it():
    with pytest.raises(RatioError, match="Write 35% if percent is meant"):
        parse_ratio("35")


@pytest.mark.parametrize(
    "number",
    [
        35,
        35.0,
        Decimal(35),
        Fraction(35),
        "35",
        np.float64(35),
        np.float32(35),
        np.int64(35),
        np.uint8(35),
    ],
)
def test_in_python_a_bare_number_above_1_is_a_percent_whatever_its_type(number):
    ratio, notices = read_ratio(number, field="target_margin")
    assert ratio == Decimal("0.35")
    assert [(notice.code, notice.field) for notice in notices] == [
        ("PERCENT_ASSUMED", "target_margin")
    ]


@pytest.mark.parametrize(
    "number", [0.35, Decimal("0.35"), Fraction(7, 20), "0.35", np.float64(0.35)]
)
def test_in_python_a_fraction_is_a_fraction_whatever_its_type(number):
    assert read_ratio(number) == (Decimal("0.35"), ())


@pytest.mark.parametrize("number", [1, 1.0, Decimal("1.00"), Fraction(1), "1", np.int32(1)])
def test_exactly_1_is_refused_as_ambiguous(number):
    with pytest.raises(RatioError) as refused:
        read_ratio(number)
    assert refused.value.code == "RATIO_AMBIGUOUS"


@pytest.mark.parametrize(
    "number", [-0.01, -1, 100, 100.0, "100", Decimal(250), "-1%", "100%", 10**30]
)
def test_below_0_or_1_and_more_after_scaling_is_refused(number):
    with pytest.raises(RatioError):
        read_ratio(number)


@pytest.mark.parametrize(
    "number",
    [
        True,
        False,
        np.bool_(1),
        float("nan"),
        float("inf"),
        Decimal("NaN"),
        Decimal("sNaN"),
        "nan",
        1j,
        None,
        [],
        b"1",
    ],
)
def test_booleans_nan_infinities_and_strangers_are_refused(number):
    with pytest.raises(RatioError):
        read_ratio(number)


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        ("0.35", "0.3500"),
        ("0.40659", "0.4066"),
        ("0.00005", "0.0000"),
        ("0.00015", "0.0002"),
        ("-0.00001", "0.0000"),
    ],
)
def test_a_ratio_is_written_to_4_places_half_even(ratio, text):
    assert format_ratio(Decimal(ratio)) == text


@given(fractions)
@thorough
def test_a_written_ratio_reads_back(ratio):
    assert parse_ratio(format_ratio(ratio)) == ratio
    assert MarginRate.parse(str(MarginRate(ratio))) == MarginRate(ratio)
    assert parse_ratio(f"{ratio * 100:f}%") == ratio
    assert parse_ratio(f"{ratio * 10000:f}bp") == ratio


def test_reading_a_ratio_rounds_nothing():
    assert parse_ratio("33.333333%") == Decimal("0.33333333")
    assert round_ratio(parse_ratio("33.333333%")) == Decimal("0.3333")


def test_a_margin_and_a_discount_of_the_same_size_are_not_the_same():
    margin, discount = MarginRate(Decimal("0.32")), DiscountRate(Decimal("0.32"))
    assert margin != discount
    assert len({margin, discount}) == 2
    for compare in (operator.lt, operator.le, operator.gt, operator.ge):
        with pytest.raises(TypeError):
            compare(margin, discount)


def test_rates_have_no_arithmetic_that_could_turn_one_into_the_other():
    for operation in (operator.add, operator.sub, operator.mul, operator.truediv):
        for other in (DiscountRate(Decimal("0.1")), Decimal("0.1"), 1):
            with pytest.raises(TypeError):
                operation(MarginRate(Decimal("0.32")), other)


def test_one_kind_is_not_built_from_the_other_nor_from_a_float():
    for stranger in (DiscountRate(Decimal("0.32")), 0.32, "0.32", True, Decimal("NaN"), None):
        with pytest.raises(RatioError):
            MarginRate(stranger)
    with pytest.raises(RatioError):
        DiscountRate(MarginRate(Decimal("0.32")))
    with pytest.raises(RatioError):
        read_ratio(DiscountRate(Decimal("0.32")))


def test_a_discount_ask_of_32_is_no_rate_of_either_kind():
    for kind in (MarginRate, DiscountRate):
        with pytest.raises(RatioError):
            kind(Decimal(32))


def test_margins_lie_in_0_to_1_and_discounts_end_at_1():
    assert MarginRate(Decimal(0)).complement == 1
    assert DiscountRate(Decimal(1)).complement == 0
    assert str(DiscountRate(Decimal("-0.05"))) == "-0.0500"
    for value in ("-0.01", "1"):
        with pytest.raises(RatioError):
            MarginRate(Decimal(value))


def test_rates_of_one_kind_are_ordered():
    low, high = MarginRate(Decimal("0.1")), MarginRate(Decimal("0.2"))
    assert low < high
    assert max(low, high) is high


def refusal(function, *arguments, **options) -> NegotiationError | None:
    """The model's error, None if the call is answered; any other error fails the test."""
    try:
        function(*arguments, **options)
    except NegotiationError as error:
        return error
    return None


ratio_like = st.text(alphabet="0123456789.,-+ %bpsBPSeE", max_size=10)


@given(
    st.one_of(
        st.text(), ratio_like, st.floats(), st.integers(), st.decimals(), st.fractions(), st.none()
    )
)
@settings(deadline=None, max_examples=1000)
def test_nothing_but_a_fraction_or_the_models_own_error_leaves(anything):
    for read in (parse_ratio, lambda value: read_ratio(value)[0]):
        error = refusal(read, anything)
        assert isinstance(error, RatioError) if error else 0 <= read(anything) < 1
