"""The worker that empties the outbox: claims due notifications, sends them outside the lock, settles what came of it.

Nothing is lost: a try is on disk before it starts, and an outcome that could not be written is kept and written later.
Nothing is sent twice: what may have been taken is looked up before any second try. Rules: `transitions`; times: `policy`.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import replace
from uuid import uuid4

import structlog

from adapters.outbox.claiming import claiming
from adapters.outbox.claims import Claims, LocalClaims, MaySend
from adapters.outbox.history import known_by
from adapters.outbox.policy import OutboxPolicy
from adapters.outbox.queue import Agenda, Depth, agenda, depth
from adapters.outbox.rate import SenderRate
from adapters.outbox.recall import Recall
from adapters.outbox.transitions import (
    TOO_LATE,
    Doubtful,
    NotTaken,
    Outcome,
    Refused,
    Took,
    Undecided,
    abandoned,
    expired,
    settled,
    speaks_against,
)
from adapters.outbox.watch import Watch
from adapters.outbox.words import LATE, LOST, UNSEEN, spoken_state, unwritten
from adapters.resilience import CircuitBreaker, CircuitState, Diagnostics, RetryBudget, rest
from negotiation.phone import mask_phone
from negotiation.records import Notification, Pause, Snapshot
from resolvers.ports import (
    NOTIFICATIONS,
    Accepted,
    Clock,
    ComponentHealth,
    HealthSignal,
    Notifier,
    NotifierError,
    Put,
    Sending,
    Status,
    Store,
    Write,
)

_ACTOR = "outbox"
_TICK = 0.001
_LOOK_UPS = 3
"""So often a look-up may fail to tell before a person is asked: what stands beside it may be cleared up meanwhile."""


class Outbox:
    """`circuit` is the notifier's. `owner` names this process in leases and must be unique. `claims`: whom to ask before
    sending, where others could send the same.
    """

    def __init__(
        self,
        *,
        store: Store,
        notifier: Notifier,
        clock: Clock,
        signal: HealthSignal,
        circuit: CircuitBreaker,
        policy: OutboxPolicy | None = None,
        budget: RetryBudget | None = None,
        owner: str | None = None,
        claims: Claims | None = None,
    ) -> None:
        self._store = store
        self._notifier = notifier
        self._clock = clock
        self._signal = signal
        self._circuit = circuit
        self._policy = policy or OutboxPolicy()
        self._budget = budget or RetryBudget(clock, floor=60)
        self._rate = SenderRate(clock, self._policy.per_second)
        self._watch = Watch(clock)
        self._owner = owner or f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
        self._wake = asyncio.Event()
        self._claims = claims or LocalClaims(store)
        self._claims.woken_by(self._wake.set)
        self._stopped_at: float | None = None
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._outcomes: list[Outcome] = []
        self._recall = Recall()
        self._diagnostics = Diagnostics()
        self._store_trouble: str | None = None
        self._held: str | None = None
        self._depth: tuple[object, Depth] = (None, Depth())

    # --- the port and the life of the worker

    def wake(self) -> None:
        """Something was queued: look now."""
        self._wake.set()

    def stop(self) -> None:
        """Claim nothing more; `run` returns when what is under way is settled. Where it cannot be written, as long as a
        lease lasts: whoever comes then looks it up.
        """
        self._stopped_at = self._clock.monotonic()
        self._wake.set()

    async def run(self) -> None:
        """Until `stop`. Cancelled, it drops what is under way: the leases run out and it is looked up later."""
        try:
            while not self._done:
                await self._cycle()
        finally:
            for task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def health(self) -> ComponentHealth:
        status, message = self._state()
        known = self._diagnostics
        return ComponentHealth(
            name="outbox",
            status=status,
            mode="queue" if self._paused is None else "paused",
            message=message,
            last_ok_at=known.last_ok_at,
            error_code=known.error_code,
            error_message=known.error_message,
        )

    def sending(self) -> Sending:
        return Sending(
            ready=self._notifier.ready,
            circuit=self._circuit.state,
            probe_in=self._circuit.opens_in,
            per_second=self._policy.per_second,
        )

    # --- one turn

    async def _cycle(self) -> None:
        work = self._agenda()
        if self._outcomes or work.sends or work.abandoned or work.expired:
            asked = self._clock.monotonic()
            try:
                claims = await self._commit(work)
            except Exception as error:  # noqa: BLE001 - whatever ails the store, the queue must go on when it is well
                self._unwritten(error)
            else:
                self._store_trouble = None
                for row in claims:
                    self._start(row, self._send(row, claimed_at=asked))
        self._hold(self._claims.held() if work.sends else None)
        for row in work.look_ups:
            self._start(row, self._look_up(row))
        if not self._done:
            await rest(self._clock, self._pause(work), self._wake)

    @property
    def _done(self) -> bool:
        if self._stopped_at is None or self._tasks:
            return False
        waited = self._clock.monotonic() - self._stopped_at
        hopeless = self._store_trouble is not None and waited > self._policy.lease
        return hopeless or not self._outcomes

    def _agenda(self) -> Agenda:
        """What is due, cut down to what may be started now."""
        rows = self._store.snapshot().notifications.values()
        self._rate.count(rows)
        work = agenda(
            rows,
            now=self._clock.now(),
            busy=self._busy,
            watched=self._watch.look(rows),
            policy=self._policy,
        )
        free = self._policy.concurrency - len(self._tasks)
        if self._stopped_at is not None or not self._notifier.ready:
            free = 0
        free = self._circuit.capacity(max(0, free))
        work.look_ups = work.look_ups[:free]
        if self._paused is not None:
            work.sends = []
        work.sends = self._chosen(work.sends, self._rate.allows(free - len(work.look_ups)))
        return work

    def _chosen(self, due: Sequence[Notification], most: int) -> list[Notification]:
        """The first of those that are due; retries only within their budget, and without keeping others back."""
        chosen: list[Notification] = []
        for row in due:
            if len(chosen) == most:
                break
            if row.attempts == 0 or self._budget.take():
                chosen.append(row)
        return chosen

    @property
    def _busy(self) -> set[str]:
        return self._tasks.keys() | {outcome.row.id for outcome in self._outcomes}

    @property
    def _paused(self) -> Pause | None:
        return self._store.snapshot().pauses.get(NOTIFICATIONS)

    async def _commit(self, work: Agenda) -> Sequence[Notification]:
        """Writes what came of earlier tries and claims the next, in one transaction. Returns the claims."""
        granted = await self._claims.ask(
            [row.id for row in work.sends], owner=self._owner, lease=self._policy.lease
        )
        outcomes, self._outcomes = self._outcomes, []
        now = self._clock.now()
        claims: list[Notification] = []
        changed: list[Notification] = []

        def decide(snapshot: Snapshot, may_send: MaySend) -> Sequence[Write]:
            rows = snapshot.notifications
            changed[:] = settled(rows, outcomes, owner=self._owner, now=now, policy=self._policy)
            changed.extend(
                abandoned(row, now=now, policy=self._policy)
                for row in work.abandoned
                if rows.get(row.id) == row
            )
            changed.extend(expired(row, now=now) for row in work.expired if rows.get(row.id) == row)
            found = claiming(
                work.sends,
                snapshot,
                granted=granted,
                may_send=may_send,
                owner=self._owner,
                now=now,
                policy=self._policy,
                is_stopping=self._stopped_at is not None,
            )
            changed.extend(found.others)
            claims[:] = found.claims
            return [Put(row) for row in (*changed, *claims)]

        try:
            snapshot = await self._claims.commit(
                decide, granted, actor=_ACTOR, cause="send notifications"
            )
        except BaseException:
            self._outcomes[:0] = outcomes
            raise
        self._rate.count(snapshot.notifications.values())
        self._recall.keep_open(snapshot.notifications, self._busy)
        self._watch.note(changed)
        for row in claims:
            if row.attempts == 1:
                self._budget.earn()
        return claims

    def _pause(self, work: Agenda) -> float:
        """How long nothing can happen unless the bell rings."""
        waits = [self._policy.idle, self._circuit.opens_in, self._rate.next_in]
        if work.next_at is not None:
            waits.append((work.next_at - self._clock.now()).total_seconds())
        return max(_TICK, min(wait for wait in waits if wait > 0))

    # --- one try

    def _start(self, row: Notification, work: Coroutine[None, None, Outcome]) -> None:
        async def track() -> None:
            began = self._clock.now()
            try:
                outcome = replace(await work, began=began, ended=self._clock.now())
                self._outcomes.append(outcome)
                self._note(outcome)
            finally:
                self._tasks.pop(row.id, None)
                self._wake.set()

        self._tasks[row.id] = asyncio.create_task(track())

    async def _send(self, row: Notification, *, claimed_at: float) -> Outcome:
        if self._clock.monotonic() - claimed_at > self._policy.lease:
            return Refused(row, NotifierError(TOO_LATE, LATE, retry=True), wait=0.0)
        recalled = self._recall.of(row.id)
        if row.attempts == 1:
            recalled.began = self._clock.monotonic()
        try:
            async with asyncio.timeout(self._policy.send_timeout):
                return Took(row, (await self._notifier.send(row)).provider_id)
        except NotifierError as error:
            fault = error
        except TimeoutError:
            fault = NotifierError("TIMEOUT", LOST, retry=True, ambiguous=True)
        except Exception:  # noqa: BLE001 - a fault of ours must not end the worker, nor count as "not sent"
            structlog.get_logger().exception("outbox.unexpected", notification=row.id)
            fault = NotifierError("UNEXPECTED", LOST, retry=True, ambiguous=True)
        if speaks_against(fault):
            recalled.strikes += 1
        if not fault.ambiguous:
            wait = max(fault.retry_after or 0.0, self._backoff(row.attempts))
            return Refused(row, fault, wait, spent=self._is_spent(row, fault))
        # Found already: no doubt remains. Not found: it may be too early to tell.
        with suppress(NotifierError):
            if found := await self._find(row):
                return Took(row, found.provider_id, found=True)
        settle = self._policy.settle if fault.retry_after is None else fault.retry_after
        return Doubtful(row, fault, settle)

    async def _look_up(self, row: Notification) -> Outcome:
        try:
            found = await self._find(row)
        except NotifierError as error:
            recalled = self._recall.of(row.id)
            recalled.look_ups_failed += 1
            failures = recalled.look_ups_failed
            if not error.retry and failures >= _LOOK_UPS:
                return Undecided(row, error)
            doubt = NotifierError(
                row.error_code or error.code, row.error_message or LOST, retry=True
            )
            wait = self._backoff(failures) if error.retry else self._policy.settle
            return Doubtful(row, doubt, max(error.retry_after or 0.0, wait), unseen=error)
        self._recall.of(row.id).look_ups_failed = 0
        if found is None:
            return NotTaken(row, self._backoff(row.attempts), spent=self._is_spent(row))
        return Took(row, found.provider_id, found=True)

    async def _find(self, row: Notification) -> Accepted | None:
        rows = self._store.snapshot().notifications.values()
        others = known_by([other for other in rows if other.to == row.to], but=row.id)
        began = self._recall.of(row.id).began
        within = None if began is None else self._clock.monotonic() - began
        try:
            async with asyncio.timeout(self._policy.send_timeout):
                return await self._notifier.find(row, exclude=others, within=within)
        except NotifierError:
            raise
        except TimeoutError:
            raise NotifierError("TIMEOUT", "The look-up took too long.", retry=True) from None
        except Exception as error:  # a fault of ours: a person decides when it repeats itself
            structlog.get_logger().exception("outbox.unexpected", notification=row.id)
            raise NotifierError("UNEXPECTED", UNSEEN, retry=False) from error

    def _is_spent(self, row: Notification, fault: NotifierError | None = None) -> bool:
        """While the provider works for others, a message that was refused so often is itself the trouble."""
        if fault is not None and not speaks_against(fault):
            return False
        works = self._circuit.state is CircuitState.CLOSED
        return works and self._recall.of(row.id).strikes >= self._policy.max_attempts

    def _backoff(self, tries: int) -> float:
        return self._policy.backoff.delay(tries)

    # --- what it says

    def _note(self, outcome: Outcome) -> None:
        """Into the log, without number and text, and into the diagnostics."""
        row, now = outcome.row, self._clock.now()
        log = structlog.get_logger().bind(
            notification=row.id, to=mask_phone(row.to), attempt=row.attempts
        )
        match outcome:
            case Took(provider_id=provider_id, found=found):
                self._diagnostics.last_ok_at = now
                log.info("outbox.sent", provider_id=provider_id, looked_up=found)
            case NotTaken():
                log.info("outbox.not_taken")
            case Refused(error=error) | Doubtful(error=error) | Undecided(error=error):
                self._diagnostics.failed(now, error.code, error.message)
                log.warning(
                    "outbox.unsent",
                    outcome=type(outcome).__name__.lower(),
                    code=error.code,
                    retry=error.retry,
                )

    def _unwritten(self, error: Exception) -> None:
        structlog.get_logger().error(
            "outbox.unwritten", error=type(error).__name__, unsettled=len(self._outcomes)
        )
        self._store_trouble = unwritten(error)
        self._signal.changed()

    def _hold(self, said: str | None) -> None:
        if said != self._held:
            self._held = said
            self._signal.changed()

    def _state(self) -> tuple[Status, str]:
        rows = self._store.snapshot().notifications
        if self._depth[0] is not rows:
            self._depth = (rows, depth(rows.values()))
        return spoken_state(
            self._depth[1],
            self._clock.now(),
            trouble=self._store_trouble,
            pause=self._paused,
            ready=self._notifier.ready,
            circuit=self._circuit.state,
            held=self._held,
            stale=self._policy.stale,
        )
