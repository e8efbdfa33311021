"""A small, complete workspace: one negotiation with a contract, usage, offers, invoices, milestones and messages."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from negotiation.offers import offer_hash
from negotiation.records import (
    InvoiceStatus,
    NotificationStatus,
    Offer,
    OfferStatus,
    Party,
    Record,
    StreamSide,
)
from negotiation.terms import (
    CommitmentTerm,
    CreditTerm,
    PaymentTerm,
    QualitativeTerm,
    RateTerm,
    Term,
)
from tests.builders import (
    a_ladder,
    a_line,
    a_milestone,
    a_negotiation,
    a_notification,
    a_renewal,
    a_row,
    a_sku,
    a_stream,
    an_invoice,
    an_offer,
)
from tests.fakes import NOON

TODAY = NOON.date()
FIRST_DAY = TODAY - timedelta(days=400)
GAP = date(2026, 2, 14)

SMS = a_sku("sms-outbound-us")
VOICE = a_sku("voice-outbound-us", family="voice", unit="minute", list_rate=Decimal("0.0140"))
FEE = a_sku("carrier-fee-us", family="carrier-fees", list_rate=Decimal("0.0035"), pass_through=True)

CONTRACT: tuple[Term, ...] = (
    a_ladder(),
    a_renewal(),
    RateTerm(id="voice", family="voice", unit_price=Decimal("0.0100"), locked=True),
)
TABLED: tuple[Term, ...] = (
    a_ladder(),
    CommitmentTerm(id="commitment", clause="4.2", amount=Decimal(300_000)),
    CreditTerm(id="credit", amount=Decimal(20_000), expires_on=date(2026, 12, 31)),
    PaymentTerm(id="payment", net_days=45),
    a_renewal(start=date(2026, 9, 15), term_months=12),
    QualitativeTerm(id="support", topic="Support level", weight=Decimal("0.4")),
)


def offer(own_id: str, number: int, party: Party, status: OfferStatus, *terms: Term) -> Offer:
    content = {"round_number": number, "party": party, "title": own_id, "terms": terms or TABLED}
    return an_offer(
        id=own_id,
        round=number,
        party=party,
        status=status,
        title=own_id,
        terms=terms or TABLED,
        created_at=NOON - timedelta(days=30 - number),
        hash=offer_hash(negotiation_id="neg-1", valid_until=None, **content),  # type: ignore[arg-type]
    )


def usage() -> list[Record]:
    """Every day but one of 400: 100,000 segments (and as many fees) and 20,000 minutes."""
    rows: list[Record] = []
    for number in range(400):
        day = FIRST_DAY + timedelta(days=number)
        if day != GAP:
            rows += [
                a_row(day, SMS.key, 100_000),
                a_row(day, VOICE.key, 20_000),
                a_row(day, FEE.key, 100_000),
            ]
    return rows


def workspace() -> list[Record]:
    """All records. Today is 2026-04-01; vendor offer in round 1, ours in round 2 with a draft behind it."""
    return [
        SMS,
        VOICE,
        FEE,
        a_negotiation(terms=CONTRACT),
        a_stream(id="sms", name="SMS", family="sms"),
        a_stream(
            id="sms-cost",
            name="Cost of SMS",
            side=StreamSide.EXPENSE,
            family="sms",
            cost_share=Decimal("0.35"),
        ),
        a_stream(
            id="voice-cost",
            name="Cost of voice",
            side=StreamSide.EXPENSE,
            family="voice",
            unit="minute",
            cost_share=Decimal("0.40"),
        ),
        offer("opening", 1, Party.VENDOR, OfferStatus.SUPERSEDED),
        offer("counter", 1, Party.BUYER, OfferStatus.REJECTED),
        offer("improved", 2, Party.VENDOR, OfferStatus.PROPOSED),
        offer("secret-draft", 2, Party.BUYER, OfferStatus.DRAFT, a_ladder()),
        a_milestone(id="finance", name="Finance approval", due_on=TODAY - timedelta(days=3)),
        a_milestone(id="legal", name="Legal approval", due_on=TODAY + timedelta(days=30)),
        an_invoice(
            id="INV-2026-02",
            number="INV-2026-02",
            period_start=date(2026, 2, 1),
            period_end=date(2026, 2, 28),
            amount=Decimal("52000.00"),
            status=InvoiceStatus.PAID,
            lines=(
                a_line(1, "45000.00", sku=SMS.key, quantity=Decimal(2_700_000)),
                a_line(2, "7000.00", sku=VOICE.key, quantity=Decimal(540_000)),
            ),
        ),
        an_invoice(amount=Decimal("61000.00")),
        an_invoice(id="EUR-1", number="EUR-1", amount=Decimal("10.00"), currency="EUR"),
        a_notification(to="+14155552671"),
        a_notification(
            id="notification-2",
            idempotency_key="key-2",
            to="+14155552671",
            status=NotificationStatus.FAILED,
            error_code="30003",
            error_message="Unreachable",
            queued_at=NOON - timedelta(hours=2),
        ),
        *usage(),
    ]
