"""The import of usage from Twilio, and what queries feel of it: a real gateway, twilio's own client, pages from memory."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

import httpx
import pytest
from rich.console import Console

from tests.bench.bench_supabase import COLUMNS, IDLE_SECONDS, Asker, asked_for, process, row
from tests.bench.report import Table
from tests.doubles.twilio import SID, TOKEN
from tests.integration.test_commands import gateway

DAYS = 396
RUNS = 3
ASK = "mutation ($input: SyncTwilioInput!) { syncTwilio(input: $input) { run { id } userErrors { message } } }"
STATE = "{ twilioImport { current { rowsRead } last { state rowsRead rowsWritten } } }"

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]


@dataclass(slots=True)
class Imported:
    """Seconds: of the whole, of each query meanwhile, of each query before it. `records`: how many were read."""

    seconds: float
    records: int
    during: list[float]
    idle: list[float]


async def imported(
    folder: Path, url: str, http: httpx.AsyncClient, *, idle: float = IDLE_SECONDS
) -> Imported:
    """A gateway with the demo, asked before and while it reads everything."""
    await asyncio.to_thread(folder.mkdir)
    told = {
        "WORKSPACE": "demo",
        "TWILIO_ACCOUNT_SID": SID,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_BASE_URL": url,
        "TWILIO_SYNC_HOUR": "-1",
    }
    with ExitStack() as stack:
        _, address = await asyncio.to_thread(stack.enter_context, gateway(folder, **told))
        asker, done = Asker(address), asyncio.Event()
        before = await asked_for(asker, http, idle)
        since = datetime.now(UTC).date() - timedelta(days=DAYS)
        began = perf_counter()
        wanted = {"since": since.isoformat(), "pricing": False}
        await asker.ask(http, ASK, input=wanted)

        async def wait() -> tuple[float, int]:
            while (state := (await asker.ask(http, STATE))["twilioImport"])["current"] is not None:
                await asyncio.sleep(0.1)
            done.set()
            assert state["last"]["state"] == "DONE"
            return perf_counter() - began, state["last"]["rowsRead"]

        waiting = asyncio.create_task(wait())
        during = await asker.times(http, done.is_set)
        seconds, records = await waiting
    return Imported(seconds, records, during, before)


async def test_reads_beside_the_import(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], page: list[Table]
) -> None:
    with ExitStack() as stack:
        url = stack.enter_context(process("usage_server", str(DAYS)))
        replay = stack.enter_context(process("replay", url))
        async with httpx.AsyncClient(timeout=120) as http:
            await imported(tmp_path / "remember", replay, http, idle=0.1)
            runs = [
                await imported(tmp_path / f"run{number}", replay, http) for number in range(RUNS)
            ]
    quiet = [each for run in runs for each in run.idle]
    during = [each for run in runs for each in run.during]
    tables = [
        Table(
            "Import from Twilio",
            ("records", "seconds"),
            [(f"{run.records:,}", f"{run.seconds:.1f}") for run in runs],
            of="each run",
        ),
        Table(
            "Queries beside the import",
            ("Twilio", *COLUMNS[1:]),
            [row("idle", quiet, quiet), row("import", during, quiet)],
            of=f"all queries of {RUNS} runs",
        ),
    ]
    page += tables
    with capsys.disabled():
        for table in tables:
            table.show(Console())
