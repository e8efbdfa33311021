"""How long ago something was, in words for a health message."""

from __future__ import annotations

from datetime import timedelta


def spoken(age: timedelta | float) -> str:
    """`8 s`, `3 min`, `2 h`, `4 d`: the largest unit that fits, rounded down."""
    seconds = max(0, int(age.total_seconds() if isinstance(age, timedelta) else age))
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
