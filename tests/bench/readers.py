"""Readers that stop reading: what the others notice, and what one of them costs the server."""

from __future__ import annotations

import json
import socket
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from websockets.client import ClientProtocol
from websockets.protocol import OPEN
from websockets.typing import Subprotocol
from websockets.uri import parse_uri

from tests.bench import contest
from tests.bench.contest import Running, fan_out, started
from tests.bench.live import middle
from tests.bench.machine import Cores
from tests.bench.report import Table, milliseconds
from tests.bench.scale import Scale
from tests.bench.servers.room import SUBSCRIPTION

ALL, STUCK = 1_000, 50
SECONDS_EACH = 6.0
RECEIVE_BUFFER = 4_096
PATIENCE = 10.0


def readers(cores: Cores, scale: Scale) -> list[Table]:
    measured: dict[int, list[Any]] = {0: [], STUCK: []}
    grown: dict[int, list[float]] = {0: [], STUCK: []}
    for _ in scale.rounds(SECONDS_EACH * len(measured) * scale.runs):
        for stuck, reports in measured.items():
            with started(contest.OURS, cores) as running, stopped(running, stuck):
                before = resident(running.pid)
                reports.append(
                    fan_out(
                        running,
                        cores,
                        subscribers=ALL - stuck,
                        seconds=scale.seconds,
                        events=scale.events,
                        latency_seconds=scale.latency_seconds,
                    )
                )
                grown[stuck].append(resident(running.pid) - before)
    more = median(grown[STUCK]) - median(grown[0]) * (ALL - STUCK) / ALL
    rows = [
        (
            f"{stuck} of {ALL:,}",
            milliseconds(middle(reports, "latency", "last_p50_ms")),
            milliseconds(middle(reports, "latency", "last_p99_ms")),
            f"{max(0.0, more / stuck / 1000):.0f}" if stuck else "",
        )
        for stuck, reports in measured.items()
    ]
    columns = ("stopped reading", "the others' last p50 ms", "p99 ms", "kB for each that is stuck")
    return [Table("Readers that stop reading", columns, rows, len(measured[0]))]


@contextmanager
def stopped(running: Running, count: int) -> Generator[None, None, None]:
    """So many subscribe, hear that they are let in, and read nothing after that."""
    with ExitStack() as all_of_them:
        for _ in range(count):
            all_of_them.enter_context(subscribed(running.port))
        yield


def subscribed(port: int) -> socket.socket:
    protocol = ClientProtocol(
        parse_uri(f"ws://127.0.0.1:{port}/graphql"),
        subprotocols=[Subprotocol("graphql-transport-ws")],
    )
    opened = socket.socket()
    opened.settimeout(PATIENCE)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    opened.connect(("127.0.0.1", port))

    def say(message: dict[str, Any]) -> None:
        protocol.send_text(json.dumps(message).encode())
        opened.sendall(b"".join(protocol.data_to_send()))

    protocol.send_request(protocol.connect())
    opened.sendall(b"".join(protocol.data_to_send()))
    while protocol.state is not OPEN:
        protocol.receive_data(opened.recv(4_096))
        if protocol.handshake_exc is not None:
            raise contest.Broken(f"no socket: {protocol.handshake_exc}")
    say({"type": "connection_init"})
    protocol.receive_data(opened.recv(4_096))
    say({"type": "subscribe", "id": "1", "payload": {"query": SUBSCRIPTION}})
    return opened


def resident(pid: int) -> float:
    """Bytes of memory that the process has now."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096.0
