"""Invoices, their lines, what re-rating found in them, and their totals."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Self

import strawberry

from graph.types.common import Connection, Node, TraceStep, connected, mirrored, shown
from negotiation import records, rerating
from negotiation.tracing import trace_invoice_finding
from resolvers import evaluation, ids
from resolvers import invoices as use
from resolvers.paging import Page
from resolvers.view import View


@strawberry.type
class InvoiceLine:
    number: int
    sku: str | None
    description: str
    quantity: Decimal | None
    unit_price: Decimal | None
    amount: Decimal


@strawberry.type(
    description="What re-rating found on an invoice line: expected, billed and the difference in money."
)
class InvoiceFinding:
    id: strawberry.ID = strawberry.field(
        description="Of the finding within its invoice: give it to dispute the finding."
    )
    code: str
    line: int | None
    expected: Decimal | None
    billed: Decimal
    delta: Decimal | None
    message: str
    trace: list[TraceStep] = strawberry.field(description="How `expected` and `delta` came to be.")

    @staticmethod
    def all_of(found: Iterable[rerating.InvoiceFinding]) -> list[InvoiceFinding]:
        return [
            mirrored(
                InvoiceFinding,
                each,
                id=use.finding_id(each),
                trace=TraceStep.of(trace_invoice_finding(each)),
            )
            for each in found
        ]


@strawberry.type
class Invoice(Node):
    view: strawberry.Private[View]
    record: strawberry.Private[records.Invoice]
    number: str
    period_start: date
    period_end: date
    issued_on: date | None
    amount: Decimal
    currency: str
    status: records.InvoiceStatus
    disputed_amount: Decimal | None
    dispute_reason: str | None

    @classmethod
    def of(cls, view: View, record: records.Invoice) -> Self:
        return mirrored(
            cls, record, id=ids.global_id(ids.INVOICE, record.id), view=view, record=record
        )

    @strawberry.field
    def lines(self) -> list[InvoiceLine]:
        return [mirrored(InvoiceLine, line) for line in self.record.lines]

    @strawberry.field
    def findings(self) -> list[InvoiceFinding]:
        return shown(evaluation.findings(self.view, self.record), InvoiceFinding.all_of)

    @strawberry.field
    def provenance(self) -> records.Provenance:
        return self.view.provenance(self.record.provenance)


@strawberry.type(
    description="Totals are per currency: amounts in different currencies are never added."
)
class InvoiceTotals:
    currency: str
    amount: Decimal
    outstanding: Decimal
    disputed: Decimal
    count: int


@strawberry.type
class InvoiceConnection(Connection[Invoice]):
    totals: list[InvoiceTotals]

    @classmethod
    def of(cls, view: View, page: Page[records.Invoice], totals: tuple[use.Totals, ...]) -> Self:
        return cls(
            **connected(page, lambda record: Invoice.of(view, record)),
            totals=[mirrored(InvoiceTotals, each) for each in totals],
        )
