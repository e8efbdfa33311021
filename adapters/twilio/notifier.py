"""Sends SMS and Studio flow runs, and says what became of a doubtful or an accepted one.

One try per call and no queue: when to try again is the outbox's business. Without credentials see `queue_only`.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from adapters.twilio import codes, faults
from adapters.twilio.account import TwilioAccount
from adapters.twilio.callbacks import callback_address
from adapters.twilio.credentials import TwilioCredentials
from adapters.twilio.faults import TwilioFault
from negotiation.records import Notification, NotificationChannel, NotificationStatus
from resolvers.ports import Accepted, ComponentHealth, Delivery, Text

if TYPE_CHECKING:
    from twilio.rest import Client

_CLOCK_DOUBT = timedelta(hours=26)
"""How far our clock and Twilio's may disagree when a message is looked up: a day, and some."""
_SLACK = timedelta(minutes=5)
"""How far Twilio's clocks may disagree with each other, its whole seconds included."""
_LONGEST_VALIDITY = 36_000
"""Seconds that a message may wait at Twilio, at most."""
_FAILING = frozenset({"failed", "deliveryFailed"})
"""The events of a flow's widgets after which nobody got its message."""
_PAGE = 1000
"""The most that Twilio lists at once."""
_TEXTS = 200
"""Of one number: the newest, of which the last word counts."""
_TRIAL_PREFIX = "Sent from your Twilio trial account - "


class TwilioNotifier:
    """Satisfies the Notifier port, and Tracker. `look_through`: the most messages that a look-up reads."""

    def __init__(
        self, account: TwilioAccount, credentials: TwilioCredentials, *, look_through: int = 20_000
    ) -> None:
        self._account = account
        self._credentials = credentials
        self._look_through = look_through

    @property
    def ready(self) -> bool:
        return True

    def health(self) -> ComponentHealth:
        return self._account.health()

    async def run(self) -> None:
        """Nothing to do in the background; waits to be cancelled."""
        await asyncio.Event().wait()

    async def close(self) -> None:
        await self._account.close()

    async def send(self, notification: Notification) -> Accepted:
        """One try. Raises TwilioFault; `ambiguous` when the request may have been taken all the same."""
        if notification.channel is NotificationChannel.STUDIO_FLOW:
            return await self._start_flow(notification)
        known = self._credentials
        options: dict[str, Any] = (
            {"messaging_service_sid": known.messaging_service_sid}
            if known.messaging_service_sid
            else {"from_": known.sender}
        )
        if notification.expires_at is not None:
            left = (notification.expires_at - self._account.now()).total_seconds()
            options["validity_period"] = int(min(max(left, 1), _LONGEST_VALIDITY))
        if known.public_url:
            options["status_callback"] = callback_address(known.public_url, notification.id)

        async def create(client: Client) -> Accepted:
            message = await client.api.v2010.account.messages.create_async(
                to=notification.to, body=notification.body, **options
            )
            return Accepted(_present(message.sid))

        return await self._account.exchange("send", create, sending=True)

    async def find(
        self,
        notification: Notification,
        *,
        exclude: Collection[str] = (),
        within: float | None = None,
    ) -> Accepted | None:
        """Looks through the messages to the recipient since the notification was first tried, by Twilio's clock; where that is
        not known, since it was queued. Of a flow, whose runs say what they are for, through its runs.

        Raises TwilioFault where Twilio does not answer, altered the text or hides it, or lists too many.
        """
        queued = notification.queued_at - _CLOCK_DOUBT
        if notification.channel is NotificationChannel.STUDIO_FLOW:
            return await self._find_flow_run(notification, queued, exclude)

        async def look(client: Client) -> Accepted | None:
            listed = await client.api.v2010.account.messages.stream_async(
                to=notification.to, limit=self._look_through, page_size=_PAGE
            )
            theirs, since = self._account.said_at(), queued  # as of the first page, just now
            if theirs is not None and within is not None:
                since = theirs - timedelta(seconds=within) - _SLACK
            seen, similar, reached_back = 0, False, False
            async for message in listed:
                seen += 1
                created = message.date_created
                if created is not None and created < since:
                    reached_back = True
                    continue
                if message.sid in exclude or not _may_have_reached(message):
                    continue
                if _same(message.body, notification.body):
                    return Accepted(_present(message.sid))
                similar = similar or _perhaps(message.body, notification.body)
            if similar or (seen >= self._look_through and not reached_back):
                raise _cannot_tell()
            return None

        return await self._account.exchange("find", look)

    async def texts_from(self, number: str, *, since: datetime) -> Sequence[Text]:
        """What a number has texted to us since then, oldest first. Raises TwilioFault."""

        async def look(client: Client) -> list[Text]:
            listed = await client.api.v2010.account.messages.list_async(
                from_=number, date_sent_after=since, limit=_TEXTS, page_size=_TEXTS
            )
            return [
                Text(_present(each.sid), each.body or "")
                for each in reversed(listed)
                if str(each.direction) == "inbound" and (each.date_sent or since) >= since
            ]

        return await self._account.exchange("texts", look)

    async def delivery(self, notification: Notification) -> Delivery:
        """What Twilio knows of an accepted message, or of a flow run."""
        sid = notification.provider_id
        if sid is None:
            return Delivery(NotificationStatus.SENT)
        if notification.channel is NotificationChannel.STUDIO_FLOW:
            return await self._flow_run(sid)

        async def fetch(client: Client) -> Delivery:
            message = await client.api.v2010.account.messages(sid).fetch_async()
            return faults.delivery_of(
                str(message.status), message.error_code, message.error_message
            )

        return await self._account.exchange("delivery", fetch)

    async def _flow_run(self, sid: str) -> Delivery:
        """SENT while the run is active; then DELIVERED, or FAILED where its last step came of a message that failed."""
        flow = self._credentials.studio_flow_sid
        if flow is None:
            return Delivery(NotificationStatus.SENT)

        async def look(client: Client) -> Delivery:
            run = client.studio.v2.flows(flow).executions(sid)
            if str((await run.fetch_async()).status) != "ended":
                return Delivery(NotificationStatus.SENT)
            last = await run.steps.list_async(limit=1)  # newest first
            event = last[0].name if last else None
            if event in _FAILING:
                widget = last[0].transitioned_from or "?"
                return Delivery(
                    NotificationStatus.FAILED,
                    codes.FLOW_FAILED,
                    f"{faults.explain(codes.FLOW_FAILED)} Widget {widget}, event {event}.",
                )
            return Delivery(NotificationStatus.DELIVERED)

        return await self._account.exchange("flow run", look)

    async def _start_flow(self, notification: Notification) -> Accepted:
        flow = self._credentials.studio_flow_sid
        if flow is None:
            raise faults.refusal(codes.NO_FLOW)
        parameters = {"body": notification.body, "notification_id": notification.id}

        async def create(client: Client) -> Accepted:
            try:
                run = await client.studio.v2.flows(flow).executions.create_async(
                    to=notification.to,
                    from_=self._credentials.messaging_service_sid or self._credentials.sender,
                    parameters=parameters,
                )
            except TwilioFault as fault:
                # Not the account is unknown here, which would hold the whole queue, but the flow.
                if fault.code == codes.NOT_FOUND:
                    raise faults.refusal(codes.UNKNOWN_FLOW) from fault
                raise
            return Accepted(_present(run.sid))

        return await self._account.exchange("start flow", create, sending=True)

    async def _find_flow_run(
        self, notification: Notification, since: datetime, exclude: Collection[str]
    ) -> Accepted | None:
        """A run carries our id in its context, so that it cannot be taken for another."""
        flow = self._credentials.studio_flow_sid
        if flow is None:
            raise faults.refusal(codes.NO_FLOW)

        async def look(client: Client) -> Accepted | None:
            runs = client.studio.v2.flows(flow).executions
            seen = 0
            async for run in await runs.stream_async(
                date_created_from=since, limit=self._look_through, page_size=_PAGE
            ):
                seen += 1
                if run.contact_channel_address != notification.to or run.sid in exclude:
                    continue
                context = await runs(_present(run.sid)).execution_context().fetch_async()
                if notification.id in json.dumps(context.context):
                    return Accepted(_present(run.sid))
            if seen >= self._look_through:
                raise _cannot_tell()
            return None

        return await self._account.exchange("find flow run", look)


def _may_have_reached(message: Any) -> bool:
    """Sent by us, and not known to have failed: a failed one of the same text is an earlier try that was given up."""
    outbound = str(message.direction).startswith("outbound")
    return outbound and message.status not in {"failed", "undelivered", "canceled"}


def _same(theirs: str | None, ours: str) -> bool:
    """Twilio trims, and a trial account puts a sentence in front."""
    return theirs is not None and theirs.removeprefix(_TRIAL_PREFIX).strip() == ours.strip()


def _perhaps(theirs: str | None, ours: str) -> bool:
    """Redacted, with a sentence around ours (an opt-out notice), or ours in other characters (smart encoding): it may be the one."""
    said = (theirs or "").strip()
    if _letters(said) == _letters(ours) != "":
        return True
    return not said or re.search(rf"(?:^|\s){re.escape(ours.strip())}(?:\s|$)", said) is not None


def _letters(text: str) -> str:
    """What no rewriting of quotes, dashes and spaces changes."""
    return re.sub(r"[^0-9A-Za-z]+", "", text)


def _cannot_tell() -> TwilioFault:
    return TwilioFault(
        "CANNOT_TELL",
        "Twilio may have sent it: its list shows a message that could be this one. Look in the Twilio console under "
        "Monitor, Logs; then retry or cancel.",
        retry=False,
    )


def _present(sid: str | None) -> str:
    if not sid:
        raise ValueError("an answer without a SID")
    return sid
