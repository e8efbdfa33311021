"""Imports of CSV text: read off the event loop against the newest records, written in one commit, all or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from negotiation.importing import InvoiceImport, RowError, UsageImport, parse_invoices, parse_usage
from negotiation.records import Snapshot
from negotiation.trace import Notice
from resolvers.negotiation import in_snapshot, needed
from resolvers.ports import Actor, Put, Services, Write

DEFAULT_CURRENCY = "USD"
LONGEST_SOURCE = 200

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
    """`revision` is that of the commit; None when nothing was written."""

    accepted: int
    unchanged: int
    rejected: int
    warnings: tuple[Notice, ...]
    rows: tuple[RowError, ...]
    revision: int | None
    refusals: tuple[Notice, ...]


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
        return _outcome(found, None)

    def decide(snapshot: Snapshot) -> Sequence[Write]:
        nonlocal seen, found
        if snapshot is not seen:
            seen, found = snapshot, read(snapshot)
        return () if found.errors else writes(found)

    snapshot = await services.store.commit(decide, actor=actor.id, cause=_cause(cause, request))
    return _outcome(found, None if found.errors else snapshot.revision)


def _outcome(found: Read, revision: int | None) -> Outcome:
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
    )


def _currency(snapshot: Snapshot, request: Request) -> str:
    if request.negotiation_id is not None:
        return needed(snapshot, request.negotiation_id).currency
    current = in_snapshot(snapshot, None)
    return DEFAULT_CURRENCY if current is None else current.currency


def _cause(cause: str, request: Request) -> str:
    name = (request.filename or "").strip()[:LONGEST_SOURCE]
    return f"{cause}: {name}" if name else cause
