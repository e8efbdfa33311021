"""One rule of each kind for the demonstration, all switched off: whoever looks first sends nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from negotiation.channels import NotificationPriority
from negotiation.rules.model import QuietHours, Rule, RuleKind

_NIGHT = QuietHours(start="21:00", end="08:00", zone="America/New_York")
_SETTINGS: dict[RuleKind, dict[str, Any]] = {
    RuleKind.ENVELOPE_OUT_OF_BAND: {
        "name": "Margin half a point out of its band",
        "threshold": Decimal("0.005"),
        "cooldown_hours": 24,
    },
    RuleKind.TIER_CHANGE: {"name": "Another tier within a month", "days": 30},
    RuleKind.COMMITMENT_BEHIND: {
        "name": "Commitment missed by a twentieth, weekly",
        "threshold": Decimal("0.05"),
        "cooldown_hours": 168,
        "repeats": True,
    },
    RuleKind.OFFER_RECEIVED: {
        "name": "The vendor's next offer",
        "priority": NotificationPriority.HIGH,
    },
    RuleKind.OFFER_EXPIRING: {
        "name": "Three days to decide",
        "days": 3,
        "priority": NotificationPriority.HIGH,
    },
    RuleKind.MILESTONE_LATE: {
        "name": "Milestones late or due in two days",
        "days": 2,
        "quiet_hours": _NIGHT,
    },
    RuleKind.APPROVAL_NEEDED: {"name": "Approvals after the handshake", "quiet_hours": _NIGHT},
}


def demo_rules(anchor: date) -> tuple[Rule, ...]:
    """The rules as of `anchor`."""
    made_at = datetime.combine(anchor, time(8), UTC)
    return tuple(
        Rule(
            id=f"demo-{kind.value.lower().replace('_', '-')}",
            kind=kind,
            updated_at=made_at,
            **settings,
        )
        for kind, settings in _SETTINGS.items()
    )
