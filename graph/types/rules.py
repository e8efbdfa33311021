"""Rules that notify, what they would say, and what they said."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Self

import strawberry

from graph.scalars import Ratio, ratio_or_none
from graph.types.common import Connection, Node, Notice, connected, given, mirrored
from graph.types.notifications import Notification
from negotiation import records
from negotiation.errors import wire_name
from negotiation.rules import kinds, model
from negotiation.sms import SmsEncoding
from resolvers import ids, rules
from resolvers.paging import Page
from resolvers.view import View

UNSET = strawberry.UNSET


@strawberry.type(
    description="No messages from `start` to `end` by the clocks of `zone`, beginning on `days` (none: every day). An end that "
    "is not after the start is on the next day. What falls into it waits until it ends."
)
class QuietHours:
    start: str
    end: str
    zone: str
    days: list[model.Weekday]


@strawberry.type(
    description="What to watch, and whom to tell. `days`, `threshold` and `tier` mean what `ruleKinds` says for the kind. "
    "No `recipients`: the configured one. `template` null: `text` is the kind's own."
)
class Rule(Node):
    name: str
    kind: model.RuleKind
    enabled: bool
    negotiation_id: strawberry.ID | None
    days: int | None
    threshold: Ratio | None
    tier: str | None
    recipients: list[str]
    channel: records.NotificationChannel
    template: str | None
    text: str
    quiet_hours: QuietHours | None
    passes_quiet_hours: bool
    daily_cap: int = strawberry.field(description="Messages in 24 hours.")
    cooldown_hours: int = strawberry.field(
        description="At least so long between two firings on one subject."
    )
    repeats: bool = strawberry.field(
        description="Told again after each cooldown for as long as it holds."
    )
    priority: records.NotificationPriority
    version: int
    updated_at: datetime
    updated_by: str
    last_fired_at: datetime | None

    @classmethod
    def of(cls, view: View, rule: model.Rule) -> Self:
        last = rules.last_firing(view, rule)
        quiet = rule.quiet_hours
        return mirrored(
            cls,
            rule,
            id=strawberry.ID(ids.global_id(ids.RULE, rule.id)),
            negotiation_id=None
            if rule.negotiation_id is None
            else ids.global_id(ids.NEGOTIATION, rule.negotiation_id),
            threshold=ratio_or_none(rule.threshold),
            recipients=rules.shown_recipients(view, rule),
            text=kinds.KINDS[rule.kind].template if rule.template is None else rule.template,
            quiet_hours=None
            if quiet is None
            else mirrored(QuietHours, quiet, days=list(quiet.days)),
            last_fired_at=None if last is None else last.at,
        )


@strawberry.type(description="What a text may say by this name.")
class RuleFact:
    name: str
    value: str


@strawberry.type(
    description="One time a rule had something to say. `heldBack`: one reason for each recipient for whom nothing was queued. "
    "`sendAt`: when the quiet hours end. `test`: asked for by a person."
)
class RuleFiring(Node):
    rule_id: strawberry.ID
    rule_name: str
    kind: model.RuleKind
    subject: str
    at: datetime
    body: str
    facts: list[RuleFact]
    outcome: model.FiringOutcome
    notifications: list[Notification]
    held_back: list[Notice]
    send_at: datetime | None
    test: bool

    @classmethod
    def of(cls, view: View, firing: model.RuleFiring) -> Self:
        found = (view.snapshot.notifications.get(each) for each in firing.notification_ids)
        return mirrored(
            cls,
            firing,
            id=strawberry.ID(ids.global_id(ids.FIRING, firing.id)),
            rule_id=ids.global_id(ids.RULE, firing.rule_id),
            facts=[mirrored(RuleFact, each) for each in firing.facts],
            notifications=[Notification.of(view, each) for each in found if each is not None],
            held_back=[
                Notice(code=each.code, message=each.message, field=None)
                for each in firing.held_back
            ],
        )


@strawberry.type(
    description="One subject that holds now. `told`: a rule that is switched on tells it."
)
class RuleMatch:
    subject: str
    body: str
    told: bool


@strawberry.type(
    description="What a rule would say now and what one message takes and costs. `body` is null while the text has problems. "
    "`sample`: there is nothing to take facts from, they are placeholders. `problems`: what keeps it from being saved."
)
class RulePreview:
    body: str | None
    encoding: SmsEncoding
    characters: int
    units: int
    segments: int
    price: Decimal
    currency: str
    recipients: int
    matches: list[RuleMatch]
    facts: list[RuleFact]
    sample: bool
    problems: list[Notice]

    @classmethod
    def of(cls, found: rules.Preview) -> Self:
        return mirrored(
            cls,
            found,
            matches=[mirrored(RuleMatch, each) for each in found.matches],
            facts=[RuleFact(name=name, value=value) for name, value in found.facts],
            problems=Notice.of(found.problems),
        )


@strawberry.type
class RuleParameter:
    name: str
    about: str
    needed: bool


@strawberry.type
class RuleName:
    name: str
    about: str


@strawberry.type(
    description="A kind of rule: what it watches, the parameters it takes, the `names` its text may say, its own `text`."
)
class RuleKindInfo:
    kind: model.RuleKind
    label: str
    about: str
    text: str
    names: list[RuleName]
    parameters: list[RuleParameter]

    @classmethod
    def all(cls) -> list[Self]:
        return [
            cls(
                kind=kind,
                label=found.label,
                about=found.about,
                text=found.template,
                names=[RuleName(name=name, about=about) for name, about in found.facts.items()],
                parameters=[
                    mirrored(RuleParameter, each, name=wire_name(each.name))
                    for each in found.parameters
                ],
            )
            for kind, found in kinds.KINDS.items()
        ]


@strawberry.input
class QuietHoursInput:
    start: str
    end: str
    zone: str
    days: list[model.Weekday] | None = UNSET

    def hours(self) -> model.QuietHours:
        wanted = set(given(self.days) or ())
        return model.QuietHours(
            start=self.start,
            end=self.end,
            zone=self.zone,
            days=tuple(each for each in model.Weekday if each in wanted),
        )


@strawberry.input(
    description="A whole rule. Without `id` a new one is made; with it the one there is becomes this, where it still has "
    "`version` (left out: whatever it has)."
)
class RuleInput:
    id: strawberry.ID | None = UNSET
    version: int | None = UNSET
    name: str
    kind: model.RuleKind
    enabled: bool = False
    negotiation_id: strawberry.ID | None = UNSET
    days: int | None = UNSET
    threshold: Ratio | None = UNSET
    tier: str | None = UNSET
    recipients: list[str] | None = UNSET
    channel: records.NotificationChannel = records.NotificationChannel.SMS
    template: str | None = UNSET
    quiet_hours: QuietHoursInput | None = UNSET
    passes_quiet_hours: bool = False
    daily_cap: int = 10
    cooldown_hours: int = 0
    repeats: bool = False
    priority: records.NotificationPriority = records.NotificationPriority.NORMAL

    def own_id(self) -> str | None:
        wanted = given(self.id)
        return None if wanted is None else ids.own_id(ids.RULE, wanted, path="input.id")

    def rule(self) -> model.Rule:
        """As it was given, not yet looked at."""
        negotiation = given(self.negotiation_id)
        quiet = given(self.quiet_hours)
        same: dict[str, Any] = {
            each.name: given(getattr(self, each.name))
            for each in fields(self)
            if each.name not in {"id", "version", "negotiation_id", "recipients", "quiet_hours"}
        }
        return model.Rule(
            id="",
            updated_at=datetime.min.replace(tzinfo=UTC),
            negotiation_id=None
            if negotiation is None
            else ids.own_id(ids.NEGOTIATION, negotiation, path="input.negotiationId"),
            recipients=tuple(given(self.recipients) or ()),
            quiet_hours=None if quiet is None else quiet.hours(),
            **same,
        )


@strawberry.type
class SaveRulePayload:
    rule: Rule | None
    revision: int
    user_errors: list[Notice]

    @classmethod
    def of(cls, view: View, saved: rules.Saved) -> Self:
        rule = None if saved.rule is None else Rule.of(view, saved.rule)
        return cls(rule=rule, revision=saved.snapshot.revision, user_errors=[])


@strawberry.type
class DeleteRulePayload:
    id: strawberry.ID
    revision: int
    user_errors: list[Notice]


@strawberry.type(description="`userErrors`: why nothing was queued for a recipient.")
class TestRulePayload:
    firing: RuleFiring
    revision: int
    user_errors: list[Notice]


def firing_connection(view: View, page: Page[model.RuleFiring]) -> Connection[RuleFiring]:
    return Connection[RuleFiring](**connected(page, lambda each: RuleFiring.of(view, each)))
