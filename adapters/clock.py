"""The machine's clock as the Clock port, in UTC. Tests have one they can set: `tests.fakes.FakeClock`."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, date, datetime
from typing import Final

_STEADY: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Linux's monotonic clock stands still while the machine sleeps, and a lease that ran out meanwhile would seem to last."""


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def today(self) -> date:
        return self.now().date()

    def monotonic(self) -> float:
        return time.clock_gettime(_STEADY)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
