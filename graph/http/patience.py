"""A limit on how long each of many may wait, with one timer for all of them: a timer of its own would cost each more than
everything else that the edge does for a request."""

from __future__ import annotations

import asyncio


class Patience:
    """`enter` before waiting, `leave` after it, whatever happened. Who waits longer than `seconds` is cancelled."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._since: dict[asyncio.Task[object], float] = {}
        self._cut: set[asyncio.Task[object]] = set()
        self._timer: asyncio.TimerHandle | None = None

    def enter(self, task: asyncio.Task[object], loop: asyncio.AbstractEventLoop) -> None:
        self._since[task] = loop.time()
        if self._timer is None:
            self._timer = loop.call_later(self.seconds, self._look, loop)

    def leave(self, task: asyncio.Task[object]) -> None:
        self._since.pop(task, None)

    def was_cut(self, task: asyncio.Task[object]) -> bool:
        """Whether the cancellation that `task` has caught is ours; it is taken back then."""
        if task not in self._cut:
            return False
        self._cut.discard(task)
        task.uncancel()
        return True

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        now = loop.time()
        for task, since in tuple(self._since.items()):  # the oldest first
            left = since + self.seconds - now
            if left > 0:
                self._timer = loop.call_later(left, self._look, loop)
                return
            del self._since[task]
            self._cut.add(task)
            task.cancel()
