"""What every rule of the lint works with: findings, and the offer under the lamp."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import TypeVar

from negotiation.currency import minor_units
from negotiation.decimals import exact_arithmetic
from negotiation.evaluation import Evaluation, evaluate
from negotiation.ladder import ZERO
from negotiation.money import format_money
from negotiation.terms import Term
from negotiation.trace import TraceStep, given_step, recompute, trace_step

T = TypeVar("T", bound=Term)


class Severity(StrEnum):
    """INFO: good to know; WARNING: likely to cost money; ERROR: the paper contradicts itself or costs money for sure."""

    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


@dataclass(frozen=True, slots=True)
class Price:
    """What a finding may cost over the horizon, and the steps that made it; the last is `amount`."""

    amount: Decimal
    trace: tuple[TraceStep, ...]


def price(formula: str, amount: Decimal, **inputs: tuple[str, Decimal]) -> Price:
    """`amount` as `formula` over the named inputs (label, value)."""
    given = (given_step(name, label, value) for name, (label, value) in inputs.items())
    last = trace_step("amount", "What it may cost", formula, amount, inputs)
    return Price(amount, (*given, last))


def nothing() -> Price:
    """It costs nothing by itself."""
    return price("0", ZERO)


@dataclass(frozen=True, slots=True, kw_only=True)
class TermFinding:
    """`price`: what it may cost; nothing where it only leads to no good."""

    code: str
    severity: Severity
    message: str
    price: Price
    term_ids: tuple[str, ...] = ()
    clause: str | None = None

    @property
    def amount(self) -> Decimal:
        """What it may cost over the horizon."""
        return self.price.amount

    @property
    def trace(self) -> tuple[TraceStep, ...]:
        """The steps that made the amount."""
        return self.price.trace


class Case:
    """The offer under the lamp, and what it would cost with other terms."""

    def __init__(self, evaluation: Evaluation, today: date) -> None:
        self.evaluation = evaluation
        self.deal = evaluation.deal
        self.terms = evaluation.deal.terms
        self.forecast = evaluation.forecast
        self.today = today

    def of(self, kind: type[T]) -> list[T]:
        """The terms of a kind, by id."""
        return sorted((term for term in self.terms if isinstance(term, kind)), key=lambda t: t.id)

    def cost_with(
        self, swapped: Mapping[str, Term | None], *, list_increase: Decimal | None = None
    ) -> Decimal:
        """Cash with some terms (by id) replaced or left out."""
        terms = [swapped.get(term.id, term) for term in self.terms]
        evaluation = self.evaluation
        return evaluate(
            [term for term in terms if term is not None],
            self.forecast,
            currency=evaluation.currency,
            annual_rate=evaluation.annual_rate,
            list_increase=evaluation.pricing.list_increase
            if list_increase is None
            else list_increase,
        ).cash

    def beyond(self, other: Decimal, label: str) -> Price:
        """What the offer costs more than `other`, which is its cash in another reading or with another term."""
        with exact_arithmetic():
            gap = self.evaluation.cash - other
        cash = ("Cash of the offer", self.evaluation.cash)
        return price("cash - other", gap, cash=cash, other=(label, other))

    def gap(self, costs: Sequence[Decimal]) -> Price:
        """What lies between the dearest and the cheapest of several readings."""
        with exact_arithmetic():
            gap = max(costs) - min(costs)
        return price(
            "dearest - cheapest",
            gap,
            dearest=("Cash in the dearest reading", max(costs)),
            cheapest=("Cash in the cheapest reading", min(costs)),
        )

    @cached_property
    def listed(self) -> Mapping[str, Decimal]:
        """List amounts of the horizon by SKU."""
        with exact_arithmetic():
            return {
                line.sku.key: sum(line.quantities, ZERO) * line.sku.list_rate
                for line in self.forecast.lines
            }

    def listed_in(self, families: Iterable[str]) -> Decimal:
        wanted = set(families)
        with exact_arithmetic():
            return sum(
                (
                    self.listed[line.sku.key]
                    for line in self.forecast.lines
                    if not line.sku.pass_through and (not wanted or line.sku.family in wanted)
                ),
                ZERO,
            )

    def rounded(self, formula: str, **inputs: tuple[str, Decimal]) -> Price:
        """`formula` over the inputs, rounded to the minor unit."""
        places = minor_units(self.evaluation.currency)
        whole = f"round({formula}, {places})"
        values = {name: value for name, (_, value) in inputs.items()}
        step = trace_step("amount", "", whole, ZERO, inputs)
        return price(whole, recompute(step, values), **inputs)

    def money(self, amount: Decimal) -> str:
        return format_money(amount, self.evaluation.currency)


def where(term: Term) -> str:
    """The clause, for a sentence."""
    return term.clause or f"Term {term.id}"
