"""Records as the SQL that puts them into an empty Supabase project: schema/supabase/seed.sql. Pure.

Rows are written as JSON with numbers as text, which PostgreSQL reads into the columns' own types, to the last digit. Usage
is written as one statement, so that the feed has one line a day of it; each SKU is an array of its days.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from adapters.store.codec import RECORDS, table_of
from adapters.store.ledger import SHARED
from negotiation.conflicts import plain_record
from negotiation.records import Record, UsageRow

SEED_DAY: Final = date(2026, 11, 1)
"""The day that the committed seed is made for: a fixed one, so that it is the same whenever it is written."""


def seed_sql(records: Iterable[Record], day: date) -> Iterator[str]:
    """The file, line by line. `day`: what the records were made for; it is only told."""
    kept: dict[str, list[Record]] = {area: [] for area in RECORDS}
    usage: list[UsageRow] = []
    for record in records:
        if isinstance(record, UsageRow):
            usage.append(record)
        else:
            kept[table_of(record).area].append(record)
    yield f"-- The demo workspace of {day.isoformat()}, written by `make schema`: the same figures as the gateway's own, marked"
    yield "-- as a demonstration (FIXTURE, and demo as the source of usage). For a project that holds nothing yet."
    yield "-- For another day: twilio-negotiation demo --sql --anchor YYYY-MM-DD"
    order = {area: position for position, area in enumerate(SHARED)}
    for area in sorted(kept, key=lambda area: order.get(area, len(order))):
        if kept[area]:
            yield ""
            yield from _insert(area, kept[area])
    if usage:
        yield ""
        yield from _usage(usage)


def _insert(area: str, records: Sequence[Record]) -> Iterator[str]:
    columns = ", ".join(f'"{name}"' for name in table_of(records[0]).columns)
    yield f"insert into public.{area} ({columns})"
    yield f"select {columns} from jsonb_populate_recordset(null::public.{area}, $rows$["  # noqa: S608 - our own names
    lines = [json.dumps(plain_record(record), ensure_ascii=False) for record in records]
    yield ",\n".join(lines)
    yield "]$rows$);"


def _usage(rows: Sequence[UsageRow]) -> Iterator[str]:
    """A SKU a line: what was used and billed on each day from the first on, nothing on days without a row."""
    first = min(row.day for row in rows)
    days = (max(row.day for row in rows) - first) // timedelta(days=1) + 1
    series: dict[tuple[str, int, str], list[UsageRow | None]] = {}
    for row in rows:
        key = (row.sku, row.revision, row.source)
        of_sku = series.setdefault(key, [None] * days)
        of_sku[(row.day - first) // timedelta(days=1)] = row
    yield "insert into public.usage (day, sku, revision, quantity, billed, source)"
    yield f"select date '{first.isoformat()}' + (u.n - 1)::integer, s.sku, s.revision, u.quantity, u.billed, s.source"
    yield "from (values"
    lines = [
        f"({_text(sku)}, {revision}, {_text(source)}, "
        f"{_array(row and row.quantity for row in of_sku)}, {_array(row and row.billed for row in of_sku)})"
        for (sku, revision, source), of_sku in series.items()
    ]
    yield ",\n".join(lines)
    yield ") as s (sku, revision, source, quantities, billed)"
    yield "cross join lateral unnest(s.quantities, s.billed) with ordinality as u (quantity, billed, n)"
    yield "where u.quantity is not null;"


def _array(values: Iterable[Any]) -> str:
    digits = ",".join("null" if value is None else format(Decimal(value), "f") for value in values)
    return f"'{{{digits}}}'::numeric[]"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
