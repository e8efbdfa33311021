"""How fast the outbox is on this machine, on disk (WAL, synchronous=FULL) and against a Twilio that answers in 20 ms."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from time import perf_counter, process_time

import pytest
from rich.console import Console

from adapters.clock import SystemClock
from adapters.outbox import OutboxPolicy
from adapters.store import open_store
from negotiation.records import NotificationStatus
from resolvers import batches, notifications
from resolvers.notifications import Message
from tests.bench.report import Table
from tests.doubles.twilio import TwilioDouble, takes
from tests.doubles.wait import until
from tests.integration.test_outbox import gateway, queued
from tests.services import OPERATOR, a_workbench

ALONE, TOGETHER, BATCH, BATCHES, DRAINED = 500, 1_000, 500, 10, 2_000
ANSWER_SECONDS = 0.02

pytestmark = [pytest.mark.bench, pytest.mark.timeout(120)]


def shown(
    capsys: pytest.CaptureFixture[str], page: list[Table], *rows: tuple[str, str, str]
) -> None:
    table = Table(("Queueing", "Sending")[len(page)], ("outbox", "measured", "aim"), rows)
    page.append(table)
    with capsys.disabled():
        table.show(Console())


async def test_queueing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], page: list[Table]
) -> None:
    """Through the use cases with their caps: one after the other, many waiting, and in batches of one commit."""
    bench = a_workbench(
        store=lambda _: open_store(tmp_path / "store.sqlite3", SystemClock()),
        default_recipient="+14155552671",
        per_recipient_daily=100_000,
        total_daily=100_000,
        daily_budget=Decimal(100_000),
    )

    async def send(key: str) -> None:
        message = Message(body="Hello", idempotency_key=key)
        await notifications.send(bench.services, OPERATOR, message)

    started = perf_counter()
    for number in range(ALONE):
        await send(f"alone-{number}")
    alone = ALONE / (perf_counter() - started)
    started = perf_counter()
    await asyncio.gather(*(send(f"together-{number}") for number in range(TOGETHER)))
    together = TOGETHER / (perf_counter() - started)
    started = perf_counter()
    for batch in range(BATCHES):
        keys = [f"batch-{batch}-{number}" for number in range(BATCH)]
        messages = [Message(body="Hello", idempotency_key=key) for key in keys]
        _, items = await batches.send_many(bench.services, OPERATOR, messages)
        assert all(item.row is not None for item in items)
    batched = BATCH * BATCHES / (perf_counter() - started)
    bench.store.close()
    shown(
        capsys,
        page,
        ("queued/s, one after the other", f"{alone:,.0f}", "500"),
        ("queued/s, all waiting together", f"{together:,.0f}", ""),
        (f"queued/s, {BATCH} to a commit", f"{batched:,.0f}", "5,000"),
    )
    assert alone > 25
    assert batched > 250


async def test_sending(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], page: list[Table]
) -> None:
    """Claimed, sent by twilio's own client, settled; the Twilio runs in this process too."""
    policy = replace(OutboxPolicy(), concurrency=20)
    async with (
        TwilioDouble() as twilio,
        gateway(tmp_path / "store.sqlite3", twilio, policy=policy) as running,
    ):
        twilio.default = takes(ANSWER_SECONDS)
        started, worked = perf_counter(), process_time()
        await running.queue(*[queued(number) for number in range(DRAINED)])
        await until(lambda: running.all_are(NotificationStatus.SENT), within=100)
        rate = DRAINED / (perf_counter() - started)
        effort = (process_time() - worked) / DRAINED
        assert len(twilio.sent) == DRAINED
    shown(
        capsys,
        page,
        (f"sent/s, answered in {ANSWER_SECONDS * 1e3:.0f} ms", f"{rate:,.0f}", "300"),
        ("  work on each, with that Twilio's (ms)", f"{effort * 1e3:.2f}", ""),
    )
    assert rate > 15
