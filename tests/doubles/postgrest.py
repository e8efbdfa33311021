"""A stand-in for PostgREST over a real PostgreSQL: requests become the statements that PostgREST makes of them.

Rows, types, roles, row-level security and errors are the database's own; JSON is made there too, so that every digit of a
number arrives. What a request may say is in `postgrest_requests`; anything else is refused, never guessed at.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import jwt
import psycopg
from aiohttp import web
from psycopg import sql

from tests.doubles.postgrest_catalogue import (
    SCHEMA,
    columns_of,
    function,
    primary_key_of,
    with_defaults,
)
from tests.doubles.postgrest_requests import Reading, Refused, counted, preferences, reading

_STATUS = (
    ("08", 503), ("09", 500), ("0L", 403), ("0P", 403), ("23503", 409), ("23505", 409), ("25006", 405),
    ("25", 500), ("28", 403), ("2D", 500), ("38", 500), ("39", 500), ("3B", 500), ("40", 500), ("53400", 500),
    ("53", 503), ("54", 500), ("55", 500), ("57P01", 503), ("57", 500), ("58", 500), ("F0", 500), ("HV", 500),
    ("P0001", 400), ("P0", 500), ("XX", 500), ("42883", 404), ("42P01", 404), ("42P17", 500),
)  # fmt: skip
"""HTTP status by beginning of the SQLSTATE, as PostgREST's reference has them; the first that fits."""


@dataclass(frozen=True, slots=True)
class Caller:
    role: str
    claims: dict[str, Any]


class PostgrestDouble:
    """`conninfo` names a superuser, who takes the role of each request's token. `max_rows`: the cap on a page."""

    def __init__(
        self, conninfo: str, *, secret: str, max_rows: int = 1000, connections: int = 4
    ) -> None:
        self._conninfo = conninfo
        self._secret = secret
        self._max_rows = max_rows
        self._free: asyncio.Queue[psycopg.AsyncConnection[Any] | None] = asyncio.Queue()
        for _ in range(connections):
            self._free.put_nowait(None)
        self._wanted = connections

    async def close(self) -> None:
        for _ in range(self._wanted):
            connection = await self._free.get()
            if connection is not None:
                await connection.close()

    async def handle(self, request: web.Request, path: str) -> web.StreamResponse:
        """`path`: a table's name, or rpc/ and a function's."""
        role = "anon"
        try:
            caller = self._caller(request)
            role = caller.role
            body = await request.text()
            async with self._transaction(caller, request) as connection:
                if path.startswith("rpc/"):
                    return await self._call(connection, request, path.removeprefix("rpc/"), body)
                return await self._table(connection, request, path, body)
        except Refused as refused:
            return _error(refused.status, refused.code, str(refused), refused.details, refused.hint)
        except psycopg.Error as error:
            return _sql_error(error, anonymous=role == "anon")

    def _caller(self, request: web.Request) -> Caller:
        _, _, token = request.headers.get("Authorization", "").partition("Bearer ")
        if not token:
            return Caller("anon", {"role": "anon"})
        try:
            claims = jwt.decode(
                token, self._secret, algorithms=["HS256"], options={"verify_aud": False}
            )
        except jwt.ExpiredSignatureError as error:
            raise Refused(401, "PGRST303", "JWT expired") from error
        except jwt.InvalidTokenError as error:
            raise Refused(401, "PGRST301", "No suitable key or wrong key type") from error
        return Caller(str(claims.get("role", "anon")), claims)

    @asynccontextmanager
    async def _transaction(
        self, caller: Caller, request: web.Request
    ) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
        """One request, one transaction, as the caller's role. A connection that broke is made anew."""
        connection = await self._free.get()
        try:
            if connection is None or connection.closed:
                connection = await psycopg.AsyncConnection.connect(self._conninfo, autocommit=True)
            async with connection.transaction():
                if request.method in {"GET", "HEAD"}:
                    await connection.execute("set transaction read only")
                await connection.execute(
                    "select set_config('role', %s, true), set_config('request.jwt.claims', %s, true), "
                    "set_config('request.method', %s, true), set_config('request.path', %s, true), "
                    "set_config('search_path', %s, true)",
                    (
                        caller.role,
                        json.dumps(caller.claims),
                        request.method,
                        request.path,
                        f"{SCHEMA}, extensions",
                    ),
                )
                yield connection
        except psycopg.OperationalError:
            if connection is not None:
                await connection.close()
            raise
        finally:
            self._free.put_nowait(connection)

    async def _table(
        self,
        connection: psycopg.AsyncConnection[Any],
        request: web.Request,
        table: str,
        body: str,
    ) -> web.Response:
        columns = await columns_of(connection, table)
        if not columns:
            raise Refused(
                404, "PGRST205", f"Could not find the table '{SCHEMA}.{table}' in the schema cache"
            )
        asked = reading(table, request.query)
        match request.method:
            case "GET" | "HEAD":
                return await self._answer(connection, request, asked, _name(table))
            case "POST":
                source = await _insert(connection, request, table, columns, body)
                return await _written(connection, request, asked, source, created=True)
            case "PATCH":
                source = _update(request, table, columns, body, asked)
                return await _written(connection, request, asked, source)
            case "DELETE":
                source = sql.SQL("delete from {}{}").format(_name(table), asked.where)
                return await _written(connection, request, asked, source)
            case method:
                raise Refused(405, "PGRST117", f"Unsupported HTTP method: {method}")

    async def _answer(
        self,
        connection: psycopg.AsyncConnection[Any],
        request: web.Request,
        asked: Reading,
        source: sql.Composable,
    ) -> web.Response:
        """Rows of a table or of a function, at most a page of them."""
        limit = self._max_rows if asked.limit is None else min(asked.limit, self._max_rows)
        prefer = preferences(request)
        total: int | None = None
        if prefer.get("count") in {"exact", "planned", "estimated"}:
            total = await _number(
                connection, sql.SQL("select count(*) from {}{}").format(source, asked.where)
            )
            if asked.offset > total:
                raise Refused(
                    416,
                    "PGRST103",
                    "Requested range not satisfiable",
                    f"An offset of {asked.offset} was requested, but there are only {total} rows.",
                )
        rows = sql.SQL("select {} from {}{}{} limit {} offset {}").format(
            asked.columns, source, asked.where, asked.order, limit, asked.offset
        )
        found, text = await _as_json(connection, rows)
        return _rows(request, text, found, asked.offset, total)

    async def _call(
        self,
        connection: psycopg.AsyncConnection[Any],
        request: web.Request,
        name: str,
        body: str,
    ) -> web.Response:
        if request.method != "POST":
            raise Refused(405, "PGRST101", f"Cannot use the {request.method} method on RPC")
        given = _object(body or "{}")
        called = await function(connection, name, sorted(given))
        arguments = sql.SQL(", ").join(
            sql.SQL("{} := (select {} from pgrst_args)").format(
                sql.Identifier(key), sql.Identifier(key)
            )
            for key in given
        )
        call = sql.SQL("{}({})").format(_name(name), arguments)
        # the arguments are read by PostgreSQL from the body's own text, so that numbers stay exact
        typed = sql.SQL(", ").join(
            sql.SQL("{} {}").format(sql.Identifier(key), sql.SQL(called.types[key]))
            for key in given
        )
        source = (
            sql.SQL("(with pgrst_args as (select * from json_to_record({}) as _({})) ").format(
                body, typed
            )
            if given
            else sql.SQL("(")
        )
        if called.result == "void":
            await connection.execute(sql.SQL("select * from {}select {}) _").format(source, call))
            return web.Response(status=204)
        if called.composite:
            rows = sql.SQL("{}select * from {}) pgrst_call").format(source, call)
            if "count" in preferences(request):
                raise Refused(400, "PGRST100", "the stand-in does not count the rows of a function")
            asked = reading("pgrst_call", request.query, schema=None)
            if called.many:
                return await self._answer(connection, request, asked, rows)
            _, text = await _as_json(
                connection, sql.SQL("select {} from {}").format(asked.columns, rows)
            )
            return _json(text[1:-1] or "null")
        rows = sql.SQL("{}select {} as value) pgrst_call").format(source, call)
        what = "coalesce(json_agg(value), '[]')" if called.many else "json_agg(value)->0"
        [text] = await _row(
            connection, sql.SQL("select ({})::text from {}").format(sql.SQL(what), rows)
        )
        return _json(text)


async def _insert(
    connection: psycopg.AsyncConnection[Any],
    request: web.Request,
    table: str,
    columns: dict[str, str],
    body: str,
) -> sql.Composable:
    rows = _parsed(body)
    rows = rows if isinstance(rows, list) else [rows]
    if not all(isinstance(row, dict) for row in rows):
        raise Refused(400, "PGRST102", "Empty or invalid json")
    if named := request.query.get("columns"):
        keys = [part.strip().strip('"') for part in named.split(",")]
    else:
        keys = list(rows[0]) if rows else []
        if any(row.keys() != set(keys) for row in rows):
            raise Refused(400, "PGRST102", "All object keys must match")
    _known(table, columns, keys)
    prefer = preferences(request)
    listed = body if body.lstrip().startswith("[") else f"[{body}]"
    if not rows:
        return sql.SQL("select * from {} where false").format(_name(table))
    if not keys:
        return sql.SQL("insert into {} default values").format(_name(table))
    names = _names(keys)
    given: sql.Composable = sql.SQL("{}::json").format(listed)
    if prefer.get("missing") == "default":
        given = await with_defaults(connection, table, keys, listed)
    return sql.SQL(
        "insert into {0} ({1}) select {1} from json_populate_recordset(null::{0}, {2}){3}"
    ).format(
        _name(table), names, given, await _on_conflict(connection, request, table, keys, prefer)
    )


async def _on_conflict(
    connection: psycopg.AsyncConnection[Any],
    request: web.Request,
    table: str,
    keys: list[str],
    prefer: dict[str, str],
) -> sql.Composable:
    resolution = prefer.get("resolution")
    if resolution not in {"merge-duplicates", "ignore-duplicates"}:
        return sql.SQL("")
    named = request.query.get("on_conflict")
    target = (
        [part.strip() for part in named.split(",")]
        if named
        else await primary_key_of(connection, table)
    )
    if resolution == "ignore-duplicates":
        return sql.SQL(" on conflict ({}) do nothing").format(_names(target))
    changed = sql.SQL(", ").join(
        sql.SQL("{0} = excluded.{0}").format(sql.Identifier(key)) for key in keys
    )
    return sql.SQL(" on conflict ({}) do update set {}").format(_names(target), changed)


def _update(
    request: web.Request, table: str, columns: dict[str, str], body: str, asked: Reading
) -> sql.Composable:
    keys = list(_object(body))
    _known(table, columns, keys)
    if not keys:
        return sql.SQL("select * from {} where false").format(_name(table))
    changed = sql.SQL(", ").join(
        sql.SQL("{0} = pgrst_body.{0}").format(sql.Identifier(key)) for key in keys
    )
    return sql.SQL(
        "update {table} set {changed} from (select {names} from json_populate_record(null::{table}, {body}::json)) "
        "pgrst_body{where}"
    ).format(table=_name(table), changed=changed, names=_names(keys), body=body, where=asked.where)


async def _written(
    connection: psycopg.AsyncConnection[Any],
    request: web.Request,
    asked: Reading,
    source: sql.Composable,
    *,
    created: bool = False,
) -> web.Response:
    prefer = preferences(request)
    wants_rows = prefer.get("return") == "representation"
    returning = asked.columns if wants_rows else sql.SQL("1")
    found, text = await _as_json(connection, sql.SQL("{} returning {}").format(source, returning))
    total = found if prefer.get("count") == "exact" else None
    if wants_rows:
        return _rows(request, text, found, 0, total, status=201 if created else 200)
    return web.Response(
        status=201 if created else 204,
        headers={"Content-Range": counted(found, 0, total) if not created else f"*/{total or '*'}"},
    )


async def _as_json(
    connection: psycopg.AsyncConnection[Any], rows: sql.Composable
) -> tuple[int, str]:
    statement = sql.SQL(
        "with pgrst_source as ({}) select count(*), coalesce(json_agg(_), '[]')::text from pgrst_source _"
    ).format(rows)
    number, text = await _row(connection, statement)
    return int(number), text


def _rows(
    request: web.Request, text: str, found: int, offset: int, total: int | None, status: int = 200
) -> web.Response:
    headers = {"Content-Range": counted(found, offset, total)}
    if "application/vnd.pgrst.object" in request.headers.get("Accept", ""):
        if found != 1:
            raise Refused(
                406,
                "PGRST116",
                "Cannot coerce the result to a single JSON object",
                f"The result contains {found} rows",
            )
        return _json(text[1:-1], status, headers)
    if status == 200 and total is not None and found < total:
        status = 206
    return _json("" if request.method == "HEAD" else text, status, headers)


def _json(text: str, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(text=text, status=status, headers=headers, content_type="application/json")


async def _row(connection: psycopg.AsyncConnection[Any], statement: sql.Composable) -> Any:
    return await (await connection.execute(statement)).fetchone()


async def _number(connection: psycopg.AsyncConnection[Any], statement: sql.Composable) -> int:
    return int((await _row(connection, statement))[0])


def _known(table: str, columns: dict[str, str], keys: list[str]) -> None:
    for key in keys:
        if key not in columns:
            raise Refused(
                400,
                "PGRST204",
                f"Could not find the '{key}' column of '{table}' in the schema cache",
            )


def _parsed(body: str) -> Any:
    try:
        return json.loads(body, parse_float=str, parse_int=str)
    except ValueError as error:
        raise Refused(400, "PGRST102", "Empty or invalid json") from error


def _object(body: str) -> dict[str, Any]:
    given = _parsed(body)
    if not isinstance(given, dict):
        raise Refused(400, "PGRST102", "Empty or invalid json")
    return given


def _name(table: str) -> sql.Identifier:
    return sql.Identifier(SCHEMA, table)


def _names(names: list[str]) -> sql.Composable:
    return sql.SQL(", ").join(map(sql.Identifier, names))


def _sql_error(error: psycopg.Error, *, anonymous: bool) -> web.Response:
    code, said = error.sqlstate, error.diag
    if code is None:
        return _error(503, "PGRST001", "Database client error. Retrying the connection.")
    if code == "42501":
        status = 401 if anonymous else 403
    elif code.startswith("PT") and code[2:].isdigit():
        status = int(code[2:])
    else:
        status = next((status for start, status in _STATUS if code.startswith(start)), 400)
    return _error(
        status, code, said.message_primary or str(error), said.message_detail, said.message_hint
    )


def _error(
    status: int, code: str, message: str, details: str | None = None, hint: str | None = None
) -> web.Response:
    return web.json_response(
        {"code": code, "message": message, "details": details, "hint": hint}, status=status
    )
