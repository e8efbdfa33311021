"""Invoices: the list with its totals, what re-rating finds in them, disputes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from negotiation.currency import known_currency
from negotiation.money import exact_arithmetic, format_money, round_money
from negotiation.records import Invoice, InvoiceStatus, Snapshot
from negotiation.rerating import InvoiceFinding
from negotiation.trace import Notice
from resolvers.errors import BadUserInput, FieldError, NotFound
from resolvers.paging import Key, Page, checked_first, latest_first, page
from resolvers.ports import Actor, Put, Services, Write
from resolvers.view import View

ZERO = Decimal(0)
UNPAID = frozenset({InvoiceStatus.OPEN, InvoiceStatus.DISPUTED})
DISPUTABLE = frozenset({InvoiceStatus.OPEN, InvoiceStatus.PAID, InvoiceStatus.DISPUTED})
LONGEST_TEXT = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """None is no condition. The period of an invoice must touch [`since`, `until`]; `search` looks into the number,
    the reason of a dispute and the lines."""

    status: tuple[InvoiceStatus, ...] | None = None
    currency: str | None = None
    since: date | None = None
    until: date | None = None
    search: str | None = None

    def takes(self, invoice: Invoice) -> bool:
        return (
            (self.status is None or invoice.status in self.status)
            and (self.currency is None or invoice.currency == self.currency.strip().upper())
            and (self.since is None or invoice.period_end >= self.since)
            and (self.until is None or invoice.period_start <= self.until)
            and (self.search is None or _mentions(invoice, self.search.strip().casefold()))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Sums of one currency. `outstanding` is not paid yet, what is in dispute included."""

    currency: str
    amount: Decimal
    outstanding: Decimal
    disputed: Decimal
    count: int


def listing(
    view: View, condition: Filter, *, first: int | None, after: str | None
) -> tuple[Page[Invoice], tuple[Totals, ...]]:
    """A page of the invoices that `condition` takes, newest period first, and the totals of all of them."""
    size = checked_first(first, 50)
    _checked(condition)
    ordered = view.figures.once(
        "invoices", lambda: sorted(view.snapshot.invoices.values(), key=_order)
    )
    taken = [invoice for invoice in ordered if condition.takes(invoice)]
    return page(taken, _order, first=size, after=after), totals(taken)


def totals(invoices: Iterable[Invoice]) -> tuple[Totals, ...]:
    """One line per currency, in the order of their codes."""
    by_currency: dict[str, list[Invoice]] = {}
    for invoice in invoices:
        by_currency.setdefault(invoice.currency, []).append(invoice)
    return tuple(_totals(currency, by_currency[currency]) for currency in sorted(by_currency))


def finding_id(finding: InvoiceFinding) -> str:
    """The id of a finding within its invoice: its code and line."""
    return finding.code if finding.line is None else f"{finding.code}:{finding.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """`reason` may be empty where `findings` (their ids) say why. `amount` None: what they claim, else the whole invoice."""

    invoice_id: str
    reason: str
    amount: Decimal | None = None
    findings: tuple[str, ...] = ()


async def dispute(
    services: Services,
    actor: Actor,
    wanted: Dispute,
    found: Sequence[InvoiceFinding] = (),
) -> tuple[Snapshot, Invoice | None, tuple[Notice, ...]]:
    """Put an invoice into dispute, or change its dispute. `found`: what re-rating found on it.

    (the snapshot after it, the invoice, refusals). Raises NotFound or BadUserInput.
    """
    invoice_id = wanted.invoice_id
    chosen = _chosen(wanted.findings, found)
    words = wanted.reason.strip() or " ".join(each.message for each in chosen)[:LONGEST_TEXT]
    amount = wanted.amount
    if amount is None and chosen:
        with exact_arithmetic():
            amount = sum(
                (each.delta for each in chosen if each.delta is not None and each.delta > 0), ZERO
            )
    if not words or len(words) > LONGEST_TEXT:
        message = f"Say why, in at most {LONGEST_TEXT} characters."
        raise BadUserInput(message, [FieldError("input.reason", message)])
    refusals: list[Notice] = []

    def decide(snapshot: Snapshot) -> Sequence[Write]:
        refusals.clear()
        invoice = snapshot.invoices.get(invoice_id)
        if invoice is None:
            raise NotFound(f"There is no invoice {invoice_id!r}.")
        if invoice.status not in DISPUTABLE:
            refusals.append(
                Notice(
                    "INVOICE_NOT_DISPUTABLE",
                    f"{invoice.number} is {invoice.status.value.lower()}; only open and paid invoices can be disputed.",
                    "invoiceId",
                )
            )
            return ()
        changed = replace(
            invoice,
            status=InvoiceStatus.DISPUTED,
            disputed_amount=_disputed(invoice, amount),
            dispute_reason=words,
        )
        return () if changed == invoice else (Put(changed),)

    snapshot = await services.store.commit(decide, actor=actor.id, cause="disputeInvoice")
    return snapshot, None if refusals else snapshot.invoices[invoice_id], tuple(refusals)


def _chosen(wanted: Sequence[str], found: Sequence[InvoiceFinding]) -> tuple[InvoiceFinding, ...]:
    """The findings with these ids, each once. BadUserInput for an id that none has."""
    by_id = {finding_id(each): each for each in found}
    faults = []
    for index, each in enumerate(wanted):
        if each not in by_id:
            message = f"{each[:80]!r} is no finding of this invoice."
            hint = f"Its findings are {', '.join(by_id)}." if by_id else "It has no findings."
            faults.append(FieldError(f"input.findings.{index}", message, hint))
    if faults:
        raise BadUserInput(" ".join(f"{each.message} {each.hint}" for each in faults), faults)
    return tuple(by_id[each] for each in dict.fromkeys(wanted))


def _disputed(invoice: Invoice, amount: Decimal | None) -> Decimal:
    disputed = invoice.amount if amount is None else round_money(amount, invoice.currency)
    if not ZERO < disputed <= invoice.amount:
        whole = format_money(invoice.amount, invoice.currency)
        message = f"The disputed amount must be more than 0 and at most {whole}."
        raise BadUserInput(message, [FieldError("input.amount", message)])
    return disputed


def _order(invoice: Invoice) -> Key:
    return (latest_first(invoice.period_start), invoice.number, invoice.id)


def _mentions(invoice: Invoice, words: str) -> bool:
    texts = (
        invoice.number,
        invoice.dispute_reason or "",
        *(each.description for each in invoice.lines),
    )
    return any(words in text.casefold() for text in texts)


def _totals(currency: str, invoices: Sequence[Invoice]) -> Totals:
    with exact_arithmetic():
        return Totals(
            currency=currency,
            amount=sum((each.amount for each in invoices), ZERO),
            outstanding=sum((each.amount for each in invoices if each.status in UNPAID), ZERO),
            disputed=sum(
                (
                    each.amount if each.disputed_amount is None else each.disputed_amount
                    for each in invoices
                    if each.status is InvoiceStatus.DISPUTED
                ),
                ZERO,
            ),
            count=len(invoices),
        )


def _checked(condition: Filter) -> None:
    if condition.currency is not None:
        known_currency(condition.currency, field="filter.currency")
    faults = []
    if condition.since and condition.until and condition.since > condition.until:
        faults.append(FieldError("filter.to", "`to` lies before `from`."))
    if condition.search is not None and len(condition.search) > LONGEST_TEXT:
        faults.append(FieldError("filter.search", f"At most {LONGEST_TEXT} characters."))
    if faults:
        raise BadUserInput(" ".join(fault.message for fault in faults), faults)
