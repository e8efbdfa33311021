"""A gateway that is stopped and started again under its clients: they are sent away over a window, and miss nothing.

RESTART_CLIENTS=1000 is the full form.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import time
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

from tests.integration.test_commands import PROGRAM, environment

CLIENTS = int(os.environ.get("RESTART_CLIENTS", "100"))
QUERY = "subscription { negotiationUpdated { version } }"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


async def started(folder: Path, port: int) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        str(PROGRAM),
        "serve",
        "--port",
        str(port),
        cwd=folder,
        env=environment(DRAIN_SECONDS="2"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    async with asyncio.timeout(90), httpx.AsyncClient() as http:
        while True:
            try:
                (await http.get(f"http://127.0.0.1:{port}/healthz")).raise_for_status()
            except httpx.HTTPError:
                await asyncio.sleep(0.05)
            else:
                return process


class Follower:
    """A client that remembers what it saw, and comes back with its cursor."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._cursor: str | None = None
        self.socket: ClientConnection | None = None
        self.versions: list[int] = []
        self.gaps: list[Any] = []
        self.code: int | None = None
        self.closed_at = 0.0

    async def open(self) -> None:
        self.socket = await connect(
            f"ws://127.0.0.1:{self._port}/graphql",
            subprotocols=["graphql-transport-ws"],  # type: ignore[list-item]
            compression=None,
            open_timeout=30,
        )
        await self.socket.send('{"type": "connection_init"}')
        assert json.loads(await self.socket.recv())["type"] == "connection_ack"
        extensions = {"resume": self._cursor} if self._cursor else {}
        payload = {"query": QUERY, "extensions": extensions}
        await self.socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": payload}))

    async def next(self) -> None:
        assert self.socket is not None
        async with asyncio.timeout(60):
            payload = json.loads(await self.socket.recv())["payload"]
        self._cursor = payload["extensions"]["cursor"]
        self.versions.append(payload["data"]["negotiationUpdated"]["version"])
        if "gap" in payload["extensions"]:
            self.gaps.append(payload["extensions"]["gap"])

    async def sent_away(self) -> None:
        assert self.socket is not None
        async with asyncio.timeout(60):
            await self.socket.wait_closed()
        self.code, self.closed_at = self.socket.close_code, time.monotonic()


async def set_target(port: int, target: str) -> None:
    query = f'mutation {{ setTargets(input: {{targetMargin: "{target}"}}) {{ revision }} }}'
    async with httpx.AsyncClient(timeout=20) as http:
        answer = await http.post(f"http://127.0.0.1:{port}/graphql", json={"query": query})
    assert "errors" not in answer.json(), answer.text


async def test_clients_are_sent_away_over_a_window_and_come_back_without_loss_or_repetition(
    tmp_path: Path,
) -> None:
    port = free_port()
    process = await started(tmp_path, port)
    followers = [Follower(port) for _ in range(CLIENTS)]
    await asyncio.gather(*(each.open() for each in followers))
    await asyncio.gather(*(each.next() for each in followers))

    process.send_signal(signal.SIGTERM)
    await asyncio.gather(*(each.sent_away() for each in followers))
    assert await process.wait() == 0
    assert {each.code for each in followers} == {1001}
    times = sorted(each.closed_at for each in followers)
    assert times[-1] - times[0] > 0.1  # spread, not one burst

    process = await started(tmp_path, port)
    await asyncio.gather(*(each.open() for each in followers))
    await set_target(port, "0.71")
    await asyncio.gather(*(each.next() for each in followers))
    await asyncio.gather(*(each.socket.close() for each in followers if each.socket))
    process.terminate()
    await process.wait()

    first = followers[0].versions[0]
    assert {tuple(each.versions) for each in followers} == {(first, first + 1)}
    assert not any(each.gaps for each in followers)
