"""An ASGI application on a real socket of this machine, under uvicorn, for the length of an `async with`."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from typing import Any

import uvicorn

from graph.http.server_protocol import PatientProtocol
from graph.live.server_protocol import FramesProtocol


@asynccontextmanager
async def serving(
    app: Any, *, ws: Any = FramesProtocol, http: Any = PatientProtocol
) -> AsyncIterator[int]:
    """The port it listens on."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app,
        http=http,
        ws=ws,
        ws_per_message_deflate=False,
        ws_max_size=2**20,
        lifespan="off",
        log_config=None,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    server.capture_signals = nullcontext  # type: ignore[assignment,method-assign]  # the test runner keeps them
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.005)
    try:
        yield int(listener.getsockname()[1])
    finally:
        server.should_exit = True
        await task
        listener.close()
