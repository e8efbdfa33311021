"""The limits of this machine: the same bytes with nothing computed. First argument: `uvicorn` or `transport`.

`uvicorn`: a ready-made message through uvicorn's own WebSocket `send`, and a ready-made HTTP answer as raw ASGI.
`transport`: a ready-made frame written straight to uvloop's transports.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import signal
import struct
import sys
from pathlib import Path
from typing import Any

import uvloop

from tests.bench.servers.room import DASHBOARD_LEAVES, rows_for
from tests.bench.servers.serving import Control, listener, run, tell

ACK = '{"type":"connection_ack"}'
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Ready:
    """The bytes of the common room, made once per publication."""

    def __init__(self, path: str) -> None:
        data = json.loads(Path(path).read_text())
        self._room = data["room"]
        dashboard = data["dashboard"]
        dashboard["rows"] = dashboard["rows"][: rows_for(DASHBOARD_LEAVES)]
        self._dashboard = dashboard
        self.sequence = 0

    def message(self) -> str:
        room = {"sequence": self.sequence, "key": 0, **self._room}
        payload = {"data": {"room": room}}
        return json.dumps({"id": "1", "type": "next", "payload": payload}, separators=(",", ":"))

    def answer(self) -> bytes:
        dashboard = {"sequence": self.sequence, **self._dashboard}
        return json.dumps({"data": {"dashboard": dashboard}}, separators=(",", ":")).encode()


class RawAsgi:
    """No framework and no GraphQL. Publishing sends to one subscriber after the other."""

    def __init__(self, ready: Ready) -> None:
        self._ready = ready
        self._sends: set[Any] = set()
        self._fanouts: set[asyncio.Task[None]] = set()
        self._body = ready.answer()

    def publish(self, sequence: int | None) -> None:
        self._ready.sequence = self._ready.sequence + 1 if sequence is None else sequence
        self._body = self._ready.answer()
        if self._sends:
            task = asyncio.create_task(self._fan_out(self._ready.message()))
            self._fanouts.add(task)
            task.add_done_callback(self._fanouts.discard)

    async def _fan_out(self, text: str) -> None:
        message = {"type": "websocket.send", "text": text}
        for send in tuple(self._sends):
            await send(message)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await self._follow(receive, send)
            return
        await receive()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(self._body)).encode()),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": self._body})

    async def _follow(self, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept", "subprotocol": "graphql-transport-ws"})
        try:
            while (message := await receive())["type"] == "websocket.receive":
                if "connection_init" in message["text"]:
                    await send({"type": "websocket.send", "text": ACK})
                else:
                    await send({"type": "websocket.send", "text": self._ready.message()})
                    self._sends.add(send)
        finally:
            self._sends.discard(send)


def framed(text: str) -> bytes:
    payload = text.encode()
    if len(payload) < 126:
        return struct.pack("!BB", 0x81, len(payload)) + payload
    return struct.pack("!BBH", 0x81, 126, len(payload)) + payload


class Frames(asyncio.Protocol):
    """Just enough HTTP and WebSocket for the load generator."""

    def __init__(self, ready: Ready, subscribed: set[asyncio.Transport]) -> None:
        self._ready = ready
        self._subscribed = subscribed
        self._unread = b""
        self._upgraded = False
        self._transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._subscribed.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        self._unread += data
        if self._upgraded:
            self._messages()
        elif b"\r\n\r\n" in self._unread:
            head, _, rest = self._unread.partition(b"\r\n\r\n")
            if head.startswith(b"POST"):
                self._unread = b""
                self._transport.write(b"HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n")
                self._publish(int(rest))
            else:
                self._unread = rest
                self._upgrade(head)

    def _upgrade(self, head: bytes) -> None:
        self._upgraded = True
        key = next(
            line.split(b":")[1].strip()
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"sec-websocket-key:")
        )
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
        self._transport.write(
            b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
            b"sec-websocket-protocol: graphql-transport-ws\r\nsec-websocket-accept: %b\r\n\r\n"
            % accept
        )

    def _messages(self) -> None:
        """Client frames: two messages, told apart by what is in them (the load generator's mask is zero)."""
        while len(self._unread) >= 6:
            length, start = self._unread[1] & 0x7F, 6
            if length == 126:
                length, start = int.from_bytes(self._unread[2:4], "big"), 8
            if len(self._unread) < start + length:
                return
            text, self._unread = (
                self._unread[start : start + length],
                self._unread[start + length :],
            )
            if b"connection_init" in text:
                self._transport.write(framed(ACK))
            elif b"subscribe" in text:
                self._transport.write(framed(self._ready.message()))
                self._subscribed.add(self._transport)

    def _publish(self, sequence: int) -> None:
        self._ready.sequence = sequence
        frame = framed(self._ready.message())
        for transport in self._subscribed:
            transport.write(frame)


async def serve_frames(ready: Ready) -> None:
    loop = asyncio.get_running_loop()
    subscribed: set[asyncio.Transport] = set()
    stopped = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopped.set)
    with listener() as bound:
        await loop.create_server(lambda: Frames(ready, subscribed), sock=bound, backlog=4096)
        tell(bound.getsockname()[1])
        await stopped.wait()


def main() -> None:
    kind, data = sys.argv[1:3]
    ready = Ready(data)
    if kind == "transport":
        uvloop.run(serve_frames(ready))
    else:
        app = RawAsgi(ready)
        run(Control(app, app.publish))


if __name__ == "__main__":
    main()
