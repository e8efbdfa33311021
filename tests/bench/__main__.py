"""`python -m tests.bench [live|readers|http|idle|cost|product|workers|all] [--quick]`: build, measure, show, and write docs/benchmarks.md."""

from __future__ import annotations

import argparse
import resource
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic

from rich.console import Console

from tests.bench import build, machine, report
from tests.bench.contest import Broken
from tests.bench.cost import cost
from tests.bench.http import http
from tests.bench.idle import idle
from tests.bench.live import live
from tests.bench.machine import Cores
from tests.bench.product import product
from tests.bench.readers import readers
from tests.bench.report import Table
from tests.bench.scale import FULL, QUICK, Scale
from tests.bench.workers import workers

WIDTH = 118  # of the widest table

Part = Callable[[Cores, Scale], list[Table]]
PARTS: dict[str, Part] = {
    "live": live,
    "readers": readers,
    "http": http,
    "idle": idle,
    "cost": cost,
    "product": product,
    "workers": workers,
}


def main() -> None:
    options = parsed()
    console = Console()
    console.width = max(console.width, WIDTH)
    scale = QUICK if options.quick else FULL
    cores = Cores.of_this_machine()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    try:
        build.build_generator()
        build.build_peers()
        for name in PARTS if options.part == "all" else [options.part]:
            began = monotonic()
            tables = PARTS[name](cores, scale)
            for table in tables:
                table.show(console)
            console.print(f"[dim]{name}: {monotonic() - began:.0f} s[/dim]\n")
            if not options.quick:
                report.write(name, made(name, cores), tables)
    except (Broken, build.NotBuilt) as error:
        sys.exit(f"{error}")


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("part", nargs="?", default="all", choices=[*PARTS, "all"])
    parser.add_argument(
        "--quick", action="store_true", help="a look in a minute and a half; writes nothing"
    )
    return parser.parse_args()


def made(name: str, cores: Cores) -> str:
    who = f"server on core {cores.server}, load on core {cores.load}"
    if PARTS[name] is workers:
        who = "workers and load on all cores"
    return f"{datetime.now(UTC):%Y-%m-%d}, {machine.description()}; {who}. Again: `python -m tests.bench {name}`."


if __name__ == "__main__":
    main()
