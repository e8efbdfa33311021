"""The graphql-transport-ws protocol for one connection: who may say what when, and what is answered.

Every malformed message closes with 4400 and says why; a fault in one operation ends that operation only. Close codes
are the protocol's own (4400, 4401, 4403, 4406, 4408, 4409, 4429), and ours: 4413, the reader was too slow.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import structlog

from graph.auth.identity import Identity
from graph.context import Context
from graph.execution.documents import Operation
from graph.execution.gateway import Refused
from graph.live.connection import Connection, Writer
from graph.live.events import Event
from graph.live.live import Live
from graph.live.messages import BadMessage, id_of, optional_payload, parsed, request_of
from resolvers.errors import GatewayError, LimitExceeded, Unauthenticated, Unavailable

SUBPROTOCOL = "graphql-transport-ws"
BAD_REQUEST, UNAUTHORIZED, FORBIDDEN = 4400, 4401, 4403
NOT_ACCEPTABLE, INIT_TIMEOUT = 4406, 4408
DUPLICATE, TOO_MANY_INITS, TOO_SLOW = 4409, 4429, 4413
BROKEN, TRY_AGAIN_LATER = 1011, 1013
MAX_REASON_BYTES = 123

Authenticate = Callable[[Mapping[str, Any] | None], Awaitable[Identity]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SocketLimits:
    init_seconds: float = 10.0
    stuck_seconds: float = 30.0
    operations_per_connection: int = 100


class Session:
    """One connection's conversation. `receive` is called for each text message, in order; nothing in it waits."""

    def __init__(
        self,
        connection: Connection,
        live: Live,
        authenticate: Authenticate,
        correlation_id: str,
        limits: SocketLimits,
    ) -> None:
        self.connection = connection
        self.metrics = live.metrics
        self._live = live
        self._authenticate = authenticate
        self._correlation_id = correlation_id
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._operations: dict[str, _Running] = {}
        self._lagging: dict[_Subscription, None] = {}
        self._context: Context | None = None
        self._identity: Identity | None = None
        self._resume: str | None = None
        self._initialised = False
        self._closed = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._timers = [self._loop.call_later(limits.init_seconds, self._init_too_late)]
        self._stuck: asyncio.TimerHandle | None = None
        connection.listen(self)

    # --- the peer speaks

    def receive(self, text: str) -> None:
        if self._closed:
            return
        try:
            message = parsed(text)
            match message["type"]:
                case "connection_init":
                    self._init(message)
                case "ping":
                    self._send(type="pong", **optional_payload(message))
                case "pong":
                    pass
                case "subscribe":
                    self._subscribe(message)
                case "complete":
                    self._complete(id_of(message))
                case unknown:
                    self.close(BAD_REQUEST, f"Unknown message type {unknown[:40]!r}")
        except BadMessage as error:
            self.close(BAD_REQUEST, str(error))

    def receive_binary(self) -> None:
        self.close(BAD_REQUEST, "Messages must be text")

    # --- the connection's life

    def close(self, code: int, reason: str) -> None:
        if not self._closed:
            self.metrics.closes.labels(reason=str(code)).inc()
            self.connection.close(code, reason.encode()[:MAX_REASON_BYTES].decode(errors="ignore"))
            self.end()

    @property
    def subscriptions(self) -> int:
        """Running operations."""
        return len(self._operations)

    def end(self) -> None:
        """Leave everything; the connection is closed or gone."""
        self._closed = True
        self._live.presence.leave(self)
        for timer in (*self._timers, self._stuck):
            if timer is not None:
                timer.cancel()
        for running in tuple(self._operations.values()):
            running.stop()
        self._operations.clear()
        self._lagging.clear()
        for task in tuple(self._tasks):
            task.cancel()

    def _init_too_late(self) -> None:
        if not self._initialised:
            self.close(INIT_TIMEOUT, "Connection initialisation timeout")

    def _init(self, message: Mapping[str, Any]) -> None:
        payload = message.get("payload")
        if payload is not None and not isinstance(payload, dict):
            raise BadMessage("The payload of connection_init must be an object")
        if self._initialised:
            self.close(TOO_MANY_INITS, "Too many initialisation requests")
            return
        self._initialised = True
        resume = (payload or {}).get("resume")
        self._resume = resume if isinstance(resume, str) else None
        self._run(self._acknowledge(payload))

    async def _acknowledge(self, payload: Mapping[str, Any] | None) -> None:
        try:
            identity = await self._authenticate(payload)
            self._live.presence.enter(identity, self)
        except Unauthenticated as error:
            self.close(FORBIDDEN, error.message)
        except (Unavailable, LimitExceeded) as error:
            self.close(TRY_AGAIN_LATER, error.message)
        else:
            self._identity = identity
            self._context = self._live.gateway.context(identity.actor, self._correlation_id)
            if identity.expires_at is not None:
                left = identity.expires_at - self._live.now()
                expire = self._loop.call_later(
                    max(left, 0.0), self.close, FORBIDDEN, "The token has expired"
                )
                self._timers.append(expire)
            self._send(type="connection_ack")

    # --- operations

    def _subscribe(self, message: Mapping[str, Any]) -> None:
        id_, payload = id_of(message), request_of(message)
        if self._context is None or self._identity is None:
            self.close(UNAUTHORIZED, "Unauthorized")
            return
        if id_ in self._operations:
            self.close(DUPLICATE, f"Subscriber for {id_} already exists")
            return
        try:
            if len(self._operations) >= self._limits.operations_per_connection:
                most = self._limits.operations_per_connection
                raise LimitExceeded(
                    f"This connection already runs {most} operations. Complete one first.",
                    limit="operationsPerConnection",
                    value=most,
                    found=most + 1,
                )
            self._live.presence.check_subscription(self._identity)
            operation = self._live.gateway.prepare(
                payload["query"],
                payload["operationName"],
                self._context,
                variables=payload["variables"],
                document_id=payload["documentId"],
            )
            if operation.is_subscription:
                self._follow(id_, operation, payload)
            else:
                self._execute(id_, operation, payload["variables"])
        except Refused as refused:
            self._send(id=id_, type="error", payload=refused.errors)
        except GatewayError as error:
            told = self._live.gateway.refusal(error, self._context)
            self._send(id=id_, type="error", payload=told.errors)

    def _follow(self, id_: str, operation: Operation, payload: Mapping[str, Any]) -> None:
        assert self._context is not None
        resume = payload["extensions"].get("resume", self._resume)
        running = _Subscription(self, id_, resume if isinstance(resume, str) else None)
        self._operations[id_] = running
        try:
            running.leave = self._live.hub.attach(
                running, operation, payload["variables"], self._context
            )
        except GatewayError:
            self._operations.pop(id_, None)
            raise

    def _execute(self, id_: str, operation: Operation, variables: Mapping[str, Any] | None) -> None:
        task = self._run(self._once(id_, operation, variables))
        self._operations[id_] = _Once(task)

    async def _once(
        self, id_: str, operation: Operation, variables: Mapping[str, Any] | None
    ) -> None:
        assert self._context is not None
        result = await self._live.gateway.execute(operation, variables, self._context)
        if "data" in result:
            self._send(id=id_, type="next", payload=result)
            self.finish(id_, type="complete")
        else:
            self.finish(id_, type="error", payload=result["errors"])

    def _complete(self, id_: str) -> None:
        running = self._operations.pop(id_, None)
        if running is not None:
            running.stop()

    # --- towards the peer

    def wait(self, subscription: _Subscription) -> None:
        """The reader lags: `subscription` has a value for it. One that lags for too long is closed."""
        self._lagging[subscription] = None
        if self._stuck is None:
            self._stuck = self._loop.call_later(
                self._limits.stuck_seconds, self.close, TOO_SLOW, "You read too slowly"
            )

    def forget(self, subscription: _Subscription) -> None:
        self._lagging.pop(subscription, None)

    def finish(self, id_: str, **message: Any) -> None:
        """The last word on an operation; its id is free from here on."""
        self._operations.pop(id_, None)
        self._send(id=id_, **message)

    def _send(self, **message: Any) -> None:
        if not self._closed:
            self.connection.send(orjson.dumps(message))

    # --- the connection tells

    def paused(self) -> None:
        for running in self._operations.values():
            running.hold()

    def drained(self) -> None:
        if self._stuck is not None:
            self._stuck.cancel()
            self._stuck = None
        while self._lagging and self.connection.writable:
            subscription = next(iter(self._lagging))
            del self._lagging[subscription]
            subscription.flush()
        if self.connection.writable:
            for running in self._operations.values():
                running.release()

    def lost(self) -> None:
        self.end()

    def _run(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            structlog.get_logger().error("session_broke", exc_info=error)
            self.close(BROKEN, f"Something went wrong on our side. Quote {self._correlation_id}.")


class _Once:
    """A query or mutation on its way."""

    __slots__ = ("_task",)

    def __init__(self, task: asyncio.Task[None]) -> None:
        self._task = task

    def stop(self) -> None:
        self._task.cancel()

    def hold(self) -> None:
        pass

    def release(self) -> None:
        pass


class _Subscription:
    """One subscribed operation: the hub's subscriber, and a mailbox of one for when the reader lags.

    `_writer` is the hot path: the transport's own way to write, while nothing stands between an event and the wire
    (no cursor to catch up from, nothing pending, a reader that keeps up).
    """

    __slots__ = (
        "_id", "_length", "_pending", "_prefix", "_resume", "_seen", "_session", "_skipped", "_writer",
        "leave",
    )  # fmt: skip

    def __init__(self, session: Session, id_: str, resume: str | None) -> None:
        self._session = session
        self._id = id_
        self._prefix = b'{"id":%b,"type":"next","payload":' % orjson.dumps(id_)
        self._length = len(self._prefix)
        self._resume = resume
        self._seen: str | None = None
        self._pending: Event | None = None
        self._skipped = 0
        self._writer: Writer | None = None
        self.leave: Callable[[], None] | None = None
        self.release()

    def deliver(self, event: Event) -> None:
        if (writer := self._writer) is not None:
            self._seen = event.cursor
            length = self._length
            head = event.frame_heads.get(length) or event.frame_head(length)
            writer((head + self._prefix, event.shared))
        else:
            self._deliver(event)

    def _deliver(self, event: Event) -> None:
        session = self._session
        if self._resume is not None:
            self._catch_up(event, self._resume)
        elif session.connection.writable and self._pending is None:
            session.connection.send_shared(self._prefix, event.shared)
            self._seen = event.cursor
        else:
            session.wait(self)
            if self._pending is not None:
                self._skipped += 1
                session.metrics.skipped.inc()
            self._pending = event

    def hold(self) -> None:
        """The reader lags."""
        self._writer = None

    def release(self) -> None:
        """The reader keeps up."""
        connection = self._session.connection
        if self._resume is None and self._pending is None and connection.writable:
            self._writer = connection.writer

    def flush(self) -> None:
        """The reader reads again: the newest value, and what was left out."""
        event, self._pending = self._pending, None
        if event is None:
            return
        connection = self._session.connection
        if self._skipped:
            self._session.metrics.gaps.inc()
            body = event.with_gap(self._seen, self._skipped)
            connection.send(b"%b%b}" % (self._prefix, body))
        else:
            connection.send_shared(self._prefix, event.shared)
        self._seen, self._skipped = event.cursor, 0

    def fail(self, errors: list[dict[str, Any]]) -> None:
        self._finish(type="error", payload=errors)

    def complete(self) -> None:
        self.flush()
        self._finish(type="complete")

    def stop(self) -> None:
        self._writer = None
        self._session.forget(self)
        if self.leave is not None:
            self.leave()

    def _catch_up(self, event: Event, cursor: str) -> None:
        self._resume = None
        self._seen = event.cursor
        body = event.after(cursor)
        if body is not None:
            self._session.connection.send(b"%b%b}" % (self._prefix, body))
        self.release()

    def _finish(self, **message: Any) -> None:
        self._session.finish(self._id, **message)


_Running = _Once | _Subscription
