"""What a database has, as PostgREST remembers it: columns, keys, defaults and functions, asked anew for each request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from tests.doubles.postgrest_requests import Refused

SCHEMA = "public"


@dataclass(frozen=True, slots=True)
class Function:
    types: dict[str, str]
    result: str
    composite: bool
    many: bool


async def function(
    connection: psycopg.AsyncConnection[Any], name: str, given: list[str]
) -> Function:
    """The one whose arguments fit: all that are given exist, all that have no default are given."""
    cursor = await connection.execute(
        """
        select p.pronargs, p.pronargdefaults, coalesce(p.proargnames, '{}')::text[],
               (select coalesce(array_agg(pg_catalog.format_type(t, null) order by n), '{}')
                from unnest(p.proargtypes::oid[]) with ordinality a (t, n)),
               p.prorettype::regtype::text, r.typtype = 'c' or p.proargmodes && '{o,b,t}'::"char"[], p.proretset
        from pg_catalog.pg_proc p join pg_catalog.pg_type r on r.oid = p.prorettype
        where p.pronamespace = %s::regnamespace and p.proname = %s and p.prokind = 'f'
        """,
        (SCHEMA, name),
    )
    for number, defaults, names, types, result, composite, many in await cursor.fetchall():
        known = dict(zip(names[:number], types, strict=True)) if number else {}
        needed = names[: number - defaults]
        if set(given) <= set(known) and set(needed) <= set(given):
            return Function(known, result, bool(composite), many)
    listed = f"({', '.join(given)})" if given else " without parameters"
    raise Refused(
        404,
        "PGRST202",
        f"Could not find the function {SCHEMA}.{name}{listed} in the schema cache",
        f"Searched for the function {SCHEMA}.{name}{listed}, but no matches were found in the schema cache.",
    )


async def columns_of(connection: psycopg.AsyncConnection[Any], table: str) -> dict[str, str]:
    """The type of each column; nothing, where there is no such table."""
    cursor = await connection.execute(
        """
        select a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod)
        from pg_catalog.pg_attribute a join pg_catalog.pg_class c on c.oid = a.attrelid
        where c.relnamespace = %s::regnamespace and c.relname = %s and c.relkind in ('r', 'v', 'm', 'p')
          and a.attnum > 0 and not a.attisdropped
        order by a.attnum
        """,
        (SCHEMA, table),
    )
    return dict(await cursor.fetchall())


async def primary_key_of(connection: psycopg.AsyncConnection[Any], table: str) -> list[str]:
    cursor = await connection.execute(
        """
        select a.attname from pg_catalog.pg_index i
        join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
        where i.indisprimary and i.indrelid = %s::regclass
        """,
        (f'{SCHEMA}."{table}"',),
    )
    return [name for (name,) in await cursor.fetchall()]


async def with_defaults(
    connection: psycopg.AsyncConnection[Any], table: str, keys: list[str], listed: str
) -> sql.Composable:
    """The rows as JSON, each with the columns' defaults where it lacks a key."""
    cursor = await connection.execute(
        """
        select a.attname, pg_catalog.pg_get_expr(d.adbin, d.adrelid)
        from pg_catalog.pg_attrdef d
        join pg_catalog.pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
        where d.adrelid = %s::regclass
        """,
        (f'{SCHEMA}."{table}"',),
    )
    defaults = sql.SQL(", ").join(
        sql.SQL("{}, ({})").format(name, sql.SQL(expression))
        for name, expression in await cursor.fetchall()
        if name in keys
    )
    return sql.SQL(
        "(select json_agg(jsonb_build_object({}) || e) from jsonb_array_elements({}::jsonb) e)"
    ).format(defaults, listed)
