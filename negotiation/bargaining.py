"""Four fair points among deals that are possible: Nash, Kalai, Kalai-Smorodinsky, and the largest sum.

Each deal has a gain for either side over what it has without one. Which deals are possible is the caller's to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from negotiation.decimals import exact_arithmetic
from negotiation.ladder import ZERO


@dataclass(frozen=True, slots=True)
class Gains:
    """What a deal leaves each side over its reservation."""

    ours: Decimal
    theirs: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class BargainingPoints:
    """Positions among the deals. Nash: the largest product of gains; Kalai: the largest smaller gain; Kalai-Smorodinsky:
    the largest smaller share of what each side could hope for; welfare: the largest sum. The first of equals."""

    nash: int
    kalai: int
    kalai_smorodinsky: int
    welfare: int


def bargaining_points(deals: Sequence[Gains]) -> BargainingPoints | None:
    """None when no deal leaves both sides a gain of 0 or more."""
    possible = [(at, deal) for at, deal in enumerate(deals) if deal.ours >= 0 and deal.theirs >= 0]
    if not possible:
        return None
    most_ours = max(deal.ours for _, deal in possible)
    most_theirs = max(deal.theirs for _, deal in possible)

    def share(gain: Decimal, most: Decimal) -> Decimal:
        return gain / most if most > 0 else ZERO

    with exact_arithmetic():
        return BargainingPoints(
            nash=max(possible, key=lambda each: each[1].ours * each[1].theirs)[0],
            kalai=max(possible, key=lambda each: min(each[1].ours, each[1].theirs))[0],
            kalai_smorodinsky=max(
                possible,
                key=lambda each: min(
                    share(each[1].ours, most_ours), share(each[1].theirs, most_theirs)
                ),
            )[0],
            welfare=max(possible, key=lambda each: each[1].ours + each[1].theirs)[0],
        )


def undominated(deals: Sequence[Sequence[Decimal]]) -> tuple[int, ...]:
    """Positions of the deals than which no other is as good in everything and better in something (more is better)."""
    found = []
    for at, deal in enumerate(deals):
        beaten = any(
            all(theirs >= mine for theirs, mine in zip(other, deal, strict=True))
            and any(theirs > mine for theirs, mine in zip(other, deal, strict=True))
            for place, other in enumerate(deals)
            if place != at
        )
        if not beaten:
            found.append(at)
    return tuple(found)
