"""Spend commitments as rows of FOCUS's Contract Commitment dataset (version 1.4), the contract in force and offers alike.

The FinOps Foundation's open specification names the columns and their allowed values. Offers under negotiation are
`Proposed`, so that a FinOps team can model them beside what is signed. A commitment's cost is that of its whole
period; how often it must be met is the fulfilment interval.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Final

from negotiation.billing import INTERVAL_MONTHS
from negotiation.catalogue import the_term
from negotiation.deal import Deal
from negotiation.decimals import exact_arithmetic
from negotiation.ladder import ONE, ZERO
from negotiation.money import round_money
from negotiation.months import contract_end
from negotiation.records import Negotiation, Offer, OfferStatus
from negotiation.terms import CommitmentTerm, FulfilmentInterval, RenewalTerm, Term

COLUMNS: Final = (
    "BillingCurrency",
    "ContractCommitmentApplicability",
    "ContractCommitmentBenefitCategory",
    "ContractCommitmentCategory",
    "ContractCommitmentCost",
    "ContractCommitmentCreated",
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
    """A contract or an offer: whose commitments become rows. `discount`: its effective discount; unknown, the one it names."""

    id: str
    title: str
    terms: tuple[Term, ...]
    offer: Offer | None = None
    discount: Decimal | None = None


def rows(
    negotiation: Negotiation,
    papers: Iterable[Paper],
    today: date,
    pass_through: Sequence[str] = (),
) -> Iterator[tuple[Any, ...]]:
    """One row per commitment, in the order of `COLUMNS`. `pass_through`: keys of the SKUs that fulfil no commitment."""
    dates = the_term(negotiation.terms, RenewalTerm)
    for paper in papers:
        renewal = the_term(paper.terms, RenewalTerm) or dates
        if renewal is None:
            continue  # without a period there is no commitment in the dataset's sense
        for term in paper.terms:
            if isinstance(term, CommitmentTerm):
                values = _row(negotiation, paper, term, renewal, today)
                values["ContractCommitmentApplicability"] = _applicability(term, pass_through)
                yield tuple(values[column] for column in COLUMNS)


def _row(
    negotiation: Negotiation,
    paper: Paper,
    term: CommitmentTerm,
    renewal: RenewalTerm,
    today: date,
) -> dict[str, Any]:
    start, end = renewal.start, contract_end(renewal)
    deal, offer = Deal(paper.terms), paper.offer
    begun = datetime.combine(start, time(), UTC)
    updated = begun if negotiation.as_of is None else negotiation.as_of
    return {
        "BillingCurrency": negotiation.currency,
        "ContractCommitmentBenefitCategory": "Discount",
        "ContractCommitmentCategory": "Spend",
        "ContractCommitmentCost": _whole(deal, term, renewal.term_months, negotiation.currency),
        "ContractCommitmentCreated": offer.created_at if offer else min(begun, updated),
        "ContractCommitmentDescription": _description(paper, term),
        "ContractCommitmentDiscountPercentage": _discount(paper, deal),
        "ContractCommitmentDurationType": _duration(renewal.term_months),
        "ContractCommitmentFulfillmentInterval": INTERVALS[term.interval],
        "ContractCommitmentId": f"{paper.id}/{term.id}",
        "ContractCommitmentLastUpdated": offer.created_at if offer else updated,
        "ContractCommitmentLifecycleStatus": _status(offer, start, end, today),
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


def _whole(deal: Deal, term: CommitmentTerm, months: int, currency: str) -> Decimal:
    """The commitment over the whole period, each interval at its ramp's step; a part of an interval counts in proportion."""
    length = INTERVAL_MONTHS.get(term.interval, months)
    with exact_arithmetic():
        parts = (
            deal.committed(term, first + 1) * min(length, months - first) / length
            for first in range(0, months, length)
        )
        return round_money(sum(parts, ZERO), currency)


def _applicability(term: CommitmentTerm, pass_through: Sequence[str]) -> str:
    """The specification's object: which of our usage fulfils the commitment."""
    if term.families:
        named = {"Dimension": "ServiceName", "Operator": "In", "Values": list(term.families)}
        scope: dict[str, Any] = {"InclusionOperator": "Or", "Inclusions": [named]}
    else:
        scope = {"IsGlobalScope": True}
    if pass_through:
        fees = {"Dimension": "SkuId", "Operator": "In", "Values": sorted(pass_through)}
        scope["Exclusions"] = [fees]
    return json.dumps(scope, ensure_ascii=False)


def _discount(paper: Paper, deal: Deal) -> Decimal:
    """A fraction from 0 to 1: the specification knows neither a paper that costs more than list nor an unknown one."""
    named = deal.headline_discount if paper.discount is None else paper.discount
    return ZERO if named is None else min(ONE, max(ZERO, named))


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
