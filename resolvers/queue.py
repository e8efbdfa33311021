"""The queue of notifications as a whole: how it stands, and who stops and resumes it. Single messages: `notifications`.

A pause is a record, so that it outlasts a restart and holds for every gateway on the store; the outbox obeys it at each claim.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from math import ceil

from negotiation.records import AttemptOutcome, Notification, NotificationStatus, Pause, Snapshot
from negotiation.trace import Notice
from resolvers.allowances import price
from resolvers.errors import BadUserInput, FieldError
from resolvers.ports import (
    NOTIFICATIONS,
    Actor,
    CircuitState,
    Delete,
    Put,
    Services,
    Write,
)
from resolvers.view import View

LONGEST_REASON = 500
DAY = timedelta(days=1)
_COUNTED = frozenset(
    {
        NotificationStatus.QUEUED,
        NotificationStatus.SENDING,
        NotificationStatus.UNCONFIRMED,
        NotificationStatus.FAILED,
    }
)

Outcome = tuple[Snapshot, tuple[Notice, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """How sending stands. Counts are of messages, `sent` and `spent` of the last 24 hours.

    `waiting`: due and not settled, the oldest since `oldest_at`; `scheduled`: for later; `unconfirmed`: need a person's
    decision. `spent`, in `currency`, at the configured price of a segment, of what the provider took. `probe_in`: seconds until
    the provider is tried again, None while the circuit is closed.
    """

    pause: Pause | None
    waiting: int
    scheduled: int
    oldest_at: datetime | None
    oldest_seconds: int | None
    failed: int
    unconfirmed: int
    sent: int
    spent: Decimal
    budget: Decimal
    currency: str
    ready: bool
    circuit: CircuitState
    probe_in: int | None
    per_second: float | None


def queue(view: View) -> Queue:
    """As it stands now. No I/O."""
    services, now = view.services, view.services.clock.now()
    rows = view.snapshot.notifications.values()
    waiting = scheduled = failed = unconfirmed = 0
    oldest: datetime | None = None
    for row in rows:
        if row.status not in _COUNTED:
            continue
        if row.status is NotificationStatus.FAILED:
            failed += 1
        elif row.status is NotificationStatus.UNCONFIRMED and row.next_attempt_at is None:
            unconfirmed += 1
        elif row.waits_since > now:
            scheduled += 1
        else:
            waiting += 1
            oldest = row.waits_since if oldest is None else min(oldest, row.waits_since)
    taken = list(_taken_since(rows, now - DAY))
    sending = services.sending()
    closed = sending.circuit is CircuitState.CLOSED
    return Queue(
        pause=view.snapshot.pauses.get(NOTIFICATIONS),
        waiting=waiting,
        scheduled=scheduled,
        oldest_at=oldest,
        oldest_seconds=None if oldest is None else int((now - oldest).total_seconds()),
        failed=failed,
        unconfirmed=unconfirmed,
        sent=len(taken),
        spent=price(services.policy, taken),
        budget=services.policy.daily_budget,
        currency=services.policy.currency,
        ready=sending.ready,
        circuit=sending.circuit,
        probe_in=None if closed else ceil(sending.probe_in),
        per_second=sending.per_second,
    )


async def pause(services: Services, actor: Actor, reason: str) -> Outcome:
    """Stop all sending; what is under way is settled, what is queued waits. Raises BadUserInput without a reason."""
    said = reason.strip()
    if not said or len(said) > LONGEST_REASON:
        message = (
            "A pause needs a reason."
            if not said
            else f"A reason has at most {LONGEST_REASON} characters."
        )
        hint = "Say why in a sentence: everybody who wonders reads it."
        raise BadUserInput(f"{message} {hint}", [FieldError("reason", message, hint)])
    refusals: list[Notice] = []

    def decide(snapshot: Snapshot) -> Sequence[Write]:
        refusals.clear()
        held = snapshot.pauses.get(NOTIFICATIONS)
        if held is not None:
            refusals.append(Notice("ALREADY_PAUSED", _already(held), None))
            return ()
        now = services.clock.now()
        return (Put(Pause(id=NOTIFICATIONS, reason=said, by=actor.name or actor.id, since=now)),)

    snapshot = await services.store.commit(decide, actor=actor.id, cause="pauseNotifications")
    return snapshot, tuple(refusals)


async def resume(services: Services, actor: Actor) -> Outcome:
    """Send again."""
    refusals: list[Notice] = []

    def decide(snapshot: Snapshot) -> Sequence[Write]:
        refusals.clear()
        if NOTIFICATIONS in snapshot.pauses:
            return (Delete("pauses", NOTIFICATIONS),)
        refusals.append(Notice("NOT_PAUSED", "The queue is not paused.", None))
        return ()

    snapshot = await services.store.commit(decide, actor=actor.id, cause="resumeNotifications")
    services.wake_outbox()
    return snapshot, tuple(refusals)


def _taken_since(rows: Iterable[Notification], since: datetime) -> Iterator[Notification]:
    """Each message as often as the provider took it. Rows from before there was a history: by their state."""
    for row in rows:
        if row.updated_at <= since:
            continue
        if not row.history and row.provider_id is not None:
            yield row
        for line in row.history:
            if line.outcome is AttemptOutcome.ACCEPTED and line.ended_at > since:
                yield row


def _already(held: Pause) -> str:
    return f"{held.by} has paused it since {held.since:%Y-%m-%d %H:%M} UTC: {held.reason}"
