"""The demo's three rounds of offers, both parties in each.

The vendor's third has the planted contradiction: spend is the list price in one clause and what was invoiced in
another.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from negotiation.demo.contract import LADDER, LOCKED, NEGOTIATION_ID, at
from negotiation.months import add_months, month_start
from negotiation.offers import offer_hash
from negotiation.records import Offer, OfferStatus, Party
from negotiation.terms import (
    CommitmentTerm,
    CreditTerm,
    FulfilmentInterval,
    LadderBasis,
    LadderTerm,
    LadderTier,
    PaymentTerm,
    PriceProtectionTerm,
    QualitativeTerm,
    RampStep,
    RampTerm,
    RateTerm,
    RenewalTerm,
    ShortfallOutcome,
    ShortfallTerm,
    Term,
)


def offers(anchor: date) -> tuple[Offer, ...]:
    """The six offers, oldest first."""
    start = add_months(month_start(anchor), 1)
    plan = (
        (1, Party.VENDOR, 45, OfferStatus.REJECTED, "45 % across the board", _deep(start)),
        (1, Party.BUYER, 41, OfferStatus.REJECTED, "Keep the ladder, no commitment", _lean(start)),
        (2, Party.VENDOR, 27, OfferStatus.SUPERSEDED, "Ladder with a growing commitment", _ramped(start)),
        (2, Party.BUYER, 22, OfferStatus.SUPERSEDED, "Ladder, list basis, small commitment", _small(start)),
        (3, Party.VENDOR, 8, OfferStatus.PROPOSED, "Ladder with pre-enablement credits", _credits(start)),
        (3, Party.BUYER, 4, OfferStatus.PROPOSED, "Ladder from 200,000, quarterly commitment", _ours(start)),
    )  # fmt: skip
    return tuple(
        _offer(anchor, number, party, ago, status, title, terms)
        for number, party, ago, status, title, terms in plan
    )


def _offer(
    anchor: date,
    number: int,
    party: Party,
    ago: int,
    status: OfferStatus,
    title: str,
    terms: tuple[Term, ...],
) -> Offer:
    made = anchor - timedelta(days=ago)
    valid_until = made + timedelta(days=45)
    return Offer(
        id=f"{NEGOTIATION_ID}-{number}-{party.lower()}-1",
        negotiation_id=NEGOTIATION_ID,
        round=number,
        party=party,
        status=status,
        title=title,
        terms=terms,
        valid_until=valid_until,
        created_at=at(made, 14),
        hash=offer_hash(
            negotiation_id=NEGOTIATION_ID,
            round_number=number,
            party=party,
            title=title,
            terms=terms,
            valid_until=valid_until,
        ),
    )


def _deep(start: date) -> tuple[Term, ...]:
    return (
        _span(start),
        RateTerm(
            id="rate", clause="1", text="45 % off list on all usage.", discount=Decimal("0.45")
        ),
        _commitment(3_600_000, "2"),
        ShortfallTerm(id="shortfall", clause="2", outcome=ShortfallOutcome.PAY_100),
        PaymentTerm(id="payment", clause="3", net_days=30),
    )


def _lean(start: date) -> tuple[Term, ...]:
    return (
        _span(start),
        LadderTerm(id="ladder", clause="1", tiers=LADDER),
        *_locked("2"),
        PaymentTerm(id="payment", clause="3", net_days=45),
        PriceProtectionTerm(id="protection", clause="4", max_increase=Decimal(0)),
    )


def _ramped(start: date) -> tuple[Term, ...]:
    return (
        _span(start),
        LadderTerm(
            id="ladder",
            clause="1",
            text="Discount by the amounts invoiced in the 90 days before the month.",
            tiers=LADDER,
            basis=LadderBasis.NET,
        ),
        _commitment(900_000, "2"),
        RampTerm(
            id="ramp",
            clause="2.1",
            steps=(RampStep(1, Decimal(900_000)), RampStep(13, Decimal(1_500_000))),
        ),
        ShortfallTerm(id="shortfall", clause="2.2", outcome=ShortfallOutcome.PAY_100),
        CreditTerm(
            id="credit",
            clause="3",
            text="Pre-enablement credit: 75 % of the first two invoices.",
            invoice_share=Decimal("0.75"),
            invoice_count=2,
            granted_on=start,
            expires_on=add_months(start, 6),
        ),
        PaymentTerm(id="payment", clause="4", net_days=30),
    )


def _small(start: date) -> tuple[Term, ...]:
    return (
        _span(start),
        LadderTerm(id="ladder", clause="1", tiers=LADDER),
        *_locked("2"),
        _commitment(480_000, "3"),
        ShortfallTerm(
            id="shortfall", clause="3", outcome=ShortfallOutcome.PAY_PCT, percent=Decimal("0.5")
        ),
        PaymentTerm(id="payment", clause="4", net_days=45),
        PriceProtectionTerm(id="protection", clause="5", max_increase=Decimal("0.03")),
    )


def _credits(start: date) -> tuple[Term, ...]:
    return (
        _span(start),
        LadderTerm(
            id="ladder",
            clause="Schedule A, 1",
            text="The discount follows Spend, the list price of usage in the 90 days before the month.",
            tiers=LADDER,
        ),
        LadderTerm(
            id="ladder-definition",
            clause="Schedule B, 4.2",
            text='"Spend" means the amounts invoiced after all discounts.',
            tiers=LADDER,
            basis=LadderBasis.NET,
        ),
        *_locked("Schedule A, 2"),
        _commitment(660_000, "Schedule A, 3"),
        ShortfallTerm(id="shortfall", clause="Schedule A, 3", outcome=ShortfallOutcome.PAY_100),
        CreditTerm(
            id="credit",
            clause="Schedule A, 4",
            text="Pre-enablement credit: 75 % of the first two invoices.",
            invoice_share=Decimal("0.75"),
            invoice_count=2,
            granted_on=start,
            expires_on=add_months(start, 6),
        ),
        PaymentTerm(id="payment", clause="Schedule A, 5", net_days=30),
        PriceProtectionTerm(id="protection", clause="Schedule A, 6", max_increase=Decimal("0.03")),
    )


def _ours(start: date) -> tuple[Term, ...]:
    tiers = (
        LADDER[0],
        LadderTier("B", Decimal(200_000), Decimal("0.38")),
        LadderTier("C", Decimal(800_000), Decimal("0.45")),
    )
    return (
        _span(start),
        LadderTerm(id="ladder", clause="1", tiers=tiers),
        *_locked("2"),
        _commitment(120_000, "3", FulfilmentInterval.QUARTERLY),
        ShortfallTerm(id="shortfall", clause="3", outcome=ShortfallOutcome.CARRY_FORWARD),
        CreditTerm(
            id="credit",
            clause="4",
            text="Pre-enablement credit.",
            amount=Decimal(60_000),
            granted_on=start,
            expires_on=add_months(start, 12),
        ),
        PaymentTerm(id="payment", clause="5", net_days=45),
        PriceProtectionTerm(id="protection", clause="6", max_increase=Decimal("0.02")),
        QualitativeTerm(
            id="exit",
            clause="7",
            text="Number porting at no charge on exit.",
            topic="exit",
            weight=Decimal("0.1"),
        ),
    )


def _span(start: date) -> RenewalTerm:
    return RenewalTerm(id="renewal", clause="Term", start=start, term_months=24)


def _commitment(
    amount: int, clause: str, interval: FulfilmentInterval = FulfilmentInterval.ANNUAL
) -> CommitmentTerm:
    return CommitmentTerm(id="commitment", clause=clause, amount=Decimal(amount), interval=interval)


def _locked(clause: str) -> tuple[RateTerm, ...]:
    return tuple(
        RateTerm(id=f"locked-{key}", clause=clause, sku=key, unit_price=Decimal(rate), locked=True)
        for key, rate, _ in LOCKED
    )
