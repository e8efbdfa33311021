"""A ladder through the months of a forecast: the spend it looks back at, and the discounts this gives.

The rules are told in `billing`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from negotiation.deal import Mix, MonthCosts
from negotiation.decimals import exact_arithmetic
from negotiation.forecast import Forecast, Period
from negotiation.ladder import ZERO, TierWalk, discount_at, tier_at
from negotiation.money import round_money
from negotiation.months import add_months
from negotiation.streams import total
from negotiation.terms import LadderBasis, LadderEffective, LadderTerm

Probe = Callable[[Decimal], MonthCosts]


class LadderTrack:
    """One ladder through the months: the spend it looks back at, and the discounts this gives."""

    def __init__(self, ladder: LadderTerm, forecast: Forecast, currency: str) -> None:
        self.ladder = ladder
        self.tier: str | None = None
        self._currency = currency
        self._walk = TierWalk(ladder)
        self._months: dict[date, Decimal] = {}
        self._days: dict[date, Decimal] = {}
        self._by_day = ladder.effective is not LadderEffective.NEXT_INVOICE
        for month, amount in prior_spend(ladder, forecast).items():
            last = min(add_months(month, 1), forecast.start) - timedelta(days=1)
            self._add(Period(month, last), amount)

    def mix(self, period: Period, probe: Probe) -> Mix:
        """The discounts of a period. `probe`: what the period costs under one discount."""
        if self._by_day:
            return self._daily_mix(period, probe)
        months = max(1, round(self.ladder.window_days / 30))
        with exact_arithmetic():
            spend = sum(
                (
                    self._months.get(add_months(period.month, -back), ZERO)
                    for back in range(1, months + 1)
                ),
                ZERO,
            )
        return {self._step(spend): 1}

    def observe(self, period: Period, costs: MonthCosts, credits_used: Decimal) -> None:
        """What the period came to, for the windows of those after it."""
        self._add(period, self._amount(costs, credits_used))

    def _amount(self, costs: MonthCosts, credits_used: Decimal) -> Decimal:
        families = self.ladder.families
        if self.ladder.basis is LadderBasis.LIST:
            return costs.counted(costs.lists, families)
        net = costs.counted(costs.nets, families)
        everything = total(costs.nets.values())
        if self.ladder.basis is LadderBasis.NET or everything == 0:
            return net
        with exact_arithmetic():
            return net - credits_used * net / everything

    def _add(self, period: Period, amount: Decimal) -> None:
        with exact_arithmetic():
            self._months[period.month] = self._months.get(period.month, ZERO) + amount
            if self._by_day:
                each = amount / period.days
                for offset in range(period.days):
                    day = period.first + timedelta(days=offset)
                    self._days[day] = self._days.get(day, ZERO) + each

    def _step(self, spend: Decimal) -> Decimal:
        held = self._walk.step(round_money(spend, self._currency))
        tier = tier_at(self.ladder, held)
        self.tier = tier.name if tier is not None else None
        return discount_at(self.ladder, held)

    def _daily_mix(self, period: Period, probe: Probe) -> Mix:
        ladder, length = self.ladder, timedelta(days=self.ladder.window_days)
        at_once = ladder.effective is LadderEffective.IMMEDIATE
        counts: dict[Decimal, int] = {}
        amounts: dict[Decimal, Decimal] = {}
        days = dict(self._days)
        discount = discount_at(ladder, ZERO)
        with exact_arithmetic():
            spend = sum(
                (amount for day, amount in days.items() if day >= period.first - length), ZERO
            )
            for offset in range(period.days):
                day = period.first + timedelta(days=offset)
                if at_once:
                    today = self._a_day(period, probe, discount, amounts)
                    discount = self._step(spend + today - days.get(day - length, ZERO))
                else:
                    discount = self._step(spend)
                counts[discount] = counts.get(discount, 0) + 1
                days[day] = self._a_day(period, probe, discount, amounts)
                spend += days[day] - days.get(day - length, ZERO)
        return counts

    def _a_day(
        self, period: Period, probe: Probe, discount: Decimal, known: dict[Decimal, Decimal]
    ) -> Decimal:
        """What one day of the period adds to the window under a discount."""
        if discount not in known:
            known[discount] = self._amount(probe(discount), ZERO) / period.days
        return known[discount]


def prior_spend(ladder: LadderTerm, forecast: Forecast) -> dict[date, Decimal]:
    """What counts for the ladder in each month before the forecast, on its basis."""
    found: dict[date, Decimal] = {}
    with exact_arithmetic():
        for family, months in forecast.prior.items():
            if ladder.families and family not in ladder.families:
                continue
            for month, spend in months.items():
                match ladder.basis:
                    case LadderBasis.LIST:
                        amount = spend.list_amount
                    case LadderBasis.NET:
                        amount = spend.net
                    case LadderBasis.BILLED:
                        amount = spend.billed
                found[month] = found.get(month, ZERO) + amount
    return found
