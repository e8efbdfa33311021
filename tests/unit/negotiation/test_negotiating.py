"""Where a deal is possible, what opens it, what is fair, what changes, and what to ask instead."""

from datetime import date
from decimal import Decimal

import pytest

from negotiation.assessment import Analyst
from negotiation.bargaining import Gains, bargaining_points, undominated
from negotiation.demo import DemoWorkspace
from negotiation.diff import offer_diff
from negotiation.evaluation import Evaluation, evaluate
from negotiation.forecast import Forecast, ForecastLine, forecast_of_amounts, periods
from negotiation.meso import TOLERANCE, VALUES, meso
from negotiation.picture import Picture
from negotiation.records import Party, StreamSide
from negotiation.terms import (
    CommitmentTerm,
    CreditTerm,
    LadderBasis,
    PaymentTerm,
    RateTerm,
    Term,
)
from negotiation.validity import terms_faults
from negotiation.zopa import VendorCost, deeper, openers, vendor_cost, with_terms, zopa
from tests.builders import a_ladder, a_rate, a_sku, a_stream

JANUARY = date(2026, 1, 1)


def steady(amount: int = 100_000, months: int = 12) -> Forecast:
    return forecast_of_amounts(JANUARY, {"all": [Decimal(amount)] * months})


def of(*terms: Term, forecast: Forecast | None = None) -> Evaluation:
    return evaluate(terms, forecast if forecast is not None else steady())


def cost_stream(**changes: object) -> object:
    return a_stream(side=StreamSide.EXPENSE, **changes)


def test_the_vendors_cost_is_our_estimate_by_family_and_fees_cost_themselves() -> None:
    lines = tuple(
        ForecastLine(
            a_sku(family, family=family, list_rate=Decimal(2), pass_through=fee), (Decimal(100),)
        )
        for family, fee in (("sms", False), ("voice", False), ("fees", True), ("video", False))
    )
    forecast = Forecast(periods=periods(JANUARY, 1), lines=lines)
    specs = [
        cost_stream(id="1", family="sms", cost_share=Decimal("0.4")),
        cost_stream(id="2", family="voice", unit_price=Decimal("0.5")),
        a_stream(id="3", family="video"),
    ]

    found = vendor_cost(specs, forecast)  # type: ignore[arg-type]

    assert found.mid == 80 + 50 + 200
    assert (found.low, found.high) == (found.mid * Decimal("0.85"), found.mid * Decimal("1.15"))
    assert found.unknown == ("video",)


def test_the_zopa_is_an_interval_from_the_vendors_floor_margin_to_our_reservation() -> None:
    cost = VendorCost(low=Decimal(50), mid=Decimal(60), high=Decimal(70))
    found = zopa(cost, Decimal("0.5"), Decimal(130), "USD")

    assert found.vendor_least == (100, 120, 140)
    assert (found.low, found.mid, found.high) == (30, 10, -10)
    assert found.exists
    assert [notice.code for notice in found.notices] == ["VENDOR_COST_ASSUMED"]


def test_without_room_there_is_no_zopa_and_it_says_how_far_apart_we_are() -> None:
    cost = VendorCost(low=Decimal(50), mid=Decimal(60), high=Decimal(70), unknown=("video",))
    found = zopa(cost, Decimal("0.5"), Decimal(90), "USD")

    assert not found.exists
    assert [notice.code for notice in found.notices] == [
        "VENDOR_COST_ASSUMED",
        "NO_COST_ESTIMATE",
        "NO_ZOPA",
    ]
    assert "USD 30.00" in found.notices[2].message


def test_an_offer_within_the_limit_needs_no_change() -> None:
    assert openers(of(a_rate(discount=Decimal("0.4"))), Decimal(720_000)) == ()


def test_each_lever_alone_tells_the_smallest_change_that_does_it() -> None:
    offer = of(
        a_rate(id="rate", discount=Decimal("0.4")), CommitmentTerm(id="c", amount=Decimal(800_000))
    )
    found = {each.field + each.term_ids[0]: each for each in openers(offer, Decimal(750_000))}

    assert set(found) == {"amountc", "amountcredit"}, "a deeper discount only moves the shortfall"
    assert found["amountc"].after == 750_000
    assert found["amountcredit"].after == 50_000
    assert all(each.cash <= 750_000 for each in found.values())


def test_a_deeper_discount_is_told_in_points() -> None:
    (discount, credit) = openers(of(a_ladder()), Decimal(700_000))

    assert (discount.field, credit.field) == ("tiers.discount", "amount")
    one_step_less = discount.after - Decimal("0.0001")
    assert discount.cash <= 700_000 < of(deeper(a_ladder(), one_step_less)).cash
    assert f"{discount.after * 100:.2f} points" in discount.message


def test_terms_can_be_swapped_and_added() -> None:
    offer = of(a_rate(id="r", discount=Decimal("0.4")))

    assert with_terms(offer, {"r": a_rate(id="r", discount=Decimal("0.5"))}).cash == 600_000
    assert with_terms(offer, {"k": CreditTerm(id="k", amount=Decimal(20_000))}).cash == 700_000


def gains(*pairs: tuple[int, int]) -> list[Gains]:
    return [Gains(Decimal(ours), Decimal(theirs)) for ours, theirs in pairs]


def test_the_four_fair_points_are_told_apart() -> None:
    deals = gains((0, 100), (9, 90), (30, 40), (34, 35), (55, 10), (-5, 500))
    found = bargaining_points(deals)

    assert found is not None
    assert (found.nash, found.kalai, found.kalai_smorodinsky, found.welfare) == (2, 3, 2, 0)


def test_without_a_deal_that_both_gain_from_there_are_no_points() -> None:
    assert bargaining_points(gains((-1, 5), (5, -1))) is None
    assert bargaining_points([]) is None
    assert bargaining_points(gains((0, 0))) is not None


def test_dominated_deals_are_left_out() -> None:
    deals = [[Decimal(n) for n in deal] for deal in ((1, 1), (2, 1), (1, 3), (2, 1), (0, 4))]

    assert undominated(deals) == (1, 2, 3, 4)


def test_a_diff_tells_terms_months_and_what_each_change_is_worth() -> None:
    before = of(
        a_ladder(),
        CommitmentTerm(id="c", amount=Decimal(900_000)),
        PaymentTerm(id="p", net_days=30),
    )
    after = of(
        a_ladder(id="renamed"),
        CommitmentTerm(id="other id", amount=Decimal(800_000)),
        CreditTerm(id="k", amount=Decimal(10_000)),
    )
    diff = offer_diff(before, after)

    by_kind = {type(change.before or change.after): change for change in diff.terms}
    assert set(by_kind) == {CommitmentTerm, PaymentTerm, CreditTerm}, "the same ladder is no change"
    assert (
        by_kind[CommitmentTerm].cash
        == of(a_ladder(), CommitmentTerm(id="c", amount=Decimal(800_000))).cash - before.cash
    )
    assert by_kind[PaymentTerm].after is None
    assert by_kind[CreditTerm].cash == -10_000
    assert diff.cash == after.cash - before.cash == sum(month.delta for month in diff.months)
    assert len(diff.months) == 12


def test_a_diff_of_an_offer_with_itself_is_empty() -> None:
    offer = of(a_ladder())
    diff = offer_diff(offer, offer)

    assert (diff.terms, diff.cash, diff.npv) == ((), 0, 0)


@pytest.fixture(scope="module")
def wide() -> Forecast:
    rack = {
        name: [Decimal(40_000 + 500 * month) for month in range(24)] for name in ("sms", "voice")
    }
    return forecast_of_amounts(JANUARY, rack, cv=dict.fromkeys(rack, Decimal("0.15")))


@pytest.mark.parametrize(
    "base",
    [
        (a_ladder(), PaymentTerm(id="p", net_days=30)),
        (a_rate(id="r", discount=Decimal("0.35")),),
        (RateTerm(id="lock", sku="sms", unit_price=Decimal("0.6"), locked=True),),
    ],
    ids=["ladder", "rate", "locked rates only"],
)
def test_counter_offers_cost_us_the_same_and_differ_for_the_vendor(
    base: tuple[Term, ...], wide: Forecast
) -> None:
    found = meso(base, wide, annual_rate=Decimal("0.1"))

    assert len(found) == 3
    costs = [each.cost for each in found]
    assert max(costs) - min(costs) <= 2 * TOLERANCE * max(costs)
    values = [each.values for each in found]
    assert all(len(each) == len(VALUES) for each in values)
    assert len(set(values)) == 3
    assert undominated(values) == (0, 1, 2)
    assert all(each.shortfall_probability <= Decimal("0.3") for each in found)
    skus = {line.sku.key: line.sku for line in wide.lines}
    assert all(terms_faults(each.terms, skus) == () for each in found)
    assert len({each.title for each in found}) == 3


def test_a_share_below_one_asks_for_more(wide: Forecast) -> None:
    same = meso((a_ladder(),), wide, annual_rate=Decimal("0.1"))
    cheaper = meso((a_ladder(),), wide, annual_rate=Decimal("0.1"), share=Decimal("0.95"))

    assert max(each.cost for each in cheaper) < Decimal("0.96") * min(each.cost for each in same)


def test_a_target_out_of_reach_gives_no_counter_offers_nor_does_an_empty_forecast(
    wide: Forecast,
) -> None:
    assert meso((a_ladder(),), wide, annual_rate=Decimal("0.1"), share=Decimal("0.01")) == ()
    nothing = Forecast(periods=periods(JANUARY, 12), lines=())
    assert meso((a_ladder(),), nothing, annual_rate=Decimal("0.1")) == ()


def test_the_same_call_gives_the_same_counter_offers(wide: Forecast) -> None:
    one, other = (meso((a_ladder(),), wide, annual_rate=Decimal("0.1"), count=2) for _ in range(2))

    assert [(each.terms, each.cost) for each in one] == [(each.terms, each.cost) for each in other]


def test_there_are_three_counter_offers_on_the_demo(
    demo: DemoWorkspace, demo_picture: Picture
) -> None:
    analyst = Analyst()
    analyst.assess(demo_picture, demo.offers, demo.offers[5])

    assert len(analyst.counters(demo_picture, demo.offers)) == 3


def test_the_demo_has_a_zopa_at_the_middle_assumption_but_not_at_the_high_one(
    demo: DemoWorkspace, demo_picture: Picture
) -> None:
    found = Analyst().zopa(demo_picture, demo.offers, demo.offers[4])

    assert found.exists
    assert found.high < found.mid < found.low
    assert found.vendor_least[0] < found.our_most


def test_the_vendors_last_offer_can_be_opened_or_is_good_enough(
    demo: DemoWorkspace, demo_picture: Picture
) -> None:
    analyst = Analyst()
    deep = demo.offers[0]

    (opener,) = analyst.openers(demo_picture, demo.offers, deep)

    assert opener.term_ids == ("commitment",)
    assert opener.after < opener.before


def test_the_fair_points_are_among_the_offers_on_the_table(
    demo: DemoWorkspace, demo_picture: Picture
) -> None:
    offers, points = Analyst().fair_points(demo_picture, demo.offers)

    assert points is not None
    assert offers[points.nash].party in (Party.BUYER, Party.VENDOR)
    assert Analyst().fair_points(demo_picture, []) == ((), None)


def test_what_changes_between_two_rounds_of_the_demo(
    demo: DemoWorkspace, demo_picture: Picture
) -> None:
    diff = Analyst().diff(demo_picture, demo.offers[2], demo.offers[4])

    assert diff.cash < 0
    assert any("basis" in change.changed for change in diff.terms)
    assert LadderBasis.NET in [
        change.before.basis  # type: ignore[union-attr]
        for change in diff.terms
        if "basis" in change.changed
    ]
