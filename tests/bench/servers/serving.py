"""How the Python servers of the comparison are served: uvicorn on uvloop, any port, told on the first line of stdout."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from collections.abc import Callable
from inspect import isawaitable
from typing import Any

import uvicorn
import uvloop

COLD = (b"x-bench-cold", b"1")
Publish = Callable[[int | None], Any]


class Control:
    """The benchmark's own door: POST /publish takes a number; a request that carries COLD meets a new revision."""

    def __init__(self, app: Any, publish: Publish) -> None:
        self._app = app
        self._publish = publish

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            if scope["path"] == "/publish":
                await self._published(int((await receive())["body"]))
                headers = [(b"content-length", b"0")]
                await send({"type": "http.response.start", "status": 204, "headers": headers})
                await send({"type": "http.response.body", "body": b""})
                return
            if COLD in scope["headers"]:
                await self._published(None)
        await self._app(scope, receive, send)

    async def _published(self, number: int | None) -> None:
        published = self._publish(number)
        if isawaitable(published):
            await published


def listener() -> socket.socket:
    """A listening socket with room for thousands who come at once."""
    created = socket.create_server(("127.0.0.1", 0), backlog=4096)
    created.setblocking(False)  # noqa: FBT003 - the socket's own name for it
    return created


def tell(port: int) -> None:
    sys.stdout.write(json.dumps({"port": port}) + "\n")
    sys.stdout.flush()


async def serve(server: uvicorn.Server) -> None:
    """Until SIGTERM."""
    with listener() as bound:
        serving = asyncio.create_task(server.serve(sockets=[bound]))
        while not server.started:
            await asyncio.sleep(0.01)
        tell(bound.getsockname()[1])
        await serving


def run(app: Any) -> None:
    """Served the way that was found fastest for anybody: uvloop, httptools, sans-I/O WebSockets, no compression."""
    config = uvicorn.Config(
        app,
        loop="none",
        http="httptools",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=1,
    )
    uvloop.run(serve(uvicorn.Server(config)))
