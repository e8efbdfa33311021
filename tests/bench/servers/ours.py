"""Our gateway over the common room: the whole edge, hub, cache and server protocol as the product has them.

One thing differs from the product: the pause between two executions of a subscription is nothing, so that the
throughput of deliveries can be seen.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, cast

import uvloop

from adapters.clock import SystemClock
from adapters.signal import ChangeSignal
from graph.app import App
from graph.auth.identity import LocalAuthenticator
from graph.cli.gateway import make_server
from graph.live.live import LiveComponent
from graph.settings import Settings
from resolvers.ports import NotificationPolicy, SchemaVersion, Services
from tests.bench.servers.room import load_store, make_schema
from tests.bench.servers.serving import Control, serve


class Gateway(Control):
    """The product behind the benchmark's door."""

    def __init__(self, app: App, publish: Any) -> None:
        super().__init__(app, publish)
        self.drain = app.drain


def make_gateway(data: str, settings: Settings) -> Gateway:
    store = load_store(data)
    unused = cast("Any", None)  # the common schema asks neither peer nor notifier
    services = Services(
        store=cast("Any", store),
        clock=SystemClock(),
        signal=ChangeSignal(),
        peer=unused,
        notifier=unused,
        components=(),
        policy=NotificationPolicy(),
        schema_version=SchemaVersion(version="0" * 12, sdl_sha256="0" * 64),
        wake_outbox=lambda: None,
    )
    app = App(
        services,
        settings=settings,
        schema=make_schema(store),
        authenticator=LocalAuthenticator(),
        live_component=LiveComponent(),
    )
    app.live.hub._throttle = 0.0
    return Gateway(app, store.publish)


def main() -> None:
    settings = Settings(_env_file=None, drain_seconds=0, web_dist=Path("no-dashboard"))
    gateway = make_gateway(sys.argv[1], settings)

    async def serving() -> None:
        await serve(make_server(cast("Any", gateway), settings))

    uvloop.run(serving())


if __name__ == "__main__":
    main()
