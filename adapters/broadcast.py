"""One value that many may watch: each sees the newest, none delays another. What the value is, is the owner's business."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Latest(Generic[T]):
    """A value with watchers. `set` may be called from any thread; each watcher lives in the event loop it started in."""

    def __init__(self, value: T) -> None:
        self._current: tuple[int, T] = (0, value)
        self._closed = False
        self._lock = Lock()
        self._watchers: dict[asyncio.AbstractEventLoop, set[asyncio.Event]] = {}

    @property
    def value(self) -> T:
        return self._current[1]

    @property
    def watchers(self) -> int:
        """How many iterators are being watched just now."""
        with self._lock:
            return sum(map(len, self._watchers.values()))

    def set(self, value: T) -> None:
        """Replace the value and wake the watchers."""
        with self._lock:
            self._current = (self._current[0] + 1, value)
            self._wake()

    def close(self) -> None:
        """End every watcher's iteration once it has seen the last value."""
        with self._lock:
            self._closed = True
            self._wake()

    async def watch(self) -> AsyncGenerator[T, None]:
        """The present value at once, then the newest after each change; what a slow reader missed is skipped."""
        loop, changed = asyncio.get_running_loop(), asyncio.Event()
        with self._lock:
            self._watchers.setdefault(loop, set()).add(changed)
        try:
            seen = -1
            while True:
                changed.clear()
                version, value = self._current
                if version != seen:
                    seen = version
                    yield value
                elif self._closed:
                    return
                else:
                    await changed.wait()
        finally:
            with self._lock:
                self._watchers[loop].discard(changed)
                if not self._watchers[loop]:
                    del self._watchers[loop]

    def _wake(self) -> None:
        for loop, watchers in self._watchers.items():
            with suppress(RuntimeError):  # the loop was closed under its watchers
                loop.call_soon_threadsafe(_set_all, tuple(watchers))


def _set_all(events: tuple[asyncio.Event, ...]) -> None:
    for event in events:
        event.set()
