"""An offer assessed: verdict, reasons, what-ifs, and nothing computed twice."""

from dataclasses import replace
from decimal import Decimal

import pytest

from negotiation.assessed import Assessment
from negotiation.assessment import Analyst
from negotiation.decision import Facts, Position, Stance, Verdict, decide_on
from negotiation.demo import DemoWorkspace
from negotiation.errors import ValidationFailed
from negotiation.evaluation import evaluate
from negotiation.lint import Severity, TermFinding
from negotiation.lint.case import nothing
from negotiation.picture import Picture, Pictures
from negotiation.scenario import Scenario
from negotiation.terms import CommitmentTerm, PaymentTerm, Term
from tests.builders import TODAY, a_negotiation, a_snapshot, an_offer

POSITION = Position(
    currency="USD",
    batna=Decimal(1000),
    reservation=Decimal(900),
    best=Decimal(500),
    stance=Stance(planned_rounds=5, opening=Decimal(0)),
)


def facts(cost: int, round_number: int = 1, probability: str = "0", **changes: object) -> Facts:
    found = Facts(
        cost=Decimal(cost),
        round_number=round_number,
        shortfall_probability=Decimal(probability),
        effective_discount=Decimal("0.4"),
        current_discount=Decimal("0.3"),
    )
    return replace(found, **changes)  # type: ignore[arg-type]


def test_we_concede_from_our_best_to_our_reservation_over_the_planned_rounds() -> None:
    assert [POSITION.target(number) for number in range(1, 7)] == [500, 600, 700, 800, 900, 900]


def test_a_patient_negotiator_concedes_late_and_an_eager_one_early() -> None:
    def halfway(patience: str) -> Decimal:
        return Stance(planned_rounds=5, opening=Decimal(0), patience=Decimal(patience)).conceded(3)

    assert halfway("0.2") < halfway("1") == Decimal("0.5") < halfway("5")
    assert Stance(planned_rounds=1).conceded(1) == 1
    assert Stance(opening=Decimal("0.1")).conceded(1) == Decimal("0.1")


@pytest.mark.parametrize(
    ("seen", "verdict", "reason"),
    [
        (facts(500), Verdict.ACCEPT, "TARGET_MET"),
        (facts(501), Verdict.COUNTER, "TARGET_NOT_MET"),
        (facts(700, 3), Verdict.ACCEPT, "TARGET_MET"),
        (facts(901, 3), Verdict.COUNTER, "ABOVE_RESERVATION"),
        (facts(901, 5), Verdict.REJECT, "ABOVE_RESERVATION"),
        (facts(400, probability="0.26"), Verdict.COUNTER, "SHORTFALL_PROB_ABOVE_LIMIT"),
        (facts(400, 5, "0.26"), Verdict.REJECT, "SHORTFALL_PROB_ABOVE_LIMIT"),
        (facts(400, probability="0.25"), Verdict.ACCEPT, "TARGET_MET"),
    ],
)
def test_the_verdict_follows_the_rules(seen: Facts, verdict: Verdict, reason: str) -> None:
    found, reasons = decide_on(seen, POSITION)

    assert (found, reasons[0].code) == (verdict, reason)


def test_in_the_last_round_a_deal_better_than_none_is_taken() -> None:
    position = replace(POSITION, best=Decimal(500), reservation=Decimal(900), batna=Decimal(1000))
    patient = replace(position, stance=Stance(planned_rounds=5))

    assert decide_on(facts(900, 5), patient)[0] is Verdict.ACCEPT


def test_a_contradiction_must_be_resolved_before_anything_is_signed() -> None:
    conflict = TermFinding(
        code="DEFINITION_CONFLICT", severity=Severity.ERROR, message="Two.", price=nothing()
    )
    verdict, reasons = decide_on(facts(100, findings=(conflict,)), POSITION)

    assert (verdict, reasons[0].code, len(reasons)) == (Verdict.COUNTER, "DEFINITION_CONFLICT", 1)


@pytest.mark.parametrize(
    "terms",
    [
        (PaymentTerm(id="p", net_days=30),),
        (CommitmentTerm(id="c", amount=Decimal(1000)), PaymentTerm(id="p", net_days=30)),
    ],
)
def test_without_any_usage_no_offer_is_accepted_for_costing_nothing(
    terms: tuple[Term, ...],
) -> None:
    negotiation = a_negotiation(terms=())
    picture = Pictures().of(a_snapshot(negotiation=negotiation), negotiation, TODAY)
    offer = an_offer(terms=terms)
    analyst = Analyst()
    found = analyst.assess(picture, [offer], offer, paths=100)

    assert (found.verdict, found.reasons[0].code) == (Verdict.COUNTER, "NO_USAGE")
    assert found.effective_discount is None
    assert analyst.zopa(picture, [offer], offer).notices[0].code == "NO_USAGE"


def test_further_reasons_follow_with_their_numbers() -> None:
    warning = TermFinding(
        code="TIER_FLAP", severity=Severity.WARNING, message="Flaps.", price=nothing()
    )
    idle = TermFinding(
        code="UNREACHABLE_TIER", severity=Severity.INFO, message="Far.", price=nothing()
    )
    seen = facts(100, effective_discount=Decimal("0.2991"), findings=(idle, warning))

    codes = [reason.code for reason in decide_on(seen, POSITION)[1]]

    assert codes == ["TARGET_MET", "EFFECTIVE_DISCOUNT_BELOW_CURRENT", "TIER_FLAP"]
    assert "29.91 %" in decide_on(seen, POSITION)[1][1].message


def assessed(
    demo: DemoWorkspace, picture: Picture, analyst: Analyst | None = None
) -> list[Assessment]:
    chosen = analyst if analyst is not None else Analyst()
    return [chosen.assess(picture, demo.offers, offer, paths=2_000) for offer in demo.offers]


def test_the_deepest_headline_is_the_dearest_offer(
    demo: DemoWorkspace, demo_picture: Picture
) -> None:
    by_title = {
        offer.title: found
        for offer, found in zip(demo.offers, assessed(demo, demo_picture), strict=True)
    }
    deepest = by_title["45 % across the board"]

    assert deepest.headline_discount == max(
        found.headline_discount
        for found in by_title.values()
        if found.headline_discount is not None
    )
    assert deepest.cash == max(found.cash for found in by_title.values())
    assert deepest.shortfall_probability == 1
    assert deepest.verdict is Verdict.COUNTER
    assert deepest.reasons[0].code == "SHORTFALL_PROB_ABOVE_LIMIT"


def test_every_figure_of_an_assessment_is_there(demo: DemoWorkspace, demo_picture: Picture) -> None:
    for found in assessed(demo, demo_picture):
        assert found.months == len(found.monthly) == 24
        assert found.cost_p10 <= found.cost_p50 <= found.cost_p90 <= found.risk.cvar95
        assert 0 <= found.shortfall_probability <= 1
        assert found.cash == sum(month.cash for month in found.monthly)
        assert found.list_cost == sum(month.list for month in found.monthly)
        assert found.npv < found.cash


def test_what_was_assessed_is_remembered(demo: DemoWorkspace, demo_picture: Picture) -> None:
    analyst = Analyst()
    first, again = assessed(demo, demo_picture, analyst), assessed(demo, demo_picture, analyst)

    for one, other in zip(first, again, strict=True):
        assert one.evaluation is other.evaluation
        assert one.risk is other.risk
    assert (
        analyst.assess(demo_picture, demo.offers, demo.offers[0], paths=2_000, seed=2).risk
        is not first[0].risk
    )


def test_a_scenario_changes_volumes_horizon_and_rate(
    demo: DemoWorkspace, demo_picture: Picture
) -> None:
    analyst, offer = Analyst(), demo.offers[1]

    def cash(scenario: Scenario | None = None) -> Assessment:
        return analyst.assess(demo_picture, demo.offers, offer, scenario, paths=500)

    plain = cash()
    assert cash(Scenario(volume_factor=Decimal(1))).cash == plain.cash
    assert cash(Scenario(volume_factor=Decimal(0))).cash == 0
    assert cash(Scenario(family_factors={"sms": Decimal(2)})).cash > plain.cash
    assert cash(Scenario(months=12)).months == 12
    assert cash(Scenario(annual_discount_rate=Decimal(0))).npv == plain.cash
    assert plain.evaluation.forecast.start == offer.terms[0].start  # type: ignore[union-attr]


def test_a_senseless_scenario_is_refused_with_its_fields(
    demo: DemoWorkspace, demo_picture: Picture
) -> None:
    scenario = Scenario(
        volume_factor=Decimal(-1),
        family_factors={"fax": Decimal(1), "sms": Decimal(2000)},
        months=0,
        annual_discount_rate=Decimal(1),
    )
    with pytest.raises(ValidationFailed) as failed:
        Analyst().assess(demo_picture, demo.offers, demo.offers[0], scenario)

    assert [(error.code, error.field) for error in failed.value.errors] == [
        ("FACTOR", "volumeFactor"),
        ("FACTOR", "familyFactors.sms"),
        ("UNKNOWN_FAMILY", "familyFactors.fax"),
        ("MONTHS", "months"),
        ("ANNUAL_RATE", "annualDiscountRate"),
    ]


def test_without_a_deal_the_contract_in_force_goes_on(
    demo: DemoWorkspace, demo_picture: Picture
) -> None:
    analyst = Analyst()
    found = analyst.assess(demo_picture, demo.offers, demo.offers[0], paths=500)
    contract = evaluate(demo.negotiation.terms, found.evaluation.forecast)

    assert analyst.risk(contract, 500, 1).certainty_equivalent == found.position.batna
    assert found.position.best <= found.position.reservation <= found.position.batna


def test_our_own_envelope_may_allow_less_than_the_contract_in_force_costs(
    demo: DemoWorkspace, demo_picture: Picture
) -> None:
    limit = Stance(payable_a_month=Decimal(40_000))
    found = Analyst(limit).assess(demo_picture, demo.offers, demo.offers[5], paths=500)

    assert found.position.reservation == 24 * 40_000 < found.position.batna
    assert found.reasons[0].code == "ABOVE_RESERVATION"


def test_the_lint_of_an_offer_needs_no_scenario(demo: DemoWorkspace, demo_picture: Picture) -> None:
    codes = [finding.code for finding in Analyst().lint(demo_picture, demo.offers[4])]

    assert codes[0] == "DEFINITION_CONFLICT"
