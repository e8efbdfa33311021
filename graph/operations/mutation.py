"""Mutations: commit once, answer with what was committed. Refusals of a business rule are in `userErrors`."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Annotated

import strawberry

from graph.context import Info
from graph.operations.contesting import ConflictMutation
from graph.operations.importing import ImportMutation
from graph.operations.ruling import RuleMutation
from graph.operations.sending import NotificationMutation
from graph.types.common import Notice, described, given
from graph.types.health import HealthComponent
from graph.types.inputs import (
    DecideMilestoneInput,
    DecideOfferInput,
    DisputeInvoiceInput,
    ImportInput,
    ProposeOfferInput,
    SetPositionInput,
    SetTargetsInput,
)
from graph.types.invoices import Invoice
from graph.types.negotiation import Milestone, Negotiation
from graph.types.offers import Offer
from graph.types.payloads import (
    DecideMilestonePayload,
    DecideOfferPayload,
    DisputeInvoicePayload,
    ImportPayload,
    ProposeOfferPayload,
    SetPositionPayload,
    SetTargetsPayload,
    SyncPayload,
)
from graph.types.term_inputs import model_terms
from resolvers import evaluation, health, ids, imports, invoices, offers, position
from resolvers import negotiation as negotiations
from resolvers.view import View

UNSET = strawberry.UNSET
Id = Annotated[strawberry.ID, strawberry.argument(name="id")]


@strawberry.type
class Mutation(ImportMutation, NotificationMutation, RuleMutation, ConflictMutation):
    @strawberry.mutation
    async def set_targets(
        self,
        info: Info,
        input_: Annotated[SetTargetsInput, strawberry.argument(name="input")],
    ) -> SetTargetsPayload:
        context = info.context
        own = _negotiation_id(input_.negotiation_id)
        snapshot = await negotiations.set_targets(
            context.services,
            context.actor,
            input_.targets(),
            negotiation_id=own,
            version=given(input_.version),
        )
        return SetTargetsPayload(
            negotiation=_negotiation(context.view_of(snapshot), own),
            revision=snapshot.revision,
            user_errors=[],
        )

    @described(
        "Save how we mean to negotiate: the buyer's secret. BATNA, what we can pay, what we think of the vendor's cost.",
        strawberry.mutation,
    )
    async def set_position(
        self,
        info: Info,
        input_: Annotated[SetPositionInput, strawberry.argument(name="input")],
    ) -> SetPositionPayload:
        context = info.context
        own = _negotiation_id(input_.negotiation_id)
        snapshot = await position.set_position(
            context.services,
            context.actor,
            input_.changes(),
            negotiation_id=own,
            version=given(input_.version),
        )
        return SetPositionPayload(
            negotiation=_negotiation(context.view_of(snapshot), own),
            revision=snapshot.revision,
            user_errors=[],
        )

    @strawberry.mutation
    async def propose_offer(
        self,
        info: Info,
        input_: Annotated[ProposeOfferInput, strawberry.argument(name="input")],
    ) -> ProposeOfferPayload:
        context = info.context
        own = _negotiation_id(input_.negotiation_id)
        proposal = offers.Proposal(
            party=input_.from_,
            title=input_.title,
            valid_until=given(input_.valid_until),
            terms=model_terms(input_.terms),
        )
        outcome = await offers.propose(
            context.services,
            context.actor,
            proposal,
            negotiation_id=own,
            version=given(input_.version),
        )
        view = context.view_of(outcome.snapshot)
        return ProposeOfferPayload(
            offer=None if outcome.offer is None else Offer.of(view, outcome.offer),
            negotiation=_negotiation(view, own),
            revision=outcome.snapshot.revision,
            user_errors=Notice.of(outcome.refusals),
        )

    @strawberry.mutation
    async def decide_offer(
        self,
        info: Info,
        input_: Annotated[DecideOfferInput, strawberry.argument(name="input")],
    ) -> DecideOfferPayload:
        context = info.context
        outcome = await offers.decide(
            context.services,
            context.actor,
            offer_id=ids.own_id(ids.OFFER, input_.offer_id, path="input.offerId"),
            decision=input_.decision,
            note=given(input_.note),
            version=input_.version,
        )
        view = context.view_of(outcome.snapshot)
        offer = outcome.offer
        return DecideOfferPayload(
            offer=None if offer is None else Offer.of(view, offer),
            negotiation=None if offer is None else _negotiation(view, offer.negotiation_id),
            revision=outcome.snapshot.revision,
            user_errors=Notice.of(outcome.refusals),
        )

    @strawberry.mutation
    async def decide_milestone(
        self,
        info: Info,
        input_: Annotated[DecideMilestoneInput, strawberry.argument(name="input")],
    ) -> DecideMilestonePayload:
        context = info.context
        snapshot, milestone = await negotiations.decide_milestone(
            context.services,
            context.actor,
            milestone_id=ids.own_id(ids.MILESTONE, input_.milestone_id, path="input.milestoneId"),
            decision=input_.decision,
            note=given(input_.note),
            version=given(input_.version),
        )
        view = context.view_of(snapshot)
        return DecideMilestonePayload(
            milestone=Milestone.of(view, milestone),
            negotiation=_negotiation(view, milestone.negotiation_id),
            revision=snapshot.revision,
            user_errors=[],
        )

    @described(
        "CSV text: columns number,period_start,period_end,amount,currency,status "
        "(upstream names and case accepted). All or nothing.",
        strawberry.mutation,
    )
    async def import_invoices(
        self, info: Info, input_: Annotated[ImportInput, strawberry.argument(name="input")]
    ) -> ImportPayload:
        context = info.context
        request = input_.request(_negotiation_id(input_.negotiation_id))
        return ImportPayload.of(
            await imports.import_invoices(context.services, context.actor, request)
        )

    @described(
        "CSV text of daily usage: a Twilio Usage Records export "
        "(category,start_date,end_date,usage,usage_unit,price,price_unit) or day,sku,quantity. "
        "Restatements win by revision. All or nothing.",
        strawberry.mutation,
    )
    async def import_usage(
        self, info: Info, input_: Annotated[ImportInput, strawberry.argument(name="input")]
    ) -> ImportPayload:
        context = info.context
        request = input_.request(_negotiation_id(input_.negotiation_id))
        return ImportPayload.of(
            await imports.import_usage(context.services, context.actor, request)
        )

    @strawberry.mutation
    async def dispute_invoice(
        self,
        info: Info,
        input_: Annotated[DisputeInvoiceInput, strawberry.argument(name="input")],
    ) -> DisputeInvoicePayload:
        context = info.context
        wanted = invoices.Dispute(
            invoice_id=ids.own_id(ids.INVOICE, input_.invoice_id, path="input.invoiceId"),
            reason=input_.reason,
            amount=given(input_.amount),
            findings=tuple(given(input_.findings) or ()),
        )
        seen = context.view(info)
        known = seen.snapshot.invoices.get(wanted.invoice_id)
        found = evaluation.findings(seen, known) if known is not None and wanted.findings else ()
        snapshot, invoice, refusals = await invoices.dispute(
            context.services,
            context.actor,
            wanted,
            await found if isinstance(found, Awaitable) else found,
        )
        view = context.view_of(snapshot)
        return DisputeInvoicePayload(
            invoice=None if invoice is None else Invoice.of(view, invoice),
            revision=snapshot.revision,
            user_errors=Notice.of(refusals),
        )

    @strawberry.mutation
    async def sync_now(self, info: Info) -> SyncPayload:
        found, notices = await health.sync_now(info.context.services)
        return SyncPayload(
            components=[HealthComponent.of(each) for each in found.components],
            revision=found.revision,
            user_errors=Notice.of(notices),
        )


def _negotiation_id(text: strawberry.ID | None) -> str | None:
    wanted = given(text)
    return (
        None if wanted is None else ids.own_id(ids.NEGOTIATION, wanted, path="input.negotiationId")
    )


def _negotiation(view: View, own: str | None) -> Negotiation | None:
    found = negotiations.find(view, own)
    return None if found is None else Negotiation.of(view, found)
