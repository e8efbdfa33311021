"""What a rule has to say, made into messages: to whom, under which caps, and when. Used inside a commit, so that a firing,
what it queues and what the rule then knows are one transaction: whatever stops the process, it fired whole or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from negotiation.records import Notification, Snapshot
from negotiation.rules.kinds import KINDS
from negotiation.rules.model import Fact, HeldBack, Rule, RuleFiring
from negotiation.rules.quiet import quiet_until
from negotiation.rules.template import render
from negotiation.trace import Notice
from resolvers.allowances import allowed_number
from resolvers.errors import BadUserInput, GatewayError
from resolvers.notifications import DEMO_RECIPIENT, Message, admitted
from resolvers.ports import NotificationPolicy

DAY = timedelta(days=1)
FRESH = timedelta(hours=24)
"""How long after its time a text may still be sent: what was so days ago is no news, however long the queue stood still."""
TWINS = timedelta(minutes=10)
"""Two gateways notice the same thing within this time, and the same thing twice takes longer."""
REQUESTED_BY = "rules"
_KEY = re.compile(r"rule-(?P<series>[0-9a-f]{24})-(?P<number>\d+)-[0-9a-f]{12}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What firing depends on besides the picture. `ready`: messages really go out."""

    policy: NotificationPolicy
    ready: bool
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """Why it fires: `key` names this one time and no other."""

    subject: str
    facts: Mapping[str, str]
    key: str
    test: bool = False
    requested_by: str = REQUESTED_BY


def edge_key(rule: Rule, subject: str, number: int) -> str:
    """The key of the `number`th firing of the rule on the subject, at any gateway."""
    return f"{_series(rule, subject)}-{number}"


class Told:
    """What was told already, by us or by another gateway with which we share notifications, though not what it knows."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._times: dict[str, dict[int, datetime]] = {}
        for each in snapshot.notifications.values():
            if found := _KEY.fullmatch(each.idempotency_key):
                self._times.setdefault(found["series"], {})[int(found["number"])] = each.queued_at

    def last(self, rule: Rule, subject: str) -> tuple[int, datetime] | None:
        """The number and time of the last firing on the subject that anybody is known to have queued."""
        return max(self._times.get(_series(rule, subject), {}).items(), default=None)

    def number(self, rule: Rule, subject: str, wanted: int, now: datetime) -> int:
        """`wanted`, or the next that is free: what was queued just now is the twin of ours, what is older was another time."""
        times = self._times.get(_series(rule, subject), {})
        while wanted in times and now - times[wanted] > TWINS:
            wanted += 1
        return wanted


def body_of(rule: Rule, facts: Mapping[str, str], *, test: bool = False) -> str:
    """The rule's text with these facts."""
    template = KINDS[rule.kind].template if rule.template is None else rule.template
    return render(f"TEST: {template}" if test else template, facts)


def recipients_of(rule: Rule, policy: NotificationPolicy, *, ready: bool) -> tuple[str, ...]:
    """The rule's own, else the configured one, else (while nothing really goes out) a number kept for fiction."""
    if rule.recipients:
        return tuple(dict.fromkeys(rule.recipients))
    if policy.default_recipient is not None:
        return (policy.default_recipient,)
    return () if ready else (DEMO_RECIPIENT,)


def fire(
    snapshot: Snapshot,
    rule: Rule,
    occasion: Occasion,
    means: Means,
    *,
    besides: Sequence[Notification] = (),
    sent: int = 0,
) -> tuple[RuleFiring, list[Notification]]:
    """The firing to put, and the messages to put with it. `besides`: messages the same commit puts before them, `sent` of
    them by this rule."""
    send_at = _send_at(rule, means.now)
    body = body_of(rule, occasion.facts, test=occasion.test)
    queued: list[Notification] = []
    held: list[HeldBack] = []
    recipients = recipients_of(rule, means.policy, ready=means.ready)
    if not recipients:
        held.append(
            HeldBack(
                code="NO_RECIPIENT",
                message="Nobody is configured to receive it. Give the rule a recipient, or have NOTIFY_RECIPIENT set.",
            )
        )
    left = rule.daily_cap - _sent_lately(snapshot, rule, means.now) - sent
    for to in recipients:
        if len(queued) >= left:
            held.append(
                HeldBack(
                    code="RULE_CAP",
                    message=f"The rule sends at most {rule.daily_cap} messages in 24 hours.",
                )
            )
            continue
        message = Message(
            body=body,
            idempotency_key=f"rule-{occasion.key}-{_digest(to)[:12]}",
            to=to,
            channel=rule.channel,
            send_at=send_at,
            priority=rule.priority,
            expires_at=(means.now if send_at is None else send_at) + FRESH,
        )
        made = _made(snapshot, message, means, occasion, [*besides, *queued])
        if isinstance(made, HeldBack):
            held.append(made)
        else:
            queued.append(made)
    firing = RuleFiring(
        id=occasion.key,
        rule_id=rule.id,
        rule_name=rule.name,
        rule_version=rule.version,
        kind=rule.kind,
        subject=occasion.subject,
        at=means.now,
        body=body,
        facts=tuple(Fact(name=name, value=value) for name, value in occasion.facts.items()),
        notification_ids=tuple(each.id for each in queued),
        held_back=tuple(held),
        send_at=send_at if queued else None,
        test=occasion.test,
    )
    return firing, queued


def _made(
    snapshot: Snapshot,
    message: Message,
    means: Means,
    occasion: Occasion,
    besides: Sequence[Notification],
) -> Notification | HeldBack:
    assert message.to is not None
    key = message.idempotency_key
    if any(each.idempotency_key == key for each in snapshot.notifications.values()):
        return HeldBack(code="ALREADY_QUEUED", message="It was queued before, by another gateway.")
    try:
        if message.to != DEMO_RECIPIENT or means.ready:
            allowed_number(message.to, means.policy, path="recipients")
        made = admitted(
            snapshot,
            message,
            means.policy,
            means.now,
            requested_by=occasion.requested_by,
            besides=besides,
        )
    except BadUserInput as error:
        return HeldBack(code="RECIPIENT_NOT_ALLOWED", message=error.message)
    except GatewayError as error:
        return HeldBack(code=error.code, message=error.message)
    return HeldBack(code=made.code, message=made.message) if isinstance(made, Notice) else made


def _send_at(rule: Rule, now: datetime) -> datetime | None:
    if rule.quiet_hours is None or rule.passes_quiet_hours:
        return None
    return quiet_until(rule.quiet_hours, now)


def _sent_lately(snapshot: Snapshot, rule: Rule, now: datetime) -> int:
    return sum(
        len(each.notification_ids)
        for each in snapshot.rule_firings.values()
        if each.rule_id == rule.id and each.at > now - DAY
    )


def _series(rule: Rule, subject: str) -> str:
    return _digest(rule.id, subject)[:24]


def _digest(*parts: str) -> str:
    return sha256("\x1f".join(parts).encode()).hexdigest()[:40]
