"""Living with the contract: how the commitment is burned, and when the next tier comes.

What is known comes from usage, what is to come from the outlook with its spread: a range of days, never a point. The
range is that of P10 to P90 of the plan's volume.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from negotiation.billing import INTERVAL_MONTHS
from negotiation.deal import Deal
from negotiation.decimals import exact_arithmetic
from negotiation.evaluation import Evaluation, evaluate
from negotiation.forecast import Forecast
from negotiation.ladder import ONE, ZERO, next_tier, reaches, tier_index
from negotiation.money import round_money
from negotiation.months import add_months, month_start, months_apart
from negotiation.picture import Picture
from negotiation.terms import CommitmentTerm, LadderBasis, LadderTerm, LadderTier
from negotiation.usage import days_between, window

P90: Final = Decimal("1.2815515655446004")
"""The standard normal's 90th percentile."""
LOOK_AHEAD: Final = 12
"""Months that tiers are projected over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DateRange:
    """Days on which something comes to pass: with much, with the expected and with little volume. None: not within sight."""

    earliest: date | None
    likely: date | None
    latest: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentPace:
    """The running interval [first, end) of one commitment. `burned`: up to yesterday; `low`, `expected`, `high`: what will
    be burned by the end. `missing`: days so far without usage, which nothing was counted for."""

    commitment_id: str
    first: date
    end: date
    committed: Decimal
    burned: Decimal
    low: Decimal
    expected: Decimal
    high: Decimal
    projected_shortfall: Decimal
    met: DateRange
    missing: tuple[date, ...]

    @property
    def ahead(self) -> bool:
        """Whether the commitment is expected to be met."""
        return self.projected_shortfall == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TierProjection:
    """When trailing spend leaves today's tier: up to `up`, or below its own threshold (`down`: the tier it then has)."""

    up: LadderTier | None
    reaches_up: DateRange
    down: LadderTier | None
    falls_below: DateRange


def commitment_pace(picture: Picture) -> tuple[CommitmentPace, ...]:
    """Every commitment of the contract in force whose interval is running today; none without a renewal term."""
    deal = Deal(picture.negotiation.terms)
    if deal.renewal is None or not deal.renewal.start <= picture.today:
        return ()
    return tuple(
        _pace(picture, deal, commitment)
        for commitment in deal.commitments
        if _interval(deal, commitment, picture.today) is not None
    )


def tier_projection(picture: Picture) -> TierProjection | None:
    """When the ladder in force leaves today's tier within a year; None without a ladder."""
    ladder = picture.catalogue.ladder
    if ladder is None:
        return None
    amount = picture.trailing.amount
    above = next_tier(ladder, amount)
    index = tier_index(ladder, amount)
    paths = {
        name: list(_trailing(picture, ladder, factor)) for name, factor in _spread(picture).items()
    }
    threshold = ladder.tiers[index].threshold if index >= 0 else ZERO
    down = ladder.tiers[index - 1] if index > 0 else None
    return TierProjection(
        up=above.tier if above is not None else None,
        reaches_up=DateRange(
            earliest=_first(paths["high"], ladder, above.tier.threshold, up=True),
            likely=_first(paths["mid"], ladder, above.tier.threshold, up=True),
            latest=_first(paths["low"], ladder, above.tier.threshold, up=True),
        )
        if above is not None
        else DateRange(earliest=None, likely=None, latest=None),
        down=down,
        falls_below=DateRange(
            earliest=_first(paths["low"], ladder, threshold, up=False),
            likely=_first(paths["mid"], ladder, threshold, up=False),
            latest=_first(paths["high"], ladder, threshold, up=False),
        )
        if threshold > 0
        else DateRange(earliest=None, likely=None, latest=None),
    )


def _interval(deal: Deal, commitment: CommitmentTerm, today: date) -> tuple[date, date, int] | None:
    """The interval that `today` lies in: first day, end, and its first contract month; a renewed term counts on."""
    if deal.renewal is None:
        return None
    months = INTERVAL_MONTHS.get(commitment.interval, deal.renewal.term_months)
    start = deal.renewal.start
    number = max(0, months_apart(start, today) // months - 1)
    while add_months(start, (number + 1) * months) <= today:
        number += 1
    first, end = add_months(start, number * months), add_months(start, (number + 1) * months)
    return (first, end, number * months + 1) if first <= today else None


def _pace(picture: Picture, deal: Deal, commitment: CommitmentTerm) -> CommitmentPace:
    found = _interval(deal, commitment, picture.today)
    assert found is not None
    first, end, contract_month = found
    currency = picture.negotiation.currency
    committed = deal.committed(commitment, contract_month)
    last = picture.today - timedelta(days=1)
    wanted = set(commitment.families)
    fees = {sku.family for sku in picture.catalogue.skus.values() if sku.pass_through}
    burned = ZERO
    if first <= last:
        nets = picture.figures.net_by_family(picture.usage, first, last)
        with exact_arithmetic():
            burned = sum(
                (
                    net
                    for family, net in nets.items()
                    if (family in wanted if wanted else family not in fees)
                ),
                ZERO,
            )
    burned = round_money(burned, currency)
    days = list(_ahead(picture, end, commitment.families))
    curves = {name: _accumulated(burned, days, factor) for name, factor in _spread(picture).items()}
    ends = {
        name: round_money(curve[-1][1] if curve else burned, currency)
        for name, curve in curves.items()
    }
    with exact_arithmetic():
        shortfall = max(ZERO, committed - ends["mid"])
    return CommitmentPace(
        commitment_id=commitment.id,
        first=first,
        end=end,
        committed=committed,
        burned=burned,
        low=ends["low"],
        expected=ends["mid"],
        high=ends["high"],
        projected_shortfall=shortfall,
        met=DateRange(
            earliest=_met(curves["high"], burned, committed, last),
            likely=_met(curves["mid"], burned, committed, last),
            latest=_met(curves["low"], burned, committed, last),
        ),
        missing=tuple(day for day in days_between(first, last) if day not in picture.usage),
    )


def _evaluated(picture: Picture, end: date) -> Evaluation:
    """The contract in force on what is expected from today to `end`."""
    months = max(1, months_apart(picture.today, end) + 1)
    forecast: Forecast = picture.outlook.forecast(picture.today, months)
    return evaluate(picture.negotiation.terms, forecast, currency=picture.negotiation.currency)


def _ahead(picture: Picture, end: date, families: Sequence[str]) -> Iterator[tuple[date, Decimal]]:
    """Net a day of what is expected from today to the day before `end`."""
    evaluation = _evaluated(picture, end)
    with exact_arithmetic():
        for period, costs in zip(evaluation.forecast.periods, evaluation.costs, strict=True):
            each = costs.counted(costs.nets, families) / period.days
            for day in days_between(period.first, period.last):
                if day < end:
                    yield day, each


def _accumulated(
    burned: Decimal, days: Sequence[tuple[date, Decimal]], factor: Decimal
) -> list[tuple[date, Decimal]]:
    total, curve = burned, []
    with exact_arithmetic():
        for day, amount in days:
            total += amount * factor
            curve.append((day, total))
    return curve


def _met(
    curve: Sequence[tuple[date, Decimal]], burned: Decimal, committed: Decimal, yesterday: date
) -> date | None:
    if burned >= committed:
        return yesterday
    return next((day for day, total in curve if total >= committed), None)


def _spread(picture: Picture) -> Mapping[str, Decimal]:
    """Factors on the plan's volume: P10, the plan, P90. Families share part of their variance."""
    trends = picture.outlook.trends
    listed: dict[str, Decimal] = {}
    with exact_arithmetic():
        for key, level in picture.outlook.levels.items():
            sku = picture.catalogue.skus[key]
            if not sku.pass_through:
                listed[sku.family] = listed.get(sku.family, ZERO) + level * sku.list_rate
        total = sum(listed.values(), ZERO)
        if total == 0:
            return {"low": ONE, "mid": ONE, "high": ONE}
        common = picture.outlook.forecast(picture.today, 1).common
        weighted = {family: amount / total * trends[family].cv for family, amount in listed.items()}
        together = sum(weighted.values(), ZERO)
        apart = sum((each**2 for each in weighted.values()), ZERO)
        variance = common * together**2 + (ONE - common) * apart
        sigma = (ONE + variance).ln().sqrt()
        return {
            "low": (-P90 * sigma - sigma**2 / 2).exp(),
            "mid": ONE,
            "high": (P90 * sigma - sigma**2 / 2).exp(),
        }


def _trailing(
    picture: Picture, ladder: LadderTerm, factor: Decimal
) -> Iterator[tuple[date, Decimal]]:
    """Trailing spend as of each day ahead: what is known of the window, then the plan times `factor`."""
    first, last = window(picture.today, ladder.window_days)
    known = picture.figures.basis_amounts(picture.usage, first, last)
    evaluation = _evaluated(picture, add_months(month_start(picture.today), LOOK_AHEAD))
    with exact_arithmetic():
        for period, costs in zip(evaluation.forecast.periods, evaluation.costs, strict=True):
            amounts = costs.lists if ladder.basis is LadderBasis.LIST else costs.nets
            each = costs.counted(amounts, ladder.families) * factor / period.days
            for day in days_between(period.first, period.last):
                known[day] = each
        spend = sum((known.get(day, ZERO) for day in days_between(first, last)), ZERO)
        for day in days_between(picture.today, evaluation.forecast.end):
            yield day, round_money(spend, picture.negotiation.currency)
            leaving = day - timedelta(days=ladder.window_days)
            spend += known.get(day, ZERO) - known.get(leaving, ZERO)


def _first(
    path: Sequence[tuple[date, Decimal]], ladder: LadderTerm, threshold: Decimal, *, up: bool
) -> date | None:
    """The first day on which the tier is reached, or no longer is."""
    return next((day for day, spend in path if reaches(ladder, spend, threshold) is up), None)
