"""One offer as arrays: the rules of `billing` for thousands of paths at once, in floating point.

Built from an exact evaluation, whose rates, months and intervals it shares. `montecarlo` draws the paths.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from negotiation.billing import IntervalResult
from negotiation.credits import usable
from negotiation.currency import minor_units
from negotiation.evaluation import Evaluation
from negotiation.forecast import Period
from negotiation.riskladder import Floats, PathTrack, Share, discount_grid
from negotiation.terms import CommitmentTerm, ShortfallOutcome


@dataclass(frozen=True, slots=True)
class Futures:
    """Multipliers of the forecast: `levels` per path and family (mean 1), `noise` per path and period (mean 1)."""

    levels: Floats
    noise: Floats


@dataclass(frozen=True, slots=True)
class Outcomes:
    """One number per path: cash, its present value on the first day, what a shortfall costs, and whether there is one;
    and by period and path `paid`, the cash up to and with that period.
    """

    cash: Floats
    present: Floats
    charge: Floats
    short: NDArray[np.bool_]
    paid: Floats


class RiskModel:
    """The arrays of one evaluated offer, ready for any number of paths."""

    def __init__(self, evaluation: Evaluation) -> None:
        self.evaluation = evaluation
        self.deal = evaluation.deal
        self.forecast = evaluation.forecast
        self.periods = self.forecast.periods
        self.families = self.forecast.families
        self.places = minor_units(evaluation.currency)
        self.tiny = 0.5 * 10.0**-self.places  # below it nothing is missing
        self._groups: tuple[int | None, ...] = (None, *range(len(self.deal.ladders)))
        self.grids = {
            group: discount_grid(self.deal.ladders[group])
            for group in self._groups
            if group is not None
        }
        self._year_of = np.array(
            [evaluation.pricing.year(index) for index in range(len(self.periods))], dtype=np.intp
        )
        self._years = range(int(self._year_of.max(initial=0)) + 1)
        self.lists, self.fees, self.nets = self._amounts()

    def run(self, futures: Futures) -> Outcomes:
        """Every path through all months."""
        return self._through(futures).outcomes()

    def usage(self, futures: Futures) -> tuple[Floats, Floats]:
        """By period and path, before credits and commitments: usage, and what is passed through."""
        run = self._through(futures)
        return np.stack(run.usage), run.amounts(self.fees)

    def _through(self, futures: Futures) -> _PathRun:
        run = _PathRun(self, futures)
        for index in range(len(self.periods)):
            run.step(index)
        return run

    def mask(self, families: Sequence[str]) -> Floats:
        """1 for the families that count, for all when there are none."""
        if not families:
            return np.ones(len(self.families))
        return np.array([float(family in families) for family in self.families])

    def _amounts(self) -> tuple[Floats, Floats, dict[int | None, Floats]]:
        """By period and family at the forecast: contract list, pass-through; and by ladder and discount the net."""
        lines, volumes = self.forecast.lines, self.forecast.volumes
        family = np.zeros((len(self.families), len(lines)))
        for at, line in enumerate(lines):
            family[self.families.index(line.sku.family), at] = 1.0
        fee = np.array([line.sku.pass_through for line in lines], dtype=bool)
        increase = self.evaluation.pricing.list_increase
        rises = np.array([float(self.deal.rise(increase, year)) for year in self._years])
        listed = np.array([float(line.sku.list_rate) for line in lines])
        lists = (family * listed * ~fee) @ volumes * rises[self._year_of]
        fees = np.zeros_like(lists)
        nets: dict[int | None, Floats] = {}
        for group in self._groups:
            mine = [at for at, line in enumerate(lines) if self.deal.ladder_of(line.sku) == group]
            rows = []
            for discount in (Decimal(0),) if group is None else self.grids[group]:
                costs = self._costs(group, mine, discount)
                rows.append((family[:, mine] * ~fee[mine]) @ costs)
                if group is None:
                    fees = (family[:, mine] * fee[mine]) @ costs
            nets[group] = np.stack([row.T for row in rows])
        return lists.T, fees.T, nets

    def _costs(self, group: int | None, mine: Sequence[int], discount: Decimal) -> Floats:
        """What each of these lines costs in each period; tiered rates at the forecast's own quantities."""
        lines, pricing = self.forecast.lines, self.evaluation.pricing
        catalogues = [pricing.catalogue(group, year) for year in self._years]
        keys = [lines[at].sku.key for at in mine]
        by_year = np.array(
            [
                [float(rates[key]) for key in keys]
                for rates in (c.rates(discount) for c in catalogues)
            ]
        ).reshape(len(catalogues), len(keys))
        costs = by_year[self._year_of].T * self.forecast.volumes[mine]
        for row, key in enumerate(keys):
            if key in catalogues[0].tiered:
                costs[row] = [
                    float(catalogues[year].net_amount(key, quantity, discount))
                    for year, quantity in zip(
                        self._year_of, lines[mine[row]].quantities, strict=True
                    )
                ]
        return np.asarray(costs)


class _PathRun:
    """The state of all paths, month after month: the `Amounts` that ladders look at."""

    def __init__(self, model: RiskModel, futures: Futures) -> None:
        self.model = model
        self.paths = len(futures.levels)
        self._levels = np.ascontiguousarray(futures.levels.T)
        self._noise = np.ascontiguousarray(futures.noise.T)
        self.tracks = [
            PathTrack(self, model.forecast, group, ladder, model.places)
            for group, ladder in enumerate(model.deal.ladders)
        ]
        self.usage: list[Floats] = []
        self.credits: list[Floats] = []
        self._shares: list[list[Share]] = []
        self._left = {
            term.id: np.full(self.paths, float(term.amount))
            for term in model.deal.credits
            if term.amount is not None
        }
        self._invoices: dict[str, int] = {}
        self._scaled: dict[tuple[int | None, tuple[str, ...]], Floats] = {}
        self._known: dict[tuple[int, tuple[str, ...]], Floats] = {}

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

    def lists(self, families: tuple[str, ...]) -> Floats:
        return self.amounts(self.model.lists * self.model.mask(families))

    def net(self, index: int, families: tuple[str, ...]) -> Floats:
        key = index, families
        if key not in self._known:
            self._known[key] = self.net_before(index, families, len(self.tracks))
        return self._known[key]

    def net_before(self, index: int, families: tuple[str, ...], group: int) -> Floats:
        total: Floats = self._scaled_to(None, families)[0, index].copy()
        for track, share in zip(self.tracks[:group], self._shares[index], strict=False):
            total += share.of(self.net_of(index, families, track.group))
        return total

    def net_of(self, index: int, families: tuple[str, ...], group: int) -> Floats:
        return self._scaled_to(group, families)[:, index]

    def _scaled_to(self, group: int | None, families: tuple[str, ...]) -> Floats:
        """Net by discount, period and path of the families on one ladder."""
        key = group, families
        if key not in self._scaled:
            mask = self.model.mask(families)
            self._scaled[key] = np.stack(
                [self.amounts(each * mask) for each in self.model.nets[group]]
            )
        return self._scaled[key]

    def amounts(self, by_period: Floats) -> Floats:
        """By period and path, from amounts by period and family at the forecast."""
        return np.asarray((by_period @ self._levels) * self._noise)

    def outcomes(self) -> Outcomes:
        bills = self.amounts(self.model.fees) + np.stack(self.usage) - np.stack(self.credits)
        charges, short = np.zeros_like(bills), np.zeros(self.paths, dtype=bool)
        for commitment in self.model.deal.commitments:
            intervals = [
                each
                for each in self.model.evaluation.intervals
                if each.commitment_id == commitment.id
            ]
            short |= self._fulfil(commitment, intervals, charges)
        cash = bills + charges
        paid = np.cumsum(cash, axis=0)
        return Outcomes(
            cash=paid[-1],
            present=np.array([float(factor) for factor in self.model.evaluation.factors]) @ cash,
            charge=charges.sum(axis=0),
            short=short,
            paid=paid,
        )

    def _fulfil(
        self, commitment: CommitmentTerm, intervals: Sequence[IntervalResult], charges: Floats
    ) -> NDArray[np.bool_]:
        """Adds what each interval costs to the `charges` of its last period; which paths fall short."""
        carries = self.model.deal.shortfall.outcome is ShortfallOutcome.CARRY_FORWARD
        short, carried = np.zeros(self.paths, dtype=bool), np.zeros(self.paths)
        for number, interval in enumerate(intervals, 1):
            burn, listed = self._burned(commitment, interval)
            missing = np.maximum(0.0, float(interval.committed) - burn - carried)
            last = number == len(intervals)
            if last or not carries:
                short |= missing > self.model.tiny
            if carries:
                carried = burn + carried - float(interval.committed)
            due = interval.end - timedelta(days=1)
            for index, period in enumerate(self.model.periods):
                if period.first <= due <= period.last:
                    charges[index] += self._charge(missing, listed - burn, last=last)
        return short

    def _charge(self, missing: Floats, discounts: Floats, *, last: bool) -> Floats:
        term = self.model.deal.shortfall
        match term.outcome:
            case ShortfallOutcome.PAY_100:
                return missing
            case ShortfallOutcome.PAY_PCT:
                return missing * float(1 if term.percent is None else term.percent)
            case ShortfallOutcome.CARRY_FORWARD:
                return missing if last else np.zeros(self.paths)
            case ShortfallOutcome.RATE_CLAWBACK:
                return np.asarray(np.minimum(missing, np.maximum(0.0, discounts)))
            case ShortfallOutcome.NONE:
                return np.zeros(self.paths)

    def _burned(
        self, commitment: CommitmentTerm, interval: IntervalResult
    ) -> tuple[Floats, Floats]:
        """Net and contract list of an interval, a month across its ends split by days."""
        burn, listed = np.zeros(self.paths), np.zeros(self.paths)
        lists = self.lists(commitment.families)
        for index, period in enumerate(self.model.periods):
            days = (min(period.issued_on, interval.end) - max(period.first, interval.first)).days
            if days > 0:
                burn += self.net(index, commitment.families) * (days / period.days)
                listed += lists[index] * (days / period.days)
        return burn, listed

    def _use_credits(self, period: Period, usage: Floats) -> Floats:
        usage = np.maximum(0.0, usage)
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
