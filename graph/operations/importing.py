"""What is asked of the import from the vendor: its state, its mappings, list rates; and starting it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import strawberry

from graph.context import Info
from graph.types.common import Connection, Notice, described, given
from graph.types.importing import (
    ApplyListRatesInput,
    ApplyListRatesPayload,
    ImportRun,
    ListRate,
    SetPriceLinkInput,
    SetPriceLinkPayload,
    SetUsageMappingInput,
    SetUsageMappingPayload,
    SyncTwilioInput,
    SyncTwilioPayload,
    TwilioImport,
    UsageMapping,
    list_rate_connection,
    mapping_connection,
)
from negotiation.importing.prices import ListRateStatus
from negotiation.imports import UsageMappingRule
from resolvers import list_rates, live, mappings, usage_import

UNSET = strawberry.UNSET


@strawberry.type
class ImportQuery:
    @described(
        "The import of usage and prices from Twilio: its runs, what is under way, when the next is due."
    )
    def twilio_import(self, info: Info) -> TwilioImport:
        view = info.context.view(info)
        return TwilioImport.of(usage_import.status(view.services, view.snapshot))

    @described(
        "How the vendor's usage categories count, by name; search: in category, SKU and family."
    )
    def usage_mappings(
        self,
        info: Info,
        rule: UsageMappingRule | None = UNSET,
        search: str | None = UNSET,
        first: int | None = 50,
        after: str | None = UNSET,
    ) -> Connection[UsageMapping]:
        return mapping_connection(
            mappings.listing(
                info.context.view(info),
                rule=given(rule),
                search=given(search),
                first=first,
                after=given(after),
            )
        )

    @described(
        "Our list rates against the prices that the vendor publishes, by SKU, as they were last read."
    )
    def list_rates(
        self,
        info: Info,
        status: ListRateStatus | None = UNSET,
        first: int | None = 50,
        after: str | None = UNSET,
    ) -> Connection[ListRate]:
        view = info.context.view(info)
        return list_rate_connection(
            list_rates.listing(view, status=given(status), first=first, after=given(after))
        )


@strawberry.type
class ImportMutation:
    @described(
        "Ask for an import of usage and prices from Twilio and answer at once; `twilioImport` tells how far it is.",
        strawberry.mutation,
    )
    async def sync_twilio(
        self,
        info: Info,
        input_: Annotated[SyncTwilioInput, strawberry.argument(name="input")],
    ) -> SyncTwilioPayload:
        context = info.context
        outcome = await usage_import.sync(context.services, context.actor, input_.wanted())
        return SyncTwilioPayload(
            run=None if outcome.run is None else ImportRun.of(outcome.run),
            revision=outcome.snapshot.revision,
            user_errors=Notice.of(outcome.refusals),
        )

    @described(
        "Decide what the usage under one of the vendor's categories counts as.", strawberry.mutation
    )
    async def set_usage_mapping(
        self,
        info: Info,
        input_: Annotated[SetUsageMappingInput, strawberry.argument(name="input")],
    ) -> SetUsageMappingPayload:
        context = info.context
        decision = input_.decision()
        snapshot, notices = await mappings.decide_mapping(context.services, context.actor, decision)
        row = mappings.row(context.view_of(snapshot), decision.category.strip().lower())
        return SetUsageMappingPayload(
            mapping=None if row is None else UsageMapping.of(row),
            revision=snapshot.revision,
            warnings=Notice.of(notices),
            user_errors=[],
        )

    @described(
        "Say which of the vendor's published prices is the list rate of a SKU; it is read with the next import.",
        strawberry.mutation,
    )
    async def set_price_link(
        self,
        info: Info,
        input_: Annotated[SetPriceLinkInput, strawberry.argument(name="input")],
    ) -> SetPriceLinkPayload:
        context = info.context
        snapshot = await list_rates.set_link(context.services, context.actor, input_.link())
        rate = list_rates.of_sku(context.view_of(snapshot), input_.sku)
        return SetPriceLinkPayload(
            list_rate=None if rate is None else ListRate.of(rate),
            revision=snapshot.revision,
            user_errors=[],
        )

    @described(
        "Take the vendor's published prices over as our list rates where they differ.",
        strawberry.mutation,
    )
    async def apply_list_rates(
        self,
        info: Info,
        input_: Annotated[ApplyListRatesInput, strawberry.argument(name="input")],
    ) -> ApplyListRatesPayload:
        context = info.context
        snapshot, taken = await list_rates.apply(
            context.services, context.actor, given(input_.skus)
        )
        view = context.view_of(snapshot)
        rates = [list_rates.of_sku(view, sku) for sku in taken]
        return ApplyListRatesPayload(
            applied=[ListRate.of(rate) for rate in rates if rate is not None],
            revision=snapshot.revision,
            user_errors=[],
        )


@strawberry.type
class ImportSubscription:
    @described(
        "The import from Twilio: its progress while it runs, and what came of it.",
        strawberry.subscription,
    )
    async def twilio_import_updated(self, info: Info) -> AsyncGenerator[TwilioImport, None]:
        services = info.context.services
        async with aclosing(live.snapshots(services)) as source:
            async for snapshot in source:
                yield TwilioImport.of(usage_import.status(services, snapshot))
