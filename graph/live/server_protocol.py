"""uvicorn's sans-I/O WebSocket protocol, with a door for frames that are written straight to the transport.

Pass it as uvicorn's `ws` setting. Compression must be off: a shared payload can only be shared uncompressed.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import State

from graph.live.connection import Listener, Writer
from graph.live.frames import frame_head

EXTENSION = "negotiation.frames"
# Beyond this much unsent the reader lags and gets the newest value only. The kernel holds some more.
HIGH_WATER = 64 * 1024
CLOSE_SECONDS = 5.0


class FramesProtocol(WebSocketsSansIOProtocol):
    """One connection. `negotiation.frames` in the scope's extensions is this object (a `FrameTransport`)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.writing_paused = False
        self.listener: Listener | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.transport.set_write_buffer_limits(high=HIGH_WATER)

    @property
    def writer(self) -> Writer:
        return self.transport.writelines

    def connection_lost(self, exc: Exception | None) -> None:
        self._lose()
        super().connection_lost(exc)

    def handle_close(self, event: Any) -> None:
        self._lose()  # frames after the closing handshake are not for the wire
        super().handle_close(event)

    def handle_parser_exception(self) -> None:
        self._lose()
        super().handle_parser_exception()

    def keepalive_timeout(self) -> None:
        self._lose()
        super().keepalive_timeout()

    def shutdown(self) -> None:
        self._lose()
        super().shutdown()

    def _lose(self) -> None:
        if self.listener is not None:
            self.listener.lost()
            self.listener = None

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        # The application's task has not run yet: it sees the extension.
        if hasattr(self, "scope"):
            cast("Any", self.scope)["extensions"][EXTENSION] = self

    def pause_writing(self) -> None:
        self.writing_paused = True
        super().pause_writing()
        if self.listener is not None:
            self.listener.paused()

    def resume_writing(self) -> None:
        self.writing_paused = False
        super().resume_writing()
        if self.listener is not None:
            self.listener.drained()

    def write_frame(self, prefix: bytes, shared: bytes) -> None:
        """One text frame: prefix, then `shared`, which is not copied."""
        if self.close_sent or self.conn.state is not State.OPEN:
            return
        head = frame_head(len(prefix) + len(shared))
        self.transport.writelines((head + prefix, shared) if shared else (head + prefix,))

    def close_frames(self, code: int, reason: str) -> None:
        """The closing handshake; a peer that does not answer is cut after a while."""
        if self.close_sent or self.conn.state is not State.OPEN:
            return
        self.stop_keepalive()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.conn.send_close(code, reason)
        self.close_sent = True
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_timer = self.loop.call_later(CLOSE_SECONDS, self.transport.abort)
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
