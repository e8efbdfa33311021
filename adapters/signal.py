"""Tells whoever shows health that a component's state has changed, from whatever thread noticed it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from itertools import count

from adapters.broadcast import Latest


class ChangeSignal:
    """A HealthSignal: a counter that watchers follow."""

    def __init__(self) -> None:
        self._counter = count(1)
        self._latest = Latest(0)

    @property
    def count(self) -> int:
        return self._latest.value

    def changed(self) -> None:
        self._latest.set(next(self._counter))

    def watch(self) -> AsyncGenerator[int, None]:
        return self._latest.watch()

    def close(self) -> None:
        """End every watcher's iteration."""
        self._latest.close()
