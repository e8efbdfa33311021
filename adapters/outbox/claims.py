"""Who may send a notification: alone on its store, a gateway; on a database that several share, who claimed it there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from negotiation.records import Snapshot
from resolvers.ports import Store, Write

MaySend = Callable[[str], bool]
"""By id, within the commit that is about to claim it."""
DecideClaims = Callable[[Snapshot, MaySend], Sequence[Write]]


class Claims(Protocol):
    def woken_by(self, wake: Callable[[], None]) -> None:
        """`wake` is called when something that was refused may be granted."""
        ...

    def held(self) -> str | None:
        """What those wait for that the last commit might not send, as a sentence; None: nothing was held back."""
        ...

    async def ask(self, ids: Sequence[str], *, owner: str, lease: float) -> Collection[str]:
        """Ask wherever others could be about to send the same; which of them are now ours for `lease` seconds. Never raises:
        without an answer, none are.
        """
        ...

    async def commit(
        self, decide: DecideClaims, granted: Collection[str], *, actor: str, cause: str
    ) -> Snapshot:
        """As the store's commit. `decide` may send what was granted, and what nobody else can know of."""
        ...


class LocalClaims:
    """The store is everything there is: its own commit decides between the processes on it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def woken_by(self, wake: Callable[[], None]) -> None:  # noqa: ARG002 - nothing is ever refused
        return

    def held(self) -> str | None:
        return None

    async def ask(
        self,
        ids: Sequence[str],
        *,
        owner: str,  # noqa: ARG002 - there is nobody else
        lease: float,  # noqa: ARG002 - and nobody to keep away
    ) -> Collection[str]:
        return ids

    async def commit(
        self,
        decide: DecideClaims,
        granted: Collection[str],  # noqa: ARG002 - everything is
        *,
        actor: str,
        cause: str,
    ) -> Snapshot:
        return await self._store.commit(
            lambda snapshot: decide(snapshot, lambda _: True), actor=actor, cause=cause
        )
