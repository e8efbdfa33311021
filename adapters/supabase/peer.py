"""Supabase as a peer we sync with: pulls invoices and streams, commits what changed, and says how old our copy is.

Reads of the product never wait for it. How rows are read is in `client` and `rows`, what they change in `merge`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from adapters.ages import spoken
from adapters.resilience import Diagnostics, RetryPolicy
from adapters.supabase.client import PeerFault, SupabaseReader
from adapters.supabase.merge import Merge, merge_invoices, merge_streams
from adapters.supabase.rows import INVOICES, STREAMS, InvoiceRow, RowT, StreamRow, Table, read
from negotiation.records import Provenance, Snapshot
from resolvers.ports import (
    Clock,
    ComponentHealth,
    HealthSignal,
    PullResult,
    Status,
    Store,
    Write,
)

ACTOR = "supabase"
_OVERLAP = timedelta(seconds=60)
"""A slow transaction may show rows older than the newest we saw."""
_FULL_EVERY = 600.0
_FULL_EVERY_WHILE_REFUSED = 60.0
_PROBE_EVERY = 5.0
_NAMED = 3


@dataclass(slots=True)
class _Progress:
    """How far a table is read. Without `updated_at` in its rows it is read whole each time."""

    cursor: datetime | None = None
    full_at: float | None = None


class SupabasePeer:
    """Satisfies the Peer port. `poll_seconds`: the pause between two pulls; while it is down, probes come no rarer than
    every 5 seconds, with one try each.
    """

    def __init__(
        self,
        reader: SupabaseReader,
        *,
        store: Store,
        clock: Clock,
        signal: HealthSignal,
        policy: RetryPolicy,
        poll_seconds: float = 5.0,
    ) -> None:
        self._reader = reader
        self._store = store
        self._clock = clock
        self._signal = signal
        self._policy = policy
        self._poll = poll_seconds
        self._lock = asyncio.Lock()
        self._progress = {table: _Progress() for table in (INVOICES.name, STREAMS.name)}
        self._refused: dict[tuple[str, str], str] = {}
        self._unknown: set[tuple[str, str]] = set()
        self._diagnostics = Diagnostics()
        self._trouble: PeerFault | None = None
        self._as_of: datetime | None = None

    # --- the port

    async def pull(self) -> PullResult:
        """Reads both tables whole. An outage is in the result's warnings and in health; `Unavailable` comes from the store."""
        return await self._pull(whole=True)

    def health(self) -> ComponentHealth:
        status, mode, message = self._state()
        known = self._diagnostics
        return ComponentHealth(
            name="supabase",
            status=status,
            mode=mode,
            message=message,
            last_ok_at=self._as_of,
            latency_ms=known.latency_ms,
            error_code=known.error_code,
            error_message=known.error_message,
        )

    def provenance(self) -> Provenance | None:
        """What a record that came from Supabase is right now: LIVE, or CACHED while Supabase cannot be read."""
        fresh = self._diagnostics.last_ok_at is not None and self._trouble is None
        return Provenance.LIVE if fresh else Provenance.CACHED

    def as_of(self) -> datetime | None:
        """When Supabase was last read completely; before that, when it last changed something here."""
        return self._as_of

    async def run(self) -> None:
        """Pulls until cancelled."""
        self._as_of = await self._last_change()
        while True:
            try:
                await self._pull(whole=False)
            except Exception as error:  # noqa: BLE001 - the store is full, say: the next turn may find it well
                structlog.get_logger().exception("supabase.unapplied", error=type(error).__name__)
            pause = self._poll if self._trouble is None else min(self._poll, _PROBE_EVERY)
            await self._clock.sleep(pause)

    async def close(self) -> None:
        await self._reader.close()

    # --- how it is done

    async def _pull(self, *, whole: bool) -> PullResult:
        async with self._lock:
            started, at = self._clock.monotonic(), self._clock.now()
            try:
                invoices = await self._read(INVOICES, whole=whole)
                streams = await self._read(STREAMS, whole=whole)
            except PeerFault as fault:
                self._failed(fault)
                return PullResult(
                    applied=0, quarantined=len(self._refused), warnings=(fault.message,)
                )
            applied = await self._apply(invoices, streams)
            self._succeeded(at, self._clock.monotonic() - started)
            return PullResult(
                applied=applied, quarantined=len(self._refused), warnings=self._warnings()
            )

    async def _read(self, table: Table[RowT], *, whole: bool) -> Sequence[RowT]:
        progress = self._progress[table.name]
        since = None if whole or self._is_due(progress) else progress.cursor
        now = self._clock.monotonic()
        rows = await self._reader.rows(
            table,
            since=since - _OVERLAP if since is not None else None,
            policy=self._policy if self._trouble is None else replace(self._policy, attempts=1),
            failed=self._failed,
        )
        reading = await asyncio.to_thread(read, table, rows)
        self._warn_of_unknown(table.name, reading.unknown)
        if since is None:
            progress.full_at = now
            self._refused = {k: v for k, v in self._refused.items() if k[0] != table.name}
        for row in reading.rows:
            self._refused.pop((table.name, row.id), None)
        self._refused |= {(table.name, id_): why for id_, why in reading.refused.items()}
        stamps = [row.updated_at for row in reading.rows]
        newest = max((stamp for stamp in stamps if stamp is not None), default=None)
        if None in stamps:
            progress.cursor = None
        elif newest is not None:
            progress.cursor = newest
        return reading.rows

    def _is_due(self, progress: _Progress) -> bool:
        """Whether the whole table is read again, cursor or not."""
        if progress.cursor is None or progress.full_at is None:
            return True
        every = _FULL_EVERY_WHILE_REFUSED if self._refused else _FULL_EVERY
        return self._clock.monotonic() - progress.full_at >= every

    async def _apply(self, invoices: Sequence[InvoiceRow], streams: Sequence[StreamRow]) -> int:
        """One commit for both, none when nothing changed. Returns how many records changed."""
        merges: list[tuple[str, Merge]] = []

        def decide(snapshot: Snapshot) -> Sequence[Write]:
            merges[:] = [
                (INVOICES.name, merge_invoices(snapshot, invoices)),
                (STREAMS.name, merge_streams(snapshot, streams)),
            ]
            return [write for _, merge in merges for write in merge.writes]

        if decide(self._store.snapshot()):
            try:
                await self._store.commit(decide, actor=ACTOR, cause="pull from Supabase")
            except BaseException:
                self._progress = {table: _Progress() for table in self._progress}
                raise
        for table, merge in merges:
            self._refused |= {(table, id_): why for id_, why in merge.refused.items()}
        return sum(len(merge.writes) for _, merge in merges)

    async def _last_change(self) -> datetime | None:
        """From the newest lines of the audit trail, so that the age of our copy survives a restart."""
        for line in await self._store.history(first=500):
            if line.actor == ACTOR:
                return line.at
        return None

    # --- what it says

    def _failed(self, fault: PeerFault) -> None:
        """Heard at the first failed try, so that health does not wait for the last."""
        known = self._trouble is not None and self._trouble.code == fault.code
        self._trouble = fault
        self._diagnostics.failed(self._clock.now(), fault.code, fault.message)
        if not known:
            structlog.get_logger().warning("supabase.failing", code=fault.code, retry=fault.retry)
            self._signal.changed()

    def _succeeded(self, at: datetime, seconds: float) -> None:
        first = self._diagnostics.last_ok_at is None
        was, self._trouble = self._trouble, None
        self._diagnostics.ok(at, seconds)
        self._as_of = at
        if was is not None or first:
            structlog.get_logger().info("supabase.reading", after=was.code if was else None)
            self._signal.changed()

    def _warn_of_unknown(self, table: str, keys: set[str]) -> None:
        for key in sorted(keys):
            if (table, key) not in self._unknown:
                self._unknown.add((table, key))
                structlog.get_logger().warning("supabase.unknown_column", table=table, column=key)

    def _warnings(self) -> tuple[str, ...]:
        dropped = [
            f"{table}.{key} is not known and was dropped" for table, key in sorted(self._unknown)
        ]
        return (*dropped, *self._reasons())

    def _reasons(self) -> list[str]:
        return [f"{table} {id_}: {why}" for (table, id_), why in sorted(self._refused.items())]

    def _state(self) -> tuple[Status, str, str]:
        if self._trouble is not None:
            age = (
                f"Showing data of {spoken(self._clock.now() - self._as_of)} ago"
                if self._as_of is not None
                else "Nothing was read from it yet; showing what is stored here"
            )
            every = min(self._poll, _PROBE_EVERY)
            return (
                Status.DEGRADED,
                "cached",
                f"{self._trouble.message} {age}; tried again every {every:g} s.",
            )
        if self._diagnostics.last_ok_at is None:
            return Status.OK, "polling", "Connecting; showing what is stored here."
        if self._refused:
            named = "; ".join(self._reasons()[:_NAMED])
            more = len(self._refused) - _NAMED
            others = f"; and {more} more" if more > 0 else ""
            said = (
                f"{len(self._refused)} rows set aside: {named}{others}. Correct them in Supabase."
            )
            return Status.DEGRADED, "polling", said
        age = spoken(self._clock.now() - self._diagnostics.last_ok_at)
        return Status.OK, "polling", f"Read {age} ago, every {self._poll:g} s."
