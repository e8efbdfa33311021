"""The mutations about notifications: queue, retry and cancel them, stop and resume all sending."""

from __future__ import annotations

from typing import Annotated

import strawberry

from graph.context import Context, Info
from graph.types.common import Notice, described, given
from graph.types.inputs import SendNotificationInput
from graph.types.notifications import Notification, NotificationQueue
from graph.types.payloads import (
    LiftOptOutPayload,
    NotificationQueuePayload,
    RetryNotificationsPayload,
    SendNotificationItem,
    SendNotificationPayload,
    SendNotificationsPayload,
)
from negotiation.records import Snapshot
from resolvers import batches, ids, notifications, opt_outs, queue
from resolvers import negotiation as negotiations

UNSET = strawberry.UNSET
SHOWN = 100
Id = Annotated[strawberry.ID, strawberry.argument(name="id")]


@strawberry.type
class NotificationMutation:
    @described(
        "Queues durably and answers; delivery is reported by subscription. "
        "The same idempotencyKey never queues twice.",
        strawberry.mutation,
    )
    async def send_notification(
        self,
        info: Info,
        input_: Annotated[SendNotificationInput, strawberry.argument(name="input")],
    ) -> SendNotificationPayload:
        context = info.context
        return _sent(
            context, await notifications.send(context.services, context.actor, input_.message())
        )

    @described(
        "Queues 1 to 500 messages in one durable commit. Each has an outcome of its own: one that cannot be queued keeps no "
        "other from it. The same idempotencyKey never queues twice.",
        strawberry.mutation,
    )
    async def send_notifications(
        self, info: Info, inputs: list[SendNotificationInput]
    ) -> SendNotificationsPayload:
        context = info.context
        snapshot, items = await batches.send_many(
            context.services, context.actor, [each.message() for each in inputs]
        )
        view = context.view_of(snapshot)
        shown = [
            SendNotificationItem(
                index=item.index,
                notification=None if item.row is None else Notification.of(view, item.row),
                user_errors=Notice.of(item.notices),
            )
            for item in items
        ]
        return SendNotificationsPayload(
            items=shown, queued=sum(item.row is not None for item in items)
        )

    @described(
        "The seed's demo notification: a snapshot of the envelope to the configured recipient.",
        strawberry.mutation,
    )
    async def send_demo_notification(
        self, info: Info, idempotency_key: str | None = UNSET
    ) -> SendNotificationPayload:
        context = info.context
        view = context.view(info)
        return _sent(
            context,
            await notifications.send_demo(
                context.services,
                context.actor,
                body=negotiations.summary(view),
                idempotency_key=given(idempotency_key),
            ),
        )

    @strawberry.mutation
    async def retry_notification(self, info: Info, id_: Id) -> SendNotificationPayload:
        context = info.context
        own = ids.own_id(ids.NOTIFICATION, id_)
        return _sent(context, await notifications.retry(context.services, context.actor, own))

    @described(
        "Queue what failed again, the oldest first, at most 1,000 at once. `userErrors` says what was left and why.",
        strawberry.mutation,
    )
    async def retry_failed_notifications(self, info: Info) -> RetryNotificationsPayload:
        context = info.context
        snapshot, again, notices = await batches.retry_failed(context.services, context.actor)
        view = context.view_of(snapshot)
        return RetryNotificationsPayload(
            queued=len(again),
            notifications=[Notification.of(view, each) for each in again[:SHOWN]],
            user_errors=Notice.of(notices),
        )

    @strawberry.mutation
    async def cancel_notification(self, info: Info, id_: Id) -> SendNotificationPayload:
        context = info.context
        own = ids.own_id(ids.NOTIFICATION, id_)
        return _sent(context, await notifications.cancel(context.services, context.actor, own))

    @described(
        "Stop all sending until it is resumed, by whoever: what is under way is settled, what is queued waits.",
        strawberry.mutation,
    )
    async def pause_notifications(self, info: Info, reason: str) -> NotificationQueuePayload:
        context = info.context
        return _queue(context, await queue.pause(context.services, context.actor, reason))

    @strawberry.mutation
    async def resume_notifications(self, info: Info) -> NotificationQueuePayload:
        context = info.context
        return _queue(context, await queue.resume(context.services, context.actor))

    @described(
        "Text somebody again who opted out: only if Twilio's list shows that they texted START since, for Twilio refuses "
        "whatever is sent to them until then.",
        strawberry.mutation,
    )
    async def lift_opt_out(self, info: Info, to: str) -> LiftOptOutPayload:
        context = info.context
        _, lifted, notices = await opt_outs.lift(context.services, context.actor, to)
        return LiftOptOutPayload(lifted=lifted, user_errors=Notice.of(notices))


def _queue(context: Context, outcome: queue.Outcome) -> NotificationQueuePayload:
    snapshot, refusals = outcome
    return NotificationQueuePayload(
        queue=NotificationQueue.of(context.view_of(snapshot)), user_errors=Notice.of(refusals)
    )


def _sent(context: Context, outcome: notifications.Outcome) -> SendNotificationPayload:
    snapshot: Snapshot
    snapshot, notification, refusals = outcome
    view = context.view_of(snapshot)
    return SendNotificationPayload(
        notification=None if notification is None else Notification.of(view, notification),
        user_errors=Notice.of(refusals),
    )
