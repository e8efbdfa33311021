"""Ten thousand who wait: how long until all are there, what they cost, and one event to all of them."""

from __future__ import annotations

from statistics import median
from typing import Any

from tests.bench import contest
from tests.bench.contest import Server, fan_out, started
from tests.bench.live import kilobytes_each, middle
from tests.bench.machine import Cores
from tests.bench.report import Table, count, micros, milliseconds
from tests.bench.scale import Scale

CONTESTANTS = (contest.OURS, contest.UVICORN_LIMIT)
SECONDS_EACH = 8.0


def idle(cores: Cores, scale: Scale) -> list[Table]:
    measured: dict[Server, list[Any]] = {server: [] for server in CONTESTANTS}
    for _ in scale.rounds(SECONDS_EACH * len(CONTESTANTS) * scale.runs):
        for server in CONTESTANTS:
            with started(server, cores) as running:
                report = fan_out(
                    running,
                    cores,
                    subscribers=scale.idle,
                    seconds=0,
                    events=5,
                    latency_seconds=scale.latency_seconds,
                )
            measured[server].append(report)
    columns = (
        f"{scale.idle:,} subscriptions",
        "all there in s",
        "server µs each",
        "MB before",
        "MB with all",
        "kB each",
        "one event to all, ms",
    )
    rows = [
        (
            server.name,
            f"{middle(reports, 'connect_seconds'):.2f}",
            micros(median(connect_micros(report, scale.idle) for report in reports)),
            count(middle(reports, "resident_before") / 1e6),
            count(middle(reports, "resident_idle") / 1e6),
            f"{kilobytes_each(reports, scale.idle):.1f}",
            milliseconds(middle(reports, "latency", "last_p50_ms")),
        )
        for server, reports in measured.items()
    ]
    return [Table(f"{scale.idle:,} idle subscriptions", columns, rows, len(measured[contest.OURS]))]


def connect_micros(report: Any, subscribers: int) -> float:
    """Server time of one handshake, acknowledgement, subscription and first value."""
    spent: float = report["connect_seconds"] * report["connect_server_cpu"]
    return spent * 1e6 / subscribers
