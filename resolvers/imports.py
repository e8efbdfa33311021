"""Imports of CSV text: read off the event loop against the newest records, written in one commit, all or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar

from negotiation.catalogue import Catalogue
from negotiation.changes import UsageChange, usage_changes
from negotiation.importing import InvoiceImport, RowError, UsageImport, parse_invoices, parse_usage
from negotiation.records import Snapshot, UsageDay, UsageRow
from negotiation.streams import total
from negotiation.trace import Notice
from resolvers.negotiation import in_snapshot, needed
from resolvers.ports import Actor, Put, Services, Write

DEFAULT_CURRENCY = "USD"
LONGEST_SOURCE = 200
MOST_RESTATEMENTS = 200

Read = InvoiceImport | UsageImport
R = TypeVar("R", InvoiceImport, UsageImport)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """`csv`: the text of the file. `dry_run`: say what would happen, write nothing."""

    csv: str
    filename: str | None = None
    dry_run: bool = False
    negotiation_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`revision` is that of the commit; None when nothing was written.

    `restated`: days and SKUs that had other units before; `restatements`: the first of them; `list_delta`: of all of them.
    `currency`: the negotiation's, which list amounts are in.
    """

    accepted: int
    unchanged: int
    rejected: int
    warnings: tuple[Notice, ...]
    rows: tuple[RowError, ...]
    revision: int | None
    refusals: tuple[Notice, ...]
    currency: str
    restated: int = 0
    restatements: tuple[UsageChange, ...] = ()
    list_delta: Decimal = Decimal(0)


async def import_invoices(services: Services, actor: Actor, request: Request) -> Outcome:
    """Read and keep invoices. Raises NotFound for an unknown negotiation."""

    def read(snapshot: Snapshot) -> InvoiceImport:
        return parse_invoices(request.csv, _currency(snapshot, request), snapshot.invoices)

    def writes(found: InvoiceImport) -> Sequence[Write]:
        return [Put(invoice) for invoice in found.invoices]

    return await _import(services, actor, request, read, writes, cause="importInvoices")


async def import_usage(services: Services, actor: Actor, request: Request) -> Outcome:
    """Read and keep daily usage, and SKUs that are new in it. Raises NotFound for an unknown negotiation."""
    source = (request.filename or "import").strip()[:LONGEST_SOURCE] or "import"

    def read(snapshot: Snapshot) -> UsageImport:
        currency = _currency(snapshot, request)
        return parse_usage(request.csv, snapshot.skus, snapshot.usage, source, currency=currency)

    def writes(found: UsageImport) -> Sequence[Write]:
        return [*(Put(sku) for sku in found.skus), *(Put(row) for row in found.rows)]

    return await _import(services, actor, request, read, writes, cause="importUsage")


async def _import(
    services: Services,
    actor: Actor,
    request: Request,
    read: Callable[[Snapshot], R],
    writes: Callable[[R], Sequence[Write]],
    *,
    cause: str,
) -> Outcome:
    seen = services.store.snapshot()
    found = await asyncio.to_thread(read, seen)
    if request.dry_run or found.errors or not writes(found):
        return await asyncio.to_thread(_outcome, found, None, seen, request)

    def decide(snapshot: Snapshot) -> Sequence[Write]:
        nonlocal seen, found
        if snapshot is not seen:
            seen, found = snapshot, read(snapshot)
        return () if found.errors else writes(found)

    snapshot = await services.store.commit(decide, actor=actor.id, cause=_cause(cause, request))
    revision = None if found.errors else snapshot.revision
    return await asyncio.to_thread(_outcome, found, revision, seen, request)


def _restatements(found: Read, before: Snapshot) -> tuple[UsageChange, ...]:
    """What the rows say otherwise than `before`; rows of days and SKUs that were not known are new, not restated."""
    if not isinstance(found, UsageImport):
        return ()
    old: dict[date, dict[str, UsageRow]] = {}
    new: dict[date, dict[str, UsageRow]] = {}
    for row in found.rows:
        day = before.usage.get(row.day)
        known = None if day is None else day.rows.get(row.sku)
        if known is not None:
            old.setdefault(row.day, {})[row.sku] = known
            new.setdefault(row.day, {})[row.sku] = row
    return usage_changes(_days(old), _days(new), Catalogue(before.skus, ()))


def _days(rows: Mapping[date, Mapping[str, UsageRow]]) -> dict[date, UsageDay]:
    return {day: UsageDay(day, found) for day, found in rows.items()}


def _outcome(found: Read, revision: int | None, before: Snapshot, request: Request) -> Outcome:
    restated = _restatements(found, before)
    refusals: tuple[Notice, ...] = ()
    if found.errors:
        rows = "row is" if found.rejected == 1 else "rows are"
        refusals = (
            Notice(
                "IMPORT_REFUSED",
                f"Nothing was imported: {found.rejected} {rows} at fault. Mend the file and import it again.",
                "csv",
            ),
        )
    return Outcome(
        accepted=found.accepted,
        unchanged=found.unchanged,
        rejected=found.rejected,
        warnings=found.warnings,
        rows=found.errors,
        revision=revision,
        refusals=refusals,
        currency=_currency(before, request),
        restated=len(restated),
        restatements=restated[:MOST_RESTATEMENTS],
        list_delta=total(each.list_delta for each in restated),
    )


def _currency(snapshot: Snapshot, request: Request) -> str:
    if request.negotiation_id is not None:
        return needed(snapshot, request.negotiation_id).currency
    current = in_snapshot(snapshot, None)
    return DEFAULT_CURRENCY if current is None else current.currency


def _cause(cause: str, request: Request) -> str:
    name = (request.filename or "").strip()[:LONGEST_SOURCE]
    return f"{cause}: {name}" if name else cause
