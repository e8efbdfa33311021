"""An offer's terms as one deal: which ladder each SKU is on, what is committed, credited and due, and what a month of
usage costs under it.

Rules where terms are silent: shortfalls are paid in full, invoices are due after 30 days, list prices may rise freely.
Of two terms that claim the same thing the one with the smaller id counts; `lint` points it out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Final

from negotiation.catalogue import Catalogue, the_term
from negotiation.currency import minor_units
from negotiation.decimals import exact_arithmetic
from negotiation.forecast import Forecast, ForecastLine
from negotiation.ladder import ONE, ZERO
from negotiation.months import months_apart
from negotiation.records import Sku
from negotiation.terms import (
    CommitmentTerm,
    CreditTerm,
    LadderTerm,
    PaymentTerm,
    PriceProtectionTerm,
    RampTerm,
    RateTerm,
    RenewalTerm,
    ShortfallOutcome,
    ShortfallTerm,
    Term,
)

DEFAULT_NET_DAYS: Final = 30
_NO_LADDER: Final = {ZERO: 1}

Mix = Mapping[Decimal, int]
"""The discounts of one month and how many days (of a month with one discount: 1) each applies to."""


@dataclass(frozen=True, eq=False)
class Deal:
    """The terms of one offer, sorted out. An offer is a whole: rates of the SKUs' own records do not count."""

    terms: tuple[Term, ...]

    @cached_property
    def ladders(self) -> tuple[LadderTerm, ...]:
        """Ladders that apply, each to its own SKUs: those for named families first, then at most one for all others."""
        found = sorted(
            (term for term in self.terms if isinstance(term, LadderTerm)),
            key=lambda term: (not term.families, term.id),
        )
        taken: set[str] = set()
        kept: list[LadderTerm] = []
        for ladder in found:
            fresh = [family for family in ladder.families if family not in taken]
            if fresh or (not ladder.families and all(each.families for each in kept)):
                kept.append(ladder)
                taken.update(fresh)
        return tuple(kept)

    def ladder_of(self, sku: Sku) -> int | None:
        """The position of the SKU's ladder in `ladders`; None: no ladder touches it."""
        if sku.pass_through:
            return None
        for index, ladder in enumerate(self.ladders):
            if not ladder.families or sku.family in ladder.families:
                return index
        return None

    @cached_property
    def rates(self) -> tuple[RateTerm, ...]:
        return tuple(term for term in self.terms if isinstance(term, RateTerm))

    @cached_property
    def commitments(self) -> tuple[CommitmentTerm, ...]:
        found = (term for term in self.terms if isinstance(term, CommitmentTerm))
        return tuple(sorted(found, key=lambda term: term.id))

    @cached_property
    def credits(self) -> tuple[CreditTerm, ...]:
        """Oldest-expiring first; those that never expire last."""
        found = [term for term in self.terms if isinstance(term, CreditTerm)]
        return tuple(sorted(found, key=_credit_order))

    @cached_property
    def ramp(self) -> RampTerm | None:
        return the_term(self.terms, RampTerm)

    @cached_property
    def renewal(self) -> RenewalTerm | None:
        return the_term(self.terms, RenewalTerm)

    @cached_property
    def shortfall(self) -> ShortfallTerm:
        found = the_term(self.terms, ShortfallTerm)
        return found or ShortfallTerm(id="", outcome=ShortfallOutcome.PAY_100)

    @cached_property
    def net_days(self) -> int:
        found = the_term(self.terms, PaymentTerm)
        return DEFAULT_NET_DAYS if found is None else found.net_days

    @cached_property
    def max_increase(self) -> Decimal | None:
        found = the_term(self.terms, PriceProtectionTerm)
        return None if found is None else found.max_increase

    @cached_property
    def headline_discount(self) -> Decimal | None:
        """The deepest discount that the paper names, wherever it applies; None when it names none."""
        named = [tier.discount for ladder in self.ladders for tier in ladder.tiers]
        named += [rate.discount for rate in self.rates if rate.discount is not None]
        return max(named, default=None)

    def committed(self, commitment: CommitmentTerm, contract_month: int) -> Decimal:
        """The commitment of an interval that begins in this contract month (from 1), the ramp's step where there is one."""
        amount = commitment.amount
        for step in self.ramp.steps if self.ramp is not None else ():
            if step.from_month <= contract_month:
                amount = step.commitment
        return amount

    def rise(self, assumed: Decimal, year: int) -> Decimal:
        """What list prices are multiplied by in contract year `year` (from 0) when they want to rise by `assumed` a year."""
        held = assumed if self.max_increase is None else min(assumed, self.max_increase)
        with exact_arithmetic():
            return (ONE + held) ** year


@dataclass(frozen=True, slots=True)
class MonthCosts:
    """One period by family, without pass-through: the contract's list and net; and everything at today's list."""

    rack: Decimal
    lists: Mapping[str, Decimal]
    nets: Mapping[str, Decimal]
    pass_through: Decimal

    def counted(self, amounts: Mapping[str, Decimal], families: Iterable[str]) -> Decimal:
        """The sum over `families`; over all when there are none."""
        wanted = set(families)
        with exact_arithmetic():
            return sum((a for family, a in amounts.items() if not wanted or family in wanted), ZERO)


@dataclass(frozen=True, slots=True)
class PricedLine:
    """One SKU in one period: its units, what they cost before rounding, and the line's amount."""

    sku: Sku
    quantity: Decimal
    exact: Decimal
    amount: Decimal


class Pricing:
    """What the forecast's months cost under a deal: every line rounded once to the minor unit."""

    def __init__(
        self, deal: Deal, forecast: Forecast, currency: str, list_increase: Decimal = ZERO
    ) -> None:
        self.deal = deal
        self.forecast = forecast
        self.currency = currency
        self.list_increase = list_increase
        self._unit = Decimal((0, (1,), -minor_units(currency)))
        self._skus = {line.sku.key: _without_own_rate(line.sku) for line in forecast.lines}
        self._catalogues: dict[tuple[int | None, int], Catalogue] = {}
        self._lines: dict[int | None, list[ForecastLine]] = {}
        for line in sorted(forecast.lines, key=lambda line: line.sku.key):
            self._lines.setdefault(deal.ladder_of(line.sku), []).append(line)

    def month(self, index: int, mixes: tuple[Mix, ...]) -> MonthCosts:
        """Period `index` with the discounts of each ladder."""
        year = self.year(index)
        rise = self.deal.rise(self.list_increase, year)
        rack = fees = ZERO
        lists: dict[str, Decimal] = {}
        nets: dict[str, Decimal] = {}
        with exact_arithmetic():
            for ladder, lines in self._lines.items():
                price = self._prices(ladder, year, mixes)
                for line in lines:
                    sku, quantity = line.sku, line.quantities[index]
                    at_list = quantity * sku.list_rate
                    rack += at_list
                    cost = price(sku.key, quantity).quantize(self._unit)
                    if sku.pass_through:
                        fees += cost
                    else:
                        family = sku.family
                        lists[family] = lists.get(family, ZERO) + at_list
                        nets[family] = nets.get(family, ZERO) + cost
            if rise != 1:
                lists = {family: amount * rise for family, amount in lists.items()}
        return MonthCosts(rack, lists, nets, fees)

    def lines(self, index: int, mixes: tuple[Mix, ...]) -> Iterator[PricedLine]:
        """The lines of period `index` one by one, ladder by ladder and in the order of the SKUs' keys."""
        year = self.year(index)
        for ladder, lines in self._lines.items():
            with exact_arithmetic():
                price = self._prices(ladder, year, mixes)
                priced = [
                    (line.sku, line.quantities[index], price(line.sku.key, line.quantities[index]))
                    for line in lines
                ]
                rounded = [cost.quantize(self._unit) for _, _, cost in priced]
            for (sku, quantity, exact), amount in zip(priced, rounded, strict=True):
                yield PricedLine(sku, quantity, exact, amount)

    def year(self, index: int) -> int:
        """The contract year of a period, from 0."""
        start, first = self.forecast.start, self.forecast.periods[index].first
        return (months_apart(start, first) - (first.day < start.day)) // 12

    def catalogue(self, ladder: int | None, year: int) -> Catalogue:
        """Rates of the SKUs on one ladder in one contract year."""
        key = ladder, year
        if key not in self._catalogues:
            rise = self.deal.rise(self.list_increase, year)
            with exact_arithmetic():
                skus = {
                    name: sku if rise == 1 else replace(sku, list_rate=sku.list_rate * rise)
                    for name, sku in self._skus.items()
                    if self.deal.ladder_of(sku) == ladder
                }
            own = () if ladder is None else (replace(self.deal.ladders[ladder], families=()),)
            self._catalogues[key] = Catalogue(skus, (*own, *self.deal.rates))
        return self._catalogues[key]

    def _prices(
        self, ladder: int | None, year: int, mixes: tuple[Mix, ...]
    ) -> Callable[[str, Decimal], Decimal]:
        """What a quantity of a SKU costs, unrounded; with several discounts the average weighted by their days."""
        catalogue = self.catalogue(ladder, year)
        mix = _NO_LADDER if ladder is None else mixes[ladder]
        rates = [(days, catalogue.rates(discount)) for discount, days in mix.items()]
        tiered, all_days = catalogue.tiered, sum(mix.values())

        def price(key: str, quantity: Decimal) -> Decimal:
            if key in tiered:
                costs = (days * catalogue.net_amount(key, quantity, d) for d, days in mix.items())
                return sum(costs, ZERO) / all_days
            if len(rates) == 1:
                return quantity * rates[0][1][key]
            return quantity * sum((days * each[key] for days, each in rates), ZERO) / all_days

        return price


def _without_own_rate(sku: Sku) -> Sku:
    return sku if sku.contract_rate is None else replace(sku, contract_rate=None)


def _credit_order(term: CreditTerm) -> tuple[bool, str, str]:
    expires = term.expires_on
    return expires is None, "" if expires is None else expires.isoformat(), term.id
