"""The demo's people and papers: the contract in force with its amendment, the approvals, the streams.

Names are invented; Twilio appears as the vendor only. Everything is dated relative to the anchor.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from negotiation.demo.catalogue import FAMILIES
from negotiation.months import add_months, month_end, month_start
from negotiation.records import (
    Milestone,
    MilestoneStatus,
    Negotiation,
    NegotiationStatus,
    Provenance,
    StreamSide,
    StreamSpec,
)
from negotiation.terms import (
    CommitmentTerm,
    CreditTerm,
    FulfilmentInterval,
    LadderTerm,
    LadderTier,
    PaymentTerm,
    PriceProtectionTerm,
    QualitativeTerm,
    RateTerm,
    RenewalTerm,
    ShortfallOutcome,
    ShortfallTerm,
    Stacking,
    Term,
)

NEGOTIATION_ID: Final = "demo"
VENDOR: Final = "Twilio"
BUYER: Final = "Larkspur Mobility"

LADDER: Final = (
    LadderTier("A", Decimal(0), Decimal("0.32")),
    LadderTier("B", Decimal(250_000), Decimal("0.37")),
    LadderTier("C", Decimal(1_000_000), Decimal("0.45")),
)

# SKU, locked rate, where it was agreed.
LOCKED: Final = (
    ("sms-outbound-longcode", "0.0057", "Order form, section 3"),
    ("sms-outbound-shortcode", "0.0055", "Order form, section 3"),
    ("calls-outbound", "0.0093", "Order form, section 3"),
    ("calls-inbound-tollfree", "0.0142", "Order form, section 3"),
    ("trunking-termination", "0.0049", "Order form, section 3"),
    ("authy-phone-verifications", "0.0310", "Amendment 1, section 2"),
    ("authy-sms-outbound", "0.0055", "Amendment 1, section 2"),
)
_FORM_CREDIT: Final = Decimal(12_000)
_AMENDMENT_CREDIT: Final = Decimal(8_000)

# Our estimate of the vendor's cost, as a share of its list price.
_COST_SHARES: Final = {
    "sms": "0.41",
    "mms": "0.38",
    "channels": "0.44",
    "voice": "0.36",
    "trunking": "0.33",
    "recordings": "0.17",
    "verify": "0.29",
    "lookup": "0.34",
    "numbers": "0.22",
    "carrier-fees": "1",
    "contact-center": "0.21",
    "video": "0.30",
}


def contract_start(anchor: date) -> date:
    """The 15th of the month 14 months before the anchor's."""
    return add_months(month_start(anchor), -14).replace(day=15)


def amendment_day(anchor: date) -> date:
    """The first day of the month eight months after the contract began."""
    return add_months(month_start(contract_start(anchor)), 8)


def contract_terms(anchor: date) -> tuple[Term, ...]:
    """The contract in force: order form and Amendment 1."""
    start = contract_start(anchor)
    amended = amendment_day(anchor)
    return (
        RenewalTerm(
            id="renewal",
            clause="Order form, section 1",
            text="Two years; renews for the same period unless either party gives 60 days' notice.",
            start=start,
            term_months=24,
            notice_days=60,
            auto_renew=True,
        ),
        LadderTerm(
            id="ladder",
            clause="Order form, section 2",
            text="Discount by the list price of usage of the 90 days before the first day of the month.",
            tiers=LADDER,
            stacking=Stacking.BETTER_OF,
        ),
        *(
            RateTerm(
                id=f"locked-{key}",
                clause=clause,
                text="Locked for the term; the lower of this rate and the discounted rate applies.",
                sku=key,
                unit_price=Decimal(rate),
                locked=True,
            )
            for key, rate, clause in LOCKED
        ),
        CommitmentTerm(
            id="commitment",
            clause="Order form, section 4",
            text="Minimum spend in each contract year, before credits and without carrier fees.",
            amount=Decimal(540_000),
            interval=FulfilmentInterval.ANNUAL,
        ),
        ShortfallTerm(
            id="shortfall",
            clause="Order form, section 4",
            text="Half of a shortfall is due.",
            outcome=ShortfallOutcome.PAY_PCT,
            percent=Decimal("0.5"),
        ),
        CreditTerm(
            id="credit-migration",
            clause="Order form, section 5",
            text="Migration credit.",
            amount=_FORM_CREDIT,
            granted_on=start,
            expires_on=add_months(start, 12),
        ),
        CreditTerm(
            id="credit-outage",
            clause="Amendment 1, section 3",
            text="Credit for the outage of the spring, usable for six months.",
            amount=_AMENDMENT_CREDIT,
            granted_on=amended,
            expires_on=month_end(add_months(amended, 5)),
        ),
        PaymentTerm(id="payment", clause="Order form, section 6", text="Net 30.", net_days=30),
        PriceProtectionTerm(
            id="protection",
            clause="Amendment 1, section 4",
            text="List prices rise by at most 3 % a contract year.",
            max_increase=Decimal("0.03"),
        ),
        QualitativeTerm(
            id="support",
            clause="Order form, section 7",
            text="Named support engineer in our time zone.",
            topic="support",
            weight=Decimal("0.2"),
        ),
    )


def negotiation(anchor: date) -> Negotiation:
    return Negotiation(
        id=NEGOTIATION_ID,
        name=f"{VENDOR} renewal",
        vendor=VENDOR,
        buyer=BUYER,
        currency="USD",
        status=NegotiationStatus.OPEN,
        version=1,
        floor_margin=Decimal("0.35"),
        target_margin=Decimal("0.45"),
        ceiling_margin=Decimal("0.6"),
        terms=contract_terms(anchor),
        provenance=Provenance.FIXTURE,
        as_of=at(anchor, 0),
    )


def streams() -> tuple[StreamSpec, ...]:
    """What each family earns the vendor, and our estimate of what it costs it."""
    units = {"numbers": "number", "contact-center": "hour", "verify": "verification"}
    units |= {"lookup": "request", "mms": "message", "channels": "message"}
    units |= dict.fromkeys(("voice", "trunking", "recordings", "video"), "minute")
    return tuple(
        StreamSpec(
            id=f"{NEGOTIATION_ID}-{side.lower()}-{family}",
            negotiation_id=NEGOTIATION_ID,
            name=name,
            side=side,
            unit=units.get(family, "segment"),
            family=family,
            cost_share=Decimal(_COST_SHARES[family]) if side is StreamSide.EXPENSE else None,
            provenance=Provenance.FIXTURE,
        )
        for side in StreamSide
        for family, name in FAMILIES.items()
    )


def milestones(anchor: date) -> tuple[Milestone, ...]:
    """Six approvals; two of them are late."""
    plan = (
        ("usage-review", "Usage forecast agreed with product", "analyst", -24, "analyst"),
        ("finance", "Finance approves the target band", "approver", -16, "approver"),
        ("security", "Security review of the sub-processors", "approver", -9, None),
        ("legal", "Legal review of the paper", "approver", -3, None),
        ("procurement", "Procurement releases the commitment", "negotiator", 8, None),
        ("executive", "Executive sponsor signs off", "admin", 19, None),
    )
    return tuple(
        Milestone(
            id=f"{NEGOTIATION_ID}-{key}",
            negotiation_id=NEGOTIATION_ID,
            name=name,
            owner_role=role,
            due_on=anchor + timedelta(days=due),
            status=MilestoneStatus.APPROVED if decided_by else MilestoneStatus.PENDING,
            decided_by=decided_by,
            decided_at=at(anchor + timedelta(days=due - 2), 15) if decided_by else None,
        )
        for key, name, role, due, decided_by in plan
    )


def at(day: date, hour: int) -> datetime:
    """An hour of a day, UTC."""
    return datetime.combine(day, time(hour), UTC)
