"""Subscriptions over plain HTTP, for networks that cut sockets: server-sent events and multipart.

Server-sent events follow graphql-sse's distinct connections mode, with the cursor as `id:`; multipart follows Apollo's
subscription protocol 1.0. Both come from the hub, flush at once, and send heartbeats so that nothing on the way
takes silence for death.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
from starlette.types import Message, Receive, Send

from graph.auth.identity import Identity
from graph.context import Context
from graph.execution.documents import Operation
from graph.live.live import Live
from graph.live.mailbox import Mailbox
from graph.live.presence import REVOKED
from resolvers.errors import Unauthenticated

EXPIRED = "The token has expired. Sign in again."


class Format(Protocol):
    """How results look on the wire."""

    content_type: bytes
    start: bytes
    heartbeat_seconds: float

    @property
    def heartbeat(self) -> bytes: ...

    def result(self, cursor: str, body: bytes) -> bytes: ...

    def end(self, errors: list[dict[str, Any]] | None) -> bytes: ...


class ServerSentEvents:
    content_type = b"text/event-stream; charset=utf-8"
    start = b""
    heartbeat_seconds = 12.0

    @property
    def heartbeat(self) -> bytes:
        return b":\n\n"

    def result(self, cursor: str, body: bytes) -> bytes:
        return b"event: next\nid: %b\ndata: %b\n\n" % (cursor.encode(), body)

    def end(self, errors: list[dict[str, Any]] | None) -> bytes:
        last = b"event: next\ndata: %b\n\n" % orjson.dumps({"errors": errors}) if errors else b""
        return last + b"event: complete\ndata: \n\n"


class Multipart:
    """Each part is followed by the boundary at once: clients take a part when they see where it ends."""

    content_type = b'multipart/mixed;boundary="graphql";subscriptionSpec="1.0"'
    start = b"\r\n--graphql"
    heartbeat_seconds = 5.0

    @property
    def heartbeat(self) -> bytes:
        return self._part(b"{}")

    def result(self, cursor: str, body: bytes) -> bytes:
        del cursor  # it is in the result's extensions
        return self._part(b'{"payload":%b}' % body)

    def end(self, errors: list[dict[str, Any]] | None) -> bytes:
        last = self.result("", orjson.dumps({"errors": errors})) if errors else b""
        return last + b"--\r\n"

    def _part(self, body: bytes) -> bytes:
        return b"\r\nContent-Type: application/json\r\n\r\n%b\r\n--graphql" % body


@dataclass(frozen=True, slots=True)
class Stream:
    """One operation to stream. `resume`: the cursor in Last-Event-ID."""

    operation: Operation
    variables: Mapping[str, Any] | None
    context: Context
    identity: Identity
    resume: str | None


class StreamConnection:
    """One HTTP response that goes on until the subscription ends, the client leaves, or the gateway drains."""

    def __init__(
        self, live: Live, form: Format, receive: Receive, send: Send, stuck_seconds: float
    ) -> None:
        self._live = live
        self._form = form
        self._receive = receive
        self._send = send
        self._stuck_seconds = stuck_seconds
        self._stop = asyncio.Event()
        self._turned_out: str | None = None

    @property
    def subscriptions(self) -> int:
        return 1

    def close(self, code: int, reason: str) -> None:
        """Stop without an end, so that the client comes back with its cursor; one that was turned out is told so."""
        if code == REVOKED:
            self._turned_out = reason
        self._live.metrics.closes.labels(reason=str(code)).inc()
        self._stop.set()

    async def refuse(self, errors: list[dict[str, Any]]) -> None:
        """The operation cannot be executed: one result with its errors, and the end."""
        await self._begin()
        await self._write(self._form.end(errors), more=False)

    async def answer(self, result: Mapping[str, Any]) -> None:
        """The one result of a query or mutation."""
        await self._begin()
        body = self._form.result("", orjson.dumps(result)) + self._form.end(None)
        await self._write(body, more=False)

    async def run(self, stream: Stream) -> None:
        """Raises resolvers.errors.LimitExceeded, Unauthenticated or Unavailable before anything is sent."""
        live, identity = self._live, stream.identity
        live.check_room()
        live.presence.check_subscription(identity)
        live.presence.enter(identity, self)
        try:
            mailbox = Mailbox(live.metrics, stream.resume)
            leave = live.hub.attach(mailbox, stream.operation, stream.variables, stream.context)
            live.enter(self)
            try:
                await self._begin()
                await self._pump(mailbox, stream)
            finally:
                leave()
                live.leave(self)
        finally:
            live.presence.leave(self)

    async def _pump(self, mailbox: Mailbox, stream: Stream) -> None:
        expires_at = stream.identity.expires_at
        gone = asyncio.create_task(self._gone())
        stopped = asyncio.create_task(self._stop.wait())
        taking = asyncio.create_task(mailbox.take())
        try:
            while True:
                done, _ = await asyncio.wait(
                    {gone, stopped, taking},
                    timeout=self._patience(expires_at),
                    return_when=asyncio.FIRST_COMPLETED,
                )
                if gone in done:
                    return
                if expires_at is not None and self._live.now() >= expires_at:
                    self._turned_out = EXPIRED
                if self._turned_out is not None:
                    error = Unauthenticated(self._turned_out)
                    told = self._live.gateway.refusal(error, stream.context).errors
                    await self._write(self._form.end(told), more=False)
                    return
                if stopped in done:
                    return
                if taking not in done:
                    await self._write(self._form.heartbeat)
                    continue
                taken = taking.result()
                if taken is None:
                    await self._write(self._form.end(mailbox.errors), more=False)
                    return
                await self._write(self._form.result(*taken))
                taking = asyncio.create_task(mailbox.take())
        except TimeoutError:
            self._live.metrics.closes.labels(reason="4413").inc()
        finally:
            for task in (gone, stopped, taking):
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    def _patience(self, expires_at: float | None) -> float:
        beat = self._form.heartbeat_seconds
        return beat if expires_at is None else max(min(beat, expires_at - self._live.now()), 0.0)

    async def _gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _begin(self) -> None:
        headers = [
            (b"content-type", self._form.content_type),
            (b"cache-control", b"no-cache"),
            (b"x-accel-buffering", b"no"),
        ]
        await self._send({"type": "http.response.start", "status": 200, "headers": headers})
        if self._form.start:
            await self._write(self._form.start)

    async def _write(self, body: bytes, *, more: bool = True) -> None:
        message: Message = {"type": "http.response.body", "body": body, "more_body": more}
        async with asyncio.timeout(self._stuck_seconds):
            await self._send(message)


def stream_format(accept: str | None) -> Format | None:
    """The streaming format that `Accept` asks for, if it asks for one."""
    wanted = (accept or "").lower()
    if "text/event-stream" in wanted:
        return ServerSentEvents()
    if "multipart/mixed" in wanted and "subscriptionspec" in wanted:
        return Multipart()
    return None
