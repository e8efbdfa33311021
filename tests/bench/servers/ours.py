"""Our gateway over the common room: the whole edge, hub, cache and server protocol as the product has them.

One thing differs from the product: the pause between two executions of a subscription is nothing, so that the
throughput of deliveries can be seen.
"""

from __future__ import annotations

import sys
from typing import Any, cast

import uvloop
from prometheus_client import CollectorRegistry, make_asgi_app

from adapters.clock import SystemClock
from adapters.signal import ChangeSignal
from graph.app import Paths, make_gateway, response_cache
from graph.auth.identity import LocalAuthenticator
from graph.cli.gateway import make_server
from graph.http.edge import Edge
from graph.http.graphql import GraphqlEndpoint
from graph.live.live import Live
from graph.live.transport_ws import SocketLimits
from graph.live.websocket import WebSocketEndpoint
from graph.settings import Settings
from resolvers.ports import NotificationPolicy, SchemaVersion, Services
from tests.bench.servers.room import RoomStore, load_store, make_schema
from tests.bench.servers.serving import Control, serve


class Gateway(Control):
    """The product's edge, with the benchmark's door before it. Of the pages behind the edge, only the metrics."""

    def __init__(self, data: str, settings: Settings) -> None:
        store = load_store(data)
        services = services_over(store)
        gateway = make_gateway(services, make_schema(store))
        registry = CollectorRegistry()
        live = Live(gateway, registry, throttle_seconds=0.0)
        authenticator = LocalAuthenticator()
        paths = Paths(
            graphql=GraphqlEndpoint(gateway, authenticator, response_cache(services), live),
            sockets=WebSocketEndpoint(live, authenticator, SocketLimits()),
            pages=make_asgi_app(registry),
        )
        edge = Edge(
            paths,
            allowed_hosts={settings.bind_host},
            allowed_origins=(),
            max_body_bytes=settings.max_body_bytes,
        )
        super().__init__(edge, store.publish)
        self.drain = live.drain


def services_over(store: RoomStore) -> Services:
    unused = cast("Any", None)  # the common schema asks neither peer nor notifier
    return Services(
        store=cast("Any", store),
        clock=SystemClock(),
        signal=ChangeSignal(),
        peer=unused,
        notifier=unused,
        components=(),
        policy=NotificationPolicy(),
        schema_version=SchemaVersion(version="0" * 12, sdl_sha256="0" * 64),
        wake_outbox=lambda: None,
        sending=unused,
    )


def main() -> None:
    settings = Settings(_env_file=None, drain_seconds=0)
    gateway = Gateway(sys.argv[1], settings)

    async def serving() -> None:
        await serve(make_server(cast("Any", gateway), settings))

    uvloop.run(serving())


if __name__ == "__main__":
    main()
