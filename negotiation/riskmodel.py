"""One offer as arrays: the rules of `billing` for thousands of paths at once, in floating point.

Built from an exact evaluation, whose rates, months and intervals it shares. `montecarlo` draws the paths.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

import numpy as np
from numpy.typing import NDArray

from negotiation.billing import IntervalResult
from negotiation.credits import usable
from negotiation.evaluation import Evaluation
from negotiation.forecast import Period
from negotiation.ladder import discount_at
from negotiation.ladder_track import prior_spend
from negotiation.months import add_months, month_start
from negotiation.terms import (
    CommitmentTerm,
    LadderApplication,
    LadderBasis,
    LadderBoundary,
    LadderDowngrade,
    LadderEffective,
    LadderTerm,
    ShortfallOutcome,
)

Floats = NDArray[np.float64]
Whole = NDArray[np.intp]

_GRID: Final = 9
_TINY: Final = 0.005  # below half a cent nothing is missing


@dataclass(frozen=True, slots=True)
class Futures:
    """Multipliers of the forecast: `levels` per path and family (mean 1), `noise` per path and period (mean 1)."""

    levels: Floats
    noise: Floats


@dataclass(frozen=True, slots=True)
class Outcomes:
    """One number per path: cash, what a shortfall costs, and whether there is one."""

    cash: Floats
    charge: Floats
    short: NDArray[np.bool_]


class RiskModel:
    """The arrays of one evaluated offer, ready for any number of paths."""

    def __init__(self, evaluation: Evaluation) -> None:
        self.evaluation = evaluation
        self.deal = evaluation.deal
        self.forecast = evaluation.forecast
        self.periods = self.forecast.periods
        self.families = self.forecast.families
        self._column = {family: column for column, family in enumerate(self.families)}
        self._groups: tuple[int | None, ...] = (None, *range(len(self.deal.ladders)))
        self.grids = {
            group: _grid(self.deal.ladders[group]) for group in self._groups if group is not None
        }
        self._year_of = np.array(
            [evaluation.pricing.year(index) for index in range(len(self.periods))], dtype=np.intp
        )
        self._years = range(int(self._year_of.max(initial=0)) + 1)
        self.lists, self.fees, self.nets = self._amounts()

    def run(self, futures: Futures) -> Outcomes:
        """Every path through all months."""
        run = _PathRun(self, futures)
        for index in range(len(self.periods)):
            run.step(index)
        return run.outcomes()

    def mask(self, families: Sequence[str]) -> Floats:
        """1 for the families that count, for all when there are none."""
        if not families:
            return np.ones(len(self.families))
        return np.array([float(family in families) for family in self.families])

    def _amounts(self) -> tuple[Floats, Floats, dict[int | None, Floats]]:
        """By period and family at the forecast: contract list, pass-through; and by ladder and discount the net."""
        count = len(self.periods)
        lists = np.zeros((count, len(self.families)))
        fees = np.zeros_like(lists)
        nets = {
            group: np.zeros((1 if group is None else len(self.grids[group]), *lists.shape))
            for group in self._groups
        }
        increase = self.evaluation.pricing.list_increase
        rises = np.array([float(self.deal.rise(increase, year)) for year in self._years])[
            self._year_of
        ]
        for line in self.forecast.lines:
            sku, column = line.sku, self._column[line.sku.family]
            quantities = np.array([float(quantity) for quantity in line.quantities])
            group = self.deal.ladder_of(sku)
            discounts = (Decimal(0),) if group is None else self.grids[group]
            for row, discount in enumerate(discounts):
                cost = quantities * self._rates(group, sku.key, line.quantities, discount)
                if sku.pass_through:
                    fees[:, column] += cost
                else:
                    nets[group][row, :, column] += cost
            if not sku.pass_through:
                lists[:, column] += quantities * float(sku.list_rate) * rises
        return lists, fees, nets

    def _rates(
        self, group: int | None, key: str, quantities: Sequence[Decimal], discount: Decimal
    ) -> Floats:
        """The price of a unit in each period; of a tiered rate the average on the forecast."""
        catalogues = [self.evaluation.pricing.catalogue(group, year) for year in self._years]
        if key not in catalogues[0].tiered:
            by_year = [float(catalogue.rate(key, discount)) for catalogue in catalogues]
            return np.array(by_year)[self._year_of]
        return np.array(
            [
                float(catalogues[year].net_amount(key, quantity, discount) / quantity)
                if quantity > 0
                else 0.0
                for year, quantity in zip(self._year_of, quantities, strict=True)
            ]
        )


class _PathRun:
    """The state of all paths, month after month."""

    def __init__(self, model: RiskModel, futures: Futures) -> None:
        self.model = model
        self.paths = len(futures.levels)
        self._levels = np.ascontiguousarray(futures.levels.T)
        self._noise = np.ascontiguousarray(futures.noise.T)
        self.tracks = [
            _PathTrack(model, self, group, ladder)
            for group, ladder in enumerate(model.deal.ladders)
        ]
        self.usage: list[Floats] = []
        self.credits: list[Floats] = []
        self._shares: list[list[_Share]] = []
        self._left = {
            term.id: np.full(self.paths, float(term.amount))
            for term in model.deal.credits
            if term.amount is not None
        }
        self._invoices: dict[str, int] = {}
        self._scaled: dict[tuple[int | None, bytes], Floats] = {}
        self._known: dict[tuple[int, bytes], Floats] = {}

    def step(self, index: int) -> None:
        period = self.model.periods[index]
        self._shares.append([])
        for track in self.tracks:
            self._shares[index].append(track.shares(index, period))
        usage = self.net(index, ())
        used = self._use_credits(period, usage)
        self.usage.append(usage)
        self.credits.append(used)
        for track in self.tracks:
            track.observe(index, period, usage, used)

    def net(self, index: int, families: Sequence[str]) -> Floats:
        """What the families' usage of a period costs before credits."""
        mask = self.model.mask(families)
        key = index, mask.tobytes()
        if key not in self._known:
            self._known[key] = self.net_before(index, mask, len(self.tracks))
        return self._known[key]

    def net_before(self, index: int, mask: Floats, group: int) -> Floats:
        """The part of `net` that is on no ladder or on one before `group`, whose discounts are known by then."""
        total: Floats = self.scaled(None, mask)[0, index].copy()
        for track, share in zip(self.tracks[:group], self._shares[index], strict=False):
            total += share.of(self.scaled(track.group, mask)[:, index])
        return total

    def scaled(self, group: int | None, mask: Floats) -> Floats:
        """Net by discount, period and path of one ladder's families under the mask."""
        key = group, mask.tobytes()
        if key not in self._scaled:
            self._scaled[key] = np.stack(
                [self.amounts(each * mask) for each in self.model.nets[group]]
            )
        return self._scaled[key]

    def amounts(self, by_period: Floats) -> Floats:
        """By period and path, from amounts by period and family at the forecast."""
        return np.asarray((by_period @ self._levels) * self._noise)

    def outcomes(self) -> Outcomes:
        cash = self.amounts(self.model.fees).sum(axis=0)
        cash += np.sum(self.usage, axis=0) - np.sum(self.credits, axis=0)
        charge, short = np.zeros(self.paths), np.zeros(self.paths, dtype=bool)
        for commitment in self.model.deal.commitments:
            intervals = [
                each
                for each in self.model.evaluation.intervals
                if each.commitment_id == commitment.id
            ]
            more, missed = self._fulfil(commitment, intervals)
            charge += more
            short |= missed
        return Outcomes(cash + charge, charge, short)

    def _fulfil(
        self, commitment: CommitmentTerm, intervals: Sequence[IntervalResult]
    ) -> tuple[Floats, NDArray[np.bool_]]:
        term = self.model.deal.shortfall
        carries = term.outcome is ShortfallOutcome.CARRY_FORWARD
        charge, short = np.zeros(self.paths), np.zeros(self.paths, dtype=bool)
        carried = np.zeros(self.paths)
        for number, interval in enumerate(intervals, 1):
            burn, listed = self._burned(commitment, interval)
            missing = np.maximum(0.0, float(interval.committed) - burn - carried)
            last = number == len(intervals)
            if last or not carries:
                short |= missing > _TINY
            match term.outcome:
                case ShortfallOutcome.PAY_100:
                    charge += missing
                case ShortfallOutcome.PAY_PCT:
                    charge += missing * float(1 if term.percent is None else term.percent)
                case ShortfallOutcome.CARRY_FORWARD:
                    carried = burn + carried - float(interval.committed)
                    if last:
                        charge += missing
                case ShortfallOutcome.RATE_CLAWBACK:
                    charge += np.minimum(missing, np.maximum(0.0, listed - burn))
                case ShortfallOutcome.NONE:
                    pass
        return charge, short

    def _burned(
        self, commitment: CommitmentTerm, interval: IntervalResult
    ) -> tuple[Floats, Floats]:
        """Net and contract list of an interval, a month across its ends split by days."""
        burn, listed = np.zeros(self.paths), np.zeros(self.paths)
        lists = self.amounts(self.model.lists * self.model.mask(commitment.families))
        for index, period in enumerate(self.model.periods):
            days = (min(period.issued_on, interval.end) - max(period.first, interval.first)).days
            if days > 0:
                burn += self.net(index, commitment.families) * (days / period.days)
                listed += lists[index] * (days / period.days)
        return burn, listed

    def _use_credits(self, period: Period, usage: Floats) -> Floats:
        open_amount = usage.copy()
        for term in self.model.deal.credits:
            if not usable(term, period, self.model.forecast.start):
                continue
            if term.id in self._left:
                taken = np.minimum(self._left[term.id], open_amount)
                self._left[term.id] -= taken
            elif term.invoice_share is not None and term.invoice_count is not None:
                count = self._invoices.get(term.id, 0)
                self._invoices[term.id] = count + 1
                share = float(term.invoice_share) if count < term.invoice_count else 0.0
                taken = np.minimum(usage * share, open_amount)
            else:
                continue
            open_amount -= taken
        return usage - open_amount


@dataclass(frozen=True, slots=True)
class _Share:
    """How each path's month is made of the discounts of the grid: `weights` by discount and path."""

    weights: Floats

    def of(self, amounts: Floats) -> Floats:
        """The month's amount, from `amounts` by discount and path."""
        return np.asarray((self.weights * amounts).sum(axis=0))


class _PathTrack:
    """One ladder on all paths."""

    def __init__(self, model: RiskModel, run: _PathRun, group: int, ladder: LadderTerm) -> None:
        self.group = group
        self.ladder = ladder
        self._run = run
        self._by_day = ladder.effective is not LadderEffective.NEXT_INVOICE
        self._grid = np.array([float(discount) for discount in model.grids[group]])
        self._thresholds = [float(tier.threshold) for tier in ladder.tiers]
        self._discounts = [float(tier.discount) for tier in ladder.tiers]
        self._mask = model.mask(ladder.families)
        self._lists = run.amounts(model.lists * self._mask)
        self._months: dict[date, Floats] = {}
        self._days: dict[date, Floats] = {}
        self._held: Floats | None = None
        self._below: Whole = np.zeros(run.paths, dtype=np.intp)
        start = model.forecast.start
        for month, amount in prior_spend(ladder, model.forecast).items():
            last = min(add_months(month, 1), start) - timedelta(days=1)
            self._add(Period(month, last), np.full(run.paths, float(amount)))

    def shares(self, index: int, period: Period) -> _Share:
        """The month's discounts."""
        if self._by_day:
            return self._daily(index, period)
        months = max(1, round(self.ladder.window_days / 30))
        spend = np.zeros(self._run.paths)
        for back in range(1, months + 1):
            spend = spend + self._months.get(add_months(month_start(period.first), -back), 0.0)
        return _Share(self._weights(self._step(spend)))

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
        spend = np.round(spend, 2)
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

    def _daily(self, index: int, period: Period) -> _Share:
        at_once = self.ladder.effective is LadderEffective.IMMEDIATE
        length = self.ladder.window_days
        zero = np.zeros(self._run.paths)
        window = deque(
            self._days.get(period.first - timedelta(days=back), zero)
            for back in range(length, 0, -1)
        )
        spend = np.sum(window, axis=0)
        total = np.zeros((len(self._grid), self._run.paths))
        others = self._run.net_before(index, self._mask, self.group)
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
        return _Share(total / period.days)

    def _today(self, index: int, period: Period, weights: Floats, others: Floats) -> Floats:
        """What one day adds to the window under these discounts."""
        if self.ladder.basis is LadderBasis.LIST:
            return np.asarray(self._lists[index] / period.days)
        own = self._run.scaled(self.group, self._mask)[:, index]
        return np.asarray(((weights * own).sum(axis=0) + others) / period.days)


def _grid(ladder: LadderTerm) -> tuple[Decimal, ...]:
    """The discounts at which net amounts are kept: none and each tier's, or evenly spaced for averages."""
    discounts = [Decimal(0), *(tier.discount for tier in ladder.tiers)]
    if ladder.application is LadderApplication.CLIFF:
        return tuple(discounts)
    low = min(discounts if ladder.tiers[0].threshold > 0 else discounts[1:])
    high = max(discounts)
    return tuple(low + (high - low) * step / (_GRID - 1) for step in range(_GRID))
