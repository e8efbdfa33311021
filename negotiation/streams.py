"""Revenue and expense streams: read from whatever a caller has, in one currency, exact and unrounded.

What the streams mean together is `negotiation.envelope`'s.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from numbers import Number
from typing import Final, Self, TypeGuard

from negotiation.currency import DEFAULT_CURRENCY, currency_code
from negotiation.decimals import (
    DECIMAL,
    exact_arithmetic,
    finite,
    keep_price,
    parse_decimal,
    shown,
    to_decimal,
)
from negotiation.errors import AmountError, CurrencyError, NegotiationError, StreamError
from negotiation.money import currency_in, read_money

MAX_STREAMS: Final = 100_000

NAME_KEYS: Final = ("name", "id", "category", "product")
TOTAL_KEYS: Final = ("total", "amount", "value", "revenue", "price_total")
PRICE_KEYS: Final = ("unit_price", "price", "rate", "unit_cost", "cost")
VOLUME_KEYS: Final = ("volume", "units", "quantity")
LIST_TOTAL_KEYS: Final = ("list_total", "rack_total", "list_amount")
LIST_PRICE_KEYS: Final = ("list_unit_price", "rack_rate", "list_price")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """One line of revenue or expense. Amounts are unrounded; prices and volume are kept where they made them."""

    name: str
    amount: Decimal
    list_amount: Decimal
    volume: Decimal | None = None
    unit_price: Decimal | None = None
    list_unit_price: Decimal | None = None

    def __post_init__(self) -> None:
        finite(self.amount, field="amount")
        finite(self.list_amount, field="list_amount")

    @classmethod
    def priced(
        cls, name: str, unit_price: Decimal, volume: Decimal, list_unit_price: Decimal | None = None
    ) -> Self:
        """A stream of `volume` units; without a list price the list amount is the amount."""
        price = keep_price(unit_price)
        list_price = None if list_unit_price is None else keep_price(list_unit_price)
        return cls(
            name=name,
            amount=DECIMAL.multiply(price, finite(volume)),
            list_amount=DECIMAL.multiply(price if list_price is None else list_price, volume),
            volume=volume,
            unit_price=price,
            list_unit_price=list_price,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Streams:
    """All streams of one calculation, in one currency."""

    currency: str
    revenue: tuple[Stream, ...]
    expense: tuple[Stream, ...] = ()


def total(amounts: Iterable[Decimal]) -> Decimal:
    """The exact, unrounded sum."""
    with exact_arithmetic():
        return sum(amounts, Decimal(0))


def read_streams(
    revenue_streams: object, expense_streams: object = None, *, currency: str | None = None
) -> Streams:
    """The streams of a caller. `expense_streams=None` means no expense; an empty collection is refused.

    A stream is a mapping, a number, a text, a tuple (``(name, price, volume)``, ``(name, amount)``,
    ``(price, volume)``, ``(price,)``), an object with public attributes or a `Stream`; a collection is a list
    or any other iterable of streams. The keys are the constants above, in order of precedence: a total, else
    a price times a volume (1 if missing). None and blank text count as missing, zero does not.

    The currency is the one that the streams, `currency` or the texts name, else USD; two different ones are
    refused. Raises StreamError, AmountError or CurrencyError with the path of the field at fault.
    """
    revenue = _collect(revenue_streams, "revenue")
    expense = () if expense_streams is None else _collect(expense_streams, "expense")
    code = _one_currency((*revenue, *expense), currency)
    return Streams(
        currency=code,
        revenue=tuple(_stream(item, code) for item in revenue),
        expense=tuple(_stream(item, code) for item in expense),
    )


def read_amount(value: object, currency: str, field: str) -> Decimal:
    """Money as a caller has it: any number, or text as `parse_money` and programs ("1e-07") write it."""
    if isinstance(value, str):
        if _SCIENTIFIC.fullmatch(value.strip()):
            return parse_decimal(value, field=field)
        return read_money(value, currency, field=field).amount
    return to_decimal(value, field=field)


_SCIENTIFIC = re.compile(r"[-+]?[0-9]*\.?[0-9]+[eE][-+]?[0-9]+")
_NUMERIC = re.compile(r"(?=.*[0-9])[\s0-9.,'()+\u2212-]+")
_KEYS: Final = frozenset(
    (*TOTAL_KEYS, *PRICE_KEYS, *LIST_TOTAL_KEYS, *LIST_PRICE_KEYS)  # what makes an object a stream
)


@dataclass(frozen=True, slots=True)
class _Item:
    """A stream before its numbers are read: its path, a name to fall back on, and what the caller gave."""

    path: str
    default_name: str
    source: object

    def first(self, keys: Iterable[str]) -> tuple[str, object] | None:
        """Path and value of the first key that has one."""
        for key in keys:
            value = _get(self.source, key, self.path)
            if value is not None and not (isinstance(value, str) and not value.strip()):
                return f"{self.path}.{key}", value
        return None


def _collect(streams: object, side: str) -> tuple[_Item, ...]:
    path = f"{side}_streams"
    if streams is None:
        raise StreamError("STREAMS_MISSING", "There are no streams.", path, "Give at least one.")
    if _is_one_stream(streams, path):
        return (_item(streams, path, f"{side}_1"),)
    try:
        found = list(islice(streams, MAX_STREAMS + 1))  # type: ignore[call-overload]
    except Exception as error:  # a foreign iterable may fail in any way
        raise _unreadable(path, streams) from error
    if not found:
        raise StreamError(
            "STREAMS_EMPTY",
            "The collection of streams is empty.",
            path,
            "Give at least one stream.",
        )
    if len(found) > MAX_STREAMS:
        raise StreamError(
            "STREAMS_TOO_MANY",
            f"There are more than {MAX_STREAMS} streams.",
            path,
            "Add some up first.",
        )
    return tuple(
        _item(each, f"{path}.{index}", f"{side}_{index + 1}") for index, each in enumerate(found)
    )


def _is_one_stream(streams: object, path: str) -> bool:
    if isinstance(streams, (Mapping, str, bytes, bytearray, Number, Stream)):
        return True
    if _is_plain_tuple(streams):
        return bool(streams) and all(
            each is None or isinstance(each, (str, bytes, Number)) for each in streams
        )
    if isinstance(streams, list):
        return False
    return not hasattr(type(streams), "__iter__") or any(
        _get(streams, key, path) is not None for key in _KEYS
    )


def _is_plain_tuple(value: object) -> TypeGuard[tuple[object, ...]]:
    return isinstance(value, tuple) and not hasattr(value, "_fields")


def _item(source: object, path: str, default_name: str) -> _Item:
    """The item with a mapping, an object or a Stream as its source; the other forms become mappings."""
    if isinstance(source, (str, Number)):
        return _Item(path, default_name, {"total": source})
    if source is None or isinstance(source, (bytes, bytearray)):
        raise _unreadable(path, source)
    if isinstance(source, Sequence) and not hasattr(source, "_fields"):
        return _Item(path, default_name, _from_sequence(tuple(source), path))
    return _Item(path, default_name, source)


def _from_sequence(parts: tuple[object, ...], path: str) -> Mapping[str, object]:
    match parts:
        case (price,):
            return {"price": price}
        case (str() as name, amount):
            if _NUMERIC.fullmatch(name):
                raise StreamError(
                    "STREAM_AMBIGUOUS",
                    f"{shown(name)} can be a name or a price.",
                    path,
                    'Give a mapping: {"price": ..., "volume": ...} or {"name": ..., "amount": ...}.',
                )
            return {"name": name, "amount": amount}
        case (price, volume):
            return {"price": price, "volume": volume}
        case ((str() | None) as name, price, volume):
            return {"name": name, "price": price, "volume": volume}
    raise StreamError(
        "STREAM_MALFORMED",
        f"A sequence of {len(parts)} values is no stream.",
        path,
        "Give (name, price, volume), (name, amount), (price, volume) or (price,).",
    )


def _one_currency(items: Iterable[_Item], hint: str | None) -> str:
    """The currency that hint and streams name; if they name none, the one in their texts; else USD."""
    named: dict[str, str] = {}
    texts: dict[str, str] = {}
    if hint is not None and hint != "":
        named[currency_code(hint, field="currency")] = "currency"
    for item in items:
        own = item.first(("currency",))
        if own is not None:
            named.setdefault(currency_code(own[1], field=own[0]), own[0])
        for keys in (TOTAL_KEYS, PRICE_KEYS, LIST_TOTAL_KEYS, LIST_PRICE_KEYS):
            found = item.first(keys)
            code = currency_in(found[1]) if found and isinstance(found[1], str) else None
            if found and code:
                texts.setdefault(code, found[0])
    candidates = named or texts
    if len(candidates) > 1:
        raise CurrencyError(
            "CURRENCIES_DIFFER",
            f"Amounts are in {' and '.join(sorted(candidates))}; they cannot be added.",
            list(candidates.values())[1],
            "Convert them to one currency first.",
        )
    return next(iter(candidates), DEFAULT_CURRENCY)


def _stream(item: _Item, currency: str) -> Stream:
    if isinstance(item.source, Stream):
        return item.source
    name = _name(item)
    volume_at = item.first(VOLUME_KEYS)
    volume = Decimal(1) if volume_at is None else _volume(volume_at[1], currency, volume_at[0])
    list_price_at = item.first(LIST_PRICE_KEYS)
    list_price = _price(list_price_at, currency)
    list_total_at = item.first(LIST_TOTAL_KEYS)
    total_at = item.first(TOTAL_KEYS)
    price = _price(item.first(PRICE_KEYS), currency) if total_at is None else None
    if total_at is not None:
        amount = read_amount(total_at[1], currency, total_at[0])
    elif price is not None:
        amount = DECIMAL.multiply(price, volume)
    else:
        raise StreamError(
            "STREAM_WITHOUT_PRICE",
            f"The stream {shown(name)} has neither a total nor a price.",
            item.path,
            f"Give one of {', '.join((*TOTAL_KEYS, *PRICE_KEYS))}.",
        )
    if list_total_at is not None:
        list_amount = read_amount(list_total_at[1], currency, list_total_at[0])
        list_price = None
    else:
        list_amount = amount if list_price is None else DECIMAL.multiply(list_price, volume)
    return Stream(
        name=name,
        amount=amount,
        list_amount=list_amount,
        volume=volume if price is not None or list_price is not None else None,
        unit_price=price,
        list_unit_price=list_price,
    )


def _price(at: tuple[str, object] | None, currency: str) -> Decimal | None:
    return None if at is None else keep_price(read_amount(at[1], currency, at[0]))


def _volume(value: object, currency: str, field: str) -> Decimal:
    """A quantity; its text is grouped as the currency's amounts are, but names no currency."""
    if not isinstance(value, str):
        return to_decimal(value, field=field)
    if currency_in(value) is not None:
        raise AmountError(
            "NOT_A_QUANTITY",
            f"{shown(value)} is money, not a volume.",
            field,
            "Give a plain number.",
        )
    return read_amount(value, currency, field)


def _name(item: _Item) -> str:
    found = item.first(NAME_KEYS)
    if found is None:
        return item.default_name
    try:
        return str(found[1]).strip() or item.default_name
    except Exception as error:  # and so may a foreign object's text
        raise _unreadable(found[0], found[1]) from error


def _get(source: object, key: str, path: str) -> object:
    """A key of a mapping or a public attribute of an object, None if it has none; methods are none."""
    try:
        if isinstance(source, Mapping):
            return source.get(key)
        value = getattr(source, key, None)
    except Exception as error:  # and a foreign mapping or property
        raise _unreadable(f"{path}.{key}", source) from error
    return None if callable(value) else value


def _unreadable(path: str, value: object) -> NegotiationError:
    return StreamError(
        "STREAM_UNREADABLE",
        f"{shown(value)} cannot be read as a stream.",
        path,
        "Give a mapping, a number, a text, a tuple or an object with attributes.",
    )
