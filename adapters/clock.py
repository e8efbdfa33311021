"""The machine's clock as the Clock port, in UTC. Tests have one they can set: `tests.fakes.FakeClock`."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, date, datetime


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def today(self) -> date:
        return self.now().date()

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
