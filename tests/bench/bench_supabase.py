"""The first sync with Supabase, and what queries feel of it: a real gateway, the real client, a real PostgreSQL.

Supabase is a machine of its own, and here it is not: PostgreSQL and what answers for REST would take the cores that the
gateway and the asker are measured on. So what they answered once is answered again from memory. That they do take them
is shown beside it: by a sync from PostgreSQL itself, and by a stranger who reads the same pages while the gateway does
nothing.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
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
RUNS = 3
IDLE_SECONDS, FAULT_SECONDS = 10.0, 5.0
COLUMNS = ("Supabase", "queries", "p50 ms", "p99 ms", "p99 against idle")
FAULTS = (Fault.REFUSE, Fault.BLACKHOLE, Fault.DELAY, Fault.ERROR_500, Fault.CUT)
READ = """query ($search: String) { negotiations(first: 5) { edges { node { id name version } } }
  invoices(first: 20, filter: {search: $search}) { totalCount edges { node { number amount status } } } }"""
HEALTH = "{ health { components { name status message } } }"

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]


@contextmanager
def process(module: str, *arguments: str) -> Iterator[str]:
    """Runs `python -m tests.bench.MODULE` to the end of its standard input; the line it prints first."""
    with subprocess.Popen(
        [sys.executable, "-m", f"tests.bench.{module}", *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        try:
            yield running.stdout.readline().strip()
        finally:
            running.communicate()


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


@dataclass(slots=True)
class FirstSync:
    """Seconds: of the whole, of each query meanwhile, of each query afterwards."""

    seconds: float
    during: list[float]
    idle: list[float]


@asynccontextmanager
async def syncing(
    folder: Path, url: str, key: str, http: httpx.AsyncClient
) -> AsyncIterator[tuple[Asker, FirstSync]]:
    """A gateway with an empty store, asked from its start until it has read everything."""
    starting = gateway(folder, SUPABASE_URL=url, SUPABASE_KEY=key)
    async with AsyncExitStack() as stack:
        _, address = await asyncio.to_thread(stack.enter_context, starting)
        began = perf_counter()
        asker, synced = Asker(address), asyncio.Event()

        async def wait() -> float:
            await until_read(asker, http)
            synced.set()
            return perf_counter() - began

        waiting = asyncio.create_task(wait())
        during = await asker.times(http, synced.is_set)
        yield asker, FirstSync(await waiting, during, [])


async def first_sync(
    folder: Path, url: str, key: str, http: httpx.AsyncClient, *, idle: float = IDLE_SECONDS
) -> FirstSync:
    await asyncio.to_thread(folder.mkdir)
    async with syncing(folder, url, key, http) as (asker, found):
        found.idle = await asked_for(asker, http, idle)
    return found


async def beside_a_stranger(
    asker: Asker, http: httpx.AsyncClient, url: str, key: str
) -> list[float]:
    """The queries of a gateway that syncs nothing, while somebody else reads the pages of `url`."""
    reading = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.page_reader", url, key, cwd=ROOT
    )
    times = await asker.times(http, lambda: reading.returncode is not None)
    assert reading.returncode == 0
    return times


async def test_reads_beside_the_sync(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], page: list[Table]
) -> None:
    """From an empty store to all of it; then through each fault, with nothing else to do."""
    with supabase_postgres() as postgres, ExitStack() as stack:
        fill(postgres)
        url, key = stack.enter_context(process("supabase_server", str(postgres.sockets))).split()
        replay = stack.enter_context(process("replay", url))
        async with FaultProxy(url, delay=30) as proxy, httpx.AsyncClient(timeout=120) as http:
            await first_sync(tmp_path / "remember", replay, key, http, idle=0)
            runs = [
                await first_sync(tmp_path / f"run{number}", replay, key, http)
                for number in range(RUNS)
            ]
            same_cores = await first_sync(tmp_path / "same-cores", url, key, http, idle=0)
            async with syncing(tmp_path, proxy.url, key, http) as (asker, _):
                idle = await asked_for(asker, http, IDLE_SECONDS)
                stranger = await beside_a_stranger(asker, http, url, key)
                faults = [row("idle", idle, idle)]
                for fault in FAULTS:
                    await proxy.set(fault)
                    faults.append(row(fault, await asked_for(asker, http, FAULT_SECONDS), idle))
                    await proxy.set(Fault.PASS)
                    await until_read(asker, http)
    quiet = [each for run in runs for each in run.idle]
    during = [each for run in runs for each in run.during]
    seconds = [f"{each.seconds:.1f}" for each in (*runs, same_cores)]
    tables = [
        Table(
            "First sync",
            ("Supabase", "measured", "aim"),
            [
                (f"{ROWS:,} rows of usage and the rest of the demo (s)", each, "30")
                for each in seconds[:-1]
            ]
            + [("the same from PostgreSQL on the same cores (s)", seconds[-1], "30")],
            of="each run",
        ),
        Table(
            "Queries beside the first sync; p99 is to stay within 20 % of idle",
            COLUMNS,
            [
                row("idle", quiet, quiet),
                row("first sync", during, quiet),
                row("first sync from PostgreSQL on the same cores", same_cores.during, quiet),
                row("no sync; a stranger reads from PostgreSQL on the same cores", stranger, idle),
            ],
            of=f"the first two lines: all queries of {RUNS} runs",
        ),
        Table("Queries while Supabase fails; p99 is to stay within 20 % of idle", COLUMNS, faults),
    ]
    page += tables
    with capsys.disabled():
        for table in tables:
            table.show(Console())
