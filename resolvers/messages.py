"""What is asked to be sent: whether it can be, and the row that it becomes. Queuing it is `notifications` and `batches`' business."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from negotiation.opt_outs import refusers
from negotiation.records import (
    Notification,
    NotificationChannel,
    NotificationPriority,
    NotificationStatus,
    Snapshot,
)
from negotiation.sms import MAX_CHARACTERS
from negotiation.trace import Notice
from resolvers import opt_outs
from resolvers.allowances import Allowance
from resolvers.errors import BadUserInput, FieldError
from resolvers.ports import NotificationPolicy

LONGEST_KEY = 200
LATEST = timedelta(days=30)

DEMO_RECIPIENT = "+12025550100"
"""Where the demo goes while neither a recipient nor credentials are configured: one of the numbers 555-0100 to
555-0199 that the North American Numbering Plan keeps for fiction. It can be queued and looked at, and reaches nobody."""


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


class Admission:
    """Lets messages in, one after the other, under the opt-outs and caps of one snapshot at the instant `now`.

    `recipients`: all that will be asked about. `besides`: rows that the same commit puts.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        policy: NotificationPolicy,
        now: datetime,
        *,
        recipients: Iterable[str],
        besides: Iterable[Notification] = (),
    ) -> None:
        self._refusers = refusers(snapshot, frozenset(recipients))
        self._allowance = Allowance((*snapshot.notifications.values(), *besides), policy, now)
        self._now = now

    def admit(
        self, message: Message, *, requested_by: str, own_id: str | None = None
    ) -> Notification | Notice:
        """The row of a checked message, or that its recipient has opted out. Raises RateLimited or LimitExceeded at a cap."""
        assert message.to is not None
        if (held := self._refusers.get(message.to)) is not None:
            return opt_outs.refusal(held)
        self._allowance.take(message.to, message.body)
        now = self._now
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
    """One message, as Admission lets it in."""
    assert message.to is not None
    door = Admission(snapshot, policy, now, recipients=[message.to], besides=besides)
    return door.admit(message, requested_by=requested_by, own_id=own_id)


def again(known: Notification, now: datetime) -> Notification:
    """With all its tries before it, and the age of a new one. An expiry that has passed is lifted: whoever asks means it."""
    late = known.expires_at is not None and known.expires_at <= now
    return replace(
        known,
        expires_at=None if late else known.expires_at,
        status=NotificationStatus.QUEUED,
        queued_at=now,
        attempts=0,
        next_attempt_at=None,
        lease_owner=None,
        lease_until=None,
        provider_id=None,
        error_code=None,
        error_message=None,
        updated_at=now,
    )


def once_more(snapshot: Snapshot, asked: Sequence[Notification]) -> list[Notification]:
    """The rows that count before those of `asked` are queued again: of these only the tries that the provider took."""
    ids = {row.id for row in asked}
    return [
        replace(row, status=NotificationStatus.CANCELLED) if row.id in ids else row
        for row in snapshot.notifications.values()
    ]


def is_same(known: Notification, message: Message) -> bool:
    """Whether a message that came under the key of this row asks for the same."""
    return (known.channel, known.to, known.body) == (message.channel, message.to, message.body)


def checked_content(message: Message, *, at: str = "input.") -> None:
    """Raises BadUserInput for a text or a key that cannot be."""
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


def key_reused(key: str) -> Notice:
    return Notice(
        "IDEMPOTENCY_KEY_REUSED",
        f"The key {key!r} was used for another message. Make a new key for a new message.",
        "idempotencyKey",
    )
