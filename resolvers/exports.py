"""What can be taken away, by name: who may have it, under which file name, and its text. Rendering is the model's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from negotiation.assessed import Assessment
from negotiation.assessment import Analyst
from negotiation.exports import focus, tables
from negotiation.exports.briefing import briefing
from negotiation.exports.table import write_table
from negotiation.picture import Picture
from negotiation.records import Offer, OfferStatus
from resolvers.errors import Forbidden, NotFound
from resolvers.negotiation import Targets, envelope, find
from resolvers.view import View

BUYERS = frozenset({"viewer", "analyst", "negotiator", "approver", "admin"})
CSV, MARKDOWN = "text/csv; charset=utf-8", "text/markdown; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Export:
    """`text` is a whole file. `name`: with its ending."""

    name: str
    media_type: str
    text: str


@dataclass(frozen=True, slots=True)
class Source:
    """What an export is made from. `assessed`: the offers in their order, and `now` the effective discount of the contract in
    force, only for those who ask for it."""

    view: View
    picture: Picture
    assessed: Mapping[Offer, Assessment]
    now: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """One thing that can be exported."""

    title: str
    columns: Sequence[str]
    rows: Callable[[Source], Iterable[Sequence[Any]]]
    assesses: bool = False


def _focus(source: Source) -> Iterable[Sequence[Any]]:
    negotiation = source.picture.negotiation
    contract = focus.Paper(
        f"{negotiation.id}-contract", negotiation.name, negotiation.terms, discount=source.now
    )
    offers = (
        focus.Paper(offer.id, offer.title, offer.terms, offer, made.effective_discount)
        for offer, made in source.assessed.items()
    )
    skus = source.view.snapshot.skus
    fees = [key for key, sku in skus.items() if sku.pass_through]
    return focus.rows(negotiation, (contract, *offers), source.view.today, fees)


TABLES: Mapping[str, Kind] = {
    "invoices": Kind(
        "Invoices", tables.INVOICE_COLUMNS, lambda s: tables.invoices(s.view.snapshot)
    ),
    "invoice-lines": Kind(
        "Invoice lines",
        tables.INVOICE_LINE_COLUMNS,
        lambda s: tables.invoice_lines(s.view.snapshot),
    ),
    "findings": Kind(
        "Billing errors found", tables.FINDING_COLUMNS, lambda s: tables.findings(s.picture)
    ),
    "usage": Kind("Daily usage", tables.USAGE_COLUMNS, lambda s: tables.usage(s.view.snapshot)),
    "spend": Kind("Daily spend", tables.SPEND_COLUMNS, lambda s: tables.spend(s.picture)),
    "skus": Kind(
        "Catalogue", tables.SKU_COLUMNS, lambda s: tables.skus(s.view.snapshot, s.picture)
    ),
    "streams": Kind("Streams", tables.STREAM_COLUMNS, lambda s: tables.streams(s.picture)),
    "offers": Kind(
        "Offers assessed", tables.OFFER_COLUMNS, lambda s: tables.offers(s.assessed), assesses=True
    ),
    "offer-months": Kind(
        "Offers month by month",
        tables.MONTH_COLUMNS,
        lambda s: tables.months(s.assessed),
        assesses=True,
    ),
    "milestones": Kind(
        "Approvals", tables.MILESTONE_COLUMNS, lambda s: tables.milestones(s.picture)
    ),
    "focus": Kind("FOCUS contract commitments", focus.COLUMNS, _focus, assesses=True),
}
BRIEFING = "briefing"
NAMES = (*TABLES, BRIEFING)


async def export(view: View, name: str) -> Export:
    """The export, computed off the event loop. Raises Forbidden for who is not of the buyer, NotFound."""
    if BUYERS.isdisjoint(view.actor.roles):
        raise Forbidden("Exports are for the buyer's roles.", field=name)
    if name not in NAMES:
        raise NotFound(f"There is no export {name!r}. There are: {', '.join(NAMES)}.")
    negotiation = find(view, None)
    if negotiation is None:
        raise NotFound("There is no negotiation to export from.")
    picture = view.picture(negotiation)
    assesses = name == BRIEFING or TABLES[name].assesses
    source = await _assessed(view, picture) if assesses else Source(view, picture, {})
    return await asyncio.to_thread(_made, source, name)


def _made(source: Source, name: str) -> Export:
    stem = f"{source.picture.negotiation.id}-{name}-{source.view.today}"
    if name == BRIEFING:
        made = envelope(source.view, source.picture.negotiation, Targets())
        text = briefing(source.picture, made, source.assessed, source.view.snapshot.provenance)
        return Export(f"{stem}.md", MARKDOWN, text)
    kind = TABLES[name]
    return Export(f"{stem}.csv", CSV, write_table(kind.columns, kind.rows(source)))


async def _assessed(view: View, picture: Picture) -> Source:
    everyone = [
        offer
        for offer in view.snapshot.offers.values()
        if offer.negotiation_id == picture.negotiation.id and offer.status is not OfferStatus.DRAFT
    ]
    ordered = sorted(everyone, key=lambda offer: (offer.round, offer.created_at))

    def assess(analyst: Analyst) -> Source:
        terms = picture.negotiation.terms
        contract = analyst.evaluation(picture, terms, analyst.forecast(picture, terms))
        made = {offer: analyst.assess(picture, everyone, offer) for offer in ordered}
        return Source(view, picture, made, contract.effective_discount)

    return await view.figures.analyses.run(assess)
