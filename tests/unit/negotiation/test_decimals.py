"""Plain decimal numbers: read exactly, refused clearly, written without exponents."""

import threading
from decimal import Decimal, Inexact, getcontext, localcontext
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from negotiation.decimals import (
    DECIMAL,
    LIMIT,
    format_decimal,
    format_price,
    keep_price,
    parse_decimal,
    round_places,
    shown,
    to_decimal,
)
from negotiation.errors import AmountError, NegotiationError

thorough = settings(deadline=None, max_examples=300)
numbers_below_the_limit = st.decimals(
    min_value=-LIMIT + 1, max_value=LIMIT - 1, allow_nan=False, allow_infinity=False, places=12
)


@pytest.mark.parametrize(
    ("number", "exact"),
    [
        (0, "0"),
        (0.1, "0.1"),
        (1e-07, "1E-7"),
        (-5, "-5"),
        (Decimal("2.50"), "2.50"),
        (Fraction(1, 8), "0.125"),
        (np.float64(0.1), "0.1"),
        (np.float32(0.1), "0.1"),
        (np.int64(7), "7"),
        (" 12.50 ", "12.50"),
        ("\u22123", "-3"),
        ("1e-07", "1E-7"),
        (".5", "0.5"),
    ],
)
def test_every_numeric_type_is_read_by_the_digits_it_shows(number, exact):
    assert to_decimal(number) == Decimal(exact)
    assert format_decimal(to_decimal(number)) == format_decimal(Decimal(exact))


def test_a_third_is_kept_to_30_places():
    assert to_decimal(Fraction(1, 3)) == Decimal("0." + "3" * 30)


@pytest.mark.parametrize(
    "number",
    [
        True,
        False,
        np.bool_(1),
        float("nan"),
        float("inf"),
        float("-inf"),
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal("-Infinity"),
        np.float64("nan"),
        np.float32("inf"),
        1j,
        np.complex64(1),
        None,
        b"1",
        [1],
        object(),
        "",
        "  ",
        "nan",
        "inf",
        "1,234",
        "5.",
        "1_000",
        "0x10",
        "1e9999",
        "\u0663",
        "--1",
        "1" * 101,
        10**20,
        Fraction(10**30, 3),
        1e300,
        "1e20",
    ],
)
def test_what_is_no_finite_real_number_is_refused_with_field_and_code(number):
    with pytest.raises(AmountError) as refused:
        to_decimal(number, field="volume")
    assert refused.value.field == "volume"
    assert refused.value.code.isupper()
    assert refused.value.hint


@pytest.mark.parametrize("power", [21, 400, 5000])
def test_an_integer_of_any_size_is_refused_without_being_spelled_out(power):
    for number in (10**power, -(10**power), Fraction(10**power, 3)):
        with pytest.raises(AmountError) as refused:
            to_decimal(number)
        assert refused.value.code == "TOO_LARGE"
        assert len(refused.value.message) < 100


def test_text_finer_than_30_places_is_refused_while_a_float_is_rounded():
    with pytest.raises(AmountError, match="30 decimal places"):
        parse_decimal("1e-31")
    assert to_decimal(1e-31) == 0


@given(numbers_below_the_limit)
@thorough
def test_a_written_number_reads_back_and_has_no_exponent(number):
    text = format_decimal(number)
    assert parse_decimal(text) == number
    assert "e" not in text.lower()


def test_large_small_and_negative_zero_are_written_plainly():
    assert format_decimal(Decimal("1E+3")) == "1000"
    assert format_decimal(Decimal("1E-10")) == "0.0000000001"
    assert format_decimal(Decimal("-0.00")) == "0.00"
    with pytest.raises(AmountError):
        format_decimal(Decimal("NaN"))


@given(
    st.decimals(min_value=-(10**12), max_value=10**12, places=10, allow_nan=False),
    st.integers(0, 9),
)
@thorough
def test_rounding_is_half_even_and_moves_at_most_half_a_unit(number, places):
    unit = Decimal(1).scaleb(-places)
    rounded = round_places(number, places)
    distance = abs(rounded - number)
    assert distance <= unit / 2
    if distance == unit / 2:
        assert int(rounded / unit) % 2 == 0


def test_unit_prices_keep_12_places_and_show_6():
    assert keep_price(Decimal("0.0075")) == Decimal("0.0075")
    assert keep_price(Decimal("0.1234567890125")) == Decimal("0.123456789012")
    assert format_price(Decimal("0.0047525")) == "0.004752"
    assert format_price(Decimal("0.0075")) == "0.0075"
    assert format_price(Decimal(2)) == "2.00"
    assert format_price(Decimal(0)) == "0.00"


def test_the_callers_thread_context_changes_nothing():
    found: list[object] = []

    def in_a_thread_with_its_own_context() -> None:
        context = getcontext()
        context.prec = 2
        context.traps[Inexact] = True
        found.append(to_decimal(Fraction(2, 3)))
        found.append(round_places(Decimal("12345.675"), 2))
        found.append(parse_decimal("-123456.789"))

    worker = threading.Thread(target=in_a_thread_with_its_own_context)
    worker.start()
    worker.join(10)
    assert found == [Decimal("0." + "6" * 29 + "7"), Decimal("12345.68"), Decimal("-123456.789")]
    assert DECIMAL.prec >= 34


def test_a_number_too_large_to_round_is_refused_rather_than_leaking_invalid_operation():
    with localcontext(), pytest.raises(AmountError) as refused:
        round_places(Decimal("1E+70"), 2)
    assert refused.value.code == "TOO_LARGE"


def refusal(function, *arguments, **options) -> NegotiationError | None:
    """The model's error, None if the call is answered; any other error fails the test."""
    try:
        function(*arguments, **options)
    except NegotiationError as error:
        return error
    return None


class Hostile:
    def __repr__(self) -> str:
        raise RuntimeError("no text")

    __str__ = __repr__


@given(st.one_of(st.text(), st.floats(), st.integers(), st.fractions(), st.decimals(), st.none()))
@thorough
def test_nothing_but_the_models_own_error_leaves(anything):
    for read in (to_decimal, parse_decimal):
        error = refusal(read, anything)
        assert "\n" not in str(error) if error else read(anything).is_finite()


def test_messages_stay_short_whatever_was_given():
    assert len(shown("x" * 10_000)) < 100
    assert len(shown(10**4000)) < 100
    assert shown(Hostile()) == "a value of type Hostile"
