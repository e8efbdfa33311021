"""Cost against work: more subscribers, more leaves. A cost that grows faster than its work would show here."""

from __future__ import annotations

from statistics import median

from tests.bench import contest
from tests.bench.contest import Server, requests, started
from tests.bench.live import measure, middle
from tests.bench.machine import Cores
from tests.bench.report import Table, count, micros, milliseconds
from tests.bench.scale import Scale
from tests.bench.servers.room import DASHBOARD, rows_for

SECONDS_EACH = 6.0
SHAPERS = (contest.OURS, contest.STOCK_CACHED, contest.YOGA, contest.MERCURIUS)


def cost(cores: Cores, scale: Scale) -> list[Table]:
    return [by_subscribers(cores, scale), by_leaves(cores, scale)]


def by_subscribers(cores: Cores, scale: Scale) -> Table:
    rows, runs = [], []
    for subscribers in scale.grow_subscribers:
        reports = measure([contest.OURS], cores, scale, subscribers)[contest.OURS]
        runs.append(len(reports))
        rows.append(
            (
                f"{subscribers:,}",
                count(middle(reports, "throughput", "deliveries_per_second")),
                micros(middle(reports, "throughput", "server_micros")),
                milliseconds(middle(reports, "latency", "last_p50_ms")),
                f"{1000 * middle(reports, 'latency', 'last_p50_ms') / subscribers:.1f}",
            )
        )
    columns = ("subscribers", "deliveries/s", "server µs each", "last p50 ms", "µs a subscriber")
    return Table("This gateway, more subscribers", columns, rows, min(runs))


def by_leaves(cores: Cores, scale: Scale) -> Table:
    found: dict[Server, dict[int, list[float]]] = {
        server: {leaves: [] for leaves in scale.grow_leaves} for server in SHAPERS
    }
    for _ in scale.rounds(SECONDS_EACH * len(SHAPERS) * scale.runs):
        for server in SHAPERS:
            with started(server, cores) as running:
                for leaves in scale.grow_leaves:
                    report = requests(
                        running,
                        cores,
                        query=DASHBOARD,
                        variables={"rows": rows_for(leaves)},
                        seconds=scale.seconds / 2,
                        cold=True,
                    )
                    found[server][leaves].append(report["server_micros"])
    columns = ("server µs a request", *(f"{leaves:,} leaves" for leaves in scale.grow_leaves))
    rows = [
        (server.name, *(micros(median(figures)) for figures in by_size.values()))
        for server, by_size in found.items()
    ]
    runs = len(found[contest.OURS][scale.grow_leaves[0]])
    return Table("Dashboard query, cold, more leaves", columns, rows, runs)
