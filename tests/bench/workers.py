"""Two workers on one store: from the request to commit, which one of them takes, to the last subscriber of both."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from statistics import median
from time import monotonic

import httpx
from websockets.asyncio.client import ClientConnection, connect

from tests.bench.contest import START_SECONDS, Broken
from tests.bench.machine import Cores
from tests.bench.report import Table, milliseconds
from tests.bench.scale import Scale

WORKERS, TOGETHER, IN_EACH = 2, 40, 8
PAUSE_SECONDS = 0.15  # longer than the pause between two executions of a subscription
QUERY = "subscription { negotiationUpdated { version } }"
CHANGE = 'mutation { setTargets(input: {targetMargin: "0.%d"}) { negotiation { version } } }'
PROGRAM = Path(sys.executable).parent / "twilio-negotiation"


def workers(cores: Cores, scale: Scale) -> list[Table]:
    del cores  # two workers and the load share the machine
    delays = [asyncio.run(measured(scale.events)) for _ in range(scale.runs)]
    row = (
        f"{WORKERS}",
        *(milliseconds(median(at(each, share) for each in delays)) for share in (0.5, 0.95, 1.0)),
    )
    columns = ("workers", "last p50 ms", "last p95 ms", "slowest ms")
    title = "From the request to commit to the last subscriber of all workers"
    return [Table(title, columns, [row], len(delays))]


def at(delays: list[float], share: float) -> float:
    """Milliseconds."""
    return 1000 * sorted(delays)[max(0, round(share * len(delays)) - 1)]


async def measured(events: int) -> list[float]:
    async with gateway() as (pid, url), AsyncExitStack() as stack:
        sockets = await spread(pid, url, stack)
        async with httpx.AsyncClient(timeout=30) as http:
            return [await one(url, http, sockets, number) for number in range(events)]


async def one(url: str, http: httpx.AsyncClient, sockets: list[ClientConnection], n: int) -> float:
    await asyncio.sleep(PAUSE_SECONDS)
    began = monotonic()
    deliveries = asyncio.gather(*(received(socket) for socket in sockets))
    answer = await http.post(f"{url}/graphql", json={"query": CHANGE % (40 + n % 50)})
    if "errors" in answer.json():
        raise Broken(answer.text)
    return max(await deliveries) - began


async def received(socket: ClientConnection) -> float:
    async with asyncio.timeout(30):
        while json.loads(await socket.recv())["type"] != "next":
            pass
    return monotonic()


async def spread(pid: int, url: str, stack: AsyncExitStack) -> list[ClientConnection]:
    """Subscribers of whom each worker has some: the kernel decides who gets whom, and one may not accept yet."""
    until = monotonic() + START_SECONDS
    while monotonic() < until:
        before = {child: open_sockets(child) for child in children(pid)}
        sockets = [await following(url) for _ in range(TOGETHER)]
        if all(open_sockets(child) >= held + IN_EACH for child, held in before.items()):
            for socket in sockets:
                stack.push_async_callback(socket.close)
            return sockets
        for socket in sockets:
            await socket.close()
        await asyncio.sleep(1)
    raise Broken("one worker gets no connections")


async def following(url: str) -> ClientConnection:
    """A subscriber that has its first value."""
    socket = await connect(
        f"{url.replace('http', 'ws')}/graphql",
        subprotocols=["graphql-transport-ws"],  # type: ignore[list-item]
        compression=None,
    )
    await socket.send('{"type": "connection_init"}')
    await socket.recv()  # the acknowledgement
    await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": {"query": QUERY}}))
    await received(socket)
    return socket


@asynccontextmanager
async def gateway() -> AsyncIterator[tuple[int, str]]:
    with tempfile.TemporaryDirectory() as folder:
        said = Path(folder) / "stdout"
        with said.open("wb") as out:
            process = await asyncio.create_subprocess_exec(
                str(PROGRAM),
                "serve",
                "--port",
                "0",
                cwd=folder,
                env=os.environ
                | {"WORKERS": f"{WORKERS}", "DATA_DIR": folder, "DRAIN_SECONDS": "0"},
                stdout=out,
                stderr=asyncio.subprocess.DEVNULL,
            )
        try:
            yield process.pid, await address(said)
        finally:
            process.terminate()
            await process.wait()


async def address(said: Path) -> str:
    """Where it is, once one of the workers answers."""
    until = monotonic() + START_SECONDS
    async with httpx.AsyncClient() as http:
        while monotonic() < until:
            await asyncio.sleep(0.1)
            if found := re.search(r"Dashboard\s+(http://\S+)", read(said)):
                try:
                    await http.get(f"{found[1]}/healthz", headers={"connection": "close"})
                except httpx.HTTPError:
                    continue
                return found[1]
    raise Broken("the gateway did not start")


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [int(each) for each in text.split()]


def open_sockets(pid: int) -> int:
    folder = Path(f"/proc/{pid}/fd")
    return sum(f"{each.readlink()}".startswith("socket:") for each in folder.iterdir())
