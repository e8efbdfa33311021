"""Exact decimal numbers: one context for all arithmetic, reading them from anything numeric, writing them plainly.

Currencies and money text are `negotiation.money`'s, ratios `negotiation.ratio`'s.
"""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DecimalException,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    localcontext,
)
from fractions import Fraction
from numbers import Integral, Number, Rational, Real
from typing import Final

from negotiation.errors import AmountError

DECIMAL: Final = Context(
    prec=60, rounding=ROUND_HALF_EVEN, traps=[DivisionByZero, InvalidOperation, Overflow]
)
"""The context of every calculation in the model, whatever the caller's thread context is.

60 digits hold the product of any two numbers below `LIMIT`, summed a million times, to the last minor unit.
"""

LIMIT: Final = Decimal("1E+20")
"""Every number read is smaller than this in magnitude."""

MAX_PLACES: Final = 30
"""Decimal places of a number that is read: more are refused in text and rounded away in numbers."""

PRICE_PLACES_KEPT: Final = 12
PRICE_PLACES_SHOWN: Final = 6

_MAX_TEXT: Final = 100
_MAX_SHOWN: Final = 40
_PLAIN = re.compile(r"([+-]?)([0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE]([+-]?[0-9]{1,3}))?", re.ASCII)


def exact_arithmetic() -> AbstractContextManager[Context]:
    """A block in which the Decimal operators follow `DECIMAL`."""
    return localcontext(DECIMAL)


def round_places(value: Decimal, places: int) -> Decimal:
    """`value` to `places` decimal places, half-even; a negative zero becomes zero."""
    finite(value)
    try:
        rounded = value.quantize(Decimal((0, (1,), -places)), context=DECIMAL)
    except DecimalException:
        raise too_large(value) from None
    return rounded.copy_abs() if rounded.is_zero() else rounded


def finite(value: object, *, field: str | None = None) -> Decimal:
    """`value` itself; AmountError unless it is a Decimal that is a number."""
    if not isinstance(value, Decimal) or not value.is_finite():
        raise AmountError(
            "NOT_FINITE",
            f"{shown(value)} is not a finite Decimal and cannot be written or reckoned with.",
            field,
            "Give a finite number.",
        )
    return value


def to_decimal(value: object, *, field: str | None = None) -> Decimal:
    """Any real number, or the plain text of one, as a finite Decimal below `LIMIT`.

    int, float (its shortest text: 0.1 is 0.1), Decimal, Fraction, NumPy scalars and `str` (see
    `parse_decimal`). AmountError for booleans, NaN, infinities and everything else.
    """
    if isinstance(value, str):
        return parse_decimal(value, field=field)
    if isinstance(value, bool) or not isinstance(value, Number):
        raise AmountError(
            "NOT_A_NUMBER", f"{shown(value)} is not a number.", field, "Give a number or its text."
        )
    try:
        number = _number(value)
    except (ArithmeticError, ValueError, TypeError):
        raise AmountError(
            "NOT_A_NUMBER", f"{shown(value)} is not a real number.", field, "Give a real number."
        ) from None
    if finite(number, field=field).copy_abs() >= LIMIT:
        raise too_large(value, field)
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -MAX_PLACES:
        return round_places(number, MAX_PLACES)
    return number


def parse_decimal(text: str, *, field: str | None = None) -> Decimal:
    """The exact value of plain decimal text: quantities and rates, never grouped.

    A sign (also U+2212), ASCII digits with a decimal point, and the exponent that programs write
    ("1e-07"). AmountError for anything else.
    """
    if not isinstance(text, str):
        raise AmountError("NOT_TEXT", f"{shown(text)} is not text.", field, "Give it as text.")
    plain = text.strip().replace("\u2212", "-")
    if not plain:
        raise AmountError("EMPTY", "A number is missing here.", field, "Write a number; 0 is one.")
    match = _PLAIN.fullmatch(plain) if len(plain) <= _MAX_TEXT else None
    if match is None:
        comma = (
            "Use a decimal point and no thousands separators, as in 1234.5." if "," in plain else ""
        )
        raise AmountError(
            "NOT_A_NUMBER",
            f"{shown(text)} is not a plain decimal number.",
            field,
            comma or "Write digits with at most one decimal point, as in 1234.5.",
        )
    number = Decimal(plain)
    if number.copy_abs() >= LIMIT:
        raise too_large(text, field)
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -MAX_PLACES:
        raise AmountError(
            "TOO_MANY_PLACES",
            f"{shown(text)} has more than {MAX_PLACES} decimal places.",
            field,
            "Round it first.",
        )
    return number


def is_plain(text: str) -> bool:
    """Whether Python's own text of a Decimal is its plain notation: no sign, no exponent, no word."""
    return text.replace(".", "", 1).isdigit()


def format_decimal(value: Decimal) -> str:
    """Exact plain notation, never an exponent; trailing zeros are kept, a negative zero is not."""
    text = str(finite(value))
    return text if is_plain(text) else f"{value.copy_abs() if value.is_zero() else value:f}"


def keep_price(value: Decimal) -> Decimal:
    """A unit price as it is kept: at most 12 decimal places, half-even."""
    exponent = finite(value).as_tuple().exponent
    if isinstance(exponent, int) and exponent >= -PRICE_PLACES_KEPT:
        return value
    return round_places(value, PRICE_PLACES_KEPT)


def format_price(value: Decimal) -> str:
    """A unit price as it is shown: at most 6 decimal places, at least 2, half-even, plain notation."""
    text = format_decimal(round_places(value, PRICE_PLACES_SHOWN))
    whole, _, places = text.partition(".")
    return f"{whole}.{places.rstrip('0').ljust(2, '0')}"


def shown(value: object) -> str:
    """`value` for an error message: short, on one line, whatever it is."""
    if isinstance(value, str):
        return repr(value) if len(value) <= _MAX_SHOWN else f"{value[:_MAX_SHOWN]!r}..."
    if value is None or isinstance(value, Number):
        try:
            text = str(value)
        except Exception:  # noqa: BLE001 - a foreign number's text may fail in any way
            text = ""
        if 0 < len(text) <= _MAX_SHOWN:
            return text
    return f"a value of type {type(value).__name__}"


def too_large(value: object, field: str | None = None) -> AmountError:
    """The refusal of a number that is not below `LIMIT`."""
    return AmountError(
        "TOO_LARGE",
        f"{shown(value)} is too large.",
        field,
        "Numbers stay below 100 quintillion (1e20).",
    )


def _number(value: Number) -> Decimal:
    if isinstance(value, Decimal):
        return value
    if isinstance(value, Integral):
        whole = int(value)
        return Decimal(whole) if abs(whole) < LIMIT else LIMIT
    if isinstance(value, Rational):
        exact = Fraction(int(value.numerator), int(value.denominator))
        if abs(exact) >= LIMIT:
            return LIMIT
        return DECIMAL.divide(Decimal(exact.numerator), Decimal(exact.denominator))
    if isinstance(value, float):
        return Decimal(float.__repr__(value))
    if isinstance(value, Real):
        return Decimal(str(value))
    raise TypeError
