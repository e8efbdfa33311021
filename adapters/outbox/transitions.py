"""What a notification becomes after each thing that can happen to it. Pure; the worker commits what these return.

    QUEUED ──claim──► SENDING ──accepted──► SENT ──► DELIVERED | FAILED
      ▲  ▲               │
      │  └──again────────┤──refused──► FAILED
      │                  ▼
      └──not taken── UNCONFIRMED ──found──► SENT

UNCONFIRMED with `next_attempt_at` is looked up then; without, a person must decide. QUEUED past its expiry is CANCELLED.
Each step that says something about a try adds a line to the row's history.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import assert_never

from adapters.outbox.history import noted
from adapters.outbox.policy import OutboxPolicy
from negotiation.records import AttemptOutcome, Notification, NotificationStatus
from resolvers.ports import NotifierError

_Status = NotificationStatus
EXPIRED = "EXPIRED"
OPTED_OUT = "OPTED_OUT"
TOO_LATE = "TOO_LATE"
_NOT_TRIED = frozenset({"CIRCUIT_OPEN", TOO_LATE})
"""Claimed, and then not sent at all: no try."""
_GONE_OUT = frozenset({_Status.SENT, _Status.DELIVERED})
OPEN = frozenset({_Status.QUEUED, _Status.SENDING, _Status.UNCONFIRMED})


@dataclass(frozen=True, slots=True)
class _OfRow:
    """What a try or a look-up came to. `began`, `ended`: when; None: when the row was last written, and now."""

    row: Notification
    began: datetime | None = field(default=None, kw_only=True)
    ended: datetime | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class Took(_OfRow):
    """The provider has it. `found`: known from a look-up, not from its answer."""

    provider_id: str
    found: bool = False


@dataclass(frozen=True, slots=True)
class Refused(_OfRow):
    """It was certainly not taken. `wait`: seconds until it may be tried again. `spent`: it had its tries."""

    error: NotifierError
    wait: float
    spent: bool = False


@dataclass(frozen=True, slots=True)
class Doubtful(_OfRow):
    """It may have been taken. `wait`: seconds until a look-up is conclusive. `unseen`: why the last look-up did not tell."""

    error: NotifierError
    wait: float
    unseen: NotifierError | None = None


@dataclass(frozen=True, slots=True)
class NotTaken(_OfRow):
    """A conclusive look-up found nothing. `wait` and `spent` as in Refused."""

    wait: float
    spent: bool = False


@dataclass(frozen=True, slots=True)
class Undecided(_OfRow):
    """No look-up can tell; a person must."""

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


def put_back(row: Notification, *, now: datetime) -> Notification:
    """Claimed, and not to be sent now: as it was before."""
    return replace(
        row,
        status=_Status.QUEUED,
        attempts=row.attempts - 1,
        lease_owner=None,
        lease_until=None,
        updated_at=now,
    )


def is_claimed_by(row: Notification, owner: str) -> bool:
    return row.status is _Status.SENDING and row.lease_owner == owner


def abandoned(row: Notification, *, now: datetime, policy: OutboxPolicy) -> Notification:
    """Its lease ran out: whoever held it is gone, and may have sent it."""
    error = NotifierError(
        "LEASE_EXPIRED",
        "The gateway stopped while sending. The message is looked up before another try.",
        retry=True,
        ambiguous=True,
    )
    seen = noted(row, AttemptOutcome.UNCONFIRMED, now, code=error.code, message=error.message)
    return _doubted(seen, error, policy.settle, now)


def expired(row: Notification, *, now: datetime) -> Notification:
    """It was not sent in time, and is not sent any more."""
    until = "" if row.expires_at is None else f" by {row.expires_at:%Y-%m-%d %H:%M} UTC"
    why = f" The last try said: {row.error_message}" if row.error_message else ""
    said = f"Not sent{until}, when it expired. Queue it again if it still matters.{why}"
    return _ended(row, _Status.CANCELLED, EXPIRED, said, now)


def unwanted(row: Notification, *, now: datetime) -> Notification:
    """Its recipient texted STOP since it was queued."""
    said = "The recipient opted out before it was sent. Queue it again when they have texted START."
    return _ended(row, _Status.CANCELLED, OPTED_OUT, said, now)


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
    told = {outcome.provider_id for outcome in outcomes if isinstance(outcome, Took)}
    taken = _holders(rows, told) if told else {}
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


def _holders(rows: Mapping[str, Notification], told: Collection[str]) -> dict[str, str]:
    """Whose these messages of the provider are, as far as is known."""
    return {
        row.provider_id: row.id
        for row in rows.values()
        if row.provider_id is not None and row.provider_id in told
    }


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
        if row.status in _GONE_OUT:
            return []
        return [_doubted(_doubt_noted(row, twin, outcome, now), twin, policy.settle, now)]
    sent = replace(
        noted(
            row,
            AttemptOutcome.ACCEPTED,
            outcome.ended or now,
            began=outcome.began,
            looked_up=outcome.found,
            provider_id=outcome.provider_id,
        ),
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
    doubted = _doubt_noted(rows[holder], lost, outcome, now)
    return [sent, replace(_doubted(doubted, lost, policy.settle, now), provider_id=None)]


def _doubt_noted(
    row: Notification, error: NotifierError, outcome: _OfRow, now: datetime
) -> Notification:
    return noted(
        row,
        AttemptOutcome.UNCONFIRMED,
        outcome.ended or now,
        began=outcome.began,
        looked_up=True,
        code=error.code,
        message=error.message,
    )


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
    if not (isinstance(outcome, Refused) and outcome.error.code in _NOT_TRIED):
        row = _with_line(outcome, row, now)
    match outcome:
        case Refused(error=error) if not error.retry:
            return _ended(row, _Status.FAILED, error.code, error.message, now)
        case Refused(error=error, spent=True):
            return _ended(row, _Status.FAILED, error.code, _gave_up(row, error.message), now)
        case Refused(error=error, wait=wait):
            tried = row.attempts - (error.code in _NOT_TRIED)
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


def _with_line(
    outcome: Refused | Doubtful | NotTaken | Undecided, row: Notification, now: datetime
) -> Notification:
    error: NotifierError | None = None
    match outcome:
        case Refused(error=error, spent=spent):
            final = spent or not error.retry
            became = AttemptOutcome.REFUSED if final else AttemptOutcome.POSTPONED
        case Doubtful(error=error, unseen=unseen):
            error = unseen or error
            became = AttemptOutcome.UNCONFIRMED
        case Undecided(error=error):
            became = AttemptOutcome.UNCONFIRMED
        case NotTaken():
            became = AttemptOutcome.NOT_TAKEN
    return noted(
        row,
        became,
        outcome.ended or now,
        began=outcome.began,
        looked_up=row.status is _Status.UNCONFIRMED,
        code=None if error is None else error.code,
        message=None if error is None else error.message,
    )


def speaks_against(error: NotifierError) -> bool:
    """Whether a failed try speaks against the message. Not when nothing could be sent, when we were asked to wait, or
    when no answer came: that is the network's fault, or ours. A complete answer that leaves a doubt says how long.
    """
    if error.ambiguous:
        return error.retry_after is not None or error.code == "UNEXPECTED"
    return error.retry_after is None and error.code not in {"UNREACHABLE", *_NOT_TRIED}


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
