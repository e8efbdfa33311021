"""The margin envelope, for both sides of the table, and the steps behind each of its figures."""

from dataclasses import fields
from decimal import Decimal, Inexact, localcontext

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from negotiation.envelope import (
    MAX_MARGIN,
    BuyerEnvelope,
    Envelope,
    compute_buyer_envelope,
    compute_envelope,
    margin_band,
    maximum_payable,
    required_revenue,
)
from negotiation.errors import NegotiationError, RatioError
from negotiation.money import round_money
from negotiation.ratio import DiscountRate, MarginRate, round_ratio
from negotiation.streams import Stream, Streams, read_streams
from negotiation.trace import verify_trace

thorough = settings(deadline=None, max_examples=200)

REVENUE = [
    {"name": "sms", "unit_price": "0.0075", "volume": 100_000, "list_unit_price": "0.0100"},
    {"name": "voice", "unit_price": "0.012", "volume": 20_000, "list_unit_price": "0.015"},
]
EXPENSE = [
    {"name": "sms cost", "unit_cost": "0.002", "volume": 100_000},
    {"name": "voice cost", "unit_cost": "0.0035", "volume": 20_000},
]


def margin(value) -> MarginRate:
    return MarginRate(Decimal(value))


def band(target="0.70", floor=None, ceiling=None, **options):
    optional = [None if each is None else margin(each) for each in (floor, ceiling)]
    return margin_band(margin(target), *optional, **options)


margins = st.decimals(min_value=0, max_value=Decimal("0.999999"), places=6).map(MarginRate)
optional_margins = st.one_of(st.none(), margins)
bands = st.builds(
    lambda target, floor, ceiling, reserve: margin_band(
        target, floor, ceiling, reserve_band=reserve
    ),
    margins,
    optional_margins,
    optional_margins,
    st.decimals(min_value=0, max_value=Decimal("0.999"), places=3),
)
amounts = st.decimals(min_value=-(10**9), max_value=10**9, places=6)
streams = st.builds(
    lambda currency, revenue, expense: Streams(currency=currency, revenue=revenue, expense=expense),
    st.sampled_from(["USD", "JPY", "KWD", "ZZZ"]),
    *[
        st.lists(
            st.one_of(
                st.builds(
                    lambda amount, listed: Stream(name="lump", amount=amount, list_amount=listed),
                    amounts,
                    amounts,
                ),
                st.builds(
                    Stream.priced,
                    st.just("priced"),
                    amounts,
                    amounts,
                    st.one_of(st.none(), amounts),
                ),
            ),
            max_size=4,
        ).map(tuple)
    ]
    * 2,
)


def test_the_worked_example():
    envelope = compute_envelope(read_streams(REVENUE, EXPENSE), band("0.70", "0.65", "0.75"))
    assert (envelope.revenue, envelope.expense, envelope.list_revenue) == (990, 270, 1300)
    assert envelope.current_margin == Decimal("0.7273")
    assert (envelope.floor_revenue, envelope.target_revenue, envelope.ceiling_revenue) == (
        Decimal("771.43"),
        Decimal("900.00"),
        Decimal("1080.00"),
    )
    assert envelope.discount_at_floor_margin == DiscountRate(Decimal("0.4066"))
    assert envelope.discount_at_target_margin == DiscountRate(Decimal("0.3077"))
    assert envelope.discount_at_ceiling_margin == DiscountRate(Decimal("0.1692"))
    assert envelope.warnings == ()


def test_the_buyers_worked_example():
    envelope = compute_buyer_envelope(read_streams(1_200_000), band("0.45", "0.35", "0.60"))
    assert (envelope.floor_payable, envelope.target_payable, envelope.ceiling_payable) == (
        780_000,
        660_000,
        480_000,
    )
    assert envelope.warnings == ()


def test_other_costs_reduce_what_a_buyer_can_pay():
    envelope = compute_buyer_envelope(
        read_streams(1_200_000, [50_000, 30_000]), band("0.45", "0.35", "0.60")
    )
    assert (envelope.other_costs, envelope.floor_payable) == (80_000, 700_000)


def test_a_margin_out_of_reach_says_how_much_is_missing():
    envelope = compute_buyer_envelope(read_streams(100, 60), band("0.45", "0.35", "0.60"))
    assert envelope.target_payable == Decimal("-5.00")
    assert [(notice.code, notice.field) for notice in envelope.warnings] == [
        ("MARGIN_OUT_OF_REACH", "target_payable"),
        ("MARGIN_OUT_OF_REACH", "ceiling_payable"),
    ]


def test_sums_are_unrounded_and_figures_made_of_them_rounded_once():
    envelope = compute_envelope(read_streams(["0.005"] * 3, "0.003"), band("0.5"))
    assert envelope.revenue == Decimal("0.015")
    assert envelope.current_margin == Decimal("0.8")
    assert envelope.target_revenue == Decimal("0.01")
    assert envelope.discount_at_target_margin.value == Decimal("0.6")


@pytest.mark.parametrize(
    ("currency", "required"),
    [("USD", "771.43"), ("JPY", "771"), ("KWD", "771.429"), ("ZZZ", "771.43")],
)
def test_required_revenue_is_rounded_to_the_currencys_minor_unit(currency, required):
    envelope = compute_envelope(read_streams(990, 270, currency=currency), band("0.65"))
    assert str(envelope.target_revenue) == required


def test_floor_and_ceiling_default_to_the_reserve_band():
    found = band("0.38", reserve_band=Decimal("0.005"))
    assert (found.floor, found.target, found.ceiling) == (
        margin("0.375"),
        margin("0.38"),
        margin("0.385"),
    )
    assert found.warnings == ()
    assert band("0.38") == band("0.38", reserve_band=Decimal("0.01"))


def test_the_band_is_clamped_to_0_and_99_percent():
    assert band("0.005").floor == margin("0")
    high = band("0.985")
    assert (high.target, high.ceiling) == (margin("0.985"), margin("0.99"))
    capped = band("0.5", "0.4", "0.995")
    assert capped.ceiling == margin("0.99")
    assert [notice.code for notice in capped.warnings] == ["CEILING_CAPPED"]


def test_a_floor_above_the_ceiling_is_swapped_with_a_warning_and_clamped_again():
    swapped = band("0.70", "0.75", "0.65")
    assert (swapped.floor, swapped.target, swapped.ceiling) == (
        margin("0.65"),
        margin("0.70"),
        margin("0.75"),
    )
    assert [notice.code for notice in swapped.warnings] == ["BAND_SWAPPED"]
    assert band("0.5", "0.995", "0.4").ceiling == margin("0.99")


def test_a_target_outside_the_band_is_moved_between_with_a_warning():
    moved = band("0.90", "0.60", "0.80")
    assert moved.target == margin("0.80")
    assert [(notice.code, notice.field) for notice in moved.warnings] == [
        ("TARGET_CLAMPED", "target_margin")
    ]
    assert band("0.10", "0.60", "0.80").target == margin("0.60")


def test_list_revenue_replaces_the_summed_list_and_0_falls_back_to_the_revenue():
    given_streams = read_streams(REVENUE, EXPENSE)
    replaced = compute_envelope(given_streams, band(), list_revenue=Decimal(2000))
    assert (replaced.list_revenue, replaced.discount_at_target_margin.value) == (
        2000,
        Decimal("0.55"),
    )
    fallen_back = compute_envelope(given_streams, band(), list_revenue=Decimal(0))
    assert (fallen_back.list_revenue, fallen_back.discount_at_target_margin.value) == (
        990,
        Decimal("0.0909"),
    )


def test_without_revenue_there_is_no_margin_and_without_list_no_discount():
    envelope = compute_envelope(read_streams(0, 270), band())
    assert envelope.current_margin is None
    assert envelope.discount_at_floor_margin is None
    assert envelope.discount_at_target_margin is None
    assert envelope.discount_at_ceiling_margin is None
    assert envelope.target_revenue == 900
    assert [notice.code for notice in envelope.warnings] == ["NO_REVENUE", "NO_LIST_REVENUE"]
    negative = compute_envelope(read_streams(-5, 270), band(), list_revenue=Decimal(100))
    assert negative.current_margin is None
    assert negative.discount_at_target_margin == DiscountRate(Decimal(-8))


@pytest.mark.parametrize("expense", [0, -10])
def test_without_expense_no_revenue_is_required(expense):
    envelope = compute_envelope(read_streams(100, expense), band())
    assert (envelope.floor_revenue, envelope.ceiling_revenue) == (0, 0)
    assert envelope.discount_at_target_margin == DiscountRate(Decimal(1))


def test_discounts_cannot_be_passed_as_margins():
    ask = DiscountRate(Decimal("0.32"))
    for arguments in ((ask,), (margin("0.7"), ask), (margin("0.7"), None, ask), (Decimal("0.7"),)):
        with pytest.raises(RatioError) as refused:
            margin_band(*arguments)
        assert refused.value.code == "MARGIN_EXPECTED"


@pytest.mark.parametrize("reserve", [Decimal(1), Decimal("-0.01"), Decimal("NaN"), 0.01, None])
def test_a_reserve_band_outside_0_to_1_is_refused(reserve):
    with pytest.raises(NegotiationError) as refused:
        margin_band(margin("0.7"), reserve_band=reserve)
    assert refused.value.field == "reserve_band"


@given(bands)
@thorough
def test_floor_target_and_ceiling_are_always_in_order(found):
    assert 0 <= found.floor.value <= found.target.value <= found.ceiling.value <= MAX_MARGIN


@given(streams, bands, st.one_of(st.none(), amounts))
@thorough
def test_every_figure_is_recomputed_from_its_trace(given_streams, found, listed):
    envelope = compute_envelope(given_streams, found, list_revenue=listed)
    values = verify_trace(envelope.trace)
    for field in fields(Envelope):
        figure = getattr(envelope, field.name)
        if isinstance(figure, MarginRate | DiscountRate):
            figure = figure.value
        if isinstance(figure, Decimal):
            assert values[field.name] == figure, field.name


def test_an_average_price_that_does_not_make_the_amount_is_named_but_not_reckoned_with():
    averaged = Stream(
        name="sms",
        amount=Decimal(1),
        list_amount=Decimal(2),
        volume=Decimal(3),
        unit_price=Decimal("0.333333333333"),
        list_unit_price=Decimal("0.666666666667"),
    )
    trace = compute_envelope(Streams(currency="USD", revenue=(averaged,)), band()).trace
    assert [(step.label, step.formula) for step in trace if step.id in {"revenue_1", "list_1"}] == [
        ("sms (3 at 0.333333 on average)", "1"),
        ("sms at list (3 at 0.666667 on average)", "2"),
    ]
    assert verify_trace(trace)["revenue"] == 1


def test_a_price_that_makes_the_amount_is_in_its_formula():
    trace = compute_envelope(read_streams(REVENUE, EXPENSE), band()).trace
    formulas = {step.id: step.formula for step in trace}
    assert (formulas["revenue_1"], formulas["list_1"]) == ("0.0075 * 100000", "0.0100 * 100000")
    assert formulas["revenue"] == "sum(inputs)"


@given(streams, bands)
@thorough
def test_every_figure_of_the_buyer_is_recomputed_from_its_trace(given_streams, found):
    envelope = compute_buyer_envelope(given_streams, found)
    values = verify_trace(envelope.trace)
    for field in fields(BuyerEnvelope):
        figure = getattr(envelope, field.name)
        if isinstance(figure, MarginRate):
            figure = figure.value
        if isinstance(figure, Decimal):
            assert values[field.name] == figure, field.name


@given(streams, bands, st.one_of(st.none(), amounts))
@thorough
def test_revenue_rises_and_discount_falls_with_the_margin_and_money_has_its_places(
    given_streams, found, listed
):
    envelope = compute_envelope(given_streams, found, list_revenue=listed)
    revenues = [envelope.floor_revenue, envelope.target_revenue, envelope.ceiling_revenue]
    assert revenues == sorted(revenues)
    assert all(each == round_money(each, envelope.currency) for each in revenues)
    discounts = [
        envelope.discount_at_floor_margin,
        envelope.discount_at_target_margin,
        envelope.discount_at_ceiling_margin,
    ]
    if None not in discounts:
        assert discounts == sorted(discounts, reverse=True)
        assert all(each.value == round_ratio(each.value) for each in discounts)


@given(amounts, margins, margins)
@thorough
def test_required_revenue_is_monotone_in_the_margin(expense, one, other):
    low, high = sorted((one, other))
    assert required_revenue(expense, low) <= required_revenue(expense, high)


@given(st.decimals(min_value=1, max_value=10**9, places=2), margins)
@thorough
def test_the_required_revenue_leaves_exactly_its_margin(expense, rate):
    revenue = required_revenue(expense, rate)
    assert abs((revenue - expense) / revenue - rate.value) < Decimal("1E-20")


@given(st.decimals(min_value=0, max_value=10**9, places=2), amounts, margins, margins)
@thorough
def test_what_can_be_paid_falls_as_the_margin_rises(revenue, costs, one, other):
    low, high = sorted((one, other))
    assert maximum_payable(revenue, costs, low) >= maximum_payable(revenue, costs, high)


def test_the_callers_decimal_context_changes_nothing():
    expected = compute_envelope(read_streams(REVENUE, EXPENSE), band("0.70", "0.65", "0.75"))
    with localcontext() as context:
        context.prec = 3
        context.traps[Inexact] = True
        assert (
            compute_envelope(read_streams(REVENUE, EXPENSE), band("0.70", "0.65", "0.75"))
            == expected
        )


def refusal(function, *arguments, **options) -> NegotiationError | None:
    """The model's error, None if the call is answered; any other error fails the test."""
    try:
        function(*arguments, **options)
    except NegotiationError as error:
        return error
    return None


@given(
    st.one_of(st.none(), st.decimals(), st.floats(), margins),
    st.one_of(st.none(), st.decimals(), st.floats(), st.text()),
)
@thorough
def test_nothing_but_the_models_own_error_leaves_a_band(anything, reserve):
    error = refusal(margin_band, anything, anything, anything, reserve_band=reserve)
    assert error is None or error.field


@pytest.mark.parametrize(
    "number", [Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), 0.5, None]
)
def test_numbers_that_are_not_finite_decimals_are_refused_everywhere(number):
    for call in (
        lambda: Stream(name="x", amount=number, list_amount=Decimal(1)),
        lambda: Stream.priced("x", number, Decimal(1)),
        lambda: Stream.priced("x", Decimal(1), number),
        lambda: required_revenue(number, margin("0.5")),
        lambda: maximum_payable(Decimal(1), number, margin("0.5")),
        lambda: compute_envelope(read_streams(1), band(), list_revenue=number or Decimal("NaN")),
    ):
        assert refusal(call), call
