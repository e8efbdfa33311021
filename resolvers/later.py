"""A value that is computed when it is awaited, and not at all when nobody does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Later(Generic[T]):
    """Unlike a coroutine it may be dropped, or awaited again."""

    __slots__ = ("_compute",)

    def __init__(self, compute: Callable[[], Awaitable[T]]) -> None:
        self._compute = compute

    def __await__(self) -> Generator[Any, Any, T]:
        return self._compute().__await__()
