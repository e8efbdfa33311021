"""Offers: the hash of what was proposed, and what may become of it. Pure functions that return new records.

Whether its terms can be computed is `validity`'s business, what it costs `evaluation`'s, what is unwise `lint`'s.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final

from negotiation.errors import NegotiationError, TermError, ValidationFailed
from negotiation.records import Negotiation, NegotiationStatus, Offer, OfferStatus, Party, Sku
from negotiation.terms import Term
from negotiation.terms_json import canonical_terms
from negotiation.validity import terms_faults

MAX_TITLE: Final = 200

OPEN_TO_OFFERS: Final = frozenset({NegotiationStatus.PREPARING, NegotiationStatus.OPEN})


class OfferDecision(StrEnum):
    ACCEPT = "ACCEPT"
    REJECT = "REJECT"
    WITHDRAW = "WITHDRAW"


class RefusedDecision(NegotiationError):
    """The state of the offer or of the negotiation does not allow it."""


def offer_hash(
    *,
    negotiation_id: str,
    round_number: int,
    party: Party,
    title: str,
    terms: Iterable[Term],
    valid_until: date | None,
) -> str:
    """SHA-256 of what was proposed. The same content has the same hash, whenever and wherever it is proposed."""
    content = {
        "negotiation": negotiation_id,
        "party": str(party),
        "round": round_number,
        "terms": json.loads(canonical_terms(terms)),
        "title": title,
        "validUntil": valid_until.isoformat() if valid_until is not None else None,
    }
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return sha256(text.encode()).hexdigest()


def terms_hash(terms: Iterable[Term]) -> str:
    """SHA-256 of the terms alone: what an evaluation depends on."""
    return sha256(canonical_terms(terms).encode()).hexdigest()


def number_terms(terms: Iterable[Term]) -> tuple[Term, ...]:
    """The terms with ids that are unique in their offer: kept where given and unique, else "t1", "t2", ..."""
    numbered: list[Term] = []
    taken: set[str] = set()
    for position, term in enumerate(terms, 1):
        own = term.id.strip()
        if not own or own in taken:
            own = next(name for name in _names(f"t{position}") if name not in taken)
            term = replace(term, id=own)
        taken.add(own)
        numbered.append(term)
    return tuple(numbered)


def current_round(offers: Iterable[Offer]) -> int:
    """The highest round with an offer; 0 before the first."""
    return max((offer.round for offer in offers), default=0)


def next_round(offers: Iterable[Offer], party: Party) -> int:
    """The round a new offer of `party` belongs to.

    A round is one exchange. It is over once both have spoken in it, and each party may replace its own open offer;
    who has an answer to the other's open offer gives it in the same round, else a new round begins.
    """
    found = list(offers)
    number = current_round(found)
    if number == 0:
        return 1
    spoken = {offer.party for offer in found if offer.round == number and _counts(offer)}
    mine_open = any(
        offer.round == number and offer.party is party and offer.status is OfferStatus.PROPOSED
        for offer in found
    )
    if party not in spoken or (mine_open and len(spoken) == 1):
        return number
    return number + 1


def propose(
    negotiation: Negotiation,
    offers: Iterable[Offer],
    *,
    party: Party,
    title: str,
    terms: Iterable[Term],
    valid_until: date | None,
    now: datetime,
    skus: Mapping[str, Sku],
    offer_id: str | None = None,
) -> tuple[Negotiation, tuple[Offer, ...]]:
    """The negotiation after the proposal, and the offers to write: the new one first, then those it supersedes.

    Raises RefusedDecision when the negotiation takes no offers, ValidationFailed with every fault of the input.
    """
    if negotiation.status not in OPEN_TO_OFFERS:
        raise RefusedDecision(
            "NEGOTIATION_CLOSED",
            f"The negotiation is {negotiation.status}; it takes no more offers.",
            "negotiationId",
            "Open a new negotiation.",
        )
    numbered = number_terms(terms)
    faults = [*_head_faults(title, valid_until, now.date()), *terms_faults(numbered, skus, "terms")]
    if faults:
        raise ValidationFailed(faults)
    mine = [offer for offer in offers if offer.negotiation_id == negotiation.id]
    number = next_round(mine, party)
    content = offer_hash(
        negotiation_id=negotiation.id,
        round_number=number,
        party=party,
        title=title.strip(),
        terms=numbered,
        valid_until=valid_until,
    )
    for offer in mine:
        if _same_proposal(offer, party, title.strip(), numbered, valid_until):
            raise RefusedDecision(
                "OFFER_UNCHANGED",
                "The same offer is on the table already.",
                "terms",
                "Change a term.",
            )
    new = Offer(
        id=offer_id or f"{negotiation.id}-{number}-{party.lower()}-{_serial(mine, number, party)}",
        negotiation_id=negotiation.id,
        round=number,
        party=party,
        status=OfferStatus.PROPOSED,
        title=title.strip(),
        terms=numbered,
        valid_until=valid_until,
        created_at=now,
        hash=content,
    )
    superseded = tuple(
        replace(offer, status=OfferStatus.SUPERSEDED)
        for offer in mine
        if offer.party is party and offer.status is OfferStatus.PROPOSED
    )
    after = replace(negotiation, status=NegotiationStatus.OPEN, version=negotiation.version + 1)
    return after, (new, *superseded)


def decide(
    negotiation: Negotiation,
    offers: Iterable[Offer],
    offer: Offer,
    decision: OfferDecision,
    today: date,
) -> tuple[Negotiation, tuple[Offer, ...]]:
    """The negotiation after the decision, and the offers to write: the decided one first.

    ACCEPT ends the negotiation: AGREED, the offer's terms wait to be signed, every other open offer is SUPERSEDED.
    ACCEPT and REJECT answer the other party's offer, WITHDRAW takes back one's own: who decides is the caller's
    to check. Raises RefusedDecision.
    """
    if negotiation.status not in OPEN_TO_OFFERS:
        raise RefusedDecision(
            "NEGOTIATION_CLOSED",
            f"The negotiation is {negotiation.status}; its offers are decided.",
            "offerId",
            "Nothing to do.",
        )
    if offer.status not in _DECIDABLE[decision]:
        raise RefusedDecision(
            "OFFER_NOT_OPEN",
            f"The offer is {offer.status}; it cannot be {_DONE[decision].lower()} any more.",
            "offerId",
            "Decide on an open offer.",
        )
    if decision is OfferDecision.ACCEPT and is_expired(offer, today):
        raise RefusedDecision(
            "OFFER_EXPIRED",
            f"The offer was valid until {offer.valid_until}.",
            "offerId",
            "Ask for it to be proposed again.",
        )
    decided = replace(offer, status=OfferStatus(_DONE[decision]))
    after = replace(negotiation, version=negotiation.version + 1)
    if decision is not OfferDecision.ACCEPT:
        return after, (decided,)
    others = tuple(
        replace(each, status=OfferStatus.SUPERSEDED)
        for each in offers
        if each.negotiation_id == negotiation.id
        and each.id != offer.id
        and each.status in (OfferStatus.PROPOSED, OfferStatus.DRAFT)
    )
    return replace(after, status=NegotiationStatus.AGREED), (decided, *others)


def is_expired(offer: Offer, today: date) -> bool:
    """Open, and the last day it was valid on has passed."""
    return (
        offer.status is OfferStatus.PROPOSED
        and offer.valid_until is not None
        and offer.valid_until < today
    )


def expire(offers: Iterable[Offer], today: date) -> tuple[Offer, ...]:
    """The open offers whose day has passed, as EXPIRED."""
    return tuple(
        replace(offer, status=OfferStatus.EXPIRED) for offer in offers if is_expired(offer, today)
    )


_DONE: Final = {
    OfferDecision.ACCEPT: "ACCEPTED",
    OfferDecision.REJECT: "REJECTED",
    OfferDecision.WITHDRAW: "WITHDRAWN",
}
_DECIDABLE: Final = {
    OfferDecision.ACCEPT: frozenset({OfferStatus.PROPOSED}),
    OfferDecision.REJECT: frozenset({OfferStatus.PROPOSED}),
    OfferDecision.WITHDRAW: frozenset({OfferStatus.PROPOSED, OfferStatus.DRAFT}),
}


def _names(first: str) -> Iterator[str]:
    yield first
    number = 2
    while True:
        yield f"{first}-{number}"
        number += 1


def _serial(offers: list[Offer], number: int, party: Party) -> int:
    return 1 + sum(offer.round == number and offer.party is party for offer in offers)


def _same_proposal(
    offer: Offer, party: Party, title: str, terms: tuple[Term, ...], valid_until: date | None
) -> bool:
    """Whether the offer is open and says the same, in whatever round."""
    return (
        offer.status is OfferStatus.PROPOSED
        and offer.party is party
        and offer.title == title
        and offer.valid_until == valid_until
        and canonical_terms(offer.terms) == canonical_terms(terms)
    )


def _counts(offer: Offer) -> bool:
    return offer.status is not OfferStatus.DRAFT


def _head_faults(title: str, valid_until: date | None, today: date) -> Iterator[NegotiationError]:
    if not title.strip() or len(title) > MAX_TITLE:
        yield TermError(
            "TITLE", f"A title has 1 to {MAX_TITLE} characters.", "title", "Say what is new in it."
        )
    if valid_until is not None and valid_until < today:
        yield TermError(
            "VALID_UNTIL_PAST",
            f"The offer would have ended on {valid_until}.",
            "validUntil",
            "Give today or a later day.",
        )
