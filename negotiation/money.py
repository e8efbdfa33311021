"""Money: rounding to the minor unit, reading amounts as people and programs write them, writing them.

A line is rounded once, half-even; an invoice is the sum of its rounded lines. Numbers without a currency
are `negotiation.decimals`', whose reading and writing is offered here too, as is `minor_units`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from negotiation.currency import (
    ISO_CODES,
    SYMBOLS,
    USUAL_MEANING,
    currency_code,
    decimal_mark,
    known_currency,
    minor_units,
)
from negotiation.decimals import (
    DECIMAL,
    LIMIT,
    MAX_PLACES,
    exact_arithmetic,
    format_decimal,
    format_price,
    keep_price,
    parse_decimal,
    round_places,
    shown,
    to_decimal,
    too_large,
)
from negotiation.errors import AmountError, CurrencyError

__all__ = [
    "DECIMAL",
    "MoneyText",
    "currency_in",
    "exact_arithmetic",
    "format_decimal",
    "format_money",
    "format_price",
    "keep_price",
    "known_currency",
    "minor_units",
    "parse_decimal",
    "parse_money",
    "read_money",
    "round_money",
    "sum_lines",
    "to_decimal",
]


def round_money(amount: Decimal, currency: str) -> Decimal:
    """`amount` to the minor unit of `currency`, half-even: 2.665 USD is 2.66, 2.675 is 2.68."""
    return round_places(amount, minor_units(currency))


def sum_lines(lines: Iterable[Decimal], currency: str) -> Decimal:
    """The total of an invoice: each line rounded once, then added. Three lines of 0.005 USD make 0.00."""
    with exact_arithmetic():
        return sum(
            (round_money(line, currency) for line in lines), round_money(Decimal(0), currency)
        )


def format_money(amount: Decimal, currency: str) -> str:
    """``USD 1,234.56``: the code and the rounded amount, ASCII only, in the currency's own marks.

    `parse_money` reads it back to the rounded amount.
    """
    code = currency_code(currency)
    mark = decimal_mark(code) or "."
    text = f"{round_money(amount, code):,f}"
    if mark == ",":
        text = text.translate({ord(","): ".", ord("."): ","})
    return f"{code} {text}"


@dataclass(frozen=True, slots=True)
class MoneyText:
    """What a money text says: the amount and the currency it names, None when it names none."""

    amount: Decimal
    currency: str | None


def parse_money(text: str, currency: str | None = None, *, field: str | None = None) -> Decimal:
    """The exact amount in `text`; unrounded, so that unit prices survive.

    Understood: ``1,234.56`` and ``1.234,56``; groups of three digits by comma, point, apostrophe or any
    space; one sign in front (also U+2212) or accounting parentheses; a symbol, an ISO code or both.
    ``1.234`` could be two numbers: the decimal mark of `currency`, or of the currency in the text, decides,
    and where there is none AMOUNT_AMBIGUOUS lists both readings. A symbol or code that contradicts
    `currency` is CURRENCY_CONTRADICTION. Raises AmountError or its CurrencyError, nothing else.
    """
    return read_money(text, currency, field=field).amount


def read_money(text: str, currency: str | None = None, *, field: str | None = None) -> MoneyText:
    """As `parse_money`, with the currency that the text names."""
    if not isinstance(text, str):
        raise AmountError("NOT_TEXT", f"{shown(text)} is not text.", field, "Give it as text.")
    context = None if currency is None else currency_code(currency, field=field)
    plain = text.translate(_PLAIN).strip()
    if not plain:
        raise AmountError(
            "EMPTY", "An amount is missing here.", field, "Write an amount; 0 is one."
        )
    if len(plain) > _MAX_TEXT:
        raise too_large(text, field)
    if _SCIENTIFIC.search(plain):
        raise AmountError(
            "AMOUNT_MALFORMED",
            f"{shown(text)} is in scientific notation, which may have lost digits.",
            field,
            "Write the amount in full.",
        )
    tokens = _tokens(plain)
    if all(kind != "number" for kind, _ in tokens):
        raise _malformed(text, "", field)
    named = _named_currency([word for kind, word in tokens if kind == "currency"], context, field)
    shape = "".join(_SHAPE[kind] for kind, _ in tokens)
    if not _AMOUNT.fullmatch(shape):
        raise _malformed(text, shape, field)
    digits = next(word for kind, word in tokens if kind == "number")
    mark_of = context or named
    number = _number(digits, decimal_mark(mark_of) if mark_of else None, text, field)
    negative = any(word in {"-", "("} for _, word in tokens) and not number.is_zero()
    return MoneyText(number.copy_negate() if negative else number, named)


def currency_in(text: str) -> str | None:
    """The currency that a money text names, None if it names none or cannot be read."""
    try:
        return _named_currency(
            [word for kind, word in _tokens(text) if kind == "currency"], None, None
        )
    except CurrencyError:
        return None


_MAX_TEXT: Final = 100
_SPACES: Final = "\u00a0\u2007\u2009\u202f"  # no-break, figure, thin, narrow no-break
_PLAIN: Final = str.maketrans({**dict.fromkeys(_SPACES, " "), "\u2212": "-", "\u2019": "'"})
_SYMBOL: Final = "".join(symbol for symbol in SYMBOLS if len(symbol) == 1)
_TOKEN: Final = re.compile(
    r"(?P<number>[0-9](?:[0-9.,' ]*[0-9])?|[.,][0-9]+)|(?P<sign>[-+])|(?P<open>\()|(?P<close>\))"
    rf"|(?P<currency>[A-Za-z]{{1,2}}[$¥]|[{_SYMBOL}]|[^\W\d_]+)|(?P<space> +)|(?P<other>.)",
    re.DOTALL,
)
_SHAPE: Final = {
    "number": "n",
    "sign": "s",
    "open": "(",
    "close": ")",
    "currency": "c",
    "space": "",
    "other": "?",
}
_AMOUNT: Final = re.compile(r"s?c{0,2}nc{0,2}|c{1,2}snc?|c{0,2}\(c?nc?\)c?")
_SCIENTIFIC: Final = re.compile(r"[0-9][eE][+-]?[0-9]")
_GROUPED: Final = re.compile(r"[0-9]{1,3}(?:(?P<group>[., '])[0-9]{3})(?:(?P=group)[0-9]{3})*")


def _tokens(text: str) -> list[tuple[str, str]]:
    return [(match.lastgroup or "", match.group()) for match in _TOKEN.finditer(text[:_MAX_TEXT])]


def _named_currency(words: list[str], context: str | None, field: str | None) -> str | None:
    """The one currency that all `words` and `context` agree on; None if they name none or leave several."""
    candidates: tuple[str, ...] = () if context is None else (context,)
    for position, word in enumerate(words):
        meant = _meanings(word, context, field)
        agreed = tuple(code for code in candidates if code in meant) if candidates else meant
        if not agreed:
            raise CurrencyError(
                "CURRENCY_CONTRADICTION",
                f"{word} contradicts {context if position == 0 else words[0]}.",
                field,
                "Correct the amount or the currency.",
            )
        candidates = agreed
    if not words or len(candidates) == 1:
        return candidates[0] if words else None
    return next((USUAL_MEANING[word] for word in words if word in USUAL_MEANING), None)


def _meanings(word: str, context: str | None, field: str | None) -> tuple[str, ...]:
    upper = word.upper()
    if upper in SYMBOLS:
        return SYMBOLS[upper]
    if upper in ISO_CODES or upper == context:
        return (upper,)
    raise CurrencyError(
        "CURRENCY_UNKNOWN",
        f"{shown(word)} is no currency that is known.",
        field,
        "Use an ISO 4217 code such as USD, or a symbol such as $.",
    )


def _number(digits: str, mark: str | None, text: str, field: str | None) -> Decimal:
    """The value of a run of digits, points, commas, apostrophes and spaces."""
    group, decimal = _marks(digits, mark, text, field)
    whole, _, places = digits.partition(decimal) if decimal else (digits, "", "")
    if group:
        if group not in whole:
            raise _malformed(text, "n", field)
        if not _GROUPED.fullmatch(whole):
            raise _misgrouped(text, whole, group, field)
        whole = whole.replace(group, "")
    if not (whole or "0").isdigit() or (decimal and not places.isdigit()):
        raise _malformed(text, "n", field)
    if len(places) > MAX_PLACES:
        raise AmountError(
            "TOO_MANY_PLACES", f"{shown(text)} has more than {MAX_PLACES} decimal places.", field
        )
    number = Decimal(f"{whole or '0'}.{places}" if places else whole)
    if number >= LIMIT:
        raise too_large(text, field)
    return number


def _marks(digits: str, mark: str | None, text: str, field: str | None) -> tuple[str, str]:
    """Which character groups and which is the decimal mark, "" for none."""
    quiet = [character for character in " '" if character in digits]
    if len(quiet) > 1:
        raise _malformed(text, "n", field)
    loud = sorted({character for character in digits if character in ".,"}, key=digits.rindex)
    if quiet:
        if len(loud) > 1:
            raise _malformed(text, "n", field)
        return quiet[0], loud[0] if loud else ""
    if not loud:
        return "", ""
    if len(loud) == 2:
        return loud[0], loud[1]
    only = loud[0]
    before, _, after = digits.partition(only)
    if only in after:
        return only, ""
    if len(after) != 3 or len(before) > 3 or before in {"", "0"}:
        return "", only
    if mark is None:
        raise AmountError(
            "AMOUNT_AMBIGUOUS",
            f"{shown(text)} can be read as {before}{after} or as {before}.{after}.",
            field,
            f"Write {before}{after}.00 or {before}.{after}0, or name a currency with one decimal mark.",
        )
    return ("", only) if only == mark else (only, "")


def _misgrouped(text: str, whole: str, group: str, field: str | None) -> AmountError:
    *sizes, last = (str(len(part)) for part in whole.split(group))
    return AmountError(
        "AMOUNT_MALFORMED",
        f"{shown(text)} has groups of {', '.join(sizes)} and {last} digits; thousands come in groups of 3.",
        field,
        "Write 1234.56, 1,234.56 or 1.234,56.",
    )


def _malformed(text: str, shape: str, field: str | None) -> AmountError:
    hint = "Write 1234.56, 1,234.56 or 1.234,56."
    if "n" not in shape:
        return AmountError("AMOUNT_MALFORMED", f"{shown(text)} contains no number.", field, hint)
    if shape.endswith("ns"):
        hint = "Write the minus sign in front."
    elif shape.count("n") > 1:
        hint = "Write one amount."
    return AmountError("AMOUNT_MALFORMED", f"{shown(text)} is not an amount.", field, hint)
