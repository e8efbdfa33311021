"""A Store in memory, and a signal that counts: enough of the ports to test adapters without a disk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

from negotiation.records import (
    AuditLine,
    Invoice,
    Milestone,
    Negotiation,
    Notification,
    Offer,
    Provenance,
    Record,
    Sku,
    Snapshot,
    StreamSpec,
)
from resolvers.ports import Decide, Delete, Put

AREA: dict[type, str] = {
    Invoice: "invoices",
    Milestone: "milestones",
    Negotiation: "negotiations",
    Notification: "notifications",
    Offer: "offers",
    Sku: "skus",
    StreamSpec: "streams",
}


class MemoryStore:
    """Satisfies the Store port but for usage rows. `fail_with` makes the next commits raise it."""

    def __init__(self, records: Iterable[Record] = (), *, current: str | None = None) -> None:
        self._lock = asyncio.Lock()
        self._changed = asyncio.Condition()
        self._lines: list[AuditLine] = []
        self.fail_with: Exception | None = None
        self._snapshot = _applied(
            Snapshot(
                store_id="memory",
                revision=0,
                as_of=datetime(2026, 4, 1, tzinfo=UTC),
                provenance=Provenance.LIVE,
                current_negotiation_id=current,
            ),
            [Put(record) for record in records],
        )

    def snapshot(self) -> Snapshot:
        return self._snapshot

    async def commit(self, decide: Decide, *, actor: str, cause: str) -> Snapshot:
        async with self._lock:
            if self.fail_with is not None:
                raise self.fail_with
            writes = list(decide(self._snapshot))
            if not writes:
                return self._snapshot
            revision = self._snapshot.revision + 1
            for sequence, write in enumerate(writes):
                area = AREA[type(write.record)] if isinstance(write, Put) else write.area
                entity = write.record.id if isinstance(write, Put) else write.id  # type: ignore[union-attr]
                self._lines.append(
                    AuditLine(
                        revision=revision,
                        sequence=sequence,
                        area=area,
                        entity_id=entity,
                        action=type(write).__name__.lower(),
                        actor=actor,
                        cause=cause,
                        at=datetime.now(UTC),
                        before_hash=None,
                        after_hash=None,
                        hash="",
                    )
                )
            self._snapshot = replace(_applied(self._snapshot, writes), revision=revision)
        async with self._changed:
            self._changed.notify_all()
        return self._snapshot

    async def watch(self) -> AsyncIterator[Snapshot]:
        seen = -1
        while True:
            async with self._changed:
                while self._snapshot.revision == seen:
                    await self._changed.wait()
            seen = self._snapshot.revision
            yield self._snapshot

    async def history(
        self, *, first: int, before: tuple[int, int] | None = None
    ) -> Sequence[AuditLine]:
        lines = [
            line
            for line in reversed(self._lines)
            if before is None or (line.revision, line.sequence) < before
        ]
        return lines[:first]

    async def history_size(self) -> int:
        return len(self._lines)


class CountingSignal:
    """Satisfies the HealthSignal port."""

    def __init__(self) -> None:
        self.count = 0
        self._event = asyncio.Event()

    def changed(self) -> None:
        self.count += 1
        self._event.set()

    async def watch(self) -> AsyncIterator[int]:
        while True:
            yield self.count
            self._event.clear()
            await self._event.wait()


def _applied(snapshot: Snapshot, writes: Sequence[Put | Delete]) -> Snapshot:
    areas: dict[str, dict[Any, Any]] = {
        f.name: dict(getattr(snapshot, f.name)) for f in fields(snapshot) if f.name in AREA.values()
    }
    for write in writes:
        if isinstance(write, Put):
            areas[AREA[type(write.record)]][write.record.id] = write.record  # type: ignore[union-attr]
        else:
            areas[write.area].pop(write.id, None)
    return replace(snapshot, **areas)
