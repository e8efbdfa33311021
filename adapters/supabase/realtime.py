"""The doorbell: Supabase Realtime says that something changed, and nothing of what it says is believed.

Its numbers are floats, and it promises no delivery: rows are read by `pull`, which also looks by itself at intervals.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog

from adapters.resilience import rest
from adapters.supabase.client import SupabaseReader
from resolvers.ports import Clock

if TYPE_CHECKING:
    from realtime import AsyncRealtimeChannel, RealtimeSubscribeStates

_REJOIN = 15.0
"""So long the client is left to come back by itself."""
_AGAIN = 5.0


class Bell:
    """`ring` is called for each change, and when the line is open again; `changed` when `is_open` changes."""

    def __init__(
        self, reader: SupabaseReader, ring: Callable[[], None], changed: Callable[[], None]
    ) -> None:
        self._reader = reader
        self._ring = ring
        self._changed = changed
        self._channel: AsyncRealtimeChannel | None = None
        self._lost = asyncio.Event()
        self._found = asyncio.Event()
        self.is_open = False

    async def run(self, clock: Clock) -> None:
        """Listens until cancelled; where there is no Realtime, tries again now and then."""
        while True:
            try:
                await self._open()
                while self.is_open:
                    await self._lost.wait()
                    self._lost.clear()
                    await rest(clock, _REJOIN, self._found)
            except Exception as error:  # noqa: BLE001 - whatever ails it, polling goes on
                structlog.get_logger().info("realtime.unavailable", error=type(error).__name__)
            await self.close()
            await clock.sleep(_AGAIN)

    async def close(self) -> None:
        self._tell(is_open=False)
        channel, self._channel = self._channel, None
        if channel is not None:
            with suppress(Exception):
                await channel.socket.close()

    async def _open(self) -> None:
        from realtime import RealtimePostgresChangesListenEvent as Listen

        client = await self._reader.realtime()
        self._lost.clear()
        channel = client.realtime.channel("feed")
        self._channel = channel
        channel.on_postgres_changes(
            Listen.Insert, callback=lambda _: self._ring(), schema="public", table="feed"
        )
        await channel.subscribe(self._heard)

    def _heard(self, state: RealtimeSubscribeStates, _: Exception | None) -> None:
        self._tell(is_open=state.value == "SUBSCRIBED")

    def _tell(self, *, is_open: bool) -> None:
        if is_open == self.is_open:
            return
        self.is_open = is_open
        structlog.get_logger().info("realtime.open" if is_open else "realtime.closed")
        if is_open:
            self._found.set()
            self._ring()
        else:
            self._found.clear()
            self._lost.set()
        self._changed()
