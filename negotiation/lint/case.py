"""What every rule of the lint works with: findings, and the offer under the lamp."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import TypeVar

from negotiation.decimals import exact_arithmetic
from negotiation.evaluation import Evaluation, evaluate
from negotiation.ladder import ZERO
from negotiation.money import format_money
from negotiation.terms import Term

T = TypeVar("T", bound=Term)


class Severity(StrEnum):
    """INFO: good to know; WARNING: likely to cost money; ERROR: the paper contradicts itself or costs money for sure."""

    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


@dataclass(frozen=True, slots=True, kw_only=True)
class TermFinding:
    """`amount`: what it may cost over the horizon; None where that cannot be said."""

    code: str
    severity: Severity
    message: str
    amount: Decimal | None = None
    term_ids: tuple[str, ...] = ()
    clause: str | None = None


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

    def beyond(self, other: Decimal) -> Decimal:
        """What the offer costs more than `other`."""
        with exact_arithmetic():
            return self.evaluation.cash - other

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

    def money(self, amount: Decimal) -> str:
        return format_money(amount, self.evaluation.currency)


def where(term: Term) -> str:
    """The clause, for a sentence."""
    return term.clause or f"Term {term.id}"
