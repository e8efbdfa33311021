"""A TCP server of a test's own, on a port that stays its: it may stop, start again and hang up, and leaves no socket open."""

from __future__ import annotations

import contextlib
import socket
import struct
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable
from typing import Self

import anyio
from anyio.abc import Listener, SocketAttribute, SocketStream, TaskGroup, TaskStatus

from tests.doubles.http import kept_port

_Copy = Callable[[SocketStream, SocketStream], Awaitable[None]]
_Listening = tuple[Listener[SocketStream], anyio.CancelScope, anyio.Event]
_OVER = (
    OSError,
    anyio.EndOfStream,
    anyio.BrokenResourceError,
    anyio.ClosedResourceError,
    anyio.IncompleteRead,
)


class Relay(ABC):
    """Subclasses say in `serve` what becomes of a connection; it is closed when that returns, or when its peer is gone."""

    def __init__(self) -> None:
        self.port = 0
        self._tasks: TaskGroup | None = None
        self._listening: _Listening | None = None
        self._open: dict[SocketStream, tuple[anyio.CancelScope, anyio.Event]] = {}

    @abstractmethod
    async def serve(self, client: SocketStream) -> None: ...

    async def __aenter__(self) -> Self:
        async with contextlib.AsyncExitStack() as undo:
            self.port = undo.enter_context(kept_port()).getsockname()[1]
            self._tasks = await undo.enter_async_context(anyio.create_task_group())
            undo.callback(self._tasks.cancel_scope.cancel)
            await self.listen()
            undo.push_async_callback(self.stop_listening)
            self._undo = undo.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._undo.aclose()

    async def listen(self) -> None:
        """On the port it had, unless it does already."""
        if self._listening is None:
            assert self._tasks is not None
            self._listening = await self._tasks.start(self._accept, self._tasks)

    async def stop_listening(self) -> None:
        """The listener is closed before its task is cancelled, which would lose what asyncio has accepted meanwhile."""
        if self._listening is not None:
            listener, accepting, over = self._listening
            self._listening = None
            await listener.aclose()
            accepting.cancel()
            await over.wait()

    async def hang_up(self, clients: Iterable[SocketStream] | None = None) -> None:
        """On `clients`, else on all. RST instead of FIN: what is in flight is lost."""
        ended = (
            list(self._open) if clients is None else [one for one in clients if one in self._open]
        )
        overs = [self._open[client][1] for client in ended]
        for client in ended:
            reset(client)
            self._open[client][0].cancel()
        for over in overs:
            await over.wait()

    async def _accept(self, tasks: TaskGroup, *, task_status: TaskStatus[_Listening]) -> None:
        listening = await anyio.create_tcp_listener(
            local_host="127.0.0.1", local_port=self.port, reuse_port=True
        )
        (listener,) = listening.listeners
        over = anyio.Event()
        with anyio.CancelScope() as accepting, contextlib.suppress(anyio.ClosedResourceError):
            task_status.started((listener, accepting, over))
            await listener.serve(self._connection, tasks)
        over.set()

    async def _connection(self, client: SocketStream) -> None:
        over = anyio.Event()
        with anyio.CancelScope() as life:
            self._open[client] = (life, over)
            async with client:
                with contextlib.suppress(*_OVER):
                    await self.serve(client)
        del self._open[client]
        over.set()


def reset(stream: SocketStream) -> None:
    """Its end will be RST instead of FIN."""
    with contextlib.suppress(OSError):
        stream.extra(SocketAttribute.raw_socket).setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )


async def copy(source: SocketStream, sink: SocketStream) -> None:
    async for data in source:
        await sink.send(data)


async def pass_on(
    client: SocketStream, target: tuple[str, int], head: bytes = b"", *, answer: _Copy = copy
) -> None:
    """Be a wire from `client` to `target` until one of them ends. `head` goes first; `answer` brings what comes back."""
    async with await anyio.connect_tcp(*target) as server:
        await server.send(head)
        async with anyio.create_task_group() as both:

            async def one_way(copy: _Copy, source: SocketStream, sink: SocketStream) -> None:
                with contextlib.suppress(*_OVER):
                    await copy(source, sink)
                both.cancel_scope.cancel()

            both.start_soon(one_way, copy, client, server)
            both.start_soon(one_way, answer, server, client)
