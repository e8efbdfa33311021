"""A small live room on a real socket: our hub and protocol over a schema of three subscriptions, a fake store and clock."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any

import strawberry
from prometheus_client import CollectorRegistry
from websockets.asyncio.client import ClientConnection, connect

from graph.app import response_cache
from graph.auth.identity import Identity
from graph.context import Info
from graph.execution.documents import Documents
from graph.execution.executor import Executor
from graph.execution.gateway import Gateway
from graph.http.graphql import GraphqlEndpoint
from graph.live.live import Live
from graph.live.server_protocol import FramesProtocol
from graph.live.transport_ws import SUBPROTOCOL, SocketLimits
from graph.live.websocket import WebSocketEndpoint
from negotiation.records import Negotiation
from resolvers.errors import BadUserInput, FieldError, Unauthenticated
from resolvers.ports import Actor, NotificationPolicy, Put, SchemaVersion, Services
from resolvers.view import Pictures
from tests.builders import a_negotiation
from tests.fakes import CountingSignal, FakeClock, MemoryStore
from tests.servers import serving

PATIENCE = 30.0


@strawberry.type
class Deal:
    name: str
    version: int
    seen_by: str


@strawberry.type
class Query:
    @strawberry.field
    def deal(self, info: Info) -> Deal:
        return deal_of(info)


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def rename(self, info: Info, name: str) -> Deal:
        if name == "boom":
            raise RuntimeError("secret details")
        store = info.context.services.store
        negotiation = next(iter(store.snapshot().negotiations.values()))
        renamed = replace(negotiation, name=name, version=negotiation.version + 1)
        await store.commit(lambda _: [Put(renamed)], actor="test", cause="rename")
        return deal_of(info)


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def deal(self, info: Info, pad: int = 0) -> AsyncGenerator[Deal, None]:
        async for _ in info.context.services.store.watch():
            deal = deal_of(info)
            yield replace(deal, name=deal.name + "x" * pad)

    @strawberry.subscription
    async def ticks(self, count: int = 3) -> AsyncGenerator[int, None]:
        for number in range(count):
            await asyncio.sleep(0)
            yield number

    @strawberry.subscription
    async def refused(self) -> AsyncGenerator[int, None]:
        raise BadUserInput("Not like this.", [FieldError("count", "Not like this.")])
        yield 1

    @strawberry.subscription
    async def broken(self) -> AsyncGenerator[int, None]:
        yield 1
        raise RuntimeError("secret details")


def deal_of(info: Info) -> Deal:
    context = info.context
    negotiation = next(iter(context.services.store.snapshot().negotiations.values()))
    roles = ",".join(sorted(context.actor.roles))
    return Deal(name=negotiation.name, version=negotiation.version, seen_by=roles)


class Tokens:
    """`Bearer <roles>` is an actor with these roles; `Bearer <roles>@<seconds>` ends at that POSIX second."""

    async def authenticate(self, authorization: str | None) -> Identity:
        if authorization is None:
            return Identity(Actor(id="anyone", name="Anyone", roles=frozenset({"viewer"})))
        token = authorization.removeprefix("Bearer ")
        if token == "bad":
            raise Unauthenticated("The token is not valid.")
        roles, _, until = token.partition("@")
        actor = Actor(id=roles, name=roles, roles=frozenset(roles.split(",")))
        return Identity(actor, expires_at=float(until) if until else None)


@dataclass
class Room:
    live: Live
    store: MemoryStore
    clock: FakeClock
    url: str
    sockets: list[ClientConnection] = field(default_factory=list)

    @property
    def http_url(self) -> str:
        return self.url.replace("ws://", "http://")

    @property
    def executions(self) -> int:
        return int(self.live.metrics.executions._value.get())

    def metric(self, name: str) -> int:
        return int(getattr(self.live.metrics, name)._value.get())

    async def rename(self, name: str) -> None:
        negotiation: Negotiation = next(iter(self.store.snapshot().negotiations.values()))
        renamed = replace(negotiation, name=name, version=negotiation.version + 1)
        await self.store.commit(lambda _: [Put(renamed)], actor="test", cause="rename")

    async def touch(self) -> None:
        """A commit that changes nothing anybody subscribed to."""
        negotiation: Negotiation = next(iter(self.store.snapshot().negotiations.values()))
        await self.store.commit(lambda _: [Put(negotiation)], actor="test", cause="touch")

    async def open(
        self, *, subprotocols: tuple[str, ...] = (SUBPROTOCOL,), **options: Any
    ) -> Client:
        socket_ = await connect(
            self.url, subprotocols=subprotocols, compression=None, max_size=2**24, **options
        )
        self.sockets.append(socket_)
        return Client(socket_)

    async def client(self, token: str | None = None, **payload: Any) -> Client:
        """A connected and acknowledged client."""
        client = await self.open()
        if token is not None:
            payload["authorization"] = f"Bearer {token}"
        await client.send(type="connection_init", payload=payload)
        assert (await client.receive())["type"] == "connection_ack"
        return client

    async def quiet(self) -> None:
        """Wait until nobody is connected and nothing is followed."""
        async with asyncio.timeout(PATIENCE):
            while self.live.connections or self.live.hub.topics or self.store.watchers:
                await asyncio.sleep(0.005)


class Client:
    def __init__(self, socket_: ClientConnection) -> None:
        self.socket = socket_

    async def send(self, **message: Any) -> None:
        await self.socket.send(json.dumps(message))

    async def send_raw(self, raw: str | bytes) -> None:
        await self.socket.send(raw)

    async def subscribe(self, query: str, id: str = "1", **payload: Any) -> None:
        await self.send(type="subscribe", id=id, payload={"query": query, **payload})

    async def receive(self) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE):
            message: dict[str, Any] = json.loads(await self.socket.recv())
        return message

    async def next(self) -> Mapping[str, Any]:
        message = await self.receive()
        assert message["type"] == "next", message
        payload: Mapping[str, Any] = message["payload"]
        return payload

    async def nothing(self, seconds: float = 0.15) -> None:
        """Nothing arrives for a while."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                raise AssertionError(f"received {await self.socket.recv()!r}")

    async def closed(self) -> tuple[int | None, str]:
        async with asyncio.timeout(PATIENCE):
            await self.socket.wait_closed()
        return self.socket.close_code, self.socket.close_reason or ""


@asynccontextmanager
async def a_room(
    *,
    throttle: float = 0.0,
    limits: SocketLimits | None = None,
    plain_asgi: bool = False,
    stuck_seconds: float = 30.0,
) -> AsyncIterator[Room]:
    """`plain_asgi`: served by uvicorn's own protocol, as any other ASGI server would."""
    clock = FakeClock()
    store = MemoryStore(clock, a_negotiation(name="First"))
    services = Services(
        store=store,
        clock=clock,
        signal=CountingSignal(),
        peer=None,  # type: ignore[arg-type]  # this schema asks neither peer nor notifier
        notifier=None,  # type: ignore[arg-type]
        components=(),
        policy=NotificationPolicy(),
        schema_version=SchemaVersion(version="0" * 12, sdl_sha256="0" * 64),
        wake_outbox=lambda: None,
        sending=None,  # type: ignore[arg-type]
    )
    schema = strawberry.Schema(query=Query, mutation=Mutation, subscription=Subscription)
    gateway = Gateway(services, Pictures(services), Documents(schema._schema), Executor(schema))
    live = Live(gateway, CollectorRegistry(), throttle_seconds=throttle)
    endpoint = WebSocketEndpoint(live, Tokens(), limits or SocketLimits())

    http = GraphqlEndpoint(
        gateway, Tokens(), response_cache(services), live, stuck_seconds=stuck_seconds
    )

    async def app(scope: Any, receive: Any, send: Any) -> None:
        state = {"correlation_id": "test-correlation", "headers": dict(scope.get("headers", ()))}
        scope.setdefault("state", {}).update(state)
        await (http if scope["type"] == "http" else endpoint)(scope, receive, send)

    async with serving(app, ws="websockets-sansio" if plain_asgi else FramesProtocol) as port:
        room = Room(live, store, clock, f"ws://127.0.0.1:{port}/graphql")
        try:
            yield room
        finally:
            for socket_ in room.sockets:
                await socket_.close()
