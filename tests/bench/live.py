"""Fan-out: how fast one change reaches everyone, for us, the peers and the limits, and what a subscription costs."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Iterable, Sequence
from statistics import median
from typing import Any

from tests.bench import contest
from tests.bench.contest import Server, fan_out, started
from tests.bench.machine import Cores
from tests.bench.report import Table, count, micros, milliseconds, share, times
from tests.bench.scale import Scale

CONTESTANTS = (
    contest.OURS,
    contest.STOCK_CACHED,
    contest.YOGA,
    contest.APOLLO,
    contest.UVICORN_LIMIT,
    contest.TRANSPORT_LIMIT,
)
NODE = (contest.YOGA, contest.APOLLO)

SECONDS_EACH = 4.5  # of a server from start to end, when the machine has nothing else to do

Measured = dict[Server, list[Any]]


def middle(reports: Iterable[Any], *path: str) -> float:
    """The median over the runs of one figure."""
    figures = []
    for report in reports:
        for step in path:
            report = report[step]
        figures.append(report)
    return median(figures)


def kilobytes_each(reports: Sequence[Any], subscribers: int) -> float:
    """Growth of the server's resident memory per subscription that waits."""
    grown = [report["resident_idle"] - report["resident_before"] for report in reports]
    return max(0.0, median(grown) / subscribers / 1000)


def live(cores: Cores, scale: Scale) -> list[Table]:
    tables, goals, runs = [], [], []
    for subscribers in scale.fan_out:
        measured = measure(CONTESTANTS, cores, scale, subscribers)
        tables.append(fan_out_table(measured, subscribers))
        goals.append(goal_row(measured, subscribers))
        runs.append(len(measured[contest.OURS]))
    columns = ("subscribers", "stock Strawberry", "best Node peer", "uvicorn limit", "raw limit")
    compared = Table(
        "How often this gateway delivers in the server time of one delivery by",
        columns,
        goals,
        min(runs),
    )
    return [*tables, compared, distinct_table(cores, scale)]


def measure(servers: Sequence[Server], cores: Cores, scale: Scale, subscribers: int) -> Measured:
    """All servers in turn, again and again, so that what the machine does besides meets them all."""
    measured: Measured = {server: [] for server in servers}
    for _ in scale.rounds(SECONDS_EACH * len(servers) * scale.runs):
        for server in servers:
            with started(server, cores) as running:
                report = fan_out(
                    running,
                    cores,
                    subscribers=subscribers,
                    seconds=scale.seconds,
                    events=scale.events,
                    latency_seconds=scale.latency_seconds,
                )
            measured[server].append(report)
    return measured


def fan_out_table(measured: Measured, subscribers: int) -> Table:
    columns = (
        f"{subscribers:,} subscribers",
        "deliveries/s",
        "server µs each",
        "server core",
        "load core",
        "last p50 ms",
        "last p99 ms",
        "kB idle",
    )
    rows = [
        (
            server.name,
            count(middle(reports, "throughput", "deliveries_per_second")),
            micros(middle(reports, "throughput", "server_micros")),
            share(middle(reports, "throughput", "server_cpu")),
            share(middle(reports, "throughput", "load_cpu")),
            milliseconds(middle(reports, "latency", "last_p50_ms")),
            milliseconds(middle(reports, "latency", "last_p99_ms")),
            f"{kilobytes_each(reports, subscribers):.0f}",
        )
        for server, reports in measured.items()
    ]
    size = middle(measured[contest.OURS], "throughput", "bytes_per_delivery")
    return Table(
        f"{subscribers:,} subscribers of one operation, {size:,.0f} bytes each",
        columns,
        rows,
        len(measured[contest.OURS]),
    )


def goal_row(measured: Measured, subscribers: int) -> tuple[str, ...]:
    """By server time: on a free machine the same as by deliveries a second, on a busy one still true."""
    cost = {
        server: middle(reports, "throughput", "server_micros")
        for server, reports in measured.items()
    }
    others = (
        cost[contest.STOCK_CACHED],
        min(cost[server] for server in NODE),
        cost[contest.UVICORN_LIMIT],
        cost[contest.TRANSPORT_LIMIT],
    )
    return (f"{subscribers:,}", *(times(other / cost[contest.OURS]) for other in others))


def distinct_table(cores: Cores, scale: Scale) -> Table:
    rows, runs = [], []
    for operations in (1, *scale.distinct):
        executions, reports = [], []
        for _ in scale.rounds(SECONDS_EACH * scale.runs):
            with started(contest.OURS, cores) as running:
                report = fan_out(
                    running,
                    cores,
                    subscribers=scale.distinct_over,
                    operations=operations,
                    seconds=0,
                    events=scale.events,
                    latency_seconds=scale.latency_seconds,
                )
                # One execution of each told the subscribers the value at their beginning.
                later = executions_so_far(running.port) - operations
            executions.append(later / report["events"])
            reports.append(report)
        runs.append(len(reports))
        rows.append(
            (
                f"{operations}",
                f"{median(executions):g}",
                milliseconds(middle(reports, "latency", "last_p50_ms")),
                milliseconds(middle(reports, "latency", "last_p99_ms")),
            )
        )
    columns = ("distinct operations", "executions an event", "last p50 ms", "last p99 ms")
    return Table(
        f"Distinct operations over {scale.distinct_over:,} subscribers", columns, rows, min(runs)
    )


def executions_so_far(port: int) -> int:
    """What the gateway itself counts."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        found = re.search(
            r"^live_executions_total ([0-9.e+]+)$", answer.read().decode(), re.MULTILINE
        )
    if found is None:
        raise contest.Broken("the gateway does not count its executions")
    return int(float(found[1]))
