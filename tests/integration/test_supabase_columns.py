"""The store's file and the Supabase schema, side by side: what one has the other has, or is named here with the reason."""

from __future__ import annotations

import sqlite3

import pytest

from adapters.store.schema import MIGRATIONS
from tests.doubles.postgres import missing_programs, supabase_postgres

TABLES_HERE_ONLY = {
    "workspace": "which store this is, and what it shows",
    "usage_days": "which days of usage a commit touched, so that a start reads each once",
    "sync_self": "where this store stands in the feed",
    "sync_queue": "what waits to be sent",
    "sync_versions": "which version of each row was seen",
    "sync_refused": "rows of there that cannot be read here",
}
TABLES_THERE_ONLY = {
    "peer": "which database this is",
    "followed": "which tables gateways follow",
    "feed": "what changed, in order",
}
COLUMNS_HERE_ONLY = {
    ("usage", "committed"): "the order of this store's commits",
}
COLUMNS_THERE_ONLY = {
    "created_at": "when a row came, by the database's clock",
    "updated_at": "when it was last written",
    "deleted_at": "that it is gone: rows stay, marked",
    "row_version": "how often it was written",
    "written_by": "by which gateway",
    "store_id": "whose trail a line of the audit belongs to",
}
MAY_BE_EMPTY_THERE_ONLY = {
    (
        "streams",
        "negotiation_id",
    ): "somebody may enter a stream by hand before its negotiation is here",
}
MAY_BE_EMPTY_HERE_ONLY = {
    (
        "usage",
        "quantity",
    ): "a row without one says that what came before is gone; there rows only come",
}

SQLITE_HOLDS = {
    "TEXT": {"text", "numeric", "date", "timestamp with time zone", "jsonb", "uuid"},
    "INTEGER": {"integer", "bigint", "boolean"},
}


@pytest.fixture(scope="module")
def here():
    """{table: {column: (type, whether it may be empty)}} of the store's file."""
    connection = sqlite3.connect(":memory:")
    for statement in (statement for migration in MIGRATIONS for statement in migration):
        connection.execute(statement)
    tables = [
        name
        for (name,) in connection.execute("select name from sqlite_schema where type = 'table'")
    ]
    found = {
        table: {
            name: (kind, not (required or key))
            for _, name, kind, required, _, key in connection.execute(
                f'pragma table_info("{table}")'
            )
        }
        for table in tables
    }
    connection.close()
    return found


@pytest.fixture(scope="module")
def database():
    if missing := missing_programs():
        pytest.skip(f"PostgreSQL's {', '.join(missing)}: apt-get install postgresql")
    with supabase_postgres() as server:
        yield server


@pytest.fixture(scope="module")
def there(database):
    found: dict[str, dict[str, tuple[str, bool]]] = {}
    for table, column, kind, empty in database.run(
        "select table_name, column_name, data_type, is_nullable = 'YES' "
        "from information_schema.columns where table_schema = 'public'"
    ):
        found.setdefault(table, {})[column] = (kind, empty == "t")
    return found


def both(here, there):
    for table in sorted(here.keys() & there.keys()):
        for column in sorted(here[table].keys() & there[table].keys()):
            yield (table, column), here[table][column], there[table][column]


def test_every_table_is_on_both_sides_or_named_with_a_reason(here, there):
    assert here.keys() - there.keys() == TABLES_HERE_ONLY.keys()
    assert there.keys() - here.keys() == TABLES_THERE_ONLY.keys()


def test_every_column_is_on_both_sides_or_named_with_a_reason(here, there):
    for table in sorted(here.keys() & there.keys()):
        only_here = {(table, column) for column in here[table].keys() - there[table].keys()}
        only_there = there[table].keys() - here[table].keys()
        assert only_here <= COLUMNS_HERE_ONLY.keys(), table
        assert only_there <= COLUMNS_THERE_ONLY.keys(), table


def test_every_column_is_of_a_type_that_holds_what_the_other_side_has(here, there):
    for column, (kind, _), (other, _) in both(here, there):
        assert other in SQLITE_HOLDS[kind], column


def test_what_must_be_there_on_one_side_must_be_there_on_the_other(here, there):
    free_here = {column for column, (_, empty), (_, other) in both(here, there) if empty > other}
    free_there = {column for column, (_, empty), (_, other) in both(here, there) if empty < other}
    assert free_here == MAY_BE_EMPTY_HERE_ONLY.keys()
    assert free_there == MAY_BE_EMPTY_THERE_ONLY.keys()


def test_a_visitor_has_no_right_on_any_table(database):
    granted = database.run(
        "select table_name, privilege_type from information_schema.role_table_grants "
        "where table_schema = 'public' and grantee in ('anon', 'PUBLIC')"
    )
    assert granted == []


def test_a_person_may_read_add_and_change_but_never_delete(database):
    granted = database.run(
        "select distinct privilege_type from information_schema.role_table_grants "
        "where table_schema = 'public' and grantee = 'authenticated' order by 1"
    )
    assert granted == [["INSERT"], ["SELECT"], ["UPDATE"]]


def test_every_table_has_row_level_security(database):
    open_ = database.run(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and not relrowsecurity"
    )
    assert open_ == []


def test_of_the_functions_only_what_decides_about_roles_and_order_is_anybodys(database):
    """What triggers call needs no right of its own."""
    callable_ = database.run(
        "select distinct proname from pg_proc where pronamespace = 'public'::regnamespace "
        "and prorettype <> 'trigger'::regtype and has_function_privilege('authenticated', oid, 'execute') order by 1"
    )
    assert callable_ == [["has_role"], ["priority_rank"]]
