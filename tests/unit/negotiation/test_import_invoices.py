"""Invoices from CSV text: what is read, what is refused, and where."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from negotiation.importing import InvoiceImport, parse_invoices
from negotiation.records import Invoice, InvoiceStatus
from tests.builders import a_line, an_invoice
from tests.effort import effort

HEADER = "number,period_start,period_end,amount,currency,status\n"
GOOD = "INV-1,2026-03-01,2026-03-31,1200.50,USD,open\n"


def read(text: str, *existing: Invoice, currency: str = "USD") -> InvoiceImport:
    return parse_invoices(text, currency, existing)


def only_error(text: str, *existing: Invoice) -> tuple[int, str | None, str]:
    found = read(text, *existing)
    assert found.invoices == ()
    assert found.rejected == 1
    (error,) = found.errors
    return error.row, error.column, error.message


def test_a_row_becomes_an_invoice() -> None:
    found = read(HEADER + GOOD)

    assert found.errors == ()
    assert found.invoices == (
        Invoice(
            id="INV-1",
            number="INV-1",
            period_start=date(2026, 3, 1),
            period_end=date(2026, 3, 31),
            amount=Decimal("1200.50"),
            currency="USD",
            status=InvoiceStatus.OPEN,
        ),
    )


@pytest.mark.parametrize(
    "text",
    [
        (
            "\ufeffNumber,Period Start,Period End,Amount,Currency,Status\r\n"
            "INV-1,2026-03-01,2026-03-31,1200.50,usd,Open\r\n"
        ),
        (
            "INVOICE_NUMBER;PERIOD_START;PERIOD_END;TOTAL;CCY;STATE\n"
            "INV-1;2026-03-01;2026-03-31;1,200.50;USD;unpaid\n"
        ),
        (
            "invoice-id\tfrom\tto\tamount due\tcurrency\tstatus\n"
            "INV-1\t2026/03/01\t2026-03-31T00:00:00Z\t$1,200.50\tUSD\tPast_due\n"
        ),
        'number,period,amount,notes\n"INV-1",2026-03,"1,200.50","two\nlines"\n',
        (
            "status,currency,amount,period_end,period_start,number\n\n"
            "OPEN,USD,1200.5,2026-03-31,2026-03-01, INV-1 \n\n"
        ),
    ],
)
def test_spellings_of_the_same_file_read_the_same(text: str) -> None:
    assert read(text).invoices == read(HEADER + GOOD).invoices


@pytest.mark.parametrize(
    ("row", "column", "says"),
    [
        ('INV-1,2026-03-01,2026-03-31,"12,34,5",USD,open', "amount", "12,34,5"),
        ("INV-1,2026-03-01,2026-03-31,12.345,USD,open", "amount", "decimal places"),
        ("INV-1,2026-03-01,2026-03-31,1e999,USD,open", "amount", "scientific"),
        ("INV-1,2026-03-01,2026-03-31,NaN,USD,open", "amount", ""),
        ("INV-1,2026-03-01,2026-03-31,,USD,open", "amount", "missing"),
        ("INV-1,2026-03-01,2026-03-31,€12,USD,open", "amount", ""),
        ("INV-1,2026-03-01,2026-03-31,12,XYZ,open", "currency", "ISO 4217"),
        ("INV-1,2026-02-30,2026-03-31,12,USD,open", "period_start", "does not exist"),
        ("INV-1,2026-03-01,31.03.2026,12,USD,open", "period_end", "2026-03-31"),
        ("INV-1,0026-03-01,2026-03-31,12,USD,open", "period_start", "between"),
        ("INV-1,2026-03-31,2026-03-01,12,USD,open", "period_end", "before it begins"),
        ("INV-1,,2026-03-31,12,USD,open", "period_start", "missing"),
        ("INV-1,2026-03-01,2026-03-31,12,USD,maybe", "status", "OPEN"),
        (",2026-03-01,2026-03-31,12,USD,open", "number", "no number"),
        (f"{'x' * 101},2026-03-01,2026-03-31,12,USD,open", "number", "100"),
        ("INV-1,2026-03-01,2026-03-31,12,USD", None, "5 cells"),
        ("INV-1,2026-03-01,2026-03-31,12,USD,open,", None, "7 cells"),
        (f"{'x' * 3000},2026-03-01,2026-03-31,12,USD,open", None, "2,000 characters"),
    ],
)
def test_a_bad_cell_is_named_by_line_and_column_and_nothing_is_taken(
    row: str, column: str | None, says: str
) -> None:
    line, where, message = only_error(HEADER + GOOD + row + "\n")

    assert (line, where) == (3, column)
    assert says in message


def test_the_column_is_called_as_the_file_calls_it() -> None:
    text = "Invoice Number,Start,End,Grand Total\nINV-1,2026-03-01,2026-03-31,twelve\n"

    assert only_error(text)[:2] == (2, "Grand Total")


def test_several_errors_are_all_told_and_counted_by_row() -> None:
    found = read(HEADER + "INV-1,x,y,z,USD,open\n" + GOOD.replace("1200.50", "-"))

    assert [(error.row, error.column) for error in found.errors] == [
        (2, "period_start"),
        (2, "period_end"),
        (2, "amount"),
        (3, "amount"),
    ]
    assert (found.rejected, found.accepted) == (2, 0)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("\ufeff \r\n", "empty"),
        ("number,amount\nINV-1,12\n", "period_start, period_end are missing"),
        ("a,b,c\n1,2,3\n", "number, amount"),
        ("number,invoice id,amount,period\n1,2,3,2026-01\n", "both name the number"),
        ("number,amount,period\nINV-1,12\x00,2026-01\n", "NUL"),
        ('number,amount,period\n"INV-1,12,2026-01\n', "no CSV"),
        ('number,amount,period\n"INV"1,12,2026-01\n', "no CSV"),
    ],
)
def test_a_file_that_is_no_table_of_invoices_is_refused_with_what_to_do(
    text: str, says: str
) -> None:
    assert says in only_error(text)[2]


def test_a_header_without_rows_is_said_to_hold_nothing() -> None:
    found = read(HEADER)

    assert (found.accepted, found.unchanged, found.errors) == (0, 0, ())
    assert [each.code for each in found.warnings] == ["NO_ROWS"]
    assert read(HEADER + GOOD).warnings == ()


@pytest.mark.parametrize("amount", ["NaN", "nan", "Infinity", "-inf", "USD", "none"])
def test_words_that_programs_write_for_no_number_are_no_currency(amount: str) -> None:
    line, column, message = only_error(f"number,period,amount\nA,2026-01,{amount}\n")

    assert (line, column) == (2, "amount")
    assert message.startswith(f"'{amount}' contains no number.")


def test_a_cell_beyond_the_csv_readers_own_limit_is_an_error_not_a_crash() -> None:
    line, _, message = only_error(HEADER + GOOD + "x" * 200_000 + ",a,b,c,d,e\n")

    assert line == 3
    assert "field" in message


def test_a_quoted_line_break_counts_in_the_line_numbers() -> None:
    text = 'number,period,amount,notes\nINV-1,2026-03,1,"a\nb"\nINV-2,2026-03,x,\n'

    assert only_error(text)[:2] == (4, "amount")


def test_the_same_number_with_another_amount_is_refused_in_the_file_and_against_the_store() -> None:
    line, column, message = only_error(HEADER + GOOD + GOOD.replace("1200.50", "1200.51"))
    assert (line, column) == (3, "amount")
    assert "USD 1,200.50 in row 2" in message

    line, column, message = only_error(
        HEADER + GOOD, an_invoice(number="INV-1", amount=Decimal("1200.51"))
    )
    assert (line, column) == (2, "amount")
    assert "USD 1,200.51 in the store" in message


def test_the_same_amount_in_another_currency_is_another_amount() -> None:
    assert (
        only_error(
            HEADER + GOOD, an_invoice(number="INV-1", amount=Decimal("1200.50"), currency="EUR")
        )[1]
        == "amount"
    )


def test_identical_rows_are_counted_as_unchanged() -> None:
    stored = read(HEADER + GOOD).invoices[0]

    assert (read(HEADER + GOOD + GOOD).accepted, read(HEADER + GOOD + GOOD).unchanged) == (1, 1)
    assert (read(HEADER + GOOD, stored).accepted, read(HEADER + GOOD, stored).unchanged) == (0, 1)


def test_the_same_number_twice_with_another_status_is_refused() -> None:
    assert only_error(HEADER + GOOD + GOOD.replace("open", "paid"))[:2] == (3, "number")


def test_a_new_status_updates_the_stored_invoice_and_keeps_its_lines() -> None:
    stored = an_invoice(
        id="uuid-7", number="INV-1", amount=Decimal("1200.50"), lines=(a_line(amount="1200.50"),)
    )

    (updated,) = read(HEADER + GOOD.replace("open", "paid"), stored).invoices

    assert updated.status is InvoiceStatus.PAID
    assert (updated.id, updated.lines, updated.issued_on) == (
        "uuid-7",
        stored.lines,
        stored.issued_on,
    )


def test_an_import_does_not_take_back_a_dispute_but_a_payment_ends_it() -> None:
    stored = an_invoice(
        number="INV-1",
        amount=Decimal("1200.50"),
        status=InvoiceStatus.DISPUTED,
        dispute_reason="tier",
    )

    assert read(HEADER + GOOD, stored).unchanged == 1
    (paid,) = read(HEADER + GOOD.replace("open", "paid"), stored).invoices
    assert (paid.status, paid.dispute_reason) == (InvoiceStatus.PAID, "tier")


def test_zero_and_credit_notes_are_amounts() -> None:
    text = (
        HEADER
        + GOOD.replace("1200.50", "0")
        + GOOD.replace("INV-1", "CN-1").replace("1200.50", "(12.00)")
    )

    assert [invoice.amount for invoice in read(text).invoices] == [
        Decimal("0.00"),
        Decimal("-12.00"),
    ]


def test_without_a_currency_column_the_amounts_symbol_or_the_negotiation_decides() -> None:
    text = "number,period,amount\nA,2026-01,100\nB,2026-01,€ 200\n"

    assert [(each.amount, each.currency) for each in read(text, currency="USD").invoices] == [
        (Decimal("100.00"), "USD"),
        (Decimal("200.00"), "EUR"),
    ]


def test_minor_units_are_the_currencys() -> None:
    text = (
        HEADER + "A,2026-01-01,2026-01-31,1200,JPY,open\nB,2026-01-01,2026-01-31,1.234,KWD,open\n"
    )

    assert [str(each.amount) for each in read(text).invoices] == ["1200", "1.234"]


def test_the_work_of_reading_grows_with_the_rows_and_no_faster() -> None:
    def invoices(count: int) -> str:
        return HEADER + "".join(
            f"INV-{n},2026-03-01,2026-03-31,{n}.50,USD,open\n" for n in range(count)
        )

    some, many = invoices(1_000), invoices(10_000)
    assert read(many).accepted == 10_000
    assert effort(lambda: read(many)) < 11 * effort(lambda: read(some))


@settings(max_examples=150)
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
def test_any_text_is_read_or_refused_never_a_crash(text: str) -> None:
    found = read(HEADER + text)

    assert not (found.invoices and found.errors)
    assert read(text).accepted == 0 or not read(text).errors
