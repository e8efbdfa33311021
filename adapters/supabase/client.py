"""Reads tables of Supabase through its own client: page by page, numbers as text, each request with a timeout.

The client's own retries are off: the one retry policy is in `adapters.resilience`. Every failure is a PeerFault that says
what is wrong and what to do.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import httpx
import orjson
from pydantic import ValidationError

from adapters.resilience import RetryBudget, RetryPolicy, retried
from adapters.store.ledger import Place
from adapters.supabase.rows import Table, json_of_any_size, missing_columns
from resolvers.ports import Clock

if TYPE_CHECKING:
    from postgrest.base_request_builder import RequestConfig
    from realtime import AsyncRealtimeClient
    from supabase import AsyncClient

T = TypeVar("T")
JsonRow = dict[str, Any]
Failed = Callable[["PeerFault"], None]


class _Ask(Protocol):
    """One question to the client, with the retries of the caller."""

    async def __call__(self, call: Callable[[AsyncClient], Awaitable[T]]) -> T: ...


PAGE = 1000
SLOW = "SLOW"
_LATE = 2.0
_AS_TEXT = "__text"
_NO_COLUMN = frozenset({"42703", "PGRST204"})
_NO_TABLE = frozenset({"42P01", "42883", "PGRST202", "PGRST205"})
_NOT_ALLOWED = frozenset({"401", "403", "42501", "PGRST301", "PGRST302", "PGRST303"})
_PASSING = ("08", "40", "53", "57", "PGRST00")
"""SQLSTATE classes (connection, rollback, resources, operator) and PostgREST's own trouble with its database."""


class PeerFault(Exception):
    """`retry`: it may pass by itself, and soon."""

    def __init__(self, code: str, message: str, *, retry: bool) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retry = retry


class SupabaseReader:
    """Connects on first use."""

    def __init__(self, url: str, key: str, *, clock: Clock, timeout: float) -> None:
        self._url = url
        self._key = key
        self._clock = clock
        self._timeout = timeout
        self._budget = RetryBudget(clock)
        self.answered: Callable[[], None] = lambda: None
        """Called at each answer."""
        self._http: httpx.AsyncClient | None = None
        self._client: AsyncClient | None = None
        self._connecting = asyncio.Lock()

    async def call(
        self,
        function: str,
        arguments: dict[str, Any],
        *,
        is_readable: Callable[[Any], bool],
        policy: RetryPolicy,
        failed: Failed,
    ) -> Any:
        """A function of the database, with an answer that is readable. Raises PeerFault."""

        async def run(client: AsyncClient) -> Any:
            answer = (await client.rpc(function, arguments).execute()).data
            if not is_readable(answer):
                raise TypeError("not what the function answers")
            return answer

        return await self._ask(run, function, policy, failed)

    async def newest_revision(
        self, gateway: str, *, policy: RetryPolicy, failed: Failed
    ) -> int | None:
        """The newest revision of a gateway's store that Supabase has. Raises PeerFault."""

        async def run(client: AsyncClient) -> list[JsonRow]:
            query = client.table("feed").select("revision").eq("gateway", gateway)
            return _listed((await query.order("revision", desc=True).limit(1).execute()).data)

        rows = await self._ask(run, "feed", policy, failed)
        return int(rows[0]["revision"]) if rows else None

    async def has_line(self, place: Place, *, policy: RetryPolicy, failed: Failed) -> bool:
        """Whether the feed has the line that was read last. Raises PeerFault."""

        async def run(client: AsyncClient) -> list[JsonRow]:
            query = client.table("feed").select("position").eq("xid", place.xid)
            return _listed((await query.eq("position", place.position).execute()).data)

        return bool(await self._ask(run, "feed", policy, failed))

    async def pages(
        self,
        table: Table,
        *,
        policy: RetryPolicy,
        failed: Failed,
        only: Sequence[str] | None = None,
    ) -> AsyncIterator[Page]:
        """All rows page by page, or those whose key is one of `only`. `failed` hears of each failed try. Raises PeerFault."""
        ask = partial(self._ask, table=table.name, policy=policy, failed=failed)
        start: int = 0
        total: int | None = None
        absent: frozenset[str] = frozenset()
        while total is None or start < total:
            exact = [column for column in table.exact if column not in absent]
            try:
                rows, total = await ask(partial(_page, table, exact, only, start))
            except PeerFault as fault:
                if fault.code not in _NO_COLUMN:
                    raise
                # a number column went: read on without, or say which one is needed
                before, absent = absent, await _absent(ask, table)
                if absent == before:
                    raise
                continue
            if not rows:
                break
            _check(table, rows[0])
            start += len(rows)
            yield Page(rows, start, total if total is not None else start)

    async def realtime(self) -> AsyncRealtimeClient:
        """A live connection, not yet open, that does not open itself again."""
        realtime = await asyncio.to_thread(import_module, "realtime")
        made: AsyncRealtimeClient = realtime.AsyncRealtimeClient(
            f"{self._url.rstrip('/')}/realtime/v1", token=self._key, auto_reconnect=False
        )
        return made

    async def close(self) -> None:
        if self._http is not None:
            await self._http.aclose()
        self._http = self._client = None

    async def _ask(
        self,
        call: Callable[[AsyncClient], Awaitable[T]],
        table: str,
        policy: RetryPolicy,
        failed: Failed,
    ) -> T:
        try:
            client = await self._connected()
            answer = await retried(
                lambda: _watched(call(client), failed),
                clock=self._clock,
                policy=policy,
                budget=self._budget,
                retriable=lambda error: _fault(error, table, policy).retry,
                failed=lambda error: failed(_fault(error, table, policy)),
            )
        except Exception as error:
            raise _fault(error, table, policy) from error
        self.answered()
        return answer

    async def _connected(self) -> AsyncClient:
        """One client, however many ask at once. The import takes half a second, reading the certificates some of it: neither
        is made on the loop.
        """
        async with self._connecting:
            if self._client is None:
                supabase = await asyncio.to_thread(import_module, "supabase")
                self._http = await asyncio.to_thread(httpx.AsyncClient, timeout=self._timeout)
                self._client = await supabase.create_async_client(
                    self._url,
                    self._key,
                    supabase.AsyncClientOptions(
                        auto_refresh_token=False,
                        persist_session=False,
                        postgrest_client_retry=False,
                        httpx_client=self._http,
                    ),
                )
            client: AsyncClient = self._client
            return client


async def _watched(answer: Awaitable[T], failed: Failed) -> T:
    """An answer that takes long is said to be missing; it is waited for all the same."""
    fault = PeerFault(SLOW, f"Supabase has not answered for {_LATE:g} s.", retry=True)
    late = asyncio.get_running_loop().call_later(_LATE, failed, fault)
    try:
        return await answer
    finally:
        late.cancel()


@dataclass(frozen=True, slots=True)
class Page:
    """`read`: how many rows of `total` have been read with this page."""

    rows: list[JsonRow]
    read: int
    total: int


async def _page(
    table: Table, exact: Sequence[str], only: Sequence[str] | None, start: int, client: AsyncClient
) -> tuple[list[JsonRow], int | None]:
    """The server may cap a page below what was asked, so only its count says when all is read."""
    from postgrest import CountMethod

    columns = ",".join(["*", *(f"{column}{_AS_TEXT}:{column}::text" for column in exact)])
    query = client.table(table.name).select(columns, count=CountMethod.exact)
    if only is not None:
        query = query.in_(table.key, only)
    for column in table.order:
        query = query.order(column)
    answer = await _sent(query.range(start, start + PAGE - 1).request)
    rows = await asyncio.to_thread(_rows, answer.content, exact)
    counted = answer.headers.get("content-range", "").rpartition("/")[2]
    return rows, int(counted) if counted.isdecimal() else None


async def _sent(request: RequestConfig[httpx.AsyncClient]) -> httpx.Response:
    """As the client's own `execute`, which would parse a thousand rows on the loop, for milliseconds. Raises APIError."""
    from postgrest.exceptions import APIError, APIErrorFromJSON, generate_default_error_message

    answer = await request.send(httpx.Headers())
    if answer.is_success:
        return answer
    try:
        raise APIError(dict(APIErrorFromJSON.model_validate_json(answer.content)))
    except ValidationError as error:
        raise APIError(generate_default_error_message(answer)) from error


def _rows(content: bytes, exact: Sequence[str]) -> list[JsonRow]:
    try:
        data = orjson.loads(content)
    except orjson.JSONDecodeError:  # it knows no number beyond a float's, and PostgreSQL does
        data = json_of_any_size(content)
    rows = _listed(data)
    for row in rows:
        for column in exact:
            row[column] = row.pop(f"{column}{_AS_TEXT}", None)
    return rows


async def _absent(ask: _Ask, table: Table) -> frozenset[str]:
    """Which of the columns that are read as text are not there. Raises PeerFault where one of them is needed."""

    async def sample(client: AsyncClient) -> list[JsonRow]:
        return _listed((await client.table(table.name).select("*").limit(1).execute()).data)

    rows = await ask(sample)
    if not rows:
        return frozenset()
    _check(table, rows[0])
    return frozenset(table.exact) - rows[0].keys()


def _check(table: Table, row: JsonRow) -> None:
    if gone := missing_columns(table, row):
        raise PeerFault(
            "SCHEMA_CHANGED",
            f"Supabase's table {table.name} has no column {', '.join(gone)} any more. "
            "Bring it back, under that name.",
            retry=False,
        )


def _listed(data: object) -> list[JsonRow]:
    if not isinstance(data, list) or not all(isinstance(row, dict) for row in data):
        raise TypeError("not a list of rows")
    return data


def _fault(error: BaseException, table: str, policy: RetryPolicy) -> PeerFault:
    """What went wrong, in words; nothing of the request, which carries the key."""
    from postgrest.exceptions import APIError

    match error:
        case PeerFault():
            return error
        case TimeoutError() | httpx.TimeoutException():
            return PeerFault(
                "TIMEOUT", f"Supabase did not answer within {policy.timeout:g} s.", retry=True
            )
        case httpx.ConnectError():
            return PeerFault(
                "UNREACHABLE",
                "Supabase cannot be reached. Check SUPABASE_URL and the network.",
                retry=True,
            )
        case httpx.HTTPError():
            return PeerFault("CUT", "The connection to Supabase was cut.", retry=True)
        case APIError():
            return _api_fault(error.code, error.message or "", table)
        case _:
            return PeerFault(
                "UNREADABLE",
                f"Supabase's answer for {table} cannot be read ({type(error).__name__}). "
                "Check that SUPABASE_URL is the project's address.",
                retry=True,
            )


def _api_fault(code: str | None, words: str, table: str) -> PeerFault:
    if code in _NOT_ALLOWED or "API key" in words:
        return PeerFault(
            code or "401",
            f"Supabase refuses the key for {table}. Set SUPABASE_KEY to the project's service key.",
            retry=False,
        )
    if code in _NO_TABLE:
        kind = "function" if code in {"42883", "PGRST202"} else "table"
        return PeerFault(
            code or "",
            f"Supabase has no {kind} {table}. Apply schema/supabase/migrations to the project.",
            retry=False,
        )
    passing = (
        code is None
        or code == "429"
        or code.startswith(_PASSING)
        or (len(code) == 3 and code[0] == "5")
    )
    return PeerFault(
        code or "HTTP",
        f"Supabase answered with an error for {table} ({code or 'no code'}: {words[:200] or 'no reason'}).",
        retry=passing,
    )
