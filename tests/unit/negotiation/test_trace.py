"""Traces: a formula is arithmetic over its inputs, and a wrong step is found."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from negotiation.errors import AmountError, NegotiationError
from negotiation.trace import TraceStep, recompute, trace_step, verify_trace


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("0.0075 * 100000", "750"),
        ("a + b", "5"),
        ("a - b * 2", "-4"),
        ("(a + b) / 4", "1.25"),
        ("-a", "-2"),
        ("min(a, b)", "2"),
        ("max(a, b)", "3"),
        ("round(b / a, 0)", "2"),
        ("round(5 / a, 0)", "2"),
        ("sum(inputs)", "5"),
        ("0.10000000000000000000000000000000000001", "0.10000000000000000000000000000000000001"),
    ],
)
def test_a_formula_is_evaluated_exactly(formula, value):
    step = TraceStep("x", "X", formula, ("a", "b"), value)
    assert recompute(step, {"a": Decimal(2), "b": Decimal(3)}) == Decimal(value)


@pytest.mark.parametrize(
    "formula",
    [
        "",
        "a +",
        "c",
        "a ** b",
        "a.real",
        "a[0]",
        "__import__('os')",
        "open(a)",
        "round(a)",
        "round(a, 0.5)(a)",
        "min()",
        "a / 0",
        "'a'",
        "True",
        "lambda: 1",
        "sum(a)",
        "(" * 500 + "a" + ")" * 500,
    ],
)
def test_anything_but_arithmetic_over_its_inputs_is_refused(formula):
    with pytest.raises(AmountError) as refused:
        recompute(TraceStep("x", "X", formula, ("a",), "1"), {"a": Decimal(2), "c": Decimal(1)})
    assert refused.value.code == "TRACE_FORMULA_INVALID"


def test_a_trace_is_verified_step_by_step():
    steps = [
        trace_step("price", "Price", "0.5", Decimal("0.5")),
        trace_step("cost", "Cost", "price * 3", Decimal("1.5"), ["price"]),
    ]
    assert verify_trace(steps) == {"price": Decimal("0.5"), "cost": Decimal("1.5")}


def test_a_wrong_value_a_missing_input_and_a_repeated_id_are_found():
    price = trace_step("price", "Price", "0.5", Decimal("0.5"))
    for wrong, code in (
        ([trace_step("cost", "Cost", "1 + 1", Decimal(3))], "TRACE_WRONG"),
        (
            [trace_step("cost", "Cost", "price", Decimal("0.5"), ["price"]), price],
            "TRACE_INPUT_MISSING",
        ),
        ([price, price], "TRACE_WRONG"),
    ):
        with pytest.raises(AmountError) as refused:
            verify_trace(wrong)
        assert refused.value.code == code


def refusal(function, *arguments, **options) -> NegotiationError | None:
    """The model's error, None if the call is answered; any other error fails the test."""
    try:
        function(*arguments, **options)
    except NegotiationError as error:
        return error
    return None


@given(st.text(alphabet="ab01.+-*/(), minaxroundsum", max_size=30))
@settings(deadline=None, max_examples=500)
def test_nothing_but_the_models_own_error_leaves_a_formula(formula):
    step = TraceStep("x", "X", formula, ("a",), "1")
    error = refusal(recompute, step, {"a": Decimal(2)})
    assert error is None or error.code in {"TRACE_FORMULA_INVALID", "TOO_LARGE"}
