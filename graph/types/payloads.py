"""What mutations and the streams that are not records answer with."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Self

import strawberry

from graph.scalars import Ratio
from graph.types.common import Notice, mirrored
from graph.types.health import HealthComponent
from graph.types.invoices import Invoice
from graph.types.negotiation import Milestone, Negotiation
from graph.types.notifications import Notification, NotificationQueue
from graph.types.offers import Offer, OfferEvaluation
from graph.types.outlook import UsageChange
from resolvers import imports


@strawberry.type
class SetTargetsPayload:
    negotiation: Negotiation | None
    revision: int | None
    user_errors: list[Notice]


@strawberry.type
class SetPositionPayload:
    negotiation: Negotiation | None
    revision: int | None
    user_errors: list[Notice]


@strawberry.type
class ProposeOfferPayload:
    offer: Offer | None
    negotiation: Negotiation | None
    revision: int | None
    user_errors: list[Notice]


@strawberry.type
class DecideOfferPayload:
    offer: Offer | None
    negotiation: Negotiation | None
    revision: int | None
    user_errors: list[Notice]


@strawberry.type
class DecideMilestonePayload:
    milestone: Milestone | None
    negotiation: Negotiation | None
    revision: int | None
    user_errors: list[Notice]


@strawberry.type
class DisputeInvoicePayload:
    invoice: Invoice | None
    revision: int | None
    user_errors: list[Notice]


@strawberry.type
class ImportRowError:
    row: int
    column: str | None
    message: str


@strawberry.type
class ImportPayload:
    accepted: int = strawberry.field(description="Rows taken (or that would be, in a dry run).")
    unchanged: int = strawberry.field(description="Rows that were already there, unchanged.")
    rejected: int
    warnings: list[Notice]
    rows: list[ImportRowError]
    restated: int = strawberry.field(
        description="How many days and SKUs had other units before (or would have, in a dry run)."
    )
    restatements: list[UsageChange] = strawberry.field(description="The first 200 of them.")
    list_delta: Decimal = strawberry.field(
        description="What all restatements together are at list: after - before, unrounded."
    )
    currency: str = strawberry.field(description="What list amounts are in: the negotiation's.")
    revision: int | None
    user_errors: list[Notice]

    @classmethod
    def of(cls, outcome: imports.Outcome) -> Self:
        return mirrored(
            cls,
            outcome,
            warnings=Notice.of(outcome.warnings),
            rows=[mirrored(ImportRowError, row) for row in outcome.rows],
            restatements=[UsageChange.of(each) for each in outcome.restatements],
            user_errors=Notice.of(outcome.refusals),
        )


@strawberry.type
class SendNotificationPayload:
    notification: Notification | None
    user_errors: list[Notice]


@strawberry.type
class NotificationQueuePayload:
    queue: NotificationQueue
    user_errors: list[Notice]


@strawberry.type
class LiftOptOutPayload:
    lifted: bool
    user_errors: list[Notice]


@strawberry.type(description="What became of one message of a batch.")
class SendNotificationItem:
    index: int = strawberry.field(description="Of the message in `inputs`, from 0.")
    notification: Notification | None
    user_errors: list[Notice]


@strawberry.type
class SendNotificationsPayload:
    items: list[SendNotificationItem] = strawberry.field(
        description="One for each message, in their order."
    )
    queued: int = strawberry.field(description="How many have a notification.")


@strawberry.type
class RetryNotificationsPayload:
    queued: int = strawberry.field(description="How many were queued again.")
    notifications: list[Notification] = strawberry.field(description="The first 100 of them.")
    user_errors: list[Notice]


@strawberry.type
class SyncPayload:
    components: list[HealthComponent]
    revision: int
    user_errors: list[Notice]


@strawberry.type
class SimulationProgress:
    progress: Ratio
    paths: int
    evaluation: OfferEvaluation | None


@strawberry.type
class Tick:
    n: int
    at: datetime
    revision: int
