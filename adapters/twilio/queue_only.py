"""The notifier that never sends: without credentials every notification waits in the durable queue, and health says so."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime

from adapters.twilio.credentials import TwilioCredentials
from negotiation.records import Notification
from resolvers.ports import Accepted, ComponentHealth, NotifierError, Status, Text


class QueueOnlyNotifier:
    """Satisfies the Notifier port. Knows what is missing."""

    def __init__(self, credentials: TwilioCredentials) -> None:
        faults = credentials.faults()
        if credentials.absent:
            self._message = (
                "Twilio is not set up: notifications wait in the queue. Set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and "
                "TWILIO_FROM (or TWILIO_MESSAGING_SERVICE_SID) to send them."
            )
        else:
            self._message = (
                f"Twilio is half set up: {'; '.join(faults)}. Notifications wait in the queue."
            )

    @property
    def ready(self) -> bool:
        return False

    async def run(self) -> None:
        """Nothing to do in the background; waits to be cancelled."""
        await asyncio.Event().wait()

    async def close(self) -> None:
        return

    async def send(self, notification: Notification) -> Accepted:  # noqa: ARG002 - the port's
        raise NotifierError("NOT_CONFIGURED", self._message, retry=True)

    async def find(
        self,
        notification: Notification,  # noqa: ARG002 - the port's
        *,
        exclude: Collection[str] = (),  # noqa: ARG002 - the port's
        within: float | None = None,  # noqa: ARG002 - the port's
    ) -> Accepted | None:
        raise NotifierError("NOT_CONFIGURED", self._message, retry=True)

    async def texts_from(
        self,
        number: str,  # noqa: ARG002 - the port's
        *,
        since: datetime,  # noqa: ARG002 - the port's
    ) -> Sequence[Text]:
        raise NotifierError("NOT_CONFIGURED", self._message, retry=True)

    def health(self) -> ComponentHealth:
        return ComponentHealth(
            name="twilio", status=Status.DEGRADED, mode="queue", message=self._message
        )
