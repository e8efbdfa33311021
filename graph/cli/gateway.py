"""`serve`: the gateway as one process, from its settings to its last drained connection."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graph.cli.announce import announced
from graph.cli.common import FAILED, DataDir, console, errors, fail, settings_with
from graph.settings import LogFormat, Profile, Settings, Workspace, refusal_to_listen

if TYPE_CHECKING:
    from graph.app import App

BACKLOG = 2048
MAX_MESSAGE_BYTES = 1024 * 1024
PING_SECONDS = 20.0
SWITCH_SECONDS = 0.0005
"""How soon a thread that reckons or reads a page lets the loop go on; Python's own 5 ms is felt by who asks meanwhile."""


def register(app: typer.Typer) -> None:
    app.command()(serve)


def serve(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on. Default: BIND_HOST or 127.0.0.1.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="Port; 0 picks a free one. Default: PORT or 8000.")
    ] = None,
    data_dir: DataDir = None,
    workspace: Annotated[
        Workspace | None, typer.Option(help="What a fresh store holds. Default: demo.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=64, help="Processes that share the port and the store.")
    ] = None,
    log_level: Annotated[str | None, typer.Option(help="DEBUG, INFO, WARNING or ERROR.")] = None,
    log_format: Annotated[LogFormat | None, typer.Option(help="console or json.")] = None,
) -> None:
    """Run the gateway with dashboard, GraphiQL and API until Ctrl-C."""
    settings = settings_with(
        bind_host=host,
        port=port,
        data_dir=data_dir,
        workspace=workspace,
        workers=workers,
        log_level=log_level,
        log_format=log_format,
    )
    if (reason := refusal_to_listen(settings)) is not None:
        fail(reason)
    from graph.logs import configure_logging

    configure_logging(settings.log_level, settings.log_format)
    listener = listening_socket(settings)
    bound = settings.model_copy(update={"port": listener.getsockname()[1]})
    make_data_dir(bound.data_dir)
    with announced(bound, os.getpid()):
        code = run_workers(bound, listener) if bound.workers > 1 else run_one(bound, listener)
    console.print("Stopped.")
    raise typer.Exit(code)


def make_data_dir(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        fail(
            f"The data folder {folder} cannot be made: {error.strerror or error}. "
            "Choose another with --data-dir (or DATA_DIR=)."
        )


def run_one(settings: Settings, listener: socket.socket) -> int:
    """One gateway in this process; its exit status."""
    import uvloop

    from resolvers.errors import Unavailable

    try:
        uvloop.run(run_gateway(settings, listener))
    except Unavailable as error:
        errors.print(
            f"The gateway cannot start. {error.message}", style="red", markup=False, soft_wrap=True
        )
        return FAILED
    except KeyboardInterrupt:
        pass
    return 0


def run_workers(settings: Settings, listener: socket.socket) -> int:
    from graph.cli.workers import Supervisor

    greet(settings)
    return Supervisor(settings.workers, lambda: run_one(settings, listener)).run()


def listening_socket(settings: Settings) -> socket.socket:
    """Bound before anything is opened, so that a taken port is said at once."""
    family = socket.AF_INET6 if ":" in settings.bind_host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.bind_host, settings.port))
    except OSError as error:
        listener.close()
        fail(
            f"Cannot listen on {settings.bind_host}:{settings.port}: {error.strerror or error}. "
            "Stop what uses the port, or choose another with --port (or PORT=)."
        )
    listener.setblocking(False)  # noqa: FBT003 - the socket's own name for it
    return listener


async def run_gateway(settings: Settings, listener: socket.socket) -> None:
    """Everything from the store to the socket; returns when the gateway has drained."""
    from graph import sdl
    from graph.app import App
    from graph.schema import build_schema
    from graph.wiring.running import running_services

    schema = build_schema()
    version = sdl.version_of(sdl.render(schema))
    async with running_services(settings, version) as running:
        app = App(
            running.services,
            settings=settings,
            schema=schema,
            authenticator=running.authenticator,
            live_component=running.live,
            reports=running.reports,
            pictures=running.pictures,
            texts=running.texts,
        )
        server = make_server(app, settings)
        rest_from_collecting()
        sys.setswitchinterval(SWITCH_SECONDS)
        if settings.workers == 1:
            greet(settings)
        await server.serve(sockets=[listener])


def rest_from_collecting() -> None:
    """What exists at the start stays: the collector need not walk it again and again while events wait. What a first
    load brings lives as long, so that whole walks are rarer than Python's own."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(700, 10, 200)


def make_server(app: App, settings: Settings) -> Any:
    """uvicorn, with our WebSocket protocol and a drain before the sockets close."""
    import uvicorn

    from graph.http.server_protocol import PatientProtocol
    from graph.live.server_protocol import FramesProtocol

    class DrainingServer(uvicorn.Server):
        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            """uvicorn would raise the signal again when it has stopped; the store must be closed first."""
            loop = asyncio.get_running_loop()
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, self.handle_exit, number, None)
            try:
                yield
            finally:
                for number in (signal.SIGINT, signal.SIGTERM):
                    loop.remove_signal_handler(number)

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            for server in self.servers:
                server.close()
            with suppress(TimeoutError):
                async with asyncio.timeout(settings.drain_seconds + 1):
                    await app.drain(settings.drain_seconds)
            await super().shutdown(sockets)

    return DrainingServer(
        uvicorn.Config(
            app,
            loop="none",
            http=PatientProtocol,
            ws=FramesProtocol,
            ws_per_message_deflate=False,
            ws_max_size=MAX_MESSAGE_BYTES,
            ws_ping_interval=PING_SECONDS,
            ws_ping_timeout=PING_SECONDS,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=True,
            backlog=BACKLOG,
            timeout_graceful_shutdown=int(settings.drain_seconds) + 2,
        )
    )


def greet(settings: Settings) -> None:
    """Where everything is."""
    console.print(f"\n[bold]Twilio negotiation gateway[/bold] · data in {settings.data_dir}")
    lines = [
        ("Dashboard", ""),
        ("GraphQL", "/graphql"),
        *([("GraphiQL", "/graphiql")] if settings.profile is Profile.DEVELOPMENT else []),
        ("REST, OpenAPI", "/docs"),
    ]
    for name, path in lines:
        console.print(f"  {name:<14} {settings.url}{path}", soft_wrap=True)
    console.print("Ctrl-C stops it.\n")
