"""A process of its own that writes to a store: `python -m tests.integration.store_child PATH NAME [COUNT]`.

Prints each notification's id once its commit was answered; the test kills it, or lets it finish.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from adapters.clock import SystemClock
from adapters.store import SqliteStore, open_store
from negotiation.records import Snapshot
from resolvers.ports import Put, Write
from tests.builders import a_notification, a_row


async def write(store: SqliteStore, name: str) -> None:
    """One commit: a notification and, with it, a few rows of usage."""

    def decide(_: Snapshot) -> Sequence[Write]:
        rows = [Put(a_row(f"2026-01-{day:02}", name, quantity=day)) for day in range(1, 4)]
        return [Put(a_notification(id=name, idempotency_key=name)), *rows]

    await store.commit(decide, actor=name, cause="a child's commit")
    sys.stdout.write(f"{name}\n")
    sys.stdout.flush()


async def main(path: Path, name: str, commits: int | None) -> None:
    store = open_store(path, SystemClock())
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    numbers = count() if commits is None else range(commits)
    for n in numbers:
        if commits is None and n % 5 == 0:  # several at once share a transaction
            await asyncio.gather(*(write(store, f"{name}-{n}-{k}") for k in range(4)))
        else:
            await write(store, f"{name}-{n}")
    store.close()


if __name__ == "__main__":
    path, name, *rest = sys.argv[1:]
    asyncio.run(main(Path(path), name, int(rest[0]) if rest else None))
