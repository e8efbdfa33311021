"""The older calling convention: the same figures, as its callers expect them."""

import json
from decimal import Decimal
from inspect import signature

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import negotiation.compatible
from negotiation.errors import NegotiationError, RatioError
from negotiation.ratio import DiscountRate, MarginRate
from twilio_revenue_and_expense_ngotiation_model import (
    NegotiationEnvelope,
    calculate_negotiation_envelope,
    determine_margin_envelope,
)

REVENUE = [
    {"name": "sms", "unit_price": "0.0075", "volume": 100_000, "list_unit_price": "0.0100"},
    {"name": "voice", "unit_price": "0.012", "volume": 20_000, "list_unit_price": "0.015"},
]
EXPENSE = [
    {"name": "sms cost", "unit_cost": "0.002", "volume": 100_000},
    {"name": "voice cost", "unit_cost": "0.0035", "volume": 20_000},
]


def test_the_signature_is_the_one_that_callers_know():
    assert str(signature(calculate_negotiation_envelope)).split(" -> ")[0] == (
        "(revenue_streams: 'object', expense_streams: 'object', target_margin: 'object', "
        "floor_margin: 'object' = None, ceiling_margin: 'object' = None, *, currency: 'str | None' = None, "
        "list_revenue: 'object' = None, reserve_band: 'object' = '0.01', "
        "metadata: 'Mapping[str, Any] | None' = None, "
        "numeric_type: 'Callable[[Decimal], Any]' = <class 'float'>, return_dataclass: 'bool' = False)"
    )


def test_the_worked_example_in_floats():
    result = calculate_negotiation_envelope(
        REVENUE, EXPENSE, "70%", "65%", "75%", metadata={"round": 3}
    )
    audit_trail = result.pop("audit_trail")
    assert result == {
        "currency": "USD",
        "expense": 270.0,
        "revenue": 990.0,
        "list_revenue": 1300.0,
        "current_margin": 0.7273,
        "target_margin": 0.7,
        "floor_margin": 0.65,
        "ceiling_margin": 0.75,
        "target_revenue": 900.0,
        "floor_revenue": 771.43,
        "ceiling_revenue": 1080.0,
        "target_discount": 0.3077,
        "floor_discount": 0.4066,
        "ceiling_discount": 0.1692,
        "metadata": {"round": 3},
    }
    assert all(
        isinstance(each, float)
        for key, each in result.items()
        if key not in {"currency", "metadata"}
    )
    assert [(each["name"], each["amount"]) for each in audit_trail["breakdown"]["revenue"]] == [
        ("sms", "750.0000"),
        ("voice", "240.000"),
    ]
    assert [each["name"] for each in audit_trail["breakdown"]["expense"]] == [
        "sms cost",
        "voice cost",
    ]
    assert audit_trail["inputs"]["list_revenue_total"] == "1300.0000"
    assert audit_trail["warnings"] == []


def test_the_result_is_plain_json():
    result = calculate_negotiation_envelope(REVENUE, EXPENSE, 70)
    assert json.loads(json.dumps(result)) == result


def test_figures_come_in_the_type_that_is_asked_for():
    decimals = calculate_negotiation_envelope(1000, 620, 0.35, numeric_type=Decimal)
    assert decimals["target_revenue"] == Decimal("953.85")
    texts = calculate_negotiation_envelope(1000, 620, 0.35, numeric_type=str)
    assert (texts["target_revenue"], texts["target_margin"]) == ("953.85", "0.3500")


def test_a_numeric_type_that_fails_is_refused():
    for numeric_type in (json.loads, None, 7):
        with pytest.raises(NegotiationError) as refused:
            calculate_negotiation_envelope(1000, 620, 0.35, numeric_type=numeric_type)
        assert refused.value.code == "NUMERIC_TYPE_FAILED"


def test_the_dataclass_holds_decimals_and_is_frozen():
    envelope = calculate_negotiation_envelope(
        1000,
        620,
        target_margin=0.35,
        reserve_band=Decimal("0.02"),
        currency="eur",
        return_dataclass=True,
    )
    assert isinstance(envelope, NegotiationEnvelope)
    assert envelope.currency == "EUR"
    assert (envelope.floor_margin, envelope.target_margin, envelope.ceiling_margin) == (
        Decimal("0.3300"),
        Decimal("0.3500"),
        Decimal("0.3700"),
    )
    assert envelope.target_revenue == Decimal("953.85")
    with pytest.raises(AttributeError):
        envelope.revenue = Decimal(0)
    with pytest.raises(TypeError):
        envelope.audit_trail["currency"] = "USD"
    assert envelope.to_dict(Decimal)["revenue"] == Decimal("1000.00")


def test_the_three_margins_alone_are_decimals():
    margins = determine_margin_envelope(
        {"total": "125000", "currency": "USD"}, 82_000, target_margin="38%", reserve_band="50bp"
    )
    assert dict(margins) == {
        "floor_margin": Decimal("0.3750"),
        "target_margin": Decimal("0.3800"),
        "ceiling_margin": Decimal("0.3850"),
    }


def test_streams_of_one_currency_in_any_case_are_added():
    result = calculate_negotiation_envelope(
        [
            {"currency": "usd", "unit_price": "1.00", "volume": 10},
            {"currency": "USD", "price": 2, "units": 5},
        ],
        [{"currency": "Usd", "unit_cost": "0.40", "volume": 10}, {"cost": "0.80", "quantity": 5}],
        target_margin="30%",
        currency="usd",
    )
    assert (result["revenue"], result["expense"], result["current_margin"]) == (20.0, 8.0, 0.6)
    assert result["target_revenue"] == 11.43


@pytest.mark.parametrize("target", [38, 38.0, Decimal(38), "38"])
def test_a_bare_percent_is_taken_with_a_warning_whatever_its_type(target):
    result = calculate_negotiation_envelope(100, 50, target, 37, "39%")
    assert (result["floor_margin"], result["target_margin"], result["ceiling_margin"]) == (
        0.37,
        0.38,
        0.39,
    )
    assert [(each["code"], each["field"]) for each in result["audit_trail"]["warnings"]] == [
        ("PERCENT_ASSUMED", "target_margin"),
        ("PERCENT_ASSUMED", "floor_margin"),
    ]


def test_discount_asks_are_not_margins():
    with pytest.raises(RatioError) as refused:
        calculate_negotiation_envelope(100, 50, DiscountRate(Decimal("0.32")))
    assert (refused.value.code, refused.value.field) == ("MARGIN_EXPECTED", "target_margin")
    assert (
        calculate_negotiation_envelope(100, 50, MarginRate(Decimal("0.32")))["target_margin"]
        == 0.32
    )


def test_meaningless_figures_are_0_with_a_warning():
    result = calculate_negotiation_envelope(0, 0, "0.5")
    assert (result["current_margin"], result["target_discount"], result["target_revenue"]) == (
        0,
        0,
        0,
    )
    assert [each["code"] for each in result["audit_trail"]["warnings"]] == [
        "NO_REVENUE",
        "NO_LIST_REVENUE",
    ]


def test_no_expense_is_0_and_an_empty_list_is_refused():
    assert calculate_negotiation_envelope(100, None, "0.5")["expense"] == 0
    with pytest.raises(ValueError, match="empty"):
        calculate_negotiation_envelope(100, [], "0.5")


def test_list_revenue_may_be_any_money():
    result = calculate_negotiation_envelope(990, 270, "70%", list_revenue="$1,300.00")
    assert (result["list_revenue"], result["target_discount"]) == (1300.0, 0.3077)


def test_the_default_reserve_band_stands_in_for_none_but_not_for_zero():
    assert calculate_negotiation_envelope(9, 3, "0.5", reserve_band=None)["floor_margin"] == 0.49
    assert calculate_negotiation_envelope(9, 3, "0.5", reserve_band=0)["floor_margin"] == 0.5


@pytest.mark.parametrize(
    ("arguments", "options", "field"),
    [
        ((100, 50, None), {}, "target_margin"),
        ((100, 50, True), {}, "target_margin"),
        ((100, 50, 1), {}, "target_margin"),
        ((100, 50, "0.5", -0.1), {}, "floor_margin"),
        ((100, 50, "0.5", None, float("nan")), {}, "ceiling_margin"),
        ((100, 50, "0.5"), {"reserve_band": "x"}, "reserve_band"),
        ((100, 50, "0.5"), {"list_revenue": "12,34,5"}, "list_revenue"),
        ((100, 50, "0.5"), {"currency": "dollars!"}, "currency"),
        ((100, 50, "0.5"), {"metadata": 7}, "metadata"),
        (("1.2.3", 50, "0.5"), {}, "revenue_streams.total"),
    ],
)
def test_each_input_is_named_when_it_is_refused(arguments, options, field):
    with pytest.raises(NegotiationError) as refused:
        calculate_negotiation_envelope(*arguments, **options)
    assert refused.value.field == field


def test_the_callers_metadata_is_neither_kept_nor_changed():
    mine = {"owner": "procurement"}
    result = calculate_negotiation_envelope(9, 3, "0.5", metadata=mine)
    mine["owner"] = "someone else"
    assert result["metadata"] == {"owner": "procurement"}


def test_the_old_import_name_is_the_model_itself():
    assert calculate_negotiation_envelope is negotiation.compatible.calculate_negotiation_envelope


def refusal(function, *arguments, **options) -> NegotiationError | None:
    """The model's error, None if the call is answered; any other error fails the test."""
    try:
        function(*arguments, **options)
    except NegotiationError as error:
        return error
    return None


anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.fractions(),
    st.text(max_size=8),
    st.binary(max_size=3),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.sampled_from(["total", "price", "volume", "currency"]), st.text(max_size=4)),
    st.builds(object),
)
money = st.decimals(min_value=0, max_value=10**9, places=2)
ratios = st.decimals(min_value=0, max_value=Decimal("0.99"), places=4)


@given(anything, anything, anything, anything, anything, anything, anything)
@settings(deadline=None, max_examples=500)
def test_nothing_but_the_models_own_error_leaves(
    revenue, expense, target, floor, ceiling, band, listed
):
    error = refusal(
        calculate_negotiation_envelope,
        revenue,
        expense,
        target,
        floor,
        ceiling,
        reserve_band=band,
        list_revenue=listed,
    )
    assert error is None or error.field


@given(money, money, ratios, st.one_of(st.none(), ratios), st.one_of(st.none(), ratios))
@settings(deadline=None, max_examples=200)
def test_floor_target_and_ceiling_are_always_in_order(revenue, expense, target, floor, ceiling):
    result = calculate_negotiation_envelope(
        revenue, expense, target, floor, ceiling, numeric_type=Decimal
    )
    assert (
        result["floor_margin"]
        <= result["target_margin"]
        <= result["ceiling_margin"]
        <= Decimal("0.99")
    )
    assert result["floor_revenue"] <= result["target_revenue"] <= result["ceiling_revenue"]
    assert result["floor_discount"] >= result["target_discount"] >= result["ceiling_discount"]
