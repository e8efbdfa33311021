"""Re-rating: every line of an invoice against the contract in force, in money.

What was used comes from daily usage, what it costs from the terms and the tier of each day. A difference of up to one
minor unit per line is rounding. Where a day of the invoice has no usage, quantities are taken as billed and only rates
are checked. Only differences that the contract explains are causes; anything else says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from negotiation.catalogue import Catalogue
from negotiation.credits import CreditBook
from negotiation.currency import minor_units
from negotiation.deal import Deal
from negotiation.decimals import exact_arithmetic, format_decimal, format_price
from negotiation.forecast import Period
from negotiation.ladder import ZERO
from negotiation.money import format_money, round_money
from negotiation.records import Invoice, InvoiceLine, Sku
from negotiation.usage import Usage, UsageFigures, days_between, runs


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFinding:
    """What is wrong with a line. `delta` = billed - expected: above 0 is money to claim. `line` None: a line is missing.

    `expected` and `delta` are None where the contract does not say what would be right. `quantity` x `rate`, rounded to
    `places`, is `expected` where one rate made it.
    """

    code: str
    invoice: str
    line: int | None
    sku: str | None
    expected: Decimal | None
    billed: Decimal
    delta: Decimal | None
    message: str
    quantity: Decimal | None = None
    rate: Decimal | None = None
    places: int = 2


class Rerating:
    """The findings of all invoices of one negotiation. Made for one snapshot; each invoice is rated when asked for."""

    def __init__(self, invoices: Iterable[Invoice], figures: UsageFigures, usage: Usage) -> None:
        self.invoices = tuple(sorted(invoices, key=lambda each: (each.period_start, each.number)))
        self.figures = figures
        self.usage = usage
        self._found: dict[str, tuple[InvoiceFinding, ...]] = {}

    def findings(self, invoice: Invoice) -> tuple[InvoiceFinding, ...]:
        """In the order of the lines. None for an invoice without lines or in another currency: nothing can be checked."""
        if invoice.id not in self._found:
            self._found[invoice.id] = tuple(self._rate(invoice))
        return self._found[invoice.id]

    def all(self) -> tuple[InvoiceFinding, ...]:
        """Every finding, invoice by invoice from the oldest."""
        return tuple(finding for invoice in self.invoices for finding in self.findings(invoice))

    def claim(self) -> Decimal:
        """What all findings together are worth to us: the sum of the deltas above 0."""
        with exact_arithmetic():
            return sum(
                (each.delta for each in self.all() if each.delta is not None and each.delta > 0),
                ZERO,
            )

    def _rate(self, invoice: Invoice) -> Iterator[InvoiceFinding]:
        if not invoice.lines or invoice.currency != self.figures.currency:
            return
        check = _InvoiceCheck(invoice, self.figures, self.usage, self._discounts)
        found = [*check.lines(), *check.credits(self._expected_credits.get(invoice.id, ZERO))]
        yield from sorted(found, key=lambda each: (each.line is None, each.line))

    @cached_property
    def _discounts(self) -> Mapping[date, Decimal]:
        last = max((each.period_end for each in self.invoices), default=None)
        return {} if last is None else self.figures.discounts(self.usage, last)

    @cached_property
    def _expected_credits(self) -> Mapping[str, Decimal]:
        """By invoice: the credits that the contract's terms give it, each used once, on the first invoices it may be."""
        renewal = self.figures.catalogue.renewal
        deal = Deal(self.figures.catalogue.terms)
        found: dict[str, Decimal] = {}
        start = renewal.start if renewal is not None else date.min
        book = CreditBook(deal.credits, start, self.figures.currency)
        for invoice in self.invoices:
            if invoice.period_end < start or not invoice.lines:
                continue
            check = _InvoiceCheck(invoice, self.figures, self.usage, self._discounts)
            found[invoice.id] = book.use(
                Period(invoice.period_start, invoice.period_end), check.expected_usage()
            )
        return found


class _InvoiceCheck:
    """One invoice under the contract."""

    def __init__(
        self,
        invoice: Invoice,
        figures: UsageFigures,
        usage: Usage,
        discounts: Mapping[date, Decimal],
    ) -> None:
        self.invoice = invoice
        self.figures = figures
        self.catalogue: Catalogue = figures.catalogue
        self.currency = figures.currency
        self.unit = Decimal((0, (1,), -minor_units(figures.currency)))
        first, last = invoice.period_start, invoice.period_end
        self.complete = all(day in usage for day in days_between(first, last))
        self.used = figures.quantities(usage, first, last)
        self.runs = tuple(self._runs(usage, first, last, discounts))

    def lines(self) -> Iterator[InvoiceFinding]:
        """SKU by SKU: the same line twice, SKUs nobody knows, and amounts that are not the contract's."""
        by_sku: dict[str, list[InvoiceLine]] = {}
        for line in self.invoice.lines:
            if line.sku is not None:
                by_sku.setdefault(line.sku, []).append(line)
            elif not _is_credit(line) and line.amount != 0:
                yield self._finding(
                    "UNEXPLAINED_CHARGE",
                    line,
                    None,
                    f"The contract does not explain {line.description!r}. Ask what it is for.",
                )
        for key, lines in by_sku.items():
            if key not in self.catalogue.skus:
                for line in lines:
                    yield self._finding(
                        "UNKNOWN_SKU",
                        line,
                        ZERO,
                        f"{key} is no SKU of the contract, so nothing is due for it.",
                    )
                continue
            once, again = _repeated(lines)
            for line in again:
                yield self._finding(
                    "DUPLICATE_LINE",
                    line,
                    ZERO,
                    f"The same line as {once[0].number}: billed twice.",
                )
            yield from self._amount(self.catalogue.skus[key], once)

    def credits(self, expected: Decimal) -> Iterator[InvoiceFinding]:
        """The credit lines together against what the contract gives this invoice."""
        lines = [line for line in self.invoice.lines if line.sku is None and _is_credit(line)]
        with exact_arithmetic():
            billed = sum((line.amount for line in lines), ZERO)
            delta = billed + expected
        if abs(delta) <= self.unit * max(1, len(lines)):
            return
        denied = next((line for line in lines if "expired" in line.description.lower()), None)
        if delta > 0 and denied is not None:
            code, says = "EXPIRED_CREDIT", "The credit is treated as expired, but it has not."
        elif delta > 0:
            code, says = "CREDIT_MISSING", "A credit of the contract is not on the invoice."
        else:
            code, says = "CREDIT_NOT_DUE", "More is credited than the contract gives."
        line = denied if denied is not None else lines[0] if lines else None
        yield InvoiceFinding(
            code=code,
            invoice=self.invoice.number,
            line=line.number if line is not None else None,
            sku=None,
            expected=-expected,
            billed=billed,
            delta=delta,
            message=f"{says} Due is a credit of {format_money(expected, self.currency)}.",
        )

    def expected_usage(self) -> Decimal:
        """What the usage of the invoice costs without pass-through: what credits may be used on."""
        skus = self.catalogue.skus
        with exact_arithmetic():
            return sum(
                (
                    round_money(self._cost(key, self.used[key]), self.currency)
                    for key in self.used
                    if not skus[key].pass_through
                ),
                ZERO,
            )

    def _amount(self, sku: Sku, lines: list[InvoiceLine]) -> Iterator[InvoiceFinding]:
        with exact_arithmetic():
            billed = sum((line.amount for line in lines), ZERO)
            quantity = sum((line.quantity for line in lines if line.quantity is not None), ZERO)
        used = self.used.get(sku.key, ZERO) if self.complete else quantity
        expected = round_money(self._cost(sku.key, used), self.currency)
        with exact_arithmetic():
            delta = billed - expected
        if abs(delta) <= self.unit * len(lines):
            return
        flat = len(self.runs) == 1 and sku.key not in self.catalogue.tiered
        stated = any(line.quantity is not None for line in lines)
        code, says = self._cause(sku, billed, quantity if stated else used, used)
        yield InvoiceFinding(
            code=code,
            invoice=self.invoice.number,
            line=lines[0].number,
            sku=sku.key,
            expected=expected,
            billed=billed,
            delta=delta,
            message=says,
            quantity=used if flat else None,
            rate=self.catalogue.rate(sku.key, self.runs[0][0]) if flat else None,
            places=minor_units(self.currency),
        )

    def _cause(
        self, sku: Sku, billed: Decimal, quantity: Decimal, used: Decimal
    ) -> tuple[str, str]:
        """Why `billed` is not what the contract makes of `used`."""
        if quantity != used:
            numbers = f"{format_decimal(quantity)} are billed, {format_decimal(used)} were used."
            if sku.unit == "minute" and quantity > used:
                return "MINUTE_ROUNDING", f"Minutes are rounded up beyond the contract: {numbers}"
            return "QUANTITY_DIFFERS", f"Other units than were used: {numbers}"
        if sku.pass_through:
            return "PASS_THROUGH_MARKUP", "A fee is to be passed on at cost, without a mark-up."
        at_list = self._same(billed, used * sku.list_rate)
        if at_list and self.catalogue.is_locked(sku.key):
            rate = format_price(self.catalogue.rate(sku.key))
            return "LOCKED_SKU_AT_RACK", f"Billed at list, although its rate is locked at {rate}."
        ladder = self.catalogue.ladder
        applied = {discount for discount, _ in self.runs}
        for tier in ladder.tiers if ladder is not None else ():
            cost = self.catalogue.net_amount(sku.key, used, tier.discount)
            if tier.discount not in applied and self._same(billed, cost):
                right = ", ".join(f"{discount:.0%}" for discount in sorted(applied))
                return (
                    "WRONG_TIER",
                    f"Billed at tier {tier.name} ({tier.discount:.0%}); the trailing spend gives {right}.",
                )
        if at_list:
            return "DISCOUNT_MISSING", "Billed at list, without the contract's discount."
        return "WRONG_RATE", "The rate is none of the contract's."

    def _cost(self, key: str, quantity: Decimal) -> Decimal:
        """`quantity` under the contract, at the average of the days' discounts weighted by usage."""
        if len(self.runs) == 1:
            return self.catalogue.net_amount(key, quantity, self.runs[0][0])
        with exact_arithmetic():
            by_run = [(discount, used.get(key, ZERO)) for discount, used in self.runs]
            total = sum((used for _, used in by_run), ZERO)
            if total == 0:
                return self.catalogue.net_amount(key, quantity, self.runs[0][0])
            return sum(
                (
                    self.catalogue.net_amount(key, quantity, discount) * used / total
                    for discount, used in by_run
                ),
                ZERO,
            )

    def _runs(
        self, usage: Usage, first: date, last: date, discounts: Mapping[date, Decimal]
    ) -> Iterator[tuple[Decimal, Mapping[str, Decimal]]]:
        """Stretches of days with the same discount, and what was used in each."""
        for discount, begin, end in runs(discounts, first, last, self.catalogue.base_discount()):
            whole = (begin, end) == (first, last)
            yield discount, self.used if whole else self.figures.quantities(usage, begin, end)

    def _same(self, billed: Decimal, cost: Decimal) -> bool:
        return abs(billed - round_money(cost, self.currency)) <= self.unit

    def _finding(
        self, code: str, line: InvoiceLine, expected: Decimal | None, message: str
    ) -> InvoiceFinding:
        with exact_arithmetic():
            delta = None if expected is None else line.amount - expected
        return InvoiceFinding(
            code=code,
            invoice=self.invoice.number,
            line=line.number,
            sku=line.sku,
            expected=expected,
            billed=line.amount,
            delta=delta,
            message=message,
        )


def _repeated(lines: list[InvoiceLine]) -> tuple[list[InvoiceLine], list[InvoiceLine]]:
    """The lines that differ, and those that say the same as one before them."""
    once: dict[tuple[Decimal | None, Decimal | None, Decimal], InvoiceLine] = {}
    again = []
    for line in lines:
        key = line.quantity, line.unit_price, line.amount
        if key in once:
            again.append(line)
        else:
            once[key] = line
    return list(once.values()), again


def _is_credit(line: InvoiceLine) -> bool:
    """Money back, or a credit that is named and not given; what adds to the bill is none, whatever it is called."""
    return line.amount < 0 or (line.amount == 0 and "credit" in line.description.lower())
