"""Writes that a store goes through at the pace of whoever made them. What that is in seconds is the composition root's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from negotiation.importing.provider import Pacing
from resolvers.ports import Write


@dataclass(frozen=True, slots=True)
class Paced(Sequence[Write]):
    """As a list of them, with rests in between."""

    writes: Sequence[Write]
    pace: Pacing

    def __len__(self) -> int:
        return len(self.writes)

    def __getitem__(self, index: Any) -> Any:
        return self.writes[index]

    def __iter__(self) -> Iterator[Write]:
        return iter(self.pace(self.writes))
