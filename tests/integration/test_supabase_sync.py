"""Gateways on one Supabase: the real client, a real PostgreSQL, and whatever can go wrong between them."""

import asyncio
import json
import random
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

import psycopg
import pytest

from adapters.clock import SystemClock
from adapters.store import backup, open_store, restore, seed, verify_audit
from adapters.store.ledger import Place
from adapters.supabase import make_peer
from adapters.supabase.client import SupabaseReader
from adapters.supabase.realtime import Bell
from negotiation.conflicts import differences
from negotiation.records import (
    InvoiceStatus,
    MilestoneStatus,
    NotificationStatus,
    Provenance,
)
from resolvers.ports import Delete, Status
from tests.builders import (
    a_ladder,
    a_line,
    a_milestone,
    a_negotiation,
    a_notification,
    a_position,
    a_row,
    a_sku,
    a_stream,
    an_invoice,
    an_offer,
)
from tests.doubles.faults import Fault, FaultProxy
from tests.doubles.postgres import missing_programs, supabase_postgres
from tests.doubles.supabase_project import SupabaseProject
from tests.doubles.wait import until
from tests.fakes import CountingSignal, FakeClock
from tests.stores import contents, put

BIG = "12345678901234567890.1234567890"
LONG = 30.0
"""A bound that only stops what hangs."""


@pytest.fixture(scope="module")
def server():
    if missing := missing_programs():
        pytest.skip(f"PostgreSQL's {', '.join(missing)}: apt-get install postgresql")
    with supabase_postgres() as found:
        yield found


@pytest.fixture
def postgres(server):
    server.empty()
    return server


@pytest.fixture
async def project(postgres):
    async with SupabaseProject(postgres) as found:
        yield found


class Gateway:
    """A store and its peer."""

    def __init__(self, path, url, key, *, clock=None, **options):
        self.path = path
        self.clock = clock or FakeClock(impatient=True)
        self.store = open_store(path, self.clock)
        self.signal = CountingSignal()
        self._made = partial(
            make_peer,
            url=url,
            key=key,
            store=self.store,
            clock=self.clock,
            signal=self.signal,
            **{"realtime": False, **options},
        )
        self.peer = self._made()

    @property
    def picture(self):
        return self.store.snapshot()

    async def sync(self):
        result = await self.peer.pull()
        assert self.peer.health().mode != "cached", self.peer.health().message
        return result

    async def recover(self):
        """Syncs until it went through."""
        async with asyncio.timeout(4 * LONG):
            await self.peer.pull()
            while self.peer.health().mode == "cached":
                await asyncio.sleep(0.1)
                await self.peer.pull()

    async def start_again(self):
        """What it knew in memory is forgotten."""
        await self.peer.close()
        self.peer = self._made()

    async def close(self):
        await self.peer.close()
        await self.store.aclose()


@pytest.fixture
async def gateways(project, tmp_path):
    """Makes gateways, each on a file of its own."""
    made = []

    def one(name, **options):
        url = options.pop("url", project.url)
        made.append(Gateway(tmp_path / f"{name}.sqlite3", url, project.key, **options))
        return made[-1]

    yield one
    for each in made:
        await each.close()


def one_of_each():
    return [
        a_negotiation(terms=(a_ladder(),)),
        a_position(batna_cost=Decimal("1.50")),
        a_sku("sms"),
        a_row("2026-01-31", "sms", quantity=Decimal(BIG)),
        a_stream(volume=Decimal(BIG), unit_price=Decimal("0.0075")),
        an_offer(terms=(a_ladder(),)),
        a_milestone(),
        an_invoice(amount=Decimal(BIG), lines=(a_line(amount=BIG),)),
        a_notification(),
    ]


def shared(picture):
    """What two gateways should agree on."""
    said = contents(picture)
    return {k: v for k, v in said.items() if k not in {"store_id", "revision", "as_of"}}


# --- both ways


async def test_what_one_gateway_writes_another_has_with_every_digit(gateways, postgres):
    anna, ben = gateways("anna"), gateways("ben")
    await put(anna.store, *one_of_each())
    await anna.sync()
    await ben.sync()
    assert shared(ben.picture) == shared(anna.picture)
    assert str(ben.picture.usage[date(2026, 1, 31)].rows["sms"].quantity) == BIG
    assert postgres.value("select amount from invoices") == BIG
    assert verify_audit(ben.path).ok


async def test_a_sync_with_nothing_new_writes_nothing_on_either_side(gateways, postgres):
    anna, ben = gateways("anna"), gateways("ben")
    await put(anna.store, *one_of_each())
    for each in (anna, ben, anna, ben):
        await each.sync()
    lines, revisions = postgres.value("select count(*) from feed"), ben.picture.revision
    for each in (anna, ben, anna, ben):
        assert (await each.sync()).applied == 0
    assert postgres.value("select count(*) from feed") == lines
    assert ben.picture.revision == revisions


async def test_changes_and_deletions_go_both_ways(gateways):
    anna, ben = gateways("anna"), gateways("ben")
    await put(anna.store, *one_of_each())
    await anna.sync()
    await ben.sync()
    await put(ben.store, replace(a_milestone(), status=MilestoneStatus.APPROVED, note="Fine."))
    await ben.store.commit(
        lambda _: [Delete("streams", a_stream().id)], actor="ben", cause="not needed"
    )
    await ben.sync()
    await anna.sync()
    [milestone] = anna.picture.milestones.values()
    assert (milestone.status, milestone.note) == (MilestoneStatus.APPROVED, "Fine.")
    assert anna.picture.streams == {}
    assert shared(ben.picture) == shared(anna.picture)


async def test_a_restated_day_of_usage_is_a_revision_on_both_sides(gateways, postgres):
    anna, ben = gateways("anna"), gateways("ben")
    await put(anna.store, a_row("2026-01-31", "sms", quantity=10))
    await anna.sync()
    await put(anna.store, a_row("2026-01-31", "sms", quantity=12, revision=2))
    await anna.sync()
    await ben.sync()
    assert ben.picture.usage[date(2026, 1, 31)].rows["sms"].quantity == 12
    assert postgres.run("select revision, quantity from usage order by 1") == [
        ["1", "10"],
        ["2", "12"],
    ]


async def test_a_change_by_hand_is_taken(gateways, postgres):
    anna = gateways("anna")
    await put(anna.store, *one_of_each())
    await anna.sync()
    postgres.run("update invoices set status = 'PAID'")
    postgres.run("delete from milestones")
    await anna.sync()
    [invoice] = anna.picture.invoices.values()
    assert invoice.status is InvoiceStatus.PAID
    assert anna.picture.milestones == {}


async def test_a_demonstration_is_never_sent_and_makes_way_for_a_real_negotiation(
    gateways, postgres
):
    anna, ben = gateways("anna"), gateways("ben")
    demo = [
        a_negotiation(id="demo", provenance=Provenance.FIXTURE),
        a_milestone(id="demo-m", negotiation_id="demo"),
        a_row("2025-01-31", "sms", quantity=1, source="demo"),
    ]
    await seed(ben.store, demo, current_negotiation_id="demo", anchor=date(2026, 1, 31))
    await put(ben.store, a_milestone(id="demo-m", negotiation_id="demo", note="Changed."))
    await ben.sync()
    assert postgres.value("select count(*) from feed") == "0"
    await put(anna.store, *one_of_each())
    await anna.sync()
    await ben.sync()
    assert shared(ben.picture) == shared(anna.picture)
    assert ben.picture.provenance is Provenance.LIVE


async def test_while_much_is_sent_what_is_new_there_is_taken(gateways, postgres, project):
    anna = gateways("anna")
    await put(anna.store, a_negotiation(), a_milestone())
    await anna.sync()
    postgres.run("update milestones set note = 'by hand'")
    days = [date(2020, 1, 1) + timedelta(days=n) for n in range(3000)]
    await put(anna.store, *(a_row(day.isoformat(), "sms") for day in days))
    project.requests.clear()
    await anna.sync()
    asked = [path for _, path in project.requests]
    assert asked.index("milestones") < len(asked) - asked[::-1].index("rpc/apply_writes") - 1
    assert postgres.value("select count(*) from usage") == "3000"
    assert anna.picture.milestones["milestone-1"].note == "by hand"


async def test_what_commits_late_is_taken_by_who_loaded_or_looked_meanwhile(gateways, postgres):
    """Two slow ones: one was under way before the first load, one began before what the gateway took next."""
    insert = (
        "insert into skus (key, name, family, unit, list_rate) values ('{0}', '{0}', 'sms', 'x', 1)"
    )
    anna = gateways("anna")
    async with AsyncExitStack() as stack:

        async def slow(name):
            connection = await psycopg.AsyncConnection.connect(postgres.conninfo)
            await stack.enter_async_context(connection)
            await connection.execute(insert.format(name))
            return connection

        one = await slow("one")
        await anna.sync()
        await one.commit()
        await anna.sync()
        other = await slow("other")
        postgres.run(insert.format("fast"))
        await anna.sync()
        await other.commit()
        await anna.sync()
    assert anna.picture.skus.keys() == {"one", "other", "fast"}


# --- who was first


async def both_have(gateways, *records):
    anna, ben = gateways("anna"), gateways("ben")
    await put(anna.store, *records)
    await anna.sync()
    await ben.sync()
    return anna, ben


async def test_who_comes_second_loses_visibly_and_nothing_is_overwritten(gateways):
    anna, ben = await both_have(gateways, *one_of_each())
    await put(anna.store, a_milestone(note="Anna's", owner_role="approver"))
    await put(ben.store, a_milestone(note="Ben's", owner_role="admin"), actor="ben@example.com")
    await anna.sync()
    await ben.sync()
    await anna.sync()
    assert shared(ben.picture) == shared(anna.picture)
    assert [each.note for each in ben.picture.milestones.values()] == ["Anna's"]
    [conflict] = anna.picture.conflicts.values()
    assert (conflict.area, conflict.actor, conflict.kept) == ("milestones", "ben@example.com", None)
    found = {each.path: (each.ours, each.theirs) for each in differences(conflict)}
    assert found["note"] == ("Ben's", "Anna's")


async def test_a_pull_that_meets_a_change_of_ours_does_not_overwrite_it_silently(
    gateways, postgres
):
    """The change is made between the push and the pull of one sync, as far as Supabase can tell."""
    _, ben = await both_have(gateways, *one_of_each())
    await put(ben.store, an_invoice(amount=Decimal(7), lines=()))
    postgres.run("update invoices set amount = 8")
    await ben.sync()
    [invoice] = ben.picture.invoices.values()
    [conflict] = ben.picture.conflicts.values()
    assert invoice.amount == 8
    assert json.loads(conflict.ours)["amount"] == "7"
    assert json.loads(conflict.theirs)["amount"] == "8"


async def test_the_same_change_on_both_sides_is_no_conflict(gateways):
    anna, ben = await both_have(gateways, *one_of_each())
    for each in (anna, ben):
        await put(each.store, a_milestone(note="The same."))
        await each.sync()
    await anna.sync()
    assert ben.picture.conflicts == anna.picture.conflicts == {}
    assert shared(ben.picture) == shared(anna.picture)


@pytest.mark.parametrize("deleted_first", [True, False])
async def test_a_record_deleted_here_and_changed_there_is_a_conflict_with_both(
    gateways, deleted_first
):
    anna, ben = await both_have(gateways, *one_of_each())
    await anna.store.commit(
        lambda _: [Delete("milestones", "milestone-1")], actor="anna", cause="c"
    )
    await put(ben.store, a_milestone(note="Ben's"))
    for each in (anna, ben, anna) if deleted_first else (ben, anna, ben):
        await each.sync()
    assert shared(ben.picture) == shared(anna.picture)
    [conflict] = anna.picture.conflicts.values()
    if deleted_first:
        assert anna.picture.milestones == {}
        assert (json.loads(conflict.ours)["note"], conflict.theirs) == ("Ben's", None)
    else:
        assert anna.picture.milestones["milestone-1"].note == "Ben's"
        assert (conflict.ours, json.loads(conflict.theirs)["note"]) == (None, "Ben's")
    assert "note" in {each.path for each in differences(conflict)}


async def test_two_figures_of_one_day_are_a_conflict_and_the_first_stands(gateways):
    anna, ben = gateways("anna"), gateways("ben")
    await put(anna.store, a_row("2026-01-31", "sms", quantity=10))
    await put(ben.store, a_row("2026-01-31", "sms", quantity=11))
    await anna.sync()
    await ben.sync()
    await anna.sync()
    assert ben.picture.usage[date(2026, 1, 31)].rows["sms"].quantity == 10
    [conflict] = anna.picture.conflicts.values()
    assert (conflict.area, conflict.entity_id) == ("usage", "2026-01-31/sms")


async def test_a_message_that_was_sent_stays_sent_whatever_another_gateway_wrote(gateways):
    anna, ben = await both_have(gateways, a_notification(id="n1"))
    await put(anna.store, a_notification(id="n1", status=NotificationStatus.CANCELLED))
    await put(ben.store, a_notification(id="n1", status=NotificationStatus.SENT, provider_id="SM1"))
    await anna.sync()
    await ben.sync()
    await anna.sync()
    for each in (anna, ben):
        assert each.picture.notifications["n1"].status is NotificationStatus.SENT
        assert each.picture.conflicts == {}


async def test_what_supabase_refuses_waits_is_named_and_goes_when_it_was_mended(gateways, postgres):
    anna = gateways("anna")
    await put(anna.store, a_negotiation(), an_invoice(id="i1", number="1"))
    await anna.sync()
    postgres.run(
        "insert into invoices (id, number, period_start, period_end, amount, currency) "
        "values ('i2', '2', '2026-01-01', '2026-01-31', 1, 'USD')"
    )
    await put(anna.store, an_invoice(id="ours", number="2", amount=Decimal(99)))
    await put(anna.store, a_milestone(note="goes on"))
    await anna.peer.pull()
    health = anna.peer.health()
    assert health.status is Status.DEGRADED
    assert "1 change of ours refused by Supabase: invoices ours: " in health.message
    assert "1 row set aside: invoices i2: number 2 is already here" in health.message
    assert postgres.value("select note from milestones") == "goes on"
    await put(anna.store, an_invoice(id="ours", number="3", amount=Decimal(99)))
    anna.clock.advance(61)
    await anna.sync()
    assert postgres.run("select number from invoices order by 1") == [["1"], ["2"], ["3"]]
    assert {each.number for each in anna.picture.invoices.values()} == {"1", "2", "3"}


# --- what goes wrong in between


@pytest.mark.parametrize(
    "fault", [Fault.CUT, Fault.RESET, Fault.REFUSE, Fault.ERROR_500, Fault.BLACKHOLE]
)
async def test_writes_wait_out_an_outage_and_arrive_once_each(gateways, postgres, project, fault):
    async with FaultProxy(project.url) as proxy:
        anna = gateways("anna", url=proxy.url, timeout_seconds=1.0)
        await put(anna.store, a_negotiation())
        await anna.recover()
        await proxy.set(fault)
        for n in range(5):
            await put(anna.store, a_milestone(id=f"m{n}"))
            await anna.peer.pull()
        assert anna.peer.health().status is Status.DEGRADED
        assert "5 changes of ours wait" in anna.peer.health().message
        await proxy.set(Fault.PASS)
        await anna.recover()
        rows = postgres.run("select id, row_version from milestones order by id")
        assert rows == [[f"m{n}", "1"] for n in range(5)]
        assert anna.picture.conflicts == {}


async def test_an_answer_that_was_lost_is_asked_for_again_though_others_wrote_since(
    gateways, project
):
    anna, ben = await both_have(gateways, *one_of_each())
    async with FaultProxy(project.url) as proxy:
        carl = gateways("carl", url=proxy.url, timeout_seconds=5)
        await carl.sync()
        await put(carl.store, a_milestone(note="Carl's"))
        await proxy.set(Fault.CUT)
        await carl.peer.pull()
        assert carl.peer.health().status is Status.DEGRADED
        await ben.sync()
        assert [each.note for each in ben.picture.milestones.values()] == ["Carl's"]
        await put(ben.store, a_milestone(note="Ben's, on top of Carl's"))
        await ben.sync()
        await proxy.set(Fault.PASS)
        await carl.sync()
    await anna.sync()
    for each in (anna, ben, carl):
        assert [m.note for m in each.picture.milestones.values()] == ["Ben's, on top of Carl's"]
        assert each.picture.conflicts == {}


async def test_a_table_of_many_pages_is_loaded_with_its_progress_in_health(gateways, postgres):
    postgres.run(
        "insert into usage (day, sku, quantity) select date '2024-01-01' + n / 10, 'sku-' || n % 10, n"
        " from generate_series(0, 4999) n"
    )
    anna, seen = gateways("anna"), set()

    async def look():
        async for _ in anna.signal.watch():
            seen.add(anna.peer.health().message)

    looking = asyncio.create_task(look())
    await anna.sync()
    looking.cancel()
    assert sum(len(day.rows) for day in anna.picture.usage.values()) == 5000
    assert "First load: usage, 2,000 of 5,000 rows." in seen
    assert anna.peer.health().message.startswith("Read ")


async def test_another_project_is_met_as_a_stranger(gateways, postgres):
    anna = gateways("anna")
    await put(anna.store, *one_of_each())
    await anna.sync()
    postgres.empty()
    postgres.run("update peer set id = gen_random_uuid()")
    await anna.sync()
    await anna.sync()
    assert postgres.value("select count(*) from milestones") == "1"


async def test_a_backup_that_was_restored_catches_up_and_keeps_what_it_had_not_sent(
    gateways, project, tmp_path
):
    anna, _ = await both_have(gateways, *one_of_each())
    await put(anna.store, a_milestone(id="not sent", name="Legal"))
    backup(anna.path, tmp_path / "backup")
    await anna.sync()
    await put(anna.store, a_milestone(note="after the backup"))
    await anna.sync()
    restore(tmp_path / "backup", tmp_path / "again.sqlite3")
    again = gateways("again")
    await again.sync()
    await anna.sync()
    assert shared(again.picture) == shared(anna.picture)
    assert again.picture.conflicts == {}


async def test_a_file_that_was_set_back_goes_on_under_another_name(gateways, tmp_path, postgres):
    """A snapshot of the machine was put back: what is written now must not count as said before."""
    anna, _ = await both_have(gateways, *one_of_each())
    await anna.store.backup(tmp_path / "old.sqlite3")
    for n in range(5):
        await put(anna.store, a_milestone(note=f"future {n}"))
        await anna.sync()
    old = gateways("old")
    await old.sync()
    await put(old.store, a_milestone(note="from the past"))
    await old.sync()
    assert postgres.value("select note from milestones") == "from the past"


# --- what people write


async def test_a_text_that_postgresql_cannot_keep_holds_nothing_else_up(gateways, postgres):
    anna = gateways("anna")
    await put(anna.store, a_negotiation())
    await put(anna.store, *(a_milestone(id=f"m{n}", note=f"{n}") for n in range(5)))
    await put(anna.store, a_milestone(id="m2", note="a\x00b"))
    await put(anna.store, a_sku("".join(random.Random(1).choices("0123456789abcdef", k=9000))))
    await anna.peer.pull()
    assert postgres.run("select id from milestones order by 1") == [["m0"], ["m1"], ["m3"], ["m4"]]
    assert "2 changes of ours refused by Supabase: " in anna.peer.health().message
    assert "milestones m2: " in anna.peer.health().message
    await put(anna.store, a_milestone(id="m2", note="ab"))
    await anna.sync()
    assert postgres.value("select note from milestones where id = 'm2'") == "ab"
    assert "1 change of ours refused by Supabase: skus " in anna.peer.health().message


ODD = ['a"b', "a,b", "(a)", "a\\b", 'a\\"b', "a.b:c", "a b", "ä%2C&=+#?", "*", "{a}", "null", "'"]


async def test_rows_with_odd_keys_are_found_again(gateways):
    anna, ben = await both_have(gateways, a_negotiation())
    for name in ("first", "second"):
        await put(anna.store, *(a_sku(key, name=name) for key in ODD))
        await anna.sync()
        await ben.sync()
        assert {key: sku.name for key, sku in ben.picture.skus.items()} == dict.fromkeys(ODD, name)
        assert ben.peer.health().status is Status.OK


async def test_a_number_without_end_is_named_and_holds_nothing_up(gateways, postgres):
    anna = gateways("anna")
    await put(anna.store, a_negotiation(), an_invoice(id="i1"), a_milestone())
    await anna.sync()
    postgres.run("update invoices set amount = ('1' || repeat('0', 5000))::numeric")
    await put(anna.store, an_invoice(id="i1", amount=Decimal(7)), a_milestone(note="goes on"))
    await anna.sync()
    assert postgres.value("select note from milestones") == "goes on"
    assert "1 row set aside: invoices i1: amount: " in anna.peer.health().message


# --- what is set aside


async def test_a_row_that_was_set_aside_and_is_deleted_is_gone(gateways, postgres):
    anna = gateways("anna")
    await put(anna.store, a_negotiation(), an_offer())
    await anna.sync()
    postgres.run("""update offers set terms = '[{"kind": "of a later kind"}]'""")
    await anna.sync()
    assert "1 row set aside: offers" in anna.peer.health().message
    postgres.run("delete from offers")
    await anna.sync()
    assert anna.picture.offers == {}
    assert anna.peer.health().status is Status.OK


async def test_usage_that_was_set_aside_is_corrected_by_a_higher_revision(gateways, postgres):
    anna = gateways("anna")
    postgres.run("insert into usage (day, sku, quantity) values ('2026-01-31', 'sms', 'NaN')")
    await anna.sync()
    assert "1 row set aside: usage 2026-01-31/sms: quantity" in anna.peer.health().message
    postgres.run("insert into usage values ('2026-01-31', 'sms', 2, 10, null, 'hand')")
    for _ in range(2):
        await anna.sync()
        assert anna.peer.health().status is Status.OK
        anna.clock.advance(61)
    assert anna.picture.usage[date(2026, 1, 31)].rows["sms"].quantity == 10


async def test_two_invoices_whose_numbers_were_mixed_up_trade_them(gateways, postgres):
    anna = gateways("anna")
    await put(
        anna.store,
        a_negotiation(),
        *(an_invoice(id=f"i{n}", number=f"N{n}", amount=Decimal(n)) for n in (1, 2, 3)),
    )
    await anna.sync()
    postgres.run("""
        update invoices set number = 'for now' where id = 'i1';
        update invoices set number = 'N1' where id = 'i3';
        update invoices set number = 'N3' where id = 'i2';
        update invoices set number = 'N2' where id = 'i1';
    """)
    await anna.sync()
    assert {each.id: each.number for each in anna.picture.invoices.values()} == {
        "i1": "N2",
        "i2": "N3",
        "i3": "N1",
    }
    assert anna.peer.health().status is Status.OK
    assert verify_audit(anna.path).ok


async def test_every_process_on_a_store_names_what_is_set_aside(gateways, tmp_path, postgres):
    lock = tmp_path / "sync.lock"
    one, other = (
        gateways("one", turn_file=lock),
        gateways("one", turn_file=lock, clock=SystemClock()),
    )
    postgres.run("insert into usage (day, sku, quantity) values ('2026-01-31', 'sms', 'NaN')")
    await one.sync()
    async with running(other):
        await until(lambda: "1 row set aside" in other.peer.health().message, within=LONG)


async def test_a_table_that_was_emptied_and_filled_again_is_read_and_may_be_changed(
    gateways, postgres
):
    anna = gateways("anna")
    await put(anna.store, a_negotiation())
    for n in range(3):
        await put(anna.store, a_sku("a", name=f"{n}"))
        await anna.sync()
    postgres.run(
        "truncate skus; insert into skus (key, name, family, unit, list_rate) values ('a', 'by hand', 'sms', 'x', 1)"
    )
    await anna.sync()
    assert anna.picture.skus["a"].name == "by hand"
    await put(anna.store, a_sku("a", name="ours"))
    await anna.sync()
    assert postgres.value("select name from skus") == "ours"
    assert anna.picture.conflicts == {}


# --- a Supabase that was set back


def as_it_was(postgres):
    """What has to be run to bring the tables and the feed back to where they are now."""
    postgres.run("create schema if not exists kept")
    for table in ("milestones", "usage", "feed"):
        postgres.run(
            f"drop table if exists kept.{table}; create table kept.{table} as table {table}"
        )
    return "set session_replication_role = replica;" + "".join(
        f"delete from {table}; insert into {table} overriding system value table kept.{table};"
        for table in ("feed", "usage", "milestones")
    )


@pytest.mark.parametrize("long_ago", [False, True])
async def test_a_supabase_that_was_set_back_overwrites_nothing_and_is_not_overwritten_unseen(
    gateways, postgres, long_ago
):
    """`long_ago`: it has written more since than was lost, so that its feed is as far as before."""
    anna, ben = await both_have(
        gateways,
        a_negotiation(),
        *(a_milestone(id=id_) for id_ in ("m0", "m1")),
        a_row("2026-01-31", "sms", quantity=10),
    )
    before = as_it_was(postgres)
    await put(ben.store, *(a_milestone(id=id_, note="lost") for id_ in ("m0", "m1")))
    await ben.sync()
    await put(ben.store, a_milestone(id="m2", note="lost whole"))
    for each in (ben, anna):
        await each.sync()
    postgres.run(before)
    for each in (anna, ben):
        if long_ago:
            await each.start_again()
        else:
            await each.store.exchange(
                lambda _, ledger: ledger.move(Place(str(10**9), 1)) or (), cause="as if"
            )
    for note in ("by hand", "after it was set back"):
        postgres.run(f"update milestones set note = '{note}' where id = 'm1'")
    for each in (anna, ben, anna, ben, anna):
        await each.sync()
    for each in (anna, ben):
        assert {m.id: m.note for m in each.picture.milestones.values()} == {
            "m0": None,
            "m1": "after it was set back",
            "m2": "lost whole",
        }
        found = {(c.entity_id, json.loads(c.ours)["note"]) for c in each.picture.conflicts.values()}
        assert found == {("m0", "lost"), ("m1", "lost")}
    assert postgres.run("select id, note from milestones order by 1") == [
        ["m0", ""],
        ["m1", "after it was set back"],
        ["m2", "lost whole"],
    ]
    assert shared(ben.picture) == shared(anna.picture)
    assert postgres.value("select count(*) from feed where area = 'usage'") == "1"


# --- live


@asynccontextmanager
async def running(*gateways):
    async with AsyncExitStack() as stack:
        for each in gateways:
            task = asyncio.create_task(each.peer.run())
            stack.callback(task.cancel)
        yield


async def test_a_commit_of_one_gateway_is_at_the_other_by_realtime(gateways, project):
    options = {"clock": SystemClock(), "realtime": True, "poll_seconds": 600}
    anna, ben = gateways("anna", **options), gateways("ben", **options)
    async with running(anna, ben):
        await until(lambda: ben.peer.health().mode == "realtime", within=LONG)
        await until(lambda: anna.peer.health().last_ok_at is not None, within=LONG)
        await put(anna.store, a_negotiation())
        await until(lambda: ben.picture.negotiations, within=LONG)


async def test_where_realtime_breaks_off_polling_goes_on_and_it_comes_back(gateways, project):
    ben = gateways("ben", clock=SystemClock(), realtime=True, poll_seconds=0.2)
    async with running(ben):
        await until(lambda: ben.peer.health().mode == "realtime", within=LONG)
        await project.realtime.drop()
        await until(lambda: ben.peer.health().mode == "realtime", within=LONG)
        assert ben.peer.health().status is Status.OK


async def test_realtime_that_was_away_for_long_is_joined_anew_each_time(project, postgres):
    clock, rings = FakeClock(), []
    reader = SupabaseReader(project.url, project.key, clock=clock, timeout=LONG)
    bell = Bell(reader, lambda: rings.append(bell.is_open), lambda: None)
    listening = asyncio.create_task(bell.run(clock))
    try:
        for _ in range(2):
            await until(lambda: bell.is_open, within=LONG)
            await project.stop()
            await clock.until_asleep()
            clock.advance(1)
            await until(lambda: len(clock.slept) % 2 == 0, within=LONG)  # refused, too
            await project.start()
            clock.advance(5)
        await until(lambda: bell.is_open, within=LONG)
        rings.clear()
        postgres.run("insert into feed (area, id, row_version) values ('skus', 'a', 1)")
        await until(lambda: rings, within=LONG)
    finally:
        listening.cancel()
        await asyncio.wait([listening])
        await bell.close()
        await reader.close()


async def test_without_realtime_changes_are_found_by_looking(gateways, postgres, tmp_path):
    async with SupabaseProject(postgres, realtime=False) as project:
        ben = Gateway(
            tmp_path / "b.sqlite3",
            project.url,
            project.key,
            clock=SystemClock(),
            realtime=True,
            poll_seconds=0.1,
        )
        try:
            async with running(ben):
                await until(lambda: ben.peer.health().last_ok_at is not None, within=LONG)
                assert ben.peer.health().mode == "polling"
                postgres.run(
                    "insert into skus (key, name, family, unit, list_rate) values ('a', 'A', 'sms', 'x', 1)"
                )
                await until(lambda: "a" in ben.picture.skus, within=LONG)
        finally:
            await ben.close()


async def test_of_the_processes_on_one_store_one_syncs_and_another_takes_over(gateways, tmp_path):
    lock = tmp_path / "sync.lock"
    one, other = gateways("one", turn_file=lock), gateways("other", turn_file=lock)
    await put(one.store, a_negotiation())
    await one.sync()
    [said] = (await other.peer.pull()).warnings
    assert "Another process" in said
    assert other.picture.negotiations == {}
    await one.peer.close()
    await other.sync()
    assert other.picture.negotiations


async def test_a_row_that_the_store_cannot_keep_is_set_aside_and_holds_nothing_up(
    gateways, postgres
):
    anna = gateways("anna")
    await put(anna.store, *one_of_each())
    await anna.sync()
    postgres.run("update invoices set amount = 1e40")
    postgres.run("insert into usage values ('2026-02-01', 'sms', 1, 1e40, null, 'hand')")
    postgres.run("update milestones set note = 'goes on'")
    await anna.sync()
    assert [each.note for each in anna.picture.milestones.values()] == ["goes on"]
    assert "2 rows set aside: invoices" in anna.peer.health().message
    postgres.run("update invoices set amount = 8")
    postgres.run("insert into usage values ('2026-02-01', 'sms', 2, 10, null, 'hand')")
    await anna.sync()
    assert [each.amount for each in anna.picture.invoices.values()] == [8]
    assert anna.picture.usage[date(2026, 2, 1)].rows["sms"].quantity == 10
    assert anna.peer.health().status is Status.OK


async def test_a_change_that_lost_to_what_cannot_be_taken_waits_and_is_named(gateways, postgres):
    anna = gateways("anna")
    await put(anna.store, a_negotiation(), an_invoice(id="i1"))
    await anna.sync()
    postgres.run("update invoices set amount = 1e40")
    await put(anna.store, an_invoice(id="i1", amount=Decimal(7)))
    await anna.sync()
    assert (
        "refused by Supabase: invoices i1: it was changed there first" in anna.peer.health().message
    )
    assert anna.picture.invoices["i1"].amount == 7
    postgres.run("update invoices set amount = 8")
    await anna.sync()
    assert anna.picture.invoices["i1"].amount == 8
    [conflict] = anna.picture.conflicts.values()
    assert json.loads(conflict.ours)["amount"] == "7"
