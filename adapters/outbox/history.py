"""The history of a notification: a line for every try, look-up and report on delivery. It only grows. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from negotiation.records import (
    AttemptOutcome,
    Notification,
    NotificationAttempt,
    NotificationStatus,
)


def noted(
    row: Notification,
    outcome: AttemptOutcome,
    ended: datetime,
    *,
    began: datetime | None = None,
    looked_up: bool = False,
    provider_id: str | None = None,
    code: str | None = None,
    message: str | None = None,
) -> Notification:
    """The row with one line more. `began` None: when the row was last written, which for a try is when it was claimed.

    A row that is SENDING has a try that no line is about yet; every other line is about the last one.
    """
    last = row.history[-1].number if row.history else 0
    line = NotificationAttempt(
        number=last + 1 if row.status is NotificationStatus.SENDING else max(last, 1),
        outcome=outcome,
        started_at=row.updated_at if began is None else began,
        ended_at=ended,
        looked_up=looked_up,
        provider_id=provider_id,
        error_code=code,
        error_message=message,
    )
    return replace(row, history=(*row.history, line))


def known_by(rows: Sequence[Notification], *, but: str) -> set[str]:
    """The provider's ids by which these are known, and by which earlier tries of theirs were. `but`: the id of the one that
    is being looked for; of it the earlier tries only.
    """
    found = {line.provider_id for row in rows for line in row.history}
    found |= {row.provider_id for row in rows if row.id != but}
    return {each for each in found if each is not None}
