"""What may be saved as a rule: each fault names its field and says what to write."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from negotiation.channels import NotificationPriority
from negotiation.rules.model import QuietHours, RuleKind
from negotiation.rules.validity import rule_faults
from tests.builders import a_rule

NIGHT = {"start": "22:00", "end": "07:00", "zone": "Europe/Berlin"}


@pytest.mark.parametrize("kind", RuleKind)
def test_a_rule_of_each_kind_may_be_saved(kind: RuleKind) -> None:
    assert rule_faults(a_rule(kind, quiet_hours=QuietHours(**NIGHT))) == ()


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("name", {"name": " "}),
        ("name", {"name": "x" * 81}),
        ("days", {"days": 3}),
        ("tier", {"tier": "B"}),
        ("days", {"kind": RuleKind.OFFER_EXPIRING}),
        ("days", {"kind": RuleKind.OFFER_EXPIRING, "days": -1}),
        ("days", {"kind": RuleKind.MILESTONE_LATE, "days": 366}),
        ("threshold", {"threshold": Decimal(1)}),
        ("threshold", {"kind": RuleKind.OFFER_RECEIVED, "threshold": Decimal(0)}),
        ("template", {"template": "{{nothing}}"}),
        ("recipients", {"recipients": ("+14155550100",) * 21}),
        ("quiet_hours.start", {"quiet_hours": QuietHours(**NIGHT | {"start": "25:00"})}),
        ("quiet_hours.end", {"quiet_hours": QuietHours(**NIGHT | {"end": "7"})}),
        ("quiet_hours.zone", {"quiet_hours": QuietHours(**NIGHT | {"zone": "Berlin"})}),
        ("quiet_hours", {"quiet_hours": QuietHours(**NIGHT | {"end": "22:00"})}),
        ("passes_quiet_hours", {"passes_quiet_hours": True}),
        ("daily_cap", {"daily_cap": 0}),
        ("daily_cap", {"daily_cap": 101}),
        ("cooldown_hours", {"cooldown_hours": -1}),
        ("cooldown_hours", {"repeats": True}),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(field: str, changes: dict[str, Any]) -> None:
    [fault] = rule_faults(
        a_rule(changes.pop("kind", RuleKind.ENVELOPE_OUT_OF_BAND), **({"days": None} | changes))
    )
    assert fault.field == field
    assert fault.message
    assert fault.hint


def test_what_is_urgent_may_pass_the_quiet_hours() -> None:
    assert not rule_faults(a_rule(passes_quiet_hours=True, priority=NotificationPriority.HIGH))
