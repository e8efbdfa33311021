"""Notifications as they stand in the queue, and the queue itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Self

import strawberry

from graph.types.common import Connection, Node, Notice, connected, mirrored
from negotiation import opt_outs, records
from negotiation.sms import SmsEncoding, measure
from resolvers import batches, ids, ports, queue
from resolvers import notifications as use
from resolvers.allowances import price
from resolvers.messages import Message
from resolvers.paging import Page
from resolvers.view import View

strawberry.enum(
    records.AttemptOutcome,
    description="ACCEPTED: the provider took it. POSTPONED: not now, it is tried again. REFUSED: for good. UNCONFIRMED: it may "
    "have been taken. NOT_TAKEN: a look-up shows that it was not. DELIVERED, UNDELIVERED: what became of it then.",
)
strawberry.enum(
    ports.CircuitState,
    description="CLOSED: messages go out. OPEN: none does, for a while. HALF_OPEN: one may, to see whether it works again.",
)


@strawberry.type(
    description="One line of a message's history: a try, a look-up at the provider, or its report on the delivery."
)
class NotificationAttempt:
    number: int = strawberry.field(
        description="Which try it is; of a look-up or report: which it is about."
    )
    outcome: records.AttemptOutcome
    started_at: datetime
    ended_at: datetime
    looked_up: bool = strawberry.field(
        description="Asked for at the provider, not told by its answer or report."
    )
    provider_id: str | None
    error: Notice | None

    @classmethod
    def of(cls, line: records.NotificationAttempt) -> Self:
        return mirrored(cls, line, error=_error(line.error_code, line.error_message))


@strawberry.type
class Notification(Node):
    channel: records.NotificationChannel
    to: str
    body: str
    status: records.NotificationStatus
    attempts: int
    provider_id: str | None
    error: Notice | None
    queued_at: datetime
    due_at: datetime | None = strawberry.field(
        description="When it is sent, tried again or looked up next; null: at once, or never again."
    )
    updated_at: datetime
    priority: records.NotificationPriority
    expires_at: datetime | None = strawberry.field(
        description="From this time on it is not sent; null: it does not expire."
    )
    requested_by: str
    segments: int
    price: Decimal = strawberry.field(
        description="Of sending it once, at the configured price of a segment."
    )
    currency: str
    history: list[NotificationAttempt] = strawberry.field(
        description="What came of every try, oldest first."
    )

    @classmethod
    def of(cls, view: View, record: records.Notification) -> Self:
        policy = view.services.policy
        return mirrored(
            cls,
            record,
            id=ids.global_id(ids.NOTIFICATION, record.id),
            to=use.shown_number(view, record),
            error=_error(record.error_code, record.error_message),
            due_at=record.next_attempt_at,
            segments=measure(record.body).segments,
            price=price(policy, [record]),
            currency=policy.currency,
            history=[NotificationAttempt.of(line) for line in record.history],
        )


@strawberry.type(
    description="What a text would take and cost, and why it would not be queued now (null: it would)."
)
class NotificationPreview:
    encoding: SmsEncoding
    characters: int
    units: int
    segments: int
    price: Decimal
    currency: str
    refusal: Notice | None

    @classmethod
    def of(cls, preview: use.Preview) -> Self:
        refusal = None if preview.refusal is None else mirrored(Notice, preview.refusal)
        return mirrored(cls, preview, refusal=refusal)


@strawberry.type(
    description="What one message of a batch would take, and why it would not be queued now, if so."
)
class NotificationsPreviewItem:
    index: int = strawberry.field(description="Of the message in `inputs`, from 0.")
    segments: int
    user_errors: list[Notice]


@strawberry.type(description="What a batch would take and cost.")
class NotificationsPreview:
    items: list[NotificationsPreviewItem] = strawberry.field(
        description="One for each message, in their order."
    )
    queued: int = strawberry.field(
        description="How many would have a notification, those that have one already among them."
    )
    segments: int = strawberry.field(description="Of what would be queued anew.")
    price: Decimal = strawberry.field(description="Of what would be queued anew.")
    currency: str

    @classmethod
    def of(cls, view: View, messages: Sequence[Message]) -> Self:
        preview = batches.preview_many(view, messages)
        return mirrored(
            cls,
            preview,
            items=[
                NotificationsPreviewItem(
                    index=item.index,
                    segments=measure(message.body).segments,
                    user_errors=Notice.of(item.notices),
                )
                for item, message in zip(preview.items, messages, strict=True)
            ],
            queued=sum(item.row is not None for item in preview.items),
        )


@strawberry.type(description="While it is there, nothing is sent.")
class Pause:
    reason: str
    by: str
    since: datetime


@strawberry.type(description="How sending stands.")
class NotificationQueue:
    pause: Pause | None = strawberry.field(description="Who stopped it and why; null: it runs.")
    waiting: int = strawberry.field(description="Due and not settled.")
    scheduled: int = strawberry.field(description="For later.")
    oldest_at: datetime | None = strawberry.field(
        description="Since when the oldest that is due has been waiting."
    )
    oldest_seconds: int | None
    failed: int
    unconfirmed: int = strawberry.field(
        description="May have been sent; a person must look and decide."
    )
    sent: int = strawberry.field(description="How many the provider took in the last 24 hours.")
    spent: Decimal = strawberry.field(
        description="What those cost, at the configured price of a segment."
    )
    budget: Decimal = strawberry.field(description="The most that 24 hours may cost.")
    currency: str
    ready: bool = strawberry.field(description="False: sending is not set up, messages wait.")
    circuit: ports.CircuitState
    probe_in: int | None = strawberry.field(
        description="Seconds until the provider is tried again; null: the circuit is closed."
    )
    per_second: float | None = strawberry.field(
        description="The most that is sent in a second; null: no limit of ours."
    )

    @classmethod
    def of(cls, view: View) -> Self:
        found = queue.queue(view)
        pause = None if found.pause is None else mirrored(Pause, found.pause)
        return mirrored(cls, found, pause=pause)


strawberry.enum(
    opt_outs.OptOutSource,
    description="TEXTED: they texted STOP to us. REFUSED: Twilio refused a message to them for it (21610).",
)


@strawberry.type(description="Somebody to whom nothing is sent, because they said so.")
class OptOut:
    to: str
    since: datetime
    source: opt_outs.OptOutSource
    keyword: str | None = strawberry.field(
        description="What they texted; null: it was not to this gateway."
    )

    @classmethod
    def of(cls, found: opt_outs.Refuser) -> Self:
        return mirrored(cls, found, to=found.number)


def opt_out_connection(page: Page[opt_outs.Refuser]) -> Connection[OptOut]:
    return Connection[OptOut](**connected(page, OptOut.of))


def _error(code: str | None, message: str | None) -> Notice | None:
    if code is None and message is None:
        return None
    return Notice(code=code or "ERROR", message=message or "", field=None)


def notification_connection(
    view: View, page: Page[records.Notification]
) -> Connection[Notification]:
    return Connection[Notification](**connected(page, lambda each: Notification.of(view, each)))
