"""How fast long work goes beside a loop that answers: a little of it, then a rest, so that answers need not wait for it.

One interpreter runs one thread at a time. Whoever works through thousands of rows in a thread has it for long stretches;
each rest hands it over at once. While nobody wants it a breath is rest enough.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final, TypeVar

T = TypeVar("T")

_NEXT_TO_NONE: Final = 0.00005
"""Seconds: a loop that waits uses less between two rests, an answer on its way far more."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Called with what is worked through, item by item, by a thread that may sleep. Seconds: after `work` follows a `rest`,
    or a `breath` where those beside it have used next to no processor time since the last (`used`: how much so far; None:
    nobody knows). No rest at all where that is 0, and none after `longest` altogether: on a busy machine a rest takes far
    longer than it should, and a lock may be held meanwhile.
    """

    work: float
    rest: float
    breath: float = 0.0
    longest: float = math.inf
    used: Callable[[], float] | None = None
    now: Callable[[], float] = time.perf_counter
    sleep: Callable[[float], None] = time.sleep

    def __call__(self, items: Iterable[T]) -> Iterable[T]:
        """The same items in their order."""
        return self._between(items) if self.rest else items

    def _between(self, items: Iterable[T]) -> Iterable[T]:
        began = since = self.now()
        used = self._used()
        for item in items:
            now = self.now()
            if now - since >= self.work and now - began < self.longest:
                before, used = used, self._used()
                idle = self.used is not None and used - before <= _NEXT_TO_NONE
                self.sleep(self.breath if idle else self.rest)
                since = self.now()
            yield item

    def _used(self) -> float:
        return 0.0 if self.used is None else self.used()


HURRIED: Final = Pace(work=0.0, rest=0.0)
"""Nobody else is there."""

GENTLE: Final = Pace(work=0.0003, rest=0.00152, breath=0.001, longest=1.0)
"""An answer of two milliseconds meets three such stretches of work at most: the one that it finds, one before it is
noticed, one more. Longer rests make a first load longer, shorter ones are felt by who asks: docs/benchmarks.md has both.
"""


def gentle_beside(thread: int) -> Pace:
    """The gentle pace beside that thread's loop (`threading.get_ident()`). Where a system does not tell what a thread has
    used, every rest is a long one.
    """
    if not hasattr(time, "pthread_getcpuclockid"):
        return GENTLE
    clock = time.pthread_getcpuclockid(thread)
    return replace(GENTLE, used=lambda: time.clock_gettime(clock))
