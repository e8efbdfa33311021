"""Waiting for what other tasks do, in real time, never without end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


async def until(condition: Callable[[], object], *, within: float = 60.0) -> None:
    """Until the condition holds. Raises TimeoutError when it does not within so many seconds."""
    async with asyncio.timeout(within):
        while not condition():
            await asyncio.sleep(0.005)
