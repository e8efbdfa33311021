"""Nothing that is sent makes the gateway fail: generated and mutated documents and frames, always the same ones.

FUZZ_COUNT says how many, FUZZ_SEED which slice of them: `make test-durability` runs a million in slices.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any, Self

import pytest
import strawberry
from structlog.testing import capture_logs

from adapters.store import open_store
from graph.app import App
from graph.auth.identity import LocalAuthenticator
from graph.live.live import LiveComponent
from graph.settings import Settings
from tests.integration.security.grammar import Writer
from tests.services import a_workbench
from tests.stores import put
from tests.workspace import workspace

COUNT = int(os.environ.get("FUZZ_COUNT", "10000"))
SEED = int(os.environ.get("FUZZ_SEED", "0"))
TO_ONE_APPLICATION = 1_000
MOST_TO_ONE_SOCKET = 50
HANGS = 60.0
CLOSES = {4400, 4401, 4403, 4409, 4429}

pytestmark = [
    pytest.mark.timeout(240 + COUNT / 20),
    # The library drops what it has begun to await when a sibling that may not be null has failed.
    pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

Opened = Callable[[], AbstractAsyncContextManager[App]]


@pytest.fixture
def fresh(schema: strawberry.Schema, tmp_path: Path) -> Opened:
    """An application over a small workspace of its own: mutations are meant too."""
    number = iter(range(1_000_000))

    @asynccontextmanager
    async def opening() -> AsyncIterator[App]:
        path = tmp_path / f"{next(number)}.sqlite3"
        bench = a_workbench(store=lambda clock: open_store(path, clock), allowed=("+1415*",))
        await put(bench.store, *workspace())
        try:
            yield App(
                bench.services,
                settings=Settings(_env_file=None),  # type: ignore[call-arg]
                schema=schema,
                authenticator=LocalAuthenticator(),
                live_component=LiveComponent(),
            )
        finally:
            bench.store.close()

    return opening


def scope(kind: str, **more: Any) -> dict[str, Any]:
    headers = [(b"host", b"localhost"), (b"content-type", b"application/json")]
    return {"type": kind, "path": "/graphql", "query_string": b"", "headers": headers, **more}


async def post(app: App, body: bytes) -> tuple[int, bytes]:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    async with asyncio.timeout(HANGS):
        await app(scope("http", method="POST"), receive, send)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])


class Socket:
    """One socket, from its opening to the gateway's close or the end of the block. `said`: all that came."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.said: list[dict[str, Any]] = []

    async def __aenter__(self) -> Self:
        self._incoming.put_nowait({"type": "websocket.connect"})
        opened = scope("websocket", subprotocols=["graphql-transport-ws"])
        self._running = asyncio.create_task(self._app(opened, self._incoming.get, self._send))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._incoming.put_nowait({"type": "websocket.disconnect", "code": 1000})
        async with asyncio.timeout(HANGS):
            await self._running

    @property
    def closed(self) -> bool:
        return any(message["type"] == "websocket.close" for message in self.said)

    async def tell(self, frame: str | bytes) -> None:
        """Returns when it was read, and an answer that was at hand was given."""
        kind = "text" if isinstance(frame, str) else "bytes"
        self._incoming.put_nowait({"type": "websocket.receive", kind: frame})
        async with asyncio.timeout(HANGS):
            while not self._incoming.empty():
                await asyncio.sleep(0)
        for _ in range(8):
            await asyncio.sleep(0)

    async def _send(self, message: Any) -> None:
        self.said.append(message)


def is_structured(errors: Any) -> bool:
    return bool(errors) and all(
        error["message"]
        and error["extensions"]["code"] != "INTERNAL"
        and error["extensions"]["correlationId"]
        for error in errors
    )


def failures(logged: list[Any]) -> list[Any]:
    return [entry for entry in logged if "exc_info" in entry or entry["log_level"] == "error"]


async def test_no_generated_document_makes_it_fail(
    schema: strawberry.Schema, fresh: Opened
) -> None:
    dice = Random(f"documents {SEED}")
    writer = Writer(schema._schema, dice)
    answered = 0
    for start in range(0, COUNT // 2, TO_ONE_APPLICATION):
        async with fresh() as app:
            for number in range(start, min(start + TO_ONE_APPLICATION, COUNT // 2)):
                request = writer.request()
                body = json.dumps(request)
                raw = (writer.mutated(body) if dice.randrange(10) == 0 else body).encode(
                    errors="surrogatepass"
                )
                with capture_logs() as logged:
                    status, answer = await post(app, raw)
                where = f"FUZZ_SEED={SEED}, document {number}: {raw!r}"
                assert not failures(logged), (where, logged)
                assert status < 500, (where, answer)
                result = json.loads(answer)
                assert "data" in result or "errors" in result, where
                assert "errors" not in result or is_structured(result["errors"]), (where, answer)
                answered += result.get("data") is not None
    assert answered > COUNT / 100  # enough of them are good ones


async def test_no_generated_frame_makes_it_fail(schema: strawberry.Schema, fresh: Opened) -> None:
    writer = Writer(schema._schema, Random(f"frames {SEED}"))
    frames = (writer.frame() for _ in range(COUNT - COUNT // 2))
    frame: str | bytes | None = '{"type":"connection_init"}'
    results = 0
    while frame is not None:
        async with fresh() as app:
            for _ in range(TO_ONE_APPLICATION // 4):
                told: list[str | bytes] = []
                with capture_logs() as logged:
                    async with Socket(app) as socket:
                        while frame is not None and len(told) < MOST_TO_ONE_SOCKET:
                            told.append(frame)
                            await socket.tell(frame)
                            frame = next(frames, None)
                            if socket.closed:
                                break
                where = f"FUZZ_SEED={SEED}: {told!r}"
                assert not failures(logged), (where, logged)
                results += sum(is_result(message, where) for message in socket.said)
                if frame is None:
                    break
                frame = '{"type":"connection_init"}'
            assert app.live.hub.subscribers == 0
    assert results > COUNT / 100  # enough of them are good ones


def is_result(message: dict[str, Any], where: str) -> bool:
    """Fails where a socket may not say this."""
    if message["type"] == "websocket.close":
        assert message["code"] in CLOSES, (where, message)
    if message["type"] != "websocket.send":
        return False
    told = json.loads(message["text"])
    if told["type"] == "error":
        assert is_structured(told["payload"]), (where, told)
    if told["type"] != "next":
        return False
    assert "errors" not in told["payload"] or is_structured(told["payload"]["errors"]), (
        where,
        told,
    )
    return True
