"""The store over one SQLite file: readers take the newest snapshot, one thread of its own does all that blocks.

Commits that wait at the same moment share one transaction and its fsync. The thread also looks, every `poll_every`
seconds, whether another process has committed, and after a failure whether writing works again. The SQL is the engine's.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any, Final, TypeVar

from adapters.broadcast import Latest
from adapters.pace import HURRIED, Pace
from adapters.store import files
from adapters.store.audit import AuditReport
from adapters.store.engine import Engine, Request, Step
from adapters.store.ledger import PEER_ACTOR
from adapters.store.trouble import DAMAGED, code_name, primary_code, unavailable
from negotiation.records import AuditLine, Snapshot
from resolvers.errors import Unavailable
from resolvers.ports import Clock, ComponentHealth, Decide, HealthSignal, Status

T = TypeVar("T")

_TOGETHER: Final = 256
"""How many waiting commits may share one transaction."""

_PROBE_EVERY: Final = 20
"""After how many idle looks at the file a store in trouble tries to write again."""


@dataclass(frozen=True, slots=True)
class _Commit:
    request: Request
    answer: Future[Snapshot] = field(default_factory=Future)


@dataclass(frozen=True, slots=True)
class _Call:
    run: Callable[[], Any]
    answer: Future[Any] = field(default_factory=Future)


def open_store(
    path: Path,
    clock: Clock,
    *,
    signal: HealthSignal | None = None,
    busy_timeout: float = 5.0,
    poll_every: float = 0.05,
) -> SqliteStore:
    """Open the file, or make it, and read the whole picture. Blocking: half a second for 100,000 rows of usage.

    Seconds: `busy_timeout` to wait for another process's commit, `poll_every` between looks at what others committed.
    Unavailable, with the reason and what to do, where the file must be left alone: damaged, from a newer version, of
    another program, not writable.
    """
    files.prepare(path, clock)
    try:
        engine = Engine(path, clock, busy_timeout=busy_timeout)
    except sqlite3.Error as error:
        raise unavailable(error) from error
    return SqliteStore(engine, path, clock, signal, poll_every)


class SqliteStore:
    """A Store, and the Component "store". Made by `open_store`; whoever opened it closes it."""

    def __init__(
        self,
        engine: Engine,
        path: Path,
        clock: Clock,
        signal: HealthSignal | None,
        poll_every: float,
    ) -> None:
        self._engine = engine
        self._path = path
        self._clock = clock
        self._signal = signal
        self._poll_every = poll_every
        self._latest = Latest(engine.snapshot)
        self._health = ComponentHealth(
            name="store",
            status=Status.OK,
            mode="sqlite",
            message=f"Everything is kept in {path.name}.",
            last_ok_at=clock.now(),
        )
        self._inbox: SimpleQueue[_Commit | _Call] = SimpleQueue()
        self._gate = Lock()
        self._open = True
        self._idle = 0
        self._thread = Thread(target=self._run, name="store", daemon=True)
        self._thread.start()

    # --- the ports

    def snapshot(self) -> Snapshot:
        """The newest picture. No I/O."""
        return self._latest.value

    async def commit(self, decide: Decide, *, actor: str, cause: str) -> Snapshot:
        """See `resolvers.ports.Store`. `decide` runs in the store's thread, twice where the first try came to nothing.

        Cancelling the task that waits leaves the commit whole: made and published, or not made. ValueError where two
        invoices would share a number or two notifications an idempotency key.
        """
        commit = _Commit(Request(decide, actor, cause))
        self._put(commit)
        return await asyncio.wrap_future(commit.answer)

    def watch(self) -> AsyncGenerator[Snapshot, None]:
        """The present snapshot at once, then each newer one; a slow reader skips to the newest."""
        return self._latest.watch()

    async def history(
        self, *, first: int, before: tuple[int, int] | None = None
    ) -> Sequence[AuditLine]:
        """Audit lines, newest first, strictly before (revision, sequence)."""
        return await self._call(lambda: self._engine.history(first, before))

    async def history_size(self) -> int:
        """How many lines the audit trail has."""
        return await self._call(self._engine.history_size)

    def health(self) -> ComponentHealth:
        """What is known from the last use of the file."""
        return self._health

    # --- beyond the ports

    @property
    def demo_anchor(self) -> date | None:
        """The day the demonstration data was made for; None where there is none."""
        return self._engine.demo_anchor

    @property
    def watchers(self) -> int:
        """How many iterators of `watch` are open."""
        return self._latest.watchers

    async def exchange(
        self, step: Step, *, actor: str = PEER_ACTOR, cause: str, pace: Pace = HURRIED
    ) -> Snapshot:
        """One transaction of the sync with the peer: what it takes and what it remembers of it, together. What another
        `actor` than the peer writes waits to be sent there.

        `step` runs in the store's thread. ValueError for what the file refuses; Unavailable as from `commit`.
        """

        def run() -> Snapshot:
            try:
                return self._engine.exchange(step, actor=actor, cause=cause, pace=pace)
            except sqlite3.Error as error:
                raise self._explained(error) from error
            finally:
                self._publish()

        return await self._call(run)

    async def verify_audit(self) -> AuditReport:
        """Walk the audit trail and hold the data against it, while writing goes on."""
        return await asyncio.to_thread(files.verify_audit, self._path)

    async def integrity(self) -> tuple[str, ...]:
        """What SQLite's full check finds wrong with the file; empty when it is sound."""
        return await asyncio.to_thread(files.integrity, self._path)

    async def backup(self, target: Path) -> int:
        """Copy the store into the new file `target`, while writing goes on; the revision of the copy."""
        return await asyncio.to_thread(files.backup, self._path, target)

    def close(self) -> None:
        """Finish what was asked for, end every `watch` and let go of the file. Blocking; again does nothing."""
        with self._gate:
            if self._open:
                self._open = False
                self._inbox.put(_Call(self._engine.close))
        self._thread.join()
        self._latest.close()

    async def aclose(self) -> None:
        """`close` without blocking the loop."""
        await asyncio.to_thread(self.close)

    # --- into the thread

    def _put(self, job: _Commit | _Call) -> None:
        with self._gate:
            if not self._open:
                raise Unavailable("The store is closed: the gateway is stopping. Try again soon.")
            self._inbox.put(job)

    async def _call(self, run: Callable[[], T]) -> T:
        call = _Call(run)
        self._put(call)
        try:
            found: T = await asyncio.wrap_future(call.answer)
        except sqlite3.Error as error:
            raise unavailable(error) from error
        return found

    # --- in the thread

    def _run(self) -> None:
        while self._open or not self._inbox.empty():
            for kind, jobs in groupby(self._take(), type):
                if kind is _Commit:
                    self._serve([job for job in jobs if isinstance(job, _Commit)])
                else:
                    for job in jobs:
                        if isinstance(job, _Call):
                            _answer(job)

    def _take(self) -> list[_Commit | _Call]:
        """What waits, in its order; after `poll_every` with nothing to do, a look at the file."""
        try:
            jobs = [self._inbox.get(timeout=self._poll_every)]
        except Empty:
            self._look()
            return []
        while len(jobs) < _TOGETHER:
            try:
                jobs.append(self._inbox.get_nowait())
            except Empty:
                break
        return jobs

    def _serve(self, commits: Sequence[_Commit]) -> None:
        waiting = [each for each in commits if each.answer.set_running_or_notify_cancel()]
        written, started = self._engine.written, self._clock.monotonic()
        try:
            outcomes = self._engine.commit([each.request for each in waiting])
        except BaseException as error:  # noqa: BLE001 - whoever waits must hear of it
            outcomes = [error] * len(waiting)
        self._publish()
        if self._engine.written > written:
            self._fine(round((self._clock.monotonic() - started) * 1000))
        for each, outcome in zip(waiting, outcomes, strict=True):
            if isinstance(outcome, Snapshot):
                each.answer.set_result(outcome)
            else:
                each.answer.set_exception(self._explained(outcome))

    def _explained(self, outcome: BaseException) -> BaseException:
        if isinstance(outcome, sqlite3.IntegrityError):
            explained: BaseException = ValueError(str(outcome))
        elif isinstance(outcome, sqlite3.Error):
            self._trouble(outcome)
            explained = unavailable(outcome, so="Nothing was written.")
        else:
            return outcome
        explained.__cause__ = outcome
        return explained

    def _look(self) -> None:
        try:
            self._engine.refresh()
            self._publish()
            if self._health.status is not Status.OK:
                self._idle += 1
                if self._idle % _PROBE_EVERY == 0:
                    self._engine.probe()
                    self._fine(None)
        except sqlite3.Error as error:
            self._trouble(error)

    def _publish(self) -> None:
        if self._engine.snapshot is not self._latest.value:
            self._latest.set(self._engine.snapshot)

    def _fine(self, latency_ms: int | None) -> None:
        self._tell(
            ComponentHealth(
                name="store",
                status=Status.OK,
                mode="sqlite",
                message=f"Everything is kept in {self._path.name}.",
                last_ok_at=self._clock.now(),
                latency_ms=latency_ms,
            )
        )

    def _trouble(self, error: sqlite3.Error) -> None:
        damaged = primary_code(error) in DAMAGED
        self._tell(
            replace(
                self._health,
                status=Status.DOWN if damaged else Status.DEGRADED,
                message=unavailable(error, so="Reading goes on.").message,
                latency_ms=None,
                error_code=code_name(error),
                error_message=str(error),
            )
        )

    def _tell(self, health: ComponentHealth) -> None:
        before, self._health = self._health, health
        news = (before.status, before.error_code) != (health.status, health.error_code)
        if news and self._signal is not None:
            self._signal.changed()


def _answer(call: _Call) -> None:
    if not call.answer.set_running_or_notify_cancel():
        return
    try:
        call.answer.set_result(call.run())
    except BaseException as error:  # noqa: BLE001 - whoever waits must hear of it
        call.answer.set_exception(error)
