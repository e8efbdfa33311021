"""Somebody in front of the gateway: knocks by HTTP, socket and stream, with a token, a machine key or nothing."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import jwt
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from adapters.keys import KeyFile
from graph.app import App
from graph.auth.access import Access
from graph.auth.keys import new_key
from tests.services import Workbench

SECRET = "a-shared-secret-of-thirty-two-bytes!"
AUDIENCE = "authenticated"
PATIENCE = 30.0
STRICT = "application/graphql-response+json"


def a_token(*roles: str, sub: str = "kim", seconds: float = 600, **claims: Any) -> str:
    """A token that the gateway believes."""
    now = time.time()
    body = {
        "sub": sub,
        "aud": AUDIENCE,
        "iat": int(now),
        "exp": now + seconds,
        "app_metadata": {"roles": list(roles)},
    }
    return jwt.encode(body | claims, SECRET, "HS256")


@dataclass
class Door:
    port: int
    http: httpx.AsyncClient
    app: App
    bench: Workbench
    access: Access
    keys: KeyFile
    key_file: Path
    revoked: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def post(
        self, query: str | None, token: str | None = None, accept: str = STRICT, **body: Any
    ) -> httpx.Response:
        headers = {"accept": accept} | bearing(token)
        content = body if query is None else {"query": query, **body}
        return await self.http.post(f"{self.url}/graphql", json=content, headers=headers)

    async def get(self, path: str, token: str | None = None, **headers: str) -> httpx.Response:
        return await self.http.get(self.url + path, headers=headers | bearing(token))

    @asynccontextmanager
    async def socket(self, token: str | None = None) -> AsyncIterator[Socket]:
        """A socket that has said who it is; what the gateway answered to that was not read yet."""
        async with connect(
            f"ws://127.0.0.1:{self.port}/graphql",
            subprotocols=["graphql-transport-ws"],  # type: ignore[list-item]
            compression=None,
        ) as opened:
            socket = Socket(opened)
            payload = {} if token is None else {"authorization": f"Bearer {token}"}
            with suppress(ConnectionClosed):  # it may be turned away before it has said a word
                await socket.send(type="connection_init", payload=payload)
            yield socket

    @asynccontextmanager
    async def stream(self, query: str, token: str | None = None) -> AsyncIterator[Stream]:
        headers = {"accept": "text/event-stream"} | bearing(token)
        async with self.http.stream(
            "POST", f"{self.url}/graphql", json={"query": query}, headers=headers
        ) as response:
            yield Stream(response)

    def new_key(self, *roles: str) -> tuple[str, str]:
        """Its id, and the key."""
        kept, shown = new_key("machine", roles, now=datetime.now(UTC), expires_at=None)
        self.keys.add(kept)
        self.access.refresh()
        return kept.id, shown


class Socket:
    def __init__(self, opened: ClientConnection) -> None:
        self.opened = opened

    async def send(self, **message: Any) -> None:
        await self.opened.send(json.dumps(message))

    async def receive(self) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE):
            message: dict[str, Any] = json.loads(await self.opened.recv())
        return message

    async def acknowledged(self) -> Socket:
        assert (await self.receive())["type"] == "connection_ack"
        return self

    async def ask(self, query: str, id: str = "1", **payload: Any) -> dict[str, Any]:
        """The first word on the operation, which goes on where it is a subscription."""
        await self.send(type="subscribe", id=id, payload={"query": query, **payload})
        while (message := await self.receive()).get("id") != id:
            pass
        return message

    async def closed(self) -> tuple[int | None, str]:
        async with asyncio.timeout(PATIENCE):
            await self.opened.wait_closed()
        return self.opened.close_code, self.opened.close_reason or ""


class Stream:
    """The results of a text/event-stream, as they come."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._chunks = response.aiter_text()
        self._text = ""

    async def next(self) -> dict[str, str]:
        async with asyncio.timeout(PATIENCE):
            while "\n\n" not in self._text:
                self._text += await anext(self._chunks)
        block, self._text = self._text.split("\n\n", 1)
        lines = (line.split(": ", 1) if ": " in line else (line, "") for line in block.split("\n"))
        return dict(lines)

    async def result(self) -> dict[str, Any]:
        """The next result; heartbeats are passed over."""
        while (event := await self.next()).get("event") != "next":
            pass
        found: dict[str, Any] = json.loads(event["data"])
        return found


def bearing(token: str | None) -> dict[str, str]:
    return {} if token is None else {"authorization": f"Bearer {token}"}


def codes(result: dict[str, Any]) -> list[str]:
    """The codes of the errors in a result or an `error` message."""
    errors = result.get("errors") or []
    return [error["extensions"]["code"] for error in errors]


def codes_of(message: dict[str, Any]) -> list[str]:
    """The codes of the errors in a message of the socket."""
    payload = message.get("payload")
    return codes({"errors": payload} if isinstance(payload, list) else payload or {})
