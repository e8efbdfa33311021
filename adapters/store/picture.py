"""From one Snapshot and the writes of a commit to the next Snapshot, the rows to keep and the lines of the audit trail.

Pure: what a file or another store does with them is theirs. Only what was touched is copied; the rest is shared.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Final

from adapters.store.codec import (
    USAGE,
    Row,
    Table,
    digest,
    parse_usage_id,
    table_of,
    tables,
    usage_id,
    usage_to_row,
    usage_tombstone,
)
from negotiation.plain import instant_text
from negotiation.records import AuditLine, Record, Snapshot, UsageDay, UsageRow
from resolvers.ports import Delete, Put, SetWorkspace, Write

WORKSPACE: Final = "workspace"
GENESIS: Final = "0" * 64
"""What the first line of every audit chain follows on."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A line of the audit trail before it is chained."""

    area: str
    entity_id: str
    action: str
    before_hash: str | None
    after_hash: str | None


@dataclass(slots=True)
class Edit:
    """What one commit does: `rows` by table and id (None: gone), `usage` rows in order, and the picture after it."""

    after: Snapshot
    drafts: list[Draft] = field(default_factory=list)
    rows: dict[str, dict[str, Row | None]] = field(default_factory=dict)
    usage: list[Row] = field(default_factory=list)
    demo_anchor: date | None = None


def apply(
    before: Snapshot, writes: Iterable[Write], at: datetime, demo_anchor: date | None
) -> Edit:
    """The commit of `writes` on `before` at the instant `at`. ValueError or TypeError for what cannot be kept."""
    edit = Edit(after=before, demo_anchor=demo_anchor)
    touched: dict[str, dict[str, Any]] = {}
    usage = _UsageEdit(before)
    told: list[SetWorkspace] = []
    for write in writes:
        if isinstance(write, SetWorkspace):
            told.append(write)
        elif isinstance(write, Put) and isinstance(write.record, UsageRow):
            usage.put(write.record)
        elif isinstance(write, Delete) and write.area == USAGE:
            usage.delete(*parse_usage_id(write.id))
        else:
            _change(before, edit, touched, write)
    changes: dict[str, Any] = {area: MappingProxyType(new) for area, new in touched.items()}
    edit.usage = usage.sorted_rows()
    if edit.usage:
        edit.drafts.append(usage.draft(edit.usage))
        changes[USAGE] = usage.days_after()
    edit.after = dataclasses.replace(before, revision=before.revision + 1, as_of=at, **changes)
    _describe(before, edit, told)
    return edit


def seal(
    drafts: Iterable[Draft], revision: int, previous: str, *, actor: str, cause: str, at: datetime
) -> list[AuditLine]:
    """The lines of one commit, chained on the hash of the line before them."""
    lines = []
    for sequence, draft in enumerate(drafts):
        unsealed = AuditLine(
            revision=revision,
            sequence=sequence,
            area=draft.area,
            entity_id=draft.entity_id,
            action=draft.action,
            actor=actor,
            cause=cause,
            at=at,
            before_hash=draft.before_hash,
            after_hash=draft.after_hash,
            hash="",
        )
        line = dataclasses.replace(unsealed, hash=line_hash(previous, unsealed))
        lines.append(line)
        previous = line.hash
    return lines


def line_hash(previous: str, line: AuditLine) -> str:
    """What `line.hash` must be if the line before it has the hash `previous`."""
    return digest(
        [
            previous,
            line.revision,
            line.sequence,
            line.area,
            line.entity_id,
            line.action,
            line.actor,
            line.cause,
            instant_text(line.at),
            line.before_hash,
            line.after_hash,
        ]
    )


def workspace_hash(picture: Snapshot, demo_anchor: date | None) -> str:
    """The hash of what the picture says of itself."""
    anchor = None if demo_anchor is None else demo_anchor.isoformat()
    return digest([WORKSPACE, picture.current_negotiation_id, str(picture.provenance), anchor])


def ordered_days(days: Mapping[date, UsageDay]) -> Mapping[date, UsageDay]:
    """The days in their order, read-only."""
    return MappingProxyType({day: days[day] for day in sorted(days)})


def _change(
    before: Snapshot, edit: Edit, touched: dict[str, dict[str, Any]], write: Put | Delete
) -> None:
    table, id_ = _target(write)
    if table.area not in touched:  # copied once for all writes to it
        touched[table.area] = dict(getattr(before, table.area))
    records = touched[table.area]
    old: Record | None = records.get(id_)
    if isinstance(write, Put):
        row: Row | None = table.to_row(write.record)
        records[id_] = write.record
    else:
        row = None
        records.pop(id_, None)
    before_hash = None if old is None else table.hash(table.to_row(old))
    after_hash = None if row is None else table.hash(row)
    action = "delete" if row is None else "create" if old is None else "update"
    edit.rows.setdefault(table.area, {})[id_] = row
    edit.drafts.append(Draft(table.area, id_, action, before_hash, after_hash))


def _target(write: Put | Delete) -> tuple[Table, str]:
    if isinstance(write, Put):
        table = table_of(write.record)
        return table, str(getattr(write.record, table.key))
    if write.area not in tables():
        raise ValueError(f"{write.area!r} is no area; areas are {', '.join(tables())}, {USAGE}")
    return tables()[write.area], write.id


def _describe(before: Snapshot, edit: Edit, told: Sequence[SetWorkspace]) -> None:
    """Set what the picture says of itself, as told or as follows: some negotiation is current where there is one."""
    current, provenance = edit.after.current_negotiation_id, edit.after.provenance
    before_hash = workspace_hash(before, edit.demo_anchor)
    for each in told:
        current = each.current_negotiation_id or current
        provenance = each.provenance or provenance
        edit.demo_anchor = each.demo_anchor or edit.demo_anchor
    if current not in edit.after.negotiations:
        current = next(iter(edit.after.negotiations), None)
    edit.after = dataclasses.replace(
        edit.after, current_negotiation_id=current, provenance=provenance
    )
    after_hash = workspace_hash(edit.after, edit.demo_anchor)
    if told or after_hash != before_hash:
        edit.drafts.append(Draft(WORKSPACE, WORKSPACE, "update", before_hash, after_hash))


class _UsageEdit:
    """The usage writes of one commit: together one line of the trail."""

    def __init__(self, before: Snapshot) -> None:
        self._before = before.usage
        self._days: dict[date, dict[str, UsageRow]] = {}
        self._replaced: dict[tuple[date, str], UsageRow] = {}
        self._rows: dict[tuple[str, str], dict[int, Row]] = {}
        self._action = "delete"

    def put(self, row: UsageRow) -> None:
        if row.revision < 1:
            raise ValueError(f"the usage row {usage_id(row.day, row.sku)} has no revision above 0")
        day = self._day(row.day)
        old = day.get(row.sku)
        kept = usage_to_row(row)
        self._rows.setdefault((kept[0], row.sku), {})[row.revision] = kept
        self._action = "import"
        if old is not None:
            self._replaced.setdefault((row.day, row.sku), old)
        if old is None or row.revision >= old.revision:
            day[row.sku] = row

    def delete(self, day: date, sku: str) -> None:
        old = self._day(day).pop(sku, None)
        if old is not None:
            self._replaced.setdefault((day, sku), old)
        gone = usage_tombstone(day, sku)
        self._rows[gone[0], sku] = {gone[2]: gone}

    def sorted_rows(self) -> list[Row]:
        return [
            revisions[revision]
            for _, revisions in sorted(self._rows.items())
            for revision in sorted(revisions)
        ]

    def draft(self, rows: Sequence[Row]) -> Draft:
        first, last = rows[0], rows[-1]
        if len(rows) == 1:
            entity = f"{first[0]}/{first[1]}"
        else:
            entity = f"{len(rows)} rows, {first[0]} to {last[0]}"
        old = [usage_to_row(self._replaced[key]) for key in sorted(self._replaced)]
        return Draft(
            USAGE,
            entity,
            self._action,
            usage_hash(old) if old else None,
            usage_hash(rows),
        )

    def days_after(self) -> Mapping[date, UsageDay]:
        days = dict(self._before)
        for day, rows in self._days.items():
            if rows:
                days[day] = UsageDay(day, rows)
            else:
                days.pop(day, None)
        return ordered_days(days)

    def _day(self, day: date) -> dict[str, UsageRow]:
        found = self._days.get(day)
        if found is None:
            before = self._before.get(day)
            found = self._days[day] = dict(before.rows) if before else {}
        return found


def usage_hash(rows: Sequence[Row]) -> str:
    """The hash of usage rows in the order of day, SKU and revision."""
    return digest([USAGE, *rows])
