"""What bench_*.py measures goes to the terminal, and with BENCH_WRITE set to docs/benchmarks.md, too."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.bench import machine, report
from tests.bench.report import Table


@pytest.fixture(scope="module")
def page(request: pytest.FixtureRequest) -> Iterator[list[Table]]:
    """The tables of this file, for the section that is named like it: bench_store.py fills `store`."""
    tables: list[Table] = []
    yield tables
    if os.environ.get("BENCH_WRITE") and tables:
        name = request.path.stem.removeprefix("bench_")
        made = f"{datetime.now(UTC):%Y-%m-%d}, {machine.description()}. Again: `make bench`."
        report.write(name, made, tables)
