"""Notifications: queued durably and answered at once; who may be texted, how much, and what a person may still change.

Nothing is sent here: a committed row is the outbox's to claim. States move QUEUED → SENDING → SENT → DELIVERED, or to
FAILED, UNCONFIRMED (a person decides) and CANCELLED.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from negotiation.money import exact_arithmetic
from negotiation.opt_outs import refuser, stopped
from negotiation.phone import mask_phone
from negotiation.records import (
    Notification,
    NotificationStatus,
    Snapshot,
)
from negotiation.sms import SmsEncoding, measure
from negotiation.trace import Notice
from resolvers import opt_outs
from resolvers.allowances import (
    Allowance,
    allowed_number,
    checked_recipient,
)
from resolvers.errors import BadUserInput, GatewayError, NotFound
from resolvers.messages import DEMO_RECIPIENT as DEMO_RECIPIENT
from resolvers.messages import Message as Message
from resolvers.messages import admitted as admitted
from resolvers.messages import (
    again,
    checked_content,
    checked_times,
    is_same,
    key_reused,
    once_more,
)
from resolvers.paging import Key, Page, checked_first, latest_first, page
from resolvers.ports import Actor, Put, Services, Write
from resolvers.view import View

SEES_NUMBERS = frozenset({"negotiator", "admin"})
CANCELLABLE = frozenset(
    {NotificationStatus.QUEUED, NotificationStatus.UNCONFIRMED, NotificationStatus.FAILED}
)
RETRYABLE = frozenset(
    {NotificationStatus.FAILED, NotificationStatus.CANCELLED, NotificationStatus.UNCONFIRMED}
)

_IN_DOUBT = (
    "Twilio's answer was lost, and the message may have been taken: it is being looked up. Wait until that tells, "
    "or cancel it."
)

Outcome = tuple[Snapshot, Notification | None, tuple[Notice, ...]]


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
    checked_content(message)
    checked_times(message, services.clock.now())
    recipient = checked_recipient(message.to, services.policy)

    wanted = replace(message, to=recipient)

    def answer_known(known: Notification) -> Notice | None:
        return None if is_same(known, wanted) else key_reused(message.idempotency_key)

    return await _queue(services, actor, wanted, answer_known, cause="sendNotification")


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
    checked_content(message, at="")
    return await _queue(services, actor, message, lambda _: None, cause="sendDemoNotification")


async def retry(services: Services, actor: Actor, notification_id: str) -> Outcome:
    """Queue a failed, cancelled or unconfirmed message again, under today's policy."""

    def decide(snapshot: Snapshot, known: Notification) -> Notification | Notice:
        if known.status not in RETRYABLE:
            return _wrong_state(known, "queued again", RETRYABLE)
        if known.status is NotificationStatus.UNCONFIRMED and known.next_attempt_at is not None:
            return Notice("NOTIFICATION_STATE", _IN_DOUBT, "id")
        if known.to in stopped(snapshot) and (held := refuser(snapshot, known.to)) is not None:
            return opt_outs.refusal(held)
        if known.to != DEMO_RECIPIENT:
            allowed_number(known.to, services.policy, path="id")
        now = services.clock.now()
        Allowance(once_more(snapshot, [known]), services.policy, now).take(known.to, known.body)
        return again(known, now)

    outcome = await _change(services, actor, notification_id, decide, cause="retryNotification")
    if not outcome[2]:
        services.wake_outbox()
    return outcome


async def cancel(services: Services, actor: Actor, notification_id: str) -> Outcome:
    """Take a message that nobody is sending out of the queue, or one that failed off the list; why it failed stays."""

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
        checked_content(Message(body=body, idempotency_key="preview"), at="")
        recipient = checked_recipient(to, policy, path="to")
        if (held := refuser(view.snapshot, recipient)) is not None:
            refusal = opt_outs.refusal(held)
        Allowance(rows, policy, services.clock.now()).take(recipient, body)
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


def _wrong_state(known: Notification, what: str, states: Iterable[NotificationStatus]) -> Notice:
    wanted = ", ".join(sorted(state.value for state in states))
    advice = " Wait until the attempt is settled." if known.lease_until is not None else ""
    return Notice(
        "NOTIFICATION_STATE",
        f"The message is {known.status.value} and can only be {what} while it is {wanted}.{advice}",
        "id",
    )
