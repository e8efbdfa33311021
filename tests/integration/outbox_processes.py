"""Outboxes as processes of their own on one store: start them, kill them, and see what became of the queue."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from adapters.clock import SystemClock
from adapters.store import open_store
from negotiation.records import Notification, NotificationStatus
from resolvers.ports import Put
from tests.builders import a_notification

ROOT = Path(__file__).parents[2]


async def start(path: Path, url: str, *options: str) -> asyncio.subprocess.Process:
    """One that works on the store at `path`, with Twilio at `url`; `options` as `outbox_child` has them."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.integration.outbox_child", str(path), url, *options),
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    assert child.stdout is not None
    assert await child.stdout.readline() == b"ready\n"
    return child


async def kill(child: asyncio.subprocess.Process) -> None:
    child.kill()
    await child.wait()


def rows(path: Path) -> Sequence[Notification]:
    store = open_store(path, SystemClock())
    try:
        return tuple(store.snapshot().notifications.values())
    finally:
        store.close()


def statuses(path: Path) -> Counter[NotificationStatus]:
    return Counter(row.status for row in rows(path))


def text_of(number: int) -> str:
    return f"message {number:06}"


async def queue(path: Path, messages: int) -> None:
    """Puts messages 0 to `messages` - 1 into a new store."""
    now = SystemClock().now()
    written = [
        a_notification(
            id=f"n{n:06}",
            idempotency_key=f"k{n}",
            body=text_of(n),
            to=f"+1415555{n % 100:04}",
            queued_at=now,
            updated_at=now,
        )
        for n in range(messages)
    ]
    store = open_store(path, SystemClock())
    await store.commit(lambda _: [Put(row) for row in written], actor="test", cause="queue")
    await store.aclose()
