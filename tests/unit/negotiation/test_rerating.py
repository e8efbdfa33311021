"""Every invoice line against the contract in force."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from negotiation.catalogue import Catalogue
from negotiation.demo import DEMO_SEED, generate
from negotiation.money import sum_lines
from negotiation.months import add_months
from negotiation.picture import Pictures
from negotiation.records import Invoice, InvoiceLine, UsageRow
from negotiation.rerating import InvoiceFinding, Rerating
from negotiation.terms import CreditTerm, LadderEffective, Term
from negotiation.usage import UsageFigures, days_between
from tests.builders import (
    a_ladder,
    a_line,
    a_rate,
    a_renewal,
    a_row,
    a_sku,
    an_invoice,
    catalogue_of,
    usage_of,
)

SMS = a_sku("sms-us", list_rate=Decimal("0.01"))
CALLS = a_sku("calls-us", family="voice", unit="minute", list_rate=Decimal("0.02"))
FEE = a_sku("fee-us", family="carrier-fees", list_rate=Decimal("0.003"), pass_through=True)
SKUS = catalogue_of(SMS, CALLS, FEE)
LOCKED = a_rate(id="lock", sku="calls-us", unit_price=Decimal("0.012"), locked=True)
TERMS = (a_ladder(), LOCKED, a_renewal(start=date(2026, 1, 1)))
MARCH = list(days_between(date(2026, 3, 1), date(2026, 3, 31)))


def march(per_day: int = 1000, without: int = 0) -> list[UsageRow]:
    """1,000 units of everything on each day of March: 31,000 a month."""
    return [a_row(day, key, per_day) for day in MARCH[without:] for key in SKUS]


def invoice(*lines: InvoiceLine, **changes: object) -> Invoice:
    amount = sum_lines((line.amount for line in lines), "USD")
    return replace(an_invoice(lines=lines, amount=amount), **changes)  # type: ignore[arg-type]


def line(
    sku: str | None, amount: str, quantity: int | None = 31_000, number: int = 1, **changes: object
) -> InvoiceLine:
    found = a_line(
        number, amount, sku=sku, quantity=None if quantity is None else Decimal(quantity)
    )
    return replace(found, **changes)  # type: ignore[arg-type]


RIGHT = (
    line("sms-us", "210.80", number=1),
    line("calls-us", "372.00", number=2),
    line("fee-us", "93.00", number=3),
)


def findings(
    *lines: InvoiceLine, usage: list[UsageRow] | None = None, terms: tuple[Term, ...] = TERMS
) -> list[InvoiceFinding]:
    figures = UsageFigures(Catalogue(SKUS, terms), "USD")
    bill = invoice(*lines)
    days = usage_of(march() if usage is None else usage)
    return list(Rerating([bill], figures, days).findings(bill))


def test_a_right_invoice_has_no_findings() -> None:
    assert findings(*RIGHT) == []


def test_a_minor_unit_per_line_is_rounding() -> None:
    assert findings(line("sms-us", "210.81")) == []
    assert findings(line("sms-us", "210.79")) == []
    assert [each.delta for each in findings(line("sms-us", "210.82"))] == [Decimal("0.02")]


@pytest.mark.parametrize(
    ("bad", "code", "expected", "delta"),
    [
        (line("sms-us", "195.30"), "WRONG_TIER", "210.80", "-15.50"),
        (line("sms-us", "310.00"), "DISCOUNT_MISSING", "210.80", "99.20"),
        (line("sms-us", "250.00"), "WRONG_RATE", "210.80", "39.20"),
        (line("calls-us", "620.00"), "LOCKED_SKU_AT_RACK", "372.00", "248.00"),
        (line("calls-us", "396.00", 33_000), "MINUTE_ROUNDING", "372.00", "24.00"),
        (line("sms-us", "224.40", 33_000), "QUANTITY_DIFFERS", "210.80", "13.60"),
        (line("fee-us", "100.00"), "PASS_THROUGH_MARKUP", "93.00", "7.00"),
        (line("mystery", "9.00"), "UNKNOWN_SKU", "0", "9.00"),
    ],
)
def test_each_cause_is_told_in_money(
    bad: InvoiceLine, code: str, expected: str, delta: str
) -> None:
    (found,) = findings(bad)

    assert (found.code, found.line, found.expected, found.billed, found.delta) == (
        code,
        1,
        Decimal(expected),
        bad.amount,
        Decimal(delta),
    )
    assert found.message.endswith(".")


def test_the_same_line_twice_is_billed_twice() -> None:
    (found,) = findings(*RIGHT, replace(RIGHT[0], number=4))

    assert (found.code, found.line, found.expected, found.delta) == (
        "DUPLICATE_LINE",
        4,
        Decimal(0),
        Decimal("210.80"),
    )


def test_a_sku_split_over_two_lines_is_rated_as_a_whole() -> None:
    parts = (line("sms-us", "68.00", 10_000, 1), line("sms-us", "142.80", 21_000, 2))

    assert findings(*parts) == []


@pytest.mark.parametrize("words", ["Sundries", "Credit card surcharge", "Reversal of credit"])
def test_a_charge_that_nobody_explains_has_no_expected_amount(words: str) -> None:
    (found,) = findings(line(None, "12.00", None, description=words))

    assert (found.code, found.expected, found.delta) == ("UNEXPLAINED_CHARGE", None, None)


def test_without_usage_of_every_day_quantities_are_taken_as_billed() -> None:
    assert findings(line("sms-us", "210.80"), usage=march(without=1)) == []
    (found,) = findings(line("sms-us", "310.00"), usage=march(without=1))
    assert found.code == "DISCOUNT_MISSING"


CREDIT = CreditTerm(
    id="k", amount=Decimal(100), granted_on=date(2026, 3, 1), expires_on=date(2026, 12, 31)
)


@pytest.mark.parametrize(
    ("credits", "code", "at", "delta"),
    [
        ((), "CREDIT_MISSING", None, "100.00"),
        ((line(None, "-60.00", None, 4, description="Credit"),), "CREDIT_MISSING", 4, "40.00"),
        (
            (line(None, "0.00", None, 4, description="Credit (expired)"),),
            "EXPIRED_CREDIT",
            4,
            "100.00",
        ),
        ((line(None, "-130.00", None, 4, description="Credit"),), "CREDIT_NOT_DUE", 4, "-30.00"),
    ],
)
def test_credits_are_compared_with_what_the_contract_gives(
    credits: tuple[InvoiceLine, ...], code: str, at: int | None, delta: str
) -> None:
    (found,) = findings(*RIGHT, *credits, terms=(*TERMS, CREDIT))

    assert (found.code, found.line, found.delta) == (code, at, Decimal(delta))


def test_a_credit_is_expected_once_on_the_first_invoice_that_may_use_it() -> None:
    figures = UsageFigures(Catalogue(SKUS, (*TERMS, CREDIT)), "USD")
    given = line(None, "-100.00", None, 4, description="Credit")
    first = invoice(*RIGHT, given)
    april = [
        a_row(day, key, 1000)
        for day in days_between(date(2026, 4, 1), date(2026, 4, 30))
        for key in SKUS
    ]
    second = invoice(
        line("sms-us", "204.00", 30_000),
        id="2",
        number="2",
        period_start=date(2026, 4, 1),
        period_end=date(2026, 4, 30),
    )
    rerating = Rerating([second, first], figures, usage_of(march() + april))

    assert rerating.all() == ()


def test_days_with_different_discounts_are_averaged_by_their_usage() -> None:
    usage = [a_row(day, "sms-us", 1_000_000) for day in MARCH]
    terms = (a_ladder(effective=LadderEffective.NEXT_DAY), a_renewal(start=date(2026, 1, 1)))
    expected = 26 * 10_000 * Decimal("0.68") + 5 * 10_000 * Decimal("0.63")

    assert findings(line("sms-us", str(expected), 31_000_000), usage=usage, terms=terms) == []


def test_an_invoice_without_lines_or_in_another_currency_cannot_be_checked() -> None:
    figures = UsageFigures(Catalogue(SKUS, TERMS), "USD")
    bare, foreign = an_invoice(), invoice(*RIGHT, currency="EUR", id="e")
    rerating = Rerating([bare, foreign], figures, usage_of(march()))

    assert rerating.findings(bare) == rerating.findings(foreign) == ()


@pytest.mark.parametrize(
    ("seed", "anchor"),
    [
        (DEMO_SEED, date(2026, 4, 1)),
        (DEMO_SEED, date(2026, 11, 24)),
        ("another", date(2024, 2, 29)),
        ("a third", date(2025, 1, 1)),
    ],
    ids=str,
)
def test_the_demos_planted_errors_are_found_and_none_more(seed: str, anchor: date) -> None:
    workspace = generate(seed, anchor)
    picture = Pictures().of(workspace.snapshot(), workspace.negotiation, anchor)

    found = {(each.code, each.invoice, each.line, each.delta) for each in picture.rerating.all()}

    assert found == {(each.code, each.invoice, each.line, each.delta) for each in workspace.planted}
    assert picture.rerating.claim() == sum(each.delta for each in workspace.planted)


def test_restated_usage_changes_what_is_expected() -> None:
    anchor = date(2026, 4, 1)
    workspace = generate(DEMO_SEED, anchor)
    day = add_months(anchor, -1)
    restated = tuple(
        replace(row, quantity=row.quantity + 1_000_000, revision=2)
        if (row.day, row.sku) == (day, "sms-outbound-tollfree")
        else row
        for row in workspace.usage
    )
    picture = Pictures().of(
        replace(workspace, usage=restated).snapshot(), workspace.negotiation, anchor
    )
    last = workspace.invoices[-1]

    (found,) = picture.rerating.findings(last)
    assert (found.code, found.sku) == ("QUANTITY_DIFFERS", "sms-outbound-tollfree")
    assert found.delta is not None
    assert found.delta < 0
