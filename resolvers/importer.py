"""Does the imports that were asked for or are due: a slice of days, one commit, the next slice; then the prices.

A run's progress stands in its record, written in the same commit as the rows: whoever goes on after a crash, here or in
another process, begins where the last commit ended. Only who holds a run's lease may commit for it.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final, TypeVar

import structlog

from negotiation.importing.prices import (
    ListRateStatus,
    PublishedPrice,
    effective_links,
    list_rates,
    read_link,
)
from negotiation.importing.provider import (
    Pacing,
    ProviderDataError,
    UsageRecord,
    UsageSlice,
    at_once,
    usage_slice,
)
from negotiation.imports import ImportRun, ImportState, PriceService
from negotiation.records import Snapshot
from resolvers.errors import Unavailable
from resolvers.negotiation import in_snapshot
from resolvers.pacing import Paced
from resolvers.ports import Clock, Delete, Put, Store, Write
from resolvers.provider import ProviderError, UsageProvider
from resolvers.usage_import import SCHEDULE, Wanted, asked_for, is_due, last_due, under_way

T = TypeVar("T")

SLICE_DAYS: Final = 7
"""Days read and committed at once: about three pages of Twilio's categories."""
LEASE: Final = timedelta(minutes=1)
"""After so long without a commit another may go on. Only the holder can commit, and while it waits it renews its lease."""
RENEW_SECONDS: Final = 20.0
IDLE_SECONDS: Final = 30.0
TRIES: Final = 6
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(minutes=30)
MOST_WARNINGS: Final = 20
NAMED: Final = 5


_UNEXPECTED: Final = "The import met a fault of the gateway's own; the log has the details. It is tried again later, from where it stands."


class Lost(Exception):
    """The run is somebody else's now, or gone."""


class Importer:
    """One per process. `hour`: of the UTC day when the daily run is due; None: only when asked for. `pace`: at which the rows
    of a slice are taken.
    """

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        provider: UsageProvider,
        hour: int | None,
        pace: Pacing = at_once,
    ) -> None:
        self._store = store
        self._clock = clock
        self._provider = provider
        self._hour = hour
        self._pace = pace
        self._owner = uuid.uuid4().hex
        self._at_work = False

    async def step(self) -> float:
        """Do what is to be done now, to its end; then the seconds until it is worth looking again."""
        if self._provider.missing is not None:
            return IDLE_SECONDS
        await self._queue_what_is_due()
        self._at_work = True  # a claim that was begun is made, even if this is cancelled meanwhile
        run = await self._claimed()
        if run is not None:
            await self._execute(run)
        self._at_work = False
        return self._pause() if run is None else 0.0

    async def release(self) -> None:
        """Let go of what this process was at: who goes on need not wait for the lease to end."""

        def decide(snapshot: Snapshot) -> Sequence[Write]:
            run = under_way(snapshot)
            if run is None or run.lease_owner != self._owner:
                return ()
            return [
                Put(
                    replace(
                        run,
                        state=ImportState.QUEUED,
                        lease_owner=None,
                        lease_until=None,
                        updated_at=self._clock.now(),
                    )
                )
            ]

        if self._at_work:
            await self._store.commit(decide, actor="import", cause="import from Twilio stops")

    def _pause(self) -> float:
        now, waits = self._clock.now(), [IDLE_SECONDS]
        current = under_way(self._store.snapshot())
        if current is not None:
            until = current.next_attempt_at or current.lease_until
            waits += [(until - now).total_seconds()] if until is not None else []
        if self._hour is not None:
            due = last_due(self._hour, now) + timedelta(days=1)
            waits.append((due - now).total_seconds())
        return max(0.05, min(waits))

    async def _queue_what_is_due(self) -> None:
        hour = self._hour
        if hour is None or not is_due(self._store.snapshot(), hour, self._clock.now()):
            return
        own_id = uuid.uuid4().hex

        def decide(snapshot: Snapshot) -> Sequence[Write]:
            now = self._clock.now()
            if not is_due(snapshot, hour, now):
                return ()
            return asked_for(snapshot, own_id, SCHEDULE, Wanted(), now)

        await self._store.commit(decide, actor=SCHEDULE, cause="daily import from Twilio")

    async def _claimed(self) -> ImportRun | None:
        """The run that is now ours to do."""
        if under_way(self._store.snapshot()) is None:
            return None
        claimed: ImportRun | None = None

        def decide(snapshot: Snapshot) -> Sequence[Write]:
            nonlocal claimed
            claimed, now, run = None, self._clock.now(), under_way(snapshot)
            if run is None or not _free(run, self._owner, now):
                return ()
            claimed = replace(
                run,
                state=ImportState.RUNNING,
                lease_owner=self._owner,
                lease_until=now + LEASE,
                attempts=run.attempts + 1,
                next_attempt_at=None,
                updated_at=now,
            )
            return [Put(claimed)]

        await self._store.commit(decide, actor="import", cause="import from Twilio begins")
        return claimed

    async def _execute(self, run: ImportRun) -> None:
        log = structlog.get_logger().bind(run=run.id)
        log.info("import.begins", first=str(run.next_day), last=str(run.last_day))
        try:
            while run.next_day <= run.last_day:
                run = await self._days(run)
            if run.pricing:
                run = await self._all_prices(run)
            await self._ended(run, ImportState.DONE)
        except Lost:
            log.info("import.lost")
            return
        except ProviderDataError as error:
            await self._failed(run, ProviderError(error.code, error.message, retry=error.retry))
        except ProviderError as error:
            await self._failed(run, error)
        except Unavailable:
            raise
        except (
            Exception
        ):  # a fault of ours must be seen, and end neither this run nor the imports after it
            log.exception("import.unexpected")
            await self._failed(run, ProviderError("INTERNAL", _UNEXPECTED, retry=True))
        log.info("import.stands", next=str(run.next_day), rows=run.rows_read)

    async def _days(self, run: ImportRun) -> ImportRun:
        """The next slice of days: read, then committed whole."""
        first = run.next_day
        last = min(first + timedelta(days=SLICE_DAYS - 1), run.last_day)
        records = await self._answer(run, self._provider.usage(first, last))

        def decide(snapshot: Snapshot) -> Sequence[Write]:
            held = self._held(snapshot, run)
            found = _slice(records, snapshot, first, last, self._pace)
            after = Put(self._after_slice(held, records, found, last))
            return Paced([after] if run.dry_run else [*_writes(found), after], self._pace)

        return await self._commit(run, decide, f"usage of {first} to {last} from Twilio")

    def _after_slice(
        self, run: ImportRun, records: Sequence[UsageRecord], found: UsageSlice, last: date
    ) -> ImportRun:
        told = [each.message for each in found.warnings if each.code != "TOTALS_LEFT_OUT"]
        told += [f"Nobody knows the category {each.category} yet." for each in found.unmapped]
        return replace(
            run,
            next_day=last + timedelta(days=1),
            rows_read=run.rows_read + len(records),
            rows_written=run.rows_written + len(found.rows),
            rows_restated=run.rows_restated + found.restated,
            rows_unchanged=run.rows_unchanged + found.unchanged,
            attempts=1,
            error_code=None,
            error_message=None,
            warnings=_told(run.warnings, told),
            **self._renewed(),
        )

    async def _all_prices(self, run: ImportRun) -> ImportRun:
        """Every price list that a link needs, each read and committed by itself."""
        snapshot = self._store.snapshot()
        links = effective_links(snapshot.price_links, snapshot.skus)
        lists = sorted({(link.service, link.country) for link in links.values()})
        for done, (service, country) in enumerate(lists, 1):
            prices = await self._answer(run, self._provider.prices(service, country))
            run = await self._prices(run, service, country, prices, done, len(lists))
        return run

    async def _prices(
        self,
        run: ImportRun,
        service: PriceService,
        country: str,
        prices: Sequence[PublishedPrice],
        done: int,
        total: int,
    ) -> ImportRun:
        def decide(snapshot: Snapshot) -> Sequence[Write]:
            held, at = self._held(snapshot, run), self._clock.now()
            currency = _currency(snapshot)
            links = {
                key: read_link(link, prices, currency, at)
                for key, link in effective_links(snapshot.price_links, snapshot.skus).items()
                if (link.service, link.country) == (service, country)
            }
            differing = [
                f"{rate.sku.key}: {rate.message}"
                for rate in list_rates(links, snapshot.skus)
                if rate.status is ListRateStatus.CHANGED
            ]
            after = replace(
                held,
                prices_read=done,
                prices_total=total,
                attempts=1,
                error_code=None,
                error_message=None,
                warnings=_told(held.warnings, differing if run.dry_run else ()),
                **self._renewed(),
            )
            return [Put(after)] if run.dry_run else [*map(Put, links.values()), Put(after)]

        cause = f"prices of {service.lower()} in {country} from Twilio"
        return await self._commit(run, decide, cause)

    async def _ended(self, run: ImportRun, state: ImportState, **changes: Any) -> None:
        def decide(snapshot: Snapshot) -> Sequence[Write]:
            now = self._clock.now()
            over = None if state is ImportState.QUEUED else now
            return [
                Put(
                    replace(
                        self._held(snapshot, run),
                        state=state,
                        finished_at=over,
                        lease_owner=None,
                        lease_until=None,
                        updated_at=now,
                        **changes,
                    )
                )
            ]

        await self._commit(run, decide, f"import from Twilio: {state.lower()}")

    async def _failed(self, run: ImportRun, error: ProviderError) -> None:
        structlog.get_logger().warning("import.failed", code=error.code, retry=error.retry)
        told = {"error_code": error.code, "error_message": error.message}
        again = error.retry and run.attempts < TRIES
        try:
            if not again:
                await self._ended(run, ImportState.FAILED, **told)
                return
            pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (run.attempts - 1))
            if error.retry_after is not None:
                pause = max(pause, timedelta(seconds=error.retry_after))
            at = self._clock.now() + pause
            await self._ended(run, ImportState.QUEUED, next_attempt_at=at, **told)
        except Lost:
            return

    async def _answer(self, run: ImportRun, asked: Coroutine[Any, Any, T]) -> T:
        """What the vendor answers, however long it takes: until then the run stays ours. Raises Lost."""

        def decide(snapshot: Snapshot) -> Sequence[Write]:
            return [Put(replace(self._held(snapshot, run), **self._renewed()))]

        answer = asyncio.create_task(asked)
        try:
            while not answer.done():
                pause = asyncio.ensure_future(self._clock.sleep(RENEW_SECONDS))
                try:
                    await asyncio.wait((answer, pause), return_when=asyncio.FIRST_COMPLETED)
                finally:
                    pause.cancel()
                if not answer.done():
                    await self._commit(run, decide, "import from Twilio goes on")
            return answer.result()
        finally:
            answer.cancel()
            await asyncio.gather(answer, return_exceptions=True)

    async def _commit(self, run: ImportRun, decide: Any, cause: str) -> ImportRun:
        """The run after the commit. Raises Lost, ProviderDataError."""
        snapshot = await self._store.commit(decide, actor=run.requested_by, cause=cause)
        return snapshot.import_runs[run.id]

    def _held(self, snapshot: Snapshot, run: ImportRun) -> ImportRun:
        """The run as it is now. Raises Lost where it is no longer ours."""
        held = snapshot.import_runs.get(run.id)
        if held is None or held.lease_owner != self._owner or held.next_day != run.next_day:
            raise Lost
        return held

    def _renewed(self) -> dict[str, Any]:
        now = self._clock.now()
        return {"updated_at": now, "lease_until": now + LEASE}


def _free(run: ImportRun, owner: str, now: datetime) -> bool:
    """Whether this run may be begun, or taken over from who no longer moves it."""
    if run.state is ImportState.QUEUED:
        return run.next_attempt_at is None or run.next_attempt_at <= now
    return run.lease_owner == owner or run.lease_until is None or run.lease_until <= now


def _slice(
    records: Sequence[UsageRecord], snapshot: Snapshot, first: date, last: date, pace: Pacing
) -> UsageSlice:
    return usage_slice(
        records, snapshot, first=first, last=last, currency=_currency(snapshot), pace=pace
    )


def _writes(found: UsageSlice) -> list[Write]:
    return [
        *(Put(each) for each in found.unmapped),
        *(Put(each) for each in found.skus),
        *(Delete("usage", f"{day.isoformat()}/{sku}") for day, sku in found.gone),
        *(Put(each) for each in found.rows),
    ]


def _currency(snapshot: Snapshot) -> str:
    current = in_snapshot(snapshot, None)
    if current is None:
        raise ProviderDataError(
            "NO_NEGOTIATION",
            "The workspace has no negotiation: nothing says which currency usage is in.",
        )
    return current.currency


def _told(before: tuple[str, ...], more: Sequence[str]) -> tuple[str, ...]:
    """Each sentence once, the first ones."""
    return tuple(dict.fromkeys((*before, *more)))[:MOST_WARNINGS]
