"""The doorbell: Supabase Realtime says that something changed, and nothing of what it says is believed.

Its numbers are floats, and it promises no delivery: rows are read by `pull`, which also looks by itself at intervals.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import structlog

from adapters.supabase.client import SupabaseReader
from resolvers.ports import Clock

if TYPE_CHECKING:
    from realtime import AsyncRealtimeChannel, RealtimeSubscribeStates

_REJOIN = 1.0
"""The pause after a line that was open was lost."""
_AGAIN = 5.0
"""The pause after one that could not be opened."""


class Bell:
    """`ring` is called for each change, and when the line is open again; `changed` when `is_open` changes.

    Each line is a connection of its own with one channel: the client comes back by itself for some seconds only, and a channel
    of it can be joined once.
    """

    def __init__(
        self, reader: SupabaseReader, ring: Callable[[], None], changed: Callable[[], None]
    ) -> None:
        self._reader = reader
        self._ring = ring
        self._changed = changed
        self._channel: AsyncRealtimeChannel | None = None
        self._lost = asyncio.Event()
        self.is_open = False

    async def run(self, clock: Clock) -> None:
        """Listens until cancelled; where there is no Realtime, tries again now and then."""
        while True:
            pause = _AGAIN
            try:
                await self._open()
                if self.is_open:
                    await self._lost.wait()
                    pause = _REJOIN
            except Exception as error:  # noqa: BLE001 - whatever ails it, polling goes on
                structlog.get_logger().info("realtime.unavailable", error=type(error).__name__)
            await self.close()
            await clock.sleep(pause)

    async def close(self) -> None:
        self._tell(is_open=False)
        channel, self._channel = self._channel, None
        if channel is not None:
            with suppress(Exception):
                await channel.socket.close()

    async def _open(self) -> None:
        from realtime import RealtimePostgresChangesListenEvent as Listen

        channel = (await self._reader.realtime()).channel("feed")
        self._lost.clear()
        self._channel = channel
        channel.on_postgres_changes(
            Listen.Insert, callback=lambda _: self._ring(), schema="public", table="feed"
        )
        await channel.subscribe(partial(self._heard, channel))

    def _heard(
        self, channel: AsyncRealtimeChannel, state: RealtimeSubscribeStates, _: Exception | None
    ) -> None:
        """A line that was given up may still have something to say."""
        if channel is self._channel:
            self._tell(is_open=state.value == "SUBSCRIBED")

    def _tell(self, *, is_open: bool) -> None:
        if is_open == self.is_open:
            return
        self.is_open = is_open
        structlog.get_logger().info("realtime.open" if is_open else "realtime.closed")
        if is_open:
            self._ring()
        else:
            self._lost.set()
        self._changed()
