"""Records with sensible values, changed where a test needs it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from negotiation.records import (
    Invoice,
    InvoiceStatus,
    Negotiation,
    NegotiationStatus,
    Notification,
    NotificationChannel,
    NotificationStatus,
    Provenance,
    StreamSide,
    StreamSpec,
)

NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)


def notification(number: int = 1, **changes: Any) -> Notification:
    values: dict[str, Any] = {
        "id": f"n-{number}",
        "idempotency_key": f"key-{number}",
        "channel": NotificationChannel.SMS,
        "to": "+14155550100",
        "body": f"Margin moved, no. {number}",
        "status": NotificationStatus.QUEUED,
        "queued_at": NOON,
        "updated_at": NOON,
        **changes,
    }
    return Notification(**values)


def invoice(number: int = 1, **changes: Any) -> Invoice:
    values: dict[str, Any] = {
        "id": f"inv-{number}",
        "number": f"INV-{number:04}",
        "period_start": date(2026, 3, 1),
        "period_end": date(2026, 3, 31),
        "amount": Decimal("100.00"),
        "currency": "USD",
        "status": InvoiceStatus.OPEN,
        **changes,
    }
    return Invoice(**values)


def stream(number: int = 1, **changes: Any) -> StreamSpec:
    values: dict[str, Any] = {
        "id": f"stream-{number}",
        "negotiation_id": "neg-1",
        "name": f"SMS {number}",
        "side": StreamSide.REVENUE,
        "unit": "message",
        "volume": Decimal(1000),
        "unit_price": Decimal("0.0075"),
        **changes,
    }
    return StreamSpec(**values)


def negotiation(**changes: Any) -> Negotiation:
    values: dict[str, Any] = {
        "id": "neg-1",
        "name": "Renewal",
        "vendor": "Twilio",
        "buyer": "Acme",
        "currency": "USD",
        "status": NegotiationStatus.OPEN,
        "version": 1,
        "floor_margin": Decimal("0.34"),
        "target_margin": Decimal("0.35"),
        "ceiling_margin": Decimal("0.36"),
        "provenance": Provenance.LIVE,
        **changes,
    }
    return Negotiation(**values)
