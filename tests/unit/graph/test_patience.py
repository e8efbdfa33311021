"""One timer cuts whoever waits for too long, and nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest

from graph.http.patience import Patience

SECONDS = 30.0


class Loop:
    def __init__(self) -> None:
        self.now = 0.0
        self.timers: list[tuple[float, Callable[[], None]]] = []

    def time(self) -> float:
        return self.now

    def call_later(self, seconds: float, work: Callable[..., None], *given: Any) -> object:
        self.timers.append((self.now + seconds, lambda: work(*given)))
        return object()

    def go_to(self, now: float) -> None:
        self.now = now
        due = [timer for timer in self.timers if timer[0] <= now]
        self.timers = [timer for timer in self.timers if timer[0] > now]
        for _, work in due:
            work()


class Waiting:
    """A task that waits for what never comes."""

    def __init__(self, patience: Patience, loop: Loop) -> None:
        self.patience = patience
        self.task = asyncio.create_task(self._wait())
        patience.enter(self.task, cast("Any", loop))

    async def _wait(self) -> str:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            if not self.patience.was_cut(self.task):
                raise
            return "cut"
        finally:
            self.patience.leave(self.task)
        return "came"


async def test_who_waits_for_too_long_is_cut_at_its_own_time() -> None:
    loop, patience = Loop(), Patience(SECONDS)
    first = Waiting(patience, loop)
    await asyncio.sleep(0)
    loop.now = 10.0
    second = Waiting(patience, loop)
    await asyncio.sleep(0)
    assert len(loop.timers) == 1
    loop.go_to(SECONDS)
    assert await first.task == "cut"
    assert not first.task.cancelling()
    assert not second.task.done()
    loop.go_to(SECONDS + 10.0)
    assert await second.task == "cut"
    assert not loop.timers


async def test_who_got_what_it_waited_for_is_not_cut_and_no_timer_is_left_for_it() -> None:
    loop, patience = Loop(), Patience(SECONDS)
    task = asyncio.create_task(asyncio.Event().wait())
    for _ in range(1_000):
        patience.enter(task, cast("Any", loop))
        patience.leave(task)
    assert len(loop.timers) == 1
    loop.go_to(SECONDS)
    assert not loop.timers
    assert not task.cancelling()
    task.cancel()


async def test_a_cancellation_by_others_is_left_to_them() -> None:
    waiting = Waiting(Patience(SECONDS), Loop())
    await asyncio.sleep(0)
    waiting.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting.task
