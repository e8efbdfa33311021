"""The invoices of an offer one after the other: tiers from what came before, credits as they are used, commitments.

The rules, where words leave room:

* A period is one invoice (a calendar month, or a stub at either end, with the quantities of its days). It is issued on
  the day after its last and due after the payment term; present value at 1/(1 + r)^(days/365) on the first day.
* A ladder looks at whole calendar months: a window of 90 days is the three months before the period's. With NEXT_DAY
  or IMMEDIATE it looks at days, spend being spread evenly over each month's; a month with several discounts costs the
  average weighted by days.
* A contract year begins on the start's day; what list prices rise by counts from the first invoice that begins in it.
* Credits count on usage only, oldest-expiring first, from the first invoice whose period ends on or after the grant to
  the last whose period ends by the expiry. A share credit is granted with each of its invoices and dies with it.
* Intervals run from the start. Usage before credits burns the commitment; a month across two intervals is split by
  days; an interval that the horizon cuts has its commitment cut by days. A shortfall is due with the invoice that ends
  the interval. CARRY_FORWARD: what is missing or over moves to the next interval, what is missing in the last is due.
  RATE_CLAWBACK: the discounts of the interval are paid back, at most the shortfall.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from negotiation.credits import CreditBook
from negotiation.deal import Deal, Mix, MonthCosts
from negotiation.decimals import exact_arithmetic
from negotiation.forecast import Forecast, Period
from negotiation.ladder import ONE, ZERO, discount_at
from negotiation.ladder_track import LadderTrack
from negotiation.money import round_money
from negotiation.months import add_months
from negotiation.streams import total
from negotiation.terms import CommitmentTerm, FulfilmentInterval, ShortfallOutcome

INTERVAL_MONTHS: Final = {
    FulfilmentInterval.MONTHLY: 1,
    FulfilmentInterval.QUARTERLY: 3,
    FulfilmentInterval.ANNUAL: 12,
}

Pricer = Callable[[int, tuple[Mix, ...]], MonthCosts]


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthCost:
    """One invoice. `tier` and `discount`: the first ladder's (a month with several: the average); money is rounded."""

    period: Period
    list_amount: Decimal
    tier: str | None
    discount: Decimal
    net: Decimal
    pass_through: Decimal
    credits: Decimal
    shortfall: Decimal
    due_on: date

    @property
    def month(self) -> date:
        return self.period.first

    @property
    def list(self) -> Decimal:
        return self.list_amount

    @property
    def cash(self) -> Decimal:
        with exact_arithmetic():
            return self.net + self.pass_through - self.credits + self.shortfall


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalResult:
    """One fulfilment interval [first, end): what was promised and burned, what is missing, what that costs."""

    commitment_id: str
    first: date
    end: date
    committed: Decimal
    burn: Decimal
    carried_in: Decimal
    shortfall: Decimal
    charge: Decimal


class Run:
    """The months one after the other: each one's tiers from those before, credits as they are used up."""

    def __init__(self, deal: Deal, forecast: Forecast, currency: str) -> None:
        self.deal = deal
        self.forecast = forecast
        self.currency = currency
        self.credits = CreditBook(deal.credits, forecast.start, currency)
        self.costs: list[MonthCosts] = []
        self.mixes: list[tuple[Mix, ...]] = []
        self._used: list[Decimal] = []
        self._tiers: list[tuple[str | None, Decimal]] = []
        self._tracks = tuple(LadderTrack(ladder, forecast, currency) for ladder in deal.ladders)

    def step(self, index: int, price: Pricer) -> None:
        """Price one period with `price`, then remember what the next ones look back at."""
        period = self.forecast.periods[index]
        mixes: list[Mix] = [{discount_at(track.ladder, ZERO): 1} for track in self._tracks]
        for at, track in enumerate(self._tracks):

            def probe(discount: Decimal, at: int = at) -> MonthCosts:
                return price(index, (*mixes[:at], {discount: 1}, *mixes[at + 1 :]))

            mixes[at] = track.mix(period, probe)
        costs = price(index, tuple(mixes))
        usage = total(costs.nets.values())
        used = self.credits.use(period, usage)
        for track in self._tracks:
            track.observe(period, costs, used)
        self.costs.append(costs)
        self.mixes.append(tuple(mixes))
        self._used.append(used)
        self._tiers.append(self._tier(mixes))

    def intervals(self) -> tuple[IntervalResult, ...]:
        """Every interval of every commitment; to be asked once all periods are priced."""
        return tuple(
            result for commitment in self.deal.commitments for result in self._fulfil(commitment)
        )

    def monthly(self, intervals: Sequence[IntervalResult]) -> tuple[MonthCost, ...]:
        """The invoices, with the charges of the intervals that end in them."""
        found = []
        for index, period in enumerate(self.forecast.periods):
            costs = self.costs[index]
            tier, discount = self._tiers[index]
            found.append(
                MonthCost(
                    period=period,
                    list_amount=round_money(costs.rack, self.currency),
                    tier=tier,
                    discount=discount,
                    net=total(costs.nets.values()),
                    pass_through=costs.pass_through,
                    credits=self._used[index],
                    shortfall=round_money(
                        total(
                            each.charge
                            for each in intervals
                            if period.first <= each.end - timedelta(days=1) <= period.last
                        ),
                        self.currency,
                    ),
                    due_on=period.issued_on + timedelta(days=self.deal.net_days),
                )
            )
        return tuple(found)

    def _tier(self, mixes: Sequence[Mix]) -> tuple[str | None, Decimal]:
        if not self._tracks:
            return None, ZERO
        with exact_arithmetic():
            weighted = sum((discount * days for discount, days in mixes[0].items()), ZERO)
            return self._tracks[0].tier, weighted / sum(mixes[0].values())

    def _fulfil(self, commitment: CommitmentTerm) -> Iterator[IntervalResult]:
        start, horizon = self.forecast.start, self.forecast.end
        months = self._interval_months(commitment)
        carried, number, first = ZERO, 0, start
        while first < horizon:
            end = add_months(start, (number + 1) * months)
            result = self._interval(
                commitment, number * months + 1, (first, min(end, horizon), end), carried
            )
            carried = self._carry(result)
            yield result
            number, first = number + 1, end

    def _interval_months(self, commitment: CommitmentTerm) -> int:
        if commitment.interval in INTERVAL_MONTHS:
            return INTERVAL_MONTHS[commitment.interval]
        renewal = self.deal.renewal
        return self.forecast.months if renewal is None else renewal.term_months

    def _interval(
        self,
        commitment: CommitmentTerm,
        contract_month: int,
        span: tuple[date, date, date],
        carried: Decimal,
    ) -> IntervalResult:
        """`span`: first day, the end within the horizon, the end by contract."""
        first, end, full_end = span
        committed = self.deal.committed(commitment, contract_month)
        burn = listed = ZERO
        with exact_arithmetic():
            if end < full_end:
                committed = committed * (end - first).days / (full_end - first).days
            for period, costs in zip(self.forecast.periods, self.costs, strict=True):
                days = _overlap(period, first, end)
                if days:
                    part = ONE if days == period.days else Decimal(days) / period.days
                    burn += part * costs.counted(costs.nets, commitment.families)
                    listed += part * costs.counted(costs.lists, commitment.families)
        committed = round_money(committed, self.currency)
        burn = round_money(burn, self.currency)
        last = end >= self.forecast.end
        with exact_arithmetic():
            missing = max(ZERO, committed - burn - carried)
            discounts = max(ZERO, round_money(listed, self.currency) - burn)
        charge = self._charge(missing, discounts, last=last)
        carries = self.deal.shortfall.outcome is ShortfallOutcome.CARRY_FORWARD
        return IntervalResult(
            commitment_id=commitment.id,
            first=first,
            end=end,
            committed=committed,
            burn=burn,
            carried_in=carried,
            shortfall=ZERO if carries and not last else missing,
            charge=charge,
        )

    def _charge(self, missing: Decimal, discounts: Decimal, *, last: bool) -> Decimal:
        term = self.deal.shortfall
        match term.outcome:
            case ShortfallOutcome.PAY_100:
                return missing
            case ShortfallOutcome.PAY_PCT:
                share = ONE if term.percent is None else term.percent
                with exact_arithmetic():
                    return round_money(missing * share, self.currency)
            case ShortfallOutcome.CARRY_FORWARD:
                return missing if last else ZERO
            case ShortfallOutcome.RATE_CLAWBACK:
                return min(missing, discounts)
            case ShortfallOutcome.NONE:
                return ZERO

    def _carry(self, result: IntervalResult) -> Decimal:
        if self.deal.shortfall.outcome is not ShortfallOutcome.CARRY_FORWARD:
            return ZERO
        with exact_arithmetic():
            return result.burn + result.carried_in - result.committed


def _overlap(period: Period, first: date, end: date) -> int:
    """Days of the period that lie in [first, end)."""
    return max(0, (min(period.issued_on, end) - max(period.first, first)).days)
