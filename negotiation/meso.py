"""Several equivalent offers at once: counter-offers that cost us the same and differ in what the vendor may value.

From a base offer (ours) the levers commitment, payment days, credit and price protection are combined; for each
combination the discount is found at which our risk-adjusted present cost is the wanted one. Of those that the vendor
could prefer for some reason, the K most different are chosen, then computed exactly. Meant to be used while on the call:
the search runs on few paths, what is returned is verified on more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from itertools import product
from typing import Final

import numpy as np

from negotiation.decimals import exact_arithmetic, round_places
from negotiation.evaluation import Evaluation, evaluate
from negotiation.forecast import Forecast
from negotiation.ladder import ZERO
from negotiation.money import format_money, round_money
from negotiation.montecarlo import DEFAULT_LAMBDA, DEFAULT_SEED, TAIL, futures
from negotiation.riskladder import Floats
from negotiation.riskmodel import Futures, Outcomes, RiskModel
from negotiation.terms import (
    CommitmentTerm,
    CreditTerm,
    FulfilmentInterval,
    LadderTerm,
    PaymentTerm,
    PriceProtectionTerm,
    RampTerm,
    RateTerm,
    ShortfallOutcome,
    ShortfallTerm,
    Term,
)
from negotiation.zopa import deeper

SEARCH_PATHS: Final = 400
CHECK_PATHS: Final = 1_000
TOLERANCE: Final = Decimal("0.002")
SHIFTS: Final = (-0.16, -0.06, 0.0, 0.06, 0.16)
COMMITMENTS: Final = (0.0, 0.5, 0.75, 0.9)
"""Of the burn a year that is exceeded with 90 %."""
PAYMENT_DAYS: Final = (0, 30, 45, 60)
CREDITS: Final = (0.0, 0.02, 0.04)
"""Of a year's usage."""
PROTECTIONS: Final = (None, Decimal("0.03"), Decimal(0))

VALUES: Final = ("committed", "early payment", "low credit", "free list prices", "shallow discount")
"""What the vendor may value, each from 0 to 1: how the chosen offers differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterOffer:
    """One of the set. `cost`: our certainty-equivalent present cost; `values`: what it gives the vendor (see VALUES)."""

    title: str
    terms: tuple[Term, ...]
    evaluation: Evaluation
    cost: Decimal
    shortfall_probability: Decimal
    values: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class _Recipe:
    """A combination of levers before its discount is known."""

    commitment: float
    days: int
    credit: float
    protection: Decimal | None


def meso(
    base: Sequence[Term],
    forecast: Forecast,
    *,
    currency: str = "USD",
    annual_rate: Decimal,
    list_increase: Decimal = Decimal("0.03"),
    share: Decimal = Decimal(1),
    count: int = 3,
    shortfall_limit: Decimal = Decimal("0.25"),
    seed: int = DEFAULT_SEED,
    risk_aversion: Decimal = DEFAULT_LAMBDA,
) -> tuple[CounterOffer, ...]:
    """At most `count` counter-offers that cost us `share` of what the base offer does, within 0.2 %.

    `list_increase`: what list prices are assumed to rise by each year where nothing holds them, so that price protection
    is worth something. Fewer come back when the levers do not reach the target; none without usage.
    """
    search = _Search(base, forecast, currency, annual_rate, list_increase, seed, risk_aversion)
    if not search.usable:
        return ()
    priced = list(search.equal_cost(float(share), float(shortfall_limit)))
    if not priced:
        return ()
    values = np.array([search.values(recipe, shift) for recipe, shift in priced])
    keep = _undominated(values)
    chosen = _most_different(values[keep], count)
    return tuple(search.counter(*priced[keep[at]], float(share), values[keep[at]]) for at in chosen)


class _Search:
    """The base offer's usage on few paths at several depths of discount, and what the levers make of it."""

    def __init__(
        self,
        base: Sequence[Term],
        forecast: Forecast,
        currency: str,
        annual_rate: Decimal,
        list_increase: Decimal,
        seed: int,
        risk_aversion: Decimal,
    ) -> None:
        self._forecast = forecast
        self._currency = currency
        self._annual_rate = annual_rate
        self._increase = list_increase
        self._risk_aversion = float(risk_aversion)
        self._seed = seed
        self._base = tuple(base)
        self._rates = tuple(
            term
            for term in base
            if not isinstance(
                term,
                CommitmentTerm
                | CreditTerm
                | PaymentTerm
                | PriceProtectionTerm
                | RampTerm
                | ShortfallTerm,
            )
        )
        self.usable = bool(forecast.lines) and forecast.months > 0
        if not self.usable:
            return
        self._paths = futures(forecast, SEARCH_PATHS, seed)
        self._usage: dict[Decimal | None, list[tuple[Floats, Floats]]] = {
            held: self._at_all_shifts(held) for held in PROTECTIONS
        }
        base_model = RiskModel(self._evaluate(self._base))
        self.base_cost = self._certain(base_model.run(self._paths).present)
        middle = self._usage[None][len(SHIFTS) // 2][0]
        self._year = float(middle.sum(axis=0).mean()) * 12 / forecast.months
        burn = middle.sum(axis=0) * 12 / forecast.months
        self._safe_burn = float(np.percentile(burn, 10))

    def equal_cost(self, share: float, limit: float) -> Iterator[tuple[_Recipe, Decimal]]:
        """Every combination with the change of all discounts at which it costs `share` of the base, to a hundredth of a
        point; those left out are out of reach or too likely to fall short."""
        wanted = share * self.base_cost
        for commitment, credit, protection in product(COMMITMENTS, CREDITS, PROTECTIONS):
            first = _Recipe(commitment, 0, credit, protection)
            found = [self._costs(first, *usage) for usage in self._usage[protection]]
            odds = [short for _, short in found]
            for at, days in enumerate(PAYMENT_DAYS):
                deep_first = np.array([costs[at] for costs, _ in found])[::-1]
                if not deep_first[0] <= wanted <= deep_first[-1]:
                    continue
                shift = float(np.interp(wanted, deep_first, np.array(SHIFTS)[::-1]))
                if float(np.interp(shift, SHIFTS, odds)) <= limit:
                    yield replace(first, days=days), round_places(Decimal(repr(shift)), 4)

    def values(self, recipe: _Recipe, shift: Decimal) -> list[float]:
        """What the vendor may value, each from 0 to 1, in the order of VALUES."""
        held = recipe.protection
        return [
            recipe.commitment / max(COMMITMENTS),
            1 - recipe.days / max(PAYMENT_DAYS),
            1 - recipe.credit / max(CREDITS),
            1.0 if held is None else float(held) / 0.06,
            min(1.0, max(0.0, 0.5 - float(shift) / 0.32)),
        ]

    def counter(
        self, recipe: _Recipe, shift: Decimal, share: float, values: Floats
    ) -> CounterOffer:
        """The offer written out, its discount put right on more paths, computed exactly."""
        wanted = share * self._checked_base
        terms, evaluation, outcomes, cost = self._checked(recipe, shift)
        slope = float(evaluation.list_cost) * 0.9
        if abs(cost - wanted) > wanted * float(TOLERANCE) / 4 and slope > 0:
            shift = round_places(shift + Decimal(repr((cost - wanted) / slope)), 4)
            terms, evaluation, outcomes, cost = self._checked(recipe, shift)
        return CounterOffer(
            title=self._title(recipe, shift),
            terms=terms,
            evaluation=evaluation,
            cost=round_money(Decimal(repr(cost)), self._currency),
            shortfall_probability=round_places(Decimal(repr(float(outcomes.short.mean()))), 4),
            values=tuple(round_places(Decimal(repr(float(value))), 4) for value in values),
        )

    @cached_property
    def _more_paths(self) -> Futures:
        return futures(self._forecast, CHECK_PATHS, self._seed)

    @cached_property
    def _checked_base(self) -> float:
        """The base offer's cost on the paths that the chosen offers are checked on."""
        return self._certain(RiskModel(self._evaluate(self._base)).run(self._more_paths).present)

    def _checked(
        self, recipe: _Recipe, shift: Decimal
    ) -> tuple[tuple[Term, ...], Evaluation, Outcomes, float]:
        terms = self.terms(recipe, shift)
        evaluation = self._evaluate(terms)
        outcomes = RiskModel(evaluation).run(self._more_paths)
        return terms, evaluation, outcomes, self._certain(outcomes.present)

    def terms(self, recipe: _Recipe, shift: Decimal) -> tuple[Term, ...]:
        """The recipe on the base offer's rates."""
        found: list[Term] = list(_shifted(self._rates, shift))
        commitment = self._commitment(recipe)
        if commitment > 0:
            amount = Decimal(repr(commitment))
            found.append(
                CommitmentTerm(id="commitment", amount=amount, interval=FulfilmentInterval.ANNUAL)
            )
            found.append(ShortfallTerm(id="shortfall", outcome=ShortfallOutcome.PAY_100))
        credit = self._credit(recipe)
        if credit > 0:
            found.append(CreditTerm(id="credit", amount=Decimal(repr(credit))))
        found.append(PaymentTerm(id="payment", net_days=recipe.days))
        if recipe.protection is not None:
            found.append(PriceProtectionTerm(id="protection", max_increase=recipe.protection))
        return tuple(found)

    def _at_all_shifts(self, held: Decimal | None) -> list[tuple[Floats, Floats]]:
        """Usage and fees by period and path at each depth of discount."""
        protection = (
            () if held is None else (PriceProtectionTerm(id="protection", max_increase=held),)
        )
        return [
            RiskModel(
                self._evaluate((*_shifted(self._rates, Decimal(repr(shift))), *protection))
            ).usage(self._paths)
            for shift in SHIFTS
        ]

    def _evaluate(self, terms: Sequence[Term]) -> Evaluation:
        return evaluate(
            terms,
            self._forecast,
            currency=self._currency,
            annual_rate=self._annual_rate,
            list_increase=self._increase,
        )

    def _costs(self, recipe: _Recipe, usage: Floats, fees: Floats) -> tuple[list[float], float]:
        """Our certainty-equivalent present cost at each of PAYMENT_DAYS, and P(shortfall), on given usage."""
        used = np.minimum(np.cumsum(usage, axis=0), self._credit(recipe))
        bills = usage + fees - np.diff(used, axis=0, prepend=0.0)
        short = np.zeros(usage.shape[1], dtype=bool)
        committed = self._commitment(recipe)
        if committed > 0:
            for first in range(0, len(usage), 12):
                year = usage[first : first + 12]
                missing = np.maximum(0.0, committed * len(year) / 12 - year.sum(axis=0))
                bills[min(first + 12, len(usage)) - 1] += missing
                short |= missing > 0
        return [self._certain(costs) for costs in self._factors @ bills], float(short.mean())

    @cached_property
    def _factors(self) -> Floats:
        """Present value of each period's invoice, for each of PAYMENT_DAYS."""
        start, rate = self._forecast.start, float(self._annual_rate)
        issued = np.array([(period.issued_on - start).days for period in self._forecast.periods])
        due = np.add.outer(np.array(PAYMENT_DAYS), issued)
        return np.asarray((1 + rate) ** (-due / 365))

    def _certain(self, costs: Floats) -> float:
        """Mean and CVaR95, weighed by our risk aversion."""
        count = max(1, int(np.ceil(len(costs) * TAIL)))
        tail = np.partition(costs, len(costs) - count)[-count:]
        mean = float(costs.mean())
        return mean + self._risk_aversion * (float(tail.mean()) - mean)

    def _commitment(self, recipe: _Recipe) -> int:
        """In whole thousands a year."""
        return int(recipe.commitment * self._safe_burn // 1000) * 1000

    def _credit(self, recipe: _Recipe) -> int:
        """In whole thousands."""
        return int(recipe.credit * self._year // 1000) * 1000

    def _title(self, recipe: _Recipe, shift: Decimal) -> str:
        with exact_arithmetic():
            points = round_places(shift * 100, 2)
        parts = [f"discounts {points:+f} points"]
        committed, credit = self._commitment(recipe), self._credit(recipe)
        if committed:
            parts.append(f"{format_money(Decimal(committed), self._currency)} a year committed")
        if credit:
            parts.append(f"credit of {format_money(Decimal(credit), self._currency)}")
        parts.append(f"net {recipe.days}")
        if recipe.protection is not None:
            parts.append(f"list prices held to {recipe.protection:.0%} a year")
        return ", ".join(parts)


def _shifted(terms: Sequence[Term], shift: Decimal) -> Iterator[Term]:
    """The terms with the discount of their ladder, else of their rates, else of a new rate, `shift` deeper."""
    ladders = any(isinstance(term, LadderTerm) for term in terms)
    rates = any(isinstance(term, RateTerm) and term.discount is not None for term in terms)
    for term in terms:
        if isinstance(term, LadderTerm):
            yield deeper(term, shift)
        elif not ladders and isinstance(term, RateTerm) and term.discount is not None:
            with exact_arithmetic():
                discount = max(ZERO, min(Decimal("0.9999"), term.discount + shift))
            yield replace(term, discount=discount)
        else:
            yield term
    if not ladders and not rates:
        yield RateTerm(id="rate", discount=max(ZERO, shift))


def _undominated(values: Floats) -> list[int]:
    """Rows than which no other is as good in every column and better in one."""
    found = []
    for at, row in enumerate(values):
        as_good = (values >= row - 1e-12).all(axis=1)
        better = (values > row + 1e-12).any(axis=1)
        if not (as_good & better).any():
            found.append(at)
    return found


def _most_different(values: Floats, count: int) -> list[int]:
    """Positions of rows far from each other: the one far from the middle, then always the farthest from those chosen."""
    middle = values.mean(axis=0)
    chosen = [int(np.argmax(((values - middle) ** 2).sum(axis=1)))]
    nearest = ((values - values[chosen[0]]) ** 2).sum(axis=1)
    while len(chosen) < min(count, len(values)):
        farthest = int(np.argmax(nearest))
        if nearest[farthest] <= 0:
            break
        chosen.append(farthest)
        nearest = np.minimum(nearest, ((values - values[farthest]) ** 2).sum(axis=1))
    return chosen
