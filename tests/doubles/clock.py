"""A clock that stands still until it is moved, and sleepers that wake when it passes them."""

from __future__ import annotations

import asyncio
import heapq
from datetime import UTC, date, datetime, timedelta
from itertools import count


class FakeClock:
    """Satisfies the Clock port. With `flowing`, a sleep moves the clock by itself and returns at once."""

    def __init__(
        self, now: datetime = datetime(2026, 4, 1, 12, tzinfo=UTC), *, flowing: bool = False
    ) -> None:
        self._now = now
        self._seconds = 1000.0
        self._flowing = flowing
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = count()
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self._now

    def today(self) -> date:
        return self._now.date()

    def monotonic(self) -> float:
        return self._seconds

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if self._flowing:
            self.advance(seconds)
            await asyncio.sleep(0)
            return
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._seconds + seconds, next(self._order), done))
        await done

    def advance(self, seconds: float) -> None:
        """Let time pass; those whose time has come wake up."""
        self._seconds += seconds
        self._now += timedelta(seconds=seconds)
        while self._sleepers and self._sleepers[0][0] <= self._seconds:
            done = heapq.heappop(self._sleepers)[2]
            if not done.done():
                done.set_result(None)

    def jump(self, delta: timedelta) -> None:
        """The wall clock is set anew; monotonic time does not notice."""
        self._now += delta


class RealClock:
    """The machine's clock, for tests whose other side is a real socket."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def today(self) -> date:
        return self.now().date()

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
