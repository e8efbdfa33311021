"""The peer that is not there: without credentials the local store and the demonstration data are all there is."""

from __future__ import annotations

import asyncio
from datetime import datetime

from negotiation.records import Provenance
from resolvers.ports import ComponentHealth, PullResult, Status


class NullPeer:
    """Satisfies the Peer port. `message` says what to set."""

    def __init__(self, message: str) -> None:
        self._message = message

    async def run(self) -> None:
        """Nothing to do in the background; waits to be cancelled."""
        await asyncio.Event().wait()

    async def close(self) -> None:
        return

    async def pull(self) -> PullResult:
        return PullResult(applied=0, quarantined=0, warnings=(self._message,))

    async def sample(self) -> PullResult:
        return await self.pull()

    def provenance(self) -> Provenance | None:
        """None: each record says it itself."""
        return None

    def as_of(self) -> datetime | None:
        return None

    def health(self) -> ComponentHealth:
        return ComponentHealth(
            name="supabase", status=Status.DEGRADED, mode="fixtures", message=self._message
        )
