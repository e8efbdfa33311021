"""A gateway of its own that writes and syncs: `python -m tests.integration.sync_child PATH URL KEY NAME`.

Prints each milestone's id once its commit was answered, while its peer sends what there is; the test kills it.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from adapters.clock import SystemClock
from adapters.signal import ChangeSignal
from adapters.store import open_store
from adapters.supabase import make_peer
from negotiation.records import Snapshot
from resolvers.ports import Put, Write
from tests.builders import a_milestone, a_negotiation, a_row


async def main(path: Path, url: str, key: str, name: str) -> None:
    clock = SystemClock()
    store = open_store(path, clock)
    peer = make_peer(
        url=url,
        key=key,
        store=store,
        clock=clock,
        signal=ChangeSignal(),
        poll_seconds=0.05,
        realtime=False,
        turn_file=path.with_suffix(".lock"),
    )
    running = asyncio.create_task(peer.run())
    for n in count():
        id_ = f"{name}-{n}"

        def decide(picture: Snapshot, id_: str = id_, n: int = n) -> Sequence[Write]:
            """A row of its own, a figure of usage, and a row that every commit changes."""
            known = picture.negotiations.get("neg-1", a_negotiation(version=0))
            return [
                Put(a_negotiation(version=known.version + 1)),
                Put(a_milestone(id=id_)),
                Put(a_row("2026-01-31", id_, quantity=n)),
            ]

        await store.commit(decide, actor=name, cause="a child's commit")
        sys.stdout.write(f"{id_}\n")
        sys.stdout.flush()
        await asyncio.sleep(0.002)
    running.cancel()


if __name__ == "__main__":
    path, url, key, name = sys.argv[1:]
    asyncio.run(main(Path(path), url, key, name))
