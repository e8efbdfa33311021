"""The tables of a snapshot, one function each. Each gives columns and rows; who may have them is the caller's business."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from negotiation.assessed import Assessment
from negotiation.picture import Picture
from negotiation.ratio import format_ratio
from negotiation.records import Offer, Snapshot

Row = tuple[Any, ...]
Rows = Iterator[Row]

INVOICE_COLUMNS = (
    "number", "period_start", "period_end", "issued_on", "amount", "currency", "status",
    "disputed_amount", "dispute_reason", "provenance",
)  # fmt: skip
INVOICE_LINE_COLUMNS = (
    "invoice", "line", "sku", "description", "quantity", "unit_price", "amount",
)  # fmt: skip
FINDING_COLUMNS = ("invoice", "line", "sku", "code", "expected", "billed", "delta", "message")
USAGE_COLUMNS = ("day", "sku", "quantity", "billed", "revision", "source")
SPEND_COLUMNS = ("day", "list", "net", "billed", "rows")
SKU_COLUMNS = (
    "key", "name", "family", "unit", "list_rate", "contract_rate", "locked", "pass_through",
    "synthetic",
)  # fmt: skip
STREAM_COLUMNS = (
    "name", "side", "unit", "volume", "unit_price", "list_unit_price", "amount", "list_amount",
)  # fmt: skip
OFFER_COLUMNS = (
    "round", "from", "status", "title", "valid_until", "months", "list_cost", "cash", "npv",
    "shortfall", "credits", "headline_discount", "effective_discount", "cost_p10", "cost_p50",
    "cost_p90", "shortfall_probability", "expected_shortfall", "verdict", "reasons", "hash",
)  # fmt: skip
MONTH_COLUMNS = (
    "offer", "month", "list", "tier", "discount", "net", "pass_through", "credits", "shortfall",
    "cash",
)  # fmt: skip
MILESTONE_COLUMNS = (
    "name", "owner_role", "due_on", "status", "late", "decided_by", "decided_at", "note",
)  # fmt: skip


def invoices(snapshot: Snapshot) -> Rows:
    for each in sorted(snapshot.invoices.values(), key=lambda i: (i.period_start, i.number)):
        yield (
            each.number, each.period_start, each.period_end, each.issued_on, each.amount,
            each.currency, each.status, each.disputed_amount, each.dispute_reason, each.provenance,
        )  # fmt: skip


def invoice_lines(snapshot: Snapshot) -> Rows:
    for each in sorted(snapshot.invoices.values(), key=lambda i: (i.period_start, i.number)):
        for line in each.lines:
            yield (
                each.number, line.number, line.sku, line.description, line.quantity,
                line.unit_price, line.amount,
            )  # fmt: skip


def findings(picture: Picture) -> Rows:
    for each in picture.rerating.all():
        yield (
            each.invoice, each.line, each.sku, each.code, each.expected, each.billed, each.delta,
            each.message,
        )  # fmt: skip


def usage(snapshot: Snapshot) -> Rows:
    for day in sorted(snapshot.usage):
        for _, row in sorted(snapshot.usage[day].rows.items()):
            yield row.day, row.sku, row.quantity, row.billed, row.revision, row.source


def spend(picture: Picture) -> Rows:
    for each in picture.daily(picture.usage_from, picture.usage_to):
        yield each.day, each.list_amount, each.net, each.billed, each.rows


def skus(snapshot: Snapshot, picture: Picture) -> Rows:
    for key, each in sorted(snapshot.skus.items()):
        yield (
            key, each.name, each.family, each.unit, each.list_rate, picture.rate(each),
            picture.catalogue.is_locked(key), each.pass_through, each.synthetic,
        )  # fmt: skip


def streams(picture: Picture) -> Rows:
    for each in picture.streams:
        yield (
            each.name, each.side, each.unit, each.volume, each.unit_price, each.list_unit_price,
            each.amount, each.list_amount,
        )  # fmt: skip


def offers(assessed: Mapping[Offer, Assessment]) -> Rows:
    for offer, made in assessed.items():
        yield (
            offer.round, offer.party, offer.status, offer.title, offer.valid_until, made.months,
            made.list_cost, made.cash, made.npv, made.shortfall, made.credits,
            ratio(made.headline_discount), ratio(made.effective_discount), made.cost_p10,
            made.cost_p50, made.cost_p90, ratio(made.shortfall_probability),
            made.expected_shortfall, made.verdict, " ".join(r.message for r in made.reasons),
            offer.hash,
        )  # fmt: skip


def months(assessed: Mapping[Offer, Assessment]) -> Rows:
    for offer, made in assessed.items():
        for each in made.monthly:
            yield (
                offer.title, each.month, each.list_amount, each.tier, ratio(each.discount), each.net,
                each.pass_through, each.credits, each.shortfall, each.cash,
            )  # fmt: skip


def milestones(picture: Picture) -> Rows:
    for each in picture.milestones:
        yield (
            each.name, each.owner_role, each.due_on, each.status, picture.is_late(each),
            each.decided_by, each.decided_at, each.note,
        )  # fmt: skip


def ratio(value: Decimal | None) -> str | None:
    """Four places, as everywhere outside."""
    return None if value is None else format_ratio(value)
