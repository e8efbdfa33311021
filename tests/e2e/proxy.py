"""A wire between a client and the gateway that a test can cut: its WebSockets, while plain HTTP goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from anyio.abc import SocketStream
from anyio.from_thread import BlockingPortal, start_blocking_portal

from tests.doubles.relay import Relay, pass_on


class Wire:
    """`port` leads to the gateway."""

    def __init__(self, relay: _Wire, thread: BlockingPortal) -> None:
        self._relay = relay
        self._thread = thread
        self.port = relay.port

    def cut_sockets(self) -> None:
        """Break every WebSocket and refuse new ones; plain HTTP goes on."""
        self._thread.call(self._relay.cut_sockets)

    def mend_sockets(self) -> None:
        self._thread.call(self._relay.mend_sockets)


@contextmanager
def wire_to(port: int) -> Iterator[Wire]:
    """In a thread of its own, for a test that is not asynchronous."""
    with (
        start_blocking_portal() as thread,
        thread.wrap_async_context_manager(_Wire(port)) as relay,
    ):
        yield Wire(relay, thread)


class _Wire(Relay):
    def __init__(self, target: int) -> None:
        super().__init__()
        self._target = ("127.0.0.1", target)
        self._sockets: set[SocketStream] = set()
        self._refuse_sockets = False

    async def cut_sockets(self) -> None:
        self._refuse_sockets = True
        await self.hang_up(self._sockets)

    async def mend_sockets(self) -> None:
        self._refuse_sockets = False

    async def serve(self, client: SocketStream) -> None:
        head = await client.receive()
        if b"upgrade: websocket" in head.lower():
            if self._refuse_sockets:
                return
            self._sockets.add(client)
        await pass_on(client, self._target, head)
