"""Subscriptions: the present value at once, then every change, each event over its own snapshot."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import strawberry

from graph.context import Info
from graph.operations.contesting import ConflictSubscription
from graph.operations.importing import ImportSubscription
from graph.operations.query import OptionalId, condition
from graph.operations.ruling import RuleSubscription
from graph.scalars import Ratio
from graph.types.common import Connection, described, given, mirrored
from graph.types.health import Health
from graph.types.inputs import InvoiceFilter
from graph.types.invoices import InvoiceConnection
from graph.types.negotiation import Negotiation
from graph.types.notifications import Notification, NotificationQueue, notification_connection
from graph.types.offers import OfferEvaluation
from graph.types.payloads import SimulationProgress, Tick
from graph.types.scenario_inputs import SimulationInput
from resolvers import evaluation, health, ids, invoices, live, notifications
from resolvers import negotiation as negotiations

UNSET = strawberry.UNSET


@strawberry.type(description="Each sends the present value at once, then every change.")
class Subscription(ImportSubscription, RuleSubscription, ConflictSubscription):
    @strawberry.subscription
    async def negotiation_updated(
        self, info: Info, id_: OptionalId = UNSET
    ) -> AsyncGenerator[Negotiation, None]:
        context = info.context
        wanted = given(id_)
        own = None if wanted is None else ids.own_id(ids.NEGOTIATION, wanted)
        async with aclosing(live.snapshots(context.services)) as source:
            async for snapshot in source:
                yield Negotiation.of(context.view_of(snapshot), negotiations.needed(snapshot, own))

    @strawberry.subscription
    async def health_updated(self, info: Info) -> AsyncGenerator[Health, None]:
        services = info.context.services
        async with aclosing(live.health_changes(services)) as source:
            async for snapshot in source:
                yield Health.of(health.report(services, snapshot))

    @strawberry.subscription
    async def invoices_updated(
        self,
        info: Info,
        filter_: Annotated[InvoiceFilter | None, strawberry.argument(name="filter")] = UNSET,
        first: int | None = 50,
    ) -> AsyncGenerator[InvoiceConnection, None]:
        context = info.context
        wanted = condition(filter_)
        async with aclosing(live.snapshots(context.services)) as source:
            async for snapshot in source:
                view = context.view_of(snapshot)
                found = invoices.listing(view, wanted, first=first, after=None)
                yield InvoiceConnection.of(view, *found)

    @strawberry.subscription
    async def notifications_updated(
        self, info: Info, first: int | None = 50
    ) -> AsyncGenerator[Connection[Notification], None]:
        context = info.context
        async with aclosing(live.snapshots(context.services)) as source:
            async for snapshot in source:
                view = context.view_of(snapshot)
                page = notifications.listing(view, None, first=first, after=None)
                yield notification_connection(view, page)

    @strawberry.subscription
    async def notification_queue_updated(
        self, info: Info
    ) -> AsyncGenerator[NotificationQueue, None]:
        context = info.context
        async with aclosing(live.health_changes(context.services)) as source:
            async for snapshot in source:
                yield NotificationQueue.of(context.view_of(snapshot))

    @described(
        "A long simulation: progress from 0 to 1, then the result.",
        strawberry.subscription,
    )
    async def simulation(
        self,
        info: Info,
        input_: Annotated[SimulationInput, strawberry.argument(name="input")],
    ) -> AsyncGenerator[SimulationProgress, None]:
        view = info.context.view(info)
        async with aclosing(evaluation.simulate(view, input_.simulation())) as source:
            async for step in source:
                yield SimulationProgress(
                    progress=Ratio(step.progress),
                    paths=step.paths,
                    evaluation=None
                    if step.assessment is None
                    else OfferEvaluation.of(step.assessment),
                )

    @described(
        "A connection test: `count` ticks, one every `everyMs`, then complete.",
        strawberry.subscription,
    )
    async def ticks(
        self, info: Info, count: int | None = 3, every_ms: int | None = 1_000
    ) -> AsyncGenerator[Tick, None]:
        source = live.ticks(info.context.services, count=count, every_ms=every_ms)
        async with aclosing(source):
            async for tick in source:
                yield mirrored(Tick, tick)
