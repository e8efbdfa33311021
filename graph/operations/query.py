"""Queries: synchronous reads of one snapshot, but for the audit trail, which is not part of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated

import strawberry

from graph.context import Info
from graph.operations.contesting import ConflictQuery
from graph.operations.importing import ImportQuery
from graph.operations.ruling import RuleQuery
from graph.types.audit import Change
from graph.types.common import Connection, Node, connected, described, given, mirrored
from graph.types.conflicts import Conflict
from graph.types.health import Health, SchemaVersion, Viewer
from graph.types.inputs import InvoiceFilter, SendNotificationInput
from graph.types.invoices import Invoice, InvoiceConnection
from graph.types.negotiation import Milestone, Negotiation
from graph.types.notifications import (
    Notification,
    NotificationPreview,
    NotificationQueue,
    NotificationsPreview,
    OptOut,
    notification_connection,
    opt_out_connection,
)
from graph.types.offers import Offer
from graph.types.rules import Rule, RuleFiring
from graph.types.spend import Sku
from negotiation import records
from resolvers import audit, health, ids, invoices, notifications, offers, opt_outs, rules
from resolvers import negotiation as negotiations
from resolvers.view import View

UNSET = strawberry.UNSET
Id = Annotated[strawberry.ID, strawberry.argument(name="id")]
OptionalId = Annotated[strawberry.ID | None, strawberry.argument(name="id")]


@strawberry.type
class Query(ImportQuery, RuleQuery, ConflictQuery):
    @strawberry.field
    def node(self, info: Info, id_: Id) -> Node | None:
        return node_of(info.context.view(info), *ids.split(id_))

    @described("The negotiation with this id, or the workspace's current one.")
    def negotiation(self, info: Info, id_: OptionalId = UNSET) -> Negotiation | None:
        view = info.context.view(info)
        wanted = given(id_)
        own = None if wanted is None else ids.own_id(ids.NEGOTIATION, wanted)
        found = negotiations.find(view, own)
        return None if found is None else Negotiation.of(view, found)

    @strawberry.field
    def negotiations(
        self, info: Info, first: int | None = 20, after: str | None = UNSET
    ) -> Connection[Negotiation]:
        view = info.context.view(info)
        page = negotiations.listing(view, first=first, after=given(after))
        return Connection[Negotiation](**connected(page, lambda each: Negotiation.of(view, each)))

    @strawberry.field
    def invoices(
        self,
        info: Info,
        filter_: Annotated[InvoiceFilter | None, strawberry.argument(name="filter")] = UNSET,
        first: int | None = 50,
        after: str | None = UNSET,
    ) -> InvoiceConnection:
        view = info.context.view(info)
        found = invoices.listing(view, condition(filter_), first=first, after=given(after))
        return InvoiceConnection.of(view, *found)

    @strawberry.field
    def notifications(
        self,
        info: Info,
        status: list[records.NotificationStatus] | None = UNSET,
        first: int | None = 50,
        after: str | None = UNSET,
    ) -> Connection[Notification]:
        view = info.context.view(info)
        page = notifications.listing(view, given(status), first=first, after=given(after))
        return notification_connection(view, page)

    @described("What a text would take and cost, before it is sent. Queues nothing.")
    def notification_preview(
        self, info: Info, body: str, to: str | None = UNSET
    ) -> NotificationPreview:
        return NotificationPreview.of(
            notifications.preview(info.context.view(info), body, given(to))
        )

    @described(
        "What `sendNotifications` would do with these messages now, and what it would cost. Queues nothing."
    )
    def notifications_preview(
        self, info: Info, inputs: list[SendNotificationInput]
    ) -> NotificationsPreview:
        return NotificationsPreview.of(info.context.view(info), [each.message() for each in inputs])

    @described("Who does not want our texts, the latest first.")
    def opt_outs(
        self, info: Info, first: int | None = 50, after: str | None = UNSET
    ) -> Connection[OptOut]:
        page = opt_outs.listing(info.context.view(info), first=first, after=given(after))
        return opt_out_connection(page)

    @strawberry.field
    def notification_queue(self, info: Info) -> NotificationQueue:
        return NotificationQueue.of(info.context.view(info))

    @strawberry.field
    def health(self, info: Info) -> Health:
        view = info.context.view(info)
        return Health.of(health.report(view.services, view.snapshot))

    @strawberry.field
    def schema_version(self, info: Info) -> SchemaVersion:
        return mirrored(SchemaVersion, info.context.services.schema_version)

    @strawberry.field
    def viewer(self, info: Info) -> Viewer:
        return Viewer.of(info.context.actor)

    @described("The audit trail, newest first.")
    async def changes(
        self, info: Info, first: int | None = 50, after: str | None = UNSET
    ) -> Connection[Change]:
        page = await audit.changes(info.context.services, first=first, after=given(after))
        return Connection[Change](**connected(page, Change.of))


def condition(filter_: InvoiceFilter | None) -> invoices.Filter:
    """The filter's condition; no filter takes every invoice."""
    found = given(filter_)
    return invoices.Filter() if found is None else found.condition()


def node_of(view: View, kind: str, own: str) -> Node | None:
    """The record of this kind and id, where there is one and the actor's role may know of it."""
    if view.is_guest and kind not in _FOR_GUESTS:
        return None
    return _NODES[kind](view, own)


def _negotiation(view: View, own: str) -> Node | None:
    found = negotiations.find(view, own)
    return None if found is None else Negotiation.of(view, found)


def _sku(view: View, own: str) -> Node | None:
    found = view.snapshot.skus.get(own)
    if found is None:
        return None
    current = negotiations.find(view, None)
    return Sku.of(found, None if current is None else view.picture(current))


def _offer(view: View, own: str) -> Node | None:
    found = offers.find(view, own)
    return None if found is None else Offer.of(view, found)


def _milestone(view: View, own: str) -> Node | None:
    found = view.snapshot.milestones.get(own)
    return None if found is None else Milestone.of(view, found)


def _invoice(view: View, own: str) -> Node | None:
    found = view.snapshot.invoices.get(own)
    return None if found is None else Invoice.of(view, found)


def _notification(view: View, own: str) -> Node | None:
    found = view.snapshot.notifications.get(own)
    return None if found is None else Notification.of(view, found)


def _rule(view: View, own: str) -> Node | None:
    found = rules.find(view, own)
    return None if found is None else Rule.of(view, found)


def _firing(view: View, own: str) -> Node | None:
    found = view.snapshot.rule_firings.get(own)
    return None if found is None else RuleFiring.of(view, found)


def _conflict(view: View, own: str) -> Node | None:
    found = view.snapshot.conflicts.get(own)
    return None if found is None else Conflict.of(found)


_FOR_GUESTS = frozenset({ids.NEGOTIATION, ids.OFFER})
_NODES: Mapping[str, Callable[[View, str], Node | None]] = {
    ids.NEGOTIATION: _negotiation,
    ids.SKU: _sku,
    ids.OFFER: _offer,
    ids.MILESTONE: _milestone,
    ids.INVOICE: _invoice,
    ids.NOTIFICATION: _notification,
    ids.RULE: _rule,
    ids.FIRING: _firing,
    ids.CONFLICT: _conflict,
}
