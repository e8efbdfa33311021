"""Spend commitments as rows of FOCUS's Contract Commitment dataset (version 1.4), the contract in force and offers alike.

The FinOps Foundation's open specification names the columns and their allowed values. Offers under negotiation are
`Proposed`, so that a FinOps team can model them beside what is signed. A commitment's cost is that of its whole
period; how often it must be met is the fulfilment interval.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from negotiation.decimals import exact_arithmetic
from negotiation.months import contract_end
from negotiation.records import Negotiation, Offer, OfferStatus
from negotiation.terms import (
    CommitmentTerm,
    FulfilmentInterval,
    RenewalTerm,
    Term,
)

COLUMNS: Final = (
    "BillingCurrency",
    "ContractCommitmentApplicability",
    "ContractCommitmentBenefitCategory",
    "ContractCommitmentCategory",
    "ContractCommitmentCost",
    "ContractCommitmentDescription",
    "ContractCommitmentDiscountPercentage",
    "ContractCommitmentDurationType",
    "ContractCommitmentFulfillmentInterval",
    "ContractCommitmentId",
    "ContractCommitmentLastUpdated",
    "ContractCommitmentLifecycleStatus",
    "ContractCommitmentModel",
    "ContractCommitmentOfferCategory",
    "ContractCommitmentPaymentInterval",
    "ContractCommitmentPaymentModel",
    "ContractCommitmentPeriodEnd",
    "ContractCommitmentPeriodStart",
    "ContractCommitmentQuantity",
    "ContractCommitmentType",
    "ContractCommitmentUnit",
    "ContractId",
    "ContractPeriodEnd",
    "ContractPeriodStart",
    "InvoiceIssuerName",
    "ServiceProviderName",
)
INTERVALS: Final[Mapping[FulfilmentInterval, str]] = {
    FulfilmentInterval.MONTHLY: "Monthly",
    FulfilmentInterval.QUARTERLY: "Quarterly",
    FulfilmentInterval.ANNUAL: "Annual",
    FulfilmentInterval.TERM: "Full Period",
}
MONTHS: Final[Mapping[FulfilmentInterval, int]] = {
    FulfilmentInterval.MONTHLY: 1,
    FulfilmentInterval.QUARTERLY: 3,
    FulfilmentInterval.ANNUAL: 12,
}
OF_OFFERS: Final[Mapping[OfferStatus, str]] = {
    OfferStatus.DRAFT: "Proposed",
    OfferStatus.PROPOSED: "Proposed",
    OfferStatus.SUPERSEDED: "Superseded",
    OfferStatus.REJECTED: "Canceled",
    OfferStatus.WITHDRAWN: "Canceled",
    OfferStatus.EXPIRED: "Expired",
}


@dataclass(frozen=True, slots=True)
class Paper:
    """A contract or an offer: whose commitments become rows. `discount`: its effective discount, where it is known."""

    id: str
    title: str
    terms: tuple[Term, ...]
    offer: Offer | None = None
    discount: Decimal | None = None


def rows(
    negotiation: Negotiation, papers: Iterable[Paper], today: date
) -> Iterator[tuple[Any, ...]]:
    """One row per commitment, in the order of `COLUMNS`."""
    dates = _renewal(negotiation.terms)
    for paper in papers:
        renewal = _renewal(paper.terms) or dates
        if renewal is None:
            continue  # without a period there is no commitment in the dataset's sense
        for term in paper.terms:
            if isinstance(term, CommitmentTerm):
                values = _row(negotiation, paper, term, renewal, today)
                yield tuple(values[column] for column in COLUMNS)


def _row(
    negotiation: Negotiation,
    paper: Paper,
    term: CommitmentTerm,
    renewal: RenewalTerm,
    today: date,
) -> dict[str, Any]:
    start, end = renewal.start, contract_end(renewal)
    families = ", ".join(term.families) if term.families else "all but pass-through charges"
    return {
        "BillingCurrency": negotiation.currency,
        "ContractCommitmentApplicability": families,
        "ContractCommitmentBenefitCategory": "Discount",
        "ContractCommitmentCategory": "Spend",
        "ContractCommitmentCost": _whole(term, renewal.term_months),
        "ContractCommitmentDescription": _description(paper, term),
        "ContractCommitmentDiscountPercentage": paper.discount,
        "ContractCommitmentDurationType": _duration(renewal.term_months),
        "ContractCommitmentFulfillmentInterval": INTERVALS[term.interval],
        "ContractCommitmentId": f"{paper.id}/{term.id}",
        "ContractCommitmentLastUpdated": paper.offer.created_at
        if paper.offer
        else negotiation.as_of,
        "ContractCommitmentLifecycleStatus": _status(paper.offer, start, end, today),
        "ContractCommitmentModel": "Discontinuous",
        "ContractCommitmentOfferCategory": "Negotiated",
        "ContractCommitmentPaymentInterval": "Monthly",
        "ContractCommitmentPaymentModel": "No Upfront",
        "ContractCommitmentPeriodEnd": _instant(end),
        "ContractCommitmentPeriodStart": _instant(start),
        "ContractCommitmentQuantity": None,
        "ContractCommitmentType": "Minimum Spend",
        "ContractCommitmentUnit": None,
        "ContractId": paper.id,
        "ContractPeriodEnd": _instant(end),
        "ContractPeriodStart": _instant(start),
        "InvoiceIssuerName": negotiation.vendor,
        "ServiceProviderName": negotiation.vendor,
    }


def _description(paper: Paper, term: CommitmentTerm) -> str:
    where = f", clause {term.clause}" if term.clause else ""
    return f"{paper.title}{where}: {term.text or 'minimum commitment'}"


def _whole(term: CommitmentTerm, months: int) -> Decimal:
    """The commitment over the whole period; a part of an interval counts in proportion."""
    if term.interval is FulfilmentInterval.TERM:
        return term.amount
    with exact_arithmetic():
        return term.amount * months / MONTHS[term.interval]


def _status(offer: Offer | None, start: date, end: date, today: date) -> str:
    if offer is not None and offer.status in OF_OFFERS:
        return OF_OFFERS[offer.status]
    if today < start:
        return "Pending"
    return "Active" if today < end else "Expired"


def _duration(months: int) -> str:
    years, rest = divmod(months, 12)
    if rest:
        return f"{months} Months"
    return f"{years} Year" if years == 1 else f"{years} Years"


def _instant(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def _renewal(terms: Iterable[Term]) -> RenewalTerm | None:
    return next((term for term in terms if isinstance(term, RenewalTerm)), None)
