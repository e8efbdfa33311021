"""Notifications: queued durably and answered at once; who may be texted, how much, and what a person may still change.

Nothing is sent here: a committed row is the outbox's to claim. States move QUEUED → SENDING → SENT → DELIVERED, or to
FAILED, UNCONFIRMED (a person decides) and CANCELLED.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from negotiation.money import exact_arithmetic
from negotiation.opt_outs import refuser, stopped, was_refused
from negotiation.phone import mask_phone
from negotiation.records import (
    Notification,
    NotificationChannel,
    NotificationPriority,
    NotificationStatus,
    Snapshot,
)
from negotiation.sms import MAX_CHARACTERS, SmsEncoding, measure
from negotiation.trace import Notice
from resolvers import opt_outs
from resolvers.allowances import (
    allowed_number,
    check_caps,
    checked_recipient,
)
from resolvers.errors import BadUserInput, FieldError, GatewayError, NotFound
from resolvers.paging import Key, Page, checked_first, latest_first, page
from resolvers.ports import Actor, NotificationPolicy, Put, Services, Write
from resolvers.view import View

LONGEST_KEY = 200
SEES_NUMBERS = frozenset({"negotiator", "admin"})
CANCELLABLE = frozenset({NotificationStatus.QUEUED, NotificationStatus.UNCONFIRMED})
RETRYABLE = frozenset(
    {NotificationStatus.FAILED, NotificationStatus.CANCELLED, NotificationStatus.UNCONFIRMED}
)

DEMO_RECIPIENT = "+12025550100"
"""Where the demo goes while neither a recipient nor credentials are configured: one of the numbers 555-0100 to
555-0199 that the North American Numbering Plan keeps for fiction. It can be queued and looked at, and reaches nobody."""

RETRY_AT_ONCE = 100
LATEST = timedelta(days=30)

Outcome = tuple[Snapshot, Notification | None, tuple[Notice, ...]]
BatchOutcome = tuple[Snapshot, list[Notification], tuple[Notice, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is asked to be sent. `to` None: the configured recipient; `send_at` None or past: as soon as it can be;
    `expires_at`: from then on not at all, None: whenever it can be.
    """

    body: str
    idempotency_key: str
    to: str | None = None
    channel: NotificationChannel = NotificationChannel.SMS
    send_at: datetime | None = None
    priority: NotificationPriority = NotificationPriority.NORMAL
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a text would take and cost (`price` in `currency`), and why it would not be queued now, if so."""

    encoding: SmsEncoding
    characters: int
    units: int
    segments: int
    price: Decimal
    currency: str
    refusal: Notice | None


def listing(
    view: View,
    status: Sequence[NotificationStatus] | None,
    *,
    first: int | None,
    after: str | None,
) -> Page[Notification]:
    """Newest first, those of the given states only."""
    size = checked_first(first, 50)
    ordered = view.figures.once(
        "notifications", lambda: sorted(view.snapshot.notifications.values(), key=_order)
    )
    taken = ordered if status is None else [each for each in ordered if each.status in status]
    return page(taken, _order, first=size, after=after)


def shown_number(view: View, notification: Notification) -> str:
    """The recipient, masked for those whose work does not need it."""
    return notification.to if view.actor.roles & SEES_NUMBERS else mask_phone(notification.to)


async def send(services: Services, actor: Actor, message: Message) -> Outcome:
    """Queue a message. The same key with the same content is the same row; with another it is refused.

    Raises BadUserInput (recipient, body, key), RateLimited or LimitExceeded.
    """
    _checked_content(message)
    checked_times(message, services.clock.now())
    recipient = checked_recipient(message.to, services.policy)

    def answer_known(known: Notification) -> Notice | None:
        same = (known.channel, known.to, known.body) == (message.channel, recipient, message.body)
        return None if same else _key_reused(message.idempotency_key)

    return await _queue(
        services,
        actor,
        replace(message, to=recipient),
        answer_known,
        cause="sendNotification",
    )


async def send_demo(
    services: Services, actor: Actor, *, body: str, idempotency_key: str | None
) -> Outcome:
    """Queue `body` to the configured recipient; without one and without credentials, to a number kept for fiction.

    The same key is the same row, whatever the envelope has become since.
    """
    key = f"demo-{uuid.uuid4().hex}" if idempotency_key is None else idempotency_key
    to = services.policy.default_recipient
    if to is None and services.notifier.ready:
        notice = Notice(
            "NO_RECIPIENT",
            "Nobody is configured to receive the demo notification. Set NOTIFY_RECIPIENT to a number in E.164.",
            "to",
        )
        return services.store.snapshot(), None, (notice,)
    message = Message(body=body, idempotency_key=key, to=DEMO_RECIPIENT if to is None else to)
    _checked_content(message, at="")
    return await _queue(services, actor, message, lambda _: None, cause="sendDemoNotification")


async def retry(services: Services, actor: Actor, notification_id: str) -> Outcome:
    """Queue a failed, cancelled or unconfirmed message again, under today's policy."""

    def decide(snapshot: Snapshot, known: Notification) -> Notification | Notice:
        if known.status not in RETRYABLE:
            return _wrong_state(known, "queued again", RETRYABLE)
        if known.to in stopped(snapshot) and (held := refuser(snapshot, known.to)) is not None:
            return opt_outs.refusal(held)
        if known.to != DEMO_RECIPIENT:
            allowed_number(known.to, services.policy, path="id")
        others = [each for each in snapshot.notifications.values() if each.id != known.id]
        check_caps(others, known.to, known.body, services.policy, services.clock.now())
        return _again(known, services.clock.now())

    outcome = await _change(services, actor, notification_id, decide, cause="retryNotification")
    services.wake_outbox()
    return outcome


async def retry_failed(services: Services, actor: Actor) -> BatchOutcome:
    """Queue what failed again, the oldest first and at most RETRY_AT_ONCE, each under today's policy, in one commit.

    Left alone: recipients who opted out, and what the policy does not allow; a notice says how many and why.
    """
    queued: list[str] = []
    left: dict[str, int] = {}

    def decide(snapshot: Snapshot) -> Sequence[Write]:
        queued.clear()
        left.clear()
        now = services.clock.now()
        rows = dict(snapshot.notifications)
        failed = [row for row in rows.values() if row.status is NotificationStatus.FAILED]
        writes: list[Write] = []
        for known in sorted(failed, key=lambda row: (row.queued_at, row.id)):
            if len(writes) == RETRY_AT_ONCE:
                _count(left, f"At most {RETRY_AT_ONCE} are queued at once; retry the rest again.")
                continue
            if was_refused(known) or known.to in stopped(snapshot):
                _count(left, "The recipient has opted out.")
                continue
            others = [row for row in rows.values() if row.id != known.id]
            try:
                if known.to != DEMO_RECIPIENT:
                    allowed_number(known.to, services.policy, path="id")
                check_caps(others, known.to, known.body, services.policy, now)
            except GatewayError as error:
                _count(left, error.message)
                continue
            again = _again(known, now)
            rows[known.id] = replace(again, queued_at=now)  # it counts as of today
            queued.append(known.id)
            writes.append(Put(again))
        return writes

    snapshot = await services.store.commit(decide, actor=actor.id, cause="retryFailedNotifications")
    services.wake_outbox()
    notices = tuple(
        Notice("NOT_RETRIED", f"{number} not queued again: {why}", None)
        for why, number in left.items()
    )
    return snapshot, [snapshot.notifications[each] for each in queued], notices


async def cancel(services: Services, actor: Actor, notification_id: str) -> Outcome:
    """Take a message that nobody is sending out of the queue."""

    def decide(_: Snapshot, known: Notification) -> Notification | Notice:
        if known.status not in CANCELLABLE:
            return _wrong_state(known, "cancelled", CANCELLABLE)
        return replace(
            known,
            status=NotificationStatus.CANCELLED,
            next_attempt_at=None,
            updated_at=services.clock.now(),
        )

    return await _change(services, actor, notification_id, decide, cause="cancelNotification")


def preview(view: View, body: str, to: str | None) -> Preview:
    """What `body` would take and cost, and whether it would be queued now. Queues nothing."""
    services = view.services
    policy, length = services.policy, measure(body)
    rows = view.snapshot.notifications.values()
    refusal: Notice | None = None
    try:
        _checked_content(Message(body=body, idempotency_key="preview"), at="")
        recipient = checked_recipient(to, policy, path="to")
        if (held := refuser(view.snapshot, recipient)) is not None:
            refusal = opt_outs.refusal(held)
        check_caps(rows, recipient, body, policy, services.clock.now())
    except GatewayError as error:
        at = error.fields[0].path if isinstance(error, BadUserInput) and error.fields else None
        refusal = Notice(error.code, error.message, at)
    with exact_arithmetic():
        price = policy.price_per_segment * length.segments
    return Preview(
        encoding=length.encoding,
        characters=len(body),
        units=length.units,
        segments=length.segments,
        price=price,
        currency=policy.currency,
        refusal=refusal,
    )


def _again(known: Notification, now: datetime) -> Notification:
    """With all its tries before it. An expiry that has passed is lifted: whoever asks means it."""
    late = known.expires_at is not None and known.expires_at <= now
    return replace(
        known,
        expires_at=None if late else known.expires_at,
        status=NotificationStatus.QUEUED,
        attempts=0,
        next_attempt_at=None,
        lease_owner=None,
        lease_until=None,
        provider_id=None,
        error_code=None,
        error_message=None,
        updated_at=now,
    )


def _count(left: dict[str, int], why: str) -> None:
    left[why] = left.get(why, 0) + 1


def admitted(
    snapshot: Snapshot,
    message: Message,
    policy: NotificationPolicy,
    now: datetime,
    *,
    requested_by: str,
    own_id: str | None = None,
    besides: Iterable[Notification] = (),
) -> Notification | Notice:
    """The row to put for a checked message, for use inside a commit: `besides` are rows that the same commit puts before it.

    A Notice says that its recipient has opted out. Raises RateLimited or LimitExceeded at a cap.
    """
    assert message.to is not None
    rows = (*snapshot.notifications.values(), *besides)
    if (held := refuser(snapshot, message.to)) is not None:
        return opt_outs.refusal(held)
    check_caps(rows, message.to, message.body, policy, now)
    return Notification(
        id=uuid.uuid4().hex if own_id is None else own_id,
        idempotency_key=message.idempotency_key,
        channel=message.channel,
        to=message.to,
        body=message.body,
        status=NotificationStatus.QUEUED,
        queued_at=now,
        updated_at=now,
        next_attempt_at=message.send_at if message.send_at and message.send_at > now else None,
        requested_by=requested_by,
        priority=message.priority,
        expires_at=message.expires_at,
    )


async def _queue(
    services: Services,
    actor: Actor,
    message: Message,
    answer_known: Callable[[Notification], Notice | None],
    *,
    cause: str,
) -> Outcome:
    own_id = uuid.uuid4().hex
    refusal: Notice | None = None

    def decide(snapshot: Snapshot) -> Sequence[Write]:
        nonlocal refusal
        known = _with_key(snapshot, message.idempotency_key)
        refusal = None if known is None else answer_known(known)
        if known is not None:
            return ()
        made = admitted(
            snapshot,
            message,
            services.policy,
            services.clock.now(),
            requested_by=actor.id,
            own_id=own_id,
        )
        if isinstance(made, Notice):
            refusal = made
            return ()
        return (Put(made),)

    snapshot = await services.store.commit(decide, actor=actor.id, cause=cause)
    if refusal is not None:
        return snapshot, None, (refusal,)
    services.wake_outbox()
    return snapshot, _with_key(snapshot, message.idempotency_key), ()


async def _change(
    services: Services,
    actor: Actor,
    notification_id: str,
    decide_one: Callable[[Snapshot, Notification], Notification | Notice],
    *,
    cause: str,
) -> Outcome:
    refusal: Notice | None = None

    def decide(snapshot: Snapshot) -> Sequence[Write]:
        nonlocal refusal
        known = snapshot.notifications.get(notification_id)
        if known is None:
            raise NotFound(f"There is no notification {notification_id!r}.")
        decision = decide_one(snapshot, known)
        refusal = decision if isinstance(decision, Notice) else None
        return () if isinstance(decision, Notice) else (Put(decision),)

    snapshot = await services.store.commit(decide, actor=actor.id, cause=cause)
    return snapshot, snapshot.notifications.get(notification_id), (refusal,) if refusal else ()


def _order(notification: Notification) -> Key:
    return (latest_first(notification.queued_at), notification.id)


def _with_key(snapshot: Snapshot, key: str) -> Notification | None:
    return next(
        (each for each in snapshot.notifications.values() if each.idempotency_key == key), None
    )


def _checked_content(message: Message, *, at: str = "input.") -> None:
    faults = []
    if not message.body.strip():
        faults.append(FieldError(f"{at}body", "The message is empty.", "Write what to send."))
    if len(message.body) > MAX_CHARACTERS:
        faults.append(
            FieldError(
                f"{at}body",
                f"The message has {len(message.body)} characters.",
                f"At most {MAX_CHARACTERS} can be sent.",
            )
        )
    if not message.idempotency_key.strip() or len(message.idempotency_key) > LONGEST_KEY:
        faults.append(
            FieldError(
                f"{at}idempotencyKey",
                f"The key must have 1 to {LONGEST_KEY} characters.",
                "Make one per message, and use it again when you repeat the request.",
            )
        )
    if faults:
        raise BadUserInput(" ".join(fault.message for fault in faults), faults)


def checked_times(message: Message, now: datetime, *, at: str = "input.") -> None:
    """Raises BadUserInput for a time without a zone, too far ahead, or an expiry before it could be sent."""
    faults = []
    for name, time in (("sendAt", message.send_at), ("expiresAt", message.expires_at)):
        if time is not None and time.tzinfo is None:
            faults.append(
                FieldError(
                    f"{at}{name}", "The time has no time zone.", "End it in Z, or an offset."
                )
            )
    send_at, expires_at = message.send_at, message.expires_at
    if not faults and send_at is not None and send_at > now + LATEST:
        faults.append(
            FieldError(
                f"{at}sendAt",
                f"{send_at.isoformat()} is too far away.",
                f"A message can be scheduled {LATEST.days} days ahead.",
            )
        )
    if not faults and expires_at is not None and expires_at <= max(now, send_at or now):
        faults.append(
            FieldError(
                f"{at}expiresAt",
                f"{expires_at.isoformat()} is before the message could be sent.",
                "Give a later time, or none.",
            )
        )
    if faults:
        raise BadUserInput(" ".join(f"{each.message} {each.hint}" for each in faults), faults)


def _key_reused(key: str) -> Notice:
    return Notice(
        "IDEMPOTENCY_KEY_REUSED",
        f"The key {key!r} was used for another message. Make a new key for a new message.",
        "idempotencyKey",
    )


def _wrong_state(known: Notification, what: str, states: Iterable[NotificationStatus]) -> Notice:
    wanted = ", ".join(sorted(state.value for state in states))
    advice = " Wait until the attempt is settled." if known.lease_until is not None else ""
    return Notice(
        "NOTIFICATION_STATE",
        f"The message is {known.status.value} and can only be {what} while it is {wanted}.{advice}",
        "id",
    )
