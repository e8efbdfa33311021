"""The portfolio ladder: which tier a trailing spend reaches, what it takes off, what the next one needs.

Pure look-up and the rule of going down again. Where the trailing spend comes from is `usage`'s and
`evaluation`'s business, and how the discount meets an agreed rate is `catalogue`'s.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from negotiation.decimals import exact_arithmetic
from negotiation.errors import TermError
from negotiation.terms import (
    LadderApplication,
    LadderBoundary,
    LadderDowngrade,
    LadderTerm,
    LadderTier,
)

ZERO = Decimal(0)
ONE = Decimal(1)

MAX_WINDOW_DAYS: Final = 3660
"""Ten years: no ladder looks back further, and calendars begin somewhere."""


def reaches(ladder: LadderTerm, spend: Decimal, threshold: Decimal) -> bool:
    """Whether `spend` is in the tier that begins at `threshold`. A threshold of 0 is reached by everything."""
    if threshold <= 0:
        return True
    if ladder.boundary is LadderBoundary.INCLUSIVE:
        return spend >= threshold
    return spend > threshold


def tier_index(ladder: LadderTerm, spend: Decimal) -> int:
    """The position of the tier that `spend` reaches; -1 below the first one."""
    index = -1
    for position, tier in enumerate(ladder.tiers):
        if reaches(ladder, spend, tier.threshold):
            index = position
    return index


def tier_at(ladder: LadderTerm, spend: Decimal) -> LadderTier | None:
    """The tier that `spend` reaches, None below the first one. 250,000.00 is A, 250,000.01 is B (EXCLUSIVE)."""
    index = tier_index(ladder, spend)
    return ladder.tiers[index] if index >= 0 else None


@dataclass(frozen=True, slots=True)
class NextTier:
    """The tier above, and how far its threshold is. With EXCLUSIVE the spend must go beyond it."""

    tier: LadderTier
    distance: Decimal


def next_tier(ladder: LadderTerm, spend: Decimal) -> NextTier | None:
    """The tier above the one that `spend` reaches; None in the last. A distance of 0: standing on the boundary."""
    index = tier_index(ladder, spend) + 1
    if index >= len(ladder.tiers):
        return None
    tier = ladder.tiers[index]
    return NextTier(tier, max(ZERO, tier.threshold - spend))


def discount_at(ladder: LadderTerm, spend: Decimal) -> Decimal:
    """The discount off list that a trailing `spend` earns, a fraction.

    CLIFF: the tier's own. MARGINAL: the average over the slices of the spend, each at its tier's discount
    (continuous in the spend; at 0 the first slice's).
    """
    if ladder.application is LadderApplication.CLIFF or spend <= 0:
        tier = tier_at(ladder, spend)
        return tier.discount if tier is not None else ZERO
    with exact_arithmetic():
        return ONE - ladder_charge(ladder, spend) / spend


def ladder_charge(ladder: LadderTerm, rack: Decimal) -> Decimal:
    """What `rack` (a list amount that is its own trailing spend) costs: 1,200,000 is 660,000 or 752,500. Unrounded."""
    with exact_arithmetic():
        if ladder.application is LadderApplication.CLIFF:
            return rack * (ONE - discount_at(ladder, rack))
        return sum((part * (ONE - discount) for part, discount in slices(ladder, rack)), ZERO)


def slices(ladder: LadderTerm, spend: Decimal) -> Iterator[tuple[Decimal, Decimal]]:
    """`spend` cut at the thresholds: (part, discount) from the bottom up."""
    below, discount = ZERO, ZERO
    for tier in ladder.tiers:
        if tier.threshold >= spend:
            break
        if tier.threshold > below:
            yield tier.threshold - below, discount
        below, discount = max(below, tier.threshold), tier.discount
    if spend > below:
        yield spend - below, discount


@dataclass(slots=True)
class TierWalk:
    """The discount of one billing period after the other, with the ladder's rule for going down again.

    FOLLOWS: always what the spend gives. RATCHET: never down. GRACE(n): down only after more than n periods
    in a row below. Feed it the trailing spend of each period in turn.
    """

    ladder: LadderTerm
    _held: Decimal | None = field(default=None, init=False)
    _below: list[Decimal] = field(default_factory=list, init=False)

    def step(self, spend: Decimal) -> Decimal:
        """The trailing spend that counts for this period: `spend`, or the higher one still held."""
        rule = self.ladder.downgrade
        held = self._held
        if held is None or rule is LadderDowngrade.FOLLOWS or not self._falls(held, spend):
            self._below.clear()
            self._held = spend
        elif rule is LadderDowngrade.GRACE:
            self._below.append(spend)
            if len(self._below) > self.ladder.grace_months:
                self._below.clear()
                self._held = spend
        return self._held if self._held is not None else spend

    def _falls(self, held: Decimal, spend: Decimal) -> bool:
        if self.ladder.application is LadderApplication.MARGINAL:
            return spend < held
        return tier_index(self.ladder, spend) < tier_index(self.ladder, held)


def ladder_faults(ladder: LadderTerm, path: str = "") -> tuple[TermError, ...]:
    """Why the ladder cannot be computed, each with its field under `path`; empty when it can."""
    return tuple(_faults(ladder, f"{path}." if path else ""))


def _faults(ladder: LadderTerm, at: str) -> Iterator[TermError]:
    if not ladder.tiers:
        yield TermError(
            "LADDER_EMPTY", "The ladder has no tiers.", f"{at}tiers", "Add at least one tier."
        )
    if not 1 <= ladder.window_days <= MAX_WINDOW_DAYS:
        yield TermError(
            "LADDER_WINDOW",
            f"The trailing window is {ladder.window_days} days.",
            f"{at}windowDays",
            f"Count the days to look back: 1 to {MAX_WINDOW_DAYS}, usually 90.",
        )
    if ladder.grace_months < 0:
        yield TermError(
            "LADDER_GRACE",
            f"The grace period is {ladder.grace_months} months.",
            f"{at}graceMonths",
            "Give 0 or more months.",
        )
    names: set[str] = set()
    for index, tier in enumerate(ladder.tiers):
        here = f"{at}tiers.{index}"
        yield from _tier_faults(tier, here)
        if tier.name in names:
            yield TermError(
                "LADDER_TIER_NAME",
                f"Two tiers are called {tier.name!r}.",
                f"{here}.name",
                "Give each tier its own name.",
            )
        names.add(tier.name)
        if index:
            yield from _order_faults(ladder.tiers[index - 1], tier, here)


def _tier_faults(tier: LadderTier, here: str) -> Iterator[TermError]:
    if not tier.name.strip():
        yield TermError(
            "LADDER_TIER_NAME",
            "A tier has no name.",
            f"{here}.name",
            "Name it, for example B.",
        )
    if tier.threshold < 0:
        yield TermError(
            "LADDER_NEGATIVE_THRESHOLD",
            f"Tier {tier.name} begins at {tier.threshold}.",
            f"{here}.threshold",
            "Thresholds are 0 or more.",
        )
    if not ZERO <= tier.discount < ONE:
        yield TermError(
            "LADDER_DISCOUNT",
            f"Tier {tier.name} has a discount of {tier.discount}.",
            f"{here}.discount",
            "A discount is at least 0 and below 1 (0.37 or 37%).",
        )


def _order_faults(before: LadderTier, tier: LadderTier, here: str) -> Iterator[TermError]:
    if tier.threshold == before.threshold:
        yield TermError(
            "LADDER_OVERLAP",
            f"Tiers {before.name} and {tier.name} both begin at {tier.threshold}.",
            f"{here}.threshold",
            "Each tier begins where the one below it ends.",
        )
    elif tier.threshold < before.threshold:
        yield TermError(
            "LADDER_NOT_ASCENDING",
            f"Tier {tier.name} begins at {tier.threshold}, below tier {before.name} ({before.threshold}).",
            f"{here}.threshold",
            "List the tiers from the lowest threshold to the highest.",
        )
