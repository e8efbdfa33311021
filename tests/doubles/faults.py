"""A TCP proxy that fails on demand: what a network and a server in trouble do to bytes on real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import enum
import socket
import struct
from collections.abc import Coroutine
from typing import Any, Self
from urllib.parse import urlsplit

from tests.doubles.http import kept_port

_ANSWER = b'{"message": "trouble", "code": null, "details": null, "hint": null}'
_ERROR = (
    b"HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(_ANSWER), _ANSWER)
)


class Fault(enum.StrEnum):
    """What becomes of connections. All but PASS also end those that are open, but for DELAY, which they feel at once."""

    PASS = "all is well"
    REFUSE = "nobody listens"
    BLACKHOLE = "connections are taken, and nothing ever answers"
    DELAY = "each answer comes `delay` seconds late"
    ERROR_500 = "each request is answered with 500"
    CUT = "the answer ends in the middle of its body"
    RESET = "connections are reset as soon as something is asked"


class FaultProxy:
    """Stands before `target` (an http address) on a port of its own: `url`. `await proxy.set(Fault.CUT)` from then on."""

    def __init__(self, target: str, *, delay: float = 1.0) -> None:
        parts = urlsplit(target)
        self._target = (parts.hostname or "127.0.0.1", parts.port or 80)
        self.delay = delay
        self.fault = Fault.PASS
        self.taken = 0
        self._kept: socket.socket | None = None
        self._port = 0
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    async def set(self, fault: Fault) -> None:
        self.fault = fault
        if fault is Fault.REFUSE:
            await self._stop_listening()
        else:
            await self._listen()
        if fault not in {Fault.PASS, Fault.DELAY}:
            await self._hang_up()

    async def __aenter__(self) -> Self:
        self._kept = kept_port()
        self._port = self._kept.getsockname()[1]
        await self._listen()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stop_listening()
        await self._hang_up()
        if self._kept is not None:
            self._kept.close()

    async def _listen(self) -> None:
        """On the port it had."""
        if self._server is None:
            self._server = await asyncio.start_server(
                self._serve, "127.0.0.1", self._port, reuse_port=True
            )

    async def _stop_listening(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _hang_up(self) -> None:
        open_ = list(self._open)
        for task in open_:
            task.cancel()
        if open_:
            await asyncio.wait(open_)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        self.taken += 1
        try:
            await self._handle(reader, writer)
        except (OSError, asyncio.CancelledError):
            _reset(writer)
        finally:
            self._open.discard(task)
            writer.close()

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        match self.fault:
            case Fault.BLACKHOLE:
                while await reader.read(65536):
                    pass
            case Fault.RESET:
                await reader.read(1)
                _reset(writer)
            case Fault.ERROR_500:
                await reader.readuntil(b"\r\n\r\n")
                writer.write(_ERROR)
                await writer.drain()
            case _:
                await self._pass_on(reader, writer)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, forth = await asyncio.open_connection(*self._target)
        try:
            await _first_of(_copy(reader, forth), self._answer(back, writer))
        finally:
            forth.close()

    async def _answer(self, back: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await back.read(65536):
            if self.fault is Fault.DELAY:
                await asyncio.sleep(self.delay)
            if self.fault is Fault.CUT:
                head, end, body = data.partition(b"\r\n\r\n")
                writer.write(head + end + body[: len(body) // 2])
                await writer.drain()
                return
            writer.write(data)
            await writer.drain()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


async def _first_of(*work: Coroutine[Any, Any, None]) -> None:
    """Ends when one ends; the others are over then."""
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        for task in tasks:
            if not task.cancelled():
                task.exception()


def _reset(writer: asyncio.StreamWriter) -> None:
    """RST instead of FIN: what is in flight is lost."""
    sock = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    if writer.transport is not None:
        writer.transport.abort()
