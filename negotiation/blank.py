"""The negotiation of a workspace that starts empty: a name, usual targets, nothing else yet."""

from __future__ import annotations

from decimal import Decimal

from negotiation.records import Negotiation, NegotiationStatus


def blank_negotiation() -> Negotiation:
    """Usage, invoices and offers are imported or proposed into it. Margins: 65 / 70 / 75 %."""
    return Negotiation(
        id="current",
        name="Twilio contract",
        vendor="Twilio",
        buyer="We",
        currency="USD",
        status=NegotiationStatus.PREPARING,
        version=1,
        floor_margin=Decimal("0.65"),
        target_margin=Decimal("0.70"),
        ceiling_margin=Decimal("0.75"),
    )
