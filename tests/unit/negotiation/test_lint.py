"""Contradictions and traps in an offer's terms, each with its price."""

from datetime import date
from decimal import Decimal

import pytest

from negotiation.demo import DemoWorkspace
from negotiation.evaluation import evaluate
from negotiation.forecast import Forecast, ForecastLine, forecast_of_amounts, periods
from negotiation.lint import Severity, TermFinding, lint
from negotiation.picture import Picture
from negotiation.terms import (
    CommitmentTerm,
    CreditTerm,
    LadderBasis,
    LadderBoundary,
    LadderEffective,
    LadderTier,
    PaymentTerm,
    PriceProtectionTerm,
    RampStep,
    RampTerm,
    ShortfallOutcome,
    ShortfallTerm,
    Stacking,
    Term,
)
from tests.builders import a_ladder, a_rate, a_renewal, a_sku
from tests.effort import effort

JANUARY = date(2026, 1, 1)
HELD = PriceProtectionTerm(id="held", max_increase=Decimal(0))


def flat(amount: int, months: int = 12, prior: int | None = None) -> Forecast:
    rack = [Decimal(amount)]
    before = rack if prior is None else [Decimal(prior)]
    return forecast_of_amounts(JANUARY, {"all": rack * months}, prior={"all": before * 3})


def found(
    *terms: Term, forecast: Forecast | None = None, today: date = JANUARY
) -> list[TermFinding]:
    return list(lint(evaluate((*terms, HELD), forecast or flat(560_000, 24)), today))


def only(*terms: Term, forecast: Forecast | None = None, today: date = JANUARY) -> TermFinding:
    (finding,) = found(*terms, forecast=forecast, today=today)
    return finding


def test_a_clean_offer_has_no_findings() -> None:
    assert found(a_ladder(), PaymentTerm(id="p", net_days=30)) == []


def test_two_ladders_for_the_same_usage_are_a_conflict_worth_their_difference() -> None:
    finding = only(a_ladder(clause="A"), a_ladder(id="other", basis=LadderBasis.NET, clause="B"))

    assert (finding.code, finding.severity) == ("DEFINITION_CONFLICT", Severity.ERROR)
    assert finding.amount == Decimal("492800.00")
    assert (finding.term_ids, finding.clause) == (("ladder", "other"), "B")
    assert "basis LIST or NET" in finding.message


def test_the_work_grows_with_the_ladders_and_not_with_their_pairs() -> None:
    def work(count: int) -> int:
        ladders = [a_ladder(id=f"ladder-{n:02}", window_days=60 + n) for n in range(count)]
        evaluation = evaluate(ladders, flat(100_000, 24))
        _ = evaluation.npv
        return effort(lambda: lint(evaluation, JANUARY))

    work(1)
    assert work(16) < 3 * work(8)


def test_the_same_ladder_twice_or_one_for_other_families_is_no_conflict() -> None:
    assert found(a_ladder(), a_ladder(id="again", clause="elsewhere")) == []
    forecast = forecast_of_amounts(JANUARY, {"sms": [Decimal(1)], "voice": [Decimal(1)]}, prior={"sms": [Decimal(2_000_000)] * 3, "voice": [Decimal(2_000_000)] * 3})  # fmt: skip
    sms, voice = (
        a_ladder(id="s", families=("sms",)),
        a_ladder(id="v", families=("voice",), window_days=30),
    )
    assert found(sms, voice, forecast=forecast) == []


def test_a_ladder_on_net_spend_that_flaps_is_priced_against_list() -> None:
    finding = only(a_ladder(basis=LadderBasis.NET))

    assert (finding.code, finding.severity) == ("TIER_FLAP", Severity.WARNING)
    assert finding.amount == Decimal("492800.00")


def test_a_ladder_on_net_spend_that_only_starts_later_is_told_without_the_flapping() -> None:
    rising = forecast_of_amounts(
        JANUARY, {"all": [Decimal(100_000 + 5_000 * n) for n in range(12)]}
    )
    codes = {finding.code for finding in found(a_ladder(basis=LadderBasis.NET), forecast=rising)}

    assert codes == {"NET_BASIS", "UNREACHABLE_TIER"}


@pytest.mark.parametrize(
    ("text", "changes", "code"),
    [
        ("by amounts invoiced after all discounts", {}, "WINDOW_AMBIGUOUS"),
        ("by the list price of usage", {"basis": LadderBasis.NET}, "WINDOW_AMBIGUOUS"),
        ("of spend of 250,000 or more", {}, "BOUNDARY_AMBIGUOUS"),
        (
            "of spend exceeding 250,000",
            {"boundary": LadderBoundary.INCLUSIVE},
            "BOUNDARY_AMBIGUOUS",
        ),
        ("of the last 30 days", {}, "WINDOW_AMBIGUOUS"),
        ("of the last quarter", {}, "WINDOW_AMBIGUOUS"),
    ],
)
def test_words_that_say_something_else_than_the_term_are_pointed_out(
    text: str, changes: dict[str, object], code: str
) -> None:
    findings = found(a_ladder(text=text, **changes))

    assert code in [finding.code for finding in findings]
    assert all(finding.amount is not None for finding in findings)


def test_words_that_agree_with_the_term_or_say_nothing_are_fine() -> None:
    for text in (
        "Discount by list spend of the 90 days before, above 250,000.",
        "As agreed.",
        None,
    ):
        assert found(a_ladder(text=text)) == []


def test_a_tier_out_of_reach_is_a_promise_that_will_not_come() -> None:
    finding = only(a_ladder(), forecast=flat(100_000))

    assert (finding.code, finding.severity) == ("UNREACHABLE_TIER", Severity.INFO)
    assert finding.amount == Decimal("96000.00"), "8 points of 1,200,000"


def test_a_ladder_that_gives_less_for_more_is_pointed_out() -> None:
    falling = a_ladder(
        tiers=(
            LadderTier("A", Decimal(0), Decimal("0.4")),
            LadderTier("B", Decimal(10), Decimal("0.3")),
        )
    )

    finding = next(each for each in found(falling) if each.code == "LADDER_FALLS")
    assert finding.amount == 1_344_000, "10 points of 24 x 560,000"


def test_a_commitment_above_what_usage_burns_costs_its_shortfall() -> None:
    paid = ShortfallTerm(id="s", outcome=ShortfallOutcome.PAY_100)
    finding = only(CommitmentTerm(id="c", amount=Decimal(1_000_000)), paid, forecast=flat(50_000))

    assert (finding.code, finding.severity) == ("COMMITMENT_ABOVE_REACH", Severity.ERROR)
    assert finding.amount == 400_000
    assert "Not even list spend" in finding.message


def test_a_missed_commitment_without_a_price_is_a_warning_of_nothing() -> None:
    free = ShortfallTerm(id="s", outcome=ShortfallOutcome.NONE)
    finding = only(CommitmentTerm(id="c", amount=Decimal(1_000_000)), free, forecast=flat(50_000))

    assert (finding.severity, finding.amount) == (Severity.WARNING, 0)


def test_a_commitment_needs_a_rule_for_its_shortfall() -> None:
    finding = only(CommitmentTerm(id="c", amount=Decimal(1000)), forecast=flat(50_000))

    assert (finding.code, finding.amount) == ("SHORTFALL_UNDEFINED", 0)


def test_terms_about_a_commitment_that_is_not_there_are_idle() -> None:
    ramp = RampTerm(id="r", steps=(RampStep(1, Decimal(1)),))

    assert only(ramp).code == "NO_COMMITMENT"


def test_two_payment_terms_and_two_rates_for_one_thing_are_double_definitions() -> None:
    payments = only(PaymentTerm(id="p", net_days=30), PaymentTerm(id="q", net_days=60))
    assert (payments.code, payments.term_ids) == ("DOUBLE_DEFINITION", ("p", "q"))

    rates = only(
        a_rate(id="a", sku="all", unit_price=Decimal("0.6")),
        a_rate(id="b", sku="all", unit_price=Decimal("0.5")),
        forecast=flat(100_000),
    )
    assert (rates.code, rates.amount) == ("DOUBLE_DEFINITION", 120_000)


def test_a_lock_above_the_ladder_costs_where_it_wins_and_is_idle_where_the_better_counts() -> None:
    lock = a_rate(id="lock", sku="all", unit_price=Decimal("0.6"), locked=True)
    wins = only(a_ladder(stacking=Stacking.LOCKED_WINS), lock)
    assert (wins.code, wins.severity) == ("LOCKED_RATE_ABOVE_LADDER", Severity.WARNING)
    assert wins.amount == 24 * 560_000 * Decimal("0.05")

    idle = only(a_ladder(), lock)
    assert (idle.code, idle.severity, idle.amount) == ("LOCKED_RATE_ABOVE_LADDER", Severity.INFO, 0)
    assert found(a_ladder(), a_rate(id="lock", sku="all", unit_price=Decimal("0.5"))) == []


def test_a_rate_above_list_is_pointed_out() -> None:
    finding = only(a_rate(sku="all", unit_price=Decimal("1.1")), forecast=flat(100_000))

    assert (finding.code, finding.amount) == ("RATE_ABOVE_LIST", 120_000)


def test_a_discount_on_pass_through_will_not_be_given() -> None:
    fee = a_sku("fee", family="fees", list_rate=Decimal(1), pass_through=True)
    forecast = Forecast(periods=periods(JANUARY, 1), lines=(ForecastLine(fee, (Decimal(100),)),))
    finding = only(a_rate(family="fees", discount=Decimal("0.45")), forecast=forecast)

    assert (finding.code, finding.amount) == ("PASS_THROUGH_DISCOUNT", 45)


def test_credit_that_cannot_be_used_in_time_is_lost() -> None:
    finding = only(
        CreditTerm(id="k", amount=Decimal(200_000), expires_on=date(2026, 1, 31)),
        forecast=flat(50_000),
    )

    assert (finding.code, finding.amount) == ("CREDIT_EXPIRES_UNUSED", 150_000)


def test_without_protection_a_rise_of_list_prices_has_a_price() -> None:
    (finding,) = lint(evaluate((), flat(100_000, 24)), JANUARY)

    assert (finding.code, finding.amount) == ("NO_PRICE_PROTECTION", 60_000)


def test_a_ladder_that_starts_above_zero_gives_nothing_below() -> None:
    late = a_ladder(tiers=(LadderTier("A", Decimal(500_000), Decimal("0.3")),))
    finding = found(late, forecast=flat(100_000))[0]

    assert (finding.code, finding.severity) == ("LADDER_GAP", Severity.WARNING)
    assert finding.amount == 360_000


def test_words_that_count_another_unit_are_pointed_out() -> None:
    minute = a_sku("calls-us", family="voice", unit="minute", list_rate=Decimal("0.014"))
    forecast = Forecast(periods=periods(JANUARY, 1), lines=(ForecastLine(minute, (Decimal(100),)),))

    def codes(text: str) -> list[str]:
        rate = a_rate(sku="calls-us", unit_price=Decimal("0.01"), text=text)
        return [finding.code for finding in found(rate, forecast=forecast)]

    assert codes("USD 0.01 per call") == ["UNIT_AMBIGUOUS"]
    assert codes("USD 0.01 per minute") == []


@pytest.mark.parametrize(
    ("words", "amount"),
    [("per second", "59.00"), ("per hour", "0.98"), ("per call", "0.40")],
)
def test_what_another_unit_would_cost_is_said_or_what_the_rate_is_worth(
    words: str, amount: str
) -> None:
    minute = a_sku("calls-us", family="voice", unit="minute", list_rate=Decimal("0.014"))
    forecast = Forecast(periods=periods(JANUARY, 1), lines=(ForecastLine(minute, (Decimal(100),)),))
    rate = a_rate(sku="calls-us", unit_price=Decimal("0.01"), text=f"USD 0.01 {words}")

    assert only(rate, forecast=forecast).amount == Decimal(amount)


def test_a_missed_notice_day_costs_what_the_next_term_misses() -> None:
    renewal = a_renewal(start=date(2024, 1, 1), term_months=12)
    finding = only(renewal)
    assert (finding.code, finding.amount) == ("NOTICE_WINDOW_MISSED", 0)
    assert found(a_renewal(start=date(2026, 1, 1))) == []

    commitment = CommitmentTerm(id="c", amount=Decimal(1_000_000))
    paid = ShortfallTerm(id="s", outcome=ShortfallOutcome.PAY_100)
    missed = found(renewal, commitment, paid, forecast=flat(50_000))
    assert [(each.code, each.amount) for each in missed] == [
        ("COMMITMENT_ABOVE_REACH", 400_000),
        ("NOTICE_WINDOW_MISSED", 400_000),
    ]


def test_a_quarter_in_place_of_90_days_has_a_price_where_days_count() -> None:
    by_day = a_ladder(text="spend of the last quarter", effective=LadderEffective.NEXT_DAY)
    growing = forecast_of_amounts(
        JANUARY,
        {"all": [Decimal(80_000 + 9_000 * month) for month in range(24)]},
        prior={"all": [Decimal(70_000)] * 3},
    )
    priced = next(
        each for each in found(by_day, forecast=growing) if each.code == "WINDOW_AMBIGUOUS"
    )

    assert priced.amount > 0


def test_the_gravest_and_dearest_come_first() -> None:
    findings = found(
        CommitmentTerm(id="c", amount=Decimal(5_000_000)),
        a_ladder(),
        a_ladder(id="other", basis=LadderBasis.NET),
        forecast=flat(100_000),
    )

    ranks = [list(Severity).index(finding.severity) for finding in findings]
    assert ranks == sorted(ranks, reverse=True)


def test_the_planted_contradiction_is_found_and_priced_and_is_the_only_one(
    demo: DemoWorkspace, demo_picture: Picture
) -> None:
    conflicts = {}
    for offer in demo.offers:
        forecast = demo_picture.outlook.forecast(date(2026, 5, 1), 24)
        for finding in lint(evaluate(offer.terms, forecast), demo.anchor):
            if finding.code in ("DEFINITION_CONFLICT", "DOUBLE_DEFINITION"):
                conflicts[offer.id] = finding

    assert list(conflicts) == ["demo-3-vendor-1"]
    conflict = conflicts["demo-3-vendor-1"]
    assert conflict.term_ids == ("ladder", "ladder-definition")
    assert conflict.amount > 10_000
