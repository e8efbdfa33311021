"""What Supabase's rows change in our picture, within one transaction of the store.

The rules:
- Supabase owns what it has: a row replaces the record of its id, and leaves only when Supabase says so by `deleted_at`.
  A record that Supabase merely lacks stays: it waits to be sent, or is a demonstration.
- Who was first in Supabase stands. A record that changed here meanwhile becomes a conflict with both values, for a person
  to decide; usage and notifications have rules of their own.
- An invoice number is unique: the same number under another id is the same invoice when amount and currency agree, and
  takes Supabase's id; when they differ, Supabase's is set aside with both amounts, and ours stays.
- Demonstration records make way for the first real ones of their kind; a whole demonstration for a real negotiation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from adapters.store.codec import USAGE, table_of, usage_id, usage_to_row
from adapters.store.ledger import UNSURE, Ledger, Queued
from adapters.supabase.rows import INVOICES, InvoiceRow, Row, StreamRow, Table
from negotiation.conflicts import Conflict, to_json
from negotiation.errors import NegotiationError
from negotiation.records import (
    Invoice,
    Notification,
    NotificationStatus,
    Provenance,
    Snapshot,
    UsageRow,
)
from resolvers.ports import Delete, Put, SetWorkspace, Write

_WAY = {
    NotificationStatus.QUEUED: 0,
    NotificationStatus.SENDING: 1,
    NotificationStatus.UNCONFIRMED: 2,
    NotificationStatus.FAILED: 3,
    NotificationStatus.CANCELLED: 3,
    NotificationStatus.SENT: 4,
    NotificationStatus.DELIVERED: 5,
}
"""As public.way_of in the migrations: how far a notification is on its way."""
_MADE_WAY = ("negotiations", "positions", "offers", "milestones")


class _RefusedError(Exception):
    """The row reads well but does not fit."""


class Merge:
    """Takes rows one by one; `writes` is what they change, `taken` how many records changed, `conflicts` how many lost."""

    def __init__(self, snapshot: Snapshot, ledger: Ledger, *, gateway: str, now: datetime) -> None:
        self._before = snapshot
        self._ledger = ledger
        self._gateway = gateway
        self._now = now
        self._held: dict[str, dict[str, Any]] = {}
        self._deletes: list[Write] = []
        self._puts: dict[tuple[str, str], Write] = {}
        self._workspace: list[Write] = []
        self._numbers: dict[str, str] | None = None
        self._moving: dict[str, str | None] = {}
        self._keys: dict[str, str] | None = None
        self._cleared: set[str] = set()
        self.taken = 0
        self.conflicts = 0

    @property
    def writes(self) -> list[Write]:
        """Deletes first: a number that moves to another record is free by then."""
        return [*self._workspace, *self._deletes, *self._puts.values()]

    def expect(self, rows: Iterable[Row]) -> None:
        """Invoices that will be taken in this commit: one may get the number that another gives up."""
        ours, coming = self._all("invoices"), {_id(row, INVOICES): row for row in rows}
        moving: dict[str, str | None] = {}
        for id_, row in coming.items():
            held = ours.get(id_)
            if held is None or self._is_known("invoices", id_, row):
                continue
            number = row.number if isinstance(row, InvoiceRow) else None
            if number != held.number and _is_keepable(row):
                moving[id_] = number
        holders = {each.number: each for each in ours.values()}
        wanted = {number: id_ for id_, number in moving.items()}
        asked = list(moving)
        while asked:
            id_ = asked.pop()
            row, keeper = coming[id_], holders.get(moving.get(id_) or "")
            if keeper is None or keeper.id in moving or _is_same(keeper, row):
                continue
            del moving[id_]  # it stays, and so stands in the way of who wants its number
            if (blocked := wanted.get(ours[id_].number)) is not None:
                asked.append(blocked)
        self._moving = moving

    def take(self, table: Table, row: Row) -> None:
        if table.name == USAGE:
            self._take_usage(row.record())
            return
        area, id_ = table.name, _id(row, table)
        if self._is_known(area, id_, row):
            self._ledger.saw(area, id_, row.row_version)
            self._ledger.accept(area, id_)
            return
        try:
            theirs = None if row.deleted_at is not None else self._fitted(table, row)
        except _RefusedError as refused:
            self._ledger.refuse(area, id_, str(refused))
            return
        self._ledger.accept(area, id_)
        self._ledger.found(area, id_, row.row_version)
        self._settle(area, id_, theirs)

    def queued_twice(self, id_: str) -> bool:
        """Another gateway queued the same notification first: ours goes, theirs comes. False where ours is on its way."""
        ours = self._get("notifications", id_)
        if not isinstance(ours, Notification) or ours.status is not NotificationStatus.QUEUED:
            return False
        self._ledger.drop("notifications", id_)
        self._set("notifications", id_, None)
        return True

    def _is_known(self, area: str, id_: str, row: Row) -> bool:
        """Ours, or seen before. A lower version than was seen is of a row that began anew."""
        known = self._ledger.version(area, id_)
        if known == UNSURE:
            return False
        return row.written_by == self._gateway or known == row.row_version

    def _settle(self, area: str, id_: str, theirs: Any) -> None:
        ours, waits = self._get(area, id_), self._ledger.queued(area, id_)
        if waits is not None and ours != theirs:
            if isinstance(ours, Notification) and _further(ours, theirs):
                return
            if not isinstance(ours, Notification):
                self._contest(waits, ours, theirs)
        if waits is not None:
            self._ledger.drop(area, id_)
        self._set(area, id_, theirs)

    def _take_usage(self, theirs: UsageRow) -> None:
        """The higher revision is the newer figure; two figures of one revision are a conflict."""
        id_ = usage_id(theirs.day, theirs.sku)
        try:
            _keepable(theirs)
        except _RefusedError as refused:
            self._ledger.refuse(USAGE, id_, str(refused))
            return
        self._ledger.accept(USAGE, id_)
        ours = self._usage(id_, theirs.day, theirs.sku)
        if ours is not None and ours.revision > theirs.revision:
            return
        if ours is not None and (ours.quantity, ours.billed) == (theirs.quantity, theirs.billed):
            self._ledger.drop(USAGE, id_)
            if ours.revision < theirs.revision:
                self._put_usage(id_, theirs)
            return
        waits = self._ledger.queued(USAGE, id_)
        if waits is not None and ours is not None:
            if ours.revision == theirs.revision:
                self._contest(waits, ours, theirs)
            self._ledger.drop(USAGE, id_)
        self._put_usage(id_, theirs)

    def _contest(self, waits: Queued, ours: Any, theirs: Any) -> None:
        """Ours was second: kept beside what stands, until a person decides."""
        conflict = Conflict(
            id=f"{self._gateway[:8]}-{waits.revision}-{waits.area}-{waits.id}",
            area=waits.area,
            entity_id=waits.id,
            at=self._now,
            actor=self._ledger.author(waits) or "unknown",
            ours=to_json(ours),
            theirs=to_json(theirs),
        )
        self._puts["conflicts", conflict.id] = Put(conflict)
        self._ledger.announced.add(("conflicts", conflict.id))
        self.conflicts += 1

    # --- what fits

    def _fitted(self, table: Table, row: Row) -> Any:
        if isinstance(row, StreamRow):
            return self._fitted_stream(row)
        record = row.record()
        _keepable(record)
        if isinstance(record, Invoice):
            self._make_way_for(record, "invoices")
            self._same_number(record)
        if isinstance(record, Notification):
            self._same_key(record)
        if table.name == "negotiations":
            self._make_way_for_all(record.id, record.provenance)
        return record

    def _fitted_stream(self, row: StreamRow) -> Any:
        negotiation_id = row.negotiation_id or self._before.current_negotiation_id
        negotiation = self._get("negotiations", negotiation_id) if negotiation_id else None
        if negotiation is None:
            raise _RefusedError(f"negotiation {negotiation_id or '(none)'} is not known here")
        if row.currency is not None and row.currency != negotiation.currency:
            raise _RefusedError(
                f"is in {row.currency}, its negotiation in {negotiation.currency}; amounts are never converted"
            )
        record = row.model_copy(update={"negotiation_id": negotiation_id}).record()
        _keepable(record)
        self._make_way_for(record, "streams")
        return record

    def _same_number(self, theirs: Invoice) -> None:
        if self._numbers is None:
            self._numbers = {each.number: each.id for each in self._all("invoices").values()}
        twin_id = self._numbers.get(theirs.number)
        twin = self._get("invoices", twin_id) if twin_id is not None else None
        self._numbers[theirs.number] = theirs.id
        if twin is None or twin.id == theirs.id or twin.number != theirs.number:
            return
        if twin.id in self._moving:
            return
        if not _is_same(twin, theirs):
            self._numbers[theirs.number] = twin.id
            raise _RefusedError(
                f"number {theirs.number} is already here with {twin.amount} {twin.currency}; "
                f"Supabase has {theirs.amount} {theirs.currency}"
            )
        self._ledger.drop("invoices", twin.id)
        self._set("invoices", twin.id, None)

    def _same_key(self, theirs: Notification) -> None:
        if self._keys is None:
            rows = self._all("notifications").values()
            self._keys = {each.idempotency_key: each.id for each in rows}
        twin_id = self._keys.setdefault(theirs.idempotency_key, theirs.id)
        if twin_id == theirs.id or self._get("notifications", twin_id) is None:
            return
        if not self.queued_twice(twin_id):
            raise _RefusedError(
                f"the same message was queued here as {twin_id}, while Supabase was away, and is on its way"
            )
        self._keys[theirs.idempotency_key] = theirs.id

    # --- demonstrations make way

    def _make_way_for(self, record: Any, area: str) -> None:
        if record.provenance is not Provenance.FIXTURE and area not in self._cleared:
            self._cleared.add(area)
            for each in list(self._all(area).values()):
                if each.provenance is Provenance.FIXTURE and self._is_ours_alone(area, each.id):
                    self._set(area, each.id, None)

    def _make_way_for_all(self, id_: str, provenance: Provenance) -> None:
        """A real negotiation: the demonstration goes, and so does a blank one that nobody has touched."""
        if provenance is Provenance.FIXTURE:
            return
        going = {
            each.id
            for each in self._all("negotiations").values()
            if each.id != id_
            and self._is_ours_alone("negotiations", each.id)
            and (each.provenance is Provenance.FIXTURE or self._is_bare(each.id))
        }
        if not going:
            return
        for area in _MADE_WAY:
            for key, each in list(self._all(area).items()):
                if key in going or getattr(each, "negotiation_id", None) in going:
                    self._ledger.drop(area, key)
                    self._set(area, key, None)
        self._make_way_in("streams", going)
        if self._before.provenance is Provenance.FIXTURE:
            self._forget_demonstrated_usage()
        current = self._before.current_negotiation_id
        self._workspace = [
            SetWorkspace(
                current_negotiation_id=id_ if current in going or current is None else current,
                provenance=Provenance.LIVE,
            )
        ]

    def _make_way_in(self, area: str, going: Iterable[str]) -> None:
        for key, each in list(self._all(area).items()):
            if each.negotiation_id in going and self._is_ours_alone(area, key):
                self._set(area, key, None)

    def _forget_demonstrated_usage(self) -> None:
        for day in self._before.usage.values():
            for row in day.rows.values():
                if row.source == "demo":
                    id_ = usage_id(row.day, row.sku)
                    self._puts.setdefault((USAGE, id_), Delete(USAGE, id_))

    def _is_ours_alone(self, area: str, id_: str) -> bool:
        return not self._ledger.version(area, id_)

    def _is_bare(self, id_: str) -> bool:
        """Made by the program at the first start, and nothing belongs to it."""
        if self._ledger.queued("negotiations", id_) is not None:
            return False
        return not any(
            getattr(each, "negotiation_id", None) == id_
            for area in ("streams", "offers", "milestones", "positions")
            for each in self._all(area).values()
        )

    # --- the picture as it becomes

    def _all(self, area: str) -> dict[str, Any]:
        held = self._held.get(area)
        if held is None:
            held = self._held[area] = dict(getattr(self._before, area))
        return held

    def _get(self, area: str, id_: str) -> Any:
        return self._all(area).get(id_)

    def _set(self, area: str, id_: str, record: Any) -> None:
        held = self._all(area)
        if held.get(id_) == record:
            return
        self.taken += 1
        before: Mapping[str, Any] = getattr(self._before, area)
        if record is None:
            held.pop(id_, None)
            self._puts.pop((area, id_), None)
            if id_ in before:
                self._deletes.append(Delete(area, id_))
        else:
            held[id_] = record
            self._puts[area, id_] = Put(record)

    def _usage(self, id_: str, day: date, sku: str) -> UsageRow | None:
        written = self._puts.get((USAGE, id_))
        if isinstance(written, Put) and isinstance(written.record, UsageRow):
            return written.record
        known = self._before.usage.get(day)
        found = None if known is None else known.rows.get(sku)
        if found is not None and isinstance(written, Delete):
            return None
        return found

    def _put_usage(self, id_: str, row: UsageRow) -> None:
        self.taken += 1
        self._puts[USAGE, id_] = Put(row)


def _keepable(record: Any) -> None:
    """Whether the store can write it down: a number may be larger, or longer, than any of ours."""
    try:
        if isinstance(record, UsageRow):
            usage_to_row(record)
        else:
            table_of(record).to_row(record)
    except (NegotiationError, ValueError) as error:
        raise _RefusedError(f"cannot be kept here: {error}") from None


def _id(row: Row, table: Table) -> str:
    return str(getattr(row, table.key))


def _is_keepable(row: Row) -> bool:
    if row.deleted_at is None:
        try:
            _keepable(row.record())
        except _RefusedError:
            return False
    return True


def _is_same(ours: Invoice, theirs: Invoice | Row) -> bool:
    """Two invoices of one number."""
    return isinstance(theirs, Invoice | InvoiceRow) and (ours.amount, ours.currency) == (
        theirs.amount,
        theirs.currency,
    )


def _further(ours: Notification, theirs: Any) -> bool:
    """That a message was sent is the truth, whatever was written meanwhile."""
    return not isinstance(theirs, Notification) or _WAY[ours.status] > _WAY[theirs.status]
