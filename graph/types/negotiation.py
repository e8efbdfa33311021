"""A negotiation and what is read of it: envelope, streams, dates, milestones; its spend is typed in `spend`."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Self

import strawberry

from graph.scalars import Ratio
from graph.types.common import (
    Connection,
    Node,
    Notice,
    TraceStep,
    connected,
    described,
    given,
    mirrored,
    shown,
)
from graph.types.offers import Draft, Offer, Round
from graph.types.outlook import CommitmentPace, DriverVolume, Forecast, TierProjection
from graph.types.position import (
    BargainingPoints,
    BuyerEnvelope,
    BuyerPosition,
    CounterOffer,
    Limits,
    OfferDiff,
    TargetPoint,
    Zopa,
    target_curve,
)
from graph.types.scenario_inputs import DriversInput, ScenarioInput
from graph.types.spend import DailySpend, Ladder, Sku, TrailingSpend
from graph.types.term_inputs import TermInput, model_terms
from graph.types.terms import ladder_tiers
from negotiation import envelope as envelopes
from negotiation import picture as pictures
from negotiation import records
from negotiation.ratio import DiscountRate
from resolvers import evaluation, health, ids, outlook, usage
from resolvers import negotiation as use
from resolvers import offers as offer_use
from resolvers import position as dealing
from resolvers.view import View


@strawberry.type
class Targets:
    floor_margin: Ratio
    target_margin: Ratio
    ceiling_margin: Ratio


@strawberry.type
class Envelope:
    currency: str
    revenue: Decimal
    expense: Decimal
    list_revenue: Decimal
    current_margin: Ratio | None
    floor_margin: Ratio
    target_margin: Ratio
    ceiling_margin: Ratio
    floor_revenue: Decimal
    target_revenue: Decimal
    ceiling_revenue: Decimal
    discount_at_floor_margin: Ratio | None
    discount_at_target_margin: Ratio | None
    discount_at_ceiling_margin: Ratio | None
    warnings: list[Notice]
    trace: list[TraceStep] = strawberry.field(description="How each number came to be.")

    @classmethod
    def of(cls, made: envelopes.Envelope) -> Self:
        return mirrored(
            cls,
            made,
            floor_margin=Ratio(made.floor_margin.value),
            target_margin=Ratio(made.target_margin.value),
            ceiling_margin=Ratio(made.ceiling_margin.value),
            discount_at_floor_margin=_discount(made.discount_at_floor_margin),
            discount_at_target_margin=_discount(made.discount_at_target_margin),
            discount_at_ceiling_margin=_discount(made.discount_at_ceiling_margin),
            warnings=Notice.of(made.warnings),
            trace=TraceStep.of(made.trace),
        )


@strawberry.type
class Stream:
    name: str
    side: records.StreamSide
    unit: str
    volume: Decimal
    unit_price: Decimal
    list_unit_price: Decimal
    amount: Decimal
    list_amount: Decimal


@strawberry.type
class Milestone(Node):
    name: str
    owner_role: str
    due_on: date
    status: records.MilestoneStatus
    late: bool = strawberry.field(description="Pending, and its day has passed.")
    decided_by: str | None
    decided_at: datetime | None
    note: str | None

    @classmethod
    def of(cls, view: View, milestone: records.Milestone) -> Self:
        pending = milestone.status is records.MilestoneStatus.PENDING
        return mirrored(
            cls,
            milestone,
            id=ids.global_id(ids.MILESTONE, milestone.id),
            late=pending and milestone.due_on < view.today,
        )


@strawberry.type(
    description="The dates that a missed calendar entry turns into money. "
    "lastNoticeDay: the last safe day to give notice."
)
class ContractDates:
    start: date
    end: date
    last_notice_day: date
    auto_renews: bool
    days_to_notice: int = strawberry.field(
        description="Days left until the last safe day to give notice; below 0: it has passed."
    )
    days_to_end: int

    @classmethod
    def of(cls, found: pictures.ContractDates, today: date) -> Self:
        return mirrored(
            cls,
            found,
            days_to_notice=(found.last_notice_day - today).days,
            days_to_end=(found.end - today).days,
        )


@strawberry.type
class Negotiation(Node):
    view: strawberry.Private[View]
    record: strawberry.Private[records.Negotiation]
    name: str
    vendor: str
    buyer: str
    currency: str
    status: records.NegotiationStatus
    version: int

    @classmethod
    def of(cls, view: View, record: records.Negotiation) -> Self:
        return mirrored(
            cls, record, id=ids.global_id(ids.NEGOTIATION, record.id), view=view, record=record
        )

    @property
    def picture(self) -> pictures.Picture:
        return self.view.picture(self.record)

    @described(
        "What the contract costs and leaves, with the margin band. "
        "Arguments override the saved targets (what-if)."
    )
    def envelope(
        self,
        floor_margin: Ratio | None = strawberry.UNSET,
        target_margin: Ratio | None = strawberry.UNSET,
        ceiling_margin: Ratio | None = strawberry.UNSET,
    ) -> Envelope:
        override = use.Targets(
            floor=given(floor_margin), target=given(target_margin), ceiling=given(ceiling_margin)
        )
        return Envelope.of(use.envelope(self.view, self.record, override))

    @strawberry.field
    def streams(self) -> list[Stream]:
        return [mirrored(Stream, line) for line in use.streams(self.view, self.record)]

    @strawberry.field
    def skus(
        self,
        family: str | None = strawberry.UNSET,
        first: int | None = 200,
        after: str | None = strawberry.UNSET,
    ) -> Connection[Sku]:
        page = use.skus(self.view, family=given(family), first=first, after=given(after))
        picture = self.picture
        return Connection[Sku](**connected(page, lambda sku: Sku.of(sku, picture)))

    @strawberry.field
    def ladder(self) -> Ladder | None:
        found = use.ladder(self.view, self.record)
        return None if found is None else mirrored(Ladder, found, tiers=ladder_tiers(found.tiers))

    @described(
        "Spend of the 90 UTC days before `on` (default: today), the tier it gives, "
        "and the days that are missing."
    )
    def trailing90(self, on: date | None = strawberry.UNSET) -> TrailingSpend:
        found = usage.trailing(self.view, self.record, given(on))
        return TrailingSpend.of(found, self.picture)

    @strawberry.field
    def rounds(self) -> list[Round]:
        return [
            Round(number=number, offers=[Offer.of(self.view, offer) for offer in offers])
            for number, offers in offer_use.rounds(self.view, self.record)
        ]

    @strawberry.field
    def offer(self, id_: Annotated[strawberry.ID, strawberry.argument(name="id")]) -> Offer | None:
        found = offer_use.find(self.view, ids.own_id(ids.OFFER, id_), within=self.record)
        return None if found is None else Offer.of(self.view, found)

    @strawberry.field
    def milestones(self) -> list[Milestone]:
        return [Milestone.of(self.view, each) for each in self.picture.milestones]

    @described("The saved targets, as ratios.")
    def targets(self) -> Targets:
        return mirrored(Targets, self.record)

    @described("Daily spend, oldest first. Default: the trailing 90 days.")
    def daily_spend(
        self,
        from_: Annotated[date | None, strawberry.argument(name="from")] = strawberry.UNSET,
        to: date | None = strawberry.UNSET,
    ) -> list[DailySpend]:
        days = usage.daily(self.view, self.record, given(from_), given(to))
        return [mirrored(DailySpend, day, date=day.day, list=day.list_amount) for day in days]

    @strawberry.field
    def dates(self) -> ContractDates | None:
        found = self.picture.dates
        return None if found is None else ContractDates.of(found, self.view.today)

    @described(
        "What we expect to use over the term, family by family, and how good such plans were."
    )
    def forecast(self, scenario: ScenarioInput | None = strawberry.UNSET) -> Forecast:
        asked = given(scenario)
        what_if = None if asked is None else asked.scenario()
        return shown(outlook.plan(self.view, self.record, what_if), Forecast.of)

    @described("Units a month that the business's drivers make.")
    def driver_volumes(self, drivers: DriversInput) -> list[DriverVolume]:
        found = outlook.driver_volumes(self.view, drivers.drivers("drivers"))
        return [DriverVolume.of(each) for each in found]

    @described("How each commitment of the contract in force is burned.")
    def commitment_pace(self) -> list[CommitmentPace]:
        return shown(
            outlook.pace(self.view, self.record),
            lambda found: [CommitmentPace.of(each) for each in found],
        )

    @described("When trailing spend leaves today's tier. Null without a ladder.")
    def tier_projection(self) -> TierProjection | None:
        return shown(
            outlook.tiers(self.view, self.record),
            lambda found: None if found is None else TierProjection.of(found),
        )

    @described("Terms that nobody proposed yet, to see what they would cost.")
    def draft(
        self,
        terms: list[TermInput],
        from_: Annotated[records.Party, strawberry.argument(name="from")] = records.Party.BUYER,
    ) -> Draft:
        made = model_terms(terms, "terms")
        record = evaluation.draft(self.view, self.record, party=from_, terms=made, path="")
        return Draft(view=self.view, record=record)

    @described("What changes from offer `a` to offer `b`, by how much, month by month.")
    def offer_diff(self, a: strawberry.ID, b: strawberry.ID) -> OfferDiff:
        one, other = (ids.own_id(ids.OFFER, each, path=path) for each, path in ((a, "a"), (b, "b")))
        return shown(dealing.diff(self.view, self.record, one, other), OfferDiff.of)

    @described(
        "What no deal costs us over the horizon of the offer on the table, with its risk. The buyer's secret."
    )
    def batna(self) -> Decimal | None:
        return shown(self._limits(), lambda found: found.position.batna)

    @described("The most we pay over that horizon. The buyer's secret.")
    def reservation(self) -> Decimal | None:
        return shown(self._limits(), lambda found: found.position.reservation)

    @described("Our limits together, and how they came to be. The buyer's secret.")
    def limits(self) -> Limits | None:
        return shown(self._limits(), Limits.of)

    @described("What we would settle for, round by round. The buyer's secret.")
    def target_curve(self) -> list[TargetPoint] | None:
        return shown(self._limits(), target_curve)

    @described("The room for a deal. The buyer's secret.")
    def zopa(self) -> Zopa | None:
        return shown(self._limits(), Zopa.of)

    @described("Which offers would be fair deals. The buyer's secret.")
    def bargaining_points(self) -> BargainingPoints | None:
        return shown(
            dealing.fair_points(self.view, self.record),
            lambda found: BargainingPoints.of(self.view, found),
        )

    @described(
        "At most `k` counter-offers that cost us the same, around the offer `offerId` or our newest. The buyer's secret."
    )
    def counter_offers(
        self, k: int | None = 3, offer_id: strawberry.ID | None = strawberry.UNSET
    ) -> list[CounterOffer] | None:
        wanted = given(offer_id)
        own = None if wanted is None else ids.own_id(ids.OFFER, wanted, path="offerId")
        return shown(
            dealing.counters(self.view, self.record, count=k, offer_id=own),
            lambda found: [CounterOffer.of(self.view, self.record, each) for each in found],
        )

    @described("How we mean to negotiate, as saved. The buyer's secret.")
    def position(self) -> BuyerPosition | None:
        return BuyerPosition.of(dealing.saved(self.view, self.record))

    @described("What we can pay; null until our revenue and margin are saved. The buyer's secret.")
    def buyer_envelope(self) -> BuyerEnvelope | None:
        made = dealing.buyer_envelope(self.view, self.record)
        return None if made is None else BuyerEnvelope.of(made)

    def _limits(self) -> dealing.Limits | Awaitable[dealing.Limits]:
        return dealing.limits(self.view, self.record)

    @described("The window whose usage makes the streams.")
    def usage_from(self) -> date | None:
        return self.picture.usage_from

    @strawberry.field
    def usage_to(self) -> date | None:
        return self.picture.usage_to

    @strawberry.field
    def provenance(self) -> records.Provenance:
        return self.view.provenance(self.record.provenance)

    @strawberry.field
    def as_of(self) -> datetime:
        return self.record.as_of or health.as_of(self.view.services, self.view.snapshot)


def _discount(rate: DiscountRate | None) -> Ratio | None:
    return None if rate is None else Ratio(rate.value)
