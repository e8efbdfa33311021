"""What is bought and what it comes to: SKUs with their rates, the discount ladder, spend by day and over its window."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Self

import strawberry

from graph.types.common import Node, TraceStep, described, mirrored
from graph.types.terms import LadderTier
from negotiation import picture as pictures
from negotiation import records, terms
from negotiation import usage as spend
from negotiation.tracing import trace_trailing
from resolvers import ids


@strawberry.type
class Sku(Node):
    key: str
    name: str
    family: str
    unit: str
    list_rate: Decimal
    contract_rate: Decimal | None
    locked: bool
    pass_through: bool

    @classmethod
    def of(cls, sku: records.Sku, picture: pictures.Picture | None) -> Self:
        """The rate is that of the contract in force, where there is one."""
        return mirrored(
            cls,
            sku,
            id=ids.global_id(ids.SKU, sku.key),
            contract_rate=sku.contract_rate if picture is None else picture.rate(sku),
            locked=sku.locked if picture is None else picture.catalogue.is_locked(sku.key),
        )


@strawberry.type
class Ladder:
    tiers: list[LadderTier]
    basis: terms.LadderBasis
    application: terms.LadderApplication
    window_days: int


@strawberry.type
class TrailingSpend:
    from_: date = strawberry.field(name="from")
    to: date
    amount: Decimal
    basis: terms.LadderBasis
    tier: LadderTier | None
    next_tier: LadderTier | None
    to_next_tier: Decimal | None
    missing_days: list[date]
    picture: strawberry.Private[pictures.Picture]
    found: strawberry.Private[spend.Trailing]

    @described("Each day's spend, and how they make the amount.")
    def trace(self) -> list[TraceStep]:
        return TraceStep.of(trace_trailing(self.picture, self.found))

    @classmethod
    def of(cls, found: spend.Trailing, picture: pictures.Picture) -> Self:
        above = found.next
        return cls(
            picture=picture,
            found=found,
            from_=found.first,
            to=found.last,
            amount=found.amount,
            basis=found.basis,
            tier=None if found.tier is None else mirrored(LadderTier, found.tier),
            next_tier=None if above is None else mirrored(LadderTier, above.tier),
            to_next_tier=None if above is None else above.distance,
            missing_days=list(found.missing),
        )


@strawberry.type(
    description="Spend of one UTC day on the three bases. `billed` is null when the source gave no price."
)
class DailySpend:
    date: date
    list: Decimal
    net: Decimal
    billed: Decimal | None
    rows: int
