"""How fast the store is on this machine: `make bench` prints the table. Bounds are generous; the figures are for reading."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import aclosing
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter

import pytest
from rich.console import Console

from adapters.clock import SystemClock
from adapters.store import SqliteStore, open_store, restore, seed
from negotiation.records import Record
from tests.bench.report import Table
from tests.builders import a_negotiation, a_notification, a_row, a_sku
from tests.stores import put

DAYS, SKUS = 730, 137
FIRST_DAY = date(2024, 1, 1)

pytestmark = [pytest.mark.bench, pytest.mark.timeout(60)]


def usage(days: int, skus: int, revision: int = 1) -> list[Record]:
    return [
        a_row(FIRST_DAY + timedelta(days=d), f"sku-{k}", f"{d * k}.25", revision=revision)
        for d in range(days)
        for k in range(skus)
    ]


async def seconds(work: Awaitable[object]) -> float:
    started = perf_counter()
    await work
    return perf_counter() - started


def shown(
    capsys: pytest.CaptureFixture[str], page: list[Table], *rows: tuple[str, str, str]
) -> None:
    columns = ("store (WAL, synchronous=FULL)", "measured", "bound")
    table = Table(
        ("Commits", "A hundred thousand rows", "How soon a commit is seen")[len(page)],
        columns,
        rows,
    )
    page.append(table)
    with capsys.disabled():
        table.show(Console())


async def test_small_commits(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], page: list[Table]
) -> None:
    store, names = open_store(tmp_path / "store.sqlite3", SystemClock()), count()

    async def queue_one() -> float:
        name = f"{next(names)}"
        return await seconds(put(store, a_notification(id=name, idempotency_key=name)))

    alone = [await queue_one() for _ in range(1000)]
    started = perf_counter()
    for _ in range(20):
        await asyncio.gather(*(queue_one() for _ in range(100)))
    together = 2000 / (perf_counter() - started)
    store.close()
    one = 1000 / sum(alone)
    ordered = sorted(alone)
    shown(
        capsys,
        page,
        ("commits/s, one after the other", f"{one:,.0f}", "> 50"),
        ("  median, p99 (ms)", f"{median(alone) * 1e3:.2f}, {ordered[989] * 1e3:.2f}", ""),
        ("commits/s, 100 waiting together", f"{together:,.0f}", "> 200"),
    )
    assert one > 50
    assert together > 200


async def test_a_hundred_thousand_rows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], page: list[Table]
) -> None:
    path, rows = tmp_path / "store.sqlite3", usage(DAYS, SKUS)
    new = perf_counter()
    store = open_store(path, SystemClock())
    made = perf_counter() - new
    records = [a_negotiation(), a_sku(), *rows]
    seeded = await seconds(
        seed(store, records, current_negotiation_id="neg-1", anchor=date(2026, 4, 1))
    )
    imported = await seconds(put(store, *usage(100, 100, revision=2)))
    small = await seconds(put(store, a_row("2025-06-01", quantity=7)))
    verified = await seconds(store.verify_audit())
    copied = await seconds(store.backup(tmp_path / "backup"))
    store.close()
    started = perf_counter()
    again = open_store(path, SystemClock())
    loaded = perf_counter() - started
    assert sum(len(day.rows) for day in again.snapshot().usage.values()) == len(rows) + 1
    again.close()
    restored = await seconds(asyncio.to_thread(restore, tmp_path / "backup", tmp_path / "restored"))
    shown(
        capsys,
        page,
        ("a new file (s)", f"{made:.3f}", ""),
        (f"seed {len(rows):,} rows of usage (s)", f"{seeded:.2f}", "< 6 (aim 3)"),
        ("import 10,000 rows (s)", f"{imported:.2f}", "< 2 (aim 1)"),
        ("one row among them (s)", f"{small:.4f}", ""),
        ("open and load (s)", f"{loaded:.2f}", "< 3 (aim 1.5)"),
        ("verify the trail and the data (s)", f"{verified:.2f}", ""),
        ("back up, restore (s)", f"{copied:.2f}, {restored:.2f}", ""),
    )
    assert seeded < 6
    assert imported < 2
    assert loaded < 3


async def test_how_soon_a_commit_is_seen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], page: list[Table]
) -> None:
    path = tmp_path / "store.sqlite3"
    here, there = (open_store(path, SystemClock()) for _ in range(2))

    async def delay(watched: SqliteStore) -> float:
        async with aclosing(watched.watch()) as pictures:
            await anext(pictures)
            following = asyncio.ensure_future(anext(pictures))
            await asyncio.sleep(0.003)
            committed = await put(here, a_sku())
            started = perf_counter()
            seen = await following
            while seen.revision < committed.revision:
                seen = await anext(pictures)
            return perf_counter() - started

    same = [await delay(here) for _ in range(100)]
    other = [await delay(there) for _ in range(50)]
    here.close()
    there.close()
    shown(
        capsys,
        page,
        ("watcher of the same store, median (ms)", f"{median(same) * 1e3:.2f}", ""),
        ("store of another process, median (ms)", f"{median(other) * 1e3:.1f}", "< 500"),
        ("  at worst (ms)", f"{max(other) * 1e3:.1f}", ""),
    )
    assert median(other) < 0.5
