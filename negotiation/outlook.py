"""What usage says about what is to come: level, growth, season and spread, and the forecast they make.

The method, robust on purpose (a campaign that ran twice or a fraud must not become the plan):

* Level of a SKU: the mean of its last 42 days (six whole weeks) with usage, each day held within the median +/- 4 scaled MADs (a SKU
  charged on few days of a month: its sum over the last three full months). Days without any usage are left out, never
  taken as zero.
* Growth of a family: the median of the year-on-year ratios of its monthly daily spend at list (each day held as
  above), shrunk towards none with fewer than 12 of them, at most +/- 50 % a year, and halved with each year ahead.
* Season of a family: the median of (month / trend) for each calendar month, shrunk towards 1 by the years seen
  (n / (n + 1)), with mean 1; only with 24 months.
* Noise of a month: the median over the families of the scaled MAD of what level, trend and season leave unexplained.
* cv of a family's plan: the spread of its year-on-year ratios, weighed against 25 % (what a plan may miss by without any
  history) as if that had been seen 6 times.

All in Decimal, so that the same usage gives the same plan on every machine. Risk around the plan is `montecarlo`'s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Final

from negotiation.decimals import exact_arithmetic, round_places
from negotiation.forecast import Forecast, ForecastLine, Period, Spend, periods
from negotiation.months import add_months, month_end, month_start, months_apart
from negotiation.usage import Usage, UsageFigures, days_between, runs

ZERO = Decimal(0)
ONE = Decimal(1)

DEFAULT_MONTHS: Final = 24
MAX_MONTHS: Final = 120
PRIOR_CV: Final = Decimal("0.25")
PRIOR_WEIGHT: Final = 6
LEVEL_DAYS: Final = 42
QUANTITY_PLACES: Final = 6
MAX_GROWTH: Final = Decimal("0.5")
PRIOR_MONTHS: Final = 12

_HALF = Decimal("0.5")
_LN2 = Decimal("0.693147180559945309417232121458")
_MAD_SCALE = Decimal("1.4826")


@dataclass(frozen=True, slots=True)
class FamilyTrend:
    """How a family moves: growth a year, season by calendar month (1 to 12), cv of the plan, noise of one month, and
    from how many months this is."""

    growth: Decimal
    season: tuple[Decimal, ...]
    cv: Decimal
    noise: Decimal
    months: int


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """What usage up to a day says: units a day by SKU, trends by family. Makes the forecast of any horizon."""

    figures: UsageFigures
    usage: Usage
    known_to: date | None
    levels: Mapping[str, Decimal]
    trends: Mapping[str, FamilyTrend]

    def forecast(self, start: date, months: int = DEFAULT_MONTHS) -> Forecast:
        """Quantities from `start` on; the months before it from usage, from the plan where usage does not reach."""
        skus = self.figures.catalogue.skus
        spans = periods(start, months)
        factors = [self._factors(span) for span in spans]
        with exact_arithmetic():
            lines = tuple(
                ForecastLine(
                    skus[key],
                    tuple(
                        round_places(level * factor[skus[key].family] * span.days, QUANTITY_PLACES)
                        for factor, span in zip(factors, spans, strict=True)
                    ),
                )
                for key, level in sorted(self.levels.items())
            )
        return Forecast(
            periods=spans,
            lines=lines,
            prior=self._prior(start),
            cv={family: trend.cv for family, trend in self.trends.items()},
            noise=median([trend.noise for trend in self.trends.values()]) if self.trends else ZERO,
        )

    @cached_property
    def _discounts(self) -> Mapping[date, Decimal]:
        return {} if self.known_to is None else self.figures.discounts(self.usage, self.known_to)

    def _factors(self, span: Period) -> Mapping[str, Decimal]:
        """By family: volume in `span` against the level, which is that of the six weeks up to `known_to`."""
        if self.known_to is None:
            return {}
        with exact_arithmetic():
            middle = span.first + timedelta(days=span.days // 2)
            centre = self.known_to - timedelta(days=LEVEL_DAYS // 2)
            years = max(ZERO, Decimal((middle - centre).days) / 365)
            damped = (ONE - _HALF**years) / _LN2  # the sum of a growth that halves each year
            return {
                family: max(ZERO, ONE + trend.growth * damped)
                * trend.season[middle.month - 1]
                / self._season_now[family]
                for family, trend in self.trends.items()
            }

    @cached_property
    def _season_now(self) -> Mapping[str, Decimal]:
        """The season that each family's level holds: the mean over its six weeks."""
        if self.known_to is None:
            return {}
        first = self.known_to - timedelta(days=LEVEL_DAYS - 1)
        months = [day.month - 1 for day in days_between(first, self.known_to)]
        with exact_arithmetic():
            return {
                family: sum((trend.season[month] for month in months), ZERO) / len(months)
                for family, trend in self.trends.items()
            }

    def _prior(self, start: date) -> dict[str, dict[date, Spend]]:
        """Spend of the 12 months before `start` by family; of the month that `start` cuts, the days before it."""
        found: dict[str, dict[date, Spend]] = {}
        first = add_months(month_start(start), -PRIOR_MONTHS)
        known_to = self.known_to if self.known_to is not None else first - timedelta(days=1)
        for span in periods(first, PRIOR_MONTHS + 1):
            last = min(span.last, start - timedelta(days=1))
            if last < span.first:
                continue
            for family, spend in self._actual(span.first, min(last, known_to)).items():
                found.setdefault(family, {})[span.first] = spend
            if last > known_to:
                ahead = Period(max(span.first, known_to + timedelta(days=1)), last)
                for family, spend in self._planned(ahead).items():
                    months = found.setdefault(family, {})
                    months[span.first] = _added(months.get(span.first), spend)
        return found

    def _actual(self, first: date, last: date) -> dict[str, Spend]:
        if last < first:
            return {}
        quantities = self.figures.quantities(self.usage, first, last)
        billed = self.figures.billed(self.usage, first, last)
        net: dict[str, Decimal] = {}
        found = {}
        with exact_arithmetic():
            for discount, begin, end in runs(self._discounts, first, last, ZERO):
                for family, volume in self.figures.families(
                    self.usage, begin, end, discount
                ).items():
                    net[family] = net.get(family, ZERO) + volume.net
            for family, volume in self.figures.by_family(quantities, ZERO).items():
                spent = net.get(family, ZERO)
                found[family] = Spend(volume.list_amount, spent, billed.get(family, spent))
        return found

    def _planned(self, span: Period) -> dict[str, Spend]:
        skus = self.figures.catalogue.skus
        factors = self._factors(span)
        with exact_arithmetic():
            quantities = {
                key: level * factors[skus[key].family] * span.days
                for key, level in self.levels.items()
            }
        discount = self._discounts.get(self.known_to, ZERO) if self.known_to is not None else ZERO
        return {
            family: Spend(volume.list_amount, volume.net, volume.net)
            for family, volume in self.figures.by_family(quantities, discount).items()
        }


def outlook(usage: Usage, figures: UsageFigures, today: date) -> Outlook:
    """What the usage before `today` says about what is to come."""
    known = sorted(day for day in usage if day < today)
    if not known:
        return Outlook(figures=figures, usage=usage, known_to=None, levels={}, trends={})
    levels = _levels(usage, figures, known)
    unseen = {figures.catalogue.skus[key].family: _trend({}) for key in levels}
    return Outlook(
        figures=figures,
        usage=usage,
        known_to=known[-1],
        levels=levels,
        trends=unseen | _trends(usage, figures, known),
    )


def _levels(usage: Usage, figures: UsageFigures, known: Sequence[date]) -> dict[str, Decimal]:
    """Units a day of each SKU over the last six weeks, on the days that have usage."""
    recent = [day for day in known if day > known[-1] - timedelta(days=LEVEL_DAYS)]
    by_sku: dict[str, list[Decimal]] = {}
    for day in recent:
        for key, row in usage[day].rows.items():
            if key in figures.catalogue.skus:
                by_sku.setdefault(key, []).append(row.quantity)
    sparse = [key for key, values in by_sku.items() if 2 * len(values) < len(recent)]
    found = _monthly_levels(usage, figures, known, sparse)
    with exact_arithmetic():
        for key, values in by_sku.items():
            if key not in found:
                found[key] = _held_mean(values) * len(values) / len(recent)
    return found


def _monthly_levels(
    usage: Usage, figures: UsageFigures, known: Sequence[date], keys: Sequence[str]
) -> dict[str, Decimal]:
    """Units a day of SKUs charged on few days: their sum over the last three full months, or over all there is."""
    end = month_start(known[-1] + timedelta(days=1))
    first = max(known[0], add_months(end, -3))
    last = end - timedelta(days=1)
    if first > last:
        first, last = known[0], known[-1]
    days = Decimal(max((last - first).days + 1, 28))
    quantities = figures.quantities(usage, first, last)
    with exact_arithmetic():
        return {key: quantities.get(key, ZERO) / days for key in keys}


def _trends(usage: Usage, figures: UsageFigures, known: Sequence[date]) -> dict[str, FamilyTrend]:
    months = _monthly_rates(usage, figures, known)
    return {family: _trend(series) for family, series in months.items()}


def _monthly_rates(
    usage: Usage, figures: UsageFigures, known: Sequence[date]
) -> dict[str, dict[date, Decimal]]:
    """Spend a day at list by family and full month (with at least 20 days of usage)."""
    by_month: dict[date, dict[str, list[Decimal]]] = {}
    days_seen: dict[date, int] = {}
    for day in known:
        month = month_start(day)
        days_seen[month] = days_seen.get(month, 0) + 1
        families = by_month.setdefault(month, {})
        for family, amount in figures.day(usage[day]).families.items():
            families.setdefault(family, []).append(amount)
    found: dict[str, dict[date, Decimal]] = {}
    for month, families in sorted(by_month.items()):
        if days_seen[month] < 20 or month_end(month) > known[-1]:
            continue
        for family, values in families.items():
            found.setdefault(family, {})[month] = _day_rate(values, days_seen[month])
    return found


def _day_rate(values: Sequence[Decimal], days: int) -> Decimal:
    with exact_arithmetic():
        if 2 * len(values) < days:
            return sum(values, ZERO) / days
        return _held_mean(values) * len(values) / days


def _trend(series: Mapping[date, Decimal]) -> FamilyTrend:
    """Growth, season and cv of one family's monthly daily spend."""
    flat = (ONE,) * 12
    months = [month for month, rate in series.items() if rate > 0]
    if len(months) < 6:
        return FamilyTrend(ZERO, flat, PRIOR_CV, ZERO, len(months))
    with exact_arithmetic():
        ratios = [
            series[month] / series[add_months(month, -12)]
            for month in months
            if series.get(add_months(month, -12), ZERO) > 0
        ]
        growth = (median(ratios) - ONE) * min(ONE, Decimal(len(ratios)) / 12) if ratios else ZERO
        growth = max(-MAX_GROWTH, min(MAX_GROWTH, growth))
        last = max(months)
        a_month = (ONE + growth) ** (ONE / 12)
        trended = {month: series[month] * a_month ** months_apart(month, last) for month in months}
        middle = median(list(trended.values()))
        season = _season({month: rate / middle for month, rate in trended.items()})
        left = [
            abs(rate / (middle * season[month.month - 1]) - ONE) for month, rate in trended.items()
        ]
        noise = round_places(median(left) * _MAD_SCALE, 6)
        cv = round_places(_plan_cv(ratios), 6)
    return FamilyTrend(round_places(growth, 6), season, cv, noise, len(months))


def _plan_cv(ratios: Sequence[Decimal]) -> Decimal:
    """The spread of the year-on-year ratios, shrunk towards `PRIOR_CV`."""
    if not ratios:
        return PRIOR_CV
    middle = median(ratios)
    spread = _MAD_SCALE * median([abs(ratio - middle) for ratio in ratios])
    seen = len(ratios)
    squared = (seen * spread**2 + PRIOR_WEIGHT * PRIOR_CV**2) / (seen + PRIOR_WEIGHT)
    return squared.sqrt()


def _season(relative: Mapping[date, Decimal]) -> tuple[Decimal, ...]:
    """Factor of each calendar month; all 1 with fewer than 24 months."""
    if len(relative) < 24:
        return (ONE,) * 12
    raw = []
    for number in range(1, 13):
        seen = [value for month, value in relative.items() if month.month == number]
        weight = Decimal(len(seen)) / (len(seen) + 1)
        raw.append(ONE + (median(seen) - ONE) * weight if seen else ONE)
    mean = sum(raw, ZERO) / 12
    return tuple(round_places(value / mean, 6) for value in raw)


def median(values: Sequence[Decimal]) -> Decimal:
    """The middle value, or the mean of the two middle ones. ValueError for none."""
    if not values:
        raise ValueError("the median of nothing")
    ordered = sorted(values)
    half = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[half]
    with exact_arithmetic():
        return (ordered[half - 1] + ordered[half]) / 2


def _held_mean(values: Sequence[Decimal]) -> Decimal:
    """The mean of the values, each held within the median +/- 4 scaled MADs (at least a tenth of the median)."""
    middle = median(values)
    with exact_arithmetic():
        spread = max(
            4 * _MAD_SCALE * median([abs(value - middle) for value in values]), abs(middle) / 10
        )
        low, high = middle - spread, middle + spread
        return sum((min(max(value, low), high) for value in values), ZERO) / len(values)


def _added(one: Spend | None, other: Spend) -> Spend:
    if one is None:
        return other
    with exact_arithmetic():
        return Spend(
            one.list_amount + other.list_amount, one.net + other.net, one.billed + other.billed
        )
