"""The migrations of schema/supabase on a real PostgreSQL: they apply, mirror the records, keep figures exact, let nobody in."""

import json
import types
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import get_args, get_type_hints

import pytest

from adapters.supabase.rows import INVOICES, STREAMS, read
from negotiation import conflicts, records
from tests.doubles.postgres import SqlError, missing_programs, supabase_postgres

BIG = "12345678901234567890.1234567890"
TABLES = {
    "negotiations": records.Negotiation,
    "positions": records.BuyerPosition,
    "skus": records.Sku,
    "usage": records.UsageRow,
    "streams": records.StreamSpec,
    "offers": records.Offer,
    "milestones": records.Milestone,
    "invoices": records.Invoice,
    "notifications": records.Notification,
    "usage_mappings": records.UsageMapping,
    "price_links": records.PriceLink,
    "import_runs": records.ImportRun,
    "pauses": records.Pause,
    "conflicts": conflicts.Conflict,
    "rules": records.Rule,
    "rule_states": records.RuleState,
    "rule_firings": records.RuleFiring,
    "opt_outs": records.OptOut,
    "changes": records.AuditLine,
}
BUYERS = ("viewer", "analyst", "negotiator", "approver", "admin")
ONE_OF_EACH = f"""
insert into negotiations values
  ('neg-1', 'Renewal', 'Twilio', 'Acme', 'USD', 'OPEN', 1, 0.3, 0.4, 0.5, '[]', 'LIVE', null);
insert into positions (negotiation_id) values ('neg-1');
insert into skus values ('sms', 'SMS', 'sms', 'segment', 0.0083, null, false, false, false);
insert into usage values ('2026-01-31', 'sms', 1, 1000, null, 'import');
insert into streams (id, negotiation_id, name, side, volume, unit_price)
  values ('s1', 'neg-1', 'SMS', 'REVENUE', {BIG}, 0.0075);
insert into offers values
  ('o1', 'neg-1', 1, 'BUYER', 'DRAFT', 'First', '[]', null, '2026-01-01', 'h');
insert into milestones (id, negotiation_id, name, owner_role, due_on)
  values ('m1', 'neg-1', 'Finance', 'approver', '2026-02-01');
insert into invoices (id, number, period_start, period_end, amount, currency, lines)
  values ('i1', 'INV-1', '2026-01-01', '2026-01-31', {BIG}, 'USD',
          '[{{"number": 1, "description": "SMS", "amount": {BIG}}}]');
insert into notifications (id, idempotency_key, channel, "to", body, status, queued_at, updated_at)
  values ('n1', 'k1', 'SMS', '+14155550100', 'text', 'QUEUED', now(), now());
insert into usage_mappings (category, rule, sku, family, unit)
  values ('sms-outbound', 'COUNT', 'sms', 'sms', 'segment');
insert into price_links (sku, service, country, direction, low, high)
  values ('sms', 'MESSAGING', 'US', 'OUTBOUND', 0.0083, 0.0083);
insert into import_runs (id, state, requested_by, started_at, updated_at, first_day, last_day, next_day)
  values ('r1', 'DONE', 'me', now(), now(), '2026-01-01', '2026-01-31', '2026-02-01');
insert into conflicts (id, area, entity_id, at, actor) values ('c1', 'milestones', 'm1', now(), 'me');
insert into opt_outs values ('SM1', '+14155550100', now(), 'STOP');
insert into pauses values ('notifications', 'an incident', 'Olga', now());
insert into rules (id, name, kind, updated_at) values ('rule1', 'Offers', 'OFFER_RECEIVED', now());
insert into rule_states (rule_id, subject, holds, since, id) values ('rule1', 'o1', true, now(), 'rule1/o1');
insert into rule_firings (id, rule_id, rule_name, rule_version, kind, subject, at, body)
  values ('f1', 'rule1', 'Offers', 1, 'OFFER_RECEIVED', 'o1', now(), 'text');
insert into changes values ('store', 1, 0, 'invoices', 'i1', 'create', 'me', 'test', now(), null, 'a', 'b');
"""


@pytest.fixture(scope="module")
def database():
    """With the roles that every Supabase project has, all migrations applied, and one row in each table."""
    if missing := missing_programs():
        pytest.skip(f"PostgreSQL's {', '.join(missing)}: apt-get install postgresql")
    with supabase_postgres() as server:
        server.run(ONE_OF_EACH)
        yield server


@contextmanager
def changing(database):
    """Puts the statements of the test into a transaction that is not kept."""
    yield lambda sql: database.run(f"begin;\n{sql};\nrollback;")


def as_role(role, sql, database, *app_roles):
    claims = json.dumps({"app_metadata": {"roles": list(app_roles)}})
    return database.run(
        f"begin; set local request.jwt.claims = '{claims}'; set local role {role};\n{sql};\nrollback;"
    )


def columns(database, table):
    return dict(
        database.run(
            "select column_name, data_type from information_schema.columns "
            f"where table_schema = 'public' and table_name = '{table}'"
        )
    )


def sql_type(hint):
    """The column type that holds a field of a record."""
    kinds = [kind for kind in get_args(hint) if kind is not type(None)]
    kind = kinds[0] if isinstance(hint, types.UnionType) else hint
    exact = {
        Decimal: "numeric",
        date: "date",
        datetime: "timestamp with time zone",
        bool: "boolean",
        int: ("integer", "bigint"),
        str: "text",
    }
    if kind in exact:
        return exact[kind]
    if is_dataclass(kind):
        return "jsonb"
    return "jsonb" if getattr(kind, "__origin__", None) is tuple else "text"


@pytest.mark.parametrize("table", TABLES)
def test_each_field_of_a_record_has_a_column_of_a_type_that_keeps_it(database, table):
    record, found = TABLES[table], columns(database, table)
    hints = get_type_hints(record)
    for field in fields(record):
        assert field.name in found, f"{table} lacks {field.name}"
        assert found[field.name] in sql_type(hints[field.name]), f"{table}.{field.name}"


@pytest.mark.parametrize("table", [INVOICES, STREAMS], ids=lambda table: table.name)
def test_every_column_the_peer_reads_is_there_and_every_column_there_is_known_to_it(
    database, table
):
    found = columns(database, table.name)
    assert table.known - {"currency", "version", "invoice_number"} <= found.keys()
    assert found.keys() - table.known == {"provenance"} - table.known


@pytest.mark.parametrize("table", [INVOICES, STREAMS], ids=lambda table: table.name)
def test_what_the_peer_reads_from_a_row_is_exact(database, table):
    as_text = ", ".join(f"'{column}', {column}::text" for column in table.exact)
    text = database.value(
        f"select (to_jsonb(t) || jsonb_build_object({as_text}))::text from {table.name} t"
    )
    reading = read(table, [json.loads(text)])
    assert not reading.refused
    [row] = reading.rows
    assert BIG in {str(value) for _, value in row}
    if table is INVOICES:
        assert str(row.record().lines[0].amount) == BIG


def test_a_change_moves_the_stamp(database):
    with changing(database) as change:
        moved = change(
            "update invoices set updated_at = '2000-01-01'; select updated_at > now() - interval '1 minute' from invoices"
        )
    assert moved == [["t"]]


def test_a_deleted_row_is_marked_and_stays(database):
    with changing(database) as change:
        assert change("delete from invoices; select deleted_at is not null from invoices") == [
            ["t"]
        ]


def test_the_number_of_a_deleted_invoice_is_free_again(database):
    again = (
        "insert into invoices (id, number, period_start, period_end, amount, currency) "
        "values ('i2', 'INV-1', '2026-01-01', '2026-01-31', 1, 'USD')"
    )
    with changing(database) as change:
        with pytest.raises(SqlError, match="invoices_number"):
            change(again)
        change(f"delete from invoices where id = 'i1'; {again}")


@pytest.mark.parametrize("table", ["changes", "usage"])
@pytest.mark.parametrize("verb", ["delete from {}", "update {} set revision = 9"])
def test_what_only_grows_cannot_be_changed(database, table, verb):
    with changing(database) as change, pytest.raises(SqlError, match="only grows"):
        change(verb.format(table))


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("update invoices set period_end = '2025-01-01'", "invoices_period_in_order"),
        ("update invoices set currency = 'usd'", "currency"),
        ("update streams set volume = null", "streams_are_priced"),
        ("update negotiations set target_margin = 35", "negotiations_check"),
        ("update usage_mappings set parent = category", "usage_mappings_check"),
        ("update price_links set high = 0.001", "price_links_check"),
        ("update rules set repeats = true", "rules_repeat_after_a_while"),
    ],
)
def test_a_row_that_makes_no_sense_is_refused(database, statement, constraint):
    with changing(database) as change, pytest.raises(SqlError, match=constraint):
        change(statement)


def counts(role, database, *app_roles):
    """How many rows of each table somebody sees."""
    each = " union all ".join(f"select '{table}', count(*) from {table}" for table in TABLES)
    return {table: int(n) for table, n in as_role(role, each, database, *app_roles)}


def test_without_a_token_no_table_may_be_asked(database):
    allowed = ", ".join(f"has_table_privilege('anon', '{table}', 'select')" for table in TABLES)
    assert database.run(f"select {allowed}") == [["f"] * len(TABLES)]


@pytest.mark.parametrize("roles", [(), ("vendor_guest",), ("stranger",)])
def test_without_a_role_of_the_buyers_nothing_is_seen(database, roles):
    assert counts("authenticated", database, *roles) == dict.fromkeys(TABLES, 0)


@pytest.mark.parametrize("role", BUYERS)
def test_the_buyers_people_read_and_only_some_see_phone_numbers(database, role):
    numbers = int(role in {"negotiator", "admin"})
    seen = dict.fromkeys(TABLES, 1) | {
        "notifications": numbers,
        "rules": numbers,
        "conflicts": numbers,
        "opt_outs": numbers,
    }
    assert counts("authenticated", database, role) == seen


@pytest.mark.parametrize("role", [*BUYERS, "vendor_guest"])
def test_invoices_are_changed_by_analysts_streams_and_positions_by_negotiators(database, role):
    def changed(table, change="updated_at = now()"):
        sql = f"update {table} set {change} returning 1"
        return len(as_role("authenticated", sql, database, role)) == 1

    assert changed("invoices") is (role in {"analyst", "negotiator", "admin"})
    assert changed("streams") is (role in {"negotiator", "admin"})
    assert changed("positions", "batna_cost = 1") is (role in {"negotiator", "admin"})
    for table in ("usage_mappings", "price_links"):
        assert changed(table, "decided_by = 'me'") is (role in {"analyst", "negotiator", "admin"})
    with pytest.raises(SqlError, match="permission denied"):
        as_role("authenticated", "update negotiations set name = 'x'", database, role)
    with pytest.raises(SqlError, match="permission denied"):
        as_role("authenticated", "delete from invoices", database, role)


def test_the_gateways_key_reaches_everything(database):
    assert counts("service_role", database) == dict.fromkeys(TABLES, 1)
