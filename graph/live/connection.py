"""A socket as the protocol needs it: write if it can be written now, else be told when it can again.

Two kinds: `FramesConnection` writes prepared frames straight to the transport of our own server protocol (one shared
payload, a few bytes per client); `AsgiConnection` works under any ASGI server.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from starlette.types import Send

Writer = Callable[[Sequence[bytes]], None]


class Listener(Protocol):
    """Who is told how the connection fares."""

    def paused(self) -> None:
        """The reader lags: what is written now only piles up."""
        ...

    def drained(self) -> None:
        """It reads again."""
        ...

    def lost(self) -> None:
        """Nobody is there any more; nothing must be written."""
        ...


class Connection(Protocol):
    """Nothing here waits. After `close` everything written is ignored."""

    def listen(self, listener: Listener) -> None: ...

    @property
    def writable(self) -> bool:
        """False while the reader lags."""
        ...

    @property
    def writer(self) -> Writer | None:
        """Writes the pieces of whole frames as they are, for the hot path; None where there is no such way.

        To be used only while `writable`, and never after `lost` or `close`.
        """
        ...

    def send(self, text: bytes) -> None:
        """A text message of its own. Always taken; for protocol messages."""
        ...

    def send_shared(self, prefix: bytes, shared: bytes) -> None:
        """The message prefix + shared, where `shared` is the same object for many connections."""
        ...

    def close(self, code: int, reason: str) -> None: ...


class FrameTransport(Protocol):
    """What `graph.live.server_protocol` offers in `scope["extensions"]["negotiation.frames"]`."""

    writing_paused: bool
    listener: Listener | None

    @property
    def writer(self) -> Writer: ...

    def write_frame(self, prefix: bytes, shared: bytes) -> None: ...

    def close_frames(self, code: int, reason: str) -> None: ...


class FramesConnection:
    """Straight to the transport."""

    __slots__ = ("_closed", "_transport", "send_shared")

    def __init__(self, transport: FrameTransport) -> None:
        self._transport = transport
        self._closed = False
        self.send_shared = transport.write_frame

    def listen(self, listener: Listener) -> None:
        self._transport.listener = listener

    @property
    def writable(self) -> bool:
        return not self._transport.writing_paused

    @property
    def writer(self) -> Writer | None:
        return self._transport.writer

    def send(self, text: bytes) -> None:
        if not self._closed:
            self._transport.write_frame(text, b"")

    def close(self, code: int, reason: str) -> None:
        if not self._closed:
            self._closed = True
            self._transport.close_frames(code, reason)


class AsgiConnection:
    """A queue and a task that empties it through ASGI's `send`."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._waiting: deque[dict[str, Any]] = deque()
        self._wake = asyncio.Event()
        self._closed = False
        self._listener: Listener | None = None
        self._task = asyncio.create_task(self._write())

    @property
    def writable(self) -> bool:
        return not self._waiting

    @property
    def writer(self) -> Writer | None:
        return None

    def listen(self, listener: Listener) -> None:
        self._listener = listener

    def send(self, text: bytes) -> None:
        self._put({"type": "websocket.send", "text": text.decode()})

    def send_shared(self, prefix: bytes, shared: bytes) -> None:
        self._put({"type": "websocket.send", "text": (prefix + shared).decode()})

    def close(self, code: int, reason: str) -> None:
        self._put({"type": "websocket.close", "code": code, "reason": reason})
        self._closed = True

    async def finish(self) -> None:
        """Let what was accepted leave, then stop."""
        self._closed = True
        self._wake.set()
        await self._task

    def _put(self, message: dict[str, Any]) -> None:
        if not self._closed:
            self._waiting.append(message)
            self._wake.set()

    async def _write(self) -> None:
        while True:
            while self._waiting:
                try:
                    await self._send(self._waiting[0])
                except (OSError, RuntimeError):  # the peer is gone; the reader sees it too
                    self._closed = True
                    self._waiting.clear()
                    return
                self._waiting.popleft()
                if not self._waiting and not self._closed and self._listener is not None:
                    self._listener.drained()
            if self._closed:
                return
            self._wake.clear()
            await self._wake.wait()
