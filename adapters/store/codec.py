"""Records to rows and back, exactly: decimals as text, days and instants as ISO text, terms and invoice lines as JSON.

The columns of a table are the fields of its record, in their order. The tables themselves are `adapters.store.schema`'s.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from hashlib import sha256
from operator import attrgetter
from types import NoneType
from typing import Any, Final, get_args, get_origin, get_type_hints

import orjson

from negotiation.conflicts import Conflict
from negotiation.imports import ImportRun, PriceLink, UsageMapping
from negotiation.plain import decimal_text, from_plain, to_plain, writer
from negotiation.records import (
    BuyerPosition,
    Invoice,
    Milestone,
    Negotiation,
    Notification,
    Offer,
    OptOut,
    Pause,
    Record,
    Rule,
    RuleFiring,
    RuleState,
    Sku,
    StreamSpec,
    UsageRow,
)
from negotiation.terms import Term
from negotiation.terms_json import terms_from_json, terms_to_json

Row = tuple[Any, ...]

USAGE: Final = "usage"


@dataclass(frozen=True, slots=True)
class Table:
    """How the records of one area of the Snapshot are kept. `key` is the field that identifies one.

    `added`: what the last columns hold where nothing was said: those that earlier versions of the program did not have.
    """

    area: str
    key: str
    columns: tuple[str, ...]
    to_row: Callable[[Any], Row]
    from_row: Callable[[Sequence[Any]], Any]
    added: Row = ()

    def hash(self, row: Sequence[Any]) -> str:
        """What the audit trail says of a row. Added columns count from when they are used: lines before stay true."""
        length = len(row)
        first = length - len(self.added)
        while length > first and row[length - 1] == self.added[length - 1 - first]:
            length -= 1
        return digest([self.area, *row[:length]])


RECORDS: Final[Mapping[str, tuple[str, type[Any]]]] = {
    "skus": ("key", Sku),
    "negotiations": ("id", Negotiation),
    "positions": ("negotiation_id", BuyerPosition),
    "streams": ("id", StreamSpec),
    "offers": ("id", Offer),
    "milestones": ("id", Milestone),
    "invoices": ("id", Invoice),
    "notifications": ("id", Notification),
    "rules": ("id", Rule),
    "rule_states": ("id", RuleState),
    "rule_firings": ("id", RuleFiring),
    "usage_mappings": ("category", UsageMapping),
    "price_links": ("sku", PriceLink),
    "import_runs": ("id", ImportRun),
    "conflicts": ("id", Conflict),
    "pauses": ("id", Pause),
    "opt_outs": ("id", OptOut),
}
"""The key and type of the records of every area of the Snapshot but usage."""

ADDED: Final[Mapping[str, tuple[str, ...]]] = {
    "notifications": ("priority", "expires_at", "history"),
}
"""Fields that a later migration added to a table, in their order: the last of the record, each with a default."""


@cache
def tables() -> Mapping[str, Table]:
    """The tables of `RECORDS` by area."""
    return {area: _table(area, key, record) for area, (key, record) in RECORDS.items()}


@cache
def _tables_by_type() -> Mapping[type[Any], Table]:
    return {record: tables()[area] for area, (_, record) in RECORDS.items()}


def table_of(record: Record) -> Table:
    """TypeError for what is no record with a table of its own."""
    table = _tables_by_type().get(type(record))
    if table is None:
        raise TypeError(f"{type(record).__name__} is no record that can be put into the store")
    return table


def usage_id(day: date, sku: str) -> str:
    """The id of what was used of one SKU on one day: "2026-01-31/sms-outbound-us"."""
    return f"{day.isoformat()}/{sku}"


def parse_usage_id(text: str) -> tuple[date, str]:
    """ValueError for anything but what `usage_id` writes."""
    day, slash, sku = text.partition("/")
    if not slash:
        raise ValueError(f"{text!r} is no id of a usage row: write day/sku")
    return date.fromisoformat(day), sku


def usage_to_row(row: UsageRow) -> Row:
    """(day, sku, revision, quantity, billed, source)."""
    billed = None if row.billed is None else decimal_text(row.billed)
    return (
        row.day.isoformat(),
        row.sku,
        row.revision,
        decimal_text(row.quantity),
        billed,
        row.source,
    )


def usage_tombstone(day: date, sku: str) -> Row:
    """The row that says: nothing of this SKU on this day any more. It sorts before what its commit puts."""
    return (day.isoformat(), sku, 0, None, None, "deleted")


def replay_usage(rows: Iterable[Row]) -> Iterator[tuple[date, dict[str, UsageRow]]]:
    """Rows by day, SKU, commit and revision, to the newest row of each SKU of each day. Empty days are left out."""
    shared: dict[str, str] = {}
    text, current = "", date.min
    day: dict[str, UsageRow] = {}
    for day_text, sku, revision, quantity, billed, source in rows:
        if day_text != text:
            if day:
                yield current, day
            text, current, day = day_text, date.fromisoformat(day_text), {}
        if quantity is None:
            day.pop(sku, None)
        elif sku not in day or revision >= day[sku].revision:
            day[shared.setdefault(sku, sku)] = UsageRow(
                day=current,
                sku=shared.setdefault(sku, sku),
                quantity=Decimal(quantity),
                billed=None if billed is None else Decimal(billed),
                revision=revision,
                source=shared.setdefault(source, source),
            )
    if day:
        yield current, day


def digest(value: Any) -> str:
    """SHA-256, in hex, of the compact JSON of lists, text, whole numbers and null: the form everything is hashed in."""
    return sha256(orjson.dumps(value)).hexdigest()


def _table(area: str, key: str, record: type[Any]) -> Table:
    hints = get_type_hints(record)
    names = tuple(field.name for field in dataclasses.fields(record))
    get = attrgetter(*names)
    encoders = tuple(_encoder(hints[name]) for name in names)
    decoders = tuple((name, _decoder(hints[name])) for name in names)

    def to_row(value: Any) -> Row:
        return tuple(encode(found) for encode, found in zip(encoders, get(value), strict=True))

    def from_row(row: Sequence[Any]) -> Any:
        return record(
            **{name: decode(found) for (name, decode), found in zip(decoders, row, strict=True)}
        )

    defaults = {field.name: field.default for field in dataclasses.fields(record)}
    later = ADDED.get(area, ())
    if later != names[len(names) - len(later) :]:
        raise TypeError(f"{record.__name__} must end in its added fields {', '.join(later)}")
    added = tuple(_encoder(hints[name])(defaults[name]) for name in later)
    return Table(area, key, names, to_row, from_row, added)


def _encoder(hint: Any) -> Callable[[Any], Any]:
    if get_origin(hint) is tuple:
        if get_args(hint)[0] == Term:
            return terms_to_json
        return lambda values: orjson.dumps([to_plain(value) for value in values]).decode()
    if hint is bool:
        return int
    if dataclasses.is_dataclass(_known(hint)):
        return lambda value: None if value is None else orjson.dumps(to_plain(value)).decode()
    return writer(hint)


def _decoder(hint: Any) -> Callable[[Any], Any]:
    if get_origin(hint) is tuple:
        item = get_args(hint)[0]
        if item == Term:
            return terms_from_json
        return lambda text: tuple(from_plain(item, plain) for plain in orjson.loads(text))
    decode = _scalar_decoder(_known(hint))
    return lambda found: None if found is None else decode(found)


def _known(hint: Any) -> Any:
    """`X | None` as X."""
    return next(member for member in get_args(hint) or (hint,) if member is not NoneType)


def _scalar_decoder(hint: Any) -> Callable[[Any], Any]:
    if dataclasses.is_dataclass(hint):
        return lambda text: from_plain(hint, orjson.loads(text))
    if hint is datetime:
        return datetime.fromisoformat
    if hint is date:
        return date.fromisoformat
    if hint in (Decimal, bool) or issubclass(hint, StrEnum):
        decoder: Callable[[Any], Any] = hint
        return decoder
    return lambda found: found
