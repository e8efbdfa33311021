"""uvicorn's HTTP protocol with two things more: a request head that never ends is cut, and an answer whose head is ready
as bytes is written at once, past ASGI's two messages and their checks.

Bodies have their own time in `graph.http.edge`; idle connections between requests are uvicorn's.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from graph.http.responses import header_lines

HEADER_SECONDS = 10.0
EXTENSION = "negotiation.answers"
OK = b"HTTP/1.1 200 OK\r\n"


class PatientProtocol(HttpToolsProtocol):
    """One connection. `negotiation.answers` in the scope's extensions is this object: see `answer`."""

    header_seconds = HEADER_SECONDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._waiting: asyncio.TimerHandle | None = None
        self._in_headers = False
        self._extensions = {EXTENSION: self}

    def answer(self, scope: Any, head: bytes, body: bytes) -> bool:
        """Write a whole 200 answer to the request of `scope`. head: its header lines, each with its end, and the empty line.

        False: not as things stand, nothing was written; send it by ASGI.
        """
        cycle = self.cycle
        if (
            cycle.scope is not scope  # a later request has come already
            or cycle.response_started
            or cycle.disconnected
            or not cycle.keep_alive
            or self.flow.write_paused
        ):
            return False
        cycle.response_started = cycle.response_complete = True
        usual = header_lines(self.server_state.default_headers)
        self.transport.write(b"".join((OK, usual, head, body)))
        cycle.message_event.set()
        cycle.on_response()
        return True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]  # uvicorn narrows it
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._waited()
        self._extensions = {}
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        # What arrived ended uvicorn's wait for the next request, even where it began none (an empty line).
        if self._waiting is None and (self._in_headers or self._is_idle()):
            self._wait()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_headers = True
        self.scope["extensions"] = self._extensions  # type: ignore[typeddict-item]  # one of ours

    def on_headers_complete(self) -> None:
        self._in_headers = False
        if self._waiting is not None:
            self._waited()
        super().on_headers_complete()

    def _is_idle(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle  # None before the first request
        return cycle is not None and cycle.response_complete

    def _wait(self) -> None:
        self._waiting = self.loop.call_later(self.header_seconds, self._too_late)

    def _waited(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _too_late(self) -> None:
        self._waiting = None
        if not self.transport.is_closing():
            self.transport.close()
