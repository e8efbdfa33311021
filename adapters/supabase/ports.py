"""What the sync needs of a store beyond the port: its ledger, in one transaction with the picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from adapters.pace import HURRIED, Pace
from adapters.store.ledger import PEER_ACTOR, Ledger
from negotiation.records import Snapshot
from resolvers.ports import Store, Write

T = TypeVar("T")


class SyncStore(Store, Protocol):
    async def exchange(
        self,
        step: Callable[[Snapshot, Ledger], Sequence[Write]],
        *,
        actor: str = PEER_ACTOR,
        cause: str,
        pace: Pace = HURRIED,
    ) -> Snapshot:
        """Call `step` with the newest snapshot and the ledger; what it returns and what it did to the ledger are kept
        together, or not at all. What the peer writes is not queued for it. Raises as `commit` does.
        """
        ...


async def ask(store: SyncStore, question: Callable[[Ledger], T]) -> T:
    """What the ledger answers, or does, in a transaction of its own. Raises as `commit` does."""
    answers: list[T] = []

    def step(_: Snapshot, ledger: Ledger) -> Sequence[Write]:
        answers[:] = [question(ledger)]
        return ()

    await store.exchange(step, cause="")
    return answers[-1]
