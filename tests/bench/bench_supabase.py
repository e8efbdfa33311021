"""The first sync with Supabase, and what queries feel of it: a real gateway, the real client, a real PostgreSQL.

PostgreSQL, what answers for REST, the gateway and the asker are processes of their own; on two cores they are in each
other's way, which is part of what is measured.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

import httpx
import pytest
from rich.console import Console

from tests.bench.report import Table, milliseconds, share
from tests.doubles.faults import Fault, FaultProxy
from tests.doubles.postgres import Postgres, supabase_postgres
from tests.integration.test_commands import ROOT, gateway

ROWS = 90_000
SEED = ROOT / "schema/supabase/seed.sql"
PAUSE = 0.005
IDLE_SECONDS, FAULT_SECONDS = 10.0, 5.0
FAULTS = (Fault.REFUSE, Fault.BLACKHOLE, Fault.DELAY, Fault.ERROR_500, Fault.CUT)
READ = """query ($search: String) { negotiations(first: 5) { edges { node { id name version } } }
  invoices(first: 20, filter: {search: $search}) { totalCount edges { node { number amount status } } } }"""
HEALTH = "{ health { components { name status message } } }"

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]


@contextmanager
def project(postgres: Postgres) -> Iterator[tuple[str, str]]:
    """Address and key."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.bench.supabase_server", str(postgres.sockets)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        url, key = process.stdout.readline().split()
        try:
            yield url, key
        finally:
            process.communicate()


def fill(postgres: Postgres) -> None:
    """The demo workspace as if it were real, with usage up to the wanted number of rows."""
    postgres.run(SEED.read_text().replace("FIXTURE", "LIVE"))
    missing = ROWS - int(postgres.value("select count(*) from usage"))
    postgres.run(
        "insert into usage (day, sku, quantity) "
        f"select date '2024-11-01' + n % 700, 'more-' || n / 700, n from generate_series(1, {missing}) n"
    )


class Asker:
    """Asks one query after the other, each of which has to be executed: no two are the same."""

    def __init__(self, url: str) -> None:
        self._url = f"{url}/graphql"
        self._number = 0

    async def ask(self, http: httpx.AsyncClient, query: str, **variables: Any) -> Any:
        answer = await http.post(self._url, json={"query": query, "variables": variables})
        body = answer.json()
        assert "errors" not in body, body
        return body["data"]

    async def times(self, http: httpx.AsyncClient, done: Callable[[], bool]) -> list[float]:
        """Seconds of each query, asked until `done`."""
        found = []
        while not done():
            self._number += 1
            started = perf_counter()
            await self.ask(http, READ, search=f"INV {self._number}")
            found.append(perf_counter() - started)
            await asyncio.sleep(PAUSE)
        return found

    async def health(self, http: httpx.AsyncClient) -> str:
        components = (await self.ask(http, HEALTH))["health"]["components"]
        [said] = [each["message"] for each in components if each["name"] == "supabase"]
        return str(said)


def at(part: float, times: list[float]) -> float:
    """Milliseconds within which that part of the queries was answered."""
    return sorted(times)[min(int(len(times) * part), len(times) - 1)] * 1e3


def row(name: str, times: list[float], idle: list[float]) -> tuple[str, ...]:
    more = at(0.99, times) / at(0.99, idle) - 1
    return (
        name,
        f"{len(times):,}",
        milliseconds(at(0.5, times)),
        milliseconds(at(0.99, times)),
        "" if times is idle else share(more),
    )


async def asked_for(asker: Asker, http: httpx.AsyncClient, seconds: float) -> list[float]:
    until = perf_counter() + seconds
    return await asker.times(http, lambda: perf_counter() > until)


async def until_read(asker: Asker, http: httpx.AsyncClient) -> None:
    while not (await asker.health(http)).startswith("Read "):
        await asyncio.sleep(0.1)


async def test_reads_beside_the_sync(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], page: list[Table]
) -> None:
    """From an empty store to all of it; then through each fault, with nothing else to do."""
    with supabase_postgres() as postgres, ExitStack() as stack:
        fill(postgres)
        url, key = stack.enter_context(project(postgres))
        async with FaultProxy(url, delay=30) as proxy, httpx.AsyncClient(timeout=120) as http:
            starting = gateway(tmp_path, SUPABASE_URL=proxy.url, SUPABASE_KEY=key)
            _, address = await asyncio.to_thread(stack.enter_context, starting)
            began = perf_counter()
            asker, synced = Asker(address), asyncio.Event()

            async def wait() -> float:
                await until_read(asker, http)
                synced.set()
                return perf_counter() - began

            waiting = asyncio.create_task(wait())
            during = await asker.times(http, synced.is_set)
            seconds = await waiting
            idle = await asked_for(asker, http, IDLE_SECONDS)
            rows = [row("idle", idle, idle), row("first sync", during, idle)]
            for fault in FAULTS:
                await proxy.set(fault)
                rows.append(row(fault, await asked_for(asker, http, FAULT_SECONDS), idle))
                await proxy.set(Fault.PASS)
                await until_read(asker, http)
    loaded = Table(
        "First sync",
        ("Supabase", "measured", "aim"),
        [(f"{ROWS:,} rows of usage and the rest of the demo (s)", f"{seconds:.1f}", "30")],
    )
    asked = Table(
        "Queries meanwhile; p99 is to stay within 20 % of idle",
        ("Supabase", "queries", "p50 ms", "p99 ms", "p99 against idle"),
        rows,
    )
    page += [loaded, asked]
    with capsys.disabled():
        for table in page:
            table.show(Console())
    assert seconds < 300
