"""What is to be done in a queue of notifications at an instant, and what it says about itself. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from adapters.outbox.policy import OutboxPolicy
from adapters.outbox.transitions import OPEN
from negotiation.records import Notification, NotificationPriority, NotificationStatus

_RANK = {priority: rank for rank, priority in enumerate(NotificationPriority)}
_COUNTED = OPEN | {NotificationStatus.FAILED}
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True)
class Agenda:
    """`sends` by priority, then oldest first; `look_ups`: doubts whose time has come; `abandoned`: leases that ran out;
    `expired`: not sent in time; `next_at`: when the next of those that wait comes due.
    """

    sends: list[Notification] = field(default_factory=list)
    look_ups: list[Notification] = field(default_factory=list)
    abandoned: list[Notification] = field(default_factory=list)
    expired: list[Notification] = field(default_factory=list)
    next_at: datetime | None = None

    def __bool__(self) -> bool:
        return bool(self.sends or self.look_ups or self.abandoned or self.expired)


@dataclass(frozen=True, slots=True)
class Depth:
    """`waiting`: not yet settled, of which `oldest` was due first, or will be; `undecided`: need a person; `failed`: all of them."""

    waiting: int = 0
    oldest: datetime | None = None
    undecided: int = 0
    failed: int = 0


def agenda(
    rows: Iterable[Notification],
    *,
    now: datetime,
    busy: Collection[str],
    watched: Mapping[str, float],
    policy: OutboxPolicy,
) -> Agenda:
    """`busy`: ids this process is working on. `watched`: for how many seconds it has seen each send or doubt of others."""
    found = Agenda()
    far = now + timedelta(seconds=policy.horizon)

    def due(at: datetime, latest: datetime) -> bool:
        """Or so far off that only a clock set back can have meant it."""
        if at <= now or at > latest:
            return True
        found.next_at = at if found.next_at is None else min(found.next_at, at)
        return False

    def lasted(row: Notification, seconds: float) -> bool:
        """By our own clock: the one by which the row was written may be wrong."""
        left = seconds - watched.get(row.id, 0.0)
        return left <= 0 or due(now + timedelta(seconds=left), _NEVER)

    for row in rows:
        if row.status not in OPEN or row.id in busy:
            continue
        at = row.next_attempt_at
        if row.status is NotificationStatus.SENDING:
            if row.lease_until is None or lasted(row, policy.lease):
                found.abandoned.append(row)
        elif row.status is NotificationStatus.UNCONFIRMED:
            if at is not None and due(at, far) and lasted(row, _until_conclusive(row, at, policy)):
                found.look_ups.append(row)
        elif row.expires_at is not None and due(row.expires_at, _NEVER):
            found.expired.append(row)
        elif at is None or due(at, _NEVER if row.attempts == 0 else far):
            found.sends.append(row)
    found.sends.sort(key=turn)
    found.look_ups.sort(key=lambda row: (row.queued_at, row.id))
    return found


def _until_conclusive(row: Notification, at: datetime, policy: OutboxPolicy) -> float:
    """A doubt that came with an answer may need less. Both times are of one clock, so that their difference is true."""
    return min(policy.settle, (at - row.updated_at).total_seconds())


def turn(row: Notification) -> tuple[int, datetime, str]:
    """Whose turn comes first: by priority, then by age."""
    return _RANK[row.priority], row.queued_at, row.id


def depth(rows: Iterable[Notification]) -> Depth:
    waiting = undecided = failed = 0
    oldest: datetime | None = None
    for row in rows:
        if row.status not in _COUNTED:
            continue
        if row.status is NotificationStatus.FAILED:
            failed += 1
        elif row.status is NotificationStatus.UNCONFIRMED and row.next_attempt_at is None:
            undecided += 1
        else:
            waiting += 1
            oldest = row.waits_since if oldest is None else min(oldest, row.waits_since)
    return Depth(waiting, oldest, undecided, failed)
