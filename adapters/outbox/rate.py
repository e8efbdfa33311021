"""How fast a sender may be used, by all processes on the queue together.

A process knows of the others' tries as it knows of everything: by the rows. Until it has heard of them each may use what
the rate allows in a second; what was too much is made up for by waiting.
"""

from __future__ import annotations

from collections.abc import Iterable

from negotiation.records import Notification
from resolvers.ports import Clock

_MOST_OWED = 10.0
"""Seconds: a queue that is only now read from elsewhere brings the tries of weeks."""


class SenderRate:
    """At most `per_second` tries, evenly refilled; None: as many as one likes."""

    def __init__(self, clock: Clock, per_second: float | None) -> None:
        self._clock = clock
        self._rate = per_second
        self._burst = max(1.0, per_second or 0.0)
        self._tokens = self._burst
        self._at = clock.monotonic()
        self._tries: int | None = None

    def count(self, rows: Iterable[Notification]) -> None:
        """All there are: what was tried since the last look, here or elsewhere, is taken off."""
        if self._rate is None:
            return
        tries = sum(row.attempts for row in rows)
        if self._tries is not None:
            left = self._refilled(self._rate) - (tries - self._tries)
            self._tokens = max(left, -_MOST_OWED * self._burst)
        self._tries = tries

    def allows(self, most: int) -> int:
        """How many of `most` may start now."""
        if self._rate is None:
            return most
        return max(0, min(most, int(self._refilled(self._rate) + 1e-9)))

    @property
    def next_in(self) -> float:
        """Seconds until one more may start."""
        if self._rate is None:
            return 0.0
        return max(0.0, (1.0 - self._refilled(self._rate)) / self._rate)

    def _refilled(self, rate: float) -> float:
        now = self._clock.monotonic()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * rate)
        self._at = now
        return self._tokens
