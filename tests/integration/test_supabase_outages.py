"""Supabase away, slow, in trouble or altered while a real gateway is read and written: nobody waits, nothing is lost.

OUTAGE_SECONDS=60 is the full form; there the promised times are held against what was measured.
"""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import httpx
import pytest

from tests.doubles.faults import Fault, FaultProxy
from tests.doubles.postgres import missing_programs, supabase_postgres
from tests.doubles.supabase_project import SupabaseProject
from tests.integration.test_commands import gateway

SECONDS = float(os.environ.get("OUTAGE_SECONDS", "3"))
FULL = SECONDS >= 60
DEGRADED_WITHIN, WELL_WITHIN = 5.0, 10.0
BOUND = 120.0
"""Only stops what hangs."""
ALTERED = "the schema is changed"
FAULTS = [
    Fault.REFUSE,
    Fault.BLACKHOLE,
    Fault.DELAY,
    Fault.ERROR_500,
    Fault.CUT,
    ALTERED,
]
READ = "{ negotiation { id version } invoices(first: 5) { totalCount edges { node { number amount } } } }"
WRITE = (
    "mutation ($csv: String!) { importInvoices(input: {csv: $csv}) { accepted rows { message } } }"
)
HEALTH = "{ health { components { name status message } } }"


@dataclass
class Product:
    """The gateway as its users see it, and what they saw."""

    url: str
    http: httpx.AsyncClient
    reads: list[float] = field(default_factory=list)
    written: list[str] = field(default_factory=list)

    async def ask(self, query, **variables):
        answer = await self.http.post(
            f"{self.url}/graphql", json={"query": query, "variables": variables}
        )
        body = answer.json()
        assert "errors" not in body, body
        return body["data"]

    async def read_on(self):
        """Any failure ends the test."""
        while True:
            began = time.perf_counter()
            await self.ask(READ)
            self.reads.append(time.perf_counter() - began)
            await asyncio.sleep(0.01)

    async def write_on(self):
        """One invoice after another, each once."""
        while True:
            number = f"W-{len(self.written)}"
            row = f"number,period_start,period_end,amount,currency,status\n{number},2026-01-01,2026-01-31,1.10,USD,open"
            imported = (await self.ask(WRITE, csv=row))["importInvoices"]
            assert imported == {"accepted": 1, "rows": []}
            self.written.append(number)
            await asyncio.sleep(0.05)

    async def until(self, status):
        """How long it takes until health says so of Supabase."""
        began = time.monotonic()
        async with asyncio.timeout(BOUND):
            while True:
                components = (await self.ask(HEALTH))["health"]["components"]
                [supabase] = [each for each in components if each["name"] == "supabase"]
                if supabase["status"] == status:
                    return time.monotonic() - began
                await asyncio.sleep(0.05)


@pytest.fixture
def postgres():
    if missing := missing_programs():
        pytest.skip(f"PostgreSQL's {', '.join(missing)}: apt-get install postgresql")
    with supabase_postgres() as server:
        yield server


def say(measured):
    print(measured)  # noqa: T201 - what was measured is seen with -s, and where the test fails


async def begin(fault, proxy, postgres):
    if fault is ALTERED:
        postgres.run("alter function feed_after(text, bigint, integer) rename to feed_before")
    else:
        await proxy.set(fault)


async def end(fault, proxy, postgres):
    if fault is ALTERED:
        postgres.run("alter function feed_before(text, bigint, integer) rename to feed_after")
    else:
        await proxy.set(Fault.PASS)


async def arrived(postgres, product):
    """Until everything that was written is there; the rows, each with how often it was written."""
    async with asyncio.timeout(BOUND):
        while int(postgres.value("select count(*) from invoices")) < len(product.written):
            await asyncio.sleep(0.1)
    return dict(postgres.run("select number, row_version from invoices"))


@pytest.mark.timeout(900)
async def test_reads_never_fail_writes_arrive_once_and_health_tells_through_six_faults(
    postgres, tmp_path
):
    async with AsyncExitStack() as stack:
        project = await stack.enter_async_context(SupabaseProject(postgres))
        proxy = await stack.enter_async_context(FaultProxy(project.url, delay=30))
        starting = gateway(tmp_path, SUPABASE_URL=proxy.url, SUPABASE_KEY=project.key)
        _, url = await asyncio.to_thread(stack.enter_context, starting)
        http = await stack.enter_async_context(httpx.AsyncClient(timeout=BOUND))
        product = Product(url, http)
        await product.until("OK")

        async with asyncio.TaskGroup() as users:
            at_work = [users.create_task(product.read_on()) for _ in range(3)]
            at_work.append(users.create_task(product.write_on()))
            for fault in FAULTS:
                await begin(fault, proxy, postgres)
                degraded = await product.until("DEGRADED")
                await asyncio.sleep(SECONDS / len(FAULTS))
                await end(fault, proxy, postgres)
                well = await product.until("OK")
                say(f"{fault}: DEGRADED after {degraded:.1f} s, OK {well:.1f} s after its end")
                if FULL:
                    assert degraded <= DEGRADED_WITHIN, fault
                    assert well <= WELL_WITHIN, fault
            for task in at_work:
                task.cancel()

        found = await arrived(postgres, product)
        assert found == dict.fromkeys(product.written, "1")
        say(f"{len(product.reads)} reads, none failed; {len(product.written)} writes, once each")
