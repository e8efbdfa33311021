"""What a notification becomes after each thing that can happen to it. Pure; the worker commits what these return.

    QUEUED ──claim──► SENDING ──accepted──► SENT ──► DELIVERED | FAILED
      ▲  ▲               │
      │  └──again────────┤──refused──► FAILED
      │                  ▼
      └──not taken── UNCONFIRMED ──found──► SENT

UNCONFIRMED with `next_attempt_at` is looked up then; without, a person must decide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import assert_never

from adapters.outbox.policy import OutboxPolicy
from negotiation.records import Notification, NotificationStatus
from resolvers.ports import NotifierError

_Status = NotificationStatus
_GONE_OUT = frozenset({_Status.SENT, _Status.DELIVERED})
OPEN = frozenset({_Status.QUEUED, _Status.SENDING, _Status.UNCONFIRMED})


@dataclass(frozen=True, slots=True)
class Took:
    """The provider has it. `found`: known from a look-up, not from its answer."""

    row: Notification
    provider_id: str
    found: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """It was certainly not taken. `wait`: seconds until it may be tried again. `spent`: it had its tries."""

    row: Notification
    error: NotifierError
    wait: float
    spent: bool = False


@dataclass(frozen=True, slots=True)
class Doubtful:
    """It may have been taken. `wait`: seconds until a look-up is conclusive."""

    row: Notification
    error: NotifierError
    wait: float


@dataclass(frozen=True, slots=True)
class NotTaken:
    """A conclusive look-up found nothing. `wait` and `spent` as in Refused."""

    row: Notification
    wait: float
    spent: bool = False


@dataclass(frozen=True, slots=True)
class Undecided:
    """No look-up can tell; a person must."""

    row: Notification
    error: NotifierError


Outcome = Took | Refused | Doubtful | NotTaken | Undecided


def claimed(row: Notification, *, owner: str, now: datetime, policy: OutboxPolicy) -> Notification:
    """This try is on record before anything is sent."""
    return replace(
        row,
        status=_Status.SENDING,
        attempts=row.attempts + 1,
        lease_owner=owner,
        lease_until=now + timedelta(seconds=policy.lease),
        next_attempt_at=None,
        updated_at=now,
    )


def abandoned(row: Notification, *, now: datetime, policy: OutboxPolicy) -> Notification:
    """Its lease ran out: whoever held it is gone, and may have sent it."""
    return _doubted(
        row,
        NotifierError(
            "LEASE_EXPIRED",
            "The gateway stopped while sending. The message is looked up before another try.",
            retry=True,
            ambiguous=True,
        ),
        policy.settle,
        now,
    )


def settled(
    rows: Mapping[str, Notification],
    outcomes: Sequence[Outcome],
    *,
    owner: str,
    now: datetime,
    policy: OutboxPolicy,
) -> list[Notification]:
    """The rows that change. An outcome that is no longer about the row as it is now changes nothing, but for the truth
    that it was sent.
    """
    changed: dict[str, Notification] = {}
    taken = {row.provider_id: row.id for row in rows.values() if row.provider_id is not None}
    for outcome in outcomes:
        row = changed.get(outcome.row.id, rows.get(outcome.row.id))
        if row is None:
            continue
        if isinstance(outcome, Took):
            for after in _took(outcome, row, {**rows, **changed}, taken, now, policy):
                changed[after.id] = after
                if after.provider_id is not None:
                    taken[after.provider_id] = after.id
        elif _still_about(outcome, row, owner):
            changed[row.id] = _untaken(outcome, row, now)
    return list(changed.values())


def _took(
    outcome: Took,
    row: Notification,
    rows: Mapping[str, Notification],
    taken: Mapping[str, str],
    now: datetime,
    policy: OutboxPolicy,
) -> list[Notification]:
    """One message of the provider belongs to one notification: an answer proves whose, a look-up of twins only guesses."""
    holder = taken.get(outcome.provider_id)
    if holder == row.id:
        return []
    if outcome.found and holder is not None:
        twin = NotifierError("TWIN", "Another notification of the same text.", retry=True)
        return [_doubted(row, twin, policy.settle, now)] if row.status not in _GONE_OUT else []
    sent = replace(
        row,
        status=_Status.SENT,
        provider_id=outcome.provider_id,
        lease_owner=None,
        lease_until=None,
        next_attempt_at=None,
        error_code=None,
        error_message=None,
        updated_at=now,
    )
    if holder is None:
        return [sent]
    lost = NotifierError("TWIN", "What was found is another of the same text.", retry=True)
    return [sent, replace(_doubted(rows[holder], lost, policy.settle, now), provider_id=None)]


def _still_about(outcome: Outcome, row: Notification, owner: str) -> bool:
    """Whether the row still waits for this very outcome: our lease, or the doubt we looked into."""
    if row.status is _Status.SENDING:
        return row.lease_owner == owner and row.attempts == outcome.row.attempts
    return (
        row.status is _Status.UNCONFIRMED
        and outcome.row.status is _Status.UNCONFIRMED
        and row.next_attempt_at == outcome.row.next_attempt_at
    )


def _untaken(
    outcome: Refused | Doubtful | NotTaken | Undecided, row: Notification, now: datetime
) -> Notification:
    match outcome:
        case Refused(error=error) if not error.retry:
            return _ended(row, _Status.FAILED, error.code, error.message, now)
        case Refused(error=error, spent=True):
            return _ended(row, _Status.FAILED, error.code, _gave_up(row, error.message), now)
        case Refused(error=error, wait=wait):
            tried = row.attempts - (error.code == "CIRCUIT_OPEN")
            return _queued(row, error.code, error.message, now, wait, attempts=tried)
        case NotTaken(spent=True):
            said = row.error_message or "Twilio did not take it."
            return _ended(row, _Status.FAILED, row.error_code, _gave_up(row, said), now)
        case NotTaken(wait=wait):
            return _queued(row, row.error_code, row.error_message, now, wait)
        case Doubtful(error=error, wait=wait):
            return _doubted(row, error, wait, now)
        case Undecided(error=error):
            return _ended(row, _Status.UNCONFIRMED, error.code, error.message, now)
        case _:
            assert_never(outcome)


def speaks_against(error: NotifierError) -> bool:
    """Whether a failed try speaks against the message. Not when nothing could be sent, when we were asked to wait, or
    when no answer came: that is the network's fault, or ours. A complete answer that leaves a doubt says how long.
    """
    if error.ambiguous:
        return error.retry_after is not None or error.code == "UNEXPECTED"
    return error.retry_after is None and error.code not in {"UNREACHABLE", "CIRCUIT_OPEN"}


def _gave_up(row: Notification, why: str) -> str:
    return f"{why} Given up after {row.attempts} tries; retry when the cause is gone."


def _queued(
    row: Notification,
    code: str | None,
    message: str | None,
    now: datetime,
    wait: float,
    *,
    attempts: int | None = None,
) -> Notification:
    return replace(
        row,
        status=_Status.QUEUED,
        attempts=row.attempts if attempts is None else attempts,
        next_attempt_at=now + timedelta(seconds=wait),
        lease_owner=None,
        lease_until=None,
        error_code=code,
        error_message=message,
        updated_at=now,
    )


def _doubted(row: Notification, error: NotifierError, wait: float, now: datetime) -> Notification:
    return replace(
        row,
        status=_Status.UNCONFIRMED,
        next_attempt_at=now + timedelta(seconds=wait),
        lease_owner=None,
        lease_until=None,
        error_code=error.code,
        error_message=error.message,
        updated_at=now,
    )


def _ended(
    row: Notification, status: NotificationStatus, code: str | None, message: str, now: datetime
) -> Notification:
    return replace(
        row,
        status=status,
        next_attempt_at=None,
        lease_owner=None,
        lease_until=None,
        error_code=code,
        error_message=message,
        updated_at=now,
    )
