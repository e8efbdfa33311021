import asyncio
import subprocess
import sys
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import structlog
from aiohttp import web

from adapters.store import open_store
from adapters.supabase import NullPeer, make_peer
from adapters.supabase.client import SupabaseReader
from negotiation.records import InvoiceStatus, Provenance, StreamSide
from resolvers.errors import Unavailable
from resolvers.ports import Put, Status
from tests.builders import a_negotiation, a_stream, an_invoice
from tests.doubles.faults import Fault, FaultProxy
from tests.doubles.supabase import KEY, SupabaseDouble, answers, cuts_inside_the_body, hangs
from tests.doubles.wait import until
from tests.fakes import CountingSignal, FakeClock, MemoryStore

BIG = "12345678901234567890.1234567890"
LONG = 60.0
"""A bound that only stops what hangs."""


def invoice_row(n=1, /, **changes):
    defaults = {
        "id": f"inv-{n}",
        "number": f"INV-{n:04}",
        "period_start": "2026-03-01",
        "period_end": "2026-03-31",
        "amount": Decimal("100.10"),
        "currency": "USD",
        "status": "OPEN",
        "issued_on": None,
        "lines": [],
        "disputed_amount": None,
        "dispute_reason": None,
        "created_at": "2026-03-31T00:00:00+00:00",
        "updated_at": "2026-03-31T00:00:00+00:00",
        "deleted_at": None,
    }
    return defaults | changes


def stream_row(n=1, /, **changes):
    defaults = {
        "id": f"stream-{n}",
        "negotiation_id": "neg-1",
        "name": "SMS",
        "side": "REVENUE",
        "unit": "message",
        "family": None,
        "volume": Decimal(100000),
        "unit_price": Decimal("0.0075"),
        "list_unit_price": Decimal("0.0100"),
        "cost_share": None,
        "updated_at": "2026-03-31T00:00:00+00:00",
        "deleted_at": None,
    }
    return defaults | changes


class Site:
    """A peer on a double, over a store of its own."""

    def __init__(self, supabase, folder, timeout=30.0, key=KEY, poll=5.0):
        self.supabase = supabase
        self.clock = FakeClock(impatient=True)
        self.store = open_store(folder / "store.sqlite3", self.clock)
        self.signal = CountingSignal()
        self.peer = make_peer(
            url=supabase.url,
            key=key,
            store=self.store,
            clock=self.clock,
            signal=self.signal,
            poll_seconds=poll,
            timeout_seconds=timeout,
            realtime=False,
        )

    @property
    def invoices(self):
        return self.store.snapshot().invoices

    @property
    def streams(self):
        return self.store.snapshot().streams

    @property
    def revision(self):
        return self.store.snapshot().revision


@asynccontextmanager
async def site(*records, max_rows=1000, **changes):
    async with SupabaseDouble(max_rows=max_rows) as supabase:
        with TemporaryDirectory() as folder:
            made = Site(supabase, Path(folder), **changes)
            # as the program itself would have made it: not sent, as long as nothing changes it
            await made.store.commit(
                lambda _: [Put(record) for record in (a_negotiation(), *records)],
                actor="system",
                cause="first start",
            )
            try:
                yield made
            finally:
                await made.peer.close()
                made.store.close()


async def test_invoices_and_streams_come_as_live_records():
    async with site() as s:
        line = {"number": 1, "description": "SMS", "amount": Decimal("100.10"), "sku": "sms"}
        s.supabase.tables["invoices"] = [invoice_row(1, lines=[line], issued_on="2026-04-01")]
        s.supabase.tables["streams"] = [stream_row(1)]
        result = await s.peer.pull()
        assert (result.applied, result.quarantined, result.warnings) == (2, 0, ())
        invoice = s.invoices["inv-1"]
        assert (invoice.amount, invoice.currency) == (Decimal("100.10"), "USD")
        assert (invoice.period_start, invoice.issued_on) == (date(2026, 3, 1), date(2026, 4, 1))
        assert invoice.lines[0].amount == Decimal("100.10")
        assert invoice.provenance is Provenance.LIVE
        stream = s.streams["stream-1"]
        assert (stream.side, stream.unit_price) == (StreamSide.REVENUE, Decimal("0.0075"))
        assert stream.provenance is Provenance.LIVE
        health = s.peer.health()
        assert (health.name, health.status, health.mode) == ("supabase", Status.OK, "polling")
        assert health.last_ok_at == s.peer.as_of()
        assert s.peer.provenance() is Provenance.LIVE


async def test_amounts_keep_every_digit():
    async with site() as s:
        line = {"number": 1, "description": "", "amount": Decimal(BIG), "quantity": Decimal("0.1")}
        s.supabase.tables["invoices"] = [
            invoice_row(amount=Decimal(BIG), disputed_amount=Decimal(BIG), lines=[line])
        ]
        s.supabase.tables["streams"] = [stream_row(volume=Decimal(BIG))]
        await s.peer.pull()
        invoice = s.invoices["inv-1"]
        kept = (invoice.amount, invoice.disputed_amount, invoice.lines[0].amount)
        assert [str(amount) for amount in kept] == [BIG] * 3
        assert str(s.streams["stream-1"].volume) == BIG


async def test_a_pull_that_finds_nothing_new_commits_nothing():
    async with site() as s:
        s.supabase.tables["invoices"] = [invoice_row(n) for n in range(5)]
        assert (await s.peer.pull()).applied == 5
        before = s.revision
        assert (await s.peer.pull()).applied == 0
        assert s.revision == before


@pytest.mark.parametrize("max_rows", [1000, 400])
async def test_a_table_longer_than_a_page_is_read_to_its_end(max_rows):
    async with site(max_rows=max_rows) as s:
        s.supabase.tables["invoices"] = [invoice_row(n) for n in range(2300)]
        assert (await s.peer.pull()).applied == 2300
        assert len(s.invoices) == 2300


async def test_values_whose_meaning_is_clear_are_coerced():
    async with site() as s:
        s.supabase.tables["invoices"] = [
            invoice_row(
                id=17,
                number=" INV-17 ",
                amount="99.50",
                currency="usd",
                status="paid",
                period_start="2026-03-01T00:00:00+00:00",
            )
        ]
        await s.peer.pull()
        invoice = s.invoices["17"]
        assert (invoice.number, invoice.amount) == ("INV-17", Decimal("99.50"))
        assert (invoice.currency, invoice.status) == ("USD", InvoiceStatus.PAID)
        assert invoice.period_start == date(2026, 3, 1)


async def test_an_unknown_column_is_dropped_with_one_logged_warning():
    async with site() as s:
        s.supabase.tables["invoices"] = [invoice_row(n, colour="red", mood=1) for n in range(3)]
        with structlog.testing.capture_logs() as logs:
            result = await s.peer.pull()
            await s.peer.pull()
        warned = [log["column"] for log in logs if log["event"] == "supabase.unknown_column"]
        assert sorted(warned) == ["colour", "mood"]
        assert len(s.invoices) == 3
        assert "invoices.colour" in result.warnings[0]


async def test_a_renamed_column_that_is_known_under_its_new_name_is_read():
    async with site() as s:
        row = invoice_row()
        row["invoice_number"] = row.pop("number")
        s.supabase.tables["invoices"] = [row]
        await s.peer.pull()
        assert s.invoices["inv-1"].number == "INV-0001"


async def test_an_optional_number_column_that_is_gone_is_done_without_and_read_again_when_back():
    async with site() as s:
        row = invoice_row(amount=Decimal(BIG))
        del row["disputed_amount"]
        s.supabase.tables["invoices"] = [row]
        assert (await s.peer.pull()).applied == 1
        assert str(s.invoices["inv-1"].amount) == BIG
        row["disputed_amount"] = Decimal(BIG)
        assert (await s.peer.pull()).applied == 1
        assert str(s.invoices["inv-1"].disputed_amount) == BIG


@pytest.mark.parametrize("column", ["amount", "currency"])
async def test_a_needed_column_that_is_gone_keeps_the_copy_and_is_named(column):
    async with site() as s:
        s.supabase.tables["invoices"] = [invoice_row(1)]
        await s.peer.pull()
        renamed = invoice_row(1)
        renamed["total"] = renamed.pop(column)
        s.supabase.tables["invoices"] = [renamed]
        await s.peer.pull()
        assert s.invoices["inv-1"].amount == Decimal("100.10")
        health = s.peer.health()
        assert (health.status, health.mode, health.error_code) == (
            Status.DEGRADED,
            "cached",
            "SCHEMA_CHANGED",
        )
        assert f"no column {column}" in health.message


async def test_a_row_that_cannot_be_read_is_set_aside_and_named_and_the_rest_is_applied():
    async with site() as s:
        s.supabase.tables["invoices"] = [
            invoice_row(1),
            invoice_row(2, amount="12,34,5"),
            invoice_row(3, period_start="2026-02-30"),
            invoice_row(4, currency="dollars"),
            invoice_row(5, period_end="2025-01-01"),
        ]
        s.supabase.tables["streams"] = [stream_row(1, unit_price=None)]
        result = await s.peer.pull()
        assert (result.applied, result.quarantined) == (1, 5)
        health = s.peer.health()
        assert health.status is Status.DEGRADED
        assert "5 rows set aside" in health.message
        assert "invoices inv-2: amount" in health.message
        s.supabase.tables["invoices"] = [invoice_row(n) for n in range(1, 6)]
        s.supabase.tables["streams"] = [stream_row(1)]
        assert (await s.peer.pull()).quarantined == 0
        assert s.peer.health().status is Status.OK


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"currency": "EUR"}, "EUR"),
        ({"negotiation_id": "other"}, "not known here"),
    ],
)
async def test_a_stream_that_does_not_fit_its_negotiation_is_set_aside(change, reason):
    async with site() as s:
        s.supabase.tables["streams"] = [stream_row(1, **change)]
        result = await s.peer.pull()
        assert (result.applied, result.quarantined) == (0, 1)
        assert reason in result.warnings[0]


async def test_a_stream_without_a_negotiation_belongs_to_the_current_one():
    async with site() as s:
        s.supabase.tables["streams"] = [stream_row(1, negotiation_id=None)]
        await s.peer.pull()
        assert s.streams["stream-1"].negotiation_id == "neg-1"


async def test_a_row_leaves_only_when_supabase_says_so():
    async with site(an_invoice(id="local", number="LOCAL-1")) as s:
        s.supabase.tables["invoices"] = [invoice_row(1), invoice_row(2)]
        await s.peer.pull()
        s.supabase.tables["invoices"] = [invoice_row(2, deleted_at="2026-04-01T00:00:00+00:00")]
        await s.peer.pull()
        assert set(s.invoices) == {"local", "inv-1"}


async def test_demonstration_records_make_way_for_the_first_real_ones():
    demo = Provenance.FIXTURE
    records = (an_invoice(provenance=demo), a_stream(id="demo", provenance=demo))
    async with site(*records) as s:
        await s.peer.pull()
        assert len(s.invoices) == 1
        s.supabase.tables["invoices"] = [invoice_row(1)]
        await s.peer.pull()
        assert set(s.invoices) == {"inv-1"}
        assert set(s.streams) == {"demo"}


async def test_the_same_number_and_amount_under_another_id_is_the_same_invoice():
    ours = an_invoice(id="ours", number="INV-0001", amount=Decimal("100.10"))
    async with site(ours) as s:
        s.supabase.tables["invoices"] = [invoice_row(1, status="PAID")]
        await s.peer.pull()
        assert {id_: i.status for id_, i in s.invoices.items()} == {"inv-1": InvoiceStatus.PAID}
        assert (await s.peer.pull()).applied == 0


async def test_the_same_number_with_another_amount_is_a_conflict_that_shows_both():
    ours = an_invoice(id="ours", number="INV-0001", amount=Decimal("90.00"))
    async with site(ours) as s:
        s.supabase.tables["invoices"] = [invoice_row(1)]
        result = await s.peer.pull()
        assert result.quarantined == 1
        assert "90.00 USD" in result.warnings[0]
        assert "100.10 USD" in result.warnings[0]
        assert s.invoices["ours"].amount == Decimal("90.00")


async def test_a_dispute_opened_here_is_not_overwritten_until_the_invoice_is_settled():
    async with site() as s:
        s.supabase.tables["invoices"] = [invoice_row(1)]
        await s.peer.pull()
        disputed = an_invoice(
            id="inv-1",
            number="INV-0001",
            amount=Decimal("100.10"),
            issued_on=None,
            status=InvoiceStatus.DISPUTED,
            disputed_amount=Decimal(5),
        )
        await s.store.commit(lambda _: [Put(disputed)], actor="me", cause="dispute")
        assert (await s.peer.pull()).applied == 0
        s.supabase.tables["invoices"] = [invoice_row(1, status="PAID")]
        await s.peer.pull()
        assert s.invoices["inv-1"].status is InvoiceStatus.PAID


OUTAGES = {
    "500": (answers(500), "HTTP"),
    "proxy page": (answers(502, text="<html>bad gateway</html>"), "502"),
    "statement timeout": (answers(500, {"code": "57014", "message": "canceling"}), "57014"),
    "cut": (cuts_inside_the_body(), "CUT"),
    "hangs": (hangs(), "TIMEOUT"),
    "no list": (answers(200, {"surprise": 1}), "UNREADABLE"),
    "no json": (answers(200, text="<html>login</html>"), "UNREADABLE"),
}


@pytest.mark.parametrize("outage", OUTAGES)
async def test_an_outage_is_tried_three_times_then_the_copy_is_shown_with_its_age(outage):
    behaviour, code = OUTAGES[outage]
    async with site() as s:
        s.supabase.tables["invoices"] = [invoice_row(1)]
        await s.peer.pull()
        s.supabase.requests.clear()
        s.supabase.default = behaviour
        patience = s.peer._policy
        if outage == "hangs":
            s.peer._policy = replace(patience, timeout=0.1)
        s.clock.advance(180)
        result = await s.peer.pull()
        assert len(s.supabase.requests) == 3
        assert result.applied == 0
        assert set(s.invoices) == {"inv-1"}
        health = s.peer.health()
        assert (health.status, health.mode, health.error_code) == (Status.DEGRADED, "cached", code)
        assert "data of 3 min ago" in health.message
        assert s.peer.provenance() is Provenance.CACHED
        # while it is down each look is one try, and one good answer is enough
        await s.peer.pull()
        assert len(s.supabase.requests) == 4
        s.supabase.default = None
        s.peer._policy = patience
        await s.peer.pull()
        assert s.peer.health().status is Status.OK
        assert s.peer.health().error_code == code
        assert s.peer.provenance() is Provenance.LIVE


async def test_a_single_failure_is_retried_within_the_pull():
    async with site() as s:
        s.supabase.tables["invoices"] = [invoice_row(1)]
        s.supabase.script.extend([answers(503), answers(503)])
        assert (await s.peer.pull()).applied == 1
        assert s.peer.health().status is Status.OK
        assert len(s.clock.slept) == 2


async def test_health_knows_of_an_outage_at_the_first_failed_try():
    async with site() as s:
        await s.peer.pull()
        heard = s.signal.count
        s.supabase.script.append(answers(500))
        seen = []

        class Watching(FakeClock):
            async def sleep(self, seconds):
                seen.append(s.peer.health().status)
                await super().sleep(seconds)

        s.peer._reader._clock = Watching(impatient=True)
        await s.peer.pull()
        assert seen == [Status.DEGRADED]
        assert s.signal.count == heard + 2


async def test_what_is_tried_again_is_our_own_policy_and_not_the_clients_too():
    async with site() as s, FaultProxy(s.supabase.url) as proxy:
        peer = make_peer(
            url=proxy.url, key=KEY, store=s.store, clock=s.clock, signal=s.signal, realtime=False
        )
        await proxy.set(Fault.RESET)
        await peer.pull()
        assert (proxy.taken, peer.health().error_code) == (3, "CUT")
        await peer.close()


async def test_a_dead_server_is_noticed_when_it_is_back():
    async with site() as s:
        await s.supabase.stop()
        await s.peer.pull()
        assert s.peer.health().error_code == "UNREACHABLE"
        await s.supabase.start()
        await s.peer.pull()
        assert s.peer.health().status is Status.OK


async def test_a_refused_key_is_not_tried_again_and_named():
    async with site(key="wrong") as s:
        await s.peer.pull()
        assert len(s.supabase.requests) == 1
        assert "SUPABASE_KEY" in s.peer.health().message


async def test_a_missing_table_says_to_apply_the_migrations():
    async with site() as s:
        del s.supabase.tables["streams"]
        await s.peer.pull()
        assert "no table streams" in s.peer.health().message
        assert "migrations" in s.peer.health().message


async def test_a_change_is_found_in_the_feed_without_reading_everything_again():
    async with site() as s:
        rows = [invoice_row(n) for n in range(50)]
        s.supabase.tables["invoices"] = rows
        running = asyncio.create_task(s.peer.run())
        await until(lambda: len(s.invoices) == 50)
        rows[7] |= {"status": "PAID", "updated_at": "2026-04-01T12:00:00+00:00"}
        await until(lambda: s.invoices["inv-7"].status is InvoiceStatus.PAID)
        running.cancel()
        whole = [query for query in s.supabase.reads_of("invoices") if "id" not in query]
        assert len(whole) == 1


class FullDisk:
    """A store that cannot be used while `failure` is set."""

    def __init__(self, store):
        self._store = store
        self.failure = Unavailable("The disk is full.")

    def __getattr__(self, name):
        return getattr(self._store, name)

    async def exchange(self, step, **how):
        if self.failure is not None:
            raise self.failure
        return await self._store.exchange(step, **how)

    async def history(self, **which):
        if self.failure is not None:
            raise self.failure
        return await self._store.history(**which)


async def test_a_start_on_a_full_disk_is_said_and_goes_on_when_there_is_room():
    async with site() as s:
        s.supabase.tables["invoices"] = [invoice_row(1)]
        disk = FullDisk(s.store)
        peer = make_peer(
            url=s.supabase.url,
            key=KEY,
            store=disk,
            clock=s.clock,
            signal=s.signal,
            realtime=False,
        )
        running = asyncio.create_task(peer.run())
        await until(lambda: peer.health().status is Status.DEGRADED, within=LONG)
        assert "The disk is full" in peer.health().message
        assert peer.is_well  # there is nothing wrong with Supabase
        disk.failure = None
        await until(lambda: s.invoices, within=LONG)
        await until(lambda: peer.health().status is Status.OK, within=LONG)
        running.cancel()
        await asyncio.wait([running])
        await peer.close()


async def test_rows_are_asked_for_in_addresses_that_every_server_takes():
    async with site() as s:
        await s.peer.pull()
        s.supabase.addresses.clear()
        ids = [f"{n:03}-{'long' * 100}" for n in range(100)]
        s.supabase.tables["invoices"] = [invoice_row(n, id=id_) for n, id_ in enumerate(ids)]
        assert (await s.peer.pull()).applied == 100
        assert max(map(len, s.supabase.addresses)) < 8000


async def test_an_id_that_no_address_has_room_for_is_set_aside_and_keeps_nothing_back():
    async with site() as s:
        await s.peer.pull()
        s.supabase.tables["invoices"] = [invoice_row(1, id="x" * 9000), invoice_row(2)]
        result = await s.peer.pull()
        assert (result.applied, result.quarantined) == (1, 1)
        assert "longer than" in s.peer.health().message
        assert len(s.peer.health().message) < 500


async def test_the_age_of_the_copy_survives_a_restart():
    async with site() as s:
        s.supabase.tables["invoices"] = [invoice_row(1)]
        await s.peer.pull()
        s.clock.advance(3600)
        await s.supabase.stop()
        again = make_peer(
            url=s.supabase.url, key=KEY, store=s.store, clock=s.clock, signal=s.signal
        )
        running = asyncio.create_task(again.run())
        await until(lambda: again.health().mode == "cached")
        running.cancel()
        assert "data of 1 h ago" in again.health().message
        await again.close()


async def test_the_key_is_in_no_log_and_no_health():
    async with site(timeout=0.1) as s:
        s.supabase.script.extend([answers(500), hangs(), cuts_inside_the_body()])
        with structlog.testing.capture_logs() as logs:
            result = await s.peer.pull()
        assert KEY not in repr((logs, result, s.peer.health()))


@pytest.mark.parametrize(
    ("url", "key", "named"),
    [
        (None, None, "Set SUPABASE_URL and SUPABASE_KEY"),
        ("https://x.supabase.co", None, "SUPABASE_KEY is missing"),
        (None, "k", "SUPABASE_URL is missing"),
        ("x.supabase.co", "k", "must start with https://"),
    ],
)
async def test_without_whole_credentials_the_local_store_is_all_there_is_and_health_says_what_to_set(
    url, key, named
):
    clock = FakeClock()
    peer = make_peer(
        url=url, key=key, store=MemoryStore(clock), clock=clock, signal=CountingSignal()
    )
    assert isinstance(peer, NullPeer)
    health = peer.health()
    assert (health.status, health.mode) == (Status.DEGRADED, "fixtures")
    assert named in health.message
    assert peer.provenance() is None
    result = await peer.pull()
    assert (result.applied, result.quarantined) == (0, 0)


def test_the_client_is_not_imported_without_credentials():
    code = (
        "import sys, adapters.supabase, adapters.twilio, adapters.outbox;"
        "print([m for m in ('supabase', 'postgrest', 'twilio', 'aiohttp') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout.strip() == "[]"


async def test_all_who_ask_at_once_share_one_connection():
    reader = SupabaseReader("http://127.0.0.1:9", "a.b.c", clock=FakeClock(), timeout=1.0)
    clients = await asyncio.gather(*(reader._connected() for _ in range(5)))
    assert len({id(client) for client in clients}) == 1
    await reader.close()


async def test_an_answer_that_is_late_is_known_to_be_missing_until_it_comes():
    async with site(timeout=30) as s:
        come = asyncio.Event()

        async def late(_):
            await come.wait()
            return web.json_response(
                {"peer": "double", "horizon": "1", "behind": False, "lines": []}
            )

        await s.peer.pull()
        s.supabase.script.append(late)
        pulling = asyncio.create_task(s.peer.pull())
        await until(lambda: s.peer.health().error_code == "SLOW", within=30)
        assert s.peer.health().status is Status.DEGRADED
        come.set()
        await pulling
        assert s.peer.health().status is Status.OK
