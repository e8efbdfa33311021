"""What is to come: the forecast by family, volumes from the business's drivers, the commitment's pace, the next tier.

Each takes a while the first time: see `resolvers.view.Figures.soon`. How they are computed is the model's business.
"""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from decimal import Decimal

from negotiation.assessment import Analyst
from negotiation.backtest import BacktestRow
from negotiation.drivers import Drivers, missing_skus, monthly_volumes
from negotiation.errors import NegotiationError, ValidationFailed
from negotiation.forecast import Forecast
from negotiation.pace import CommitmentPace, TierProjection, commitment_pace, tier_projection
from negotiation.plan import METHOD, FamilyPlan, family_plans, recent_backtest
from negotiation.records import Negotiation, Sku
from negotiation.scenario import Scenario
from resolvers.faults import bad_input
from resolvers.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The forecast that offers are evaluated on, over the contract's term. `method`: how it is estimated, in words."""

    forecast: Forecast
    families: tuple[FamilyPlan, ...]
    backtest: tuple[BacktestRow, ...]
    method: str = METHOD


@dataclass(frozen=True, slots=True)
class DriverVolume:
    """Units a month of one channel, and the SKU they are charged on."""

    channel: str
    sku: Sku
    units: Decimal


def plan(view: View, negotiation: Negotiation, scenario: Scenario | None) -> Plan | Awaitable[Plan]:
    """Awaiting raises BadUserInput for a senseless scenario."""
    what_if = Scenario() if scenario is None else scenario

    def work(analyst: Analyst) -> Plan:
        picture = view.picture(negotiation)
        try:
            forecast = analyst.forecast(picture, negotiation.terms, what_if)
        except NegotiationError as error:
            raise bad_input(error, "scenario") from error
        tests = recent_backtest(picture.outlook)
        families = family_plans(picture.outlook, forecast, tests, negotiation.currency)
        return Plan(forecast=forecast, families=families, backtest=tests)

    return view.figures.soon(("plan", negotiation.id, what_if.key), work)


def driver_volumes(view: View, drivers: Drivers) -> list[DriverVolume]:
    """Each channel in use. Raises BadUserInput for drivers that make no sense or a SKU that nobody knows."""
    skus = view.snapshot.skus
    try:
        if faults := missing_skus(drivers, skus):
            raise ValidationFailed(faults)
        volumes = monthly_volumes(drivers)
    except NegotiationError as error:
        raise bad_input(error, "drivers") from error
    return [
        DriverVolume(channel, skus[drivers.channels[channel]], units)
        for channel, units in volumes.items()
        if units > 0
    ]


def pace(
    view: View, negotiation: Negotiation
) -> tuple[CommitmentPace, ...] | Awaitable[tuple[CommitmentPace, ...]]:
    """Every commitment of the contract in force whose interval runs today."""
    return view.figures.soon(
        ("pace", negotiation.id), lambda _: commitment_pace(view.picture(negotiation))
    )


def tiers(
    view: View, negotiation: Negotiation
) -> TierProjection | Awaitable[TierProjection | None] | None:
    """When trailing spend leaves today's tier; None without a ladder."""
    return view.figures.soon(
        ("tiers", negotiation.id), lambda _: tier_projection(view.picture(negotiation))
    )
