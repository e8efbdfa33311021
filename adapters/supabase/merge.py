"""What Supabase's rows change in our picture. Pure.

The rules:
- Supabase owns what it has: a row replaces the record of its id.
- A row leaves only when Supabase says so by `deleted_at`. A record that Supabase merely lacks stays: it may be a local
  import.
- An invoice number is unique: the same number under another id is the same invoice when amount and currency agree, and
  keeps our id; when they differ it is a conflict, shown with both amounts, and ours stays.
- A dispute opened here stays until Supabase carries one itself or the invoice is settled.
- Demonstration records make way for the first real ones of their kind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from adapters.supabase.rows import InvoiceRow, StreamRow
from negotiation.records import Invoice, InvoiceStatus, Provenance, Snapshot, StreamSpec
from resolvers.ports import Delete, Put, Write

_SETTLED = frozenset({InvoiceStatus.PAID, InvoiceStatus.CREDITED})


@dataclass(slots=True)
class Merge:
    """`refused`: reason by row id, for rows that read well but do not fit."""

    writes: list[Write] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


def merge_invoices(snapshot: Snapshot, rows: Sequence[InvoiceRow]) -> Merge:
    merge = Merge()
    held = dict(snapshot.invoices)
    if any(row.deleted_at is None for row in rows):
        for invoice in snapshot.invoices.values():
            if invoice.provenance is Provenance.FIXTURE:
                del held[invoice.id]
    by_number = {invoice.number: invoice for invoice in held.values()}
    for row in rows:
        if row.deleted_at is not None:
            held.pop(row.id, None)
            continue
        theirs = row.record()
        twin = by_number.get(theirs.number)
        if twin is not None and twin.id != theirs.id:
            if (twin.amount, twin.currency) != (theirs.amount, theirs.currency):
                merge.refused[row.id] = (
                    f"number {theirs.number} is already here with {twin.amount} {twin.currency}; "
                    f"Supabase has {theirs.amount} {theirs.currency}"
                )
                continue
            theirs = replace(theirs, id=twin.id)
        ours = held.get(theirs.id)
        after = theirs if ours is None else _with_our_dispute(ours, theirs)
        held[after.id] = after
        by_number[after.number] = after
    merge.writes = _writes("invoices", snapshot.invoices, held)
    return merge


def merge_streams(snapshot: Snapshot, rows: Sequence[StreamRow]) -> Merge:
    merge = Merge()
    held = dict(snapshot.streams)
    if any(row.deleted_at is None for row in rows):
        for stream in snapshot.streams.values():
            if stream.provenance is Provenance.FIXTURE:
                del held[stream.id]
    for row in rows:
        if row.deleted_at is not None:
            held.pop(row.id, None)
            continue
        negotiation_id = row.negotiation_id or snapshot.current_negotiation_id
        negotiation = snapshot.negotiations.get(negotiation_id) if negotiation_id else None
        if negotiation_id is None or negotiation is None:
            merge.refused[row.id] = f"negotiation {negotiation_id or '(none)'} is not known here"
        elif row.currency is not None and row.currency != negotiation.currency:
            merge.refused[row.id] = (
                f"is in {row.currency}, its negotiation in {negotiation.currency}; amounts are never converted"
            )
        else:
            held[row.id] = row.record(negotiation_id)
    merge.writes = _writes("streams", snapshot.streams, held)
    return merge


def _with_our_dispute(ours: Invoice, theirs: Invoice) -> Invoice:
    opened_here = (
        ours.status is InvoiceStatus.DISPUTED and ours.provenance is not Provenance.FIXTURE
    )
    if not opened_here or theirs.disputed_amount is not None or theirs.status in _SETTLED:
        return theirs
    return replace(
        theirs,
        status=ours.status,
        disputed_amount=ours.disputed_amount,
        dispute_reason=ours.dispute_reason,
    )


def _writes(
    area: str,
    before: Mapping[str, Invoice] | Mapping[str, StreamSpec],
    after: Mapping[str, Invoice] | Mapping[str, StreamSpec],
) -> list[Write]:
    """Deletes first: a number that moves to another record is free by then."""
    gone: list[Write] = [Delete(area, id_) for id_ in before if id_ not in after]
    return gone + [Put(record) for id_, record in after.items() if before.get(id_) != record]
