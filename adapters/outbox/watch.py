"""How long this process has seen a notification stay as it is, by its own steady clock: the one that nobody can set.

What a row says about time was written by another process by another clock, which may be a day wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from negotiation.records import Notification, NotificationStatus
from resolvers.ports import Clock

_WATCHED = frozenset({NotificationStatus.SENDING, NotificationStatus.UNCONFIRMED})


class Watch:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since: dict[str, tuple[object, float]] = {}

    def look(self, rows: Iterable[Notification]) -> Mapping[str, float]:
        """Seconds by id, of each of all `rows` that is being sent or in doubt. A new try or claim begins anew."""
        now = self._clock.monotonic()
        self._since = self._of(rows, now)
        return {id_: now - seen for id_, (_, seen) in self._since.items()}

    def note(self, rows: Iterable[Notification]) -> None:
        """These were written just now."""
        self._since.update(self._of(rows, self._clock.monotonic()))

    def _of(self, rows: Iterable[Notification], now: float) -> dict[str, tuple[object, float]]:
        found: dict[str, tuple[object, float]] = {}
        for row in rows:
            if row.status in _WATCHED:
                mark, known = _mark(row), self._since.get(row.id)
                found[row.id] = known if known is not None and known[0] == mark else (mark, now)
        return found


def _mark(row: Notification) -> object:
    """Equal as long as it is about the same try; a look-up that told nothing changes it not."""
    tries = row.history[-1].number if row.history else row.attempts
    return row.status, tries, row.lease_owner, row.lease_until
