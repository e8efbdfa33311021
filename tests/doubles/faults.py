"""A TCP proxy that fails on demand: what a network and a server in trouble do to bytes on real sockets."""

from __future__ import annotations

import enum
from urllib.parse import urlsplit

import anyio
from anyio.abc import SocketStream
from anyio.streams.buffered import BufferedByteReceiveStream

from tests.doubles.relay import Relay, pass_on, reset

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


class FaultProxy(Relay):
    """Stands before `target` (an http address) on a port of its own: `url`. `await proxy.set(Fault.CUT)` from then on."""

    def __init__(self, target: str, *, delay: float = 1.0) -> None:
        super().__init__()
        parts = urlsplit(target)
        self._target = (parts.hostname or "127.0.0.1", parts.port or 80)
        self.delay = delay
        self.fault = Fault.PASS
        self.taken = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def set(self, fault: Fault) -> None:
        self.fault = fault
        if fault is Fault.REFUSE:
            await self.stop_listening()
        else:
            await self.listen()
        if fault not in {Fault.PASS, Fault.DELAY}:
            await self.hang_up()

    async def serve(self, client: SocketStream) -> None:
        self.taken += 1
        match self.fault:
            case Fault.REFUSE:
                reset(client)
            case Fault.BLACKHOLE:
                await _to_the_end(client)
            case Fault.RESET:
                await client.receive(1)
                reset(client)
            case Fault.ERROR_500:
                await BufferedByteReceiveStream(client).receive_until(b"\r\n\r\n", 2**16)
                await client.send(_ERROR)
                await client.send_eof()
                await _to_the_end(client)
            case _:
                await pass_on(client, self._target, answer=self._answer)

    async def _answer(self, server: SocketStream, client: SocketStream) -> None:
        async for data in server:
            if self.fault is Fault.DELAY:
                await anyio.sleep(self.delay)
            if self.fault is Fault.CUT:
                head, end, body = data.partition(b"\r\n\r\n")
                await client.send(head + end + body[: len(body) // 2])
                return
            await client.send(data)


async def _to_the_end(client: SocketStream) -> None:
    async for _ in client:
        pass
