"""Which of the messages whose turn it is are sent: decided on the newest picture, in the commit that claims them. Pure.

Between the look at the queue and this commit others were asked, which takes time: what has changed meanwhile counts.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from adapters.outbox.claims import MaySend
from adapters.outbox.policy import OutboxPolicy
from adapters.outbox.transitions import claimed, expired, is_claimed_by, put_back, unwanted
from negotiation.opt_outs import stopped
from negotiation.records import Notification, Snapshot
from resolvers.ports import NOTIFICATIONS


@dataclass(slots=True)
class Claiming:
    """`claims`: ours to send now; `others`: changed, but not to be sent."""

    claims: list[Notification] = field(default_factory=list)
    others: list[Notification] = field(default_factory=list)


def claiming(
    asked: Sequence[Notification],
    snapshot: Snapshot,
    *,
    granted: Collection[str],
    may_send: MaySend,
    owner: str,
    now: datetime,
    policy: OutboxPolicy,
    is_stopping: bool = False,
) -> Claiming:
    """What becomes of the rows that were `asked` for; nothing is claimed while sending is paused, or this process stops. One
    that was granted elsewhere may be heard of from there before it is written here: it is ours already.
    """
    found = Claiming()
    closed, held = stopped(snapshot), is_stopping or NOTIFICATIONS in snapshot.pauses
    for seen in asked:
        row = snapshot.notifications.get(seen.id)
        if row is None:
            continue
        ours = row.id in granted and is_claimed_by(row, owner)
        if not ours and (row != seen or not may_send(row.id)):
            continue
        waiting = put_back(row, now=now) if ours else row
        if row.to in closed:
            found.others.append(unwanted(waiting, now=now))
        elif row.expires_at is not None and row.expires_at <= now:
            found.others.append(expired(waiting, now=now))
        elif not held:
            found.claims.append(row if ours else claimed(row, owner=owner, now=now, policy=policy))
        elif ours:
            found.others.append(waiting)
    return found
