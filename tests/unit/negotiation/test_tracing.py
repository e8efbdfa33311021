"""Every figure can be followed to its inputs: each traced value recomputed from them."""

from datetime import date
from decimal import Decimal

import pytest

from negotiation.assessment import Analyst
from negotiation.decision import Position, Stance
from negotiation.demo import DemoWorkspace
from negotiation.evaluation import Evaluation, evaluate
from negotiation.forecast import forecast_of_amounts
from negotiation.picture import Picture
from negotiation.terms import (
    CommitmentTerm,
    CreditTerm,
    FulfilmentInterval,
    LadderEffective,
    PricingModel,
    RateTier,
    ShortfallOutcome,
    ShortfallTerm,
    Term,
)
from negotiation.trace import verify_trace
from negotiation.tracing import (
    trace_assessment,
    trace_evaluation,
    trace_invoice_finding,
    trace_month,
    trace_position,
    trace_trailing,
)
from tests.builders import a_ladder, a_rate

RACK = [Decimal(100_000 + 10_000 * month) for month in range(12)]


def growing(*terms: Term) -> Evaluation:
    prior = {"all": [Decimal(80_000), Decimal(90_000), Decimal(95_000)]}
    return evaluate(terms, forecast_of_amounts(date(2026, 1, 1), {"all": RACK}, prior=prior))


def test_the_steps_of_an_evaluation_make_its_figures() -> None:
    found = growing(
        a_ladder(),
        CommitmentTerm(id="c", amount=Decimal(1_200_000)),
        CreditTerm(id="k", amount=Decimal(50_000)),
    )
    values = verify_trace(trace_evaluation(found))

    assert values["cash"] == found.cash == 1_150_000
    assert values["npv"] == found.npv == Decimal("1074267.37")
    assert values["shortfall"] == values["missing_1"] == 28_200
    assert values["effective_discount"] == Decimal("0.3817")
    assert (values["list_cost"], values["net"], values["credits"]) == (1_860_000, 1_171_800, 50_000)


@pytest.mark.parametrize("outcome", list(ShortfallOutcome))
def test_every_outcome_of_a_shortfall_has_its_steps(outcome: ShortfallOutcome) -> None:
    percent = Decimal("0.5") if outcome is ShortfallOutcome.PAY_PCT else None
    found = growing(
        a_rate(discount=Decimal("0.45")),
        CommitmentTerm(id="c", amount=Decimal(300_000), interval=FulfilmentInterval.QUARTERLY),
        ShortfallTerm(id="s", outcome=outcome, percent=percent),
    )

    assert verify_trace(trace_evaluation(found))["shortfall"] == found.shortfall


def test_the_lines_of_a_month_make_its_net() -> None:
    tiers = (RateTier(Decimal(70_000), Decimal(1)), RateTier(None, Decimal("0.3")))
    plain = growing(a_ladder())
    tiered = growing(a_rate(sku="all", model=PricingModel.GRADUATED, tiers=tiers))
    by_day = growing(a_ladder(effective=LadderEffective.NEXT_DAY))

    for found in (plain, tiered, by_day):
        for index, month in enumerate(found.monthly):
            assert verify_trace(trace_month(found, index))["net"] == month.net


def test_every_figure_of_the_demos_offers_can_be_followed(
    demo: DemoWorkspace, demo_picture: Picture
) -> None:
    analyst = Analyst()
    for offer in demo.offers:
        found = analyst.assess(demo_picture, demo.offers, offer, paths=500)
        values = verify_trace(trace_assessment(found))

        for name in (
            "list_cost", "cash", "npv", "shortfall", "credits", "cost_p10", "cost_p50", "cost_p90",
            "shortfall_probability", "expected_shortfall", "effective_discount", "headline_discount",
        ):  # fmt: skip
            assert values[name] == getattr(found, name), name
        assert values["certainty_equivalent"] == found.risk.certainty_equivalent
        assert values.get("break_even_spend") == found.break_even_spend
        for number, each in enumerate(found.cost_fan, 1):
            for name in ("p10", "p50", "p90"):
                assert values[f"fan_{number}_{name}"] == getattr(each, name)
        month = verify_trace(trace_month(found.evaluation, 0))
        assert month["net"] == found.monthly[0].net
        assert month["fees"] == found.monthly[0].pass_through


def test_the_price_of_every_finding_can_be_followed(
    demo: DemoWorkspace, demo_picture: Picture
) -> None:
    analyst = Analyst()
    findings = [each for offer in demo.offers for each in analyst.lint(demo_picture, offer)]

    assert len(findings) > 8
    for finding in findings:
        assert verify_trace(finding.trace)["amount"] == finding.amount


def test_the_claim_on_every_invoice_line_can_be_followed(demo_picture: Picture) -> None:
    findings = demo_picture.rerating.all()
    by_units = 0
    for finding in findings:
        steps = trace_invoice_finding(finding)
        by_units += any(step.id == "rate" for step in steps)
        values = verify_trace(steps)
        assert values["delta"] == finding.delta
        assert values["expected"] == finding.expected

    assert by_units == 3


def test_trailing_spend_is_the_sum_of_its_days(demo_picture: Picture) -> None:
    trailing = demo_picture.trailing
    values = verify_trace(trace_trailing(demo_picture, trailing))

    assert len([name for name in values if name.startswith("day_")]) == 90
    assert values["amount"] == trailing.amount
    assert trailing.next is not None
    assert values["to_next_tier"] == trailing.next.distance


def test_the_target_of_a_round_comes_from_our_limits() -> None:
    position = Position(
        currency="USD",
        batna=Decimal(1000),
        reservation=Decimal(900),
        best=Decimal(500),
        stance=Stance(planned_rounds=4, opening=Decimal("0.05"), patience=Decimal(2)),
    )

    for number in range(1, 6):
        assert verify_trace(trace_position(position, number))["target"] == position.target(number)
