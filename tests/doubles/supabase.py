"""A stand-in for Supabase's REST interface: what PostgREST does with the requests of the peer, and every way to fail.

It speaks HTTP on a real socket to the real client. Numbers are sent as JSON numbers unless cast to text, as PostgREST
does. It shows how our code behaves, not that PostgREST behaves so.
"""

from __future__ import annotations

import asyncio
import copy
import json
from collections import deque
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

from aiohttp import web

from adapters.supabase.rows import TABLES
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
        self.tables: dict[str, list[dict[str, Any]]] = {area: [] for area in TABLES}
        self.columns: dict[str, set[str]] = {}
        self.max_rows = max_rows
        self.script: deque[Behaviour] = deque()
        self.default: Behaviour | None = None
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.addresses: list[str] = []
        self.app.router.add_get("/rest/v1/{table}", self._read)
        self.app.router.add_post("/rest/v1/rpc/{function}", self._call)
        self._seen: dict[tuple[str, str], tuple[dict[str, Any], int]] = {}
        self._feed: list[tuple[str, str, int]] = []

    def reads_of(self, table: str) -> list[dict[str, str]]:
        return [query for name, query in self.requests if name == table]

    async def _call(self, request: web.Request) -> web.StreamResponse:
        """Of the functions, those that the reading of tables needs; what writing does is tried on a real PostgreSQL."""
        function = request.match_info["function"]
        self.requests.append((function, {}))
        if (trouble := await self._trouble(request)) is not None:
            return trouble
        asked = await request.json()
        if function == "apply_writes":
            return web.json_response(
                [{"outcome": "applied", "row_version": 1} for _ in asked["writes"]]
            )
        self._note_changes()
        after = (int(asked.get("after_xid") or 0), asked.get("after_position") or 0)
        lines = [
            [str(place), place, area, id_, version, None]
            for place, (area, id_, version) in enumerate(self._feed, start=1)
            if "after_xid" in asked and (place, place) > after
        ]
        horizon = str(len(self._feed) + 1)
        return web.json_response(
            {"peer": "double", "horizon": horizon, "behind": False, "lines": lines}
        )

    def _note_changes(self) -> None:
        """Tests change the tables as they like; the versions and the feed follow."""
        for area, rows in self.tables.items():
            for row in rows:
                key = (area, str(row.get(TABLES[area].key) or ""))
                known, version = self._seen.get(key, ({}, 0))
                now = {name: value for name, value in row.items() if name != "row_version"}
                if now != known:
                    self._seen[key] = (copy.deepcopy(now), version + 1)
                    self._feed.append((*key, version + 1))
                row["row_version"] = self._seen[key][1]

    async def _trouble(self, request: web.Request) -> web.StreamResponse | None:
        if request.headers.get("apikey") != KEY:
            return web.json_response(
                {"message": "Invalid API key", "hint": "Double check your key."}, status=401
            )
        behaviour = self.script.popleft() if self.script else self.default
        return None if behaviour is None else await behaviour(request)

    async def _read(self, request: web.Request) -> web.StreamResponse:
        table, query = request.match_info["table"], dict(request.query)
        self.requests.append((table, query))
        self.addresses.append(request.raw_path)
        if (trouble := await self._trouble(request)) is not None:
            return trouble
        self._note_changes()
        if table == "feed":
            place = int(query.get("position", "eq.0").removeprefix("eq."))
            found = 0 < place <= len(self._feed)
            return web.json_response([{"position": place}] if found else [])
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
        key = TABLES[table].key
        if wanted := query.get(key, "").removeprefix("in."):
            ids = {each.strip('"') for each in wanted.strip("()").split(",")}
            rows = [row for row in rows if str(row[key]) in ids]
        if query.get("order"):
            rows = sorted(rows, key=lambda row: str(row[key]))
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
