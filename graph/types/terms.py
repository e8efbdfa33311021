"""The ten kinds of terms, and their union."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import strawberry

from graph.scalars import Ratio
from graph.types.common import mirrored
from negotiation import terms


@strawberry.type(
    description="One tier of a rate. `upTo` is inclusive; null in the last, open tier."
)
class RateTier:
    up_to: Decimal | None
    unit_price: Decimal


@strawberry.type(
    description="A price for one SKU (`sku`) or one family (`family`): a unit price, tiers, or a discount off list."
)
class RateTerm:
    id: strawberry.ID
    clause: str | None
    text: str | None
    sku: str | None
    family: str | None
    model: terms.PricingModel
    unit_price: Decimal | None
    discount: Ratio | None
    tiers: list[RateTier]
    package_size: Decimal | None
    locked: bool


@strawberry.type
class LadderTier:
    name: str
    threshold: Decimal
    discount: Ratio


@strawberry.type(
    description="A discount on the whole portfolio (or on `families`) by the spend of the trailing window."
)
class LadderTerm:
    id: strawberry.ID
    clause: str | None
    text: str | None
    tiers: list[LadderTier]
    boundary: terms.LadderBoundary
    application: terms.LadderApplication
    basis: terms.LadderBasis
    window_days: int
    effective: terms.LadderEffective
    downgrade: terms.LadderDowngrade
    grace_months: int
    stacking: terms.Stacking
    families: list[str]


@strawberry.type(
    description="Spend promised per fulfilment interval. Empty `families`: all but pass-through."
)
class CommitmentTerm:
    id: strawberry.ID
    clause: str | None
    text: str | None
    amount: Decimal
    interval: terms.FulfilmentInterval
    families: list[str]


@strawberry.type(
    description="Money back on usage: a fixed amount, or `invoiceShare` of `invoiceCount` invoices."
)
class CreditTerm:
    id: strawberry.ID
    clause: str | None
    text: str | None
    amount: Decimal | None
    invoice_share: Ratio | None
    invoice_count: int | None
    granted_on: date | None
    expires_on: date | None


@strawberry.type
class RampStep:
    from_month: int
    commitment: Decimal


@strawberry.type(
    description="The commitment of each interval while volumes grow into it: from month `fromMonth` (1-based) on."
)
class RampTerm:
    id: strawberry.ID
    clause: str | None
    text: str | None
    steps: list[RampStep]


@strawberry.type
class PaymentTerm:
    id: strawberry.ID
    clause: str | None
    text: str | None
    net_days: int


@strawberry.type(description="What a missed commitment costs. `percent` belongs to PAY_PCT.")
class ShortfallTerm:
    id: strawberry.ID
    clause: str | None
    text: str | None
    outcome: terms.ShortfallOutcome
    percent: Ratio | None


@strawberry.type
class RenewalTerm:
    id: strawberry.ID
    clause: str | None
    text: str | None
    start: date
    term_months: int
    notice_days: int
    auto_renew: bool


@strawberry.type(description="List rates may rise by at most `maxIncrease` per contract year.")
class PriceProtectionTerm:
    id: strawberry.ID
    clause: str | None
    text: str | None
    max_increase: Ratio


@strawberry.type(description="Scored, not priced. `weight` 0 to 1: how much it matters to us.")
class QualitativeTerm:
    id: strawberry.ID
    clause: str | None
    text: str | None
    topic: str
    weight: Ratio | None


Term = Annotated[
    CommitmentTerm
    | CreditTerm
    | LadderTerm
    | PaymentTerm
    | PriceProtectionTerm
    | QualitativeTerm
    | RampTerm
    | RateTerm
    | RenewalTerm
    | ShortfallTerm,
    strawberry.union(
        "Term",
        description="A union of RateTerm, LadderTerm, CommitmentTerm, CreditTerm, RampTerm, PaymentTerm, "
        "ShortfallTerm, RenewalTerm, PriceProtectionTerm, QualitativeTerm.",
    ),
]

_WIRE: Mapping[type[terms.Term], type[Any]] = {
    terms.CommitmentTerm: CommitmentTerm,
    terms.CreditTerm: CreditTerm,
    terms.LadderTerm: LadderTerm,
    terms.PaymentTerm: PaymentTerm,
    terms.PriceProtectionTerm: PriceProtectionTerm,
    terms.QualitativeTerm: QualitativeTerm,
    terms.RampTerm: RampTerm,
    terms.RateTerm: RateTerm,
    terms.RenewalTerm: RenewalTerm,
    terms.ShortfallTerm: ShortfallTerm,
}


def term_of(term: terms.Term) -> Term:
    """The term as it looks on the wire."""
    differing: dict[str, Any] = {}
    match term:
        case terms.RateTerm():
            differing["tiers"] = [mirrored(RateTier, tier) for tier in term.tiers]
        case terms.LadderTerm():
            differing["tiers"] = ladder_tiers(term.tiers)
        case terms.RampTerm():
            differing["steps"] = [mirrored(RampStep, step) for step in term.steps]
    wire: Term = mirrored(_WIRE[type(term)], term, **differing)
    return wire


def ladder_tiers(tiers: tuple[terms.LadderTier, ...]) -> list[LadderTier]:
    return [mirrored(LadderTier, tier) for tier in tiers]
