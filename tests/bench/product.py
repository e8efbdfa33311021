"""The product itself over its demo workspace: its own screen, its own subscription, commits on disk, its own pauses."""

from __future__ import annotations

import json
from typing import Any

from tests.bench.contest import PRODUCT, fan_out, requests, started
from tests.bench.live import middle
from tests.bench.machine import Cores
from tests.bench.report import Table, count, micros, milliseconds, share
from tests.bench.scale import Scale
from tests.bench.servers.product import FOLLOWED, SCREEN

SECONDS_EACH = 8.0


def product(cores: Cores, scale: Scale) -> list[Table]:
    return [screen(cores, scale), followers(cores, scale)]


def screen(cores: Cores, scale: Scale) -> Table:
    hot, cold = [], []
    for _ in scale.rounds(SECONDS_EACH * scale.runs):
        with started(PRODUCT, cores) as running:
            for reports, fresh in ((hot, False), (cold, True)):
                report = requests(
                    running,
                    cores,
                    query=SCREEN,
                    variables={},
                    seconds=scale.seconds,
                    cold=fresh,
                    connections=4,
                )
                reports.append(report)
    columns = (
        "negotiation screen",
        "requests/s",
        "server µs each",
        "server core",
        "p50 ms",
        "p99 ms",
    )
    rows = [
        (
            name,
            count(middle(reports, "requests_per_second")),
            micros(middle(reports, "server_micros")),
            share(middle(reports, "server_cpu")),
            milliseconds(middle(reports, "p50_ms")),
            milliseconds(middle(reports, "p99_ms")),
        )
        for name, reports in (("hot", hot), ("cold: a commit before each", cold))
    ]
    answer = json.loads(hot[0]["body"])
    return Table(
        f"Its negotiation screen, {leaves(answer['data'])} leaves", columns, rows, len(hot)
    )


def followers(cores: Cores, scale: Scale) -> Table:
    subscribers, reports = scale.distinct_over, []
    for _ in scale.rounds(SECONDS_EACH * scale.runs):
        with started(PRODUCT, cores) as running:
            report = fan_out(
                running,
                cores,
                subscribers=subscribers,
                seconds=0,
                events=scale.events,
                latency_seconds=scale.latency_seconds,
                query=FOLLOWED,
                pause_ms=100,
            )
        reports.append(report)
    columns = ("subscribers", "each p50 ms", "last p50 ms", "last p99 ms")
    row = (
        f"{subscribers:,}",
        milliseconds(middle(reports, "latency", "each_p50_ms")),
        milliseconds(middle(reports, "latency", "last_p50_ms")),
        milliseconds(middle(reports, "latency", "last_p99_ms")),
    )
    return Table("From the request to commit to the subscribers", columns, [row], len(reports))


def leaves(value: Any) -> int:
    match value:
        case dict():
            return sum(map(leaves, value.values()))
        case list():
            return sum(map(leaves, value))
        case _:
            return 1
