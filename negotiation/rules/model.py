"""The records of the rules: the rule itself, what was last known of each subject it watches, and each time it fired."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from negotiation.channels import NotificationChannel, NotificationPriority


class RuleKind(StrEnum):
    ENVELOPE_OUT_OF_BAND = "ENVELOPE_OUT_OF_BAND"
    TIER_CHANGE = "TIER_CHANGE"
    COMMITMENT_BEHIND = "COMMITMENT_BEHIND"
    OFFER_RECEIVED = "OFFER_RECEIVED"
    OFFER_EXPIRING = "OFFER_EXPIRING"
    MILESTONE_LATE = "MILESTONE_LATE"
    APPROVAL_NEEDED = "APPROVAL_NEEDED"


class Weekday(StrEnum):
    MON = "MON"
    TUE = "TUE"
    WED = "WED"
    THU = "THU"
    FRI = "FRI"
    SAT = "SAT"
    SUN = "SUN"


class FiringOutcome(StrEnum):
    """QUEUED: to be sent at once; SCHEDULED: when the quiet hours end; HELD_BACK: nothing was queued."""

    QUEUED = "QUEUED"
    SCHEDULED = "SCHEDULED"
    HELD_BACK = "HELD_BACK"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """From `start` to `end` ("22:00", by the clocks of `zone`, an IANA name), beginning on each of `days`.

    An `end` that is not after `start` is on the next day; no days are all days.
    """

    start: str
    end: str
    zone: str
    days: tuple[Weekday, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What to watch, and whom to tell. `version` rises with every change (optimistic locking).

    `negotiation_id` None: every negotiation that is not over. `days`, `threshold` (a ratio) and `tier` mean what
    `kinds` says for the kind. No `recipients`: the configured one. `template` None: the kind's own. `daily_cap`: messages
    in 24 hours. `cooldown_hours`: at least so long between two firings on one subject; `repeats`: said again after each
    cooldown while it holds. `passes_quiet_hours`: sent in them all the same (HIGH priority only).
    """

    id: str
    name: str
    kind: RuleKind
    updated_at: datetime
    enabled: bool = False
    negotiation_id: str | None = None
    days: int | None = None
    threshold: Decimal | None = None
    tier: str | None = None
    recipients: tuple[str, ...] = ()
    channel: NotificationChannel = NotificationChannel.SMS
    template: str | None = None
    quiet_hours: QuietHours | None = None
    passes_quiet_hours: bool = False
    daily_cap: int = 10
    cooldown_hours: int = 0
    repeats: bool = False
    priority: NotificationPriority = NotificationPriority.NORMAL
    version: int = 1
    updated_by: str = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleState:
    """What a rule knows of one subject. `since`: when it began to hold, or no longer did.

    `told`: this time it holds was told, or needs no telling. `fired`: how often it fired so far, last at `fired_at`.
    """

    rule_id: str
    subject: str
    holds: bool
    since: datetime
    told: bool = False
    fired: int = 0
    fired_at: datetime | None = None
    id: str = ""

    def __post_init__(self) -> None:
        if not self.id:
            object.__setattr__(self, "id", state_id(self.rule_id, self.subject))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What a template may say by this name."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBack:
    """Why one recipient was not written to. `message` shows no number in full."""

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFiring:
    """One time a rule had something to say: what it was, and what became of it.

    `notification_ids`: what was queued; `held_back`: one reason for each recipient for whom nothing was. `send_at`: when
    the quiet hours end. `test`: asked for by a person, whatever holds.
    """

    id: str
    rule_id: str
    rule_name: str
    rule_version: int
    kind: RuleKind
    subject: str
    at: datetime
    body: str
    facts: tuple[Fact, ...] = ()
    notification_ids: tuple[str, ...] = ()
    held_back: tuple[HeldBack, ...] = ()
    send_at: datetime | None = None
    test: bool = False

    @property
    def outcome(self) -> FiringOutcome:
        if not self.notification_ids:
            return FiringOutcome.HELD_BACK
        return FiringOutcome.QUEUED if self.send_at is None else FiringOutcome.SCHEDULED


def state_id(rule_id: str, subject: str) -> str:
    """The id of what a rule knows of a subject."""
    return f"{rule_id}/{subject}"
