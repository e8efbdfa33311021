"""A provider in memory: it takes, refuses or loses messages as told, and knows what it took."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import count

from negotiation.records import Notification
from resolvers.ports import Accepted, ComponentHealth, NotifierError, Status, Text


def refusal(code: str = "21211") -> NotifierError:
    return NotifierError(code, "Refused for good.", retry=False)


def trouble(code: str = "20503", retry_after: float | None = None) -> NotifierError:
    return NotifierError(code, "Not now.", retry=True, retry_after=retry_after)


def doubt(retry_after: float | None = None) -> NotifierError:
    return NotifierError(
        "CUT", "The answer was lost.", retry=True, ambiguous=True, retry_after=retry_after
    )


class ProviderDouble:
    """Satisfies the Notifier port. `script`: what happens to the next sends, an error or None for "taken";
    `lost_after`: of ambiguous errors, whether the message was taken all the same; `hang`: sends wait until it is set.
    """

    def __init__(self, *script: Exception | None, lost_after: bool = False) -> None:
        self.script = deque(script)
        self.default: Exception | None = None
        self.lost_after = lost_after
        self.find_errors: deque[NotifierError] = deque()
        self.ready = True
        self.hang: asyncio.Event | None = None
        self.sends: list[Notification] = []
        self.taken: list[tuple[str, Notification]] = []
        self.looked_up: list[str] = []
        self.withins: list[float | None] = []
        self.blind = False
        self.texts: list[tuple[str, datetime, Text]] = []
        self._ids = count(1)

    @property
    def taken_ids(self) -> list[str]:
        """Which notifications were taken, in order."""
        return [row.id for _, row in self.taken]

    async def send(self, notification: Notification) -> Accepted:
        self.sends.append(notification)
        outcome = self.script.popleft() if self.script else self.default
        if outcome is None or (
            isinstance(outcome, NotifierError) and outcome.ambiguous and self.lost_after
        ):
            self.taken.append((f"SM{next(self._ids)}", notification))
        if self.hang is not None:
            await self.hang.wait()
        if outcome is not None:
            raise outcome
        return Accepted(self.taken[-1][0])

    async def texts_from(self, number: str, *, since: datetime) -> Sequence[Text]:
        if self.find_errors:
            raise self.find_errors.popleft()
        return [text for sender, at, text in self.texts if sender == number and at >= since]

    async def find(
        self,
        notification: Notification,
        *,
        exclude: Collection[str] = (),
        within: float | None = None,
    ) -> Accepted | None:
        self.looked_up.append(notification.id)
        self.withins.append(within)
        if self.find_errors:
            raise self.find_errors.popleft()
        if self.blind:
            return None
        for provider_id, row in reversed(self.taken):
            same = row.to == notification.to and row.body == notification.body
            if same and provider_id not in exclude:
                return Accepted(provider_id)
        return None

    def health(self) -> ComponentHealth:
        return ComponentHealth(name="twilio", status=Status.OK, mode="double", message="A double.")
