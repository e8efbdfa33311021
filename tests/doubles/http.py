"""A web server on a real socket of this machine, started and stopped by `async with`."""

from __future__ import annotations

import socket
from typing import Self

from aiohttp import web


class HttpDouble:
    """Subclasses add routes to `app`. `url` is known inside the `async with`; `stop` and `start` again use one port."""

    def __init__(self) -> None:
        self.app = web.Application()
        self.port = 0
        self._runner: web.AppRunner | None = None
        self._kept: socket.socket | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        if self._kept is None:
            self._kept = kept_port()
            self.port = self._kept.getsockname()[1]
        self._runner = web.AppRunner(
            self.app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_port=True).start()

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()
        if self._kept is not None:
            self._kept.close()
            self._kept = None


def kept_port() -> socket.socket:
    """A free port of this machine that is ours until the socket is closed: who listens there, with reuse_port, may stop and
    start again; meanwhile connections are refused, and nobody else gets the port.
    """
    kept = socket.socket()
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    kept.bind(("127.0.0.1", 0))
    return kept


def cut(request: web.Request) -> None:
    """Drop the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
