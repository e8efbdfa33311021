"""Reads tables of Supabase through its own client: page by page, numbers as text, each request with a timeout.

The client's own retries are off: the one retry policy is in `adapters.resilience`. Every failure is a PeerFault that says
what is wrong and what to do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import httpx

from adapters.resilience import RetryBudget, RetryPolicy, retried
from adapters.supabase.rows import RowT, Table, missing_columns
from resolvers.ports import Clock

if TYPE_CHECKING:
    from supabase import AsyncClient

T = TypeVar("T")
JsonRow = dict[str, Any]
Failed = Callable[["PeerFault"], None]


class _Ask(Protocol):
    """One question to the client, with the retries of the caller."""

    async def __call__(self, call: Callable[[AsyncClient], Awaitable[T]]) -> T: ...


PAGE = 1000
_AS_TEXT = "__text"
_NO_COLUMN = frozenset({"42703", "PGRST204"})
_NO_TABLE = frozenset({"42P01", "PGRST205"})
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
        self._absent: dict[str, frozenset[str]] = {}
        self._http: httpx.AsyncClient | None = None
        self._client: AsyncClient | None = None

    async def rows(
        self, table: Table[RowT], *, since: datetime | None, policy: RetryPolicy, failed: Failed
    ) -> list[JsonRow]:
        """All rows, or those changed from an instant on. `failed` hears of each failed try. Raises PeerFault."""

        async def ask(call: Callable[[AsyncClient], Awaitable[T]]) -> T:
            return await self._ask(call, table.name, policy, failed)

        for _ in range(2):
            absent = self._absent.get(table.name, frozenset())
            exact = [column for column in table.exact if column not in absent]
            try:
                found = await _pages(ask, table.name, exact, since)
                seen = found[:1]
            except PeerFault as fault:
                if fault.code not in _NO_COLUMN:
                    raise
                seen = await ask(lambda client: _sample(client, table.name))
                found = []
            if not seen:
                return found
            if gone := missing_columns(table, seen[0]):
                raise PeerFault(
                    "SCHEMA_CHANGED",
                    f"Supabase's table {table.name} has no column {', '.join(gone)} any more. "
                    "Bring it back, under that name.",
                    retry=False,
                )
            # A number column went, or came back: read again, with the ones there are.
            self._absent[table.name] = frozenset(table.exact) - seen[0].keys()
            if self._absent[table.name] == absent:
                return found
        raise PeerFault("SCHEMA_CHANGED", f"Table {table.name} is being altered.", retry=True)

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
            return await retried(
                lambda: call(client),
                clock=self._clock,
                policy=policy,
                budget=self._budget,
                retriable=lambda error: _fault(error, table, policy).retry,
                failed=lambda error: failed(_fault(error, table, policy)),
            )
        except Exception as error:
            raise _fault(error, table, policy) from error

    async def _connected(self) -> AsyncClient:
        """The import takes half a second, so it is not made on the loop."""
        if self._client is None:
            supabase = await asyncio.to_thread(import_module, "supabase")
            self._http = httpx.AsyncClient(timeout=self._timeout)
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


async def _pages(
    ask: _Ask, table: str, exact: Sequence[str], since: datetime | None
) -> list[JsonRow]:
    """The server may cap a page below what was asked, so only its count says when all is read."""
    columns = ",".join(["*", *(f"{column}{_AS_TEXT}:{column}::text" for column in exact)])
    found: list[JsonRow] = []
    total: int | None = None
    while total is None or len(found) < total:
        start = len(found)

        async def page(client: AsyncClient, start: int = start) -> tuple[list[JsonRow], int | None]:
            from postgrest import CountMethod

            query = client.table(table).select(columns, count=CountMethod.exact)
            if since is not None:
                query = query.gte("updated_at", since.isoformat())
            answer = await query.order("id").range(start, start + PAGE - 1).execute()
            return _listed(answer.data), answer.count

        rows, total = await ask(page)
        if not rows:
            break
        for row in rows:
            for column in exact:
                row[column] = row.pop(f"{column}{_AS_TEXT}", None)
        found += rows
    return found


async def _sample(client: AsyncClient, table: str) -> list[JsonRow]:
    return _listed((await client.table(table).select("*").limit(1).execute()).data)


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
                f"Supabase's answer for table {table} cannot be read ({type(error).__name__}). "
                "Check that SUPABASE_URL is the project's address.",
                retry=True,
            )


def _api_fault(code: str | None, words: str, table: str) -> PeerFault:
    if code in _NOT_ALLOWED or "API key" in words:
        return PeerFault(
            code or "401",
            f"Supabase refuses the key for table {table}. Set SUPABASE_KEY to the project's service key.",
            retry=False,
        )
    if code in _NO_TABLE:
        return PeerFault(
            code or "",
            f"Supabase has no table {table}. Apply schema/supabase/migrations to the project.",
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
        f"Supabase answered with an error for table {table} ({code or 'no code'}: {words[:200] or 'no reason'}).",
        retry=passing,
    )
