"""The demo workspace: what it holds, and that it is the same everywhere."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import pytest

from negotiation.demo import DEMO_SEED, DIGEST, DIGEST_ANCHOR, DemoWorkspace, digest, generate
from negotiation.demo.catalogue import demo_skus
from negotiation.demo.volumes import Volumes, demo_days
from negotiation.envelope import compute_envelope, margin_band
from negotiation.importing.categories import categories
from negotiation.money import sum_lines
from negotiation.months import add_months, month_end
from negotiation.offers import terms_hash
from negotiation.picture import Pictures
from negotiation.ratio import MarginRate
from negotiation.records import InvoiceStatus, OfferStatus, Party, Provenance, StreamSide
from negotiation.rules.model import RuleKind
from negotiation.rules.validity import rule_faults
from negotiation.validity import terms_faults

ANCHORS = (DIGEST_ANCHOR, date(2024, 2, 29), date(2026, 11, 24))


@pytest.fixture(scope="module", params=ANCHORS, ids=str)
def workspace(request: pytest.FixtureRequest) -> DemoWorkspace:
    return generate(DEMO_SEED, request.param)


def test_the_demo_is_the_one_that_was_shipped() -> None:
    assert digest(generate(DEMO_SEED, DIGEST_ANCHOR)) == DIGEST


def test_another_seed_is_another_demo() -> None:
    assert digest(generate("other", DIGEST_ANCHOR)) != DIGEST


def test_a_quantity_depends_on_nothing_but_its_own_row() -> None:
    skus = demo_skus()
    forward, backward = Volumes("s", DIGEST_ANCHOR), Volumes("s", DIGEST_ANCHOR)
    days = list(demo_days(DIGEST_ANCHOR))[::97]
    one = {(day, sku.sku.key): forward.quantity(sku, day) for day in days for sku in skus}
    other = {
        (day, sku.sku.key): backward.quantity(sku, day)
        for sku in reversed(skus)
        for day in reversed(days)
    }

    assert one == other


def test_it_has_147_skus_in_12_families_and_marks_prices_without_a_source(
    workspace: DemoWorkspace,
) -> None:
    assert len({sku.key for sku in workspace.skus}) == 147
    assert len({sku.family for sku in workspace.skus}) == 12
    assert {sku.family for sku in workspace.skus if sku.pass_through} == {"carrier-fees"}
    assert 0 < sum(sku.synthetic for sku in workspace.skus) < 147
    assert all(sku.synthetic for sku in workspace.skus if sku.key.endswith(("-gb", "-de", "-lk")))


def test_the_categories_of_a_real_export_are_among_its_skus() -> None:
    keys = {demo.sku.key for demo in demo_skus()}
    families = {demo.sku.key: demo.sku.family for demo in demo_skus()}
    shared = keys & set(categories())

    assert {"sms-outbound-longcode", "calls-outbound", "authy-phone-verifications"} <= shared
    assert len(shared) > 70
    assert all(families[key] == categories()[key].family for key in shared)


def test_it_has_24_months_of_daily_usage_up_to_yesterday_and_about_90_000_rows(
    workspace: DemoWorkspace,
) -> None:
    days = {row.day for row in workspace.usage}

    assert 85_000 <= len(workspace.usage) <= 95_000
    assert max(days) == workspace.anchor - timedelta(days=1)
    assert min(days) == add_months(workspace.anchor.replace(day=1), -24)
    assert len(days) == (max(days) - min(days)).days + 1
    assert len({(row.day, row.sku) for row in workspace.usage}) == len(workspace.usage)
    assert all(row.billed is not None and row.revision == 1 for row in workspace.usage)


def test_its_trailing_spend_stands_just_below_the_second_tier(workspace: DemoWorkspace) -> None:
    picture = Pictures().of(workspace.snapshot(), workspace.negotiation, workspace.anchor)

    assert picture.trailing.missing == ()
    assert Decimal(235_000) < picture.trailing.amount < Decimal(250_000)
    assert picture.trailing.tier is not None
    assert picture.trailing.tier.name == "A"
    assert {picture.figures.discounts(picture.usage, workspace.anchor)[day] for day in (
        invoice.period_start for invoice in workspace.invoices
    )} == {Decimal("0.32"), Decimal("0.37")}  # fmt: skip


def test_every_family_has_a_stream_on_both_sides_and_the_margin_lies_within_the_band(
    workspace: DemoWorkspace,
) -> None:
    negotiation = workspace.negotiation
    picture = Pictures().of(workspace.snapshot(), negotiation, workspace.anchor)
    envelope = compute_envelope(
        picture.money,
        margin_band(
            MarginRate(negotiation.target_margin),
            MarginRate(negotiation.floor_margin),
            MarginRate(negotiation.ceiling_margin),
        ),
    )

    assert picture.warnings == ()
    assert Counter(line.side for line in picture.streams) == dict.fromkeys(StreamSide, 12)
    assert envelope.current_margin is not None
    assert negotiation.floor_margin < envelope.current_margin < negotiation.ceiling_margin


def test_two_incidents_stand_out_of_the_usage(workspace: DemoWorkspace) -> None:
    by_sku: dict[str, dict[date, Decimal]] = {}
    for row in workspace.usage:
        by_sku.setdefault(row.sku, {})[row.day] = row.quantity

    assert [incident.name for incident in workspace.incidents] == ["surge", "pumping"]
    for incident in workspace.incidents:
        for key in incident.keys:
            before = by_sku[key][incident.first - timedelta(days=7)]
            assert by_sku[key][incident.first] > 2 * before


def test_24_invoices_are_the_sums_of_their_rounded_lines(workspace: DemoWorkspace) -> None:
    assert len({invoice.number for invoice in workspace.invoices}) == 24
    for invoice in workspace.invoices:
        assert invoice.period_end == month_end(invoice.period_start)
        assert invoice.amount == sum_lines((line.amount for line in invoice.lines), "USD")
        assert [line.number for line in invoice.lines] == list(range(1, len(invoice.lines) + 1))
    statuses = Counter(invoice.status for invoice in workspace.invoices)
    assert statuses == {InvoiceStatus.PAID: 21, InvoiceStatus.OPEN: 2, InvoiceStatus.DISPUTED: 1}


def test_six_errors_of_six_kinds_are_planted(workspace: DemoWorkspace) -> None:
    assert {error.code for error in workspace.planted} == {
        "DUPLICATE_LINE",
        "EXPIRED_CREDIT",
        "LOCKED_SKU_AT_RACK",
        "MINUTE_ROUNDING",
        "UNKNOWN_SKU",
        "WRONG_TIER",
    }
    assert len(workspace.planted) == 6
    assert all(error.delta > 0 for error in workspace.planted)


def test_three_rounds_of_valid_offers_by_both_parties(workspace: DemoWorkspace) -> None:
    skus = {sku.key: sku for sku in workspace.skus}

    assert [(offer.round, offer.party) for offer in workspace.offers] == [
        (number, party) for number in (1, 2, 3) for party in (Party.VENDOR, Party.BUYER)
    ]
    assert all(terms_faults(offer.terms, skus) == () for offer in workspace.offers)
    assert len({offer.hash for offer in workspace.offers}) == 6
    assert len({terms_hash(offer.terms) for offer in workspace.offers}) == 6
    assert [offer.round for offer in workspace.offers if offer.status is OfferStatus.PROPOSED] == [
        3,
        3,
    ]
    assert terms_faults(workspace.negotiation.terms, skus) == ()


def test_the_contract_began_on_the_15th_14_months_ago_and_has_an_amendment(
    workspace: DemoWorkspace,
) -> None:
    dates = Pictures().of(workspace.snapshot(), workspace.negotiation, workspace.anchor).dates

    assert dates is not None
    assert dates.start == add_months(workspace.anchor.replace(day=1), -14).replace(day=15)
    assert dates.end == add_months(dates.start, 24)
    assert dates.last_notice_day == dates.end - timedelta(days=60)
    assert any("Amendment" in (term.clause or "") for term in workspace.negotiation.terms)


def test_two_of_six_milestones_are_late(workspace: DemoWorkspace) -> None:
    picture = Pictures().of(workspace.snapshot(), workspace.negotiation, workspace.anchor)

    assert len(picture.milestones) == 6
    assert [picture.is_late(milestone) for milestone in picture.milestones].count(True) == 2


def test_nothing_of_it_is_called_live(workspace: DemoWorkspace) -> None:
    marked = [*workspace.invoices, *workspace.streams, workspace.negotiation]

    assert {record.provenance for record in marked} == {Provenance.FIXTURE}


def test_it_has_one_rule_of_each_kind_and_none_of_them_says_anything(
    workspace: DemoWorkspace,
) -> None:
    assert Counter(rule.kind for rule in workspace.rules) == Counter(RuleKind)
    assert not any(rule.enabled or rule.recipients for rule in workspace.rules)
    assert not any(rule_faults(rule) for rule in workspace.rules)
