"""Spend and volume from daily usage: the trailing window, daily spend, family and SKU totals.

Figures are memoised on each UsageDay (by identity), so that a new snapshot costs only the days it touched. Days
without usage are listed, never taken as zero. Streams and contract dates are `picture`'s business.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from operator import is_not
from weakref import WeakKeyDictionary

from negotiation.catalogue import Catalogue
from negotiation.decimals import exact_arithmetic
from negotiation.ladder import NextTier, TierWalk, discount_at, next_tier, tier_at
from negotiation.money import round_money
from negotiation.months import month_end
from negotiation.records import UsageDay
from negotiation.terms import LadderBasis, LadderEffective, LadderTerm, LadderTier

ZERO = Decimal(0)
ONE = Decimal(1)
DAY = timedelta(days=1)
TRAILING_DAYS = 90
_MONTHS_KEPT = 200

Usage = Mapping[date, UsageDay]


@dataclass(frozen=True, slots=True)
class Volume:
    """A quantity (in the SKUs' units) and what it costs at list and under the terms, unrounded."""

    quantity: Decimal
    list_amount: Decimal
    net: Decimal


@dataclass(frozen=True, slots=True)
class DayFigures:
    """One usage day. `counted` amounts are those that count towards the ladder: no pass-through, the ladder's families.

    `billed` is None when a row came without the vendor's price. `unknown`: SKUs that the catalogue does not have;
    they count at their billed price, else at nothing. `families`: list amounts of the known SKUs.
    """

    rows: int
    list_amount: Decimal
    counted_list: Decimal
    billed: Decimal | None
    counted_billed: Decimal | None
    families: Mapping[str, Decimal]
    unknown: frozenset[str]
    nets: dict[Decimal, tuple[Decimal, Decimal]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MonthUse:
    """Sums of some days of one month: units by known SKU, the vendor's prices by family, families with rows without."""

    quantities: Mapping[str, Decimal]
    billed: Mapping[str, Decimal]
    unpriced: frozenset[str]


@dataclass(frozen=True, slots=True)
class DailySpend:
    """Spend of one UTC day on the three bases, rounded to the minor unit; `billed` None: the source gave no price."""

    day: date
    list_amount: Decimal
    net: Decimal
    billed: Decimal | None
    rows: int


@dataclass(frozen=True, slots=True)
class Trailing:
    """Spend of the days [first, last] before `on`, on the ladder's basis, and the tier it gives.

    `amount` is rounded to the minor unit, and the tier is that of the rounded amount. `missing`: the days without
    usage (on BILLED also those without a price). `discount`: what the ladder takes off list at this spend.
    """

    on: date
    first: date
    last: date
    basis: LadderBasis
    amount: Decimal
    missing: tuple[date, ...]
    tier: LadderTier | None
    next: NextTier | None
    discount: Decimal


def window(on: date, days: int = TRAILING_DAYS) -> tuple[date, date]:
    """First and last day of the trailing window [on - days, on). For 2026-04-01: 2026-01-01 to 2026-03-31."""
    return on - timedelta(days=days), on - DAY


def days_between(first: date, last: date) -> Iterator[date]:
    """Every day from `first` to `last`, both included."""
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def runs(
    discounts: Mapping[date, Decimal], first: date, last: date, base: Decimal
) -> Iterator[tuple[Decimal, date, date]]:
    """Stretches of days with one discount from `first` to `last`: (discount, first, last). `base`: of a day unknown."""
    begin, at = first, discounts.get(first, base)
    for day in days_between(first, last):
        discount = discounts.get(day, base)
        if discount != at:
            yield at, begin, day - DAY
            begin, at = day, discount
    yield at, begin, last


class UsageFigures:
    """Figures of usage days under one Catalogue. Keep one as long as SKUs and terms stay the same."""

    def __init__(self, catalogue: Catalogue, currency: str) -> None:
        self.catalogue = catalogue
        self.currency = currency
        self._days: WeakKeyDictionary[UsageDay, DayFigures] = WeakKeyDictionary()
        self._months: dict[tuple[date, date], tuple[list[UsageDay | None], MonthUse]] = {}
        self._walked: tuple[Usage, dict[date, Mapping[date, Decimal]]] | None = None
        self._list_rates = {key: (sku.family, sku.list_rate) for key, sku in catalogue.skus.items()}
        self._counted = {key for key in catalogue.skus if self._counts(key)}

    def day(self, usage_day: UsageDay) -> DayFigures:
        """The figures of one day, computed once for this object."""
        figures = self._days.get(usage_day)
        if figures is None:
            figures = self._days[usage_day] = self._figures(usage_day)
        return figures

    def day_net(self, usage_day: UsageDay, discount: Decimal) -> tuple[Decimal, Decimal]:
        """(whole day, what counts towards the ladder) at the effective rates under `discount`, unrounded."""
        nets = self.day(usage_day).nets
        if discount not in nets:
            if len(nets) >= 8:
                nets.clear()
            nets[discount] = self._net(usage_day, discount)
        return nets[discount]

    def trailing(self, usage: Usage, on: date) -> Trailing:
        """Spend of the ladder's window before `on` (90 days and LIST when there is no ladder) and its tier."""
        ladder = self.catalogue.ladder
        basis = ladder.basis if ladder is not None else LadderBasis.LIST
        first, last = window(on, ladder.window_days if ladder is not None else TRAILING_DAYS)
        known = self.basis_amounts(usage, first, last)
        missing = [day for day in days_between(first, last) if day not in known]
        with exact_arithmetic():
            total = sum(known.values(), ZERO)
        amount = round_money(total, self.currency)
        if ladder is None:
            return Trailing(on, first, last, basis, amount, tuple(missing), None, None, ZERO)
        return Trailing(
            on,
            first,
            last,
            basis,
            amount,
            tuple(missing),
            tier_at(ladder, amount),
            next_tier(ladder, amount),
            discount_at(ladder, amount),
        )

    def basis_amounts(self, usage: Usage, first: date, last: date) -> dict[date, Decimal]:
        """What each known day from `first` to `last` counts for the ladder, on its basis (LIST without one); unrounded."""
        ladder = self.catalogue.ladder
        basis = ladder.basis if ladder is not None else LadderBasis.LIST
        discounts = self.discounts(usage, last) if basis is LadderBasis.NET else {}
        amounts = {
            day: self._basis_amount(usage.get(day), basis, discounts.get(day))
            for day in days_between(first, last)
        }
        return {day: amount for day, amount in amounts.items() if amount is not None}

    def discounts(self, usage: Usage, through: date) -> Mapping[date, Decimal]:
        """The ladder's discount on every day from the first usage day to `through`, as the terms in force would
        have set it: by month (NEXT_INVOICE), by day before (NEXT_DAY) or with the day itself (IMMEDIATE).

        Computed once for the same usage; several figures of one picture ask for it."""
        walked = self._walked  # once: another thread may be at other usage meanwhile
        if walked is None or walked[0] is not usage:
            walked = self._walked = usage, {}
        found = walked[1]
        if through not in found:
            found[through] = self._discounts(usage, through)
        return found[through]

    def _discounts(self, usage: Usage, through: date) -> Mapping[date, Decimal]:
        ladder = self.catalogue.ladder
        known = [day for day in usage if day <= through]
        if ladder is None or not known:
            return dict.fromkeys(known, ZERO)
        return self._walk(ladder, usage, min(known), through)

    def daily(self, usage: Usage, first: date, last: date) -> tuple[DailySpend, ...]:
        """Spend of each day from `first` to `last` that has usage, oldest first."""
        discounts = self.discounts(usage, last)
        found = []
        for each in days_between(first, last):
            usage_day = usage.get(each)
            if usage_day is None:
                continue
            figures = self.day(usage_day)
            net, _ = self.day_net(usage_day, discounts.get(each, ZERO))
            billed = figures.billed
            found.append(
                DailySpend(
                    each,
                    round_money(figures.list_amount, self.currency),
                    round_money(net, self.currency),
                    None if billed is None else round_money(billed, self.currency),
                    figures.rows,
                )
            )
        return tuple(found)

    def quantities(self, usage: Usage, first: date, last: date) -> dict[str, Decimal]:
        """Units used of each known SKU from `first` to `last`, both included."""
        totals: dict[str, Decimal] = {}
        with exact_arithmetic():
            for month in self.months(usage, first, last):
                for key, quantity in month.quantities.items():
                    totals[key] = totals[key] + quantity if key in totals else quantity
        return totals

    def billed(self, usage: Usage, first: date, last: date) -> dict[str, Decimal]:
        """What the vendor billed by family from `first` to `last`, unrounded; a family with an unpriced row has none."""
        totals: dict[str, Decimal] = {}
        unpriced: set[str] = set()
        with exact_arithmetic():
            for month in self.months(usage, first, last):
                unpriced |= month.unpriced
                for family, amount in month.billed.items():
                    totals[family] = totals.get(family, ZERO) + amount
        return {family: total for family, total in totals.items() if family not in unpriced}

    def months(self, usage: Usage, first: date, last: date) -> Iterator[MonthUse]:
        """Sums of the calendar months of [first, last], the first and last cut; kept while their days stay the same."""
        while first <= last:
            end = min(month_end(first), last)
            days = [usage.get(each) for each in days_between(first, end)]
            kept = self._months.get((first, end))
            if kept is None or any(map(is_not, kept[0], days)):
                if len(self._months) >= _MONTHS_KEPT:
                    self._months.clear()
                kept = self._months[first, end] = days, self._month_use(days)
            yield kept[1]
            first = end + DAY

    def families(
        self, usage: Usage, first: date, last: date, discount: Decimal, *, months: Decimal = ONE
    ) -> dict[str, Volume]:
        """Volume and money by family from `first` to `last` at the rates in force under `discount`.

        Tiered rates apply to the average of `months` months.
        """
        return self.by_family(self.quantities(usage, first, last), discount, months=months)

    def net_by_family(self, usage: Usage, first: date, last: date) -> dict[str, Decimal]:
        """Net by family from `first` to `last`, each day at the discount the terms in force give it; unrounded."""
        discounts = self.discounts(usage, last)
        totals: dict[str, Decimal] = {}
        with exact_arithmetic():
            for discount, begin, end in runs(
                discounts, first, last, self.catalogue.base_discount()
            ):
                for family, volume in self.families(usage, begin, end, discount).items():
                    totals[family] = totals.get(family, ZERO) + volume.net
        return totals

    def by_family(
        self, quantities: Mapping[str, Decimal], discount: Decimal, *, months: Decimal = ONE
    ) -> dict[str, Volume]:
        """SKU quantities as families, in the order of the families' names."""
        rates, tiered = self.catalogue.rates(discount), self.catalogue.tiered
        found: dict[str, Volume] = {}
        nothing = Volume(ZERO, ZERO, ZERO)
        with exact_arithmetic():
            for key, quantity in quantities.items():
                family, rate = self._list_rates[key]
                so_far = found.get(family, nothing)
                if key in tiered:
                    net = self.catalogue.net_amount(key, quantity / months, discount) * months
                else:
                    net = quantity * rates[key]
                found[family] = Volume(
                    so_far.quantity + quantity,
                    so_far.list_amount + quantity * rate,
                    so_far.net + net,
                )
        return dict(sorted(found.items()))

    def unknown(self, usage: Usage, first: date, last: date) -> frozenset[str]:
        """SKUs that were used from `first` to `last` but are not in the catalogue."""
        found: set[str] = set()
        for each in days_between(first, last):
            if (usage_day := usage.get(each)) is not None:
                found |= self.day(usage_day).unknown
        return frozenset(found)

    def _month_use(self, days: Iterable[UsageDay | None]) -> MonthUse:
        quantities: dict[str, Decimal] = {}
        billed: dict[str, Decimal] = {}
        unpriced: set[str] = set()
        with exact_arithmetic():
            for usage_day in days:
                for key, row in usage_day.rows.items() if usage_day is not None else ():
                    known = self._list_rates.get(key)
                    if known is None:
                        continue
                    quantity = quantities.get(key)
                    quantities[key] = row.quantity if quantity is None else quantity + row.quantity
                    if row.billed is None:
                        unpriced.add(known[0])
                    else:
                        billed[known[0]] = billed.get(known[0], ZERO) + row.billed
        return MonthUse(quantities, billed, frozenset(unpriced))

    def _counts(self, key: str) -> bool:
        sku, ladder = self.catalogue.skus[key], self.catalogue.ladder
        if sku.pass_through:
            return False
        return ladder is None or not ladder.families or sku.family in ladder.families

    def _figures(self, usage_day: UsageDay) -> DayFigures:
        list_amount = counted_list = billed = counted_billed = ZERO
        priced, unknown = True, set()
        families: dict[str, Decimal] = {}
        with exact_arithmetic():
            for key, row in usage_day.rows.items():
                counts = key in self._counted
                known = self._list_rates.get(key)
                if known is None:
                    unknown.add(key)
                    amount = row.billed if row.billed is not None else ZERO
                else:
                    family, rate = known
                    amount = row.quantity * rate
                    families[family] = families.get(family, ZERO) + amount
                list_amount += amount
                if counts:
                    counted_list += amount
                if row.billed is None:
                    priced = False
                else:
                    billed += row.billed
                    if counts:
                        counted_billed += row.billed
        return DayFigures(
            len(usage_day.rows),
            list_amount,
            counted_list,
            billed if priced else None,
            counted_billed if priced else None,
            families,
            frozenset(unknown),
        )

    def _net(self, usage_day: UsageDay, discount: Decimal) -> tuple[Decimal, Decimal]:
        rates = self.catalogue.rates(discount)
        net = counted = ZERO
        with exact_arithmetic():
            for key, row in usage_day.rows.items():
                rate = rates.get(key)
                if rate is None:
                    net += row.billed if row.billed is not None else ZERO
                    continue
                amount = row.quantity * rate
                net += amount
                if key in self._counted:
                    counted += amount
        return net, counted

    def _basis_amount(
        self, usage_day: UsageDay | None, basis: LadderBasis, discount: Decimal | None
    ) -> Decimal | None:
        if usage_day is None:
            return None
        match basis:
            case LadderBasis.LIST:
                return self.day(usage_day).counted_list
            case LadderBasis.BILLED:
                return self.day(usage_day).counted_billed
            case LadderBasis.NET:
                return self.day_net(usage_day, ZERO if discount is None else discount)[1]

    def _walk(
        self, ladder: LadderTerm, usage: Usage, first: date, through: date
    ) -> dict[date, Decimal]:
        walk, renewal = TierWalk(ladder), self.catalogue.renewal
        discounts: dict[date, Decimal] = {}
        amounts: dict[date, Decimal] = {}
        in_window = ZERO
        discount = discount_at(ladder, ZERO)
        with exact_arithmetic():
            for each in days_between(first, through):
                in_window -= amounts.pop(each - timedelta(days=ladder.window_days + 1), ZERO)
                spend = in_window
                if ladder.effective is LadderEffective.IMMEDIATE:
                    today = self._basis_amount(usage.get(each), ladder.basis, discount)
                    spend += today if today is not None else ZERO
                    spend -= amounts.get(each - timedelta(days=ladder.window_days), ZERO)
                if renewal is not None and each == renewal.start:
                    walk = TierWalk(ladder)
                if ladder.effective is not LadderEffective.NEXT_INVOICE or each.day == 1:
                    held = walk.step(round_money(spend, self.currency))
                    discount = discount_at(ladder, held)
                discounts[each] = discount
                amount = self._basis_amount(usage.get(each), ladder.basis, discount)
                if amount is not None:
                    amounts[each] = amount
                    in_window += amount
        return discounts
