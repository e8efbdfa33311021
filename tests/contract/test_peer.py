"""What every Peer promises, over every Peer there is."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from decimal import Decimal

import pytest

from adapters.store import open_store
from adapters.supabase import make_peer
from negotiation.records import Provenance
from resolvers.ports import PullResult, Status
from tests.builders import a_negotiation, an_invoice
from tests.doubles.supabase import KEY, SupabaseDouble, answers
from tests.doubles.supabase_project import SupabaseProject
from tests.doubles.wait import until
from tests.fakes import CountingSignal, FakeClock
from tests.stores import put


class Kind:
    """A peer, the store it writes to, and the outside it has."""

    def __init__(self, peer, store, supabase):
        self.peer = peer
        self.store = store
        self.supabase = supabase


@pytest.fixture(params=["null", "supabase", "supabase that is down"])
async def kind(request, tmp_path):
    clock = FakeClock(impatient=True)
    store = open_store(tmp_path / "store.sqlite3", clock)
    await put(store, a_negotiation(), an_invoice())
    async with AsyncExitStack() as stack:
        stack.callback(store.close)
        supabase = await stack.enter_async_context(SupabaseDouble())
        if request.param == "supabase that is down":
            supabase.default = answers(503)
        null = request.param == "null"
        peer = make_peer(
            url=None if null else supabase.url,
            key=None if null else KEY,
            store=store,
            clock=clock,
            signal=CountingSignal(),
            realtime=False,
        )
        stack.push_async_callback(peer.close)
        yield Kind(peer, store, supabase)


async def test_its_health_is_known_before_anything_was_asked(kind):
    health = kind.peer.health()
    assert health.name == "supabase"
    assert health.message
    assert kind.supabase.requests == []


async def test_a_pull_answers_and_never_takes_anything_away(kind):
    before = kind.store.snapshot()
    result = await kind.peer.pull()
    assert isinstance(result, PullResult)
    assert kind.store.snapshot() is before


async def test_what_is_not_well_says_what_to_do(kind):
    await kind.peer.pull()
    health = kind.peer.health()
    assert health.status in {Status.OK, Status.DEGRADED}
    if health.status is Status.DEGRADED:
        assert health.mode in {"fixtures", "cached"}
        assert kind.peer.provenance() is not Provenance.LIVE


async def test_it_says_how_current_its_data_is(kind):
    await kind.peer.pull()
    current = kind.peer.provenance()
    assert current in {None, Provenance.LIVE, Provenance.CACHED}
    assert (current is Provenance.LIVE) is (kind.peer.as_of() is not None)


async def test_its_loop_ends_when_it_is_cancelled(kind):
    task = asyncio.create_task(kind.peer.run())
    if kind.peer.provenance() is not None:
        await until(lambda: kind.supabase.requests)
    task.cancel()
    await asyncio.wait([task], timeout=60)
    assert task.cancelled()


async def test_it_may_be_closed_twice(kind):
    await kind.peer.pull()
    await kind.peer.close()
    await kind.peer.close()


# --- over a real PostgreSQL, by every server there is for REST

BIG = "12345678901234567890.1234567890"
LITE_DIFFERS = {
    "test_a_number_of_thirty_digits_goes_there_exactly": "hands a function's JSON argument on as a JSON text",
    "test_after_a_sync_both_have_the_same_and_are_well": "hands a function's JSON argument on as a JSON text",
}


@pytest.fixture
async def two(server, tmp_path, request):
    """The stores and peers of two gateways on one project."""
    if server.name == "Supabase Lite" and (
        otherwise := LITE_DIFFERS.get(request.function.__name__)
    ):
        request.applymarker(pytest.mark.xfail(strict=True, reason=f"Supabase Lite {otherwise}"))
    server.postgres.empty()
    clock = FakeClock(impatient=True)
    async with AsyncExitStack() as stack:
        project = await stack.enter_async_context(
            SupabaseProject(server.postgres, rest=server.rest)
        )
        made = []
        for name in ("one", "other"):
            store = open_store(tmp_path / f"{name}.sqlite3", clock)
            stack.push_async_callback(store.aclose)
            peer = make_peer(
                url=project.url,
                key=project.key,
                store=store,
                clock=clock,
                signal=CountingSignal(),
                realtime=False,
            )
            stack.push_async_callback(peer.close)
            made.append(Kind(peer, store, project))
        yield made


async def test_a_number_of_thirty_digits_goes_there_exactly(two, server):
    one, _ = two
    await put(one.store, a_negotiation(), an_invoice(amount=Decimal(BIG)))
    await one.peer.pull()
    assert server.postgres.value("select amount from invoices") == BIG


async def test_a_number_of_thirty_digits_comes_back_exactly(two, server):
    _, other = two
    server.postgres.run(
        "insert into invoices (id, number, period_start, period_end, amount, currency, lines) "
        f"values ('a', 'N', '2026-01-01', '2026-01-31', {BIG}, 'USD', "
        f"""'[{{"number": 1, "amount": {BIG}}}]')"""
    )
    await other.peer.pull()
    invoice = other.store.snapshot().invoices["a"]
    assert str(invoice.amount) == str(invoice.lines[0].amount) == BIG
    assert other.peer.health().status is Status.OK


async def test_after_a_sync_both_have_the_same_and_are_well(two):
    one, other = two
    await put(one.store, a_negotiation(), an_invoice(id="inv-1", number="N-1"))
    await put(other.store, a_negotiation(), an_invoice(id="inv-2", number="N-2"))
    for each in (one, other, one, other):
        await each.peer.pull()
    assert one.store.snapshot().invoices == other.store.snapshot().invoices
    assert {each.peer.health().status for each in two} == {Status.OK}
    assert {each.peer.provenance() for each in two} == {Provenance.LIVE}
