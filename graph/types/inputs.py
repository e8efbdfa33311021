"""Inputs, and what use cases take in their place: own ids, model terms, None for what was left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

import strawberry

from graph.scalars import Ratio
from graph.types.common import given
from negotiation import records, terms
from negotiation.drivers import CHANNELS, Drivers
from negotiation.offers import OfferDecision
from negotiation.scenario import Scenario
from resolvers import evaluation, ids, imports, invoices, notifications
from resolvers import negotiation as negotiations
from resolvers.errors import BadUserInput, FieldError

T = TypeVar("T")
UNSET = strawberry.UNSET


@strawberry.input
class InvoiceFilter:
    status: list[records.InvoiceStatus] | None = UNSET
    currency: str | None = UNSET
    from_: date | None = strawberry.field(name="from", default=UNSET)
    to: date | None = UNSET
    search: str | None = UNSET

    def condition(self) -> invoices.Filter:
        statuses = given(self.status)
        return invoices.Filter(
            status=None if statuses is None else tuple(statuses),
            currency=given(self.currency),
            since=given(self.from_),
            until=given(self.to),
            search=given(self.search),
        )


@strawberry.input
class FamilyFactor:
    family: str
    factor: Decimal


@strawberry.input(description="`units` of the family in an average month of the horizon.")
class FamilyVolume:
    family: str
    units: Decimal


@strawberry.input(description="The SKU that a channel is charged on, in place of the usual one.")
class ChannelSku:
    channel: str
    sku: str


@strawberry.input(
    description="One month of business, from which volumes follow. Shares are of outbound messages; the rest is SMS from "
    "long codes. A driver that is left out or 0 says nothing: those volumes stay as usage has them."
)
class DriversInput:
    leads: Decimal
    conversations_per_lead: Decimal | None = UNSET
    messages_per_conversation: Decimal | None = UNSET
    replies_per_conversation: Decimal | None = UNSET
    words_per_message: Decimal | None = UNSET
    unicode_share: Ratio | None = UNSET
    mms_share: Ratio | None = UNSET
    rcs_share: Ratio | None = UNSET
    whatsapp_share: Ratio | None = UNSET
    tollfree_share: Ratio | None = UNSET
    shortcode_share: Ratio | None = UNSET
    verify_attempts_per_lead: Decimal | None = UNSET
    voice_minutes_per_lead: Decimal | None = UNSET
    inbound_minutes_per_lead: Decimal | None = UNSET
    monthly_growth: Decimal | None = UNSET
    cv: Decimal | None = UNSET
    channels: list[ChannelSku] | None = UNSET

    def drivers(self, path: str) -> Drivers:
        said = {
            each.name: value
            for each in fields(self)
            if each.name != "channels" and (value := given(getattr(self, each.name))) is not None
        }
        own = [(each.channel, each.sku) for each in given(self.channels) or []]
        return Drivers(**said, channels=CHANNELS | _by_name(own, f"{path}.channels"))


@strawberry.input(
    description="A what-if: volumes times `volumeFactor`, and per family; a horizon in months; an annual discount rate; "
    "other volumes, growth and spread; volumes from the business's drivers. Factors come on top of all."
)
class ScenarioInput:
    volume_factor: Decimal | None = UNSET
    family_factors: list[FamilyFactor] | None = UNSET
    months: int | None = UNSET
    annual_discount_rate: Ratio | None = UNSET
    list_increase: Ratio | None = strawberry.field(
        description="What list prices rise by each contract year; default: not at all.",
        default=UNSET,
    )
    growth: Decimal | None = strawberry.field(
        description='Of all volumes a year, in place of each family\'s own: "0.2" is 20 %, "-0.1" a decline.',
        default=UNSET,
    )
    volumes: list[FamilyVolume] | None = UNSET
    cv: Decimal | None = strawberry.field(
        description="How far the plan may miss, as a coefficient of variation; 0 is certain.",
        default=UNSET,
    )
    drivers: DriversInput | None = UNSET

    def scenario(self) -> Scenario:
        drivers, rise = given(self.drivers), given(self.list_increase)
        return Scenario(
            volume_factor=given(self.volume_factor),
            family_factors=_by_name(
                [(each.family, each.factor) for each in given(self.family_factors) or []],
                "scenario.familyFactors",
            ),
            months=given(self.months),
            annual_discount_rate=given(self.annual_discount_rate),
            list_increase=Decimal(0) if rise is None else rise,
            growth=given(self.growth),
            volumes=_by_name(
                [(each.family, each.units) for each in given(self.volumes) or []],
                "scenario.volumes",
            ),
            cv=given(self.cv),
            drivers=None if drivers is None else drivers.drivers("scenario.drivers"),
        )


@strawberry.input
class SimulationInput:
    offer_id: strawberry.ID
    paths: int | None = 10_000
    seed: int | None = 1
    scenario: ScenarioInput | None = UNSET

    def simulation(self) -> evaluation.Simulation:
        what_if = given(self.scenario)
        return evaluation.Simulation(
            offer_id=ids.own_id(ids.OFFER, self.offer_id, path="input.offerId"),
            paths=evaluation.DEFAULT_PATHS if self.paths is None else self.paths,
            seed=1 if self.seed is None else self.seed,
            scenario=None if what_if is None else what_if.scenario(),
        )


@strawberry.input
class SetTargetsInput:
    negotiation_id: strawberry.ID | None = UNSET
    floor_margin: Ratio | None = UNSET
    target_margin: Ratio
    ceiling_margin: Ratio | None = UNSET
    version: int | None = strawberry.field(
        description="The negotiation's version that you saw; another one: CONFLICT.", default=UNSET
    )

    def targets(self) -> negotiations.Targets:
        return negotiations.Targets(
            target=self.target_margin,
            floor=given(self.floor_margin),
            ceiling=given(self.ceiling_margin),
        )


@strawberry.input(
    description="How we mean to negotiate. What is left out stays as it is, null clears it. Amounts are a year's."
)
class SetPositionInput:
    negotiation_id: strawberry.ID | None = UNSET
    batna_cost: Decimal | None = strawberry.field(
        description="What a year costs us without this deal; null: the contract in force goes on.",
        default=UNSET,
    )
    batna_note: str | None = UNSET
    downstream_revenue: Decimal | None = UNSET
    other_costs: Decimal | None = UNSET
    own_margin: Ratio | None = strawberry.field(
        description="The least that we keep of our downstream revenue.", default=UNSET
    )
    vendor_cost_low: Decimal | None = strawberry.field(
        description="The vendor's real cost is at least our estimate times this.", default=UNSET
    )
    vendor_cost_high: Decimal | None = UNSET
    vendor_margin: Ratio | None = strawberry.field(
        description="The least margin that the vendor keeps; null: the envelope's floor.",
        default=UNSET,
    )
    planned_rounds: int | None = UNSET
    opening: Ratio | None = strawberry.field(
        description="The share of the way that we give at once.", default=UNSET
    )
    patience: Decimal | None = strawberry.field(
        description="Below 1 we concede late, above 1 early.", default=UNSET
    )
    shortfall_limit: Ratio | None = strawberry.field(
        description="The highest P(shortfall) that we sign.", default=UNSET
    )
    version: int | None = strawberry.field(
        description="The negotiation's version that you saw; another one: CONFLICT.", default=UNSET
    )

    def changes(self) -> dict[str, Any]:
        """What is to change of a BuyerPosition; null stands for the default."""
        defaults = {each.name: each.default for each in fields(records.BuyerPosition)}
        return {
            name: default if getattr(self, name) is None else getattr(self, name)
            for name, default in defaults.items()
            if name != "negotiation_id" and getattr(self, name) is not UNSET
        }


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


@strawberry.input
class ProposeOfferInput:
    negotiation_id: strawberry.ID | None = UNSET
    from_: records.Party = strawberry.field(name="from")
    title: str
    valid_until: date | None = UNSET
    terms: list[TermInput]
    version: int | None = UNSET


@strawberry.input
class DecideOfferInput:
    offer_id: strawberry.ID
    decision: OfferDecision
    note: str | None = UNSET
    version: int = strawberry.field(
        description="The negotiation's version that you saw; another one: CONFLICT."
    )


@strawberry.input
class DecideMilestoneInput:
    milestone_id: strawberry.ID
    decision: negotiations.MilestoneDecision
    note: str | None = UNSET
    version: int | None = UNSET


@strawberry.input
class DisputeInvoiceInput:
    invoice_id: strawberry.ID
    reason: str
    amount: Decimal | None = strawberry.field(
        description="What is in dispute; default: what `findings` claim, else the whole amount.",
        default=UNSET,
    )
    findings: list[strawberry.ID] | None = strawberry.field(
        description="The ids of the findings that are disputed.", default=UNSET
    )


@strawberry.input
class ImportInput:
    negotiation_id: strawberry.ID | None = UNSET
    csv: str
    filename: str | None = UNSET
    dry_run: bool | None = False

    def request(self, negotiation_id: str | None) -> imports.Request:
        return imports.Request(
            csv=self.csv,
            filename=given(self.filename),
            dry_run=self.dry_run is True,
            negotiation_id=negotiation_id,
        )


@strawberry.input
class SendNotificationInput:
    to: str | None = UNSET
    body: str
    channel: records.NotificationChannel | None = records.NotificationChannel.SMS
    idempotency_key: str
    send_at: datetime | None = strawberry.field(
        default=UNSET, description="Not before this time, at most 30 days ahead."
    )
    priority: records.NotificationPriority | None = strawberry.field(
        default=records.NotificationPriority.NORMAL,
        description="What is due goes out by priority, then by age.",
    )
    expires_at: datetime | None = strawberry.field(
        default=UNSET,
        description="From this time on it is not sent: it is CANCELLED, with the error EXPIRED.",
    )

    def message(self) -> notifications.Message:
        return notifications.Message(
            to=given(self.to),
            body=self.body,
            channel=records.NotificationChannel.SMS if self.channel is None else self.channel,
            idempotency_key=self.idempotency_key,
            send_at=given(self.send_at),
            priority=self.priority or records.NotificationPriority.NORMAL,
            expires_at=given(self.expires_at),
        )


def _by_name(pairs: Sequence[tuple[str, T]], path: str) -> dict[str, T]:
    """The pairs as a mapping. BadUserInput where a name is given twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        message = "The same name is given twice."
        raise BadUserInput(message, [FieldError(path, message)])
    return found


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
