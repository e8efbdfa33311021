"""How fast long work goes where others need the time, too. What that is in seconds is the composition root's business."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from resolvers.ports import Write

T = TypeVar("T")


class Pacing(Protocol):
    """The same items, with rests in between where others need the time. Called where a thread may sleep."""

    def __call__(self, items: Iterable[T], /) -> Iterable[T]: ...


def at_once(items: Iterable[T]) -> Iterable[T]:
    """Nobody else is there."""
    return items


@dataclass(frozen=True, slots=True)
class Paced(Sequence[Write]):
    """What the store goes through at this pace."""

    writes: Sequence[Write]
    pace: Pacing

    def __len__(self) -> int:
        return len(self.writes)

    def __getitem__(self, index: Any) -> Any:
        return self.writes[index]

    def __iter__(self) -> Iterator[Write]:
        return iter(self.pace(self.writes))
