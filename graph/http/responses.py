"""Answers of queries, kept as bytes while they are true: until the next revision, day or change of health.

A query is deterministic for (request, actor, revision, UTC day, what the components said of themselves). One that
reads the clock is kept for a second at most. Bounded by bytes, least recently used out first.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from hashlib import blake2b

from graph.execution.documents import Operation

# What these show changes with the clock alone. Everything below them counts.
CLOCK_FIELDS = frozenset({"Query.health"})
CLOCK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Moment:
    """When two queries must have the same answer."""

    revision: int
    day: int
    signals: int


@dataclass(frozen=True, slots=True)
class CachedResponse:
    body: bytes
    etag: str
    moment: Moment
    until: float


class ResponseCache:
    """`moment` tells the present one, `monotonic` the time in seconds."""

    def __init__(
        self,
        moment: Callable[[], Moment],
        monotonic: Callable[[], float],
        *,
        max_bytes: int = 64 * 1024 * 1024,
    ) -> None:
        self.moment = moment
        self._monotonic = monotonic
        self._max_bytes = max_bytes
        self._kept: OrderedDict[Hashable, CachedResponse] = OrderedDict()
        self._bytes = 0

    def get(self, key: Hashable) -> CachedResponse | None:
        kept = self._kept.get(key)
        if kept is None:
            return None
        if kept.moment != self.moment() or kept.until <= self._monotonic():
            self._forget(key)
            return None
        self._kept.move_to_end(key)
        return kept

    def put(
        self, key: Hashable, body: bytes, operation: Operation, moment: Moment
    ) -> CachedResponse:
        """Keep `body`, which was computed at `moment`; one that is already past is only returned."""
        etag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
        lasting = CLOCK_SECONDS if operation.touches(CLOCK_FIELDS) else float("inf")
        response = CachedResponse(body, etag, moment, self._monotonic() + lasting)
        if moment == self.moment() and len(body) <= self._max_bytes:
            self._forget(key)
            self._kept[key] = response
            self._bytes += len(body)
            while self._bytes > self._max_bytes:
                self._forget(next(iter(self._kept)))
        return response

    def _forget(self, key: Hashable) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._bytes -= len(kept.body)
