"""How good the outlook would have been: forecasts made from the past, against what came."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from negotiation.decimals import exact_arithmetic
from negotiation.forecast import ZERO
from negotiation.months import add_months
from negotiation.outlook import outlook
from negotiation.ratio import round_ratio
from negotiation.usage import Usage, UsageFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestRow:
    """List spend of a family (None: of all but pass-through) over the months after `cut`: planned then, seen since.

    `error`: planned / actual - 1, 4 places; None when nothing came.
    """

    cut: date
    months: int
    family: str | None
    planned: Decimal
    actual: Decimal
    error: Decimal | None


def backtest(
    usage: Usage, figures: UsageFigures, cuts: Iterable[date], months: int = 3
) -> tuple[BacktestRow, ...]:
    """A row for each family and one for all together, for each first day of `cuts` that has `months` of usage after it."""
    last = max(usage, default=None)
    found: list[BacktestRow] = []
    for cut in sorted(cuts):
        end = add_months(cut, months)
        if last is None or end > last + timedelta(days=1):
            continue
        forecast = outlook(usage, figures, cut).forecast(cut, months)
        planned: dict[str, Decimal] = {}
        with exact_arithmetic():
            for line in forecast.lines:
                amount = sum(line.quantities, ZERO) * line.sku.list_rate
                planned[line.sku.family] = planned.get(line.sku.family, ZERO) + amount
        seen = figures.families(usage, cut, end - timedelta(days=1), ZERO)
        actual = {family: volume.list_amount for family, volume in seen.items()}
        fees = {sku.family for sku in figures.catalogue.skus.values() if sku.pass_through}
        found.extend(
            _row(cut, months, family, planned.get(family, ZERO), actual.get(family, ZERO))
            for family in sorted({*planned, *actual})
        )
        with exact_arithmetic():
            found.append(
                _row(
                    cut,
                    months,
                    None,
                    sum((a for family, a in planned.items() if family not in fees), ZERO),
                    sum((a for family, a in actual.items() if family not in fees), ZERO),
                )
            )
    return tuple(found)


def _row(
    cut: date, months: int, family: str | None, planned: Decimal, actual: Decimal
) -> BacktestRow:
    with exact_arithmetic():
        error = round_ratio(planned / actual - 1) if actual > 0 else None
    return BacktestRow(
        cut=cut, months=months, family=family, planned=planned, actual=actual, error=error
    )
