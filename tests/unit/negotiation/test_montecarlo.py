"""Risk: the same rules on thousands of paths, and what is known about them in closed form."""

import itertools
import math
from dataclasses import replace
from datetime import date
from decimal import Decimal
from statistics import NormalDist

import numpy as np
import pytest

from negotiation.breakeven import break_even_spend
from negotiation.errors import TermError
from negotiation.evaluation import evaluate
from negotiation.forecast import Forecast, ForecastLine, forecast_of_amounts, periods
from negotiation.montecarlo import Risk, futures, normals, simulate, simulation
from negotiation.riskmodel import RiskModel
from negotiation.terms import (
    CommitmentTerm,
    CreditTerm,
    FulfilmentInterval,
    LadderApplication,
    LadderBasis,
    LadderDowngrade,
    LadderEffective,
    LadderTier,
    PaymentTerm,
    PricingModel,
    RateTier,
    ShortfallOutcome,
    ShortfallTerm,
    Stacking,
    Term,
)
from tests.builders import a_ladder, a_rate, a_sku
from tests.effort import effort

JANUARY = date(2026, 1, 1)


def commit(amount: int, **changes: object) -> CommitmentTerm:
    return replace(CommitmentTerm(id="commitment", amount=Decimal(amount)), **changes)  # type: ignore[arg-type]


def steady(amount: int, cv: str = "0.25", months: int = 12) -> Forecast:
    return forecast_of_amounts(
        JANUARY, {"all": [Decimal(amount)] * months}, cv={"all": Decimal(cv)}
    )


def risk_of(
    terms: tuple[Term, ...], forecast: Forecast, paths: int = 10_000, seed: int = 1
) -> Risk:
    return simulate(RiskModel(evaluate(terms, forecast)), paths=paths, seed=seed)


def test_it_agrees_with_the_closed_form_within_its_standard_error() -> None:
    risk = risk_of((commit(3_600_000),), steady(215_000), paths=40_000)
    sigma = math.sqrt(math.log(1 + 0.25**2))
    spread = (math.log(3_600_000 / 2_580_000) + sigma**2 / 2) / sigma
    normal = NormalDist()
    probability = normal.cdf(spread)
    expected = 3_600_000 * probability - 2_580_000 * normal.cdf(spread - sigma)

    assert (round(probability, 3), round(expected)) == (0.930, 1_050_327)
    assert abs(float(risk.shortfall_probability) - probability) < 4 * math.sqrt(
        0.07 * 0.93 / 40_000
    )
    assert abs(float(risk.expected_shortfall) - expected) < 4 * float(risk.shortfall_standard_error)


OPTIONS = list(
    itertools.product(
        LadderBasis, LadderApplication, LadderEffective, LadderDowngrade, ShortfallOutcome
    )
)


@pytest.mark.parametrize("chosen", OPTIONS[::7], ids=lambda chosen: "-".join(chosen))
def test_without_uncertainty_every_rule_gives_the_exact_figure(
    chosen: tuple[
        LadderBasis, LadderApplication, LadderEffective, LadderDowngrade, ShortfallOutcome
    ],
) -> None:
    basis, application, effective, downgrade, outcome = chosen
    rack = {
        name: [Decimal((n * step) % 200_000) for n in range(1, 16)]
        for name, step in (("a", 73_939), ("b", 41_231), ("c", 15_485))
    }
    forecast = forecast_of_amounts(JANUARY, rack, prior={"a": [Decimal(90_000)] * 4})
    terms = (
        a_ladder(
            basis=basis,
            application=application,
            effective=effective,
            downgrade=downgrade,
            grace_months=1,
        ),
        a_ladder(id="of b", families=("b",), basis=basis, stacking=Stacking.COMPOUND),
        a_rate(sku="a", unit_price=Decimal("0.6")),
        commit(900_000, interval=FulfilmentInterval.QUARTERLY),
        commit(400_000, id="of b", families=("b",)),
        ShortfallTerm(
            id="s",
            outcome=outcome,
            percent=Decimal("0.5") if outcome is ShortfallOutcome.PAY_PCT else None,
        ),
        CreditTerm(id="k1", amount=Decimal(250_000), expires_on=date(2026, 3, 31)),
        CreditTerm(id="k2", invoice_share=Decimal("0.5"), invoice_count=3),
    )
    evaluation = evaluate(terms, forecast)
    risk = simulate(RiskModel(evaluation), paths=3)

    assert abs(risk.mean - evaluation.cash) <= evaluation.cash / 1_000_000
    assert risk.p10 == risk.p90
    assert (risk.shortfall_probability == 1) is evaluation.falls_short


@pytest.mark.parametrize(("currency", "missing"), [("JPY", "1"), ("KWD", "0.001"), ("USD", "0.01")])
def test_a_single_minor_unit_that_is_missing_is_a_shortfall(currency: str, missing: str) -> None:
    forecast = forecast_of_amounts(JANUARY, {"all": [Decimal(50), Decimal(50)]})
    promised = replace(commit(0), amount=100 + Decimal(missing), interval=FulfilmentInterval.TERM)
    exact = evaluate((promised,), forecast, currency=currency)
    risk = simulate(RiskModel(exact), paths=3)

    assert (exact.falls_short, risk.shortfall_probability) == (True, 1)
    assert risk.expected_shortfall == exact.shortfall == Decimal(missing)


@pytest.mark.parametrize(("currency", "spend"), [("JPY", "30000.1"), ("KWD", "30000.0001")])
def test_a_tier_is_that_of_the_spend_in_the_currencys_own_minor_unit(
    currency: str, spend: str
) -> None:
    ladder = a_ladder(tiers=(LadderTier("A", Decimal(90_000), Decimal("0.5")),))
    forecast = forecast_of_amounts(
        JANUARY, {"all": [Decimal(100)]}, prior={"all": [Decimal(30_000)] * 2 + [Decimal(spend)]}
    )
    exact = evaluate((ladder,), forecast, currency=currency)

    assert exact.cash == 100, "90,000 and less than a minor unit are not above 90,000"
    assert simulate(RiskModel(exact), paths=3).mean == exact.cash


def test_credits_of_an_invoice_that_pays_back_are_those_of_the_exact_one() -> None:
    given = (CreditTerm(id="c", amount=Decimal(50)),)
    forecast = forecast_of_amounts(JANUARY, {"all": [Decimal(-100), Decimal(80)]})
    exact = evaluate(given, forecast)

    assert simulate(RiskModel(exact), paths=3).mean == exact.cash == -70


def test_the_fan_opens_month_by_month_to_the_range_of_the_whole() -> None:
    risk = risk_of((commit(2_500_000),), steady(215_000), paths=6_000)
    last = risk.fan[-1]

    assert [each.month.month for each in risk.fan] == list(range(1, 13))
    assert (last.p10, last.p50, last.p90) == (risk.p10, risk.p50, risk.p90)
    for before, after in itertools.pairwise(risk.fan):
        assert before.p10 < after.p10
        assert before.p90 < after.p90
    first = risk.fan[0]
    assert first.p10 < first.p50 < first.p90


def test_paths_beyond_those_of_the_fan_do_not_change_it() -> None:
    some, more = (risk_of((), steady(215_000), paths=paths) for paths in (10_000, 12_500))

    assert some.fan == more.fan
    assert some.mean != more.mean


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others() -> None:
    terms, forecast = (a_ladder(), commit(2_000_000)), steady(215_000)

    assert risk_of(terms, forecast) == risk_of(terms, forecast)
    assert risk_of(terms, forecast) != risk_of(terms, forecast, seed=2)


def test_two_offers_meet_the_same_futures() -> None:
    forecast = steady(215_000)
    cheap = RiskModel(evaluate((a_rate(discount=Decimal("0.45")),), forecast))
    dear = RiskModel(evaluate((a_rate(discount=Decimal("0.32")),), forecast))
    paths = futures(forecast, 5_000, 1)

    assert np.allclose(cheap.run(paths).cash / dear.run(paths).cash, 55 / 68)


def test_a_path_has_the_same_future_whatever_is_asked_for_with_it() -> None:
    whole = normals(3, "family|sms", 0, 1_000)

    for first, count in ((0, 10), (1, 10), (7, 3), (500, 500), (999, 1)):
        assert np.array_equal(normals(3, "family|sms", first, count), whole[first : first + count])


def test_the_draws_are_standard_normal_and_streams_differ() -> None:
    draws, others = normals(1, "a", 0, 200_000), normals(1, "b", 0, 200_000)

    assert abs(draws.mean()) < 0.01
    assert abs(draws.std() - 1) < 0.01
    assert abs(np.mean(draws**4) - 3) < 0.1
    assert abs(np.corrcoef(draws, others)[0, 1]) < 0.01


def test_the_first_draws_are_pinned_for_every_machine() -> None:
    assert [round(float(draw), 9) for draw in normals(1, "common", 0, 3)] == [
        0.039728646,
        -0.080521278,
        -0.043009164,
    ]


def test_families_move_together_as_far_as_they_have_variance_in_common() -> None:
    forecast = replace(
        forecast_of_amounts(
            JANUARY,
            {"a": [Decimal(1)], "b": [Decimal(1)]},
            cv={"a": Decimal("0.2"), "b": Decimal("0.2")},
        ),
        common=Decimal("0.5"),
    )
    levels = futures(forecast, 50_000, 1).levels

    assert abs(np.corrcoef(np.log(levels).T)[0, 1] - 0.5) < 0.02
    assert np.allclose(levels.mean(axis=0), 1, atol=0.01)


def test_monthly_noise_lets_a_cliff_be_reached_now_and_then() -> None:
    calm = forecast_of_amounts(JANUARY, {"all": [Decimal(83_000)] * 24})
    noisy = replace(calm, noise=Decimal("0.05"))
    terms = (a_ladder(), commit(1))

    assert risk_of(terms, calm).mean == evaluate(terms, calm).cash
    assert risk_of(terms, noisy).mean < evaluate(terms, calm).cash


def test_the_worst_and_the_certainty_equivalent_are_above_the_mean() -> None:
    risk = risk_of((a_ladder(),), steady(215_000))

    assert risk.p10 < risk.p50 < risk.p90 < risk.cvar95
    assert risk.certainty_equivalent == (
        risk.mean + Decimal("0.25") * (risk.cvar95 - risk.mean)
    ).quantize(Decimal("0.01"))


def test_a_simulation_in_pieces_ends_where_the_whole_does_and_can_be_left() -> None:
    model = RiskModel(evaluate((a_ladder(),), steady(215_000)))
    pieces = list(simulation(model, paths=10_000, every=2_500))

    assert [done for done, _ in pieces] == [2_500, 5_000, 7_500, 10_000]
    assert pieces[-1][1] == simulate(model, paths=10_000)
    assert next(iter(simulation(model, paths=10_000)))[0] == 2_500


@pytest.mark.parametrize("paths", [0, 1_000_001])
def test_too_few_or_too_many_paths_are_refused(paths: int) -> None:
    with pytest.raises(TermError):
        simulate(RiskModel(evaluate((), steady(1))), paths=paths)


def test_tiered_rates_are_held_at_their_average_on_the_forecast() -> None:
    tiers = (RateTier(Decimal(100), Decimal(1)), RateTier(None, Decimal("0.5")))
    lines = (ForecastLine(a_sku("usage", list_rate=Decimal(1)), (Decimal(300), Decimal(0))),)
    evaluation = evaluate(
        (a_rate(sku="usage", model=PricingModel.GRADUATED, tiers=tiers),),
        Forecast(periods=periods(JANUARY, 2), lines=lines),
    )

    assert simulate(RiskModel(evaluation), paths=2).mean == evaluation.cash == 200


def test_the_break_even_spend_is_where_the_shortfall_ends() -> None:
    def break_even(*terms: Term, amount: int = 100_000) -> Decimal | None:
        return break_even_spend(RiskModel(evaluate(terms, steady(amount))))

    flat = a_rate(discount=Decimal("0.45"))
    found = break_even(flat, commit(1_100_000))

    assert found is not None
    assert abs(found - 2_000_000) < 1
    assert break_even(flat) is None, "nothing is committed"
    assert break_even(flat, commit(0)) == 0
    assert break_even(flat, commit(1_100_000), amount=0) is None
    none = ShortfallTerm(id="s", outcome=ShortfallOutcome.NONE)
    assert break_even(flat, commit(1_100_000), none) == 0, "missing it costs nothing"


def test_at_the_break_even_spend_nothing_is_due_and_just_below_it_something_is() -> None:
    terms = (a_ladder(), commit(1_500_000), PaymentTerm(id="p", net_days=30))
    forecast = steady(100_000)
    found = break_even_spend(RiskModel(evaluate(terms, forecast)))
    assert found is not None
    factor = found / Decimal(1_200_000)

    assert evaluate(terms, forecast.scaled(factor * Decimal("1.00001"))).shortfall == 0
    assert evaluate(terms, forecast.scaled(factor * Decimal("0.99999"))).shortfall > 0


def test_more_paths_are_more_numbers_in_the_same_steps() -> None:
    rack = {f"family-{n}": [Decimal(8_000)] * 24 for n in range(12)}
    forecast = replace(
        forecast_of_amounts(JANUARY, rack, cv=dict.fromkeys(rack, Decimal("0.15"))),
        noise=Decimal("0.03"),
    )
    model = RiskModel(evaluate((a_ladder(), commit(700_000)), forecast))

    simulate(model, paths=1_000)
    assert effort(lambda: simulate(model, paths=2_000)) == effort(
        lambda: simulate(model, paths=1_000)
    )


def test_the_fan_is_that_of_its_paths_evaluated_one_by_one() -> None:
    plan = forecast_of_amounts(
        JANUARY,
        {"sms": [Decimal(100_000 + 10_000 * month) for month in range(6)], "voice": [Decimal(9_000)] * 6},
        prior={"sms": [Decimal(80_000), Decimal(90_000), Decimal(95_000)]},
        cv={"sms": Decimal("0.2"), "voice": Decimal("0.6")},
    )  # fmt: skip
    plan = replace(plan, noise=Decimal("0.05"))
    terms = (
        a_ladder(basis=LadderBasis.NET),
        commit(150_000, interval=FulfilmentInterval.QUARTERLY),
        CreditTerm(id="credit", amount=Decimal(20_000)),
    )
    paths = 60
    drawn = futures(plan, paths, seed=3)
    paid = np.zeros((6, paths))
    for path in range(paths):
        levels = dict(zip(plan.families, drawn.levels[path], strict=True))
        lines = tuple(
            replace(
                line,
                quantities=tuple(
                    Decimal(float(quantity) * float(levels[line.sku.family] * noise))
                    for quantity, noise in zip(line.quantities, drawn.noise[path], strict=True)
                ),
            )
            for line in plan.lines
        )
        exact = evaluate(terms, replace(plan, lines=lines))
        paid[:, path] = np.cumsum([float(month.cash) for month in exact.monthly])

    fan = risk_of(terms, plan, paths=paths, seed=3).fan

    expected = np.percentile(paid, (10, 50, 90), axis=1)
    found = np.array([[float(each.p10), float(each.p50), float(each.p90)] for each in fan])
    assert np.abs(found - expected.T).max() < 0.15, "a cent a line and month of rounding"
