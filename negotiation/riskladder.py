"""A ladder on thousands of paths at once: the rules of `ladder_track` in floating point, for `riskmodel`."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from negotiation.forecast import Forecast, Period
from negotiation.ladder import discount_at
from negotiation.ladder_track import prior_spend
from negotiation.months import add_months, month_start
from negotiation.terms import (
    LadderApplication,
    LadderBasis,
    LadderBoundary,
    LadderDowngrade,
    LadderEffective,
    LadderTerm,
)

Floats = NDArray[np.float64]
Whole = NDArray[np.intp]

_GRID: Final = 9


class Amounts(Protocol):
    """What the paths cost so far, as a ladder looks at it. Rows are periods, columns paths."""

    @property
    def paths(self) -> int: ...

    def lists(self, families: tuple[str, ...]) -> Floats:
        """The contract's list of the families (all when there are none), by period and path."""
        ...

    def net(self, index: int, families: tuple[str, ...]) -> Floats:
        """What the families' usage of a period costs before credits."""
        ...

    def net_before(self, index: int, families: tuple[str, ...], group: int) -> Floats:
        """The part of `net` that is on no ladder or on one before `group`."""
        ...

    def net_of(self, index: int, families: tuple[str, ...], group: int) -> Floats:
        """The families' usage on the ladder `group`, by discount of its grid and path."""
        ...


@dataclass(frozen=True, slots=True)
class Share:
    """How each path's month is made of the discounts of the grid: `weights` by discount and path."""

    weights: Floats

    def of(self, amounts: Floats) -> Floats:
        """The month's amount, from `amounts` by discount and path."""
        return np.asarray((self.weights * amounts).sum(axis=0))


class PathTrack:
    """One ladder on all paths. `places`: of the currency's minor unit."""

    def __init__(
        self, amounts: Amounts, forecast: Forecast, group: int, ladder: LadderTerm, places: int
    ) -> None:
        self.group = group
        self.ladder = ladder
        self._run = amounts
        self._places = places
        self._by_day = ladder.effective is not LadderEffective.NEXT_INVOICE
        self._grid = np.array([float(discount) for discount in discount_grid(ladder)])
        self._thresholds = [float(tier.threshold) for tier in ladder.tiers]
        self._discounts = [float(tier.discount) for tier in ladder.tiers]
        self._lists = amounts.lists(ladder.families)
        self._months: dict[date, Floats] = {}
        self._days: dict[date, Floats] = {}
        self._held: Floats | None = None
        self._below: Whole = np.zeros(amounts.paths, dtype=np.intp)
        start = forecast.start
        for month, amount in prior_spend(ladder, forecast).items():
            last = min(add_months(month, 1), start) - timedelta(days=1)
            self._add(Period(month, last), np.full(amounts.paths, float(amount)))

    def shares(self, index: int, period: Period) -> Share:
        """The month's discounts."""
        if self._by_day:
            return self._daily(index, period)
        months = max(1, round(self.ladder.window_days / 30))
        spend = np.zeros(self._run.paths)
        for back in range(1, months + 1):
            spend = spend + self._months.get(add_months(month_start(period.first), -back), 0.0)
        return Share(self._weights(self._step(spend)))

    def observe(self, index: int, period: Period, usage: Floats, used: Floats) -> None:
        if self.ladder.basis is LadderBasis.LIST:
            amount = self._lists[index]
        else:
            amount = self._run.net(index, self.ladder.families)
            if self.ladder.basis is LadderBasis.BILLED:
                amount = amount * (1 - used / np.maximum(usage, 1e-9))
        self._add(period, amount)

    def _add(self, period: Period, amount: Floats) -> None:
        month = month_start(period.first)
        self._months[month] = self._months[month] + amount if month in self._months else amount
        if self._by_day:
            each = amount / period.days
            for offset in range(period.days):
                day = period.first + timedelta(days=offset)
                self._days[day] = self._days[day] + each if day in self._days else each

    def _reached(self, spend: Floats) -> Whole:
        """The tier of each path, -1 below the first."""
        index = np.full(spend.shape, -1, dtype=np.intp)
        for position, threshold in enumerate(self._thresholds):
            if threshold <= 0:
                index[:] = position
            elif self.ladder.boundary is LadderBoundary.INCLUSIVE:
                index[spend >= threshold] = position
            else:
                index[spend > threshold] = position
        return index

    def _step(self, spend: Floats) -> Floats:
        """The spend that counts, by the ladder's rule for going down."""
        spend = np.round(spend, self._places)
        rule, held = self.ladder.downgrade, self._held
        if held is None or rule is LadderDowngrade.FOLLOWS:
            self._held = spend
            return spend
        if self.ladder.application is LadderApplication.MARGINAL:
            falls = spend < held
        else:
            falls = self._reached(spend) < self._reached(held)
        if rule is LadderDowngrade.GRACE:
            self._below = np.where(falls, self._below + 1, 0)
            over = self._below > self.ladder.grace_months
            self._below = np.where(over, 0, self._below)
            falls &= ~over
        self._held = np.where(falls, held, spend)
        return self._held

    def _weights(self, spend: Floats) -> Floats:
        """By discount of the grid and path: 1 at the tier's, or the two neighbours of a marginal average."""
        paths = len(spend)
        weights = np.zeros((len(self._grid), paths))
        if self.ladder.application is LadderApplication.CLIFF:
            weights[self._reached(spend) + 1, np.arange(paths)] = 1.0
            return weights
        saved, below = np.zeros(paths), 0.0
        for threshold, discount in zip(self._thresholds, self._discounts, strict=True):
            saved += (discount - below) * np.maximum(0.0, spend - threshold)
            below = discount
        entry = float(discount_at(self.ladder, Decimal(0)))
        average = np.where(spend > 0, saved / np.maximum(spend, 1e-9), entry)
        span = self._grid[-1] - self._grid[0]
        if span == 0:
            weights[0] = 1.0
            return weights
        position = np.clip((average - self._grid[0]) / span, 0, 1) * (len(self._grid) - 1)
        low = np.minimum(position.astype(np.intp), len(self._grid) - 2)
        weights[low, np.arange(paths)] = 1 - (position - low)
        weights[low + 1, np.arange(paths)] = position - low
        return weights

    def _daily(self, index: int, period: Period) -> Share:
        at_once = self.ladder.effective is LadderEffective.IMMEDIATE
        length = self.ladder.window_days
        zero = np.zeros(self._run.paths)
        window = deque(
            self._days.get(period.first - timedelta(days=back), zero)
            for back in range(length, 0, -1)
        )
        spend = np.sum(window, axis=0)
        total = np.zeros((len(self._grid), self._run.paths))
        others = self._run.net_before(index, self.ladder.families, self.group)
        before = self._weights(self._held) if self._held is not None else self._weights(zero)
        for _ in range(period.days):
            if at_once:
                today = self._today(index, period, before, others)
                before = self._weights(self._step(spend + today - window[0]))
            else:
                before = self._weights(self._step(spend))
            total += before
            today = self._today(index, period, before, others)
            spend = spend + today - window.popleft()
            window.append(today)
        return Share(total / period.days)

    def _today(self, index: int, period: Period, weights: Floats, others: Floats) -> Floats:
        """What one day adds to the window under these discounts."""
        if self.ladder.basis is LadderBasis.LIST:
            return np.asarray(self._lists[index] / period.days)
        own = self._run.net_of(index, self.ladder.families, self.group)
        return np.asarray(((weights * own).sum(axis=0) + others) / period.days)


def discount_grid(ladder: LadderTerm) -> tuple[Decimal, ...]:
    """The discounts at which net amounts are kept: none and each tier's, or evenly spaced for averages."""
    discounts = [Decimal(0), *(tier.discount for tier in ladder.tiers)]
    if ladder.application is LadderApplication.CLIFF:
        return tuple(discounts)
    low = min(discounts if ladder.tiers[0].threshold > 0 else discounts[1:])
    high = max(discounts)
    return tuple(low + (high - low) * step / (_GRID - 1) for step in range(_GRID))
