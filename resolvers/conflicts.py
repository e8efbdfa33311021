"""Changes that came second on a shared database: listing them, and settling one by a person's word.

How they come about is the peer's business. What stands is theirs; keeping ours is a new change on top of what stands by now.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, get_args, get_type_hints

from negotiation.conflicts import (
    Conflict,
    ConflictSide,
    differences,
    plain_record,
    record_from_plain,
)
from negotiation.errors import NegotiationError
from negotiation.records import Invoice, Negotiation, Snapshot, UsageRow
from negotiation.trace import Notice
from resolvers.errors import NotFound
from resolvers.paging import Key, Page, checked_first, latest_first, page
from resolvers.ports import Actor, Delete, Put, Services, Write
from resolvers.view import View

USAGE = "usage"
_APPROVERS = frozenset({"approver", "admin"})
_DECIDERS = _APPROVERS | {"negotiator"}
_WHO_KEEPS_OURS = {"milestones": _APPROVERS}
"""Who may put ours on top, where it is not everybody who may settle conflicts."""

Outcome = tuple[Snapshot, Conflict, tuple[Notice, ...]]


def listing(
    view: View, *, is_open: bool | None, first: int | None, after: str | None
) -> Page[Conflict]:
    """Newest first; `is_open`: only those that wait for a decision, or only those that do not."""
    size = checked_first(first, 50)
    ordered = view.figures.once(
        "conflicts", lambda: sorted(view.snapshot.conflicts.values(), key=_order)
    )
    if is_open is not None:
        ordered = [each for each in ordered if (each.resolved_at is None) is is_open]
    return page(ordered, _order, first=size, after=after)


async def resolve(
    services: Services, actor: Actor, conflict_id: str, keep: ConflictSide
) -> Outcome:
    """Keep theirs, which stands already, or put ours on top of it. Raises NotFound. Settled already: a refusal, but for the
    same word again.
    """
    refusals: list[Notice] = []
    now = services.clock.now()

    def decide(snapshot: Snapshot) -> Sequence[Write]:
        conflict = _needed(snapshot, conflict_id)
        refusals[:] = _refusals(conflict, keep, actor)
        if refusals or conflict.kept is keep:
            return ()
        writes: list[Write] = []
        if keep is ConflictSide.OURS:
            written = _ours_on_top(snapshot, conflict)
            if isinstance(written, Notice):
                refusals[:] = [written]
                return ()
            writes.append(written)
        settled = replace(conflict, kept=keep, resolved_at=now, resolved_by=actor.id)
        return [*writes, Put(settled)]

    snapshot = await services.store.commit(
        decide, actor=actor.id, cause=f"resolveConflict: {keep.lower()} kept"
    )
    return snapshot, _needed(snapshot, conflict_id), tuple(refusals)


def waiting(snapshot: Snapshot) -> int:
    """How many wait for a decision."""
    return sum(each.resolved_at is None for each in snapshot.conflicts.values())


def _needed(snapshot: Snapshot, conflict_id: str) -> Conflict:
    found = snapshot.conflicts.get(conflict_id)
    if found is None:
        raise NotFound(f"There is no conflict {conflict_id}. See the list of conflicts.")
    return found


def _refusals(conflict: Conflict, keep: ConflictSide, actor: Actor) -> list[Notice]:
    if conflict.kept is not None and conflict.kept is not keep:
        return [
            Notice(
                "CONFLICT_RESOLVED",
                f"{conflict.resolved_by} has kept {conflict.kept.lower()} already. Change the record itself.",
                "id",
            )
        ]
    who = _WHO_KEEPS_OURS.get(conflict.area, _DECIDERS)
    if keep is ConflictSide.OURS and not actor.roles & who:
        return [
            Notice(
                "CONFLICT_NOT_YOURS",
                f"What is kept of {conflict.area} is decided by {' or '.join(sorted(who))}.",
                "keep",
            )
        ]
    return []


def _ours_on_top(snapshot: Snapshot, conflict: Conflict) -> Write | Notice:
    """The record as it is now with our values where the two sides differed."""
    if conflict.ours is None:
        return Delete(conflict.area, conflict.entity_id)
    ours: dict[str, Any] = json.loads(conflict.ours)
    present = _present(snapshot, conflict)
    plain = ours
    if present is not None:
        changed = {each.path for each in differences(conflict)}
        plain = plain_record(present) | {k: v for k, v in ours.items() if k in changed}
    try:
        record = record_from_plain(_record_type(conflict.area), plain)
    except NegotiationError as error:
        return Notice(
            "CONFLICT_UNREADABLE",
            f"Ours cannot be read any more ({error.message}). Keep theirs, and change the record itself.",
            "keep",
        )
    if isinstance(record, Negotiation) and isinstance(present, Negotiation):
        record = replace(record, version=present.version + 1)
    if isinstance(record, UsageRow) and isinstance(present, UsageRow):
        record = replace(record, revision=present.revision + 1)
    if isinstance(record, Invoice) and _is_taken(snapshot, record):
        return Notice(
            "INVOICE_NUMBER_TAKEN",
            f"Another invoice has the number {record.number} by now. Keep theirs, or change that one first.",
            "keep",
        )
    return Put(record)


def _is_taken(snapshot: Snapshot, invoice: Invoice) -> bool:
    return any(
        each.number == invoice.number and each.id != invoice.id
        for each in snapshot.invoices.values()
    )


def _present(snapshot: Snapshot, conflict: Conflict) -> Any:
    if conflict.area == USAGE:
        day, _, sku = conflict.entity_id.partition("/")
        known = next(
            (each for each in snapshot.usage.values() if each.day.isoformat() == day), None
        )
        return None if known is None else known.rows.get(sku)
    return getattr(snapshot, conflict.area).get(conflict.entity_id)


def _record_type(area: str) -> type[Any]:
    """The type of the records of an area of the Snapshot."""
    if area == USAGE:
        return UsageRow
    record: type[Any] = get_args(get_type_hints(Snapshot)[area])[1]
    return record


def _order(conflict: Conflict) -> Key:
    return (latest_first(conflict.at), conflict.id)
