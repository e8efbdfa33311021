"""Claims of notifications on a Supabase that several gateways share.

A notification that Supabase knows is sent by who claimed it there, and by nobody while Supabase is away. One that never left
this store cannot be known to anyone else: while Supabase is away, or refuses it, this gateway sends it on its own word.
Whether it ever left is asked in the transaction that claims it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from adapters.outbox.claims import DecideClaims
from adapters.store.ledger import Ledger
from adapters.supabase.client import PeerFault
from adapters.supabase.peer import SupabasePeer
from adapters.supabase.ports import SyncStore
from negotiation.records import Snapshot
from resolvers.ports import Write

NOTIFICATIONS = "notifications"
_AWAY = "What other gateways could send, too, waits until Supabase is back."
_UNKNOWN_THERE = "What Supabase does not know yet is sent as soon as it does."


class SupabaseClaims:
    """Satisfies the outbox's Claims."""

    def __init__(self, peer: SupabasePeer, store: SyncStore) -> None:
        self._peer = peer
        self._store = store
        self._held: str | None = None

    def woken_by(self, wake: Callable[[], None]) -> None:
        self._peer.when_pushed(wake)

    def held(self) -> str | None:
        return self._held

    async def ask(self, ids: Sequence[str], *, owner: str, lease: float) -> Collection[str]:
        if not ids or not self._peer.is_well:
            return ()
        asked = {
            "claimer": owner,
            "lease_seconds": lease,
            "wanted": len(ids),
            "only_ids": list(ids),
        }
        try:
            rows = await self._peer.call("claim_notifications", asked, is_readable=_are_rows)
        except PeerFault:
            return ()
        return {str(row["id"]) for row in rows}

    async def commit(
        self, decide: DecideClaims, granted: Collection[str], *, actor: str, cause: str
    ) -> Snapshot:
        is_away = not self._peer.is_well

        def step(snapshot: Snapshot, ledger: Ledger) -> Sequence[Write]:
            self._held = None

            def may(id_: str) -> bool:
                if id_ in granted:
                    return True
                if ledger.version(NOTIFICATIONS, id_) is not None:
                    self._held = _AWAY if is_away else self._held
                    return False
                waits = ledger.queued(NOTIFICATIONS, id_)
                if is_away or waits is None or waits.problem is not None:
                    return True
                self._held = _UNKNOWN_THERE
                return False

            return decide(snapshot, may)

        return await self._store.exchange(step, actor=actor, cause=cause)


def _are_rows(answer: Any) -> bool:
    return isinstance(answer, list) and all(isinstance(row, dict) and "id" in row for row in answer)
