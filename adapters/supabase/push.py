"""Sends what waits in the queue, as it is now: one request is one transaction there, and may be asked again at will.

Nothing is lost: a row leaves the queue only with an answer about it. Nothing is doubled: a write carries this store's
revision, and Supabase does each once. Nothing is overwritten unseen: a write carries the version it follows on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog

from adapters.resilience import RetryPolicy
from adapters.store.codec import USAGE, parse_usage_id
from adapters.store.ledger import SHARED, Ledger, Queued
from adapters.supabase.client import Failed, PeerFault, SupabaseReader
from adapters.supabase.merge import Merge
from adapters.supabase.ports import SyncStore
from adapters.supabase.rows import TABLES, json_of_any_size, read
from negotiation.conflicts import plain_record
from negotiation.records import Provenance, Snapshot
from resolvers.ports import Clock, Write

BATCH = 500
_AT_ONCE = 4
"""So many requests, then what is new there is looked at, however much is written here."""
NOTIFICATIONS = "notifications"
UNIQUE = "23505"
_OF_A_ROW = ("22", "54", "413")
"""SQLSTATE classes (data, limits of the database), and a request that is too large."""
_RANK = {area: rank for rank, area in enumerate(SHARED)}


@dataclass(frozen=True, slots=True)
class Batch:
    """`writes` as apply_writes takes them, of the rows `queued`, in the same order."""

    queued: tuple[Queued, ...]
    writes: tuple[dict[str, Any], ...]

    @property
    def halves(self) -> tuple[Batch, Batch]:
        middle = len(self.queued) // 2
        return (
            Batch(self.queued[:middle], self.writes[:middle]),
            Batch(self.queued[middle:], self.writes[middle:]),
        )


@dataclass(slots=True)
class Sent:
    """What became of the queue: rows written there, rows that came second, rows that were refused. `more`: others wait."""

    applied: int = 0
    conflicts: int = 0
    refused: int = 0
    more: bool = False


class Push:
    def __init__(self, store: SyncStore, reader: SupabaseReader, clock: Clock) -> None:
        self._store = store
        self._reader = reader
        self._clock = clock

    async def run(self, gateway: str, *, policy: RetryPolicy, failed: Failed) -> Sent:
        """Until nothing waits, or much was sent. Raises PeerFault; what had no answer still waits then."""
        sent = Sent()
        for _ in range(_AT_ONCE):
            if (batch := await self._next()) is None:
                return sent
            parts = [batch]
            while parts:
                part = parts.pop(0)
                try:
                    answers = await self._reader.call(
                        "apply_writes",
                        {"gateway": gateway, "writes": list(part.writes)},
                        is_readable=partial(_are_answers, len(part.queued)),
                        policy=policy,
                        failed=failed,
                    )
                except PeerFault as fault:
                    if not _is_about_a_row(fault):
                        raise
                    if len(part.queued) > 1:
                        parts[:0] = part.halves
                        continue
                    answers = [{"outcome": "refused", "code": fault.code, "message": fault.message}]
                await self._settle(gateway, part, answers, sent)
        sent.more = True
        return sent

    async def _next(self) -> Batch | None:
        """The next rows that wait; rows that are never sent leave the queue on the way."""
        found: list[Batch | None] = []

        def step(snapshot: Snapshot, ledger: Ledger) -> Sequence[Write]:
            found[:] = [_batch(snapshot, ledger)]
            return ()

        await self._store.exchange(step, cause="push to Supabase")
        return found[-1]

    async def _settle(
        self, gateway: str, batch: Batch, answers: Sequence[Mapping[str, Any]], sent: Sent
    ) -> None:
        now = self._clock.now()
        told: list[Sent] = []

        def step(snapshot: Snapshot, ledger: Ledger) -> Sequence[Write]:
            merge, tally = Merge(snapshot, ledger, gateway=gateway, now=now), Sent()
            for queued, answer in zip(batch.queued, answers, strict=True):
                _settled(queued, answer, ledger, merge, tally)
            told[:] = [tally]
            return merge.writes

        await self._store.exchange(step, cause="changed in Supabase first")
        sent.applied += told[-1].applied
        sent.conflicts += told[-1].conflicts
        sent.refused += told[-1].refused


def _is_about_a_row(fault: PeerFault) -> bool:
    """The request was refused as a whole, before any write of it was looked at, for something that one of them holds."""
    return not fault.retry and fault.code.startswith(_OF_A_ROW)


def _are_answers(number: int, answers: Any) -> bool:
    return (
        isinstance(answers, list)
        and len(answers) == number
        and all(isinstance(each, dict) for each in answers)
    )


def _batch(snapshot: Snapshot, ledger: Ledger) -> Batch | None:
    while rows := ledger.next(BATCH):
        found = []
        for row in rows:
            if _stays_here(snapshot, ledger, row):
                ledger.drop(row.area, row.id)
                continue
            found.append(row)
        found += _parents(snapshot, ledger, found)
        if found:
            found.sort(key=lambda row: (_RANK[row.area], row.revision))
            return Batch(tuple(found), tuple(_write(snapshot, ledger, row) for row in found))
    return None


def _write(snapshot: Snapshot, ledger: Ledger, row: Queued) -> dict[str, Any]:
    record = _record(snapshot, row)
    base = ledger.version(row.area, row.id)
    if base is None and row.area == NOTIFICATIONS:
        # from now on Supabase may know it, so that only who claims it there may send it
        ledger.saw(row.area, row.id, 0)
    return {
        "area": row.area,
        "id": row.id,
        "revision": row.revision,
        "base": base if base is not None and base > 0 else None,
        "row": None if record is None else plain_record(record),
    }


def _settled(
    queued: Queued, answer: Mapping[str, Any], ledger: Ledger, merge: Merge, sent: Sent
) -> None:
    match answer.get("outcome"):
        case "applied":
            if queued.area != USAGE:
                ledger.saw(queued.area, queued.id, int(answer["row_version"]))
            ledger.sent(queued.area, queued.id, queued.revision)
            sent.applied += 1
        case "conflict":
            table = TABLES[queued.area]
            reading = read(table, [json_of_any_size(answer["row"])])
            for row in reading.rows:
                merge.take(table, row)
            for why in reading.refused.values():
                ledger.refuse(queued.area, queued.id, why)
            if ledger.queued(queued.area, queued.id) == queued:
                why = ledger.refusal(queued.area, queued.id) or "it cannot be read"
                reason = f"it was changed there first, and that cannot be taken: {why}"
                ledger.complain(queued.area, queued.id, queued.revision, reason)
            sent.conflicts += 1
        case _:
            if queued.area == NOTIFICATIONS:
                if ledger.version(queued.area, queued.id) == 0:
                    ledger.forget(queued.area, queued.id)
                if answer.get("code") == UNIQUE and merge.queued_twice(queued.id):
                    sent.refused += 1
                    return
            reason = f"{answer.get('message') or 'no reason'} ({answer.get('code') or 'no code'})"
            ledger.complain(queued.area, queued.id, queued.revision, reason)
            structlog.get_logger().warning(
                "supabase.refused", area=queued.area, id=queued.id, code=answer.get("code")
            )
            sent.refused += 1


def _stays_here(snapshot: Snapshot, ledger: Ledger, row: Queued) -> bool:
    """A demonstration, what belongs to one, and what is gone without ever having been sent."""
    if row.area not in _RANK:
        return True
    record = _record(snapshot, row)
    known = row.area != USAGE and ledger.version(row.area, row.id) is not None
    if record is None:
        return not known
    if known:
        return False
    if getattr(record, "provenance", None) is Provenance.FIXTURE:
        return True
    parent = snapshot.negotiations.get(getattr(record, "negotiation_id", None) or "")
    return (
        parent is not None
        and parent.provenance is Provenance.FIXTURE
        and ledger.version("negotiations", parent.id) is None
    )


def _parents(snapshot: Snapshot, ledger: Ledger, rows: Sequence[Queued]) -> list[Queued]:
    """The negotiations that rows refer to and that were never sent, the blank one of the first start for example."""
    there = {row.id for row in rows if row.area == "negotiations"}
    missing: dict[str, Queued] = {}
    for row in rows:
        id_ = getattr(_record(snapshot, row), "negotiation_id", None)
        if id_ is None or id_ in there or id_ in missing or id_ not in snapshot.negotiations:
            continue
        if ledger.version("negotiations", id_) is None:
            missing[id_] = Queued("negotiations", id_, snapshot.revision)
    return list(missing.values())


def _record(snapshot: Snapshot, row: Queued) -> Any:
    if row.area == USAGE:
        day, sku = parse_usage_id(row.id)
        known = snapshot.usage.get(day)
        return None if known is None else known.rows.get(sku)
    return getattr(snapshot, row.area).get(row.id)
