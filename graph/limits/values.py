"""Counts what is in the variables, no further than the limit: a list of a million would be coerced member by member."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from resolvers.errors import LimitExceeded


def check_values(variables: Mapping[str, Any], most: int) -> None:
    """Raises LimitExceeded for more than `most` values, of objects and lists at any depth (`found`: counted so far)."""
    found = 0
    waiting: list[Any] = [variables]
    while waiting:
        value = waiting.pop()
        inner = value.values() if isinstance(value, Mapping) else value
        found += len(inner)
        if found > most:
            raise LimitExceeded(
                f"The variables hold more than {most} values. Send them in several requests, or as CSV.",
                limit="inputValues",
                value=most,
                found=found,
            )
        waiting.extend(each for each in inner if isinstance(each, dict | list))
