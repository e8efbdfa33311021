"""What every Store promises, over every Store there is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from adapters.store import open_store
from adapters.store.picture import GENESIS, line_hash
from negotiation.records import (
    InvoiceStatus,
    Negotiation,
    NotificationPriority,
    Provenance,
    Record,
    Snapshot,
)
from negotiation.rules.model import Fact, HeldBack, QuietHours, Weekday
from resolvers.ports import Delete, Put, SetWorkspace, Write
from tests.builders import (
    NOW,
    a_conflict,
    a_firing,
    a_ladder,
    a_line,
    a_mapping,
    a_milestone,
    a_negotiation,
    a_notification,
    a_pause,
    a_position,
    a_price_link,
    a_rate,
    a_renewal,
    a_row,
    a_rule,
    a_rule_state,
    a_sku,
    a_stream,
    an_attempt,
    an_import_run,
    an_invoice,
    an_offer,
    an_opt_out,
)
from tests.fakes import FakeClock, MemoryStore
from tests.stores import contents, put

DAY = date(2026, 1, 31)
AREAS = (
    "negotiations",
    "skus",
    "positions",
    "streams",
    "offers",
    "milestones",
    "invoices",
    "notifications",
    "usage_mappings",
    "price_links",
    "import_runs",
    "conflicts",
    "pauses",
    "rules",
    "rule_states",
    "rule_firings",
    "opt_outs",
)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=["memory", "sqlite"])
def make(
    request: pytest.FixtureRequest, clock: FakeClock, tmp_path: Path
) -> Iterator[Callable[[], Any]]:
    made: list[Any] = []

    def one() -> Any:
        if request.param == "memory":
            store: Any = MemoryStore(clock)
        else:
            store = open_store(tmp_path / f"{len(made)}.sqlite3", clock)
        made.append(store)
        return store

    yield one
    for store in made:
        store.close()


@pytest.fixture
def store(make: Callable[[], Any]) -> Any:
    return make()


def one_of_each() -> list[Record]:
    terms = (
        a_ladder(),
        a_rate(unit_price=Decimal("0.0075"), sku="sms"),
        a_renewal(start=DAY, term_months=24),
    )
    return [
        a_negotiation(terms=terms),
        a_sku(contract_rate=Decimal("0.00750"), locked=True),
        a_row(DAY, billed=Decimal("0.00")),
        a_position(batna_cost=Decimal("0.00"), batna_note="Bleiben"),
        a_stream(volume=Decimal(0), provenance=Provenance.CACHED),
        an_offer(terms=terms, valid_until=DAY),
        a_milestone(note="späte Zusage ✓"),
        an_invoice(lines=(a_line(1, "2.665"), a_line(2, sku="sms", quantity=Decimal(0)))),
        a_notification(
            attempts=3,
            error_code="30003",
            priority=NotificationPriority.HIGH,
            expires_at=NOW,
            history=(an_attempt(), an_attempt(number=2, error_code="30003", looked_up=True)),
        ),
        a_mapping(parent="sms", note="ünsicher"),
        a_price_link(low=Decimal("0.0079"), high=Decimal("0.00790"), read_at=NOW),
        an_import_run(warnings=("Zwei neue SKUs.", "ok"), lease_until=NOW),
        a_conflict(),
        a_pause(),
        a_rule(
            threshold=Decimal("0.010"),
            quiet_hours=QuietHours(
                start="22:00", end="07:00", zone="Europe/Berlin", days=(Weekday.SUN,)
            ),
        ),
        a_rule_state(fired=2, fired_at=NOW),
        a_firing(
            facts=(Fact(name="margin", value="30,1 %"),),
            notification_ids=("n1", "n2"),
            held_back=(HeldBack(code="RULE_CAP", message="Genug für heute."),),
        ),
        an_opt_out(lifted_at=NOW, texts=("SM1", "SM2")),
    ]


# --- pictures


async def test_a_new_store_is_empty_and_at_revision_zero(store: Any, clock: FakeClock) -> None:
    picture = store.snapshot()
    assert (picture.revision, picture.as_of, picture.provenance) == (
        0,
        clock.now(),
        Provenance.LIVE,
    )
    assert picture.store_id
    assert not any(contents(picture)[area] for area in ("skus", "usage", "invoices", "offers"))


async def test_two_stores_have_different_identities(tmp_path: Path, clock: FakeClock) -> None:
    stores = [open_store(tmp_path / name, clock) for name in ("a", "b")]
    assert stores[0].snapshot().store_id != stores[1].snapshot().store_id
    for store in stores:
        store.close()


async def test_what_is_put_is_in_the_answer_and_in_the_next_picture(store: Any) -> None:
    records = one_of_each()
    answer = await put(store, *records)
    assert answer is store.snapshot()
    assert answer.usage[DAY].rows["sms-outbound-us"] == records[2]
    for area, record in zip(AREAS, records[:2] + records[3:], strict=True):
        assert list(getattr(answer, area).values()) == [record]


async def test_a_record_replaces_the_one_with_its_id(store: Any) -> None:
    await put(store, an_invoice(), an_invoice(id="other", number="other"))
    paid = an_invoice(status=InvoiceStatus.PAID)
    answer = await put(store, paid)
    assert answer.invoices[paid.id] == paid
    assert len(answer.invoices) == 2


async def test_a_deleted_record_is_gone(store: Any) -> None:
    await put(store, an_invoice(), a_sku())
    answer = await store.commit(
        lambda _: [Delete("invoices", an_invoice().id)], actor="a", cause="c"
    )
    assert not answer.invoices
    assert answer.skus


async def test_an_area_that_does_not_exist_is_refused(store: Any) -> None:
    with pytest.raises(ValueError, match="no area"):
        await store.commit(lambda _: [Delete("secrets", "1")], actor="a", cause="c")


async def test_every_commit_is_the_next_revision_at_its_instant(
    store: Any, clock: FakeClock
) -> None:
    first = await put(store, a_sku("a"))
    clock.advance(60)
    second = await put(store, a_sku("b"))
    assert (first.revision, second.revision) == (1, 2)
    assert (second.as_of - first.as_of).total_seconds() == 60


async def test_deciding_nothing_commits_nothing(store: Any) -> None:
    before = await put(store, a_sku())
    answer = await store.commit(lambda _: [], actor="a", cause="c")
    assert answer is before
    assert await store.history_size() == 1


async def test_an_error_in_deciding_passes_through_and_changes_nothing(store: Any) -> None:
    before = await put(store, a_sku())

    def refuse(_: Snapshot) -> Sequence[Write]:
        raise PermissionError("not yours")

    with pytest.raises(PermissionError, match="not yours"):
        await store.commit(refuse, actor="a", cause="c")
    assert store.snapshot() is before
    assert (await put(store, a_sku("next"))).revision == before.revision + 1


async def test_a_commit_is_made_whole_or_not_at_all(store: Any) -> None:
    before = await put(store, an_invoice())
    with pytest.raises(ValueError, match="UNIQUE"):
        await put(store, a_sku(), a_row(DAY), an_invoice(id="second", number=an_invoice().number))
    assert contents(store.snapshot()) == contents(before)
    assert await store.history_size() == 1


async def test_two_records_may_trade_what_only_one_may_have(store: Any) -> None:
    await put(store, *(an_invoice(id=f"i{n}", number=f"N{n}") for n in (1, 2)))
    order = list(store.snapshot().invoices)
    await put(store, an_invoice(id="i1", number="N2"), an_invoice(id="i2", number="N1"))
    found = store.snapshot().invoices
    assert {id_: invoice.number for id_, invoice in found.items()} == {"i1": "N2", "i2": "N1"}
    assert list(found) == order


async def test_an_idempotency_key_belongs_to_one_notification(store: Any) -> None:
    await put(store, a_notification())
    with pytest.raises(ValueError, match="UNIQUE"):
        await put(store, a_notification(id="second"))
    assert len(store.snapshot().notifications) == 1


async def test_what_is_no_record_is_refused(store: Any) -> None:
    with pytest.raises(TypeError, match="InvoiceLine is no record"):
        await put(store, a_line())  # type: ignore[arg-type]


async def test_concurrent_commits_each_decide_on_what_the_others_made(store: Any) -> None:
    await put(store, a_negotiation(version=0))

    def raise_version(picture: Snapshot) -> Sequence[Write]:
        negotiation = picture.negotiations["neg-1"]
        return [Put(replace(negotiation, version=negotiation.version + 1))]

    answers = await asyncio.gather(
        *(store.commit(raise_version, actor="a", cause="c") for _ in range(50))
    )
    assert sorted(a.negotiations["neg-1"].version for a in answers) == list(range(1, 51))
    assert sorted(a.revision for a in answers) == list(range(2, 52))
    assert store.snapshot().negotiations["neg-1"].version == 50


async def test_one_refusal_among_concurrent_commits_harms_no_other(store: Any) -> None:
    await put(store, an_invoice())
    results = await asyncio.gather(
        put(store, a_sku("a")),
        put(store, an_invoice(id="second")),
        put(store, a_sku("b")),
        return_exceptions=True,
    )
    assert [type(result).__name__ for result in results] == ["Snapshot", "ValueError", "Snapshot"]
    assert store.snapshot().skus.keys() == {"a", "b"}
    assert store.snapshot().revision == 3


async def test_a_picture_taken_earlier_stays_as_it_was(store: Any) -> None:
    earlier = await put(store, a_sku(list_rate=Decimal(1)), a_row(DAY))
    remembered = contents(earlier)
    await put(store, a_sku(list_rate=Decimal(2)), a_row(DAY, quantity=99))
    assert contents(earlier) == remembered


async def test_only_what_was_touched_is_copied(store: Any) -> None:
    before = await put(store, a_sku(), an_invoice(), a_row("2026-01-01"), a_row("2026-01-02"))
    after = await put(store, a_sku("new"), a_row("2026-01-02", quantity=2))
    assert after.invoices is before.invoices
    assert after.usage[date(2026, 1, 1)] is before.usage[date(2026, 1, 1)]
    assert after.usage[date(2026, 1, 2)] is not before.usage[date(2026, 1, 2)]


async def test_nobody_can_change_a_picture(store: Any) -> None:
    picture = await put(store, *one_of_each())
    for mapping in (picture.skus, picture.usage, picture.invoices, picture.usage[DAY].rows):
        with pytest.raises(TypeError):
            mapping["x"] = 1


# --- usage


async def test_a_restatement_replaces_what_was_used(store: Any) -> None:
    await put(store, a_row(DAY, quantity=10))
    answer = await put(store, a_row(DAY, quantity=12, revision=2), a_row(DAY, "voice"))
    assert answer.usage[DAY].rows["sms-outbound-us"].quantity == 12
    assert answer.usage[DAY].rows.keys() == {"sms-outbound-us", "voice"}


async def test_an_older_statement_that_arrives_late_does_not_show(store: Any) -> None:
    await put(store, a_row(DAY, quantity=12, revision=2))
    answer = await put(store, a_row(DAY, quantity=10, revision=1))
    assert answer.usage[DAY].rows["sms-outbound-us"].quantity == 12


async def test_usage_without_a_revision_is_refused(store: Any) -> None:
    with pytest.raises(ValueError, match="no revision above 0"):
        await put(store, a_row(DAY, revision=0))


async def test_deleted_usage_is_gone_and_may_come_back(store: Any) -> None:
    await put(store, a_row(DAY, revision=3), a_row("2026-02-01"))
    gone = await store.commit(
        lambda _: [Delete("usage", "2026-01-31/sms-outbound-us")], actor="a", cause="c"
    )
    assert list(gone.usage) == [date(2026, 2, 1)]
    back = await put(store, a_row(DAY, revision=1))
    assert list(back.usage) == [DAY, date(2026, 2, 1)]


async def test_days_of_usage_are_in_order_however_they_arrive(store: Any) -> None:
    await put(store, a_row("2026-03-01"), a_row("2026-01-01"))
    answer = await put(store, a_row("2026-02-01"))
    assert [day.month for day in answer.usage] == [1, 2, 3]


# --- what the picture says of itself


async def test_the_first_negotiation_is_the_current_one(store: Any) -> None:
    assert (await put(store, a_sku())).current_negotiation_id is None
    assert (await put(store, a_negotiation(id="one"))).current_negotiation_id == "one"
    assert (await put(store, a_negotiation(id="two"))).current_negotiation_id == "one"


async def test_another_negotiation_can_be_made_current(store: Any) -> None:
    await put(store, a_negotiation(id="one"), a_negotiation(id="two"))
    answer = await store.commit(
        lambda _: [SetWorkspace(current_negotiation_id="two", provenance=Provenance.CACHED)],
        actor="a",
        cause="c",
    )
    assert (answer.current_negotiation_id, answer.provenance) == ("two", Provenance.CACHED)
    deleted = await store.commit(lambda _: [Delete("negotiations", "two")], actor="a", cause="c")
    assert (deleted.current_negotiation_id, deleted.provenance) == ("one", Provenance.CACHED)


async def test_the_anchor_of_demonstration_data_is_remembered(store: Any) -> None:
    assert store.demo_anchor is None
    await store.commit(lambda _: [SetWorkspace(demo_anchor=DAY)], actor="a", cause="c")
    await put(store, a_sku())
    assert store.demo_anchor == DAY


# --- the trail


async def test_every_write_has_a_line_that_says_who_when_and_why(
    store: Any, clock: FakeClock
) -> None:
    await put(store, a_sku(), actor="anna")
    clock.advance(5)
    await store.commit(
        lambda _: [Put(a_sku(locked=True)), Delete("skus", "sms-outbound-us")],
        actor="ben",
        cause="tidying",
    )
    lines = await store.history(first=10)
    assert [(x.revision, x.sequence, x.action, x.actor) for x in lines] == [
        (2, 1, "delete", "ben"),
        (2, 0, "update", "ben"),
        (1, 0, "create", "anna"),
    ]
    deleted, updated, created = lines
    assert {x.area for x in lines} == {"skus"}
    assert {x.entity_id for x in lines} == {"sms-outbound-us"}
    assert (updated.cause, updated.at, created.at) == (
        "tidying",
        clock.now(),
        store.snapshot().as_of.replace(second=0),
    )
    assert (created.before_hash, deleted.after_hash) == (None, None)
    assert (updated.before_hash, deleted.before_hash) == (created.after_hash, updated.after_hash)


async def test_a_batch_of_usage_is_one_line_whose_hash_covers_every_row(make: Any) -> None:
    def rows(changed: int = 1) -> list[Record]:
        return [a_row(f"2026-01-{d:02}", quantity=changed if d == 17 else 1) for d in range(1, 29)]

    stores = [make(), make(), make()]
    for store, batch in zip(stores, (rows(), rows()[::-1], rows(2)), strict=True):
        await put(store, *batch)
    lines = [(await store.history(first=10)) for store in stores]
    assert [len(each) for each in lines] == [1, 1, 1]
    assert (lines[0][0].action, lines[0][0].area) == ("import", "usage")
    assert lines[0][0].entity_id == "28 rows, 2026-01-01 to 2026-01-28"
    assert lines[0][0].after_hash == lines[1][0].after_hash != lines[2][0].after_hash


async def test_each_line_follows_from_the_one_before(store: Any) -> None:
    await put(store, *one_of_each())
    await put(store, an_invoice(status=InvoiceStatus.PAID))
    previous = GENESIS
    lines = (await store.history(first=100))[::-1]
    assert len(lines) == await store.history_size() == len(one_of_each()) + 2
    for line in lines:
        assert line.hash == line_hash(previous, line)
        previous = line.hash


async def test_the_trail_is_read_in_pages_newest_first(store: Any) -> None:
    for n in range(5):
        await put(store, a_sku(f"a{n}"), a_sku(f"b{n}"))
    pages, before = [], None
    while page := await store.history(first=3, before=before):
        pages.append([(line.revision, line.sequence) for line in page])
        before = pages[-1][-1]
    assert [len(page) for page in pages] == [3, 3, 3, 1]
    places = [place for page in pages for place in page]
    assert places == sorted(set(places), reverse=True)
    assert await store.history_size() == 10


# --- watching


async def test_a_watcher_gets_the_present_picture_at_once_then_each_newer(store: Any) -> None:
    await put(store, a_sku("a"))
    async with aclosing(store.watch()) as pictures:
        assert (await anext(pictures)).revision == 1
        for n in range(2, 6):
            await put(store, a_sku(f"sku-{n}"))
            assert (await anext(pictures)).revision == n


async def test_a_slow_watcher_skips_to_the_newest(store: Any) -> None:
    async with aclosing(store.watch()) as pictures:
        await anext(pictures)
        for n in range(10):
            await put(store, a_sku(f"sku-{n}"))
        assert (await anext(pictures)).revision == 10
        waiting = asyncio.ensure_future(anext(pictures))
        await asyncio.sleep(0.02)
        assert not waiting.done()
        await put(store, a_sku())
        assert (await waiting).revision == 11


async def test_deciding_nothing_wakes_nobody(store: Any) -> None:
    async with aclosing(store.watch()) as pictures:
        await anext(pictures)
        waiting = asyncio.ensure_future(anext(pictures))
        await store.commit(lambda _: [], actor="a", cause="c")
        await asyncio.sleep(0.02)
        assert not waiting.done()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)


async def test_a_thousand_watchers_see_the_same_picture_and_leave_nothing_behind(
    store: Any,
) -> None:
    watchers = [store.watch() for _ in range(1000)]
    await asyncio.gather(*map(anext, watchers))
    assert store.watchers == 1000
    waiting = [asyncio.ensure_future(anext(watcher)) for watcher in watchers]
    await asyncio.sleep(0)
    await put(store, a_sku())
    assert {id(picture) for picture in await asyncio.gather(*waiting)} == {id(store.snapshot())}
    for watcher in watchers:
        await watcher.aclose()
    assert store.watchers == 0


async def test_a_watcher_whose_task_is_cancelled_leaves_nothing_behind(store: Any) -> None:
    async def follow() -> None:
        async with aclosing(store.watch()) as pictures:
            async for _ in pictures:
                pass

    tasks = [asyncio.ensure_future(follow()) for _ in range(20)]
    await asyncio.sleep(0.01)
    assert store.watchers == 20
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert store.watchers == 0
    await put(store, a_sku())


async def test_closing_the_store_ends_its_watchers(store: Any) -> None:
    async def follow() -> list[int]:
        return [picture.revision async for picture in store.watch()]

    following = asyncio.ensure_future(follow())
    await asyncio.sleep(0.01)
    await put(store, a_sku())
    await asyncio.sleep(0.01)
    await store.aclose()
    assert await following == [0, 1]


# --- cancelling


async def test_a_cancelled_commit_is_made_and_published_or_not_made(store: Any) -> None:
    def decide(n: int) -> Callable[[Snapshot], Sequence[Write]]:
        return lambda _: [Put(a_sku(f"a{n}")), Put(a_sku(f"b{n}"))]

    for n in range(40):
        task = asyncio.ensure_future(store.commit(decide(n), actor="a", cause="c"))
        await asyncio.sleep(n / 100_000)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    after = await put(store, a_sku("last"))
    for n in range(40):
        assert (f"a{n}" in after.skus) == (f"b{n}" in after.skus)
    assert after.revision == 1 + sum(key.startswith("a") for key in after.skus)
    assert await store.history_size() == len(after.skus)


def test_the_records_of_this_suite_are_of_every_kind() -> None:
    assert {type(record) for record in one_of_each()} == set(Record.__args__)
    assert isinstance(one_of_each()[0], Negotiation)
