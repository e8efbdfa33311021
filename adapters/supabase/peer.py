"""Supabase as a peer we sync with: sends what changed here, takes what changed there, and says how old our copy is.

Reads of the product never wait for it. What is sent is in `push`, what is taken in `pull`, who was first in `merge`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

import structlog

from adapters.ages import spoken
from adapters.pace import HURRIED, Pace
from adapters.resilience import Diagnostics, RetryPolicy, rest
from adapters.store.ledger import PEER_ACTOR, Ledger
from adapters.supabase.client import SLOW, PeerFault, SupabaseReader
from adapters.supabase.ports import SyncStore, ask
from adapters.supabase.pull import Pull, is_feed
from adapters.supabase.push import Push
from adapters.supabase.realtime import Bell
from adapters.supabase.turn import Turn
from adapters.supabase.words import Known, complaints, count
from negotiation.records import Provenance
from resolvers.errors import Unavailable
from resolvers.ports import (
    Clock,
    ComponentHealth,
    HealthSignal,
    PullResult,
    Status,
)

T = TypeVar("T")

_PROBE_EVERY = 2.0
"""The longest pause between two looks while it is down, so that recovery is seen soon."""
_BEHIND = 0.1
_UNAPPLIED = "UNAPPLIED"
_AGAIN_EVERY = 60.0


class SupabasePeer:
    """Satisfies the Peer port. `poll_seconds`: the longest pause between two looks; while it is down, they come no rarer than
    every 2 seconds, with one try each. `turn`: of the processes on one store, one syncs at a time.
    """

    def __init__(
        self,
        reader: SupabaseReader,
        *,
        store: SyncStore,
        clock: Clock,
        signal: HealthSignal,
        policy: RetryPolicy,
        poll_seconds: float = 5.0,
        realtime: bool = True,
        turn: Turn | None = None,
        pace: Pace = HURRIED,
    ) -> None:
        self._reader = reader
        self._reader.answered = self._answered
        self._store = store
        self._clock = clock
        self._signal = signal
        self._policy = policy
        self._poll = poll_seconds
        self._realtime = realtime
        self._turn = turn or Turn(None)
        self._lock = asyncio.Lock()
        self._wake = asyncio.Event()
        self._push = Push(store, reader, clock)
        self._pull = Pull(store, reader, clock, signal.changed, pace)
        self._bell = Bell(reader, self._wake.set, signal.changed)
        self._pushed: Callable[[], None] = lambda: None
        self._gateway: str | None = None
        self._behind = False
        self._again_at: float | None = None
        self._known = Known()
        self._diagnostics = Diagnostics()
        self._trouble: PeerFault | None = None
        self._as_of: datetime | None = None

    # --- the port

    async def pull(self) -> PullResult:
        """Sends and takes what is new. An outage is in the result's warnings and in health; `Unavailable` comes from the
        store.
        """
        async with self._lock:
            if not self._turn.take():
                said = "Another process of this gateway syncs with Supabase; it takes what is new by itself."
                return PullResult(applied=0, quarantined=len(self._known.refused), warnings=(said,))
            fault, applied = await self._sync()
        refused = len(self._known.refused)
        if fault is not None:
            return PullResult(applied=applied, quarantined=refused, warnings=(fault.message,))
        return PullResult(applied=applied, quarantined=refused, warnings=self._warnings())

    async def sample(self) -> PullResult:
        """Reads a page of each table without changing anything, for a look before the start. Health's latency is that of
        one answer then.
        """
        refused: list[str] = []
        async with self._lock:
            async with self._asked():
                seconds, refused = await self._pull.sample(
                    policy=self._patience, failed=self._failed
                )
            if self._trouble is None:
                self._diagnostics.latency_ms = round(seconds * 1000)
            if self._trouble is not None:
                return PullResult(applied=0, quarantined=0, warnings=(self._trouble.message,))
        return PullResult(
            applied=0, quarantined=len(refused), warnings=(*self._dropped(), *refused)
        )

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
        return Provenance.LIVE if self._is_fresh else Provenance.CACHED

    def as_of(self) -> datetime | None:
        """When Supabase was last read completely; before that, when it last changed something here."""
        return self._as_of

    async def run(self) -> None:
        """Syncs until cancelled: on every commit here, on every change there that Realtime tells of, and at intervals."""
        with suppress(Unavailable):  # the disk may be full: then its age is known when it was read
            self._as_of = await self._last_change()
        beside = [self._follow_commits()]
        if self._realtime:
            beside.append(self._bell.run(self._clock))
        async with _tasks(*beside):
            while True:
                try:
                    await self._cycle()
                except Exception as error:  # noqa: BLE001 - the store may be full; the loop must find it well
                    structlog.get_logger().exception(
                        "supabase.unapplied", error=type(error).__name__
                    )
                    said = error.message if isinstance(error, Unavailable) else type(error).__name__
                    self._failed(
                        PeerFault(_UNAPPLIED, f"The sync cannot go on here: {said}", retry=True)
                    )
                await rest(self._clock, self._pause(), self._wake)

    # --- for those who ask it themselves

    @property
    def is_well(self) -> bool:
        """Nothing speaks against asking it: what ails our own store does not."""
        return self._trouble is None or self._trouble.code == _UNAPPLIED

    async def call(
        self, function: str, arguments: dict[str, Any], *, is_readable: Callable[[Any], bool]
    ) -> Any:
        """A function of the database, one try. Raises PeerFault, of which health knows then."""
        policy = replace(self._policy, attempts=1)
        try:
            return await self._reader.call(
                function, arguments, is_readable=is_readable, policy=policy, failed=self._failed
            )
        except PeerFault as fault:
            self._failed(fault)
            self._wake.set()
            raise

    def when_pushed(self, tell: Callable[[], None]) -> None:
        """`tell` is called whenever Supabase has taken something of ours."""
        self._pushed = tell

    async def close(self) -> None:
        await self._bell.close()
        await self._reader.close()
        self._turn.release()

    # --- how it is done

    async def _cycle(self) -> None:
        async with self._lock:
            if self._turn.take():
                await self._sync()
            else:
                async with self._asked():
                    await self._reader.call(
                        "feed_after",
                        {},
                        is_readable=is_feed,
                        policy=self._patience,
                        failed=self._failed,
                    )
                await self._look()

    def _pause(self) -> float:
        if self._trouble is not None:
            return min(self._poll, _PROBE_EVERY)
        return _BEHIND if self._behind else self._poll

    async def _sync(self) -> tuple[PeerFault | None, int]:
        """First what is sent, so that an answer that was lost is asked for before anything is taken."""
        applied, doubtful, more = 0, not self._is_fresh, True
        async with self._asked() as asked:
            gateway = await self._named()
            refused = await self._due_again()
            while more:
                sent = await self._push.run(gateway, policy=self._patience, failed=self._failed)
                if sent.applied or sent.refused:
                    self._pushed()
                pulled = await self._pull.run(
                    gateway,
                    policy=self._patience,
                    failed=self._failed,
                    refused=refused,
                    doubtful=doubtful,
                )
                self._behind = pulled.behind
                applied += pulled.applied + sent.conflicts
                if sent.refused or pulled.conflicts or sent.conflicts:
                    self._signal.changed()
                refused, doubtful, more = [], False, sent.more
        await self._look()
        if asked.fault is None and self._known.waiting:
            self._wake.set()
        return asked.fault, applied

    @asynccontextmanager
    async def _asked(self) -> AsyncIterator[_Asked]:
        """What the questions inside showed; a PeerFault ends them, and is known to health."""
        asked, started, at = _Asked(), self._clock.monotonic(), self._clock.now()
        try:
            yield asked
        except PeerFault as fault:
            asked.fault = fault
            self._failed(fault)
        else:
            self._succeeded(at, self._clock.monotonic() - started)

    async def _named(self) -> str:
        """The name under which this store writes. Supabase knows a newer revision of it: the file was set back in time,
        and goes on under another name.
        """
        if self._gateway is not None:
            return self._gateway
        gateway = await self._ask(lambda ledger: ledger.begin())
        newest = await self._reader.newest_revision(
            gateway, policy=self._patience, failed=self._failed
        )
        if newest is not None and newest > self._store.snapshot().revision:
            structlog.get_logger().warning("supabase.set_back", revision=newest)
            gateway = await self._ask(lambda ledger: ledger.rename())
        self._gateway = gateway
        return gateway

    async def _look(self) -> None:
        """What the ledger says now, for health."""
        before = len(self._known.refused), len(self._known.problems)
        self._known = await self._ask(
            lambda ledger: Known(ledger.waiting(), ledger.problems(), ledger.refused())
        )
        if before != (len(self._known.refused), len(self._known.problems)):
            self._signal.changed()

    async def _ask(self, question: Callable[[Ledger], T]) -> T:
        return await ask(self._store, question)

    async def _due_again(self) -> list[tuple[str, str]]:
        """Once a minute: their rows that did not fit, to be read again; ours that were refused go once more."""
        now = self._clock.monotonic()
        if self._again_at is not None and now < self._again_at:
            return []
        self._again_at = now + _AGAIN_EVERY
        if self._known.problems:
            await self._ask(lambda ledger: ledger.try_again())
        return list(self._known.refused)

    @property
    def _patience(self) -> RetryPolicy:
        return self._policy if self._trouble is None else replace(self._policy, attempts=1)

    async def _follow_commits(self) -> None:
        async for _ in self._store.watch():
            self._wake.set()

    async def _last_change(self) -> datetime | None:
        """From the newest lines of the audit trail, so that the age of our copy survives a restart."""
        for line in await self._store.history(first=500):
            if line.actor == PEER_ACTOR:
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

    def _answered(self) -> None:
        """What was late has come; there may be more to ask before everything is known."""
        if self._trouble is not None and self._trouble.code == SLOW:
            self._trouble = None
            self._signal.changed()

    def _succeeded(self, at: datetime, seconds: float) -> None:
        first = self._diagnostics.last_ok_at is None
        was, self._trouble = self._trouble, None
        self._diagnostics.ok(at, seconds)
        self._as_of = at
        if was is not None or first:
            structlog.get_logger().info("supabase.reading", after=was.code if was else None)
            self._signal.changed()

    @property
    def _is_fresh(self) -> bool:
        return self._diagnostics.last_ok_at is not None and self._trouble is None

    def _dropped(self) -> list[str]:
        return [
            f"{table}.{key} is not known and was dropped"
            for table, key in sorted(self._pull.unknown)
        ]

    def _warnings(self) -> tuple[str, ...]:
        return (*self._dropped(), *self._known.rows_refused, *self._known.changes_refused)

    @property
    def _contested(self) -> int:
        conflicts = self._store.snapshot().conflicts.values()
        return sum(each.resolved_at is None for each in conflicts)

    def _state(self) -> tuple[Status, str, str]:
        if self._trouble is not None:
            age = (
                f"Showing data of {spoken(self._clock.now() - self._as_of)} ago"
                if self._as_of is not None
                else "Nothing was read from it yet; showing what is stored here"
            )
            every = min(self._poll, _PROBE_EVERY)
            waits = (
                f"; {count(self._known.waiting, 'change')} of ours wait"
                if self._known.waiting
                else ""
            )
            return (
                Status.DEGRADED,
                "cached",
                f"{self._trouble.message} {age}{waits}; tried again every {every:g} s.",
            )
        mode = "realtime" if self._bell.is_open else "polling"
        if self._pull.progress is not None:
            return Status.OK, mode, self._pull.progress
        if self._diagnostics.last_ok_at is None:
            return Status.OK, mode, "Connecting; showing what is stored here."
        if said := complaints(self._known, self._contested):
            return Status.DEGRADED, mode, said
        age = spoken(self._clock.now() - self._diagnostics.last_ok_at)
        how = "at every change" if self._bell.is_open else f"every {self._poll:g} s"
        return Status.OK, mode, f"Read {age} ago, {how}."


@dataclass(slots=True)
class _Asked:
    fault: PeerFault | None = None


@asynccontextmanager
async def _tasks(*work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(each) for each in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
