"""schema/supabase/seed.sql: the demo workspace, to the last digit, in a fresh PostgreSQL."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.store.codec import RECORDS, USAGE, table_of
from adapters.supabase.seed import SEED_DAY, seed_sql
from negotiation import demo
from tests.doubles.postgres import missing_programs, supabase_postgres

SEED = Path(__file__).parents[2] / "schema/supabase/seed.sql"


@pytest.fixture(scope="module")
def made():
    return demo.generate(demo.DEMO_SEED, SEED_DAY)


@pytest.fixture(scope="module")
def seeded():
    if missing := missing_programs():
        pytest.skip(f"PostgreSQL's {', '.join(missing)}: apt-get install postgresql")
    with supabase_postgres() as server:
        server.run(f"set role service_role;\n{SEED.read_text()}")
        yield server


def test_the_committed_seed_is_what_the_demo_is_today(made):
    written = "".join(f"{line}\n" for line in seed_sql(made.records(), SEED_DAY))
    is_current = SEED.read_text() == written
    assert is_current, "schema/supabase/seed.sql is stale: make schema"


def test_every_table_has_as_many_rows_as_the_demo(made, seeded):
    wanted = Counter(
        USAGE if hasattr(record, "billed") else table_of(record).area for record in made.records()
    )
    found = {
        table: int(seeded.value(f"select count(*) from {table}")) for table in (*RECORDS, USAGE)
    }
    assert found == {table: wanted[table] for table in found}


def test_sums_are_the_demos_to_the_last_digit(made, seeded):
    def total(what):
        return Decimal(seeded.value(f"select {what}"))

    assert total("sum(quantity) from usage") == sum(row.quantity for row in made.usage)
    assert total("sum(billed) from usage") == sum(row.billed or 0 for row in made.usage)
    assert total("sum(amount) from invoices") == sum(one.amount for one in made.invoices)
    assert total("sum(list_rate) from skus") == sum(sku.list_rate for sku in made.skus)
    lines = "sum((line ->> 'amount')::numeric) from invoices, jsonb_array_elements(lines) line"
    assert total(lines) == sum(line.amount for one in made.invoices for line in one.lines)


def test_a_days_usage_is_that_days(made, seeded):
    day = made.usage[len(made.usage) // 2].day
    found = seeded.run(f"select sku, quantity, billed from usage where day = '{day}' order by sku")
    wanted = sorted((row.sku, row.quantity, row.billed) for row in made.usage if row.day == day)
    assert [(sku, Decimal(quantity), Decimal(billed)) for sku, quantity, billed in found] == wanted


def test_what_is_made_up_says_so(seeded):
    marked = "select distinct provenance from (select provenance from negotiations union all select provenance from invoices union all select provenance from streams) _"
    assert seeded.run(marked) == [["FIXTURE"]]
    assert seeded.run("select distinct source from usage") == [["demo"]]


def test_gateways_learn_of_it_by_a_line_for_each_row_and_each_day_of_usage(made, seeded):
    days = len({row.day for row in made.usage})
    assert int(seeded.value("select count(*) from feed where area = 'usage'")) == days
    assert int(seeded.value("select count(*) from feed where area = 'skus'")) == len(made.skus)
