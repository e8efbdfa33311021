"""A Supabase project on one port of this machine: the gate that asks for a key, REST, and Realtime, over a PostgreSQL.

REST is the real PostgREST where it is on PATH, else our stand-in; or a Supabase Lite that runs. Realtime is our stand-in.
Where the environment names a stack that runs already (`supabase_stack`), both are that one's.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import jwt
from aiohttp import web
from yarl import URL

from tests.doubles.http import HttpDouble
from tests.doubles.postgres import Postgres
from tests.doubles.postgrest import PostgrestDouble
from tests.doubles.realtime import RealtimeDouble
from tests.doubles.supabase_lite import PUBLISHABLE_KEY, SECRET_KEY
from tests.doubles.supabase_stack import Stack, StackRealtime

_STACK = Stack.of()
JWT_SECRET = _STACK.jwt_secret if _STACK else "planted-jwt-secret-of-the-project-7d21"
MAX_ROWS = 1000
_HOP = frozenset({"connection", "content-length", "host", "transfer-encoding", "content-encoding"})


def token(role: str, *app_roles: str, **claims: object) -> str:
    """A token as the project's Auth signs it; `app_roles` go into app_metadata."""
    payload: dict[str, object] = {"role": role, "aud": "authenticated", **claims}
    if app_roles:
        payload["app_metadata"] = {"roles": list(app_roles)}
    return jwt.encode(payload, JWT_SECRET, algorithm="HS256")


SERVICE_KEY = token("service_role", iss="supabase")
ANON_KEY = token("anon", iss="supabase")


POSTGREST = "PostgREST"
STAND_IN = "our stand-in"
STACK = "the stack"


def servers() -> list[str]:
    """What can answer for REST over the same database, the most real first; Supabase Lite beside them."""
    if _STACK:
        return [STACK]
    return [POSTGREST, STAND_IN] if shutil.which("postgrest") else [STAND_IN]


class SupabaseProject(HttpDouble):
    """`url` and `key` are what a gateway is given. `requests`: method and path of all that came, in order. `stop` and
    `start` again is an outage; `realtime` None: the project has none, and its address answers 404.
    """

    key = SERVICE_KEY

    def __init__(
        self,
        postgres: Postgres,
        *,
        realtime: bool = True,
        rest: str | None = None,
        max_rows: int = MAX_ROWS,
    ) -> None:
        """`rest`: STACK, POSTGREST, STAND_IN, or the address of a Supabase Lite; None: the first of these that is here."""
        super().__init__()
        self.postgres = postgres
        self.server = rest or servers()[0]
        self.requests: list[tuple[str, str]] = []
        self.realtime: RealtimeDouble | StackRealtime | None = None
        if realtime and _STACK:
            self.realtime = StackRealtime(_STACK)
        elif realtime:
            self.realtime = RealtimeDouble(postgres.conninfo, secret=JWT_SECRET)
        self._max_rows = max_rows
        self._behind: AsyncExitStack | None = None
        self._rest: PostgrestDouble | _Forwarder | None = None
        self.app.router.add_route("*", "/rest/v1/{path:.*}", self._serve_rest)
        self.app.router.add_get("/realtime/v1/websocket", self._serve_realtime)

    async def start(self) -> None:
        async with AsyncExitStack() as behind:
            if self.server == STAND_IN:
                self._rest = PostgrestDouble(
                    self.postgres.conninfo, secret=JWT_SECRET, max_rows=self._max_rows
                )
                behind.push_async_callback(self._rest.close)
            elif self.server == POSTGREST:
                self._rest = await behind.enter_async_context(
                    _real_postgrest(self.postgres, self._max_rows)
                )
            elif self.server == STACK and _STACK:
                keys = {SERVICE_KEY: _STACK.service_key, ANON_KEY: _STACK.anon_key}
                self._rest = await behind.enter_async_context(_behind(_STACK.url, keys))
            else:
                keys = {SERVICE_KEY: SECRET_KEY, ANON_KEY: PUBLISHABLE_KEY}
                self._rest = await behind.enter_async_context(_behind(self.server, keys))
            if self.realtime is not None:
                behind.push_async_callback(self.realtime.stop)
                await self.realtime.start()
            await super().start()
            behind.push_async_callback(super().stop)
            self._behind = behind.pop_all()

    async def stop(self) -> None:
        if self._behind is not None:
            behind, self._behind = self._behind, None
            await behind.aclose()

    def writes(self, path: str = "") -> int:
        """How many requests that write came for a path that begins so."""
        return sum(
            method not in {"GET", "HEAD"} and asked.startswith(path)
            for method, asked in self.requests
        )

    async def _serve_rest(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        self.requests.append((request.method, path))
        key = request.headers.get("apikey")
        if key is None:
            return _refused(
                "No API key found in request", "No `apikey` request header or url param was found."
            )
        if not _signed(key):
            return _refused(
                "Invalid API key", "Double check your Supabase `anon` or `service_role` API key."
            )
        assert self._rest is not None
        return await self._rest.handle(request, path)

    async def _serve_realtime(self, request: web.Request) -> web.StreamResponse:
        if self.realtime is None:
            raise web.HTTPNotFound
        if not _signed(request.query.get("apikey", "")):
            raise web.HTTPForbidden
        return await self.realtime.handle(request)


class _Forwarder:
    """Hands a request on to the server behind. `keys`: what stands for the project's keys there."""

    def __init__(
        self, session: aiohttp.ClientSession, base: str, keys: Mapping[str, str] | None = None
    ) -> None:
        self._session = session
        self._base = base
        self._keys = keys or {}

    async def handle(self, request: web.Request, path: str) -> web.StreamResponse:
        headers = {k: v for k, v in request.headers.items() if k.lower() not in {*_HOP, "apikey"}}
        headers["apikey"] = self._keys.get(request.headers["apikey"], request.headers["apikey"])
        query = f"?{request.rel_url.raw_query_string}" if request.query_string else ""
        async with self._session.request(
            request.method,
            URL(f"{self._base}/{path}{query}", encoded=True),
            headers=headers,
            data=await request.read(),
        ) as answer:
            response = web.Response(status=answer.status, body=await answer.read())
            for name, value in answer.headers.items():
                if name.lower() not in _HOP:
                    response.headers[name] = value
            return response


@asynccontextmanager
async def _behind(url: str, keys: Mapping[str, str]) -> AsyncIterator[_Forwarder]:
    async with aiohttp.ClientSession() as session:
        yield _Forwarder(session, f"{url}/rest/v1", keys)


@asynccontextmanager
async def _real_postgrest(postgres: Postgres, max_rows: int) -> AsyncIterator[_Forwarder]:
    """Waits until it has read the schema."""
    with tempfile.TemporaryDirectory(prefix="postgrest-") as folder:
        socket = Path(folder) / "postgrest.sock"
        process = await asyncio.create_subprocess_exec(
            "postgrest",
            env=os.environ
            | {
                "PGRST_DB_URI": f"postgresql://authenticator@/postgres?host={postgres.sockets}",
                "PGRST_DB_SCHEMAS": "public",
                "PGRST_DB_ANON_ROLE": "anon",
                "PGRST_DB_MAX_ROWS": str(max_rows),
                "PGRST_JWT_SECRET": JWT_SECRET,
                "PGRST_SERVER_UNIX_SOCKET": str(socket),
            },
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            connector = aiohttp.UnixConnector(str(socket))
            async with (
                aiohttp.ClientSession(connector=connector, auto_decompress=True) as session,
                asyncio.timeout(60),
            ):
                while not await _answers(session):
                    if process.returncode is not None:
                        raise RuntimeError(f"postgrest ended with {process.returncode}")
                    await asyncio.sleep(0.05)
            connector = aiohttp.UnixConnector(str(socket))
            async with aiohttp.ClientSession(connector=connector) as session:
                yield _Forwarder(session, "http://postgrest")
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()


async def _answers(session: aiohttp.ClientSession) -> bool:
    try:
        async with session.get("http://postgrest/invoices?limit=0") as answer:
            return answer.status < 500
    except aiohttp.ClientError:
        return False


def _signed(key: str) -> bool:
    try:
        jwt.decode(key, JWT_SECRET, algorithms=["HS256"], options={"verify_aud": False})
    except jwt.InvalidTokenError:
        return False
    return True


def _refused(message: str, hint: str) -> web.Response:
    return web.json_response({"message": message, "hint": hint}, status=401)
