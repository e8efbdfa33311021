"""Notifications as they stand in the queue."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Self

import strawberry

from graph.types.common import Connection, Node, Notice, connected, mirrored
from negotiation import records
from negotiation.sms import SmsEncoding
from resolvers import ids
from resolvers import notifications as use
from resolvers.paging import Page
from resolvers.view import View


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

    @classmethod
    def of(cls, view: View, record: records.Notification) -> Self:
        error = None
        if record.error_code is not None or record.error_message is not None:
            error = Notice(
                code=record.error_code or "ERROR", message=record.error_message or "", field=None
            )
        return mirrored(
            cls,
            record,
            id=ids.global_id(ids.NOTIFICATION, record.id),
            to=use.shown_number(view, record),
            error=error,
            due_at=record.next_attempt_at,
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


def notification_connection(
    view: View, page: Page[records.Notification]
) -> Connection[Notification]:
    return Connection[Notification](**connected(page, lambda each: Notification.of(view, each)))
