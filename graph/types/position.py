"""The buyer's secrets: limits, the room for a deal, fair points, counter-offers, and what changes between offers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Self

import strawberry

from graph.scalars import Ratio, ratio_or_none
from graph.types.common import Notice, TraceStep, given, mirrored
from graph.types.offers import Draft, Offer, OfferEvaluation, Opener, evaluated
from graph.types.scenario_inputs import ScenarioInput
from graph.types.terms import Term, term_of
from negotiation import diff, envelope, meso, records
from negotiation.tracing import trace_position
from resolvers import evaluation
from resolvers import position as use
from resolvers.view import View


@strawberry.type(
    description="The room for a deal, as an interval: from the least that the vendor takes (its floor margin on our estimate of "
    "its cost: low, mid, high) to the most we pay. A negative room is none (NO_ZOPA in `notices`)."
)
class Zopa:
    exists: bool = strawberry.field(description="Whether there is room at the middle assumption.")
    our_most: Decimal
    vendor_least_low: Decimal
    vendor_least_mid: Decimal
    vendor_least_high: Decimal
    low: Decimal
    mid: Decimal
    high: Decimal
    notices: list[Notice]
    openers: list[Opener] = strawberry.field(
        description="Without room: the smallest change of each term of the vendor's offer that we can pay."
    )

    @classmethod
    def of(cls, found: use.Limits) -> Self:
        low, mid, high = found.zopa.vendor_least
        return mirrored(
            cls,
            found.zopa,
            vendor_least_low=low,
            vendor_least_mid=mid,
            vendor_least_high=high,
            notices=Notice.of(found.zopa.notices),
            openers=Opener.all_of(found.zopa_openers),
        )


@strawberry.type(description="What we would settle for in a round, on our concession curve.")
class TargetPoint:
    round: int
    target: Decimal
    conceded: Ratio = strawberry.field(
        description="The share of the way from our best offer to our reservation."
    )


@strawberry.type(
    description="Fair deals among the offers of both sides. Null where no offer leaves both a gain."
)
class BargainingPoints:
    nash: Offer | None = strawberry.field(description="The largest product of gains.")
    kalai: Offer | None = strawberry.field(description="The largest smaller gain.")
    kalai_smorodinsky: Offer | None = strawberry.field(
        description="The largest smaller share of what each side could hope for."
    )
    welfare: Offer | None = strawberry.field(description="The largest sum of gains.")

    @classmethod
    def of(cls, view: View, found: use.FairPoints) -> Self:
        if found.points is None:
            return cls(nash=None, kalai=None, kalai_smorodinsky=None, welfare=None)
        offers = [Offer.of(view, each) for each in found.offers]
        return cls(
            nash=offers[found.points.nash],
            kalai=offers[found.points.kalai],
            kalai_smorodinsky=offers[found.points.kalai_smorodinsky],
            welfare=offers[found.points.welfare],
        )


@strawberry.type(description="How we mean to negotiate, as saved. Amounts are a year's.")
class BuyerPosition:
    batna_cost: Decimal | None
    batna_note: str | None
    downstream_revenue: Decimal | None
    other_costs: Decimal | None
    own_margin: Ratio | None
    vendor_cost_low: Decimal
    vendor_cost_high: Decimal
    vendor_margin: Ratio | None
    planned_rounds: int
    opening: Ratio
    patience: Decimal
    shortfall_limit: Ratio

    @classmethod
    def of(cls, found: records.BuyerPosition) -> Self:
        return mirrored(cls, found)


@strawberry.type(
    description="Our limits as costs with their risk, over `months` from `start`: without a deal, the most we pay, our cheapest "
    "offer, and what we would settle for in this round."
)
class Limits:
    start: date
    months: int
    round: int
    batna: Decimal
    reservation: Decimal
    best: Decimal
    target: Decimal
    trace: list[TraceStep]

    @classmethod
    def of(cls, found: use.Limits) -> Self:
        return mirrored(
            cls,
            found.position,
            start=found.start,
            months=found.months,
            round=found.round,
            target=found.position.target(found.round),
            trace=TraceStep.of(trace_position(found.position, found.round)),
        )


def target_curve(found: use.Limits) -> list[TargetPoint]:
    """Every planned round."""
    stance = found.position.stance
    return [
        TargetPoint(
            round=number,
            target=found.position.target(number),
            conceded=Ratio(stance.conceded(number)),
        )
        for number in range(1, stance.planned_rounds + 1)
    ]


@strawberry.type(
    description="The most we can pay the vendor a year and keep each margin of our own downstream revenue."
)
class BuyerEnvelope:
    currency: str
    revenue: Decimal
    other_costs: Decimal
    floor_margin: Ratio
    floor_payable: Decimal
    ceiling_margin: Ratio
    ceiling_payable: Decimal
    warnings: list[Notice]
    trace: list[TraceStep]

    @classmethod
    def of(cls, made: envelope.BuyerEnvelope) -> Self:
        return mirrored(
            cls,
            made,
            floor_margin=Ratio(made.floor_margin.value),
            ceiling_margin=Ratio(made.ceiling_margin.value),
            warnings=Notice.of(made.warnings),
            trace=TraceStep.of(made.trace),
        )


@strawberry.type(
    description="How much of something the vendor may value an offer gives, from 0 to 1."
)
class VendorValue:
    name: str
    value: Decimal


@strawberry.type(
    description="One of several counter-offers that cost us the same, with their risk, and differ in what they give the vendor."
)
class CounterOffer:
    draft: strawberry.Private[Draft]
    title: str
    cost: Decimal = strawberry.field(
        description="Our present cost with its risk: equal in the set."
    )
    cash: Decimal
    npv: Decimal
    effective_discount: Ratio | None
    shortfall_probability: Ratio
    values: list[VendorValue]

    @classmethod
    def of(cls, view: View, record: records.Negotiation, made: meso.CounterOffer) -> Self:
        draft = evaluation.draft(
            view, record, party=records.Party.BUYER, terms=made.terms, path="terms"
        )
        return mirrored(
            cls,
            made,
            draft=Draft(view=view, record=draft),
            cash=made.evaluation.cash,
            npv=made.evaluation.npv,
            effective_discount=ratio_or_none(made.evaluation.effective_discount),
            values=[
                VendorValue(name=name, value=value)
                for name, value in zip(meso.VALUES, made.values, strict=True)
            ],
        )

    @strawberry.field
    def terms(self) -> list[Term]:
        return [term_of(term) for term in self.draft.record.terms]

    @strawberry.field
    def evaluation(self, scenario: ScenarioInput | None = strawberry.UNSET) -> OfferEvaluation:
        return evaluated(self.draft.view, self.draft.record, given(scenario))


@strawberry.type(
    description="A term that is new (`before` null), gone (`after` null) or different in the fields `changed`. `cash`: what this "
    "change alone does to the cash of the offer before."
)
class TermChange:
    before: Term | None
    after: Term | None
    changed: list[str]
    cash: Decimal


@strawberry.type
class MonthChange:
    month: date
    before: Decimal
    after: Decimal
    delta: Decimal


@strawberry.type(
    description="From one offer to another, both on the forecast of the first. Above 0 is dearer. The worths of single changes "
    "need not add up: terms work on each other."
)
class OfferDiff:
    terms: list[TermChange]
    months: list[MonthChange]
    cash: Decimal
    npv: Decimal
    shortfall: Decimal
    credits: Decimal

    @classmethod
    def of(cls, found: diff.OfferDiff) -> Self:
        return mirrored(
            cls,
            found,
            terms=[
                TermChange(
                    before=None if each.before is None else term_of(each.before),
                    after=None if each.after is None else term_of(each.after),
                    changed=list(each.changed),
                    cash=each.cash,
                )
                for each in found.terms
            ],
            months=[mirrored(MonthChange, each) for each in found.months],
        )
