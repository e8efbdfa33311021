"""The demo's 24 invoices: every SKU's month at the contract's rate, and six errors planted among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from negotiation.catalogue import Catalogue
from negotiation.decimals import exact_arithmetic
from negotiation.demo.contract import contract_terms
from negotiation.demo.volumes import MONTHS
from negotiation.money import round_money, sum_lines
from negotiation.months import add_months, month_end, month_start
from negotiation.records import Invoice, InvoiceLine, InvoiceStatus, Provenance
from negotiation.terms import CreditTerm
from negotiation.usage import Usage, UsageFigures

CURRENCY: Final = "USD"
LAST_PAID: Final = 3


@dataclass(frozen=True, slots=True)
class Planted:
    """One error that re-rating must find: its cause, the invoice, the line, and billed minus expected."""

    code: str
    invoice: str
    line: int
    delta: Decimal


def demo_invoices(
    anchor: date, usage: Usage, figures: UsageFigures
) -> tuple[tuple[Invoice, ...], tuple[Planted, ...]]:
    """The invoices of the last 24 full months, oldest first, and what is wrong with them."""
    discounts = figures.discounts(usage, anchor)
    invoices, planted = [], []
    wrong_tier = _month_of_tier_b(anchor, discounts)
    for back in range(MONTHS, 0, -1):
        first = add_months(month_start(anchor), -back)
        month = _Month(first, figures.catalogue, figures.quantities(usage, first, month_end(first)))
        right = month.lines(discounts[first]) + _credits(anchor, first)
        lines = [replace(line, number=number) for number, line in enumerate(right, 1)]
        lines, error = _plant(month, lines, back, wrong_tier)
        if error is not None:
            planted.append(error)
        invoices.append(_invoice(month, lines, back, error))
    return tuple(invoices), tuple(planted)


@dataclass(frozen=True, slots=True)
class _Month:
    first: date
    catalogue: Catalogue
    quantities: Mapping[str, Decimal]

    @property
    def number(self) -> str:
        return f"TW-{self.first:%Y-%m}"

    def lines(self, discount: Decimal) -> list[InvoiceLine]:
        """What is right: one line per SKU used, in the order of the keys, not yet numbered."""
        rates = self.catalogue.rates(discount)
        return [
            _line(0, self.catalogue.skus[key].name, key, quantity, rates[key])
            for key, quantity in sorted(self.quantities.items())
        ]


def _month_of_tier_b(anchor: date, discounts: Mapping[date, Decimal]) -> int:
    """The latest month but one in which the second tier applied; there it is billed at the first."""
    months = [
        back
        for back in range(2, MONTHS)
        if discounts[add_months(month_start(anchor), -back)] == Decimal("0.37")
    ]
    return months[0]


def _plant(
    month: _Month, lines: list[InvoiceLine], back: int, wrong_tier: int
) -> tuple[list[InvoiceLine], Planted | None]:
    if back == wrong_tier:
        return _at_lower_tier(month, lines, "sms-outbound-tollfree")
    match back:
        case 7:
            return _at_rack(month, lines, "calls-inbound-tollfree")
        case 8:
            return _rounded_up(month, lines, "calls-sip-outbound")
        case 10:
            return _twice(month, lines, "carrier-lookups")
        case 12:
            return _unknown(month, lines)
        case 6:
            return _credit_denied(month, lines)
        case _:
            return lines, None


def _at_lower_tier(
    month: _Month, lines: list[InvoiceLine], key: str
) -> tuple[list[InvoiceLine], Planted]:
    return _repriced(month, lines, key, "WRONG_TIER", month.catalogue.rate(key, Decimal("0.32")))


def _at_rack(
    month: _Month, lines: list[InvoiceLine], key: str
) -> tuple[list[InvoiceLine], Planted]:
    return _repriced(month, lines, key, "LOCKED_SKU_AT_RACK", month.catalogue.skus[key].list_rate)


def _repriced(
    month: _Month, lines: list[InvoiceLine], key: str, code: str, rate: Decimal
) -> tuple[list[InvoiceLine], Planted]:
    right = _of(lines, key)
    wrong = _line(right.number, right.description, key, month.quantities[key], rate)
    return _swapped(lines, wrong), Planted(
        code, month.number, right.number, wrong.amount - right.amount
    )


def _rounded_up(
    month: _Month, lines: list[InvoiceLine], key: str
) -> tuple[list[InvoiceLine], Planted]:
    """Each call rounded up to a whole minute once more: 6 % more minutes than were used."""
    right = _of(lines, key)
    minutes = Decimal(int(month.quantities[key]) * 106 // 100)
    assert right.unit_price is not None
    wrong = _line(right.number, right.description, key, minutes, right.unit_price)
    delta = wrong.amount - right.amount
    return _swapped(lines, wrong), Planted("MINUTE_ROUNDING", month.number, right.number, delta)


def _twice(month: _Month, lines: list[InvoiceLine], key: str) -> tuple[list[InvoiceLine], Planted]:
    again = replace(_of(lines, key), number=len(lines) + 1)
    return [*lines, again], Planted("DUPLICATE_LINE", month.number, again.number, again.amount)


def _unknown(month: _Month, lines: list[InvoiceLine]) -> tuple[list[InvoiceLine], Planted]:
    fee = _line(
        len(lines) + 1, "Platform access fee", "platform-access-fee", Decimal(1), Decimal("450.00")
    )
    return [*lines, fee], Planted("UNKNOWN_SKU", month.number, fee.number, fee.amount)


def _credit_denied(month: _Month, lines: list[InvoiceLine]) -> tuple[list[InvoiceLine], Planted]:
    """The amendment's credit appears as expired, long before it is."""
    right = next(line for line in lines if line.amount < 0)
    wrong = replace(right, description=f"{right.description} (expired)", amount=Decimal("0.00"))
    delta = wrong.amount - right.amount
    return _swapped(lines, wrong), Planted("EXPIRED_CREDIT", month.number, right.number, delta)


def _credits(anchor: date, first: date) -> list[InvoiceLine]:
    """A credit is used up by the first invoice whose period ends after it was granted: each is below a month's usage."""
    return [
        InvoiceLine(number=0, description=term.text or "Credit", amount=-term.amount)
        for term in contract_terms(anchor)
        if isinstance(term, CreditTerm)
        and term.amount is not None
        and term.granted_on is not None
        and first <= term.granted_on <= month_end(first)
    ]


def _invoice(month: _Month, lines: list[InvoiceLine], back: int, error: Planted | None) -> Invoice:
    disputed = error is not None and error.code == "DUPLICATE_LINE"
    status = InvoiceStatus.OPEN if back < LAST_PAID else InvoiceStatus.PAID
    return Invoice(
        id=month.number,
        number=month.number,
        period_start=month.first,
        period_end=month_end(month.first),
        amount=sum_lines((line.amount for line in lines), CURRENCY),
        currency=CURRENCY,
        status=InvoiceStatus.DISPUTED if disputed else status,
        issued_on=month_end(month.first) + timedelta(days=1),
        lines=tuple(lines),
        disputed_amount=error.delta if disputed and error is not None else None,
        dispute_reason="Carrier look-ups are billed twice." if disputed else None,
        provenance=Provenance.FIXTURE,
    )


def _line(number: int, description: str, key: str, quantity: Decimal, rate: Decimal) -> InvoiceLine:
    with exact_arithmetic():
        amount = round_money(quantity * rate, CURRENCY)
    return InvoiceLine(
        number=number,
        description=description,
        amount=amount,
        sku=key,
        quantity=quantity,
        unit_price=rate,
    )


def _of(lines: list[InvoiceLine], key: str) -> InvoiceLine:
    return next(line for line in lines if line.sku == key)


def _swapped(lines: list[InvoiceLine], line: InvoiceLine) -> list[InvoiceLine]:
    return [line if each.number == line.number else each for each in lines]
