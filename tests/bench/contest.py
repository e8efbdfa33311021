"""Who takes part, how each is started on its core, and how the load is put on it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from tests.bench.build import GENERATOR, PEERS, node_binary
from tests.bench.machine import Cores
from tests.bench.servers.room import SDL, SUBSCRIPTION, room_data

ROOT = Path(__file__).parents[2]
START_SECONDS = 60.0


class Broken(Exception):
    """A server did not start, or the load generator gave up."""


@dataclass(frozen=True, slots=True)
class Server:
    """`command` is followed by the file of the common room."""

    name: str
    command: tuple[str, ...]
    more: tuple[str, ...] = ()


def python(name: str, module: str, *before: str, more: tuple[str, ...] = ()) -> Server:
    return Server(name, (sys.executable, "-m", f"tests.bench.servers.{module}", *before), more)


def node(name: str, script: str) -> Server:
    return Server(name, (node_binary(), str(PEERS / script)))


OURS = python("this gateway", "ours")
PRODUCT = python("this gateway, its own schema", "product")
STOCK = python("stock Strawberry", "stock")
STOCK_CACHED = python("stock Strawberry, caches on", "stock", more=("cached",))
YOGA = node("graphql-yoga 5", "yoga.mjs")
APOLLO = node("Apollo Server 5 + graphql-ws", "apollo.mjs")
MERCURIUS = node("mercurius 16, JIT", "mercurius.mjs")
UVICORN_LIMIT = python("limit: uvicorn", "limits", "uvicorn")
TRANSPORT_LIMIT = python("limit: uvloop transports", "limits", "transport")


@dataclass(frozen=True, slots=True)
class Running:
    port: int
    pid: int


@contextmanager
def started(server: Server, cores: Cores) -> Generator[Running, None, None]:
    """The server on its core, in a fresh process; stopped at the end."""
    with (
        tempfile.NamedTemporaryFile("w", suffix=".json") as data,
        tempfile.NamedTemporaryFile("w+", suffix=".log") as said,
    ):
        json.dump({"sdl": SDL, **room_data()}, data)
        data.flush()
        process = subprocess.Popen(
            ["taskset", "-c", str(cores.server), *server.command, data.name, *server.more],
            cwd=ROOT,
            stdout=said,
            stderr=subprocess.STDOUT,
            env=os.environ | {"NODE_ENV": "production", "PYTHONPATH": str(ROOT)},
        )
        try:
            yield Running(_port(process, Path(said.name)), process.pid)
        except Broken as broken:
            said.seek(0)
            raise Broken(f"{server.name}: {broken}\n{said.read()[-2000:]}") from None
        finally:
            _stop(process)


def _port(process: subprocess.Popen[bytes], said: Path) -> int:
    """Servers say it on a line of their own once they listen."""
    until = monotonic() + START_SECONDS
    while monotonic() < until and process.poll() is None:
        for line in said.read_text().splitlines():
            if line.startswith('{"port":'):
                port: int = json.loads(line)["port"]
                return port
        sleep(0.02)
    raise Broken("did not start")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(5)


def put_load(plan: dict[str, Any], running: Running, cores: Cores, seconds: float) -> Any:
    """The generator's report. `seconds`: the most it may take."""
    full = {"port": running.port, "pid": running.pid, "path": "/graphql", **plan}
    done = subprocess.run(
        ["taskset", "-c", str(cores.load), str(GENERATOR)],
        input=json.dumps(full),
        capture_output=True,
        text=True,
        timeout=seconds + 10,
    )
    if done.returncode:
        raise Broken(done.stderr.strip())
    return json.loads(done.stdout)


def fan_out(
    running: Running,
    cores: Cores,
    *,
    subscribers: int,
    seconds: float,
    events: int,
    latency_seconds: float = 3.0,
    operations: int = 1,
    window: int = 2,
    query: str = SUBSCRIPTION,
    pause_ms: int = 20,
    timeout: float = 60.0,
) -> Any:
    """Subscribers who all get `seconds` of events as fast as they come, then single ones, counted for latency."""
    plan = {
        "kind": "fanout",
        "query": query,
        "subscribers": subscribers,
        "operations": operations,
        "opening": 64,
        "warmup_seconds": min(0.5, seconds),
        "seconds": seconds,
        "window": window,
        "events": events,
        "latency_seconds": latency_seconds,
        "pause_ms": pause_ms,
        "timeout_seconds": timeout,
    }
    return put_load(plan, running, cores, timeout)


def requests(
    running: Running,
    cores: Cores,
    *,
    query: str,
    variables: dict[str, Any],
    seconds: float,
    cold: bool = False,
    connections: int = 16,
    warmup_seconds: float = 0.7,
) -> Any:
    """The query again and again on `connections` connections. `cold`: each request meets a new revision."""
    plan = {
        "kind": "http",
        "body": json.dumps({"query": query, "variables": variables}),
        "headers": [["x-bench-cold", "1"]] if cold else [],
        "connections": connections,
        "warmup_seconds": warmup_seconds,
        "seconds": seconds,
    }
    return put_load(plan, running, cores, seconds + warmup_seconds + 30)
