"""What an offer costs on a forecast, exact to the minor unit: invoices, cash, present value, discounts.

How the invoices come about is `billing`'s, risk is `montecarlo`'s, whether to accept `decision`'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from typing import Final

from negotiation.billing import IntervalResult, MonthCost, Run
from negotiation.deal import Deal, Mix, MonthCosts, Pricing
from negotiation.decimals import exact_arithmetic
from negotiation.errors import TermError
from negotiation.forecast import Forecast
from negotiation.ladder import ONE, ZERO
from negotiation.money import round_money
from negotiation.ratio import round_ratio
from negotiation.streams import total
from negotiation.terms import Term

DEFAULT_ANNUAL_RATE: Final = Decimal("0.10")
DAYS_A_YEAR: Final = 365


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """What an offer costs on one forecast, each figure computed when it is first asked for.

    `effective_discount` is what is left of the headline: 1 - cash / list.
    """

    currency: str
    annual_rate: Decimal
    deal: Deal
    forecast: Forecast
    pricing: Pricing = field(repr=False)

    @cached_property
    def _run(self) -> Run:
        run = Run(self.deal, self.forecast, self.currency)
        for index in range(len(self.forecast.periods)):
            run.step(index, self.pricing.month)
        return run

    @cached_property
    def intervals(self) -> tuple[IntervalResult, ...]:
        return self._run.intervals()

    @cached_property
    def monthly(self) -> tuple[MonthCost, ...]:
        return self._run.monthly(self.intervals)

    @property
    def costs(self) -> tuple[MonthCosts, ...]:
        """By period: contract list and net by family, and what is passed through."""
        return tuple(self._run.costs)

    @property
    def mixes(self) -> tuple[tuple[Mix, ...], ...]:
        """By period: the discounts of each ladder."""
        return tuple(self._run.mixes)

    @property
    def unused_credit(self) -> Decimal:
        """What is left of the credits' amounts at the end."""
        return self._run.credits.unused()

    @property
    def months(self) -> int:
        return self.forecast.months

    @cached_property
    def list_cost(self) -> Decimal:
        return total(month.list_amount for month in self.monthly)

    @cached_property
    def net(self) -> Decimal:
        return total(month.net for month in self.monthly)

    @cached_property
    def pass_through(self) -> Decimal:
        return total(month.pass_through for month in self.monthly)

    @cached_property
    def credits(self) -> Decimal:
        return total(month.credits for month in self.monthly)

    @cached_property
    def shortfall(self) -> Decimal:
        return total(month.shortfall for month in self.monthly)

    @cached_property
    def cash(self) -> Decimal:
        return total(month.cash for month in self.monthly)

    @cached_property
    def npv(self) -> Decimal:
        """Present value on the first day of the horizon."""
        with exact_arithmetic():
            worth = (
                month.cash * factor
                for month, factor in zip(self.monthly, self.factors, strict=True)
            )
            return round_money(sum(worth, ZERO), self.currency)

    @cached_property
    def factors(self) -> tuple[Decimal, ...]:
        """What one unit of money on each invoice's due day is worth on the first day."""
        wait = timedelta(days=self.deal.net_days)
        with exact_arithmetic():
            return tuple(
                (ONE + self.annual_rate)
                ** -(Decimal((period.issued_on + wait - self.forecast.start).days) / DAYS_A_YEAR)
                for period in self.forecast.periods
            )

    @cached_property
    def effective_discount(self) -> Decimal | None:
        """1 - cash / list, 4 places; None when there is nothing at list."""
        if self.list_cost == 0:
            return None
        with exact_arithmetic():
            return round_ratio(ONE - self.cash / self.list_cost)

    @property
    def headline_discount(self) -> Decimal | None:
        return self.deal.headline_discount

    @property
    def falls_short(self) -> bool:
        """Whether a commitment is missed on this forecast, whatever that costs."""
        return any(interval.shortfall > 0 for interval in self.intervals)


def evaluate(
    terms: Sequence[Term],
    forecast: Forecast,
    *,
    currency: str = "USD",
    annual_rate: Decimal = DEFAULT_ANNUAL_RATE,
    list_increase: Decimal = ZERO,
) -> Evaluation:
    """The offer on this forecast. `list_increase`: what list prices are assumed to rise by each contract year.

    Raises TermError for an annual rate of -100 % or less; terms that cannot be computed are `validity`'s to refuse.
    """
    if annual_rate <= -1:
        raise TermError("ANNUAL_RATE", f"A rate of {annual_rate} a year.", "annualDiscountRate")
    deal = Deal(tuple(terms))
    return Evaluation(
        currency=currency,
        annual_rate=annual_rate,
        deal=deal,
        forecast=forecast,
        pricing=Pricing(deal, forecast, currency, list_increase),
    )
