"""A forecast: quantities per SKU and invoice period, and what was spent before them.

Given as numbers here; estimated from real usage by `outlook`. Risk around it is `montecarlo`'s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from hashlib import sha256
from typing import Final

import numpy as np
from numpy.typing import NDArray

from negotiation.decimals import exact_arithmetic, round_places
from negotiation.months import add_months, month_end, month_start, months_apart
from negotiation.plain import canonical_decimal_text
from negotiation.records import Sku

ZERO = Decimal(0)
ONE = Decimal(1)

DEFAULT_COMMON: Final = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class Period:
    """One invoice's days, both included: a calendar month, or the part of it that lies in the horizon (a stub)."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def month(self) -> date:
        return month_start(self.first)

    @property
    def issued_on(self) -> date:
        return self.last + timedelta(days=1)


def periods(start: date, months: int) -> tuple[Period, ...]:
    """The invoices of [start, start + months): calendar months, the first and the last cut where the span begins and
    ends inside a month."""
    end = add_months(start, months)
    found, first = [], start
    while first < end:
        last = min(month_end(first), end - timedelta(days=1))
        found.append(Period(first, last))
        first = last + timedelta(days=1)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class ForecastLine:
    """Units of one SKU in each period."""

    sku: Sku
    quantities: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class Spend:
    """What was spent in a calendar month before the horizon, on the three bases a ladder may look at."""

    list_amount: Decimal
    net: Decimal
    billed: Decimal


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """Quantities per SKU and period. `prior`: spend by family and month before the start (of a month that the start
    cuts, the part before it).

    How sure it is, for each family, as coefficients of variation: `cv` of the plan as a whole (all months together),
    `noise` of one month around it. `common`: the share of the plans' variance that all families have in common.
    """

    periods: tuple[Period, ...]
    lines: tuple[ForecastLine, ...]
    prior: Mapping[str, Mapping[date, Spend]] = field(default_factory=dict)
    cv: Mapping[str, Decimal] = field(default_factory=dict)
    noise: Decimal = ZERO
    common: Decimal = DEFAULT_COMMON

    @property
    def start(self) -> date:
        return self.periods[0].first

    @property
    def end(self) -> date:
        """The first day after the horizon."""
        return self.periods[-1].issued_on

    @property
    def months(self) -> int:
        """Whole months of the horizon."""
        return months_apart(self.start, self.end)

    @cached_property
    def families(self) -> tuple[str, ...]:
        return tuple(sorted({line.sku.family for line in self.lines}))

    @cached_property
    def volumes(self) -> NDArray[np.float64]:
        """The quantities by line and period in floating point, for estimates only."""
        rows = [[float(quantity) for quantity in line.quantities] for line in self.lines]
        return np.array(rows).reshape(len(self.lines), len(self.periods))

    @cached_property
    def hash(self) -> str:
        """SHA-256 of everything an evaluation reads from here."""
        found = sha256()
        for period in self.periods:
            found.update(f"{period.first}|{period.last}\n".encode())
        for line in sorted(self.lines, key=lambda line: line.sku.key):
            sku = line.sku
            numbers = "|".join(map(_text, (sku.list_rate, *line.quantities)))
            found.update(
                f"{sku.key}|{sku.family}|{sku.unit}|{sku.pass_through}|{numbers}\n".encode()
            )
        for family, months in sorted(self.prior.items()):
            for month, spend in sorted(months.items()):
                numbers = "|".join(map(_text, (spend.list_amount, spend.net, spend.billed)))
                found.update(f"{family}|{month}|{numbers}\n".encode())
        for family, cv in sorted(self.cv.items()):
            found.update(f"{family}|{_text(cv)}\n".encode())
        found.update(f"{_text(self.noise)}|{_text(self.common)}\n".encode())
        return found.hexdigest()

    def scaled(
        self, factor: Decimal = ONE, families: Mapping[str, Decimal] | None = None
    ) -> Forecast:
        """The same with all volumes times `factor`, and each family's times its own; spend before the start stays."""
        own = families if families is not None else {}
        with exact_arithmetic():
            lines = tuple(
                ForecastLine(
                    line.sku,
                    tuple(
                        quantity * factor * own.get(line.sku.family, ONE)
                        for quantity in line.quantities
                    ),
                )
                for line in self.lines
            )
        return replace(self, lines=lines)


def forecast_of_amounts(
    start: date,
    amounts: Mapping[str, Sequence[Decimal]],
    *,
    prior: Mapping[str, Sequence[Decimal]] | None = None,
    cv: Mapping[str, Decimal] | None = None,
) -> Forecast:
    """A forecast given as list amounts per family and month: each family is one SKU at a list rate of 1.

    `prior`: list amounts of the months before `start`, oldest first; the same on all bases (nothing was discounted).
    """
    count = max((len(each) for each in amounts.values()), default=0)
    return Forecast(
        periods=periods(start, count),
        lines=tuple(
            ForecastLine(
                Sku(key=family, name=family, family=family, unit="unit", list_rate=ONE), tuple(each)
            )
            for family, each in amounts.items()
        ),
        prior={
            family: {
                add_months(month_start(start), back - len(each)): Spend(amount, amount, amount)
                for back, amount in enumerate(each)
            }
            for family, each in (prior or {}).items()
        },
        cv=dict(cv or {}),
    )


def _text(value: Decimal) -> str:
    return canonical_decimal_text(round_places(value, 12))
