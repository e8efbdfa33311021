"""What-ifs from outside: other volumes, growth and drivers, as the model takes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from decimal import Decimal
from typing import TypeVar

import strawberry

from graph.scalars import Ratio
from graph.types.common import given
from negotiation.drivers import CHANNELS, Drivers
from negotiation.scenario import Scenario
from resolvers import evaluation, ids
from resolvers.errors import BadUserInput, FieldError

T = TypeVar("T")
UNSET = strawberry.UNSET


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


def _by_name(pairs: Sequence[tuple[str, T]], path: str) -> dict[str, T]:
    """The pairs as a mapping. BadUserInput where a name is given twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        message = "The same name is given twice."
        raise BadUserInput(message, [FieldError(path, message)])
    return found
