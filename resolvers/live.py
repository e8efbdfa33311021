"""What wakes a subscription: commits, changes of health, the clock. Each source ends cleanly when it is closed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from negotiation.records import Snapshot
from resolvers.errors import BadUserInput, FieldError
from resolvers.ports import Services

MOST_TICKS = 1_000
SHORTEST_TICK_MS = 10
LONGEST_TICK_MS = 60_000


@dataclass(frozen=True, slots=True)
class Tick:
    """The n-th tick (from 1), when it was made, and the store's revision then."""

    n: int
    at: datetime
    revision: int


async def snapshots(services: Services) -> AsyncGenerator[Snapshot, None]:
    """The present snapshot, then each newer one; a slow reader skips to the newest."""
    source = services.store.watch()
    try:
        async for snapshot in source:
            yield snapshot
    finally:
        await _close(source)


async def health_changes(services: Services) -> AsyncGenerator[Snapshot, None]:
    """The newest snapshot at once, then after each commit and each change of a component's health."""
    async with aclosing(either(services.store.watch(), services.signal.watch())) as woken:
        async for _ in woken:
            yield services.store.snapshot()


async def ticks(
    services: Services, *, count: int | None, every_ms: int | None
) -> AsyncGenerator[Tick, None]:
    """`count` ticks (default 3), one every `every_ms` (default 1000), the first at once."""
    count = 3 if count is None else count
    every_ms = 1_000 if every_ms is None else every_ms
    _within("count", count, 1, MOST_TICKS)
    _within("everyMs", every_ms, SHORTEST_TICK_MS, LONGEST_TICK_MS)
    for n in range(1, count + 1):
        if n > 1:
            await services.clock.sleep(every_ms / 1_000)
        yield Tick(n, services.clock.now(), services.store.snapshot().revision)


def _within(path: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        message = f"{value} is not between {least} and {most}."
        raise BadUserInput(f"{path}: {message}", [FieldError(path, message)])


async def either(*sources: AsyncIterator[Any]) -> AsyncGenerator[None, None]:
    """Something for each item of any source; items that come while nobody asks are one."""
    woken = asyncio.Event()

    async def pump(source: AsyncIterator[Any]) -> None:
        try:
            async for _ in source:
                woken.set()
        finally:
            await _close(source)

    pumps = [asyncio.create_task(pump(source)) for source in sources]
    for task in pumps:
        task.add_done_callback(lambda _: woken.set())
    try:
        while True:
            await woken.wait()
            woken.clear()
            ended = [task for task in pumps if task.done()]
            for task in ended:
                task.result()
            if len(ended) == len(pumps):
                return
            yield
    finally:
        for task in pumps:
            task.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)


async def _close(source: AsyncIterator[Any]) -> None:
    """Close a generator now rather than when it is collected."""
    close = getattr(source, "aclose", None)
    if close is not None:
        await close()
