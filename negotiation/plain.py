"""Frozen dataclasses to and from plain values (dict, list, str, int, bool), driven by their type hints.

Decimals are exact plain text, days and instants ISO 8601, enumerations their value. A field that is None or an empty
tuple is left out, so a record keeps its plain form, and its hash, when a later version adds an optional field.
Unions of terms are `negotiation.terms_json`'s business.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

from negotiation.decimals import (
    LIMIT,
    MAX_PLACES,
    format_decimal,
    is_plain,
    parse_decimal,
    shown,
    too_large,
)
from negotiation.errors import AmountError, NegotiationError, TermError

Writer = Callable[[Any], Any]
Reader = Callable[[Any, str], Any]

UNREADABLE: Final = "UNREADABLE"
_SHORT: Final = min(LIMIT.adjusted(), MAX_PLACES)
"""So many characters are too few for a number that is too large or has too many places."""


def decimal_text(value: Decimal) -> str:
    """`value` exactly, as `parse_decimal` reads it. AmountError where it would refuse it."""
    text = str(value)
    if len(text) <= _SHORT and is_plain(text):  # as nearly all are
        return text
    if value.is_finite() and value.copy_abs() >= LIMIT:
        raise too_large(value)
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -MAX_PLACES:
        raise AmountError("TOO_MANY_PLACES", f"{shown(value)} has over {MAX_PLACES} places.")
    return format_decimal(value)


def canonical_decimal_text(value: Decimal) -> str:
    """One text for equal values: `decimal_text` without trailing zeros after the point."""
    text = decimal_text(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


def instant_text(value: datetime) -> str:
    """`value` in UTC to the microsecond, so that the order of texts is that of instants."""
    if value.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone; every instant here is UTC")
    return value.astimezone(UTC).isoformat(timespec="microseconds")


def to_plain(value: Any, decimal: Callable[[Decimal], str] = decimal_text) -> Any:
    """A dataclass instance as plain values, its decimals written by `decimal`."""
    hint: Any = type(value)
    return writer(hint, decimal)(value)


def from_plain(cls: Any, plain: Any, path: str = "") -> Any:
    """The instance of dataclass `cls` that `to_plain` wrote. TermError with the path of what cannot be read."""
    return reader(cls)(plain, path)


@cache
def writer(hint: Any, decimal: Callable[[Decimal], str] = decimal_text) -> Writer:
    """How a value of type `hint` is written; None stays None."""
    hint = _without_none(hint)[0]
    if hint is Decimal:
        return _unless_none(decimal)
    if hint is datetime:
        return _unless_none(instant_text)
    if hint is date:
        return _unless_none(date.isoformat)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return _unless_none(str)
    if get_origin(hint) is tuple:
        item = writer(get_args(hint)[0], decimal)
        return lambda values: [item(value) for value in values]
    if dataclasses.is_dataclass(hint):
        hints = get_type_hints(hint)
        fields = [(f.name, writer(hints[f.name], decimal)) for f in dataclasses.fields(hint)]
        return _unless_none(
            lambda value: {
                name: write(found)
                for name, write in fields
                if (found := getattr(value, name)) is not None and found != ()
            }
        )
    return lambda value: value


@cache
def reader(hint: Any) -> Reader:
    """How a value of type `hint` is read, given its path for messages."""
    hint, optional = _without_none(hint)
    read = _reader(hint)
    if optional:
        return lambda plain, path: None if plain is None else read(plain, path)
    return read


def _reader(hint: Any) -> Reader:
    if hint is Decimal:
        return _parsed(str, parse_decimal, "a decimal number as text")
    if hint is datetime:
        return _parsed(str, _instant, "an instant such as 2026-01-31T12:00:00Z")
    if hint is date:
        return _parsed(str, date.fromisoformat, "a day such as 2026-01-31")
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return _parsed(str, hint, f"one of {', '.join(hint)}")
    if get_origin(hint) is tuple:
        return _tuple_reader(reader(get_args(hint)[0]))
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _dataclass_reader(hint)
    names = {str: "text", int: "a whole number", bool: "true or false"}
    return _parsed(hint, lambda plain: plain, names[hint])


def _tuple_reader(item: Reader) -> Reader:
    def read(plain: Any, path: str) -> tuple[Any, ...]:
        if not isinstance(plain, list | tuple):
            raise refused(path, f"{shown(plain)} is not a list.")
        return tuple(item(each, joined(path, str(index))) for index, each in enumerate(plain))

    return read


def _dataclass_reader(cls: type[Any]) -> Reader:
    hints = get_type_hints(cls)
    readers = {f.name: reader(hints[f.name]) for f in dataclasses.fields(cls)}
    needed = {
        f.name
        for f in dataclasses.fields(cls)
        if f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING
    }
    # A needed field may have been left out because it was None or empty.
    absent = {
        name: () if get_origin(_without_none(hints[name])[0]) is tuple else None
        for name in needed
        if _without_none(hints[name])[1] or get_origin(_without_none(hints[name])[0]) is tuple
    }

    def read(plain: Any, path: str) -> Any:
        if not isinstance(plain, Mapping):
            raise refused(path, f"{shown(plain)} is not an object.")
        if unknown := sorted(str(key) for key in plain.keys() - readers.keys()):
            raise refused(
                joined(path, unknown[0]),
                f"{cls.__name__} has no such field.",
                f"Fields are {', '.join(readers)}.",
            )
        if missing := sorted(needed - plain.keys() - absent.keys()):
            raise refused(joined(path, missing[0]), f"{cls.__name__} needs this field.")
        given = {name: readers[name](value, joined(path, name)) for name, value in plain.items()}
        return cls(**{**absent, **given})

    return read


def _parsed(expected: type[Any], parse: Callable[[Any], Any], what: str) -> Reader:
    def read(plain: Any, path: str) -> Any:
        if not isinstance(plain, expected) or (expected is int and isinstance(plain, bool)):
            raise refused(path, f"{shown(plain)} is not {what}.")
        try:
            return parse(plain)
        except NegotiationError as error:
            raise refused(path, error.message, error.hint) from None
        except ValueError:
            raise refused(path, f"{shown(plain)} is not {what}.") from None

    return read


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise TermError(UNREADABLE, f"{shown(text)} has no time zone.", hint="Append Z for UTC.")
    return instant.astimezone(UTC)


def _unless_none(write: Writer) -> Writer:
    return lambda value: None if value is None else write(value)


def _without_none(hint: Any) -> tuple[Any, bool]:
    """`X | None` as (X, True), anything else as (it, False)."""
    if get_origin(hint) in (Union, UnionType):
        members = [member for member in get_args(hint) if member is not NoneType]
        if len(members) == 1:
            return members[0], True
    return hint, False


def refused(path: str, message: str, hint: str | None = None) -> TermError:
    """The refusal of a plain value that cannot be read."""
    return TermError(UNREADABLE, message, path or None, hint)


def joined(path: str, name: str) -> str:
    """The dotted path of `name` under `path`."""
    return f"{path}.{name}" if path else name
