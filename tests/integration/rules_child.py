"""A process of its own that watches the rules of a store: `python -m tests.integration.rules_child PATH`, until it is killed."""

from __future__ import annotations

import asyncio
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

from adapters.clock import SystemClock
from adapters.store import open_store
from resolvers.rule_watch import RuleWatch
from tests.services import a_workbench


async def main(path: Path) -> None:
    clock: Any = SystemClock()
    bench = a_workbench(
        store=lambda _: open_store(path, clock, poll_every=0.005),
        clock=clock,
        allowed=("+1415555*",),
        per_recipient_daily=10_000,
        total_daily=10_000,
        daily_budget=Decimal(10_000),
    )
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await RuleWatch(clock, bench.signal, rest=0.005).run(bench.services, bench.pictures)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
