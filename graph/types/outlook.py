"""What is to come: the forecast, volumes from drivers, the commitment's pace, the next tier; and what usage restated."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Self

import strawberry

from graph.types.common import mirrored
from graph.types.terms import LadderTier
from negotiation import changes, pace, plan
from resolvers import outlook as use


@strawberry.type(
    description="Units and their amount at list; a month that the horizon cuts has its days only."
)
class PlannedMonth:
    month: date
    units: Decimal
    list_amount: Decimal


@strawberry.type(
    description="`level`: spend a day at list by the newest days; `growth` a year; `season` of January to December; `cv`: how far "
    "the plan may miss; `noise` of one month; `backtestError`: the mean size of the errors that forecasts of the past made."
)
class FamilyForecast:
    family: str
    level: Decimal
    growth: Decimal
    season: list[Decimal]
    cv: Decimal
    noise: Decimal
    months_seen: int
    backtest_error: Decimal | None
    monthly: list[PlannedMonth]


@strawberry.type(
    description="A forecast made at `cut` from what was known then, against what came. `family` null: all but pass-through. "
    "`error`: planned / actual - 1."
)
class BacktestRow:
    cut: date
    months: int
    family: str | None
    planned: Decimal
    actual: Decimal
    error: Decimal | None


@strawberry.type(
    description="What offers are evaluated on. `method` says in words how it is estimated."
)
class Forecast:
    start: date
    end: date
    months: int
    method: str
    hash: str
    families: list[FamilyForecast]
    backtest: list[BacktestRow]

    @classmethod
    def of(cls, found: use.Plan) -> Self:
        return mirrored(
            cls,
            found.forecast,
            method=found.method,
            families=[_family(each) for each in found.families],
            backtest=[mirrored(BacktestRow, each) for each in found.backtest],
        )


def _family(found: plan.FamilyPlan) -> FamilyForecast:
    return mirrored(
        FamilyForecast,
        found,
        season=list(found.season),
        monthly=[mirrored(PlannedMonth, each) for each in found.monthly],
    )


@strawberry.type(description="Units a month of one channel, by the business's drivers.")
class DriverVolume:
    channel: str
    sku: str
    family: str
    units: Decimal

    @classmethod
    def of(cls, found: use.DriverVolume) -> Self:
        return cls(
            channel=found.channel,
            sku=found.sku.key,
            family=found.sku.family,
            units=found.units,
        )


@strawberry.type(
    description="Days on which something comes to pass: with much, the expected and little volume. Null: not within sight."
)
class DateRange:
    earliest: date | None
    likely: date | None
    latest: date | None


@strawberry.type(
    description="The running interval of one commitment, up to yesterday and to its end (`end` is the first day after it), with "
    "little (`low`), the expected and much volume. `missingDays`: days without usage, which nothing was counted for."
)
class CommitmentPace:
    commitment_id: strawberry.ID
    first: date
    end: date
    committed: Decimal
    burned: Decimal
    low: Decimal
    expected: Decimal
    high: Decimal
    projected_shortfall: Decimal
    ahead: bool = strawberry.field(description="Whether the commitment is expected to be met.")
    met: DateRange
    missing_days: list[date]

    @classmethod
    def of(cls, found: pace.CommitmentPace) -> Self:
        return mirrored(
            cls, found, met=mirrored(DateRange, found.met), missing_days=list(found.missing)
        )


@strawberry.type(
    description="When trailing spend leaves today's tier within a year: up to `up`, or below its threshold, to `down`."
)
class TierProjection:
    up: LadderTier | None
    reaches_up: DateRange
    down: LadderTier | None
    falls_below: DateRange

    @classmethod
    def of(cls, found: pace.TierProjection) -> Self:
        return cls(
            up=None if found.up is None else mirrored(LadderTier, found.up),
            reaches_up=mirrored(DateRange, found.reaches_up),
            down=None if found.down is None else mirrored(LadderTier, found.down),
            falls_below=mirrored(DateRange, found.falls_below),
        )


@strawberry.type(
    description="One day and SKU whose units were restated, and what that is at list (after - before)."
)
class UsageChange:
    day: date
    sku: str
    before: Decimal | None
    after: Decimal | None
    revision: int | None
    list_delta: Decimal

    @classmethod
    def of(cls, found: changes.UsageChange) -> Self:
        return mirrored(cls, found)
