"""A forecast told family by family: how it moves, what it comes to month by month, how good it would have been.

How it is estimated is `outlook`'s, how it is held against the past `backtest`'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from negotiation.backtest import BacktestRow, backtest
from negotiation.decimals import exact_arithmetic, round_places
from negotiation.forecast import ZERO, Forecast
from negotiation.money import round_money
from negotiation.months import add_months, month_start
from negotiation.outlook import FamilyTrend, Outlook
from negotiation.ratio import round_ratio

CUTS: Final = 4
CUT_MONTHS: Final = 3
METHOD: Final = (
    "Level: the mean of the newest days, each held near their median. Growth: the median of year-on-year ratios, "
    "halved with each year ahead. Season: the median of month over trend, from 24 months on. Spread: of those ratios, "
    "weighed against 25 %. Backtest: four forecasts of three months each, made from the past and held against what came."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedMonth:
    """Units and their amount at list; a month that the horizon cuts has its days only."""

    month: date
    units: Decimal
    list_amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyPlan:
    """`level`: spend a day at list today, by the newest days; `backtest_error`: the mean size of the errors that forecasts of
    the past made for this family, None where there is too little past."""

    family: str
    level: Decimal
    growth: Decimal
    season: tuple[Decimal, ...]
    cv: Decimal
    noise: Decimal
    months_seen: int
    backtest_error: Decimal | None
    monthly: tuple[PlannedMonth, ...]


def family_plans(
    outlook: Outlook, forecast: Forecast, tests: Sequence[BacktestRow], currency: str
) -> tuple[FamilyPlan, ...]:
    """Every family of the forecast, by name."""
    unseen = FamilyTrend(ZERO, (Decimal(1),) * 12, ZERO, ZERO, 0)
    levels: dict[str, Decimal] = {}
    skus = outlook.figures.catalogue.skus
    with exact_arithmetic():
        for key, units in outlook.levels.items():
            sku = skus[key]
            levels[sku.family] = levels.get(sku.family, ZERO) + units * sku.list_rate
    found = []
    for family in forecast.families:
        trend = outlook.trends.get(family, unseen)
        found.append(
            FamilyPlan(
                family=family,
                level=round_money(levels.get(family, ZERO), currency),
                growth=trend.growth,
                season=trend.season,
                cv=forecast.cv.get(family, ZERO),
                noise=trend.noise,
                months_seen=trend.months,
                backtest_error=_mean_error([row for row in tests if row.family == family]),
                monthly=_months(forecast, family, currency),
            )
        )
    return tuple(found)


def recent_backtest(outlook: Outlook) -> tuple[BacktestRow, ...]:
    """Forecasts of a quarter each, made from the past, for the newest `CUTS` quarters that usage fills."""
    if outlook.known_to is None:
        return ()
    newest = month_start(outlook.known_to + timedelta(days=1))
    cuts = [add_months(newest, -CUT_MONTHS * number) for number in range(1, CUTS + 1)]
    first = min(outlook.usage)
    return backtest(
        outlook.usage, outlook.figures, [cut for cut in cuts if cut > first], CUT_MONTHS
    )


def _months(forecast: Forecast, family: str, currency: str) -> tuple[PlannedMonth, ...]:
    lines = [line for line in forecast.lines if line.sku.family == family]
    with exact_arithmetic():
        return tuple(
            PlannedMonth(
                month=period.first,
                units=round_places(sum((line.quantities[at] for line in lines), ZERO), 2),
                list_amount=round_money(
                    sum((line.quantities[at] * line.sku.list_rate for line in lines), ZERO),
                    currency,
                ),
            )
            for at, period in enumerate(forecast.periods)
        )


def _mean_error(rows: Sequence[BacktestRow]) -> Decimal | None:
    errors = [abs(row.error) for row in rows if row.error is not None]
    with exact_arithmetic():
        return round_ratio(sum(errors, ZERO) / len(errors)) if errors else None
