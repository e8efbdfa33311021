"""What a figure says about itself: notices (codes with a sentence) and the steps that made it.

A trace is a tuple of steps, each after the steps it reads. A step's formula is arithmetic over the ids
of its inputs: decimal literals, ``+ - * /``, parentheses, ``min(a, b)``, ``max(a, b)``,
``round(x, places)`` (half-even), ``power(x, y)`` and ``sum(inputs)``, the sum of all its inputs. `recompute` evaluates it.
How steps are shown is left to the screens.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, DecimalException

from negotiation.decimals import exact_arithmetic, format_decimal, round_places
from negotiation.errors import AmountError


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a reader should know: a stable code, a sentence, and the field it is about."""

    code: str
    message: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One step of a calculation: `value` is `formula` over the values of `inputs` (ids of earlier steps).

    `value` is an exact decimal in plain notation. Ids are unique in their trace and are identifiers.
    """

    id: str
    label: str
    formula: str
    inputs: tuple[str, ...]
    value: str


def trace_step(
    step_id: str, label: str, formula: str, value: Decimal, inputs: Iterable[str] = ()
) -> TraceStep:
    """A step with its value written out in plain notation."""
    return TraceStep(step_id, label, formula, tuple(inputs), format_decimal(value))


def given_step(step_id: str, label: str, value: Decimal) -> TraceStep:
    """The step of a figure that was given: its formula is the figure itself."""
    return trace_step(step_id, label, format_decimal(value), value)


def recompute(step: TraceStep, values: Mapping[str, Decimal]) -> Decimal:
    """The value of `step.formula` over `values` (by id). AmountError if the formula cannot be evaluated."""
    missing = [name for name in step.inputs if name not in values]
    if missing:
        raise AmountError(
            "TRACE_INPUT_MISSING", f"Step {step.id} reads {missing[0]}, which is unknown."
        )
    inputs = {name: values[name] for name in step.inputs}
    try:
        with exact_arithmetic():
            return _evaluate(ast.parse(step.formula, mode="eval").body, inputs, step.formula)
    except (
        SyntaxError,
        ValueError,
        TypeError,
        KeyError,
        DecimalException,
        RecursionError,
    ) as error:
        raise AmountError(
            "TRACE_FORMULA_INVALID",
            f"The formula of step {step.id} cannot be evaluated: {step.formula}",
        ) from error


def verify_trace(steps: Iterable[TraceStep]) -> dict[str, Decimal]:
    """Recompute every step from the steps before it; the values by id, or AmountError at the first wrong one."""
    values: dict[str, Decimal] = {}
    for each in steps:
        found = recompute(each, values)
        if each.id in values or found != Decimal(each.value):
            raise AmountError(
                "TRACE_WRONG", f"Step {each.id} says {each.value}; its formula gives {found}."
            )
        values[each.id] = found
    return values


def _evaluate(node: ast.expr, inputs: Mapping[str, Decimal], source: str) -> Decimal:
    match node:
        case ast.Constant():
            return Decimal(ast.get_source_segment(source, node) or "")
        case ast.Name(id=name):
            return inputs[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_evaluate(operand, inputs, source)
        case ast.BinOp(left=left, op=op, right=right):
            apply = _OPERATORS[type(op)]
            return apply(_evaluate(left, inputs, source), _evaluate(right, inputs, source))
        case ast.Call(func=ast.Name(id="sum"), args=[ast.Name(id="inputs")]):
            return sum(inputs.values(), Decimal(0))
        case ast.Call(func=ast.Name(id=function), args=arguments):
            return _FUNCTIONS[function](*(_evaluate(each, inputs, source) for each in arguments))
    raise ValueError(f"unknown expression {ast.dump(node)}")


_OPERATORS: Mapping[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_FUNCTIONS: Mapping[str, Callable[..., Decimal]] = {
    "min": min,
    "max": max,
    "round": lambda value, places: round_places(value, int(places)),
    "power": operator.pow,
}
