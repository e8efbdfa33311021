"""Notifications: queued durably and answered at once; who may be texted, how much, and what a person may still change.

Nothing is sent here: a committed row is the outbox's to claim. States move QUEUED → SENDING → SENT → DELIVERED, or to
FAILED, UNCONFIRMED (a person decides) and CANCELLED.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import phonenumbers

from negotiation.money import exact_arithmetic, format_money
from negotiation.phone import mask_phone
from negotiation.records import (
    Notification,
    NotificationChannel,
    NotificationStatus,
    Snapshot,
)
from negotiation.sms import MAX_CHARACTERS, measure
from negotiation.trace import Notice
from resolvers.errors import (
    BadUserInput,
    FieldError,
    GatewayError,
    LimitExceeded,
    NotFound,
    RateLimited,
)
from resolvers.paging import Key, Page, checked_first, latest_first, page
from resolvers.ports import Actor, NotificationPolicy, Put, Services, Write
from resolvers.view import View

DAY = timedelta(days=1)
LONGEST_KEY = 200
SEES_NUMBERS = frozenset({"negotiator", "admin"})
CANCELLABLE = frozenset({NotificationStatus.QUEUED, NotificationStatus.UNCONFIRMED})
RETRYABLE = frozenset(
    {NotificationStatus.FAILED, NotificationStatus.CANCELLED, NotificationStatus.UNCONFIRMED}
)

DEMO_RECIPIENT = "+12025550100"
"""Where the demo goes while neither a recipient nor credentials are configured: one of the numbers 555-0100 to
555-0199 that the North American Numbering Plan keeps for fiction. It can be queued and looked at, and reaches nobody."""

Outcome = tuple[Snapshot, Notification | None, tuple[Notice, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is asked to be sent. `to` None: the configured recipient."""

    body: str
    idempotency_key: str
    to: str | None = None
    channel: NotificationChannel = NotificationChannel.SMS


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
    recipient = _recipient(message.to, services.policy)

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
        if known.to != DEMO_RECIPIENT:
            _allowed(known.to, services.policy, path="id")
        others = [each for each in snapshot.notifications.values() if each.id != known.id]
        _check_caps(others, known.to, known.body, services.policy, services.clock.now())
        return replace(
            known,
            status=NotificationStatus.QUEUED,
            attempts=0,
            next_attempt_at=None,
            lease_owner=None,
            lease_until=None,
            provider_id=None,
            error_code=None,
            error_message=None,
            updated_at=services.clock.now(),
        )

    outcome = await _change(services, actor, notification_id, decide, cause="retryNotification")
    services.wake_outbox()
    return outcome


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
        assert message.to is not None
        now = services.clock.now()
        rows = snapshot.notifications.values()
        _check_caps(rows, message.to, message.body, services.policy, now)
        queued = Notification(
            id=own_id,
            idempotency_key=message.idempotency_key,
            channel=message.channel,
            to=message.to,
            body=message.body,
            status=NotificationStatus.QUEUED,
            queued_at=now,
            updated_at=now,
            requested_by=actor.id,
        )
        return (Put(queued),)

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


def _recipient(to: str | None, policy: NotificationPolicy) -> str:
    """The E.164 number that a message goes to. Raises BadUserInput."""
    if to is None or not to.strip():
        if policy.default_recipient is None:
            raise _bad_recipient(
                "There is no recipient.", "Give a number in E.164, or have NOTIFY_RECIPIENT set."
            )
        return policy.default_recipient
    try:
        number = phonenumbers.parse(to, None)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise _bad_recipient(
            f"{to[:40]!r} is not a phone number.", "Write it in E.164, as +14155550123."
        )
    return _allowed(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), policy)


def _allowed(number: str, policy: NotificationPolicy, *, path: str = "input.to") -> str:
    for allowed in (*policy.allowed, policy.default_recipient or ""):
        if number == allowed or (allowed.endswith("*") and number.startswith(allowed[:-1])):
            return number
    raise _bad_recipient(
        f"{mask_phone(number)} is not on the list of recipients.",
        "Its operator lists numbers and prefixes in NOTIFY_ALLOWED.",
        path,
    )


def _check_caps(
    rows: Iterable[Notification],
    to: str,
    body: str,
    policy: NotificationPolicy,
    now: datetime,
) -> None:
    """Raises RateLimited when one more message would pass a cap of the last 24 hours."""
    counted = sorted(
        (
            each
            for each in rows
            if each.status is not NotificationStatus.CANCELLED and each.queued_at > now - DAY
        ),
        key=lambda each: each.queued_at,
    )
    to_same = [each.queued_at for each in counted if each.to == to]
    _check_count(to_same, policy.per_recipient_daily, f"to {mask_phone(to)}", now)
    _check_count([each.queued_at for each in counted], policy.total_daily, "in all", now)
    with exact_arithmetic():
        cost = policy.price_per_segment * measure(body).segments
        costs = [policy.price_per_segment * measure(each.body).segments for each in counted]
        spent = sum(costs, cost)
        budget = format_money(policy.daily_budget, policy.currency)
        if cost > policy.daily_budget:
            raise LimitExceeded(
                f"This message alone costs more than the budget of a day ({budget}).",
                limit="dailyBudget",
                value=int(policy.daily_budget),
            )
        for each, saved in zip(counted, costs, strict=True):
            if spent <= policy.daily_budget:
                return
            spent -= saved
            if spent <= policy.daily_budget:
                raise _too_many(
                    f"The budget of {budget} in 24 hours is used up.", each.queued_at, now
                )


def _check_count(times: Sequence[datetime], most: int, whom: str, now: datetime) -> None:
    if len(times) >= most:
        frees = times[len(times) - most] if most > 0 else now
        raise _too_many(f"At most {most} messages {whom} may be queued in 24 hours.", frees, now)


def _too_many(message: str, frees: datetime, now: datetime) -> GatewayError:
    wait = frees + DAY - now
    return RateLimited(message, retry_after_ms=max(1, round(wait.total_seconds() * 1_000)))


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


def _bad_recipient(message: str, hint: str, path: str = "input.to") -> BadUserInput:
    return BadUserInput(f"{message} {hint}", [FieldError(path, message, hint)])
