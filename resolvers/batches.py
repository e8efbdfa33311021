"""Many notifications in one commit: previewed, queued together, each with an outcome of its own, and what failed queued again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from negotiation.opt_outs import stopped, was_refused
from negotiation.records import Notification, NotificationStatus, Snapshot
from negotiation.sms import measure
from negotiation.trace import Notice
from resolvers.allowances import Allowance, allowed_number, checked_recipient, price
from resolvers.errors import BadUserInput, FieldError, GatewayError, LimitExceeded
from resolvers.messages import (
    DEMO_RECIPIENT,
    Admission,
    Message,
    again,
    checked_content,
    checked_times,
    is_same,
    key_reused,
    once_more,
)
from resolvers.ports import Actor, NotificationPolicy, Put, Services, Write
from resolvers.view import View

MOST_AT_ONCE = 500
RETRY_AT_ONCE = 1_000

RetryOutcome = tuple[Snapshot, list[Notification], tuple[Notice, ...]]


@dataclass(frozen=True, slots=True)
class Item:
    """What became of the message at `index`: its row, or why there is none."""

    index: int
    row: Notification | None
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchPreview:
    """What would become of a batch. `segments` and `price` (in `currency`) are of what it would queue anew."""

    items: tuple[Item, ...]
    segments: int
    price: Decimal
    currency: str


def preview_many(view: View, messages: Sequence[Message]) -> BatchPreview:
    """What `send_many` would do with the messages now. Queues nothing. Raises as it does."""
    _checked_size(messages)
    services, now = view.services, view.services.clock.now()
    checked = [_checked(*each, services.policy, now) for each in enumerate(messages)]
    items, made = _judged(view.snapshot, checked, services.policy, now, view.actor)
    return BatchPreview(
        items=tuple(items),
        segments=sum(measure(row.body).segments for row in made),
        price=price(services.policy, made),
        currency=services.policy.currency,
    )


async def send_many(
    services: Services, actor: Actor, messages: Sequence[Message]
) -> tuple[Snapshot, list[Item]]:
    """Queue up to MOST_AT_ONCE messages in one commit. One that cannot be queued keeps no other from it.

    Keys are as with one message: the same key with the same content is the same row, also within a batch. Each message counts
    against the caps for those after it. Raises BadUserInput for none at all, LimitExceeded for too many.
    """
    _checked_size(messages)
    now = services.clock.now()
    checked = [_checked(*each, services.policy, now) for each in enumerate(messages)]
    items: list[Item] = []

    def decide(snapshot: Snapshot) -> Sequence[Write]:
        items[:], made = _judged(snapshot, checked, services.policy, now, actor)
        return [Put(row) for row in made]

    snapshot = await services.store.commit(decide, actor=actor.id, cause="sendNotifications")
    services.wake_outbox()
    return snapshot, items


async def retry_failed(services: Services, actor: Actor) -> RetryOutcome:
    """Queue what failed again, the oldest first and at most RETRY_AT_ONCE, each under today's policy, in one commit.

    Left alone: recipients who opted out, and what the policy does not allow; a notice says how many and why.
    """
    queued: list[str] = []
    left: dict[str, int] = {}

    def decide(snapshot: Snapshot) -> Sequence[Write]:
        queued.clear()
        left.clear()
        now, closed = services.clock.now(), stopped(snapshot)
        failed = [
            row
            for row in snapshot.notifications.values()
            if row.status is NotificationStatus.FAILED
        ]
        failed.sort(key=lambda row: (row.queued_at, row.id))
        allowance = Allowance(once_more(snapshot, failed), services.policy, now)
        writes: list[Write] = []
        for known in failed:
            if len(writes) == RETRY_AT_ONCE:
                _count(left, f"At most {RETRY_AT_ONCE} are queued at once; retry the rest again.")
                continue
            if was_refused(known) or known.to in closed:
                _count(left, "The recipient has opted out.")
                continue
            try:
                if known.to != DEMO_RECIPIENT:
                    allowed_number(known.to, services.policy, path="id")
                allowance.take(known.to, known.body)
            except GatewayError as error:
                _count(left, error.message)
                continue
            writes.append(Put(again(known, _in_turn(now, len(queued)))))
            queued.append(known.id)
        return writes

    snapshot = await services.store.commit(decide, actor=actor.id, cause="retryFailedNotifications")
    services.wake_outbox()
    notices = tuple(
        Notice("NOT_RETRIED", f"{number} not queued again: {why}", None)
        for why, number in left.items()
    )
    return snapshot, [snapshot.notifications[each] for each in queued], notices


def _checked_size(messages: Sequence[Message]) -> None:
    if not messages:
        said, hint = "There is no message.", f"Give 1 to {MOST_AT_ONCE}."
        raise BadUserInput(f"{said} {hint}", [FieldError("inputs", said, hint)])
    if len(messages) > MOST_AT_ONCE:
        raise LimitExceeded(
            f"At most {MOST_AT_ONCE} messages are queued at once, not {len(messages)}. Send them in several requests.",
            limit="inputs",
            value=MOST_AT_ONCE,
            found=len(messages),
        )


def _checked(
    index: int, message: Message, policy: NotificationPolicy, now: datetime
) -> Message | Item:
    """The message with its recipient, or the item that says what is wrong with it."""
    at = f"inputs.{index}."
    try:
        checked_content(message, at=at)
        checked_times(message, now, at=at)
        return replace(message, to=checked_recipient(message.to, policy, path=f"{at}to"))
    except BadUserInput as error:
        notices = tuple(
            Notice(error.code, f"{each.message} {each.hint or ''}".strip(), each.path)
            for each in error.fields
        )
        return Item(index, None, notices)


def _judged(
    snapshot: Snapshot,
    checked: Sequence[Message | Item],
    policy: NotificationPolicy,
    now: datetime,
    actor: Actor,
) -> tuple[list[Item], list[Notification]]:
    """What becomes of each message, one after the other, and the rows that are new."""
    known = {row.idempotency_key: row for row in snapshot.notifications.values()}
    recipients = {each.to for each in checked if isinstance(each, Message) and each.to is not None}
    door = Admission(snapshot, policy, now, recipients=recipients)
    items: list[Item] = []
    made: list[Notification] = []
    for index, message in enumerate(checked):
        if isinstance(message, Item):
            items.append(message)
            continue
        item = _queued(index, message, known.get(message.idempotency_key), door, actor)
        items.append(item)
        if item.row is not None and message.idempotency_key not in known:
            known[message.idempotency_key] = item.row
            made.append(item.row)
    return items, made


def _queued(
    index: int, message: Message, known: Notification | None, door: Admission, actor: Actor
) -> Item:
    if known is not None and is_same(known, message):
        return Item(index, known)
    if known is not None:
        notice = key_reused(message.idempotency_key)
        return Item(index, None, (replace(notice, field=f"inputs.{index}.idempotencyKey"),))
    try:
        made = door.admit(message, requested_by=actor.id)
    except GatewayError as error:
        return Item(index, None, (Notice(error.code, error.message, f"inputs.{index}"),))
    if isinstance(made, Notice):
        return Item(index, None, (replace(made, field=f"inputs.{index}.to"),))
    return Item(index, replace(made, queued_at=_in_turn(made.queued_at, index)))


def _in_turn(now: datetime, index: int) -> datetime:
    """So much later that those of one commit go out in their order."""
    return now + timedelta(microseconds=index)


def _count(left: dict[str, int], why: str) -> None:
    left[why] = left.get(why, 0) + 1
