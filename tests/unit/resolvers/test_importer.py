"""The import from the vendor: asked for, claimed, done slice by slice, interrupted, taken over, due every day."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from negotiation.importing.prices import PublishedPrice
from negotiation.importing.provider import UsageRecord
from negotiation.imports import (
    ImportRun,
    ImportState,
    PriceDirection,
    PriceService,
    UsageMappingRule,
)
from negotiation.records import Provenance
from resolvers import usage_import
from resolvers.errors import BadUserInput, Unavailable
from resolvers.importer import IDLE_SECONDS, LEASE, TRIES, Importer
from resolvers.ports import SetWorkspace, Status
from resolvers.provider import ProviderError
from resolvers.usage_import import FIRST_SPAN, RESTATED, UsageComponent, Wanted
from tests.builders import a_mapping, a_negotiation, a_row, a_sku
from tests.doubles.provider import ProviderDouble
from tests.fakes import MemoryStore
from tests.services import OPERATOR, Workbench, a_workbench
from tests.stores import put

TODAY = date(2026, 4, 1)
YESTERDAY = date(2026, 3, 31)
SINCE = date(2026, 3, 10)
SMS = "sms-outbound"


def bench(*records: Any) -> Workbench:
    made = a_workbench(a_negotiation(), a_sku(SMS), *records)
    made.provider.use_daily(SINCE, YESTERDAY, SMS)
    return made


def an_importer(made: Workbench, hour: int | None = None) -> Importer:
    return Importer(store=made.store, clock=made.clock, provider=made.provider, hour=hour)


async def asked(made: Workbench, **wanted: Any) -> ImportRun:
    defaults = {"since": SINCE, "pricing": False}
    outcome = await usage_import.sync(made.services, OPERATOR, Wanted(**(defaults | wanted)))
    assert outcome.run is not None
    return outcome.run


def newest(made: Workbench) -> ImportRun:
    return usage_import.newest_first(made.store.snapshot())[0]


def days(made: Workbench) -> list[date]:
    return [day for day, found in made.store.snapshot().usage.items() if SMS in found.rows]


def later() -> ProviderError:
    return ProviderError("HTTP_500", "Twilio has trouble.", retry=True)


# --- a whole run


async def test_a_run_reads_every_day_in_slices_and_says_so_while_it_does() -> None:
    made = bench()
    run = await asked(made)
    assert (run.state, run.requested_by, made.import_wakes) == (
        ImportState.QUEUED,
        OPERATOR.id,
        [None],
    )
    seen: list[tuple[int, int]] = []

    async def look() -> None:
        seen.append((newest(made).days_done, len(days(made))))

    made.provider.before = look
    assert await an_importer(made).step() == 0.0
    assert seen == [(0, 0), (7, 7), (14, 14), (21, 21)]
    done = newest(made)
    assert (done.state, done.days_done, done.days_total) == (ImportState.DONE, 22, 22)
    assert (done.rows_read, done.rows_written, done.rows_restated) == (22, 22, 0)
    assert (done.finished_at, done.lease_owner) == (made.clock.now(), None)
    assert days(made)[0], days(made)[-1] == (SINCE, YESTERDAY)


async def test_each_slice_is_one_commit_in_the_name_of_who_asked() -> None:
    made = bench()
    await asked(made)
    before = made.store.snapshot().revision
    await an_importer(made).step()
    assert made.store.snapshot().revision - before == 6  # begins, four slices, ends
    lines = await made.store.history(first=6)
    causes = {line.cause for line in lines if line.area == "usage"}
    assert "usage of 2026-03-10 to 2026-03-16 from Twilio" in causes | {
        line.cause for line in await made.store.history(first=50)
    }
    assert {line.actor for line in lines if line.area == "usage"} == {OPERATOR.id}


async def test_the_same_again_writes_nothing_and_a_restated_day_is_one_revision() -> None:
    made = bench()
    await asked(made)
    importer = an_importer(made)
    await importer.step()
    made.provider.use(YESTERDAY, SMS, 101, "0.84")
    made.clock.advance(60)
    await asked(made)
    await importer.step()
    again = newest(made)
    assert (again.rows_written, again.rows_restated, again.rows_unchanged) == (1, 1, 21)
    row = made.store.snapshot().usage[YESTERDAY].rows[SMS]
    assert (row.quantity, row.billed, row.revision) == (101, Decimal("0.84"), 2)


async def test_a_dry_run_counts_and_writes_nothing_but_itself() -> None:
    made = bench()
    await asked(made, dry_run=True)
    await an_importer(made).step()
    run = newest(made)
    assert (run.state, run.rows_written, days(made)) == (ImportState.DONE, 22, [])


async def test_a_store_gets_the_mappings_with_its_first_run() -> None:
    made = bench()
    assert not made.store.snapshot().usage_mappings
    await asked(made)
    assert made.store.snapshot().usage_mappings[SMS].rule is UsageMappingRule.COUNT


async def test_only_the_newest_runs_are_kept() -> None:
    made = bench()
    importer = an_importer(made)
    for _ in range(usage_import.RUNS_KEPT + 3):
        made.clock.advance(60)
        await asked(made, since=YESTERDAY)
        await importer.step()
    assert len(made.store.snapshot().import_runs) == usage_import.RUNS_KEPT


async def test_records_are_made_into_rows_and_rows_are_taken_at_the_pace_that_is_given() -> None:
    made = bench()
    await asked(made)
    worked: list[str] = []

    def pace(items: Iterable[Any]) -> Iterable[Any]:
        for item in items:
            worked.append(type(item).__name__)
            yield item

    importer = Importer(
        store=made.store, clock=made.clock, provider=made.provider, hour=None, pace=pace
    )
    await importer.step()
    assert (newest(made).state, len(days(made))) == (ImportState.DONE, 22)
    assert worked.count("UsageRecord") == 22
    assert worked.count("tuple") == 22  # a day's lines of one SKU, before they are a row
    assert worked.count("Put") == 22 + 4  # a slice has its own progress in it


# --- asking


async def test_while_one_is_under_way_no_second_is_begun() -> None:
    made = bench()
    first = await asked(made)
    outcome = await usage_import.sync(made.services, OPERATOR, Wanted())
    assert outcome.run == first
    assert [each.code for each in outcome.refusals] == ["ALREADY_RUNNING"]


async def test_asking_again_while_it_waits_for_its_next_try_goes_on_at_once() -> None:
    made = bench()
    run = await asked(made)
    importer = an_importer(made)
    made.provider.faults.extend([None, later()])
    await importer.step()
    again = await asked(made, since=YESTERDAY)
    assert (again.id, again.next_attempt_at) == (run.id, None)
    await importer.step()
    assert (newest(made).state, newest(made).days_done) == (ImportState.DONE, 22)


async def test_without_credentials_it_says_what_is_missing() -> None:
    made = a_workbench(a_negotiation())
    made.provider._missing = "Set TWILIO_ACCOUNT_SID."
    outcome = await usage_import.sync(made.services, OPERATOR, Wanted())
    assert outcome.run is None
    assert [(each.code, each.message) for each in outcome.refusals] == [
        ("NOT_CONFIGURED", "Set TWILIO_ACCOUNT_SID.")
    ]
    assert await an_importer(made, hour=0).step() == IDLE_SECONDS
    assert not made.store.snapshot().import_runs


@pytest.mark.parametrize("since", [TODAY, date(2020, 1, 1)])
async def test_a_first_day_that_cannot_be_is_refused(since: date) -> None:
    with pytest.raises(BadUserInput) as caught:
        await usage_import.sync(bench().services, OPERATOR, Wanted(since=since))
    assert caught.value.fields[0].path == "input.since"


async def test_without_a_first_day_the_first_run_reads_thirteen_months_and_the_next_what_may_have_changed() -> (
    None
):
    made = bench()
    first = await asked(made, since=None)
    assert (first.first_day, first.last_day) == (TODAY - FIRST_SPAN, YESTERDAY)
    await an_importer(made).step()
    made.clock.advance(86_400)
    second = await asked(made, since=None)
    assert (second.first_day, second.last_day) == (TODAY - RESTATED, TODAY)


async def test_after_a_decision_about_a_category_everything_is_read_again() -> None:
    made = bench()
    await asked(made, since=None)
    await an_importer(made).step()
    made.clock.advance(3_600)
    await put(made.store, a_mapping(SMS, sku="text", decided_at=made.clock.now()))
    made.clock.advance(3_600)
    assert (await asked(made, since=None)).first_day == TODAY - FIRST_SPAN


# --- when it breaks


async def test_a_broken_run_keeps_what_is_in_and_goes_on_from_there() -> None:
    made = bench()
    await asked(made)
    importer = an_importer(made)
    made.provider.faults.extend([None, later()])
    await importer.step()
    waiting = newest(made)
    assert (waiting.state, waiting.error_code) == (ImportState.QUEUED, "HTTP_500")
    assert (waiting.next_day, len(days(made))) == (SINCE + timedelta(days=7), 7)
    assert await importer.step() == pytest.approx(IDLE_SECONDS)
    assert len(made.provider.asked) == 2
    made.clock.advance(60)
    await importer.step()
    done = newest(made)
    assert (done.state, done.rows_written, done.error_code) == (ImportState.DONE, 22, None)
    assert made.provider.asked[2][0] == SINCE + timedelta(days=7)


async def test_it_waits_as_long_as_it_is_told_to() -> None:
    made = bench()
    await asked(made)
    made.provider.faults.append(ProviderError("20429", "Slower.", retry=True, retry_after=900.0))
    await an_importer(made).step()
    assert newest(made).next_attempt_at == made.clock.now() + timedelta(seconds=900)


async def test_after_so_many_tries_without_progress_it_stops_and_says_why() -> None:
    made = bench()
    await asked(made)
    importer = an_importer(made)
    for _ in range(TRIES):
        made.provider.faults.append(later())
        await importer.step()
        made.clock.advance(3_600)
    stopped = newest(made)
    assert (stopped.state, stopped.error_message) == (ImportState.FAILED, "Twilio has trouble.")
    assert stopped.finished_at is not None


async def test_refused_credentials_stop_it_at_once() -> None:
    made = bench()
    await asked(made)
    made.provider.faults.append(ProviderError("20003", "Refused.", retry=False))
    await an_importer(made).step()
    assert (newest(made).state, newest(made).error_code) == (ImportState.FAILED, "20003")


async def test_usage_in_another_currency_stops_it_and_nothing_of_the_slice_is_taken() -> None:
    made = bench()
    made.provider.use(SINCE + timedelta(days=8), "lookups", currency="EUR")
    await asked(made)
    await an_importer(made).step()
    stopped = newest(made)
    assert (stopped.state, stopped.error_code) == (ImportState.FAILED, "CURRENCY_MISMATCH")
    assert len(days(made)) == 7


async def test_a_run_whose_process_died_is_taken_over_when_its_lease_is_over() -> None:
    made = bench()
    await asked(made)
    reached = asyncio.Event()

    async def die() -> None:
        if len(made.provider.asked) == 3:
            reached.set()
            await asyncio.Event().wait()

    made.provider.before = die
    dying = asyncio.create_task(an_importer(made).step())
    await reached.wait()
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    made.provider.before = None
    heir = an_importer(made)
    assert 0 < await heir.step() <= IDLE_SECONDS
    assert newest(made).days_done == 14
    made.clock.advance(LEASE.total_seconds())
    await heir.step()
    assert (newest(made).state, len(days(made))) == (ImportState.DONE, 22)


async def test_a_process_that_stops_in_order_lets_go_of_its_run() -> None:
    made = bench()
    await asked(made)
    reached = asyncio.Event()

    async def hang() -> None:
        reached.set()
        await asyncio.Event().wait()

    made.provider.before = hang
    stopping = an_importer(made)
    working = asyncio.create_task(stopping.step())
    await reached.wait()
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    await an_importer(made).release()  # somebody else's is left alone
    assert newest(made).state is ImportState.RUNNING
    await stopping.release()
    assert (newest(made).state, newest(made).lease_owner) == (ImportState.QUEUED, None)
    made.provider.before = None
    await an_importer(made).step()
    assert newest(made).state is ImportState.DONE


async def test_who_lost_the_lease_writes_nothing_more() -> None:
    made = bench()
    await asked(made)
    slow, quick = an_importer(made), an_importer(made)

    async def overtake() -> None:
        made.provider.before = None
        made.clock.advance(LEASE.total_seconds())
        await quick.step()

    made.provider.before = overtake
    await slow.step()
    done = newest(made)
    assert (done.state, done.rows_written, done.rows_read) == (ImportState.DONE, 22, 22)


async def test_a_slow_answer_is_no_reason_for_another_to_take_the_run_over() -> None:
    """Else two processes that each need longer than a lease would take it from each other for ever."""
    made = bench()
    await asked(made)
    answer = asyncio.Event()
    made.provider.before = answer.wait
    reading = asyncio.create_task(an_importer(made).step())
    await made.clock.elapse(0)
    holder = newest(made).lease_owner
    await made.clock.elapse(5 * LEASE.total_seconds())
    waiting = asyncio.create_task(an_importer(made).step())
    await made.clock.elapse(0)
    assert waiting.done()
    assert waiting.result() > 0
    assert (newest(made).lease_owner, newest(made).attempts) == (holder, 1)
    answer.set()
    await reading
    assert (newest(made).state, newest(made).rows_written) == (ImportState.DONE, 22)
    assert len(made.provider.asked) == 4


async def test_who_lost_the_lease_while_waiting_for_an_answer_asks_for_nothing_more() -> None:
    made = bench()
    run = await asked(made)
    cancelled = asyncio.Event()

    async def for_ever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    made.provider.before = for_ever
    reading = asyncio.create_task(an_importer(made).step())
    await made.clock.elapse(0)
    await put(made.store, replace(newest(made), lease_owner="somebody else"))
    await made.clock.elapse(LEASE.total_seconds())
    assert reading.done()
    assert cancelled.is_set()
    assert newest(made).id == run.id
    assert newest(made).lease_owner == "somebody else"


@pytest.mark.parametrize("fault", [RuntimeError("a bug"), KeyError("x"), Unavailable("disk full")])
async def test_a_fault_of_our_own_ends_no_imports(fault: Exception) -> None:
    """It is seen, tried again later, and the next run is not kept waiting."""
    made = bench()
    await asked(made)
    importer = an_importer(made)

    async def fail() -> None:
        made.provider.before = None
        raise fault

    made.provider.before = fail
    if isinstance(fault, Unavailable):
        with pytest.raises(Unavailable):
            await importer.step()
    else:
        assert await importer.step() == 0.0
        waiting = newest(made)
        assert (waiting.state, waiting.error_code) == (ImportState.QUEUED, "INTERNAL")
        assert "log" in str(waiting.error_message)
    made.clock.advance(60)
    await importer.step()
    assert newest(made).state is ImportState.DONE


class PagesThatShift(ProviderDouble):
    """Its first answer has a row twice: one was added on a page before while the next was being read."""

    async def usage(self, first: date, last: date) -> Sequence[UsageRecord]:
        found = list(await super().usage(first, last))
        return [*found, found[-1]] if len(self.asked) == 1 else found


async def test_pages_that_repeat_a_row_are_read_again_and_not_given_up() -> None:
    made = bench()
    await asked(made)
    shifting = PagesThatShift()
    shifting.said = made.provider.said
    importer = Importer(store=made.store, clock=made.clock, provider=shifting, hour=None)
    await importer.step()
    assert (newest(made).state, newest(made).error_code) == (ImportState.QUEUED, "UNREADABLE")
    assert not days(made)
    made.clock.advance(60)
    await importer.step()
    assert (newest(made).state, newest(made).rows_written) == (ImportState.DONE, 22)


async def test_what_somebody_else_says_of_a_day_while_it_is_being_read_is_restated_and_not_lost() -> (
    None
):
    made = bench()
    await asked(made, since=YESTERDAY)

    async def meanwhile() -> None:
        made.provider.before = None
        await put(made.store, a_row(YESTERDAY, SMS, 7, revision=3, source="march.csv"))
        await put(made.store, a_row(YESTERDAY, "other", 9, source="march.csv"))

    made.provider.before = meanwhile
    await an_importer(made).step()
    rows = made.store.snapshot().usage[YESTERDAY].rows
    assert (rows[SMS].quantity, rows[SMS].revision, rows[SMS].source) == (100, 4, "twilio")
    assert rows["other"].quantity == 9
    assert newest(made).rows_restated == 1


class InItsOwnTime(MemoryStore):
    """As the real one: commits are made in their order, whether or not anybody still waits. The claim takes until `go`."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.begun, self.go = asyncio.Event(), asyncio.Event()
        self._turn = asyncio.Lock()

    async def commit(self, decide: Any, *, actor: str, cause: str) -> Any:
        return await asyncio.shield(asyncio.ensure_future(self._in_turn(decide, actor, cause)))

    async def _in_turn(self, decide: Any, actor: str, cause: str) -> Any:
        async with self._turn:
            if cause == "import from Twilio begins":
                self.begun.set()
                await self.go.wait()
            return await super().commit(decide, actor=actor, cause=cause)


async def test_a_process_that_stops_while_it_takes_a_run_lets_go_of_it_too() -> None:
    made = a_workbench(store=lambda clock: InItsOwnTime(clock, a_negotiation(), a_sku(SMS)))
    made.provider.use_daily(SINCE, YESTERDAY, SMS)
    await asked(made)
    stopping = an_importer(made)
    working = asyncio.create_task(stopping.step())
    await made.store.begun.wait()
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    releasing = asyncio.create_task(stopping.release())
    await asyncio.sleep(0)
    made.store.go.set()
    await releasing
    await made.store.commit(lambda _: (), actor="test", cause="after all of them")
    assert (newest(made).state, newest(made).lease_owner) == (ImportState.QUEUED, None)


# --- prices


def a_price(price: str, direction: PriceDirection = PriceDirection.OUTBOUND) -> PublishedPrice:
    return PublishedPrice(
        direction=direction, price=Decimal(price), currency="USD", number_type="local"
    )


async def test_prices_are_read_for_each_country_that_a_link_names_and_change_no_list_rate() -> None:
    made = bench(a_sku("sms-outbound-longcode"), a_sku("calls-outbound-gb"))
    us = (PriceService.MESSAGING, "US")
    made.provider.published[us] = [a_price("0.0099")]
    await asked(made, pricing=True)
    await an_importer(made).step()
    assert made.provider.asked_prices == [us, (PriceService.VOICE, "GB")]
    snapshot, run = made.store.snapshot(), newest(made)
    assert (run.state, run.prices_read, run.prices_total) == (ImportState.DONE, 2, 2)
    link = snapshot.price_links["sms-outbound-longcode"]
    assert (link.low, link.high, link.read_at) == (
        Decimal("0.0099"),
        Decimal("0.0099"),
        made.clock.now(),
    )
    assert "no price" in str(snapshot.price_links["calls-outbound-gb"].problem)
    assert snapshot.skus["sms-outbound-longcode"].list_rate == Decimal("0.0083")


async def test_a_dry_run_tells_the_prices_that_differ() -> None:
    made = bench(a_sku("sms-outbound-longcode"))
    made.provider.published[PriceService.MESSAGING, "US"] = [a_price("0.0099")]
    await asked(made, pricing=True, dry_run=True)
    await an_importer(made).step()
    assert not made.store.snapshot().price_links
    assert newest(made).warnings == ("sms-outbound-longcode: Ours is 0.0083, Twilio's 0.0099.",)


# --- every day


async def test_the_daily_run_is_due_at_its_hour_once_a_day() -> None:
    made = bench()
    importer = an_importer(made, hour=15)  # it is noon: yesterday's was missed
    await importer.step()
    assert (newest(made).requested_by, newest(made).state) == ("schedule", ImportState.DONE)
    assert await importer.step() == IDLE_SECONDS
    made.clock.advance(3 * 3_600 - 10)
    assert await importer.step() == pytest.approx(10)
    made.clock.advance(10)
    await importer.step()
    assert len(made.store.snapshot().import_runs) == 2
    assert await importer.step() == IDLE_SECONDS


async def test_demonstration_data_is_not_replaced_until_somebody_asks() -> None:
    made = bench()
    await made.store.commit(
        lambda _: [SetWorkspace(provenance=Provenance.FIXTURE)], actor="a", cause="a test"
    )
    importer = an_importer(made, hour=3)
    await importer.step()
    assert not made.store.snapshot().import_runs
    status = usage_import.status(made.services, made.store.snapshot())
    assert "demonstration data" in status.message
    await asked(made)
    await importer.step()
    assert newest(made).requested_by == OPERATOR.id
    made.clock.advance(86_400)
    await importer.step()
    assert newest(made).requested_by == "schedule"


async def test_the_daily_run_survives_a_restart_and_is_not_repeated_by_it() -> None:
    made = bench()
    await an_importer(made, hour=3).step()
    await an_importer(made, hour=3).step()
    assert len(made.store.snapshot().import_runs) == 1


async def test_a_run_by_hand_today_is_todays_run_but_a_dry_one_is_not() -> None:
    made = bench()
    await asked(made, dry_run=True)
    importer = an_importer(made, hour=3)
    await importer.step()
    made.clock.advance(60)
    await importer.step()
    assert [run.dry_run for run in usage_import.newest_first(made.store.snapshot())] == [
        False,
        True,
    ]
    made = bench()
    await asked(made)
    importer = an_importer(made, hour=3)
    await importer.step()
    await importer.step()
    assert len(made.store.snapshot().import_runs) == 1


# --- what is said of it


async def test_health_tells_progress_the_last_run_trouble_and_what_nobody_knows() -> None:
    made = bench()
    component = UsageComponent(made.store, made.provider)
    assert (component.health().status, component.health().mode) == (Status.OK, "twilio")
    assert "not been read" in component.health().message
    await asked(made)
    assert component.health().mode == "importing"
    assert "0 of 22 days" in component.health().message
    made.provider.faults.extend([None, later()])
    importer = an_importer(made)
    await importer.step()
    failing = component.health()
    assert (failing.status, failing.mode, failing.error_code) == (
        Status.DEGRADED,
        "failed",
        "HTTP_500",
    )
    assert "Next try at 12:01 UTC, from 2026-03-17 on." in failing.message
    made.provider.use(YESTERDAY, "moon-calls")
    made.clock.advance(60)
    await importer.step()
    unknown = component.health()
    assert (unknown.status, unknown.mode) == (Status.DEGRADED, "unmapped")
    assert "Usage is in up to 2026-03-31" in unknown.message
    assert "moon-calls" in unknown.message
    assert unknown.last_ok_at == made.clock.now()


async def test_the_status_says_when_the_next_run_is() -> None:
    made = bench()
    services = made.services
    assert usage_import.status(services, made.store.snapshot()).next_run_at is None
    await asked(made)
    made.provider.faults.append(later())
    await an_importer(made).step()
    status = usage_import.status(services, made.store.snapshot())
    assert status.current is not None
    assert status.next_run_at == made.clock.now() + timedelta(minutes=1)
