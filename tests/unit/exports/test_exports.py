"""What is taken away: CSV that spreadsheets read as it is, FOCUS rows by the specification, a briefing with its facts."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.exports.pdf import render
from negotiation import demo
from negotiation.assessment import Analyst
from negotiation.exports import focus, tables
from negotiation.exports.briefing import briefing
from negotiation.exports.table import cell, write_table
from negotiation.picture import Picture, Pictures
from negotiation.records import OfferStatus, Provenance
from negotiation.terms import CommitmentTerm, FulfilmentInterval, RampStep, RampTerm, RenewalTerm
from resolvers import exports
from resolvers.errors import Forbidden, NotFound
from resolvers.negotiation import Targets, envelope
from tests.builders import NOW, a_ladder, a_negotiation, an_offer
from tests.services import a_workbench, actor
from tests.stores import put
from tests.workspace import workspace

TODAY = date(2026, 4, 1)


def parsed(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


# --- CSV


@given(
    st.lists(st.text(alphabet=st.characters(exclude_characters="\r\x00")), min_size=2, max_size=2)
)
def test_any_text_comes_back_as_it_was_but_for_the_guard_against_formulas(
    values: list[str],
) -> None:
    (row,) = parsed(write_table(("a", "b"), [values]))
    assert [row["a"].removeprefix("'"), row["b"].removeprefix("'")] == [
        value.removeprefix("'") for value in values
    ]


@pytest.mark.parametrize(
    "text", ["=1+1", "+SUM(A1)", "-cmd", "@x", "\t=1", "\n=1", "\uff1d1+1", "\uff20x"]
)
def test_text_that_a_spreadsheet_would_run_is_defused(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1E+3"), "1000"),
        (Decimal("-0.0047520"), "-0.0047520"),
        ("-0.3345", "-0.3345"),
        (None, ""),
        (True, "true"),
        (date(2026, 1, 31), "2026-01-31"),
        (datetime(2026, 1, 31, 12, tzinfo=UTC), "2026-01-31T12:00:00Z"),
        (OfferStatus.PROPOSED, "PROPOSED"),
    ],
)
def test_values_are_exact_and_plain(value: Any, text: str) -> None:
    assert cell(value) == text


# --- FOCUS

COMMITMENT = CommitmentTerm(id="c1", clause="4", amount=Decimal(1_200_000))
RENEWAL = RenewalTerm(id="r1", start=date(2026, 1, 1), term_months=24)


def focus_rows(paper: focus.Paper, today: date = TODAY) -> list[dict[str, Any]]:
    rows = focus.rows(a_negotiation(terms=(RENEWAL,)), [paper], today)
    return [dict(zip(focus.COLUMNS, row, strict=True)) for row in rows]


def test_the_contract_in_force_is_active_and_costs_its_whole_period() -> None:
    (row,) = focus_rows(focus.Paper("contract", "Contract", (COMMITMENT, RENEWAL)))
    assert row["ContractCommitmentCost"] == Decimal(2_400_000)
    assert row["ContractCommitmentLifecycleStatus"] == "Active"
    assert row["ContractCommitmentFulfillmentInterval"] == "Annual"
    assert (row["ContractCommitmentPeriodStart"], row["ContractCommitmentPeriodEnd"]) == (
        "2026-01-01T00:00:00Z",
        "2028-01-01T00:00:00Z",
    )
    assert row["ContractCommitmentDurationType"] == "2 Years"


@pytest.mark.parametrize(
    ("today", "status"),
    [(date(2025, 12, 31), "Pending"), (date(2026, 1, 1), "Active"), (date(2028, 1, 1), "Expired")],
)
def test_a_contract_is_pending_before_its_first_day_and_expired_after_its_last(
    today: date, status: str
) -> None:
    (row,) = focus_rows(focus.Paper("contract", "Contract", (COMMITMENT, RENEWAL)), today)
    assert row["ContractCommitmentLifecycleStatus"] == status


@pytest.mark.parametrize(
    ("status", "lifecycle"),
    [
        (OfferStatus.PROPOSED, "Proposed"),
        (OfferStatus.SUPERSEDED, "Superseded"),
        (OfferStatus.REJECTED, "Canceled"),
        (OfferStatus.WITHDRAWN, "Canceled"),
        (OfferStatus.EXPIRED, "Expired"),
        (OfferStatus.ACCEPTED, "Active"),
    ],
)
def test_an_offers_lifecycle_follows_its_status(status: OfferStatus, lifecycle: str) -> None:
    offer = replace(an_offer(), status=status)
    (row,) = focus_rows(focus.Paper(offer.id, offer.title, (COMMITMENT,), offer))
    assert row["ContractCommitmentLifecycleStatus"] == lifecycle
    assert (
        row["ContractPeriodStart"] == "2026-01-01T00:00:00Z"
    )  # the contract's, where it says nothing


def test_a_commitment_for_the_whole_term_is_counted_once() -> None:
    term = replace(COMMITMENT, interval=FulfilmentInterval.TERM)
    (row,) = focus_rows(focus.Paper("contract", "Contract", (term, RENEWAL)))
    assert row["ContractCommitmentCost"] == Decimal(1_200_000)
    assert row["ContractCommitmentFulfillmentInterval"] == "Full Period"


def test_each_interval_of_a_ramp_costs_its_step_and_the_sum_is_money() -> None:
    ramp = RampTerm(id="r", steps=(RampStep(1, Decimal(100_000)), RampStep(13, Decimal(200_000))))
    half = replace(RENEWAL, term_months=31)
    (row,) = focus_rows(focus.Paper("contract", "Contract", (COMMITMENT, half, ramp)))
    assert row["ContractCommitmentCost"] == Decimal("416666.67")  # 100,000 + 200,000 + 7/12 of it


def test_what_fulfils_a_commitment_is_an_object_of_the_specification() -> None:
    own = replace(COMMITMENT, families=("sms", "mms"))
    negotiation = a_negotiation(terms=(RENEWAL,))
    paper = focus.Paper("contract", "Contract", (COMMITMENT, replace(own, id="c2")))
    found = [
        json.loads(row[focus.COLUMNS.index("ContractCommitmentApplicability")])
        for row in focus.rows(negotiation, [paper], TODAY, ["carrier-fee"])
    ]
    fees = [{"Dimension": "SkuId", "Operator": "In", "Values": ["carrier-fee"]}]
    assert found[0] == {"IsGlobalScope": True, "Exclusions": fees}
    assert found[1] == {
        "InclusionOperator": "Or",
        "Inclusions": [{"Dimension": "ServiceName", "Operator": "In", "Values": ["sms", "mms"]}],
        "Exclusions": fees,
    }


@pytest.mark.parametrize(
    ("effective", "told"),
    [("0.3817", "0.3817"), ("-0.2", "0"), (None, "0.45")],
)
def test_the_discount_is_a_fraction_from_0_to_1_and_never_empty(
    effective: str | None, told: str
) -> None:
    known = None if effective is None else Decimal(effective)
    paper = focus.Paper("o", "Offer", (COMMITMENT, a_ladder()), discount=known)
    (row,) = focus_rows(paper)
    assert row["ContractCommitmentDiscountPercentage"] == Decimal(told)


def test_no_mandatory_column_is_empty() -> None:
    nullable = {"ContractCommitmentQuantity", "ContractCommitmentUnit"}
    (row,) = focus_rows(focus.Paper("contract", "Contract", (COMMITMENT, RENEWAL)))
    assert {name for name, value in row.items() if value is None} == nullable
    assert row["ContractCommitmentCreated"] <= row["ContractCommitmentLastUpdated"]


# --- the demo, exported


@pytest.fixture(scope="module")
def picture() -> Picture:
    snapshot = demo.generate(demo.DEMO_SEED, TODAY).snapshot()
    return Pictures().of(snapshot, snapshot.negotiations["demo"], TODAY)


def test_the_briefing_tells_the_figures_and_that_they_are_a_demonstration(picture: Picture) -> None:
    snapshot = demo.generate(demo.DEMO_SEED, TODAY).snapshot()
    analyst = Analyst()
    offers = list(snapshot.offers.values())
    assessed = {offer: analyst.assess(picture, offers, offer) for offer in offers}
    bench = a_workbench()
    view = replace(bench.view(), figures=bench.pictures.of(snapshot))
    made = envelope(view, picture.negotiation, Targets())
    text = briefing(picture, made, assessed, Provenance.FIXTURE)
    assert text.startswith("# Twilio renewal\n")
    assert "demonstration data, not live figures" in text
    assert all(offer.title in text for offer in offers)
    assert "6 findings on our invoices" in text
    assert "the last safe day to give notice is" in text
    document = render(text, NOW)
    assert document.startswith(b"%PDF-")
    assert document == render(text, NOW)


def test_the_six_planted_errors_are_the_findings_table(picture: Picture) -> None:
    assert len(list(tables.findings(picture))) == 6


@pytest.mark.parametrize("name", exports.NAMES)
async def test_every_export_has_its_columns_and_rows(name: str) -> None:
    bench = a_workbench()
    await put(bench.store, *workspace())
    made = await exports.export(bench.view(), name)
    assert made.name.startswith("neg-1-")
    if name == exports.BRIEFING:
        assert made.text.startswith("# ")
        return
    rows = list(csv.reader(io.StringIO(made.text)))
    assert tuple(rows[0]) == tuple(exports.TABLES[name].columns)
    assert {len(row) for row in rows} == {len(rows[0])}
    assert len(rows) > 1 or name == "findings"


@pytest.mark.parametrize("role", ["vendor_guest", ""])
async def test_exports_are_refused_to_who_is_not_of_the_buyer(role: str) -> None:
    bench = a_workbench()
    await put(bench.store, *workspace())
    with pytest.raises(Forbidden):
        await exports.export(bench.view(actor(role) if role else actor()), "offers")


async def test_an_unknown_export_is_refused_with_those_there_are() -> None:
    bench = a_workbench()
    await put(bench.store, *workspace())
    with pytest.raises(NotFound, match="invoices"):
        await exports.export(bench.view(), "secrets")
