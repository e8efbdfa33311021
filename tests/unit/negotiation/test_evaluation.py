"""What an offer costs on a forecast, to the cent."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from negotiation.deal import Deal
from negotiation.errors import TermError
from negotiation.evaluation import Evaluation, evaluate
from negotiation.forecast import Forecast, ForecastLine, Period, forecast_of_amounts, periods
from negotiation.terms import (
    CommitmentTerm,
    CreditTerm,
    FulfilmentInterval,
    LadderBasis,
    LadderDowngrade,
    LadderEffective,
    PaymentTerm,
    PriceProtectionTerm,
    PricingModel,
    RampStep,
    RampTerm,
    RateTier,
    ShortfallOutcome,
    ShortfallTerm,
    Stacking,
    Term,
)
from tests.builders import a_ladder, a_rate, a_renewal, a_sku
from tests.effort import effort

JANUARY = date(2026, 1, 1)
RACK = [Decimal(100_000 + 10_000 * month) for month in range(12)]
PRIOR = [Decimal(80_000), Decimal(90_000), Decimal(95_000)]


def growing() -> Forecast:
    """Rack of 100k, 110k ... 210k after 80k, 90k, 95k: the forecast of the worked offers."""
    return forecast_of_amounts(JANUARY, {"all": RACK}, prior={"all": PRIOR})


def steady(amount: int = 100_000, months: int = 12, start: date = JANUARY) -> Forecast:
    return forecast_of_amounts(start, {"all": [Decimal(amount)] * months})


def commit(amount: int, **changes: object) -> CommitmentTerm:
    return replace(CommitmentTerm(id="commitment", amount=Decimal(amount)), **changes)  # type: ignore[arg-type]


def credit(amount: int | None = None, **changes: object) -> CreditTerm:
    given_amount = None if amount is None else Decimal(amount)
    return replace(CreditTerm(id="credit", amount=given_amount), **changes)  # type: ignore[arg-type]


def outcome(name: str, percent: str | None = None) -> ShortfallTerm:
    return ShortfallTerm(
        id="shortfall",
        outcome=ShortfallOutcome(name),
        percent=None if percent is None else Decimal(percent),
    )


def payment(days: int) -> PaymentTerm:
    return PaymentTerm(id="payment", net_days=days)


FLAT_32 = a_rate(id="rate", discount=Decimal("0.32"))
FLAT_45 = a_rate(id="rate", discount=Decimal("0.45"))


@pytest.mark.parametrize(
    ("terms", "net", "shortfall", "credits", "cash", "npv", "effective", "headline"),
    [
        (
            (FLAT_32, payment(30)),
            "1264800.00", "0.00", "0.00", "1264800.00", "1185187.04", "0.3200", "0.32",
        ),
        (
            (a_ladder(), commit(1_200_000), credit(50_000), payment(30)),
            "1171800.00", "28200.00", "50000.00", "1150000.00", "1074267.37", "0.3817", "0.45",
        ),
        (
            (FLAT_45, commit(1_500_000), payment(45)),
            "1023000.00", "477000.00", "0.00", "1500000.00", "1383430.49", "0.1935", "0.45",
        ),
    ],
    ids=["32 % flat", "ladder and commitment", "45 % flat and a deep commitment"],
)  # fmt: skip
def test_the_three_worked_offers_to_the_cent(
    terms: tuple[Term, ...],
    net: str,
    shortfall: str,
    credits: str,
    cash: str,
    npv: str,
    effective: str,
    headline: str,
) -> None:
    found = evaluate(terms, growing())

    assert (str(found.net), str(found.shortfall), str(found.credits)) == (net, shortfall, credits)
    assert (str(found.cash), str(found.npv)) == (cash, npv)
    assert (str(found.effective_discount), str(found.headline_discount)) == (effective, headline)
    assert found.list_cost == 1_860_000
    assert found.months == len(found.monthly) == 12


def test_a_ladder_on_net_spend_flaps_and_costs_492_800_more_than_on_list() -> None:
    rack = [Decimal(560_000)]
    forecast = forecast_of_amounts(JANUARY, {"all": rack * 24}, prior={"all": rack * 3})
    on_list = evaluate((a_ladder(),), forecast)
    on_net = evaluate((a_ladder(basis=LadderBasis.NET),), forecast)

    assert {month.tier for month in on_list.monthly} == {"C"}
    assert "".join(str(month.tier) for month in on_net.monthly) == "CCCBBCCBBCCBBCCBBCCBBCCB"
    assert on_net.cash - on_list.cash == Decimal("492800.00")


def test_each_line_is_rounded_once_and_then_added() -> None:
    lines = tuple(
        ForecastLine(a_sku(f"sku-{number}", list_rate=Decimal("0.005")), (Decimal(1),))
        for number in range(3)
    )
    found = evaluate((), Forecast(periods=periods(JANUARY, 1), lines=lines))

    assert found.net == Decimal("0.00")
    assert found.list_cost == Decimal("0.02"), "list is no invoice: it is rounded as a whole"


def test_pass_through_is_paid_in_full_outside_ladder_commitment_and_credits() -> None:
    fee = a_sku("fee", family="carrier-fees", list_rate=Decimal(1), pass_through=True)
    usage = a_sku("usage", list_rate=Decimal(1))
    forecast = Forecast(
        periods=periods(JANUARY, 1),
        lines=(ForecastLine(fee, (Decimal(400),)), ForecastLine(usage, (Decimal(100),))),
    )
    found = evaluate((a_ladder(), commit(1200), credit(500)), forecast)
    (month,) = found.monthly

    assert (month.list_amount, month.net, month.pass_through) == (500, 68, 400)
    assert month.credits == 68, "credits stop at the usage"
    assert found.intervals[0].burn == 68
    assert found.unused_credit == 432
    assert month.cash == 400 + month.shortfall


def test_locked_rates_meet_the_ladder_by_its_stacking_rule() -> None:
    sku = a_sku("usage", list_rate=Decimal(1))
    forecast = Forecast(periods=periods(JANUARY, 1), lines=(ForecastLine(sku, (Decimal(100),)),))
    locked = a_rate(sku="usage", unit_price=Decimal("0.60"), locked=True)

    def net(stacking: Stacking, locked_rate: Term = locked) -> Decimal:
        return evaluate((a_ladder(stacking=stacking), locked_rate), forecast).net

    assert net(Stacking.BETTER_OF) == 60
    assert net(Stacking.LOCKED_WINS) == 60
    assert net(Stacking.LADDER_WINS) == 68
    assert net(Stacking.COMPOUND) == Decimal("40.80")


def test_a_rate_kept_in_the_skus_own_record_is_no_part_of_an_offer() -> None:
    sku = a_sku("usage", list_rate=Decimal(1), contract_rate=Decimal("0.1"), locked=True)
    forecast = Forecast(periods=periods(JANUARY, 1), lines=(ForecastLine(sku, (Decimal(100),)),))

    assert evaluate((), forecast).net == 100


def test_tiered_rates_are_priced_through_each_months_quantity() -> None:
    tiers = (RateTier(Decimal(100), Decimal(1)), RateTier(None, Decimal("0.5")))
    sku = a_sku("usage", list_rate=Decimal(1))
    forecast = Forecast(
        periods=periods(JANUARY, 2), lines=(ForecastLine(sku, (Decimal(50), Decimal(300))),)
    )
    term = a_rate(sku="usage", model=PricingModel.GRADUATED, tiers=tiers)

    assert [month.net for month in evaluate((term,), forecast).monthly] == [50, 200]


def test_two_ladders_for_different_families_each_look_at_their_own_spend() -> None:
    forecast = forecast_of_amounts(
        JANUARY,
        {"sms": [Decimal(1000)], "voice": [Decimal(1000)], "video": [Decimal(1000)]},
        prior={"sms": [Decimal(300_000)], "voice": [Decimal(2_000_000)]},
    )
    ladders = (
        a_ladder(id="sms-ladder", families=("sms",)),
        a_ladder(id="voice-ladder", families=("voice", "sms")),
    )

    assert evaluate(ladders, forecast).net == 630 + 550 + 1000


def test_credits_that_expire_first_are_used_first_and_none_after_its_day() -> None:
    credits_given = (
        credit(30, id="late", expires_on=date(2026, 12, 31)),
        credit(50, id="soon", expires_on=date(2026, 2, 28)),
        credit(10, id="never"),
    )
    months = evaluate(credits_given, steady(60, 4)).monthly

    assert [month.credits for month in months] == [60, 30, 0, 0]

    one = (credit(100, expires_on=date(2026, 2, 27)),)
    assert [month.credits for month in evaluate(one, steady(60, 4)).monthly] == [60, 0, 0, 0]
    assert evaluate(one, steady(60, 4)).unused_credit == 40


def test_a_credit_starts_with_the_invoice_whose_period_ends_after_the_grant() -> None:
    granted = credit(100, granted_on=date(2026, 2, 28))

    assert [month.credits for month in evaluate((granted,), steady(60, 4)).monthly] == [
        0,
        60,
        40,
        0,
    ]


def test_an_invoice_that_pays_back_takes_no_credit_and_gives_none() -> None:
    given = (credit(50), credit(id="half", invoice_share=Decimal("0.5"), invoice_count=2))
    forecast = forecast_of_amounts(JANUARY, {"all": [Decimal(-100), Decimal(80)]})
    found = evaluate(given, forecast)

    assert [month.credits for month in found.monthly] == [0, 80]
    assert [month.cash for month in found.monthly] == [-100, 0]
    assert found.unused_credit == 0


def test_a_share_of_the_first_two_invoices_is_a_credit_too() -> None:
    share = credit(invoice_share=Decimal("0.75"), invoice_count=2)

    assert [month.credits for month in evaluate((share,), steady(1000, 3)).monthly] == [750, 750, 0]


@pytest.mark.parametrize(
    ("shortfall", "charges"),
    [
        (outcome("PAY_100"), [200, 0]),
        (outcome("PAY_PCT", "0.5"), [100, 0]),
        (outcome("CARRY_FORWARD"), [0, 100]),
        (outcome("NONE"), [0, 0]),
        (outcome("RATE_CLAWBACK"), [200, 0]),
    ],
)
def test_every_outcome_of_a_shortfall(shortfall: ShortfallTerm, charges: list[int]) -> None:
    rack = [Decimal(100)] * 6 + [Decimal(200)] * 6
    forecast = forecast_of_amounts(JANUARY, {"all": rack})
    half = a_rate(discount=Decimal("0.5"))
    found = evaluate(
        (
            half,
            commit(500, interval=FulfilmentInterval.TERM),
            shortfall,
            a_renewal(start=JANUARY, term_months=6),
        ),
        forecast,
    )

    assert [interval.burn for interval in found.intervals] == [300, 600]
    assert [int(interval.charge) for interval in found.intervals] == charges
    assert found.shortfall == sum(charges)


def test_what_is_missing_is_carried_forward_and_due_at_the_end() -> None:
    rack = [Decimal(amount) for amount in (80, 80, 80, 90, 90, 90, 110, 110, 110, 100, 100, 80)]
    forecast = forecast_of_amounts(JANUARY, {"all": rack})
    terms = (commit(300, interval=FulfilmentInterval.QUARTERLY), outcome("CARRY_FORWARD"))
    found = evaluate(terms, forecast)

    assert [interval.carried_in for interval in found.intervals] == [0, -60, -90, -60]
    assert [month.shortfall for month in found.monthly] == [0] * 11 + [80]


def test_a_clawback_takes_back_the_discounts_at_most_the_shortfall() -> None:
    terms = (a_rate(discount=Decimal("0.1")), commit(2000), outcome("RATE_CLAWBACK"))

    assert evaluate(terms, steady(100)).shortfall == 120
    assert evaluate((terms[0], commit(1100), terms[2]), steady(100)).shortfall == 20


def test_a_ramp_raises_the_commitment_of_later_intervals() -> None:
    ramp = RampTerm(id="ramp", steps=(RampStep(1, Decimal(100)), RampStep(13, Decimal(1300))))
    found = evaluate((commit(900), ramp), steady(100, 24))

    assert [interval.committed for interval in found.intervals] == [100, 1300]
    assert [interval.charge for interval in found.intervals] == [0, 100]


def test_a_commitment_may_count_some_families_only() -> None:
    forecast = forecast_of_amounts(
        JANUARY, {"sms": [Decimal(100)] * 12, "voice": [Decimal(500)] * 12}
    )

    assert evaluate((commit(1500, families=("sms",)),), forecast).shortfall == 300


def test_a_stub_at_either_end_is_an_invoice_of_its_own_days() -> None:
    assert periods(date(2026, 1, 15), 2) == (
        Period(date(2026, 1, 15), date(2026, 1, 31)),
        Period(date(2026, 2, 1), date(2026, 2, 28)),
        Period(date(2026, 3, 1), date(2026, 3, 14)),
    )


def test_intervals_run_from_the_start_and_split_a_month_by_days() -> None:
    sku = a_sku("usage", list_rate=Decimal(1))
    spans = periods(date(2026, 1, 15), 6)
    quantities = tuple(Decimal(span.days) for span in spans)
    forecast = Forecast(periods=spans, lines=(ForecastLine(sku, quantities),))
    found = evaluate((commit(95, interval=FulfilmentInterval.QUARTERLY),), forecast)

    assert [(each.first, each.end) for each in found.intervals] == [
        (date(2026, 1, 15), date(2026, 4, 15)),
        (date(2026, 4, 15), date(2026, 7, 15)),
    ]
    assert [each.burn for each in found.intervals] == [90, 91]
    due = {month.month: month.shortfall for month in found.monthly if month.shortfall}
    assert due == {date(2026, 4, 1): 5, date(2026, 7, 1): 4}


def test_an_interval_cut_by_the_horizon_has_its_commitment_cut_by_days() -> None:
    found = evaluate((commit(36_500),), steady(0, 6))

    assert [interval.committed for interval in found.intervals] == [18_100]


def test_the_tier_of_a_stub_start_looks_at_whole_calendar_months() -> None:
    start = date(2026, 1, 15)
    spans = periods(start, 1)
    sku = a_sku("usage", family="all", list_rate=Decimal(1))
    forecast = replace(
        forecast_of_amounts(start, {"all": []}, prior={"all": PRIOR}),
        periods=spans,
        lines=(ForecastLine(sku, tuple(Decimal(100) for _ in spans)),),
    )

    assert [month.tier for month in evaluate((a_ladder(),), forecast).monthly] == ["B", "A"]


def test_tiers_by_day_change_within_a_month() -> None:
    rack = [Decimal(310_000)]
    forecast = forecast_of_amounts(JANUARY, {"all": rack * 2})
    by_month = evaluate((a_ladder(),), forecast)
    by_day = evaluate((a_ladder(effective=LadderEffective.NEXT_DAY),), forecast)
    at_once = evaluate((a_ladder(effective=LadderEffective.IMMEDIATE),), forecast)

    assert [month.net for month in by_month.monthly] == [
        310_000 * Decimal("0.68"),
        310_000 * Decimal("0.63"),
    ]
    assert by_day.monthly[0].net == 26 * 10_000 * Decimal("0.68") + 5 * 10_000 * Decimal("0.63")
    assert at_once.monthly[0].net == 25 * 10_000 * Decimal("0.68") + 6 * 10_000 * Decimal("0.63")
    assert by_day.monthly[0].tier == "B"


def test_a_ratchet_keeps_what_was_reached() -> None:
    rack = [Decimal(100_000)] * 3 + [Decimal(10_000)] * 6
    forecast = forecast_of_amounts(JANUARY, {"all": rack})
    follows = evaluate((a_ladder(),), forecast)
    ratchet = evaluate((a_ladder(downgrade=LadderDowngrade.RATCHET),), forecast)

    assert "".join(str(month.tier) for month in follows.monthly) == "AAABAAAAA"
    assert "".join(str(month.tier) for month in ratchet.monthly) == "AAABBBBBB"


def test_a_list_rise_is_held_by_price_protection_and_does_not_move_locked_rates() -> None:
    forecast = steady(100, 24)
    protection = PriceProtectionTerm(id="protection", max_increase=Decimal("0.03"))
    rise = Decimal("0.10")

    assert evaluate((), forecast, list_increase=rise).cash == 1200 + 1320
    assert evaluate((protection,), forecast, list_increase=rise).cash == 1200 + 1236
    locked = a_rate(sku="all", unit_price=Decimal("0.9"), locked=True)
    assert evaluate((locked,), forecast, list_increase=rise).cash == 2400 * Decimal("0.9")
    assert evaluate((), forecast, list_increase=rise).list_cost == 2400


def test_list_prices_rise_with_the_first_invoice_of_the_new_contract_year() -> None:
    forecast = forecast_of_amounts(date(2026, 1, 15), {"all": [Decimal(100)] * 14})
    spans = periods(date(2026, 1, 15), 13)
    forecast = replace(forecast, periods=spans)
    months = evaluate((), forecast, list_increase=Decimal("0.10")).monthly

    assert [m.net for m in months if m.period.first <= date(2027, 1, 14)] == [100] * 13
    assert [m.net for m in months if m.period.first >= date(2027, 1, 15)] == [110]


def test_later_payment_is_worth_money() -> None:
    early, late = (evaluate((FLAT_32, payment(days)), growing()) for days in (0, 60))

    assert early.cash == late.cash
    assert early.npv > late.npv
    assert evaluate((FLAT_32,), growing()).npv == evaluate((FLAT_32, payment(30)), growing()).npv
    assert evaluate((FLAT_32,), growing(), annual_rate=Decimal(0)).npv == early.cash


def test_an_empty_forecast_costs_the_commitment_and_has_no_effective_discount() -> None:
    found = evaluate(
        (a_ladder(), commit(1000)), forecast_of_amounts(JANUARY, {"all": [Decimal(0)] * 12})
    )

    assert found.cash == 1000
    assert found.effective_discount is None


def test_a_rate_of_minus_100_percent_is_refused() -> None:
    with pytest.raises(TermError):
        evaluate((), steady(), annual_rate=Decimal(-1))


def test_headlines_are_the_deepest_discount_that_is_named() -> None:
    assert evaluate((commit(1),), steady()).headline_discount is None
    assert Deal((FLAT_32, a_ladder())).headline_discount == Decimal("0.45")


def test_the_work_of_an_evaluation_grows_with_its_months_and_skus_and_no_faster() -> None:
    def work(months: int, skus: int) -> int:
        lines = tuple(
            ForecastLine(
                a_sku(f"sku-{n:03}", family=f"family-{n % 12}", list_rate=Decimal("0.0083")),
                (Decimal("12345.678"),) * months,
            )
            for n in range(skus)
        )
        forecast = Forecast(periods=periods(JANUARY, months), lines=lines)
        terms = (a_ladder(), commit(100_000), credit(1000))
        return effort(lambda: evaluate(terms, forecast).npv)

    work(1, 1)
    assert work(24, 147) < 2.2 * work(12, 147)
    assert work(12, 140) < 2.2 * work(12, 70)


amounts = st.lists(st.decimals(0, 400_000, places=2), min_size=3, max_size=18)
ladders = st.builds(
    a_ladder,
    basis=st.sampled_from(list(LadderBasis)),
    downgrade=st.sampled_from(list(LadderDowngrade)),
    effective=st.sampled_from(list(LadderEffective)),
    grace_months=st.integers(0, 3),
)


def cost(terms: tuple[Term, ...], rack: list[Decimal]) -> Evaluation:
    return evaluate(terms, forecast_of_amounts(JANUARY, {"all": rack}))


@settings(max_examples=60, deadline=None)
@given(amounts, ladders, st.integers(0, 3_000_000), st.sampled_from(list(ShortfallOutcome)))
def test_a_commitment_never_lowers_the_cash(
    rack: list[Decimal], ladder: Term, amount: int, kind: ShortfallOutcome
) -> None:
    percent = Decimal("0.5") if kind is ShortfallOutcome.PAY_PCT else None
    committed = (ladder, commit(amount), ShortfallTerm(id="s", outcome=kind, percent=percent))

    assert cost(committed, rack).cash >= cost((ladder,), rack).cash


@settings(max_examples=60, deadline=None)
@given(amounts, st.decimals(0, 1, places=4), st.decimals(0, 1, places=4))
def test_cost_rises_with_each_rate(rack: list[Decimal], one: Decimal, other: Decimal) -> None:
    low, high = sorted((one, other))

    assert (
        cost((a_rate(sku="all", unit_price=low),), rack).cash
        <= cost((a_rate(sku="all", unit_price=high),), rack).cash
    )


@settings(max_examples=60, deadline=None)
@given(amounts, ladders, st.randoms(use_true_random=False))
def test_the_order_of_terms_does_not_matter(
    rack: list[Decimal], ladder: Term, random: object
) -> None:
    terms: list[Term] = [
        ladder,
        a_ladder(id="second", basis=LadderBasis.NET),
        commit(500_000),
        commit(10_000, id="small", interval=FulfilmentInterval.MONTHLY),
        credit(1000),
        credit(2000, id="other"),
        a_rate(id="r1", sku="all", unit_price=Decimal("0.6")),
        a_rate(id="r2", sku="all", unit_price=Decimal("0.5")),
        payment(45),
    ]
    shuffled = list(terms)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    one, other = cost(tuple(terms), rack), cost(tuple(shuffled), rack)
    assert (one.monthly, one.intervals, one.npv) == (other.monthly, other.intervals, other.npv)
