"""A second evaluator of offers, written apart from the first: slow, plain, in fractions. An oracle for random offers.

It shares the records of terms and forecasts with the model, and the rules as `negotiation.billing` tells them in words,
but none of its code.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cache

from negotiation.forecast import Forecast
from negotiation.terms import (
    CommitmentTerm,
    CreditTerm,
    LadderTerm,
    PaymentTerm,
    PriceProtectionTerm,
    RampTerm,
    RateTerm,
    RenewalTerm,
    ShortfallTerm,
    Term,
)

ONE_DAY = timedelta(days=1)


@dataclass
class OracleMonth:
    rack: Fraction
    net: Fraction
    fees: Fraction
    credits: Fraction = Fraction(0)
    shortfall: Fraction = Fraction(0)

    @property
    def cash(self) -> Fraction:
        return self.net + self.fees - self.credits + self.shortfall


@dataclass
class OracleResult:
    months: list[OracleMonth]
    npv: float
    unused: Fraction


def cents(amount: Fraction) -> Fraction:
    """To the cent, halves to the even one. Python's own round of a Fraction does just that."""
    return Fraction(round(amount * 100), 100)


def sum_of(amounts: Iterable[Fraction]) -> Fraction:
    """Added up over one common denominator: `sum` would reduce each sum on the way."""
    given = list(amounts)
    bottom = math.lcm(*(each.denominator for each in given))
    return Fraction(sum(each.numerator * (bottom // each.denominator) for each in given), bottom)


def month_of(day: date) -> tuple[int, int]:
    return day.year, day.month


def shift(month: tuple[int, int], by: int) -> tuple[int, int]:
    number = month[0] * 12 + month[1] - 1 + by
    return number // 12, number % 12 + 1


def plus_months(day: date, months: int) -> date:
    year, month = shift(month_of(day), months)
    last = (date(*shift((year, month), 1), 1) - ONE_DAY).day
    return date(year, month, min(day.day, last))


class Oracle:
    def __init__(self, terms: Sequence[Term], forecast: Forecast, list_increase: Fraction) -> None:
        self.terms = sorted(terms, key=lambda term: term.id)
        self.forecast = forecast
        self.increase = list_increase
        protection = [t for t in self.terms if isinstance(t, PriceProtectionTerm)]
        if protection:
            self.increase = min(self.increase, Fraction(protection[0].max_increase))
        self.spend: dict[str, dict[date, Fraction]] = {}
        self.held: dict[str, Fraction | None] = {}
        self.graced: dict[str, int] = {}
        for ladder in self.ladders():
            self.spend[ladder.id] = self.before(ladder)
            self.held[ladder.id] = None
            self.graced[ladder.id] = 0
        self.rises = [(1 + self.increase) ** self.year(n) for n in range(len(forecast.periods))]

    # --- which term applies ---------------------------------------------------------------------------------------

    def ladders(self) -> list[LadderTerm]:
        named = [t for t in self.terms if isinstance(t, LadderTerm) and t.families]
        general = [t for t in self.terms if isinstance(t, LadderTerm) and not t.families]
        return named + general[:1]

    def ladder_for(self, family: str, fee: bool) -> LadderTerm | None:
        if fee:
            return None
        for ladder in self.ladders():
            if family in ladder.families or not ladder.families:
                return ladder
        return None

    def rate_for(self, key: str, family: str, fee: bool) -> RateTerm | None:
        rates = [t for t in self.terms if isinstance(t, RateTerm)]
        for rate in rates:
            if rate.sku == key:
                return rate
        if fee:
            return None
        for rate in rates:
            if rate.sku is None and rate.family == family:
                return rate
        for rate in rates:
            if rate.sku is None and rate.family is None:
                return rate
        return None

    # --- what a quantity costs ------------------------------------------------------------------------------------

    def line_cost(
        self, index: int, line: int, discount_of: dict[str, dict[Fraction, Fraction]]
    ) -> Fraction:
        sku = self.forecast.lines[line].sku
        quantity = Fraction(self.forecast.lines[line].quantities[index])
        listed = Fraction(sku.list_rate) * self.rises[index]
        rate = self.rate_for(sku.key, sku.family, sku.pass_through)
        ladder = self.ladder_for(sku.family, sku.pass_through)
        agreed = None if rate is None else self.agreed(rate, quantity, listed)
        if ladder is None:
            return quantity * listed if agreed is None else agreed
        total = Fraction(0)
        for discount, share in discount_of[ladder.id].items():
            laddered = quantity * listed * (1 - discount)
            if agreed is None or ladder.stacking == "LADDER_WINS":
                cost = laddered
            elif ladder.stacking == "LOCKED_WINS":
                cost = agreed
            elif ladder.stacking == "COMPOUND":
                cost = agreed * (1 - discount)
            else:
                cost = min(agreed, laddered)
            total += cost * share
        return total

    def agreed(self, rate: RateTerm, quantity: Fraction, listed: Fraction) -> Fraction:
        if rate.discount is not None:
            return quantity * listed * (1 - Fraction(rate.discount))
        if rate.model == "PACKAGE":
            assert rate.package_size is not None
            assert rate.unit_price is not None
            return math.ceil(quantity / Fraction(rate.package_size)) * Fraction(rate.unit_price)
        if rate.model == "FLAT":
            assert rate.unit_price is not None
            return quantity * Fraction(rate.unit_price)
        cost, below = Fraction(0), Fraction(0)
        for tier in rate.tiers:
            top = quantity if tier.up_to is None else Fraction(tier.up_to)
            price = Fraction(tier.unit_price)
            if rate.model == "VOLUME":
                if quantity <= top:
                    return quantity * price
            elif quantity > below:
                cost += (min(quantity, top) - below) * price
            below = max(below, top)
        return cost

    def year(self, index: int) -> int:
        first, here = self.forecast.periods[0].first, self.forecast.periods[index].first
        return sum(plus_months(first, 12 * ahead) <= here for ahead in range(1, 12))

    # --- the ladder -----------------------------------------------------------------------------------------------

    def before(self, ladder: LadderTerm) -> dict[date, Fraction]:
        """Spend by day before the start: each month's evenly over its days (of a cut month, those before the start)."""
        start = self.forecast.periods[0].first
        days: dict[date, Fraction] = defaultdict(Fraction)
        for family, months in self.forecast.prior.items():
            if ladder.families and family not in ladder.families:
                continue
            for month, spend in months.items():
                amount = {
                    "LIST": spend.list_amount,
                    "NET": spend.net,
                    "BILLED": spend.billed,
                }[ladder.basis]
                end = min(plus_months(month, 1), start)
                for offset in range((end - month).days):
                    days[month + offset * ONE_DAY] += Fraction(amount) / (end - month).days
        return days

    def discount(self, ladder: LadderTerm, spend: Fraction) -> Fraction:
        if ladder.application == "CLIFF" or spend <= 0:
            found = Fraction(0)
            for tier in ladder.tiers:
                if self.in_tier(ladder, spend, Fraction(tier.threshold)):
                    found = Fraction(tier.discount)
            return found
        saved = Fraction(0)
        for position, tier in enumerate(ladder.tiers):
            low = Fraction(tier.threshold)
            above = ladder.tiers[position + 1 :]
            high = min(spend, Fraction(above[0].threshold)) if above else spend
            saved += max(Fraction(0), high - low) * Fraction(tier.discount)
        return saved / spend

    def in_tier(self, ladder: LadderTerm, spend: Fraction, threshold: Fraction) -> bool:
        if threshold <= 0:
            return True
        return spend >= threshold if ladder.boundary == "INCLUSIVE" else spend > threshold

    def rank(self, ladder: LadderTerm, spend: Fraction) -> int:
        return sum(self.in_tier(ladder, spend, Fraction(t.threshold)) for t in ladder.tiers)

    def settle(self, ladder: LadderTerm, spend: Fraction) -> Fraction:
        """The discount after the rule for going down."""
        spend = cents(spend)
        held = self.held[ladder.id]
        if held is not None and ladder.downgrade != "FOLLOWS":
            if ladder.application == "MARGINAL":
                lower = spend < held
            else:
                lower = self.rank(ladder, spend) < self.rank(ladder, held)
            if lower:
                self.graced[ladder.id] += 1
                if ladder.downgrade == "RATCHET" or self.graced[ladder.id] <= ladder.grace_months:
                    return self.discount(ladder, held)
        self.graced[ladder.id] = 0
        self.held[ladder.id] = spend
        return self.discount(ladder, spend)

    def month_discounts(self, index: int, ladder: LadderTerm) -> dict[Fraction, Fraction]:
        period = self.forecast.periods[index]
        spend = self.spend[ladder.id]
        if ladder.effective == "NEXT_INVOICE":
            wanted = {
                shift(month_of(period.first), -back)
                for back in range(1, max(1, round(ladder.window_days / 30)) + 1)
            }
            total = sum_of(a for day, a in spend.items() if month_of(day) in wanted)
            return {self.settle(ladder, total): Fraction(1)}
        days = (period.last - period.first).days + 1
        shares: dict[Fraction, Fraction] = defaultdict(Fraction)
        so_far = dict(spend)
        daily = cache(lambda discount: self.counted(index, ladder, discount) / days)
        discount = self.discount(ladder, Fraction(0))
        for offset in range(days):
            day = period.first + offset * ONE_DAY
            if ladder.effective == "NEXT_DAY":
                window = [day - back * ONE_DAY for back in range(1, ladder.window_days + 1)]
                discount = self.settle(ladder, sum_of(so_far.get(d, Fraction(0)) for d in window))
            else:
                so_far[day] = daily(discount)
                window = [day - back * ONE_DAY for back in range(ladder.window_days)]
                discount = self.settle(ladder, sum_of(so_far.get(d, Fraction(0)) for d in window))
            so_far[day] = daily(discount)
            shares[discount] += Fraction(1, days)
        return dict(shares)

    def counted(self, index: int, ladder: LadderTerm, discount: Fraction) -> Fraction:
        """A month's spend on the ladder's basis if this one discount held; other ladders as far as they are known."""
        mixes = dict(self.mixes)
        for other in self.ladders():
            mixes.setdefault(other.id, {self.discount(other, Fraction(0)): Fraction(1)})
        mixes[ladder.id] = {discount: Fraction(1)}
        return self.basis(index, ladder, self.family_costs(index, mixes), Fraction(0))

    def basis(
        self,
        index: int,
        ladder: LadderTerm,
        nets: dict[str, Fraction],
        credits_used: Fraction,
    ) -> Fraction:
        families = set(ladder.families)
        if ladder.basis == "LIST":
            return sum(
                (
                    Fraction(line.quantities[index])
                    * Fraction(line.sku.list_rate)
                    * self.rises[index]
                    for line in self.forecast.lines
                    if not line.sku.pass_through and (not families or line.sku.family in families)
                ),
                Fraction(0),
            )
        mine = sum((a for f, a in nets.items() if not families or f in families), Fraction(0))
        everything = sum(nets.values(), Fraction(0))
        if ladder.basis == "NET" or everything == 0:
            return mine
        return mine - credits_used * mine / everything

    def family_costs(
        self, index: int, mixes: dict[str, dict[Fraction, Fraction]]
    ) -> dict[str, Fraction]:
        nets: dict[str, Fraction] = defaultdict(Fraction)
        for number, line in enumerate(self.forecast.lines):
            if not line.sku.pass_through:
                nets[line.sku.family] += cents(self.line_cost(index, number, mixes))
        return nets

    # --- the invoices ---------------------------------------------------------------------------------------------

    def run(self, annual_rate: float) -> OracleResult:
        months, nets = [], []
        credit_terms = [t for t in self.terms if isinstance(t, CreditTerm)]
        credit_terms.sort(key=lambda t: (t.expires_on is None, t.expires_on or date.max, t.id))
        left = {t.id: Fraction(t.amount) for t in credit_terms if t.amount is not None}
        used_on: dict[str, int] = defaultdict(int)
        for index, period in enumerate(self.forecast.periods):
            self.mixes: dict[str, dict[Fraction, Fraction]] = {}
            for ladder in self.ladders():
                self.mixes[ladder.id] = self.month_discounts(index, ladder)
            families = self.family_costs(index, self.mixes)
            fees = sum(
                (
                    cents(self.line_cost(index, number, self.mixes))
                    for number, line in enumerate(self.forecast.lines)
                    if line.sku.pass_through
                ),
                Fraction(0),
            )
            rack = sum(
                (
                    Fraction(line.quantities[index]) * Fraction(line.sku.list_rate)
                    for line in self.forecast.lines
                ),
                Fraction(0),
            )
            net = sum(families.values(), Fraction(0))
            usage = max(Fraction(0), net)
            month = OracleMonth(cents(rack), net, fees)
            for term in credit_terms:
                granted = term.granted_on or self.forecast.periods[0].first
                if period.last < granted:
                    continue
                if term.expires_on is not None and period.last > term.expires_on:
                    continue
                room = usage - month.credits
                if term.amount is not None:
                    taken = min(left[term.id], room)
                    left[term.id] -= taken
                else:
                    assert term.invoice_share is not None
                    assert term.invoice_count is not None
                    used_on[term.id] += 1
                    if used_on[term.id] > term.invoice_count:
                        continue
                    taken = min(cents(usage * Fraction(term.invoice_share)), room)
                month.credits += taken
            for ladder in self.ladders():
                amount = self.basis(index, ladder, families, month.credits)
                days = (period.last - period.first).days + 1
                for offset in range(days):
                    self.spend[ladder.id][period.first + offset * ONE_DAY] = amount / days
            months.append(month)
            nets.append(families)
        for commitment in self.terms:
            if isinstance(commitment, CommitmentTerm):
                self.fulfil(commitment, months, nets)
        payment = [t for t in self.terms if isinstance(t, PaymentTerm)]
        wait = payment[0].net_days if payment else 30
        start = self.forecast.periods[0].first
        npv = sum(
            float(month.cash) / (1 + annual_rate) ** (((period.last - start).days + 1 + wait) / 365)
            for month, period in zip(months, self.forecast.periods, strict=True)
        )
        return OracleResult(months, npv, sum(left.values(), Fraction(0)))

    def fulfil(
        self,
        commitment: CommitmentTerm,
        months: list[OracleMonth],
        nets: list[dict[str, Fraction]],
    ) -> None:
        start, end = self.forecast.periods[0].first, self.forecast.periods[-1].last + ONE_DAY
        horizon = (end.year - start.year) * 12 + end.month - start.month
        renewal = [t for t in self.terms if isinstance(t, RenewalTerm)]
        length = {"MONTHLY": 1, "QUARTERLY": 3, "ANNUAL": 12}.get(
            commitment.interval, renewal[0].term_months if renewal else horizon
        )
        rule = [t for t in self.terms if isinstance(t, ShortfallTerm)]
        outcome = rule[0].outcome if rule else "PAY_100"
        ramp = [t for t in self.terms if isinstance(t, RampTerm)]
        carried, number = Fraction(0), 0
        while plus_months(start, number * length) < end:
            first = plus_months(start, number * length)
            full = plus_months(start, (number + 1) * length)
            stop = min(full, end)
            promised = Fraction(commitment.amount)
            for step in ramp[0].steps if ramp else ():
                if step.from_month <= number * length + 1:
                    promised = Fraction(step.commitment)
            if stop < full:
                promised = promised * (stop - first).days / (full - first).days
            promised = cents(promised)
            burn, listed = Fraction(0), Fraction(0)
            for index, period in enumerate(self.forecast.periods):
                days = [
                    period.first + offset * ONE_DAY
                    for offset in range((period.last - period.first).days + 1)
                ]
                part = Fraction(sum(first <= day < stop for day in days), len(days))
                wanted = set(commitment.families)
                burn += part * sum(
                    (a for f, a in nets[index].items() if not wanted or f in wanted), Fraction(0)
                )
                listed += part * sum(
                    (
                        Fraction(line.quantities[index])
                        * Fraction(line.sku.list_rate)
                        * self.rises[index]
                        for line in self.forecast.lines
                        if not line.sku.pass_through and (not wanted or line.sku.family in wanted)
                    ),
                    Fraction(0),
                )
            burn, listed = cents(burn), cents(listed)
            missing = max(Fraction(0), promised - burn - carried)
            charge = Fraction(0)
            if outcome == "PAY_100":
                charge = missing
            elif outcome == "PAY_PCT":
                assert rule[0].percent is not None
                charge = cents(missing * Fraction(rule[0].percent))
            elif outcome == "RATE_CLAWBACK":
                charge = min(missing, max(Fraction(0), listed - burn))
            elif outcome == "CARRY_FORWARD":
                carried = burn + carried - promised
                charge = missing if stop >= end else Fraction(0)
            for month, period in zip(months, self.forecast.periods, strict=True):
                if period.first <= stop - ONE_DAY <= period.last:
                    month.shortfall += charge
            number += 1
