"""The buyer's secrets: our limits, the room for a deal, counter-offers, and saving how we mean to negotiate.

Who may see them is the permission table's business; nothing here is asked for on behalf of the vendor's people.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from negotiation.assessment import Analyst
from negotiation.band import margin_band
from negotiation.bargaining import BargainingPoints
from negotiation.decision import Position
from negotiation.diff import OfferDiff
from negotiation.envelope import BuyerEnvelope, compute_buyer_envelope
from negotiation.meso import CounterOffer
from negotiation.offers import current_round
from negotiation.ratio import MarginRate
from negotiation.records import BuyerPosition, Negotiation, Offer, OfferStatus, Party, Snapshot
from negotiation.scenario import Scenario
from negotiation.streams import Stream, Streams
from negotiation.zopa import Opener, Zopa, openers
from resolvers.errors import BadUserInput, FieldError, NotFound
from resolvers.negotiation import bumped, expect_version, needed
from resolvers.offers import find
from resolvers.ports import Actor, Put, Services, Write
from resolvers.view import View

MOST_COUNTERS = 10
LONGEST_NOTE = 2_000
MOST_ROUNDS = 50
_MOST_MONEY = Decimal(10) ** 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Ours, over the horizon [`start`, `start` + `months`) of the vendor's newest offer, else of ours, else of the contract.

    `zopa_openers`: where there is no room, the smallest change of each of that offer's terms that makes it one we can pay.
    """

    start: date
    months: int
    round: int
    position: Position
    zopa: Zopa
    zopa_openers: tuple[Opener, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FairPoints:
    """The offers on the table that are the fair points; no points when none leaves both sides a gain."""

    offers: tuple[Offer, ...]
    points: BargainingPoints | None


def limits(view: View, negotiation: Negotiation) -> Limits | Awaitable[Limits]:
    """BATNA, reservation, target and ZOPA as they are today."""
    offers = _offers(view, negotiation)

    def work(analyst: Analyst) -> Limits:
        picture = view.picture(negotiation)
        base = _on_the_table(offers) or _contract(negotiation, view)
        forecast = analyst.forecast(picture, base.terms)
        position = analyst.position(picture, offers, forecast, Scenario())
        room = analyst.zopa(picture, offers, base)
        evaluation = analyst.evaluation(picture, base.terms, forecast)
        return Limits(
            start=forecast.start,
            months=forecast.months,
            round=max(1, current_round(offers)),
            position=position,
            zopa=room,
            zopa_openers=() if room.exists else openers(evaluation, room.our_most),
        )

    return view.figures.soon(("limits", negotiation.id), work)


def fair_points(view: View, negotiation: Negotiation) -> FairPoints | Awaitable[FairPoints]:
    """Nash, Kalai, Kalai-Smorodinsky and the largest sum, among the offers of both parties."""
    offers = _offers(view, negotiation)

    def work(analyst: Analyst) -> FairPoints:
        found, points = analyst.fair_points(view.picture(negotiation), offers)
        return FairPoints(offers=found, points=points)

    return view.figures.soon(("fair", negotiation.id), work)


def counters(
    view: View, negotiation: Negotiation, *, count: int | None, offer_id: str | None
) -> tuple[CounterOffer, ...] | Awaitable[tuple[CounterOffer, ...]]:
    """Equivalent counter-offers, around the offer with this id or our newest. Raises BadUserInput or NotFound."""
    wanted = 3 if count is None else count
    if not 1 <= wanted <= MOST_COUNTERS:
        message = f"{wanted} is not between 1 and {MOST_COUNTERS}."
        raise BadUserInput(f"k: {message}", [FieldError("k", message)])
    around = None if offer_id is None else _needed(view, negotiation, offer_id)
    offers = _offers(view, negotiation)
    return view.figures.soon(
        ("counters", negotiation.id, wanted, offer_id),
        lambda analyst: analyst.counters(
            view.picture(negotiation), offers, count=wanted, around=around
        ),
    )


def offer_openers(view: View, offer: Offer) -> tuple[Opener, ...] | Awaitable[tuple[Opener, ...]]:
    """The smallest change of each term that would bring the offer within our target of its round."""
    negotiation = view.snapshot.negotiations[offer.negotiation_id]
    offers = _offers(view, negotiation)
    return view.figures.soon(
        ("openers", offer.id),
        lambda analyst: analyst.openers(view.picture(negotiation), offers, offer),
    )


def diff(
    view: View, negotiation: Negotiation, before_id: str, after_id: str
) -> OfferDiff | Awaitable[OfferDiff]:
    """What changes from one offer to the other, on the forecast of the first. Raises NotFound."""
    before, after = (_needed(view, negotiation, each) for each in (before_id, after_id))
    return view.figures.soon(
        ("diff", before.id, after.id),
        lambda analyst: analyst.diff(view.picture(negotiation), before, after),
    )


def saved(view: View, negotiation: Negotiation) -> BuyerPosition:
    """How we mean to negotiate: as saved, else the defaults."""
    found = view.snapshot.positions.get(negotiation.id)
    return BuyerPosition(negotiation_id=negotiation.id) if found is None else found


def buyer_envelope(view: View, negotiation: Negotiation) -> BuyerEnvelope | None:
    """The most we can pay a year at our own margin and above; None until our revenue and margin are saved."""
    position = saved(view, negotiation)
    revenue, margin = position.downstream_revenue, position.own_margin
    if revenue is None or margin is None:
        return None
    costs = Decimal(0) if position.other_costs is None else position.other_costs

    return view.figures.once(
        ("buyer envelope", negotiation.id),
        lambda: compute_buyer_envelope(
            Streams(
                currency=negotiation.currency,
                revenue=(
                    Stream(name="Downstream revenue a year", amount=revenue, list_amount=revenue),
                ),
                expense=(Stream(name="Other costs a year", amount=costs, list_amount=costs),),
            ),
            margin_band(MarginRate(margin), MarginRate(margin), None),
        ),
    )


async def set_position(
    services: Services,
    actor: Actor,
    changes: dict[str, Any],
    *,
    negotiation_id: str | None,
    version: int | None,
) -> Snapshot:
    """Save what is given of a BuyerPosition; None clears. Raises NotFound, Conflict or BadUserInput."""

    def decide(snapshot: Snapshot) -> Sequence[Write]:
        negotiation = needed(snapshot, negotiation_id)
        expect_version(negotiation, version)
        before = snapshot.positions.get(negotiation.id)
        start = BuyerPosition(negotiation_id=negotiation.id) if before is None else before
        after = replace(start, **changes)
        _check(after)
        return () if after == before else (Put(after), Put(bumped(negotiation)))

    return await services.store.commit(decide, actor=actor.id, cause="setPosition")


def _check(position: BuyerPosition) -> None:
    faults: list[FieldError] = []

    def expect(holds: bool, path: str, message: str) -> None:
        if not holds:
            faults.append(FieldError(f"input.{path}", message))

    amounts = (
        ("batnaCost", position.batna_cost),
        ("downstreamRevenue", position.downstream_revenue),
        ("otherCosts", position.other_costs),
    )
    for path, amount in amounts:
        expect(amount is None or 0 <= amount < _MOST_MONEY, path, "Give an amount of 0 or more.")
    low, high = position.vendor_cost_low, position.vendor_cost_high
    expect(0 <= low <= 100, "vendorCostLow", "Give a factor of our estimate, for example 0.85.")
    expect(low <= high <= 100, "vendorCostHigh", "Give a factor that is at least the low one.")
    expect(
        1 <= position.planned_rounds <= MOST_ROUNDS, "plannedRounds", f"Give 1 to {MOST_ROUNDS}."
    )
    expect(
        Decimal("0.05") <= position.patience <= 20, "patience", "Give 0.05 (late) to 20 (early)."
    )
    note = position.batna_note
    expect(
        note is None or len(note) <= LONGEST_NOTE,
        "batnaNote",
        f"At most {LONGEST_NOTE} characters.",
    )
    if faults:
        raise BadUserInput(" ".join(f"{each.path}: {each.message}" for each in faults), faults)


def _offers(view: View, negotiation: Negotiation) -> tuple[Offer, ...]:
    return tuple(
        offer for offer in view.snapshot.offers.values() if offer.negotiation_id == negotiation.id
    )


def _on_the_table(offers: Iterable[Offer]) -> Offer | None:
    """The vendor's newest offer, else ours."""
    told = [offer for offer in offers if offer.status is not OfferStatus.DRAFT]
    return max(
        told,
        key=lambda each: (each.party is Party.VENDOR, each.round, each.created_at, each.id),
        default=None,
    )


def _contract(negotiation: Negotiation, view: View) -> Offer:
    """The contract in force, as something that can be evaluated."""
    return Offer(
        id=f"{negotiation.id}-contract",
        negotiation_id=negotiation.id,
        round=0,
        party=Party.VENDOR,
        status=OfferStatus.ACCEPTED,
        title=negotiation.name,
        terms=negotiation.terms,
        valid_until=None,
        created_at=view.snapshot.as_of,
        hash="",
    )


def _needed(view: View, negotiation: Negotiation, own_id: str) -> Offer:
    found = find(view, own_id, within=negotiation)
    if found is None:
        raise NotFound(f"There is no offer {own_id!r} in this negotiation.")
    return found
