"""How much is measured: everything in some ten minutes (twenty on a busy machine), or a look in a minute and a half."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from time import monotonic


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """`seconds` of each measurement after its warm-up; `runs` of each, of which the median is told."""

    runs: int
    seconds: float
    events: int
    latency_seconds: float
    fan_out: tuple[int, ...]
    distinct: tuple[int, ...]
    distinct_over: int
    idle: int
    grow_subscribers: tuple[int, ...]
    grow_leaves: tuple[int, ...]

    def rounds(self, seconds: float) -> Iterator[int]:
        """One round of measurements after the other: `runs` of them, which should take `seconds`; fewer when they do not
        fit into twice as much."""
        began = monotonic()
        for done in range(self.runs):
            spent = monotonic() - began
            if done and spent + spent / done > 2 * seconds:
                return
            yield done


FULL = Scale(
    runs=3,
    seconds=1.5,
    events=40,
    latency_seconds=1.5,
    fan_out=(300, 1_000, 5_000),
    distinct=(10, 100),
    distinct_over=1_000,
    idle=10_000,
    grow_subscribers=(100, 1_000, 10_000),
    grow_leaves=(40, 440, 4_000),
)
QUICK = Scale(
    runs=1,
    seconds=0.7,
    events=10,
    latency_seconds=0.5,
    fan_out=(300,),
    distinct=(10,),
    distinct_over=200,
    idle=2_000,
    grow_subscribers=(100, 1_000),
    grow_leaves=(40, 440),
)
SMOKE = Scale(
    runs=1,
    seconds=0.1,
    events=3,
    latency_seconds=0.1,
    fan_out=(20,),
    distinct=(2,),
    distinct_over=20,
    idle=50,
    grow_subscribers=(10,),
    grow_leaves=(40,),
)
