"""How much each caller may have executed: a bucket of cost per identity, refilled at a steady rate."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from math import ceil

from resolvers.errors import RateLimited

MINUTE = 60.0


class Budget:
    """Buckets of one minute's worth each; one process's own. `remembered` identities at most, the longest idle go first.

    monotonic: seconds that never go back.
    """

    def __init__(
        self, per_minute: int, monotonic: Callable[[], float], *, remembered: int = 10_000
    ) -> None:
        self._most = float(per_minute)
        self._rate = per_minute / MINUTE
        self._monotonic = monotonic
        self._remembered = remembered
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def charge(self, identity: str, cost: float) -> None:
        """Take `cost` out of the identity's bucket. Raises RateLimited, and takes nothing, when there is less in it."""
        now = self._monotonic()
        left, since = self._left.get(identity, (self._most, now))
        left = min(self._most, left + (now - since) * self._rate)
        if cost > left:
            self._put(identity, left, now)
            wait = ceil((min(cost, self._most) - left) / self._rate * 1000)
            raise RateLimited(
                f"You have used up what one caller may ask for in a minute ({self._most:.0f}). "
                f"Try again in {ceil(wait / 1000)} s, ask for less, or subscribe instead of polling.",
                retry_after_ms=wait,
                limit="costPerMinute",
                value=int(self._most),
                found=ceil(cost),
            )
        self._put(identity, left - cost, now)

    def _put(self, identity: str, left: float, now: float) -> None:
        self._left[identity] = (left, now)
        self._left.move_to_end(identity)
        if len(self._left) > self._remembered:
            self._left.popitem(last=False)
