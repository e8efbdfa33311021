"""Doubles of the ports for tests: given as parameters, never patched in. They keep the same rules as the real ones."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count

from adapters.broadcast import Latest
from adapters.store.picture import GENESIS, apply, seal
from negotiation.records import AuditLine, Provenance, Record, Snapshot
from resolvers.ports import Clock, ComponentHealth, Decide, Put, Status

NOON = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)


def half(ceiling: float) -> float:
    """A jitter that leaves nothing to chance."""
    return ceiling / 2


@dataclass(order=True)
class _Sleeper:
    until: float
    order: int
    woken: asyncio.Future[None] = field(compare=False)


class FakeClock:
    """Time that passes only when a test says so.

    `advance(60)` wakes whoever sleeps until then; `await elapse(60)` also lets each of them run, in order, at its own
    time. With `impatient=True` a sleep takes no waiting: it moves the clock itself and returns.
    """

    def __init__(self, now: datetime = NOON, *, impatient: bool = False) -> None:
        self._now = now
        self._monotonic = 1000.0
        self._impatient = impatient
        self._sleepers: list[_Sleeper] = []
        self._order = count()
        self._went_to_sleep = asyncio.Event()
        self.slept: list[float] = []
        """How long each sleep was asked to be."""

    def now(self) -> datetime:
        return self._now

    def today(self) -> date:
        return self._now.date()

    def monotonic(self) -> float:
        return self._monotonic

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if self._impatient or seconds <= 0:
            self.advance(max(seconds, 0.0))
            await asyncio.sleep(0)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(
            self._sleepers, _Sleeper(self._monotonic + seconds, next(self._order), woken)
        )
        self._went_to_sleep.set()
        await woken

    @property
    def sleepers(self) -> int:
        """How many tasks are asleep."""
        return sum(not sleeper.woken.done() for sleeper in self._sleepers)

    def set(self, now: datetime) -> None:
        """Let the wall clock jump, as clocks do; nobody wakes."""
        self._now = now

    def advance(self, seconds: float) -> None:
        """Let time pass. Sleepers whose time has come run when the test next awaits."""
        self._now += timedelta(seconds=seconds)
        self._monotonic += seconds
        while self._sleepers and self._sleepers[0].until <= self._monotonic:
            sleeper = heapq.heappop(self._sleepers)
            if not sleeper.woken.done():
                sleeper.woken.set_result(None)

    async def elapse(self, seconds: float) -> None:
        """Let time pass and everything that happens in it happen, each at its own time."""
        end = self._monotonic + seconds
        await _settle()
        while self._sleepers and self._sleepers[0].until <= end:
            self.advance(self._sleepers[0].until - self._monotonic)
            await _settle()
        self.advance(max(0.0, end - self._monotonic))
        await _settle()

    async def until_asleep(self, tasks: int = 1) -> None:
        """Wait, in real time, until so many tasks sleep."""
        while self.sleepers < tasks:
            self._went_to_sleep.clear()
            await self._went_to_sleep.wait()


async def _settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


class MemoryStore:
    """A Store without a file or a thread, by the same rules. `MemoryStore(clock, a_sku(), an_invoice())`."""

    def __init__(
        self,
        clock: Clock,
        *records: Record,
        provenance: Provenance = Provenance.LIVE,
        store_id: str = "memory",
    ) -> None:
        self._clock = clock
        self._lines: list[AuditLine] = []
        self.demo_anchor: date | None = None
        self.failure: Exception | None = None
        """While set, every commit raises it: a full disk, for example."""
        empty = Snapshot(store_id=store_id, revision=0, as_of=clock.now(), provenance=provenance)
        self._latest = Latest(empty)
        if records:
            self._commit(lambda _: [Put(record) for record in records], "test", "set up")

    def snapshot(self) -> Snapshot:
        return self._latest.value

    async def commit(self, decide: Decide, *, actor: str, cause: str) -> Snapshot:
        await asyncio.sleep(0)
        return self._commit(decide, actor, cause)

    def watch(self) -> AsyncGenerator[Snapshot, None]:
        return self._latest.watch()

    @property
    def watchers(self) -> int:
        return self._latest.watchers

    async def history(
        self, *, first: int, before: tuple[int, int] | None = None
    ) -> Sequence[AuditLine]:
        lines = reversed(self._lines)
        older = [
            line for line in lines if before is None or (line.revision, line.sequence) < before
        ]
        return older[:first]

    async def history_size(self) -> int:
        return len(self._lines)

    def health(self) -> ComponentHealth:
        return ComponentHealth(
            name="store", status=Status.OK, mode="memory", message="Kept in memory only."
        )

    def forget_history(self) -> None:
        """Only the last line of the trail stays: a real store keeps them on disk, and here they would fill memory."""
        del self._lines[:-1]

    def close(self) -> None:
        self._latest.close()

    async def aclose(self) -> None:
        self.close()

    def _commit(self, decide: Decide, actor: str, cause: str) -> Snapshot:
        before = self.snapshot()
        writes = decide(before)
        if self.failure is not None:
            raise self.failure
        if not writes:
            return before
        at = self._clock.now()
        edit = apply(before, writes, at, self.demo_anchor)
        _refuse_duplicates(edit.after)
        previous = self._lines[-1].hash if self._lines else GENESIS
        self._lines += seal(
            edit.drafts, edit.after.revision, previous, actor=actor, cause=cause, at=at
        )
        self.demo_anchor = edit.demo_anchor
        self._latest.set(edit.after)
        return edit.after


def _refuse_duplicates(picture: Snapshot) -> None:
    numbers = [invoice.number for invoice in picture.invoices.values()]
    keys = [notification.idempotency_key for notification in picture.notifications.values()]
    for values in (numbers, keys):
        if len(set(values)) < len(values):
            raise ValueError("UNIQUE: two records share what only one may have")


class CountingSignal:
    """A HealthSignal that counts."""

    def __init__(self) -> None:
        self._latest = Latest(0)

    @property
    def count(self) -> int:
        return self._latest.value

    def changed(self) -> None:
        self._latest.set(self._latest.value + 1)

    def watch(self) -> AsyncGenerator[int, None]:
        return self._latest.watch()
