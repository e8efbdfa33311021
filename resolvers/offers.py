"""Offers: rounds, proposing, deciding. What an offer costs is `resolvers.evaluation`'s."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from negotiation import offers as rules
from negotiation.errors import NegotiationError
from negotiation.offers import OfferDecision, RefusedDecision
from negotiation.records import Negotiation, Offer, OfferStatus, Party, Snapshot
from negotiation.terms import Term
from negotiation.trace import Notice
from resolvers.errors import BadUserInput, FieldError, NotFound
from resolvers.faults import bad_input, sentence
from resolvers.negotiation import LONGEST_NOTE, expect_version, needed
from resolvers.ports import Actor, Decide, Put, Services, Write
from resolvers.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What is proposed. The ids of its terms are given when the offer is made."""

    party: Party
    title: str
    terms: tuple[Term, ...]
    valid_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """After a mutation: `offer` None when a rule refused it, and `refusals` say why."""

    snapshot: Snapshot
    offer: Offer | None
    refusals: tuple[Notice, ...] = ()


def rounds(view: View, negotiation: Negotiation) -> list[tuple[int, list[Offer]]]:
    """The rounds from the first, each with its offers from the oldest."""
    mine = [
        offer
        for offer in view.snapshot.offers.values()
        if offer.negotiation_id == negotiation.id and view.may_see(offer)
    ]
    by_round: dict[int, list[Offer]] = {}
    for offer in sorted(mine, key=lambda each: (each.round, each.created_at, each.id)):
        by_round.setdefault(offer.round, []).append(offer)
    return list(by_round.items())


def find(view: View, own_id: str, *, within: Negotiation | None = None) -> Offer | None:
    """The offer with this id, of the negotiation `within` where that is given, if this actor may see it."""
    offer = view.snapshot.offers.get(own_id)
    if offer is None or not view.may_see(offer):
        return None
    return None if within is not None and offer.negotiation_id != within.id else offer


def shown_status(view: View, offer: Offer) -> OfferStatus:
    """The status today: an open offer whose day has passed is EXPIRED, though nobody has touched it."""
    return OfferStatus.EXPIRED if rules.is_expired(offer, view.today) else offer.status


async def propose(
    services: Services,
    actor: Actor,
    proposal: Proposal,
    *,
    negotiation_id: str | None,
    version: int | None,
) -> Outcome:
    """Put a new offer on the table. Raises NotFound, Conflict or BadUserInput (terms that cannot be computed)."""
    made: Offer | None = None

    def decide(snapshot: Snapshot) -> Sequence[Write]:
        nonlocal made
        negotiation = needed(snapshot, negotiation_id)
        expect_version(negotiation, version)
        after, changed = rules.propose(
            negotiation,
            snapshot.offers.values(),
            party=proposal.party,
            title=proposal.title,
            terms=proposal.terms,
            valid_until=proposal.valid_until,
            now=services.clock.now(),
            skus=snapshot.skus,
        )
        made = changed[0]
        return [*(Put(offer) for offer in changed), Put(after)]

    return await _committed(services, actor, decide, lambda: made, cause="proposeOffer")


async def decide(
    services: Services,
    actor: Actor,
    *,
    offer_id: str,
    decision: OfferDecision,
    note: str | None,
    version: int,
) -> Outcome:
    """Accept, reject or withdraw. Raises NotFound, Conflict or BadUserInput."""
    words = (note or "").strip()
    if len(words) > LONGEST_NOTE:
        message = f"A note has at most {LONGEST_NOTE} characters."
        raise BadUserInput(message, [FieldError("input.note", message)])
    made: Offer | None = None

    def decide_now(snapshot: Snapshot) -> Sequence[Write]:
        nonlocal made
        offer = snapshot.offers.get(offer_id)
        if offer is None:
            raise NotFound(f"There is no offer {offer_id!r}.")
        negotiation = needed(snapshot, offer.negotiation_id)
        expect_version(negotiation, version)
        after, changed = rules.decide(
            negotiation, snapshot.offers.values(), offer, decision, services.clock.today()
        )
        made = changed[0]
        return [*(Put(each) for each in changed), Put(after)]

    cause = f"decideOffer {decision.value}" + (f": {words}" if words else "")
    return await _committed(services, actor, decide_now, lambda: made, cause=cause)


async def _committed(
    services: Services,
    actor: Actor,
    decide_now: Decide,
    made: Callable[[], Offer | None],
    *,
    cause: str,
) -> Outcome:
    try:
        snapshot = await services.store.commit(decide_now, actor=actor.id, cause=cause)
    except RefusedDecision as refused:
        notice = Notice(refused.code, sentence(refused), refused.field)
        return Outcome(snapshot=services.store.snapshot(), offer=None, refusals=(notice,))
    except NegotiationError as error:
        raise bad_input(error, "input") from error
    return Outcome(snapshot=snapshot, offer=made())
