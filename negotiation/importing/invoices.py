"""Invoices from CSV text: number, period, amount, currency, status.

The same number with another amount is refused, in the file and against the store; an identical one counts as
unchanged; one with another status or other dates is an update that keeps the invoice's lines and dispute.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

from negotiation.currency import known_currency, minor_units
from negotiation.decimals import round_places, shown
from negotiation.errors import CurrencyError, NegotiationError
from negotiation.importing.table import (
    Errors,
    Row,
    RowError,
    Table,
    missing_columns,
    no_rows,
    read_day,
    read_table,
)
from negotiation.money import format_money, read_money
from negotiation.months import month_end
from negotiation.records import Invoice, InvoiceStatus
from negotiation.trace import Notice

MAX_NUMBER: Final = 100

ALIASES: Final = {
    "number": (
        "invoice",
        "invoice number",
        "invoice no",
        "invoice id",
        "invoice_ref",
        "reference",
        "id",
    ),
    "period": ("billing period", "month", "service period"),
    "period_start": (
        "start",
        "start date",
        "from",
        "period from",
        "billing period start",
        "service start",
    ),
    "period_end": (
        "end",
        "end date",
        "to",
        "until",
        "period to",
        "billing period end",
        "service end",
    ),
    "amount": (
        "total",
        "amount due",
        "total amount",
        "invoice amount",
        "invoice total",
        "grand total",
        "value",
    ),
    "currency": ("currency code", "price unit", "ccy"),
    "status": ("state", "invoice status", "payment status"),
    "issued_on": ("issued", "issue date", "issued at", "invoice date", "date issued", "date"),
}
STATUSES: Final = {
    "draft": InvoiceStatus.DRAFT,
    "open": InvoiceStatus.OPEN,
    "due": InvoiceStatus.OPEN,
    "issued": InvoiceStatus.OPEN,
    "sent": InvoiceStatus.OPEN,
    "unpaid": InvoiceStatus.OPEN,
    "outstanding": InvoiceStatus.OPEN,
    "overdue": InvoiceStatus.OPEN,
    "past due": InvoiceStatus.OPEN,
    "paid": InvoiceStatus.PAID,
    "closed": InvoiceStatus.PAID,
    "settled": InvoiceStatus.PAID,
    "disputed": InvoiceStatus.DISPUTED,
    "in dispute": InvoiceStatus.DISPUTED,
    "credited": InvoiceStatus.CREDITED,
    "refunded": InvoiceStatus.CREDITED,
    "void": InvoiceStatus.CREDITED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceImport:
    """What the import would write. With `errors` there are no `invoices`; `rejected` counts the rows at fault."""

    invoices: tuple[Invoice, ...]
    unchanged: int
    rejected: int
    errors: tuple[RowError, ...]
    warnings: tuple[Notice, ...] = ()

    @property
    def accepted(self) -> int:
        return len(self.invoices)


def parse_invoices(
    csv_text: str, currency: str, existing: Iterable[Invoice] | Mapping[str, Invoice]
) -> InvoiceImport:
    """Read invoices. `currency`: what an amount is in where neither column nor symbol says; `existing`: the store's."""
    errors = Errors()
    table = read_table(csv_text, ALIASES, errors)
    if table is not None and (fault := _missing(table)):
        errors.add(1, None, fault)
    if table is None or errors:
        return _refused(errors)
    known = {
        each.number: each
        for each in (existing.values() if isinstance(existing, Mapping) else existing)
    }
    seen: dict[str, tuple[int, Invoice]] = {}
    changed: dict[str, Invoice] = {}
    unchanged = 0
    for row in table.rows:
        invoice = _invoice(row, table, currency, errors)
        if invoice is None:
            continue
        if (before := seen.get(invoice.number)) is not None:
            conflict = _conflict(before[1], invoice, f"row {before[0]}", whole=True)
            if conflict is not None:
                errors.add(row.number, table.header(conflict[0]), conflict[1])
            unchanged += conflict is None
            continue
        seen[invoice.number] = row.number, invoice
        stored = known.get(invoice.number)
        if stored is None:
            changed[invoice.number] = invoice
        elif conflict := _conflict(stored, invoice, "the store", whole=False):
            errors.add(row.number, table.header(conflict[0]), conflict[1])
        elif (updated := _updated(stored, invoice, table)) == stored:
            unchanged += 1
        else:
            changed[invoice.number] = updated
    if errors:
        return _refused(errors)
    return InvoiceImport(
        invoices=tuple(changed.values()),
        unchanged=unchanged,
        rejected=0,
        errors=(),
        warnings=no_rows(table),
    )


def _missing(table: Table) -> str | None:
    needed = {"number": "number", "amount": "amount"}
    if "period" not in table.headers:
        needed |= {"period_start": "period_start", "period_end": "period_end"}
    return missing_columns(table.headers, needed)


def _invoice(row: Row, table: Table, currency: str, errors: Errors) -> Invoice | None:
    def fault(column: str, message: str) -> None:
        errors.add(row.number, table.header(column), message)

    number = row.get("number")
    if not number:
        fault("number", "The invoice has no number.")
    elif len(number) > MAX_NUMBER or not number.isprintable():
        fault("number", f"A number has at most {MAX_NUMBER} printable characters.")
    period = _period(row, table, errors)
    money = _money(row, table, currency, errors)
    status = _status(row.get("status"))
    if status is None:
        fault(
            "status",
            f"{shown(row.get('status'))} is no status. Use one of {', '.join(InvoiceStatus)}.",
        )
    issued = None
    if text := row.get("issued_on"):
        try:
            issued = read_day(text)
        except ValueError as error:
            fault("issued_on", str(error))
    if row.number in errors.rows or period is None or money is None or status is None:
        return None
    return Invoice(
        id=number,
        number=number,
        period_start=period[0],
        period_end=period[1],
        amount=money[0],
        currency=money[1],
        status=status,
        issued_on=issued,
    )


def _period(row: Row, table: Table, errors: Errors) -> tuple[date, date] | None:
    """First and last day; "2026-03" in a period column is the whole month."""
    if (text := row.get("period")) and not (row.get("period_start") or row.get("period_end")):
        try:
            first = read_day(f"{text}-01")
        except ValueError:
            errors.add(
                row.number,
                table.header("period"),
                f"{shown(text)} is not a month. Write it as 2026-03.",
            )
            return None
        return first, month_end(first)
    days = []
    for column in ("period_start", "period_end"):
        try:
            days.append(read_day(row.get(column)))
        except ValueError as error:
            errors.add(row.number, table.header(column), str(error))
    if len(days) < 2:
        return None
    if days[1] < days[0]:
        errors.add(
            row.number,
            table.header("period_end"),
            f"The period ends on {days[1]}, before it begins on {days[0]}.",
        )
        return None
    return days[0], days[1]


def _money(row: Row, table: Table, default: str, errors: Errors) -> tuple[Decimal, str] | None:
    stated = row.get("currency")
    try:
        code = known_currency(stated) if stated else default
    except NegotiationError as error:
        errors.add(row.number, table.header("currency"), str(error))
        return None
    try:
        try:
            read = read_money(row.get("amount"), code)
        except CurrencyError:
            if stated:
                raise
            read = read_money(
                row.get("amount")
            )  # no column says otherwise: the amount's own symbol
            code = known_currency(read.currency or default)
    except NegotiationError as error:
        errors.add(row.number, table.header("amount"), str(error))
        return None
    amount = round_places(read.amount, minor_units(code))
    if amount != read.amount:
        errors.add(
            row.number,
            table.header("amount"),
            f"{shown(row.get('amount'))} has more decimal places than {code}, which has {minor_units(code)}.",
        )
        return None
    return amount, code


def _status(text: str) -> InvoiceStatus | None:
    """OPEN when the cell is empty or the column missing; None for a word that nobody uses."""
    if not text:
        return InvoiceStatus.OPEN
    return STATUSES.get(" ".join(text.lower().replace("_", " ").replace("-", " ").split()))


def _conflict(
    before: Invoice, invoice: Invoice, where: str, *, whole: bool
) -> tuple[str, str] | None:
    """Column and sentence when the same number says something else. `whole`: every field must agree."""
    if (before.amount, before.currency) != (invoice.amount, invoice.currency):
        there = format_money(before.amount, before.currency)
        here = format_money(invoice.amount, invoice.currency)
        return "amount", (
            f"Invoice {invoice.number} is {there} in {where}, here {here}. "
            "An issued invoice does not change: check which is right."
        )
    if whole and before != invoice:
        return "number", (
            f"Invoice {invoice.number} is in the file twice ({where}), with other dates or another status. "
            "Keep one."
        )
    return None


def _updated(stored: Invoice, invoice: Invoice, table: Table) -> Invoice:
    """The stored invoice with what the file says; a dispute of ours ends by payment or credit only."""
    status = invoice.status if "status" in table.headers else stored.status
    if stored.status is InvoiceStatus.DISPUTED and status in (
        InvoiceStatus.OPEN,
        InvoiceStatus.DRAFT,
    ):
        status = stored.status
    return replace(
        stored,
        period_start=invoice.period_start,
        period_end=invoice.period_end,
        status=status,
        issued_on=stored.issued_on if invoice.issued_on is None else invoice.issued_on,
    )


def _refused(errors: Errors) -> InvoiceImport:
    return InvoiceImport(
        invoices=(), unchanged=0, rejected=len(errors.rows), errors=tuple(errors.kept)
    )
