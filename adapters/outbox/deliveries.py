"""Asks the provider what became of accepted notifications, at growing intervals, and records it.

For gateways that the provider's status callbacks cannot reach; where they can, this finds nothing left to ask.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import structlog

from adapters.outbox.history import noted
from negotiation.records import AttemptOutcome, Notification, NotificationStatus, Snapshot
from resolvers.ports import Clock, Delivery, NotifierError, Put, Store, Tracker, Write

_AGES = (5.0, 15.0, 45.0, 120.0, 300.0, 900.0, 3600.0, 14400.0)
"""At which ages, in seconds since it was accepted, a notification is asked for. Then it stays SENT."""
_AT_ONCE = 5
_IN_A_ROW = 100
"""So many are asked for before what is known of them is written, and whoever else needs the provider has a turn."""
_IDLE = 2.0


class DeliveryPoll:
    """`tracker` None: there is nobody to ask."""

    def __init__(self, *, store: Store, tracker: Tracker | None, clock: Clock) -> None:
        self._store = store
        self._tracker = tracker
        self._clock = clock
        self._asked: dict[str, int] = {}

    async def run(self) -> None:
        """Until cancelled."""
        if self._tracker is None:
            await asyncio.Event().wait()
        while True:
            await self.poll()
            await self._clock.sleep(_IDLE)

    async def poll(self) -> None:
        """Ask for those whose turn it is; record what changed in one commit."""
        tracker, due = self._tracker, self._due(self._clock.now())
        if tracker is None or not due:
            return
        room = asyncio.Semaphore(_AT_ONCE)

        async def ask(row: Notification) -> tuple[Notification, Delivery] | None:
            async with room:
                try:
                    return row, await tracker.delivery(row)
                except NotifierError as error:
                    structlog.get_logger().info(
                        "delivery.unknown", notification=row.id, code=error.code
                    )
                except Exception:  # noqa: BLE001 - a fault of ours at one must not end the polling of all
                    structlog.get_logger().exception("delivery.unexpected", notification=row.id)
                return None

        answers = [answer for answer in await asyncio.gather(*map(ask, due)) if answer is not None]
        now = self._clock.now()

        def decide(snapshot: Snapshot) -> Sequence[Write]:
            known = ((snapshot.notifications.get(row.id), found) for row, found in answers)
            return [
                Put(after)
                for row, found in known
                if row is not None
                and (after := delivered(row, found, now, looked_up=True)) is not row
            ]

        try:
            await self._store.commit(decide, actor="outbox", cause="delivery state")
        except Exception as error:  # noqa: BLE001 - asked again at the next age
            structlog.get_logger().error("delivery.unwritten", error=type(error).__name__)

    def _due(self, now: datetime) -> list[Notification]:
        due = []
        rows = self._store.snapshot().notifications
        sent = [row for row in rows.values() if row.status is NotificationStatus.SENT]
        self._asked = {row.id: self._asked[row.id] for row in sent if row.id in self._asked}
        for row in sent:
            turn = bisect_right(_AGES, (now - row.updated_at).total_seconds())
            if row.provider_id is not None and turn > self._asked.get(row.id, 0):
                self._asked[row.id] = turn
                due.append(row)
                if len(due) == _IN_A_ROW:
                    break
        return due


def delivered(
    row: Notification, found: Delivery, now: datetime, *, looked_up: bool = False
) -> Notification:
    """The row with its delivery state, or the same row: the state only moves forward, from SENT to its end."""
    if row.status is not NotificationStatus.SENT or found.status is NotificationStatus.SENT:
        return row
    arrived = found.status is NotificationStatus.DELIVERED
    seen = noted(
        row,
        AttemptOutcome.DELIVERED if arrived else AttemptOutcome.UNDELIVERED,
        now,
        began=now,
        looked_up=looked_up,
        provider_id=row.provider_id,
        code=found.error_code,
        message=found.error_message,
    )
    return replace(
        seen,
        status=found.status,
        error_code=found.error_code,
        error_message=found.error_message,
        updated_at=now,
    )
