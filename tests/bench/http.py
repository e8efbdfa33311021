"""The dashboard query over HTTP: the same revision again and again (hot), and a new one for each request (cold)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tests.bench import contest
from tests.bench.contest import Server, requests, started
from tests.bench.live import middle
from tests.bench.machine import Cores
from tests.bench.report import Table, count, micros, milliseconds, share, times
from tests.bench.scale import Scale
from tests.bench.servers.room import DASHBOARD, DASHBOARD_LEAVES, rows_for

CONTESTANTS = (
    contest.OURS,
    contest.STOCK,
    contest.STOCK_CACHED,
    contest.YOGA,
    contest.APOLLO,
    contest.MERCURIUS,
    contest.UVICORN_LIMIT,
)


SECONDS_EACH = 5.5
SHORT = {contest.UVICORN_LIMIT: "the limit", contest.YOGA: "yoga"}


class Different(Exception):
    """Two servers gave different answers: nothing to compare."""


def http(cores: Cores, scale: Scale) -> list[Table]:
    hot: dict[Server, list[Any]] = {server: [] for server in CONTESTANTS}
    cold: dict[Server, list[Any]] = {server: [] for server in CONTESTANTS}
    for _ in scale.rounds(SECONDS_EACH * len(CONTESTANTS) * scale.runs):
        for server in CONTESTANTS:
            with started(server, cores) as running:
                for reports, fresh in ((hot, False), (cold, True)):
                    report = requests(
                        running,
                        cores,
                        query=DASHBOARD,
                        variables={"rows": rows_for(DASHBOARD_LEAVES)},
                        seconds=scale.seconds,
                        cold=fresh,
                    )
                    reports[server].append(report)
    check_alike([*hot.values(), *cold.values()])
    del cold[contest.UVICORN_LIMIT]  # it computes nothing: there is no cold limit
    return [
        table("hot: the same revision", hot, contest.UVICORN_LIMIT),
        table("cold: each request meets a new revision", cold, contest.YOGA),
    ]


def check_alike(reports: Sequence[Sequence[Any]]) -> None:
    """Everyone answers the same data, but for the number that publishing changes."""
    answers = set()
    for each in reports:
        data = json.loads(each[0]["body"])["data"]
        data["dashboard"].pop("sequence")
        answers.add(json.dumps(data, sort_keys=True))
    if len(answers) != 1:
        raise Different(f"{len(answers)} different answers to the dashboard query")


def table(title: str, measured: dict[Server, list[Any]], reference: Server) -> Table:
    base = middle(measured[reference], "server_micros")
    columns = (
        f"about {DASHBOARD_LEAVES} leaves",
        "requests/s",
        f"to {SHORT[reference]}",
        "server µs each",
        "server core",
        "load core",
        "p50 ms",
        "p99 ms",
    )
    rows = [
        (
            server.name,
            count(middle(reports, "requests_per_second")),
            times(base / middle(reports, "server_micros")),
            micros(middle(reports, "server_micros")),
            share(middle(reports, "server_cpu")),
            share(middle(reports, "load_cpu")),
            milliseconds(middle(reports, "p50_ms")),
            milliseconds(middle(reports, "p99_ms")),
        )
        for server, reports in measured.items()
    ]
    return Table(f"Dashboard query, {title}", columns, rows, len(measured[contest.OURS]))
