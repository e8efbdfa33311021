"""What may be saved as a rule. Recipients are the policy's business, whether a negotiation exists is the caller's."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from negotiation.channels import NotificationPriority
from negotiation.errors import NegotiationError
from negotiation.rules import template
from negotiation.rules.kinds import KINDS
from negotiation.rules.model import QuietHours, Rule
from negotiation.rules.quiet import clock_time, never_ends, zone

MAX_NAME: Final = 80
MAX_DAYS: Final = 365
MAX_RECIPIENTS: Final = 20
MAX_CAP: Final = 100
MAX_COOLDOWN: Final = 24 * 90


def rule_faults(rule: Rule) -> tuple[NegotiationError, ...]:
    """Everything that keeps the rule from being saved, each with its field in the names of Rule."""
    return tuple(_faults(rule))


def _faults(rule: Rule) -> Iterator[NegotiationError]:
    if not rule.name.strip() or len(rule.name) > MAX_NAME:
        yield _fault("name", "A rule needs a name.", f"Write 1 to {MAX_NAME} characters.")
    yield from _parameters(rule)
    if rule.template is not None:
        yield from template.faults(rule.template, tuple(KINDS[rule.kind].facts))
    if len(rule.recipients) > MAX_RECIPIENTS:
        yield _fault(
            "recipients",
            f"There are {len(rule.recipients)} recipients.",
            f"A rule may have {MAX_RECIPIENTS}.",
        )
    if rule.quiet_hours is not None:
        yield from _quiet(rule.quiet_hours)
    if rule.passes_quiet_hours and rule.priority is not NotificationPriority.HIGH:
        yield _fault(
            "passes_quiet_hours",
            "Only what has HIGH priority may be sent in quiet hours.",
            "Raise the priority, or keep the quiet hours.",
        )
    if not 1 <= rule.daily_cap <= MAX_CAP:
        yield _fault("daily_cap", f"{rule.daily_cap} messages a day cannot be.", f"1 to {MAX_CAP}.")
    if not 0 <= rule.cooldown_hours <= MAX_COOLDOWN:
        yield _fault(
            "cooldown_hours", f"{rule.cooldown_hours} hours cannot be.", f"0 to {MAX_COOLDOWN}."
        )
    elif rule.repeats and rule.cooldown_hours == 0:
        yield _fault(
            "cooldown_hours",
            "A rule that repeats itself needs a time between.",
            "Give at least one hour, or do not repeat.",
        )


def _parameters(rule: Rule) -> Iterator[NegotiationError]:
    kind = KINDS[rule.kind]
    for name in ("days", "threshold", "tier"):
        value, parameter = getattr(rule, name), kind.takes(name)
        if parameter is None and value is not None:
            taken = ", ".join(each.name for each in kind.parameters) or "none"
            yield _fault(
                name, f"A rule of the kind {rule.kind} does not take it.", f"It takes: {taken}."
            )
        elif parameter is not None and parameter.needed and value is None:
            yield _fault(name, f"A rule of the kind {rule.kind} needs it.", parameter.about)
    if rule.days is not None and not 0 <= rule.days <= MAX_DAYS:
        yield _fault("days", f"{rule.days} days cannot be.", f"0 to {MAX_DAYS}.")
    if rule.threshold is not None and not Decimal(0) <= rule.threshold < 1:
        yield _fault("threshold", f"{rule.threshold} is no share.", "Between 0 and 1.")
    if rule.tier is not None and not 1 <= len(rule.tier.strip()) <= MAX_NAME:
        yield _fault(
            "tier", "The tier has no name.", "Write it as the ladder has it, or leave it out."
        )


def _quiet(hours: QuietHours) -> Iterator[NegotiationError]:
    sound = True
    for name in ("start", "end"):
        try:
            clock_time(getattr(hours, name))
        except ValueError:
            sound = False
            yield _fault(
                f"quiet_hours.{name}",
                f"{getattr(hours, name)[:20]!r} is no time of day.",
                'Write it as "22:00".',
            )
    try:
        zone(hours.zone)
    except ValueError:
        yield _fault(
            "quiet_hours.zone",
            f"{hours.zone[:60]!r} is no time zone.",
            'Write an IANA name, as "America/New_York".',
        )
    if sound and never_ends(hours):
        yield _fault(
            "quiet_hours", "It would be quiet all week.", "Leave a day or an hour in which to send."
        )


def _fault(field: str, message: str, hint: str) -> NegotiationError:
    return NegotiationError("RULE_INVALID", message, field, hint)
