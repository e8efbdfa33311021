"""What this process recalls of a message from one try to the next; whoever queues it again afterwards begins anew."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from adapters.outbox.transitions import OPEN
from negotiation.records import Notification, NotificationStatus


@dataclass(slots=True)
class Recalled:
    """`began`: when its first try did, by the steady clock; None: it was not ours. `strikes`: answers that speak against
    the message itself. `look_ups_failed`: in a row.
    """

    began: float | None = None
    strikes: int = 0
    look_ups_failed: int = 0


class Recall:
    def __init__(self) -> None:
        self._recalled: dict[str, Recalled] = {}

    def of(self, id_: str) -> Recalled:
        return self._recalled.setdefault(id_, Recalled())

    def keep_open(self, rows: Mapping[str, Notification], busy: Collection[str]) -> None:
        """Forgets those of which nothing more is to be done, whoever settled them. `busy`: under way."""
        done = [id_ for id_ in self._recalled if id_ not in busy and not _is_open(rows.get(id_))]
        for id_ in done:
            del self._recalled[id_]


def _is_open(row: Notification | None) -> bool:
    """A doubt that waits for a person is not."""
    if row is None or row.status not in OPEN:
        return False
    return row.status is not NotificationStatus.UNCONFIRMED or row.next_attempt_at is not None
