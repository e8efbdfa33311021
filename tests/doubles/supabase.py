"""A stand-in for Supabase's REST interface: what PostgREST does with the requests of the peer, and every way to fail.

It speaks HTTP on a real socket to the real client. Numbers are sent as JSON numbers unless cast to text, as PostgREST
does. It shows how our code behaves, not that PostgREST behaves so.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from aiohttp import web

from tests.doubles.http import HttpDouble, cut

KEY = "planted-service-key-91c4"
Behaviour = Callable[[web.Request], Awaitable[web.StreamResponse]]


def answers(status: int, body: Any = None, text: str | None = None) -> Behaviour:
    async def behave(_: web.Request) -> web.StreamResponse:
        if text is not None:
            return web.Response(status=status, text=text, content_type="text/html")
        return web.json_response(body or {"message": "trouble"}, status=status)

    return behave


def hangs(seconds: float = 30) -> Behaviour:
    async def behave(_: web.Request) -> web.StreamResponse:
        await asyncio.sleep(seconds)
        return web.Response()

    return behave


def cuts_inside_the_body() -> Behaviour:
    async def behave(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(
            headers={"Content-Length": "5000", "Content-Type": "application/json"}
        )
        await response.prepare(request)
        await response.write(b'[{"id": "inv-1", "number": "INV')
        cut(request)
        return response

    return behave


class SupabaseDouble(HttpDouble):
    """`tables`: rows by table name, numbers as Decimal. `max_rows`: the server's cap on a page. `script` holds what
    happens to the next requests, then `default`; without both, the truth is answered.
    """

    def __init__(self, *, max_rows: int = 1000) -> None:
        super().__init__()
        self.tables: dict[str, list[dict[str, Any]]] = {"invoices": [], "streams": []}
        self.columns: dict[str, set[str]] = {}
        self.max_rows = max_rows
        self.script: deque[Behaviour] = deque()
        self.default: Behaviour | None = None
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.app.router.add_get("/rest/v1/{table}", self._read)

    def reads_of(self, table: str) -> list[dict[str, str]]:
        return [query for name, query in self.requests if name == table]

    async def _read(self, request: web.Request) -> web.StreamResponse:
        table, query = request.match_info["table"], dict(request.query)
        self.requests.append((table, query))
        if request.headers.get("apikey") != KEY:
            return web.json_response(
                {"message": "Invalid API key", "hint": "Double check your key."}, status=401
            )
        behaviour = self.script.popleft() if self.script else self.default
        if behaviour is not None:
            return await behaviour(request)
        if table not in self.tables:
            return _error(404, "PGRST205", f"Could not find the table 'public.{table}'")
        rows = self._matching(table, query)
        selected = [_selected(row, query.get("select", "*")) for row in rows]
        if bad := next((row for row in selected if isinstance(row, str)), None):
            return _error(400, "42703", f"column {table}.{bad} does not exist")
        offset, limit = int(query.get("offset", 0)), int(query.get("limit", self.max_rows))
        page = selected[offset : offset + min(limit, self.max_rows)]
        total = len(selected) if "count=exact" in request.headers.get("Prefer", "") else "*"
        return web.Response(
            text=_dump(page),
            status=200 if len(page) == len(selected) else 206,
            content_type="application/json",
            headers={"Content-Range": f"{offset}-{offset + len(page) - 1}/{total}"},
        )

    def _matching(self, table: str, query: dict[str, str]) -> list[dict[str, Any]]:
        rows = self.tables[table]
        if since := query.get("updated_at"):
            earliest = datetime.fromisoformat(since.removeprefix("gte."))
            rows = [r for r in rows if datetime.fromisoformat(r["updated_at"]) >= earliest]
        if query.get("order"):
            rows = sorted(rows, key=lambda row: str(row["id"]))
        return rows


def _selected(row: dict[str, Any], select: str) -> dict[str, Any] | str:
    """The row as selected, or the name of a column that is not there."""
    chosen: dict[str, Any] = {}
    for part in select.split(","):
        if part == "*":
            chosen |= row
            continue
        alias, _, column = part.rpartition(":") if "::" not in part else _cast_parts(part)
        name = column.removesuffix("::text")
        if name not in row:
            return name
        value = row[name]
        if column.endswith("::text") and value is not None:
            value = value if isinstance(value, str) else _dump(value)
        chosen[alias or name] = value
    return chosen


def _cast_parts(part: str) -> tuple[str, str, str]:
    before, _, _ = part.partition("::")
    alias, _, name = before.rpartition(":")
    return alias, ":", f"{name}::text"


def _dump(value: Any) -> str:
    """JSON with Decimals as plain numbers, every digit of them."""
    match value:
        case Decimal():
            return format(value, "f")
        case dict():
            return "{" + ",".join(f"{json.dumps(k)}:{_dump(v)}" for k, v in value.items()) + "}"
        case list():
            return "[" + ",".join(map(_dump, value)) + "]"
        case _:
            return json.dumps(value)


def _error(status: int, code: str, message: str) -> web.Response:
    return web.json_response(
        {"code": code, "message": message, "details": None, "hint": None}, status=status
    )
