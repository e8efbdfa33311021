"""The terms of an offer from outside, one kind each, and as the model takes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any

import strawberry

from graph.scalars import Ratio
from graph.types.common import given
from negotiation import terms
from resolvers.errors import BadUserInput, FieldError

UNSET = strawberry.UNSET


@strawberry.input
class RateTierInput:
    up_to: Decimal | None = UNSET
    unit_price: Decimal


@strawberry.input
class LadderTierInput:
    name: str
    threshold: Decimal
    discount: Ratio


@strawberry.input
class RampStepInput:
    from_month: int
    commitment: Decimal


@strawberry.input
class RateTermInput:
    clause: str | None = UNSET
    text: str | None = UNSET
    sku: str | None = UNSET
    family: str | None = UNSET
    model: terms.PricingModel | None = terms.PricingModel.FLAT
    unit_price: Decimal | None = UNSET
    discount: Ratio | None = UNSET
    tiers: list[RateTierInput] | None = UNSET
    package_size: Decimal | None = UNSET
    locked: bool | None = False


@strawberry.input
class LadderTermInput:
    clause: str | None = UNSET
    text: str | None = UNSET
    tiers: list[LadderTierInput]
    boundary: terms.LadderBoundary | None = terms.LadderBoundary.EXCLUSIVE
    application: terms.LadderApplication | None = terms.LadderApplication.CLIFF
    basis: terms.LadderBasis | None = terms.LadderBasis.LIST
    window_days: int | None = 90
    effective: terms.LadderEffective | None = terms.LadderEffective.NEXT_INVOICE
    downgrade: terms.LadderDowngrade | None = terms.LadderDowngrade.FOLLOWS
    grace_months: int | None = 0
    stacking: terms.Stacking | None = terms.Stacking.BETTER_OF
    families: list[str] | None = UNSET


@strawberry.input
class CommitmentTermInput:
    clause: str | None = UNSET
    text: str | None = UNSET
    amount: Decimal
    interval: terms.FulfilmentInterval | None = terms.FulfilmentInterval.ANNUAL
    families: list[str] | None = UNSET


@strawberry.input
class CreditTermInput:
    clause: str | None = UNSET
    text: str | None = UNSET
    amount: Decimal | None = UNSET
    invoice_share: Ratio | None = UNSET
    invoice_count: int | None = UNSET
    granted_on: date | None = UNSET
    expires_on: date | None = UNSET


@strawberry.input
class RampTermInput:
    clause: str | None = UNSET
    text: str | None = UNSET
    steps: list[RampStepInput]


@strawberry.input
class PaymentTermInput:
    clause: str | None = UNSET
    text: str | None = UNSET
    net_days: int


@strawberry.input
class ShortfallTermInput:
    clause: str | None = UNSET
    text: str | None = UNSET
    outcome: terms.ShortfallOutcome
    percent: Ratio | None = UNSET


@strawberry.input
class RenewalTermInput:
    clause: str | None = UNSET
    text: str | None = UNSET
    start: date
    term_months: int
    notice_days: int | None = 60
    auto_renew: bool | None = True


@strawberry.input
class PriceProtectionTermInput:
    clause: str | None = UNSET
    text: str | None = UNSET
    max_increase: Ratio


@strawberry.input
class QualitativeTermInput:
    clause: str | None = UNSET
    text: str | None = UNSET
    topic: str
    weight: Ratio | None = UNSET


@strawberry.input(one_of=True, description="Exactly one.")
class TermInput:
    rate: RateTermInput | None = UNSET
    ladder: LadderTermInput | None = UNSET
    commitment: CommitmentTermInput | None = UNSET
    credit: CreditTermInput | None = UNSET
    ramp: RampTermInput | None = UNSET
    payment: PaymentTermInput | None = UNSET
    shortfall: ShortfallTermInput | None = UNSET
    renewal: RenewalTermInput | None = UNSET
    price_protection: PriceProtectionTermInput | None = UNSET
    qualitative: QualitativeTermInput | None = UNSET


_MODEL: Mapping[str, type[Any]] = {
    "rate": terms.RateTerm,
    "ladder": terms.LadderTerm,
    "commitment": terms.CommitmentTerm,
    "credit": terms.CreditTerm,
    "ramp": terms.RampTerm,
    "payment": terms.PaymentTerm,
    "shortfall": terms.ShortfallTerm,
    "renewal": terms.RenewalTerm,
    "price_protection": terms.PriceProtectionTerm,
    "qualitative": terms.QualitativeTerm,
}
_PARTS: Mapping[type[Any], type[Any]] = {
    RateTierInput: terms.RateTier,
    LadderTierInput: terms.LadderTier,
    RampStepInput: terms.RampStep,
}


def model_terms(inputs: Sequence[TermInput], path: str = "input.terms") -> tuple[terms.Term, ...]:
    """The terms of an offer. Their ids are given where the offer is made."""
    made: list[terms.Term] = []
    for index, each in enumerate(inputs):
        chosen = [
            (kind, found) for kind in _MODEL if (found := given(getattr(each, kind))) is not None
        ]
        if len(chosen) != 1:
            message = "Give exactly one kind of term here."
            raise BadUserInput(message, [FieldError(f"{path}.{index}", message)])
        kind, source = chosen[0]
        made.append(_MODEL[kind](id="", **_given_fields(source)))
    return tuple(made)


def _given_fields(source: Any) -> dict[str, Any]:
    """What was given, as the model takes it; the rest is left to the model's defaults."""
    found = {}
    for each in fields(source):
        value = given(getattr(source, each.name))
        if isinstance(value, list):
            value = tuple(
                _PARTS[type(item)](**_part(item)) if type(item) in _PARTS else item
                for item in value
            )
        if value is not None:
            found[each.name] = value
    return found


def _part(source: Any) -> dict[str, Any]:
    return {each.name: given(getattr(source, each.name)) for each in fields(source)}
