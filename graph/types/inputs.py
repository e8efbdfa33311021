"""Inputs, and what use cases take in their place: own ids, None for what was left out.

Terms and what-ifs have modules of their own: `term_inputs`, `scenario_inputs`.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import strawberry

from graph.scalars import Ratio
from graph.types.common import given
from graph.types.term_inputs import TermInput
from negotiation import records
from negotiation.offers import OfferDecision
from resolvers import imports, invoices, notifications
from resolvers import negotiation as negotiations

UNSET = strawberry.UNSET


@strawberry.input
class InvoiceFilter:
    status: list[records.InvoiceStatus] | None = UNSET
    currency: str | None = UNSET
    from_: date | None = strawberry.field(name="from", default=UNSET)
    to: date | None = UNSET
    search: str | None = UNSET

    def condition(self) -> invoices.Filter:
        statuses = given(self.status)
        return invoices.Filter(
            status=None if statuses is None else tuple(statuses),
            currency=given(self.currency),
            since=given(self.from_),
            until=given(self.to),
            search=given(self.search),
        )


@strawberry.input
class SetTargetsInput:
    negotiation_id: strawberry.ID | None = UNSET
    floor_margin: Ratio | None = UNSET
    target_margin: Ratio
    ceiling_margin: Ratio | None = UNSET
    version: int | None = strawberry.field(
        description="The negotiation's version that you saw; another one: CONFLICT.", default=UNSET
    )

    def targets(self) -> negotiations.Targets:
        return negotiations.Targets(
            target=self.target_margin,
            floor=given(self.floor_margin),
            ceiling=given(self.ceiling_margin),
        )


@strawberry.input(
    description="How we mean to negotiate. What is left out stays as it is, null clears it. Amounts are a year's."
)
class SetPositionInput:
    negotiation_id: strawberry.ID | None = UNSET
    batna_cost: Decimal | None = strawberry.field(
        description="What a year costs us without this deal; null: the contract in force goes on.",
        default=UNSET,
    )
    batna_note: str | None = UNSET
    downstream_revenue: Decimal | None = UNSET
    other_costs: Decimal | None = UNSET
    own_margin: Ratio | None = strawberry.field(
        description="The least that we keep of our downstream revenue.", default=UNSET
    )
    vendor_cost_low: Decimal | None = strawberry.field(
        description="The vendor's real cost is at least our estimate times this.", default=UNSET
    )
    vendor_cost_high: Decimal | None = UNSET
    vendor_margin: Ratio | None = strawberry.field(
        description="The least margin that the vendor keeps; null: the envelope's floor.",
        default=UNSET,
    )
    planned_rounds: int | None = UNSET
    opening: Ratio | None = strawberry.field(
        description="The share of the way that we give at once.", default=UNSET
    )
    patience: Decimal | None = strawberry.field(
        description="Below 1 we concede late, above 1 early.", default=UNSET
    )
    shortfall_limit: Ratio | None = strawberry.field(
        description="The highest P(shortfall) that we sign.", default=UNSET
    )
    version: int | None = strawberry.field(
        description="The negotiation's version that you saw; another one: CONFLICT.", default=UNSET
    )

    def changes(self) -> dict[str, Any]:
        """What is to change of a BuyerPosition; null stands for the default."""
        defaults = {each.name: each.default for each in fields(records.BuyerPosition)}
        return {
            name: default if getattr(self, name) is None else getattr(self, name)
            for name, default in defaults.items()
            if name != "negotiation_id" and getattr(self, name) is not UNSET
        }


@strawberry.input
class ProposeOfferInput:
    negotiation_id: strawberry.ID | None = UNSET
    from_: records.Party = strawberry.field(name="from")
    title: str
    valid_until: date | None = UNSET
    terms: list[TermInput]
    version: int | None = UNSET


@strawberry.input
class DecideOfferInput:
    offer_id: strawberry.ID
    decision: OfferDecision
    note: str | None = UNSET
    version: int = strawberry.field(
        description="The negotiation's version that you saw; another one: CONFLICT."
    )


@strawberry.input
class DecideMilestoneInput:
    milestone_id: strawberry.ID
    decision: negotiations.MilestoneDecision
    note: str | None = UNSET
    version: int | None = UNSET


@strawberry.input
class DisputeInvoiceInput:
    invoice_id: strawberry.ID
    reason: str
    amount: Decimal | None = strawberry.field(
        description="What is in dispute; default: what `findings` claim, else the whole amount.",
        default=UNSET,
    )
    findings: list[strawberry.ID] | None = strawberry.field(
        description="The ids of the findings that are disputed.", default=UNSET
    )


@strawberry.input
class ImportInput:
    negotiation_id: strawberry.ID | None = UNSET
    csv: str
    filename: str | None = UNSET
    dry_run: bool | None = False

    def request(self, negotiation_id: str | None) -> imports.Request:
        return imports.Request(
            csv=self.csv,
            filename=given(self.filename),
            dry_run=self.dry_run is True,
            negotiation_id=negotiation_id,
        )


@strawberry.input
class SendNotificationInput:
    to: str | None = UNSET
    body: str
    channel: records.NotificationChannel | None = records.NotificationChannel.SMS
    idempotency_key: str
    send_at: datetime | None = strawberry.field(
        default=UNSET, description="Not before this time, at most 30 days ahead."
    )
    priority: records.NotificationPriority | None = strawberry.field(
        default=records.NotificationPriority.NORMAL,
        description="What is due goes out by priority, then by age.",
    )
    expires_at: datetime | None = strawberry.field(
        default=UNSET,
        description="From this time on it is not sent: it is CANCELLED, with the error EXPIRED.",
    )

    def message(self) -> notifications.Message:
        return notifications.Message(
            to=given(self.to),
            body=self.body,
            channel=records.NotificationChannel.SMS if self.channel is None else self.channel,
            idempotency_key=self.idempotency_key,
            send_at=given(self.send_at),
            priority=self.priority or records.NotificationPriority.NORMAL,
            expires_at=given(self.expires_at),
        )
