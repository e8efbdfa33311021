"""Daily usage from CSV text: a Twilio Usage Records export, or the columns day, sku, quantity.

A file holds each (day, SKU) once: the same quantity again counts as unchanged, another one is refused, because it
could be a part to add as well as a correction. Against the store another quantity is a restatement: revision + 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import Final

from negotiation.currency import known_currency
from negotiation.decimals import format_decimal, shown
from negotiation.errors import NegotiationError
from negotiation.importing.categories import ancestors, categories
from negotiation.importing.lines import MAX_KEY, Line, new_sku, used, without_totals
from negotiation.importing.table import (
    Errors,
    Row,
    RowError,
    Table,
    missing_columns,
    no_rows,
    read_day,
    read_quantity,
    read_table,
)
from negotiation.records import Sku, UsageDay, UsageRow
from negotiation.trace import Notice

ALIASES: Final = {
    "category": ("usage category",),
    "start_date": ("start", "from"),
    "end_date": ("end", "to"),
    "usage": (),
    "usage_unit": (),
    "price": ("billed", "cost", "amount"),
    "price_unit": ("currency",),
    "account_sid": ("account",),
    "description": (),
    "day": ("date", "usage date", "utc day"),
    "sku": ("sku key", "key", "product"),
    "quantity": ("qty", "units", "volume"),
}
_TWILIO: Final = {"category": "category", "start_date": "start_date", "usage": "usage"}
_PLAIN: Final = {"day": "day", "sku": "sku", "quantity": "quantity"}
CHECK_EXPORT: Final = "Check that the export holds every category."


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageImport:
    """What the import would write: new `skus` first, then `rows`. With `errors` there is neither.

    `unchanged`: rows that were there already. `rejected`: the rows at fault.
    """

    rows: tuple[UsageRow, ...]
    skus: tuple[Sku, ...]
    unchanged: int
    rejected: int
    errors: tuple[RowError, ...]
    warnings: tuple[Notice, ...]

    @property
    def accepted(self) -> int:
        return len(self.rows)


def parse_usage(
    csv_text: str,
    catalogue: Mapping[str, Sku],
    existing: Mapping[date, UsageDay],
    source: str,
    *,
    currency: str = "USD",
) -> UsageImport:
    """Read daily usage. `catalogue`: SKUs by key; `existing`: usage by day; `source`: noted on every new row."""
    errors, warnings = Errors(), list[Notice]()
    table = read_table(csv_text, ALIASES, errors)
    twilio = table is not None and "category" in table.headers and "sku" not in table.headers
    if table is not None and (
        fault := missing_columns(table.headers, _TWILIO if twilio else _PLAIN)
    ):
        either = (
            "A Twilio export has category, start_date and usage; otherwise give day, sku, quantity."
        )
        errors.add(1, None, f"{fault} {either}")
    if table is None or errors:
        return _refused(errors)
    if twilio:
        lines, repeated = _once(
            _twilio_lines(table, currency, errors), table.header("usage"), errors
        )
        lines = without_totals(lines, ancestors, warnings, CHECK_EXPORT)
        lines, skus = _known_or_new(lines, catalogue, warnings)
    else:
        read = _plain_lines(table, catalogue, currency, errors)
        lines, repeated = _once(read, table.header("quantity"), errors)
        skus = ()
    if errors:
        return _refused(errors)
    rows = tuple(_against(lines, existing, source))
    return UsageImport(
        rows=rows,
        skus=skus,
        unchanged=repeated + len(lines) - len(rows),
        rejected=0,
        errors=(),
        warnings=(*no_rows(table), *warnings),
    )


def _twilio_lines(table: Table, currency: str, errors: Errors) -> Iterator[Line]:
    account: tuple[str, int] | None = None
    for row in table.rows:
        key, day = row.get("category").lower(), _day(row, "start_date", table, errors)
        if not key or len(key) > MAX_KEY:
            errors.add(row.number, table.header("category"), "The category is missing or too long.")
        if day is not None and row.get("end_date"):
            end = _day(row, "end_date", table, errors)
            if end is not None and end != day:
                errors.add(
                    row.number,
                    table.header("end_date"),
                    f"This record sums {day} to {end}. Export daily records (Usage/Records/Daily), one a day.",
                )
        if sid := row.get("account_sid"):
            account = account or (sid, row.number)
            if sid != account[0]:
                errors.add(
                    row.number,
                    table.header("account_sid"),
                    f"Another account than in row {account[1]}. A main account's records hold its "
                    "subaccounts' usage already: export one account.",
                )
        quantity = _number(row, "usage", table, errors)
        billed = _billed(row, table, currency, errors)
        if row.number not in errors.rows and day is not None and quantity is not None:
            yield Line(
                row.number,
                day,
                key,
                quantity,
                billed,
                row.get("usage_unit"),
                row.get("description"),
            )


def _plain_lines(
    table: Table, catalogue: Mapping[str, Sku], currency: str, errors: Errors
) -> Iterator[Line]:
    folded = {key.lower(): key for key in catalogue}
    for row in table.rows:
        day, quantity = _day(row, "day", table, errors), _number(row, "quantity", table, errors)
        billed = _billed(row, table, currency, errors)
        key = folded.get(row.get("sku").lower())
        if key is None:
            errors.add(row.number, table.header("sku"), _unknown(row.get("sku"), catalogue))
        if row.number not in errors.rows and None not in (day, quantity, key):
            assert day is not None
            assert quantity is not None
            assert key is not None
            yield Line(row.number, day, key, quantity, billed)


def _unknown(text: str, catalogue: Mapping[str, Sku]) -> str:
    if not text:
        return "The SKU is missing."
    close = get_close_matches(text[:MAX_KEY].lower(), catalogue, n=3, cutoff=0.6)
    return f"{shown(text)} is not in the catalogue." + (
        f" Did you mean {' or '.join(close)}?" if close else ""
    )


def _day(row: Row, column: str, table: Table, errors: Errors) -> date | None:
    try:
        return read_day(row.get(column))
    except ValueError as error:
        errors.add(row.number, table.header(column), str(error))
        return None


def _number(row: Row, column: str, table: Table, errors: Errors) -> Decimal | None:
    try:
        return read_quantity(row.get(column))
    except ValueError as error:
        errors.add(row.number, table.header(column), str(error))
        return None


def _billed(row: Row, table: Table, currency: str, errors: Errors) -> Decimal | None:
    """What the vendor charged; None where the file does not say."""
    if not row.get("price"):
        return None
    if unit := row.get("price_unit"):
        try:
            if known_currency(unit) != currency:
                errors.add(
                    row.number,
                    table.header("price_unit"),
                    f"The price is in {unit.upper()}, the negotiation in {currency}. Currencies are never added.",
                )
        except NegotiationError as error:
            errors.add(row.number, table.header("price_unit"), str(error))
    return _number(row, "price", table, errors)


def _once(lines: Iterator[Line], header: str, errors: Errors) -> tuple[list[Line], int]:
    """Each (day, SKU) once, and how many rows said the same again."""
    first: dict[tuple[date, str], Line] = {}
    repeated = 0
    for line in lines:
        before = first.setdefault((line.day, line.key), line)
        if before is line:
            continue
        if (before.quantity, before.billed) == (line.quantity, line.billed):
            repeated += 1
        else:
            errors.add(
                line.number,
                header,
                f"{line.key} on {line.day} is in row {before.number} too, with "
                f"{format_decimal(before.quantity)}. Add the two up, or keep the one that is right.",
            )
    return list(first.values()), repeated


def _known_or_new(
    lines: list[Line], catalogue: Mapping[str, Sku], warnings: list[Notice]
) -> tuple[list[Line], tuple[Sku, ...]]:
    """The lines to keep, and a SKU for each category that the catalogue lacks but that was used."""
    unknown: dict[str, list[Line]] = {}
    for line in lines:
        if line.key not in catalogue:
            unknown.setdefault(line.key, []).append(line)
    counted = {key: rows for key, rows in unknown.items() if any(used(row) for row in rows)}
    if skipped := sum(len(rows) for key, rows in unknown.items() if key not in counted):
        warnings.append(
            Notice(
                "UNUSED_CATEGORIES_SKIPPED",
                f"{skipped} rows of 0 for categories outside the catalogue were skipped.",
                "category",
            )
        )
    skus = tuple(new_sku(key, rows, categories().get(key)) for key, rows in sorted(counted.items()))
    warnings.extend(
        Notice(
            "NEW_SKU",
            f"{sku.key} is new: family {sku.family}, list rate {format_decimal(sku.list_rate)} per {sku.unit}, "
            "taken from what was billed. Put the true list rate in its place.",
            f"skus.{sku.key}",
        )
        for sku in skus
    )
    return [line for line in lines if line.key in catalogue or line.key in counted], skus


def _against(
    lines: list[Line], existing: Mapping[date, UsageDay], source: str
) -> Iterator[UsageRow]:
    """The rows that say something new; a restatement gets the next revision."""
    for line in lines:
        usage_day = existing.get(line.day)
        stored = usage_day.rows.get(line.key) if usage_day is not None else None
        row = UsageRow(
            day=line.day, sku=line.key, quantity=line.quantity, billed=line.billed, source=source
        )
        if stored is None:
            yield row
        elif stored.quantity != line.quantity or (
            line.billed is not None and stored.billed != line.billed
        ):
            yield replace(row, revision=stored.revision + 1)


def _refused(errors: Errors) -> UsageImport:
    return UsageImport(
        rows=(),
        skus=(),
        unchanged=0,
        rejected=len(errors.rows),
        errors=tuple(errors.kept),
        warnings=(),
    )
