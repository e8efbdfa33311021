"""How fast long work goes beside a loop that answers: a little of it, then a rest, so that answers need not wait for it.

One interpreter runs one thread at a time. Whoever works through thousands of rows in a thread has it for long stretches;
each rest hands it over at once.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pace:
    """Called with what is worked through, item by item, by a thread that may sleep. Seconds: after `work` follows a `rest`;
    no rest at all where that is 0, and none after `longest` altogether: on a busy machine a rest takes far longer than it
    should, and a lock may be held meanwhile.
    """

    work: float
    rest: float
    longest: float = math.inf
    now: Callable[[], float] = time.perf_counter
    sleep: Callable[[float], None] = time.sleep

    def __call__(self, items: Iterable[T]) -> Iterable[T]:
        """The same items in their order."""
        return self._between(items) if self.rest else items

    def _between(self, items: Iterable[T]) -> Iterable[T]:
        began = since = self.now()
        for item in items:
            now = self.now()
            if now - since >= self.work and now - began < self.longest:
                self.sleep(self.rest)
                since = self.now()
            yield item


HURRIED: Final = Pace(work=0.0, rest=0.0)
"""Nobody else is there."""

GENTLE: Final = Pace(work=0.0003, rest=0.00152, longest=1.0)
"""An answer of two milliseconds meets two such stretches of work at most. Longer rests make a first load longer, shorter
ones are felt by who asks: docs/benchmarks.md has both."""
