"""Settling what came second."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from negotiation.conflicts import Conflict, ConflictSide, differences, record_from_plain, to_json
from negotiation.records import MilestoneStatus
from resolvers import conflicts
from resolvers.errors import NotFound
from tests.builders import (
    a_ladder,
    a_line,
    a_milestone,
    a_negotiation,
    a_row,
    an_invoice,
    an_offer,
)
from tests.services import a_workbench, actor

NEGOTIATOR = actor("negotiator")


def a_contest(ours, theirs, *, area, id_, **changes):
    return Conflict(
        id=f"c-{id_}",
        area=area,
        entity_id=id_,
        at=datetime(2026, 4, 1, tzinfo=UTC),
        actor="olga",
        ours=to_json(ours),
        theirs=to_json(theirs),
        **changes,
    )


@pytest.mark.parametrize(
    "record",
    [
        a_negotiation(terms=(a_ladder(),)),
        an_offer(terms=(a_ladder(),)),
        an_invoice(lines=(a_line(),), amount=Decimal("1.50")),
        a_row("2026-01-31", "sms", quantity=Decimal("0.10")),
        a_milestone(decided_at=datetime(2026, 4, 1, tzinfo=UTC), status=MilestoneStatus.APPROVED),
    ],
    ids=lambda record: type(record).__name__,
)
def test_a_record_comes_back_from_its_plain_form(record):
    again = record_from_plain(type(record), json.loads(to_json(record)))
    assert again == record
    assert to_json(again) == to_json(record)


def test_only_the_fields_that_differ_are_shown():
    ours = an_invoice(id="i", amount=Decimal("1.50"), dispute_reason="Too much.")
    theirs = an_invoice(id="i", amount=Decimal("1.5"))
    found = differences(a_contest(ours, theirs, area="invoices", id_="i"))
    assert [(each.path, each.ours, each.theirs) for each in found] == [
        ("amount", "1.50", "1.5"),
        ("dispute_reason", "Too much.", None),
    ]


async def settle(keep, conflict, *records, who=NEGOTIATOR):
    bench = a_workbench(conflict, *records)
    snapshot, settled, refusals = await conflicts.resolve(bench.services, who, conflict.id, keep)
    return bench, snapshot, settled, refusals


async def test_to_keep_theirs_changes_nothing_but_the_conflict():
    ours, theirs = an_invoice(id="i", amount=Decimal(7)), an_invoice(id="i", amount=Decimal(8))
    contest = a_contest(ours, theirs, area="invoices", id_="i")
    _, snapshot, settled, refusals = await settle(ConflictSide.THEIRS, contest, theirs)
    assert not refusals
    assert snapshot.invoices["i"] == theirs
    assert (settled.kept, settled.resolved_by) == (ConflictSide.THEIRS, NEGOTIATOR.id)


async def test_to_keep_ours_puts_our_differing_values_on_top_of_what_stands_by_now():
    ours = an_invoice(id="i", amount=Decimal(7))
    theirs = an_invoice(id="i", amount=Decimal(8))
    now = replace(theirs, dispute_reason="said since", disputed_amount=Decimal(1))
    contest = a_contest(ours, theirs, area="invoices", id_="i")
    bench, snapshot, settled, _ = await settle(ConflictSide.OURS, contest, now)
    assert snapshot.invoices["i"] == replace(now, amount=Decimal(7))
    assert settled.kept is ConflictSide.OURS
    lines = await bench.services.store.history(first=5)
    assert {line.cause for line in lines if line.actor == NEGOTIATOR.id} == {
        "resolveConflict: ours kept"
    }


async def test_a_negotiation_that_comes_back_has_a_version_of_its_own():
    ours, theirs = a_negotiation(name="Ours", version=3), a_negotiation(name="Theirs", version=3)
    contest = a_contest(ours, theirs, area="negotiations", id_=ours.id)
    _, snapshot, _, _ = await settle(ConflictSide.OURS, contest, theirs)
    [found] = snapshot.negotiations.values()
    assert (found.name, found.version) == ("Ours", 4)


async def test_a_figure_of_usage_that_comes_back_is_a_new_revision():
    ours = a_row("2026-01-31", "sms", quantity=11)
    theirs = a_row("2026-01-31", "sms", quantity=10)
    contest = a_contest(ours, theirs, area="usage", id_="2026-01-31/sms")
    _, snapshot, _, _ = await settle(ConflictSide.OURS, contest, theirs)
    row = snapshot.usage[date(2026, 1, 31)].rows["sms"]
    assert (row.quantity, row.revision) == (11, 2)


async def test_what_they_deleted_comes_back_and_what_we_deleted_goes():
    invoice = an_invoice(id="i")
    gone = a_contest(invoice, None, area="invoices", id_="i")
    _, snapshot, _, _ = await settle(ConflictSide.OURS, gone)
    assert snapshot.invoices["i"] == invoice
    kept = a_contest(None, invoice, area="invoices", id_="i")
    _, snapshot, _, _ = await settle(ConflictSide.OURS, kept, invoice)
    assert snapshot.invoices == {}


async def test_an_approval_is_put_back_by_those_who_may_approve():
    ours = a_milestone(id="m", status=MilestoneStatus.APPROVED)
    theirs = a_milestone(id="m")
    contest = a_contest(ours, theirs, area="milestones", id_="m")
    _, snapshot, settled, [refusal] = await settle(ConflictSide.OURS, contest, theirs)
    assert (refusal.code, settled.kept) == ("CONFLICT_NOT_YOURS", None)
    assert snapshot.milestones["m"] == theirs
    _, snapshot, _, _ = await settle(ConflictSide.OURS, contest, theirs, who=actor("admin"))
    assert snapshot.milestones["m"].status is MilestoneStatus.APPROVED


async def test_a_number_that_another_invoice_has_by_now_is_not_given_twice():
    ours, theirs = an_invoice(id="i", number="7"), an_invoice(id="i", number="8")
    contest = a_contest(ours, theirs, area="invoices", id_="i")
    other = an_invoice(id="j", number="7")
    _, snapshot, _, [refusal] = await settle(ConflictSide.OURS, contest, theirs, other)
    assert refusal.code == "INVOICE_NUMBER_TAKEN"
    assert snapshot.invoices["i"].number == "8"


async def test_the_same_word_twice_is_one_and_another_word_is_refused():
    theirs = an_invoice(id="i", amount=Decimal(8))
    contest = a_contest(an_invoice(id="i"), theirs, area="invoices", id_="i")
    bench, before, _, _ = await settle(ConflictSide.THEIRS, contest, theirs)
    again, _, refusals = await conflicts.resolve(
        bench.services, NEGOTIATOR, contest.id, ConflictSide.THEIRS
    )
    assert (again.revision, refusals) == (before.revision, ())
    _, _, [refusal] = await conflicts.resolve(
        bench.services, NEGOTIATOR, contest.id, ConflictSide.OURS
    )
    assert refusal.code == "CONFLICT_RESOLVED"


async def test_an_unknown_conflict_is_not_found():
    bench = a_workbench()
    with pytest.raises(NotFound, match="no conflict"):
        await conflicts.resolve(bench.services, NEGOTIATOR, "c", ConflictSide.OURS)


async def test_the_newest_is_listed_first_and_open_ones_can_be_asked_for():
    old = a_contest(None, None, area="invoices", id_="old")
    new = replace(old, id="c-new", at=old.at + timedelta(days=1))
    settled = replace(
        old, id="c-settled", kept=ConflictSide.OURS, resolved_at=old.at, resolved_by="olga"
    )
    bench = a_workbench(old, new, settled)
    view = bench.view(NEGOTIATOR)

    def listed(*, is_open):
        found = conflicts.listing(view, is_open=is_open, first=None, after=None)
        return [each.id for each in found.rows]

    assert listed(is_open=None) == ["c-new", "c-old", "c-settled"]
    assert listed(is_open=True) == ["c-new", "c-old"]
    assert listed(is_open=False) == ["c-settled"]
    assert conflicts.waiting(bench.services.store.snapshot()) == 2
