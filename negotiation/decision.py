"""Whether to accept, counter or reject: our limits, the concession curve, and reasons with numbers.

All in certainty-equivalent cost to us over the offer's horizon: lower is better. What the limits are made of (the
contract in force, the envelope) is the caller's to evaluate.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from negotiation.decimals import exact_arithmetic, round_places
from negotiation.envelope import maximum_payable
from negotiation.ladder import ONE, ZERO
from negotiation.lint import Severity, TermFinding
from negotiation.money import format_money, round_money
from negotiation.ratio import MarginRate
from negotiation.records import BuyerPosition
from negotiation.trace import Notice

NO_USAGE: Final = Notice(
    "NO_USAGE",
    "No usage is known, so nobody can say what this costs. Import usage, or give volumes in a scenario.",
    "usage",
)
CONTRADICTIONS: Final = frozenset({"DEFINITION_CONFLICT", "DOUBLE_DEFINITION"})


class Verdict(StrEnum):
    ACCEPT = "ACCEPT"
    COUNTER = "COUNTER"
    REJECT = "REJECT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stance:
    """How we mean to negotiate. `opening`: the share of the way we give at once; `patience` (beta): below 1 we concede
    late, above 1 early; `shortfall_limit`: the highest P(shortfall) we sign; `payable_a_month`: what our own envelope lets us
    pay at the floor margin, None where we do not know our downstream revenue (see `envelope.maximum_payable`);
    `batna_a_month`: what we pay without a deal, None where the contract in force goes on then. `vendor_low` and `vendor_high`:
    the vendor's cost as factors of our estimate; `vendor_margin`: the least it keeps, None for the envelope's floor."""

    planned_rounds: int = 4
    opening: Decimal = Decimal("0.05")
    patience: Decimal = Decimal(1)
    shortfall_limit: Decimal = Decimal("0.25")
    payable_a_month: Decimal | None = None
    batna_a_month: Decimal | None = None
    vendor_low: Decimal = Decimal("0.85")
    vendor_high: Decimal = Decimal("1.15")
    vendor_margin: Decimal | None = None

    def conceded(self, round_number: int) -> Decimal:
        """alpha = k + (1 - k) t^(1 / beta): the share of the way from our best to our reservation given by this round."""
        if self.planned_rounds <= 1 or round_number >= self.planned_rounds:
            return ONE
        with exact_arithmetic():
            passed = Decimal(max(0, round_number - 1)) / (self.planned_rounds - 1)
            power = passed ** (ONE / self.patience) if passed > 0 else ZERO
            return self.opening + (ONE - self.opening) * power


def stance_of(position: BuyerPosition) -> Stance:
    """The stance that was saved for a negotiation."""
    payable = None
    if position.downstream_revenue is not None and position.own_margin is not None:
        costs = ZERO if position.other_costs is None else position.other_costs
        payable = maximum_payable(
            position.downstream_revenue, costs, MarginRate(position.own_margin)
        )
    return Stance(
        planned_rounds=position.planned_rounds,
        opening=position.opening,
        patience=position.patience,
        shortfall_limit=position.shortfall_limit,
        payable_a_month=_a_month(payable),
        batna_a_month=_a_month(position.batna_cost),
        vendor_low=position.vendor_cost_low,
        vendor_high=position.vendor_cost_high,
        vendor_margin=position.vendor_margin,
    )


def _a_month(a_year: Decimal | None) -> Decimal | None:
    with exact_arithmetic():
        return None if a_year is None else a_year / 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Our limits, as costs. `batna`: what we pay without a deal; `reservation`: the most we pay; `best`: our own
    cheapest offer so far, where the concession curve begins."""

    currency: str
    batna: Decimal
    reservation: Decimal
    best: Decimal
    stance: Stance = Stance()

    def target(self, round_number: int) -> Decimal:
        """u(t) = u_min + (1 - alpha)(u_max - u_min), told as a cost: what we would settle for in this round."""
        best = min(self.best, self.reservation)
        with exact_arithmetic():
            return round_money(
                best + self.stance.conceded(round_number) * (self.reservation - best), self.currency
            )

    def is_last(self, round_number: int) -> bool:
        return round_number >= self.stance.planned_rounds


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the verdict on one offer looks at. `known`: whether there is any usage to cost it on."""

    cost: Decimal
    round_number: int
    shortfall_probability: Decimal
    effective_discount: Decimal | None
    current_discount: Decimal | None
    findings: tuple[TermFinding, ...] = ()
    known: bool = True


def decide_on(facts: Facts, position: Position) -> tuple[Verdict, tuple[Notice, ...]]:
    """The verdict and why. The first reason is the one that decided."""
    verdict, reason = _verdict(facts, position)
    reasons = [reason, *_further(facts, position)]
    return verdict, tuple(dict.fromkeys(reasons))


def _verdict(facts: Facts, position: Position) -> tuple[Verdict, Notice]:
    last = position.is_last(facts.round_number)
    otherwise = Verdict.REJECT if last else Verdict.COUNTER
    if not facts.known:
        return Verdict.COUNTER, NO_USAGE
    broken = next(_broken(facts, position), None)
    if broken is not None:
        return otherwise, broken
    if facts.cost > position.reservation:
        return otherwise, Notice(
            "ABOVE_RESERVATION",
            f"It costs {_money(facts.cost, position)}, more than the most we pay "
            f"({_money(position.reservation, position)}).",
            "cash",
        )
    target = position.target(facts.round_number)
    ours = position.target(facts.round_number + 1)
    if facts.cost <= target and facts.cost <= ours:
        return Verdict.ACCEPT, Notice(
            "TARGET_MET",
            f"It costs {_money(facts.cost, position)}, at or below our target of {_money(target, position)} "
            "and what we would offer next.",
            "cash",
        )
    if last and facts.cost <= position.batna:
        return Verdict.ACCEPT, Notice(
            "BETTER_THAN_BATNA",
            f"The last round: it costs {_money(facts.cost, position)}, no deal {_money(position.batna, position)}.",
            "cash",
        )
    with exact_arithmetic():
        gap = facts.cost - target
    return Verdict.COUNTER, Notice(
        "TARGET_NOT_MET",
        f"It costs {_money(gap, position)} more than our target of {_money(target, position)} in round "
        f"{facts.round_number}.",
        "cash",
    )


def _broken(facts: Facts, position: Position) -> Iterator[Notice]:
    """What must not be signed whatever it costs."""
    for finding in facts.findings:
        if finding.code in CONTRADICTIONS:
            yield Notice(finding.code, finding.message, "terms")
    limit = position.stance.shortfall_limit
    if facts.shortfall_probability > limit:
        yield Notice(
            "SHORTFALL_PROB_ABOVE_LIMIT",
            f"A commitment is missed with a probability of {_percent(facts.shortfall_probability)}; "
            f"our limit is {_percent(limit)}.",
            "shortfallProbability",
        )


def _further(facts: Facts, position: Position) -> Iterator[Notice]:
    yield from _broken(facts, position)
    if (
        facts.effective_discount is not None
        and facts.current_discount is not None
        and facts.effective_discount < facts.current_discount
    ):
        yield Notice(
            "EFFECTIVE_DISCOUNT_BELOW_CURRENT",
            f"{_percent(facts.effective_discount)} off list is left, the contract in force gives "
            f"{_percent(facts.current_discount)}.",
            "effectiveDiscount",
        )
    for finding in facts.findings:
        if finding.severity is not Severity.INFO and finding.code not in CONTRADICTIONS:
            yield Notice(finding.code, finding.message, "terms")


def _money(amount: Decimal, position: Position) -> str:
    return format_money(amount, position.currency)


def _percent(ratio: Decimal) -> str:
    with exact_arithmetic():
        return f"{round_places(ratio * 100, 2):f} %"
