"""The whole application with authentication, on a real socket, over a small workspace in a store file."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import strawberry

from adapters.clock import SystemClock
from adapters.keys import KeyFile
from adapters.revocations import RevocationFile
from adapters.store import open_store
from graph.app import App
from graph.auth.access import Access
from graph.auth.identity import JwtAuthenticator
from graph.live.live import LiveComponent
from graph.schema import build_schema
from graph.settings import Settings
from tests.integration.security.door import AUDIENCE, SECRET, Door
from tests.servers import serving
from tests.services import a_workbench
from tests.stores import put
from tests.workspace import workspace

ROOT = Path(__file__).parents[3]
Opened = Callable[..., AbstractAsyncContextManager[Door]]


@pytest.fixture(scope="session")
def schema() -> strawberry.Schema:
    return build_schema()


@pytest.fixture
def opened(schema: strawberry.Schema, tmp_path: Path) -> Opened:
    """`async with opened(limit_depth=5) as door`: the application with these settings."""

    @asynccontextmanager
    async def opening(**changes: Any) -> AsyncIterator[Door]:
        clock = SystemClock()
        bench = a_workbench(
            clock=clock,  # type: ignore[arg-type]  # tokens end by the real one
            store=lambda clock: open_store(tmp_path / "store.sqlite3", clock),
            default_recipient="+14155552671",
            allowed=("+1415*",),
        )
        await put(bench.store, *workspace())
        settings = Settings(
            _env_file=None,  # type: ignore[call-arg]
            auth_jwt_secret=SECRET,
            trusted_documents=ROOT / "schema" / "trusted-documents.json",
            **changes,
        )
        key_file = tmp_path / "keys.sqlite3"
        keys = KeyFile(key_file)
        revoked = tmp_path / "revoked"
        revoked.touch()
        access = Access(
            keys=keys,
            revocations=RevocationFile(revoked),
            tokens=JwtAuthenticator(secret=SECRET, audience=AUDIENCE),
            clock=clock,
        )
        app = App(
            bench.services,
            settings=settings,
            schema=schema,
            authenticator=access,
            live_component=LiveComponent(),
        )
        try:
            async with serving(app) as port, httpx.AsyncClient(timeout=20) as http:
                yield Door(port, http, app, bench, access, keys, key_file, revoked)
        finally:
            bench.store.close()

    return opening
