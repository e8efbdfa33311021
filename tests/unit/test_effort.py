"""Counting work: the same count each time, whatever else the interpreter does meanwhile."""

from __future__ import annotations

import gc

from tests.effort import effort


def test_what_hangs_on_the_garbage_collector_does_not_count() -> None:
    heard: list[str] = []

    def listener(phase: str, _: dict[str, int]) -> None:
        heard.append(phase)

    def work() -> None:
        for _ in range(5_000):
            circle: list[object] = []
            circle.append(circle)

    alone = effort(work)
    gc.callbacks.append(listener)
    try:
        work()
        assert heard, "this much work wakes the collector"
        assert effort(work) == alone
    finally:
        gc.callbacks.remove(listener)
    assert gc.isenabled()
