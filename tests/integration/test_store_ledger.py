"""What a store remembers of the database it syncs with: every change waits once, in the transaction that made it."""

from decimal import Decimal

import pytest

from adapters.store import open_store, restore, seed
from adapters.store.ledger import Place, Queued
from negotiation.records import Provenance
from resolvers.ports import Delete, Put
from tests.builders import a_milestone, a_negotiation, a_row, an_invoice
from tests.fakes import FakeClock
from tests.stores import put


@pytest.fixture
def store(tmp_path):
    found = open_store(tmp_path / "store.sqlite3", FakeClock())
    yield found
    found.close()


async def ask(store, question):
    """What the ledger says."""
    answers = []

    def step(_, ledger):
        answers.append(question(ledger))
        return ()

    await store.exchange(step, cause="a question")
    return answers[-1]


async def begin(store):
    return await ask(store, lambda ledger: ledger.begin())


async def waiting(store):
    return [(q.area, q.id, q.revision) for q in await ask(store, lambda ledger: ledger.next(100))]


async def test_nothing_waits_where_nothing_syncs(store):
    await put(store, an_invoice())
    assert await waiting(store) == []


async def test_what_was_there_before_waits_from_the_first_sync_on_and_a_demonstration_does_not(
    store,
):
    await seed(
        store,
        [a_negotiation(provenance=Provenance.FIXTURE), a_row("2026-01-31", "sms", quantity=1)],
        current_negotiation_id="neg-1",
        anchor=FakeClock().today(),
    )
    await put(store, an_invoice(id="i1"))
    await put(store, a_row("2026-02-01", "sms", quantity=2))
    await begin(store)
    assert await waiting(store) == [("invoices", "i1", 2), ("usage", "2026-02-01/sms", 3)]


async def test_every_change_waits_once_as_it_is_now(store):
    await begin(store)
    await put(store, an_invoice(id="i1"))
    await put(store, an_invoice(id="i1", amount=Decimal(2)), a_row("2026-01-31", "sms", quantity=1))
    await store.commit(lambda _: [Delete("invoices", "i1")], actor="me", cause="gone")
    assert await waiting(store) == [("usage", "2026-01-31/sms", 2), ("invoices", "i1", 3)]


async def test_what_others_refer_to_goes_first(store):
    await begin(store)
    await put(store, a_milestone(id="m1"))
    await put(store, a_negotiation())
    assert [area for area, _, _ in await waiting(store)] == ["negotiations", "milestones"]


async def test_what_was_taken_from_the_peer_does_not_wait_unless_it_is_announced(store):
    await begin(store)

    def step(_, ledger):
        ledger.saw("invoices", "theirs", 3)
        ledger.announced.add(("invoices", "told"))
        return [
            Put(an_invoice(id="theirs", number="1")),
            Put(an_invoice(id="told", number="2")),
        ]

    await store.exchange(step, cause="pull")
    assert await waiting(store) == [("invoices", "told", 1)]
    assert await ask(store, lambda ledger: ledger.version("invoices", "theirs")) == 3
    assert [line.actor for line in await store.history(first=9)] == ["supabase"] * 2


async def test_a_change_during_a_send_waits_on(store):
    await begin(store)
    await put(store, an_invoice(id="i1"))
    [(area, id_, sent)] = await waiting(store)
    await put(store, an_invoice(id="i1", amount=Decimal(2)))
    await ask(store, lambda ledger: ledger.sent(area, id_, sent))
    assert await waiting(store) == [("invoices", "i1", 2)]
    await ask(store, lambda ledger: ledger.sent(area, id_, 2))
    assert await waiting(store) == []


async def test_what_was_refused_waits_for_a_change(store):
    await begin(store)
    await put(store, an_invoice(id="i1"))
    await ask(store, lambda ledger: ledger.complain("invoices", "i1", 1, "number taken"))
    assert await waiting(store) == []
    [problem] = await ask(store, lambda ledger: ledger.problems())
    assert problem == Queued("invoices", "i1", 1, "number taken")
    await put(store, an_invoice(id="i1", number="another"))
    assert await waiting(store) == [("invoices", "i1", 2)]


async def test_a_step_that_fails_leaves_neither_ledger_nor_picture_changed(store):
    await begin(store)

    def step(_, ledger):
        ledger.saw("invoices", "i1", 1)
        return [Put(an_invoice(id="i1", number="1")), Put(an_invoice(id="i2", number="1"))]

    with pytest.raises(ValueError, match="UNIQUE"):
        await store.exchange(step, cause="pull")
    assert store.snapshot().invoices == {}
    assert await ask(store, lambda ledger: ledger.version("invoices", "i1")) is None


async def test_versions_only_rise(store):
    await begin(store)
    await ask(store, lambda ledger: (ledger.saw("offers", "o", 4), ledger.saw("offers", "o", 3)))
    assert await ask(store, lambda ledger: ledger.version("offers", "o")) == 4


async def test_what_is_refused_and_then_taken_in_one_transaction_is_refused_no_more(store):
    def taken(ledger):
        ledger.accept("invoices", "i1")
        ledger.refuse("invoices", "i1", "no number")
        ledger.refuse("invoices", "i2", "no number")
        ledger.accept("invoices", "i1")
        return ledger.refused()

    assert await ask(store, taken) == {("invoices", "i2"): "no number"}
    assert await ask(store, lambda ledger: ledger.refused()) == {("invoices", "i2"): "no number"}


async def test_what_begins_to_wait_in_a_transaction_is_seen_and_dropped_in_it(store):
    await put(store, an_invoice(id="i1"))

    def met(ledger):
        before = ledger.queued("invoices", "i1")
        ledger.begin()
        after = ledger.queued("invoices", "i1")
        ledger.drop("invoices", "i1")
        return before, after, ledger.queued("invoices", "i1")

    assert await ask(store, met) == (None, Queued("invoices", "i1", 1, None), None)
    assert await waiting(store) == []


async def test_another_database_than_the_last_is_met_as_a_stranger(store):
    await begin(store)
    await put(store, an_invoice(id="i1"))
    await ask(store, lambda ledger: ledger.meet("one"))
    await ask(store, lambda ledger: (ledger.move(Place("7", 2)), ledger.saw("invoices", "i1", 5)))
    await ask(store, lambda ledger: ledger.sent("invoices", "i1", 1))
    await ask(store, lambda ledger: ledger.meet("one"))
    assert await ask(store, lambda ledger: ledger.place()) == Place("7", 2)
    await ask(store, lambda ledger: ledger.meet("other"))
    assert await ask(store, lambda ledger: ledger.place()) is None
    assert await ask(store, lambda ledger: ledger.version("invoices", "i1")) is None
    assert await waiting(store) == [("invoices", "i1", 1)]


async def test_a_restored_store_goes_on_under_another_name_and_remembers_what_it_saw(tmp_path):
    clock = FakeClock()
    store = open_store(tmp_path / "store.sqlite3", clock)
    name = await begin(store)
    await put(store, an_invoice(id="i1"))
    await ask(store, lambda ledger: ledger.saw("offers", "o", 4))
    await store.backup(tmp_path / "backup.sqlite3")
    store.close()
    restore(tmp_path / "backup.sqlite3", tmp_path / "again.sqlite3")
    again = open_store(tmp_path / "again.sqlite3", clock)
    assert await begin(again) != name
    assert await ask(again, lambda ledger: ledger.version("offers", "o")) == 4
    assert await waiting(again) == [("invoices", "i1", 1)]
    again.close()
