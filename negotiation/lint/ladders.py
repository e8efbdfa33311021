"""Ladders that can be read in two ways, that flap, whose tiers are out of reach."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import cache
from itertools import accumulate, pairwise
from typing import Final

from negotiation.decimals import exact_arithmetic
from negotiation.ladder import ZERO, discount_at
from negotiation.ladder_track import prior_spend
from negotiation.lint.case import Case, Severity, TermFinding, where
from negotiation.terms import LadderBasis, LadderBoundary, LadderTerm

LONGEST_QUARTER: Final = 92  # days


def double_ladders(case: Case) -> Iterator[TermFinding]:
    """Two ladders for the same usage: which one counts?"""
    ladders = case.of(LadderTerm)
    without = cache(lambda ladder: case.cost_with({ladder.id: None}))
    for at, one in enumerate(ladders):
        for other in ladders[at + 1 :]:
            if one.families and other.families and not set(one.families) & set(other.families):
                continue
            if bool(one.families) != bool(other.families):
                continue  # a ladder of its own for some families is an exception, not a contradiction
            if _meaning(one) == _meaning(other):
                continue
            gap = case.gap([without(one), without(other)])
            yield TermFinding(
                code="DEFINITION_CONFLICT",
                severity=Severity.ERROR,
                message=f"{where(one)} and {where(other)} define the discount differently "
                f"({_differences(one, other)}). Which one counts is worth {case.money(gap.amount)}.",
                price=gap,
                term_ids=(one.id, other.id),
                clause=other.clause,
            )


def words(case: Case) -> Iterator[TermFinding]:
    """What a ladder's words say against what it was entered as."""
    for ladder in case.deal.ladders:
        text = (ladder.text or "").lower()
        basis = _said_basis(text)
        if basis is not None and basis is not _net_like(ladder.basis):
            other = replace(ladder, basis=basis)
            yield _reading(case, ladder, other, "WINDOW_AMBIGUOUS", f"its words say {basis}")
        inclusive = _said_boundary(text)
        if inclusive is not None and inclusive is not ladder.boundary:
            other = replace(ladder, boundary=inclusive)
            yield _reading(case, ladder, other, "BOUNDARY_AMBIGUOUS", f"its words say {inclusive}")
        days = re.search(r"(\d+)[ -]days?", text)
        if days and 0 < int(days[1]) < 10_000 and int(days[1]) != ladder.window_days:
            other = replace(ladder, window_days=int(days[1]))
            yield _reading(case, ladder, other, "WINDOW_AMBIGUOUS", f"its words say {days[1]} days")
        elif "quarter" in text and ladder.window_days == 90:
            quarter = replace(ladder, window_days=LONGEST_QUARTER)
            yield _reading(case, ladder, quarter, "WINDOW_AMBIGUOUS", "a quarter is not 90 days")


def gaps(case: Case) -> Iterator[TermFinding]:
    """Spend below the first tier has no discount at all."""
    for ladder in case.deal.ladders:
        first = ladder.tiers[0]
        if first.threshold > 0:
            closed = replace(first, threshold=ZERO)
            other = case.cost_with({ladder.id: replace(ladder, tiers=(closed, *ladder.tiers[1:]))})
            gap = case.beyond(other, f"Cash if tier {first.name} began at 0")
            yield TermFinding(
                code="LADDER_GAP",
                severity=Severity.WARNING if gap.amount > 0 else Severity.INFO,
                message=f"Below {case.money(first.threshold)} the ladder gives nothing. "
                f"From 0 on it would save {case.money(gap.amount)}.",
                price=gap,
                term_ids=(ladder.id,),
                clause=ladder.clause,
            )


def flapping(case: Case) -> Iterator[TermFinding]:
    """A ladder that looks at discounted spend falls because it rose."""
    for ladder in case.deal.ladders:
        if ladder.basis is LadderBasis.LIST:
            continue
        on_list = case.cost_with({ladder.id: replace(ladder, basis=LadderBasis.LIST)})
        gap = case.beyond(on_list, "Cash on LIST")
        tiers = [month.tier for month in case.evaluation.monthly]
        falls = sum(
            _rank(ladder, later) < _rank(ladder, earlier) for earlier, later in pairwise(tiers)
        )
        if gap.amount > 0 or falls:
            flaps = f" and falls back {falls} times" if falls else ""
            yield TermFinding(
                code="TIER_FLAP" if falls else "NET_BASIS",
                severity=Severity.WARNING,
                message=f"The ladder looks at {ladder.basis} spend, which its own discount lowers{flaps}. "
                f"On LIST it costs {case.money(gap.amount)} less.",
                price=gap,
                term_ids=(ladder.id,),
                clause=ladder.clause,
            )


def tiers(case: Case) -> Iterator[TermFinding]:
    """Tiers that the forecast never reaches, and tiers that give less for more."""
    for ladder in case.deal.ladders:
        for below, tier in pairwise(ladder.tiers):
            if tier.discount < below.discount:
                risen = case.cost_with({ladder.id: _never_falling(ladder)})
                yield TermFinding(
                    code="LADDER_FALLS",
                    severity=Severity.WARNING,
                    message=f"Tier {tier.name} gives less than tier {below.name}, for more spend.",
                    price=case.beyond(risen, "Cash if no tier gave less than those below it"),
                    term_ids=(ladder.id,),
                    clause=ladder.clause,
                )
        best = _most_spend(case, ladder)
        reached = discount_at(ladder, best)
        for tier in ladder.tiers:
            if tier.threshold > best and tier.discount > reached:
                worth = case.rounded(
                    "listed * (promised - reached)",
                    listed=("List spend on the ladder", case.listed_in(ladder.families)),
                    promised=(f"Discount of tier {tier.name}", tier.discount),
                    reached=("The deepest discount within reach", reached),
                )
                yield TermFinding(
                    code="UNREACHABLE_TIER",
                    severity=Severity.INFO,
                    message=f"Tier {tier.name} begins at {case.money(tier.threshold)}; the forecast reaches "
                    f"{case.money(best)} at most. Its headline promises {case.money(worth.amount)} that will not come.",
                    price=worth,
                    term_ids=(ladder.id,),
                    clause=ladder.clause,
                )


def _never_falling(ladder: LadderTerm) -> LadderTerm:
    deepest = accumulate((tier.discount for tier in ladder.tiers), max)
    pairs = zip(ladder.tiers, deepest, strict=True)
    return replace(ladder, tiers=tuple(replace(tier, discount=most) for tier, most in pairs))


def _reading(
    case: Case, ladder: LadderTerm, other: LadderTerm, code: str, says: str
) -> TermFinding:
    gap = case.gap([case.evaluation.cash, case.cost_with({ladder.id: other})])
    return TermFinding(
        code=code,
        severity=Severity.WARNING,
        message=f"{where(ladder)} can be read in two ways: {says}. The difference is {case.money(gap.amount)}.",
        price=gap,
        term_ids=(ladder.id,),
        clause=ladder.clause,
    )


def _said_basis(text: str) -> LadderBasis | None:
    """LIST or NET, where the words name just one of them."""
    lists = re.search(r"\b(list price|list spend|at list|rack)", text) is not None
    nets = (
        re.search(r"\b(invoiced|billed|net of|after (all )?discounts?|discounted)", text)
        is not None
    )
    if lists == nets:
        return None
    return LadderBasis.LIST if lists else LadderBasis.NET


def _net_like(basis: LadderBasis) -> LadderBasis:
    return LadderBasis.LIST if basis is LadderBasis.LIST else LadderBasis.NET


def _said_boundary(text: str) -> LadderBoundary | None:
    inclusive = re.search(r"\b(at least|or more|and above|no less than)\b", text) is not None
    exclusive = re.search(r"\b(more than|exceeds?|exceeding|greater than)\b", text) is not None
    if inclusive == exclusive:
        return None
    return LadderBoundary.INCLUSIVE if inclusive else LadderBoundary.EXCLUSIVE


def _most_spend(case: Case, ladder: LadderTerm) -> Decimal:
    """The most the ladder sees in any window of the horizon, at list (which no basis exceeds)."""
    at_list = replace(ladder, basis=LadderBasis.LIST)
    spend = dict(prior_spend(at_list, case.forecast))
    wanted = set(ladder.families)
    with exact_arithmetic():
        for index, period in enumerate(case.forecast.periods):
            month = sum(
                (
                    line.quantities[index] * line.sku.list_rate
                    for line in case.forecast.lines
                    if not line.sku.pass_through and (not wanted or line.sku.family in wanted)
                ),
                ZERO,
            )
            spend[period.month] = spend.get(period.month, ZERO) + month
        amounts = [amount for _, amount in sorted(spend.items())]
        months = max(1, round(ladder.window_days / 30))
        windows = [sum(amounts[at : at + months], ZERO) for at in range(len(amounts))]
    return max(windows, default=ZERO)


def _meaning(ladder: LadderTerm) -> LadderTerm:
    return replace(ladder, id="", clause=None, text=None)


def _differences(one: LadderTerm, other: LadderTerm) -> str:
    names = (
        "basis",
        "boundary",
        "application",
        "window_days",
        "effective",
        "downgrade",
        "stacking",
    )
    told = [
        f"{name.replace('_', ' ')} {getattr(one, name)} or {getattr(other, name)}"
        for name in names
        if getattr(one, name) != getattr(other, name)
    ]
    if one.tiers != other.tiers:
        told.append("other tiers")
    return ", ".join(told)


def _rank(ladder: LadderTerm, name: str | None) -> int:
    return next((at for at, tier in enumerate(ladder.tiers) if tier.name == name), -1)
