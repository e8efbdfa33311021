"""Ratios: margins and discounts as two types that never become each other, read strictly, shown to 4 places.

A margin is a share of what is earned, a discount a share of what is asked; 32 % of one is not 32 % of the
other. Both hold exact fractions (0.32); they are rounded only where they are written out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Final, Self

from negotiation.decimals import (
    DECIMAL,
    finite,
    format_decimal,
    parse_decimal,
    round_places,
    shown,
    to_decimal,
)
from negotiation.errors import AmountError, RatioError
from negotiation.trace import Notice

RATIO_PLACES: Final = 4
PERCENT_ASSUMED: Final = "PERCENT_ASSUMED"


@dataclass(frozen=True, slots=True)
class Rate:
    """An exact fraction of one kind. Kinds compare with themselves only and have no arithmetic."""

    value: Decimal
    kind: ClassVar[str] = "rate"

    def __post_init__(self) -> None:
        try:
            finite(self.value)
        except AmountError:
            raise RatioError(
                "RATIO_NOT_DECIMAL",
                f"A {self.kind} is made from a finite Decimal, not from {shown(self.value)}.",
                hint="Read text with parse_ratio and numbers with read_ratio first.",
            ) from None

    @classmethod
    def parse(cls, text: str, *, field: str | None = None) -> Self:
        """From text, as `parse_ratio`."""
        return cls(parse_ratio(text, field=field))

    @property
    def complement(self) -> Decimal:
        """1 - value: what remains after it."""
        return DECIMAL.subtract(Decimal(1), self.value)

    def __str__(self) -> str:
        return format_ratio(self)


@dataclass(frozen=True, slots=True, order=True)
class MarginRate(Rate):
    """A margin that is asked for: (revenue - expense) / revenue, in [0, 1)."""

    kind: ClassVar[str] = "margin"

    def __post_init__(self) -> None:
        Rate.__post_init__(self)
        if not 0 <= self.value < 1:
            raise _out_of_range(self.kind, self.value, None)


@dataclass(frozen=True, slots=True, order=True)
class DiscountRate(Rate):
    """A discount off list: 1 - price / list, at most 1. Below 0 the price is above list."""

    kind: ClassVar[str] = "discount"

    def __post_init__(self) -> None:
        Rate.__post_init__(self)
        if self.value > 1:
            raise RatioError(
                "DISCOUNT_OUT_OF_RANGE",
                f"A discount of {format_decimal(self.value)} is more than the whole price.",
                hint="Give a fraction: 0.32 is 32 %.",
            )


_RATIO = re.compile(r"([^%a-z]+?)\s*(%|bps?)?", re.IGNORECASE)
_SCALES: Final = {"": 0, "%": -2, "bp": -4, "bps": -4}


def parse_ratio(text: str, *, field: str | None = None) -> Decimal:
    """The exact fraction in [0, 1) of ratio text: ``0.35``, ``35%``, ``3500bp`` or ``3500bps``.

    A bare number must already be a fraction. RatioError for anything else.
    """
    if not isinstance(text, str):
        raise RatioError(
            "NOT_TEXT", f"{shown(text)} is not text.", field, 'Write it as text: "0.35".'
        )
    number, unit = _split(text, field)
    if not unit and number >= 1:
        raise RatioError(
            "RATIO_OUT_OF_RANGE",
            f"{shown(text)} is not a fraction below 1.",
            field,
            f"Write {format_decimal(number)}% if percent is meant."
            if 1 < number < 100
            else "Write a fraction such as 0.35, or 35%.",
        )
    return _in_range(number.scaleb(_SCALES[unit], DECIMAL), text, field)


def read_ratio(value: object, *, field: str | None = None) -> tuple[Decimal, tuple[Notice, ...]]:
    """The exact fraction in [0, 1) of any number or ratio text, with notices on how it was read.

    A bare number above 1, of whatever numeric type or as text, is a percent (notice PERCENT_ASSUMED);
    exactly 1 could be 1 % or 100 % and is refused, as are booleans, NaN, infinities, numbers below 0 and
    what is 1 or more after scaling.
    """
    unit = ""
    if isinstance(value, str):
        number, unit = _split(value, field)
    else:
        try:
            number = to_decimal(value, field=field)
        except AmountError as error:
            raise RatioError(error.code, error.message, field, "Write a fraction or 35%.") from None
    if unit or number < 1:
        return _in_range(number.scaleb(_SCALES[unit], DECIMAL), value, field), ()
    if number == 1:
        raise RatioError(
            "RATIO_AMBIGUOUS", "1 can be read as 1 % or as 100 %.", field, 'Write "1%" or 0.01.'
        )
    ratio = _in_range(number.scaleb(-2, DECIMAL), value, field)
    text = format_decimal(number)
    return ratio, (Notice(PERCENT_ASSUMED, f"{text} was read as {text} %.", field),)


def format_ratio(ratio: Decimal | Rate) -> str:
    """The fraction to 4 places, half-even: ``0.3500``."""
    value = ratio.value if isinstance(ratio, Rate) else ratio
    return format_decimal(round_ratio(value))


def round_ratio(value: Decimal) -> Decimal:
    """`value` to 4 places, half-even: for output only."""
    return round_places(value, RATIO_PLACES)


def _split(text: str, field: str | None) -> tuple[Decimal, str]:
    if not text.strip():
        raise RatioError("EMPTY", "A ratio is missing here.", field, "Write 0.35 or 35%.")
    match = _RATIO.fullmatch(text.strip())
    if match is None:
        raise _unreadable(text, field)
    try:
        return parse_decimal(match[1], field=field), (match[2] or "").lower()
    except AmountError:
        raise _unreadable(text, field) from None


def _unreadable(text: str, field: str | None) -> RatioError:
    hint = "Write 0.35, 35%, 3500bp or 3500bps" + (
        ", with a decimal point." if "," in text else "."
    )
    return RatioError("RATIO_MALFORMED", f"{shown(text)} is not a ratio.", field, hint)


def _in_range(ratio: Decimal, source: object, field: str | None) -> Decimal:
    if not 0 <= ratio < 1:
        raise _out_of_range("ratio", source, field)
    return ratio.copy_abs()


def _out_of_range(kind: str, source: object, field: str | None) -> RatioError:
    return RatioError(
        "RATIO_OUT_OF_RANGE",
        f"{shown(source)} is no {kind} from 0 to below 1 (100 %).",
        field,
        "Write a fraction such as 0.35, or 35%.",
    )
