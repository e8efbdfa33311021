"""How much work something is, counted rather than timed: the same on every machine and under any load."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def effort(work: Callable[[], object]) -> int:
    """How many calls, of Python and of built-in functions, `work` makes on this thread. Put it under what was promised
    of the size ("twice the rows, at most twice the calls"), not under a clock.

    The garbage collector rests meanwhile: it comes when it likes, and what others hang on it (Hypothesis does) would
    count too.
    """
    calls = 0

    def count(_: FrameType, event: str, __: Any) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    before, collects = sys.getprofile(), gc.isenabled()
    gc.disable()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
        if collects:
            gc.enable()
    return calls
