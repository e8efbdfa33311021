"""Records to rows and back, and the tables that hold them."""

import dataclasses
import sqlite3
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from hashlib import sha256
from types import NoneType
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.store.codec import (
    RECORDS,
    digest,
    parse_usage_id,
    replay_usage,
    tables,
    usage_id,
    usage_to_row,
)
from adapters.store.schema import MIGRATIONS
from negotiation.records import Record, UsageRow
from tests import strategies
from tests.builders import a_notification, a_row, a_sku, an_invoice

A_RECORD = st.one_of(*(strategies.of_fields(record) for _, record in RECORDS.values()))


@pytest.fixture
def database() -> Any:
    connection = sqlite3.connect(":memory:")
    for statements in MIGRATIONS:
        for statement in statements:
            connection.execute(statement)
    yield connection
    connection.close()


@given(A_RECORD)
def test_any_record_comes_back_from_its_row_as_it_was(record: Any) -> None:
    table = next(t for a, t in tables().items() if RECORDS[a][1] is type(record))
    back = table.from_row(table.to_row(record))
    assert back == record
    assert repr(back) == repr(record)


@given(
    strategies.of_fields(UsageRow, revision=st.integers(min_value=1, max_value=2**40)),
)
def test_any_usage_row_comes_back_as_it_was(row: UsageRow) -> None:
    ((day, rows),) = replay_usage([usage_to_row(row)])
    assert day == row.day
    assert repr(rows) == repr({row.sku: row})


@given(strategies.days, strategies.texts)
def test_the_id_of_usage_names_its_day_and_sku(day: date, sku: str) -> None:
    assert parse_usage_id(usage_id(day, sku)) == (day, sku)


@pytest.mark.parametrize("text", ["2026-01-31", "sms", "2026-02-30/sms", ""])
def test_what_is_no_id_of_usage_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each is refused in its own words
        parse_usage_id(text)


@pytest.mark.parametrize("area", RECORDS)
def test_a_table_has_the_fields_of_its_record(area: str, database: sqlite3.Connection) -> None:
    key, record = RECORDS[area]
    hints = get_type_hints(record)
    columns = database.execute(f"PRAGMA table_info({area})").fetchall()
    found = {
        name: (type_, bool(needed or primary)) for _, name, type_, needed, _, primary in columns
    }
    assert found == {
        f.name: (
            "INTEGER" if {int, bool} & {hints[f.name], *get_args(hints[f.name])} else "TEXT",
            NoneType not in get_args(hints[f.name]),
        )
        for f in dataclasses.fields(record)
    }
    assert [name for _, name, _, _, _, primary in columns if primary] == [key]


def test_every_record_has_its_table() -> None:
    assert {record for _, record in RECORDS.values()} | {UsageRow} == set(Record.__args__)


def test_money_is_kept_to_the_last_digit() -> None:
    amount = Decimal("12345678901234567890.1234567890")
    table = tables()["invoices"]
    row = table.to_row(an_invoice(amount=amount))
    assert row[table.columns.index("amount")] == "12345678901234567890.1234567890"
    assert table.from_row(row).amount == amount


@pytest.mark.parametrize("rate", ["NaN", "Infinity", "1E+20", "1E-31"])
def test_a_rate_that_could_not_be_read_back_is_refused(rate: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each is refused in its own words
        tables()["skus"].to_row(a_sku(list_rate=Decimal(rate)))
    with pytest.raises(ValueError):  # noqa: PT011
        usage_to_row(a_row("2026-01-01", quantity=rate))


def test_an_instant_of_another_zone_is_kept_in_utc_and_one_of_none_is_refused() -> None:
    table = tables()["notifications"]
    there = datetime(2026, 1, 1, 1, 0, tzinfo=timezone(timedelta(hours=2)))
    back = table.from_row(table.to_row(a_notification(queued_at=there)))
    assert back.queued_at == there
    assert back.queued_at.tzinfo is UTC
    with pytest.raises(ValueError, match="no time zone"):
        table.to_row(a_notification(queued_at=there.replace(tzinfo=None)))


def test_the_form_that_is_hashed_is_fixed() -> None:
    text = '["usage",["2026-01-31","sms","ü\\n",null,1]]'
    assert (
        digest(["usage", ["2026-01-31", "sms", "ü\n", None, 1]])
        == sha256(text.encode()).hexdigest()
    )
