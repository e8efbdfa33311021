"""Daily usage from CSV text: Twilio exports and plain tables."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from negotiation.importing import UsageImport, parse_usage
from negotiation.importing.categories import ancestors, categories
from negotiation.records import UsageRow
from tests.builders import a_row, a_sku, catalogue_of, usage_of
from tests.effort import effort

PLAIN = "day,sku,quantity\n"
TWILIO = (
    "category,description,account_sid,start_date,end_date,count,count_unit,usage,usage_unit,"
    "price,price_unit\n"
)
SKUS = catalogue_of(
    a_sku("sms-outbound-longcode"),
    a_sku("sms-inbound-longcode"),
    a_sku("calls-outbound", family="voice", unit="minute"),
    a_sku("sms-outbound-longcode-gb"),
)


def record(
    category: str,
    usage: str = "100",
    price: str = "0.83",
    day: str = "2026-03-01",
    end: str | None = None,
    unit: str = "messages",
    currency: str = "usd",
    account: str = "AC1",
) -> str:
    return f"{category},Words,{account},{day},{end or day},{usage},{unit},{usage},{unit},{price},{currency}\n"


def read(text: str, *existing: UsageRow, currency: str = "USD") -> UsageImport:
    return parse_usage(text, SKUS, usage_of(existing), "march.csv", currency=currency)


def only_error(text: str, *existing: UsageRow) -> tuple[int, str | None, str]:
    found = read(text, *existing)
    assert (found.rows, found.skus, found.rejected) == ((), (), 1)
    (error,) = found.errors
    return error.row, error.column, error.message


def kept(found: UsageImport) -> list[tuple[str, str]]:
    assert found.errors == ()
    return [(row.sku, str(row.quantity)) for row in found.rows]


def codes(found: UsageImport) -> list[str]:
    return [notice.code for notice in found.warnings]


def test_a_plain_row_becomes_usage_of_that_day() -> None:
    found = read(PLAIN + "2026-03-01,sms-outbound-longcode,1200\n")

    assert found.rows == (
        UsageRow(
            day=date(2026, 3, 1),
            sku="sms-outbound-longcode",
            quantity=Decimal(1200),
            source="march.csv",
        ),
    )


def test_a_twilio_record_keeps_usage_and_what_was_billed() -> None:
    (row,) = read(TWILIO + record("sms-outbound-longcode", "100", "0.83")).rows

    assert (row.sku, row.quantity, row.billed) == (
        "sms-outbound-longcode",
        Decimal(100),
        Decimal("0.83"),
    )


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffDay;SKU;Quantity\r\n2026-03-01;SMS-Outbound-Longcode;7\r\n",
        "Date\tSku Key\tQTY\n2026/03/01\tsms-outbound-longcode\t7\n",
        'quantity,"sku",usage_date,comment\n7,sms-outbound-longcode,2026-03-01,"a, b"\n',
    ],
)
def test_spellings_of_the_same_table_read_the_same(text: str) -> None:
    assert kept(read(text)) == [("sms-outbound-longcode", "7")]


@pytest.mark.parametrize(
    ("row", "column", "says"),
    [
        ("2026-02-30,calls-outbound,1", "day", "does not exist"),
        ("2026-03-01,calls-outbound,-1", "quantity", "negative"),
        ("2026-03-01,calls-outbound,1e999", "quantity", "too large"),
        ("2026-03-01,calls-outbound,nan", "quantity", "number"),
        ('2026-03-01,calls-outbound,"1,200"', "quantity", "decimal point"),
        ("2026-03-01,calls-outbound,", "quantity", "missing"),
        ("2026-03-01,calls-outbond,1", "sku", "Did you mean calls-outbound?"),
        ("2026-03-01,,1", "sku", "missing"),
        ("2026-03-01,calls-outbound", None, "2 cells"),
    ],
)
def test_a_bad_cell_is_named_by_line_and_column_and_nothing_is_taken(
    row: str, column: str | None, says: str
) -> None:
    line, where, message = only_error(f"{PLAIN}2026-03-01,sms-inbound-longcode,5\n{row}\n")

    assert (line, where) == (3, column)
    assert says in message


@pytest.mark.parametrize(
    ("row", "column", "says"),
    [
        (record("sms-outbound-longcode", day="2026-03-01", end="2026-03-31"), "end_date", "Daily"),
        (record("sms-outbound-longcode", price="0.83", currency="eur"), "price_unit", "EUR"),
        (record("sms-outbound-longcode", currency="quid"), "price_unit", "ISO 4217"),
        (record("sms-outbound-longcode", price="-1"), "price", "negative"),
        (record("", price="1"), "category", "missing"),
        (record("sms-outbound-longcode", account="AC2"), "account_sid", "subaccounts"),
    ],
)
def test_a_twilio_record_that_cannot_be_daily_usage_is_refused(
    row: str, column: str, says: str
) -> None:
    line, where, message = only_error(TWILIO + record("calls-outbound", day="2026-02-01") + row)

    assert (line, where) == (3, column)
    assert says in message


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("day,quantity\n2026-03-01,1\n", "The column sku is missing"),
        ("category,usage\nsms,1\n", "The column start_date is missing"),
        ("what,ever\n1,2\n", "day, sku, quantity"),
    ],
)
def test_a_file_without_the_columns_says_which_and_in_which_form(text: str, says: str) -> None:
    assert says in only_error(text)[2]


@pytest.mark.parametrize("header", ["day,sku,quantity\n", "category,start_date,usage\n"])
def test_a_header_without_rows_is_said_to_hold_nothing(header: str) -> None:
    found = read(header)

    assert (found.accepted, found.unchanged, found.errors) == (0, 0, ())
    assert [each.code for each in found.warnings] == ["NO_ROWS"]


def test_totals_are_left_out_when_their_parts_are_there_and_said_so() -> None:
    found = read(
        TWILIO
        + record("totalprice", "1.83", "1.83", unit="usd")
        + record("sms", "150", "1.00")
        + record("sms-outbound", "100", "0.70")
        + record("sms-outbound-longcode", "100", "0.70")
        + record("sms-inbound", "50", "0.30")
        + record("sms-inbound-longcode", "50", "0.30")
        + record("calls", "10", "0.83")
        + record("calls-outbound", "10", "0.83")
    )

    assert kept(found) == [
        ("sms-outbound-longcode", "100"),
        ("sms-inbound-longcode", "50"),
        ("calls-outbound", "10"),
    ]
    assert codes(found) == ["TOTALS_LEFT_OUT"]
    assert (
        "5 rows of calls, sms, sms-inbound, sms-outbound, totalprice" in found.warnings[0].message
    )


def test_a_total_without_its_parts_on_that_day_is_kept() -> None:
    found = read(
        TWILIO
        + record("sms-outbound-longcode", day="2026-03-01")
        + record("calls-outbound", "7", "0.10", day="2026-03-02")
        + record("sms-outbound", "90", "0.70", day="2026-03-02")
    )

    assert kept(found) == [
        ("sms-outbound-longcode", "100"),
        ("calls-outbound", "7"),
        ("sms-outbound", "90"),
    ]


def test_a_grandchild_is_enough_to_leave_a_total_out() -> None:
    found = read(TWILIO + record("sms") + record("sms-outbound-longcode"))

    assert kept(found) == [("sms-outbound-longcode", "100")]


def test_parts_of_zero_do_not_replace_a_total_that_was_used() -> None:
    found = read(
        TWILIO + record("sms-outbound", "90", "0.70") + record("sms-outbound-longcode", "0", "0")
    )

    assert kept(found) == [("sms-outbound", "90"), ("sms-outbound-longcode", "0")]


def test_parts_that_do_not_add_up_to_their_total_are_pointed_out() -> None:
    found = read(
        TWILIO + record("sms", "100", "9.83") + record("sms-outbound-longcode", "100", "0.83")
    )

    assert codes(found) == ["TOTALS_LEFT_OUT", "TOTAL_DIFFERS_FROM_PARTS"]
    assert "9.00 more than its parts" in found.warnings[1].message


def test_a_category_outside_the_catalogue_becomes_a_synthetic_sku_at_the_billed_rate() -> None:
    found = read(
        TWILIO
        + record("quantum-fax", "100", "2.00", unit="pages")
        + record("quantum-fax", "300", "4.00", unit="pages", day="2026-03-02")
        + record("lookups", "0", "0")
        + record("carrier-lookups", "10", "0.05")
    )
    lookup, fax = found.skus

    assert (fax.key, fax.family, fax.unit, fax.synthetic) == ("quantum-fax", "other", "pages", True)
    assert fax.list_rate == Decimal("0.015")
    assert (lookup.key, lookup.family, lookup.list_rate) == (
        "carrier-lookups",
        "lookup",
        Decimal("0.005"),
    )
    assert codes(found) == ["UNUSED_CATEGORIES_SKIPPED", "NEW_SKU", "NEW_SKU"]
    assert len(found.rows) == 3


def test_carrier_fees_are_passed_through_even_when_new() -> None:
    (sku,) = read(TWILIO + record("sms-messages-carrierfees", "100", "0.35")).skus

    assert sku.pass_through
    assert sku.family == "carrier-fees"


def test_the_same_day_and_sku_twice_is_unchanged_when_equal_and_refused_when_not() -> None:
    row = "2026-03-01,calls-outbound,5\n"
    again = read(PLAIN + row + "2026-03-01,CALLS-OUTBOUND,5.0\n")
    assert (again.accepted, again.unchanged) == (1, 1)

    line, column, message = only_error(PLAIN + row + "2026-03-01,calls-outbound,6\n")
    assert (line, column) == (3, "quantity")
    assert "row 2" in message


def test_a_restatement_gets_the_next_revision_and_the_same_again_changes_nothing() -> None:
    stored = a_row("2026-03-01", "calls-outbound", 5, revision=3, billed=Decimal("0.05"))
    text = PLAIN + "2026-03-01,calls-outbound,{}\n2026-03-02,calls-outbound,1\n"

    restated = read(text.format(6), stored)
    assert [(row.revision, row.quantity) for row in restated.rows] == [(4, 6), (1, 1)]

    same = read(text.format("5.00"), stored)
    assert (same.accepted, same.unchanged) == (1, 1)


def test_another_bill_for_the_same_usage_is_a_restatement_too() -> None:
    stored = a_row("2026-03-01", "calls-outbound", 100, billed=Decimal("0.83"))

    assert read(TWILIO + record("calls-outbound"), stored).unchanged == 1
    (row,) = read(TWILIO + record("calls-outbound", price="0.84"), stored).rows
    assert (row.revision, row.billed) == (2, Decimal("0.84"))


def test_zero_usage_is_usage() -> None:
    assert kept(read(PLAIN + "2026-03-01,calls-outbound,0\n")) == [("calls-outbound", "0")]


def test_every_part_is_below_the_total_of_everything_and_no_chain_loops() -> None:
    for name in categories():
        chain = list(ancestors(name))
        assert name not in chain
        assert len(chain) == len(set(chain))
        assert (chain[-1:] == ["totalprice"]) is (name != "totalprice")
    assert list(ancestors("sms-outbound-longcode")) == ["sms-outbound", "sms", "totalprice"]
    assert list(ancestors("quantum-fax")) == ["totalprice"]


def test_a_carrier_fee_is_no_part_of_the_messages_total() -> None:
    found = read(TWILIO + record("sms") + record("sms-messages-carrierfees", "100", "0.35"))

    assert kept(found) == [("sms", "100"), ("sms-messages-carrierfees", "100")]


def test_the_work_of_reading_grows_with_the_rows_and_no_faster() -> None:
    def records_of(days: int) -> str:
        return TWILIO + "".join(
            record(category, day=str(date.fromordinal(date(2024, 1, 1).toordinal() + n)))
            for n in range(days)
            for category in ("totalprice", "sms", "sms-outbound-longcode", "calls-outbound")
        )

    some, many = records_of(250), records_of(2_500)
    assert read(many).accepted == 5_000
    assert effort(lambda: read(many)) < 11 * effort(lambda: read(some))


@settings(max_examples=150)
@given(
    st.sampled_from([PLAIN, TWILIO]), st.text(alphabet=st.characters(codec="utf-8"), max_size=200)
)
def test_any_text_is_read_or_refused_never_a_crash(header: str, text: str) -> None:
    found = read(header + text)

    assert not (found.rows and found.errors)
