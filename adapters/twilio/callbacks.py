"""Twilio's word on what became of a message, sent to us: believed when it is signed, and only if it moves things forward.

The route, its limits and its public address are the edge's. Where Twilio cannot reach us, `DeliveryPoll` asks instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import parse_qs, urlencode, urlsplit

import structlog

from adapters.outbox.deliveries import delivered
from adapters.outbox.history import known_by, noted
from adapters.twilio.credentials import TwilioCredentials
from adapters.twilio.faults import delivery_of
from adapters.twilio.signature import Signature
from negotiation.records import AttemptOutcome, Notification, NotificationStatus, Snapshot
from resolvers.ports import Clock, Delivery, Put, Store, Write

PATH = "/webhooks/twilio/status"
_NOTIFICATION = "notification"
_UNDER_WAY = frozenset({NotificationStatus.SENDING, NotificationStatus.UNCONFIRMED})
_IN_DOUBT = frozenset({AttemptOutcome.UNCONFIRMED, AttemptOutcome.NOT_TAKEN})
"""How a try ended of which it was never certain that it was not taken."""


def callback_address(public_url: str, notification_id: str) -> str:
    """Where Twilio reports on this notification. Its id stands in the signed address, so that a report also settles a
    message whose acceptance we never heard of.
    """
    return f"{public_url.rstrip('/')}{PATH}?{urlencode({_NOTIFICATION: notification_id})}"


@dataclass(frozen=True, slots=True)
class Report:
    """A report as it is posted: `form` to `url`, with `signature` as X-Twilio-Signature."""

    url: str
    form: Mapping[str, str]
    signature: str


def example_report(credentials: TwilioCredentials) -> Report | None:
    """Signed as Twilio signs, about a message that does not exist; None without credentials or a public address."""
    from twilio.request_validator import RequestValidator

    known = credentials
    if known.public_url is None or known.account_sid is None or known.auth_token is None:
        return None
    url = callback_address(known.public_url, "none")
    form = {
        "AccountSid": known.account_sid,
        "MessageSid": "SM" + "0" * 32,
        "MessageStatus": "delivered",
    }
    signature = RequestValidator(known.auth_token).compute_signature(url, form)
    return Report(url, form, str(signature))


class StatusCallbacks:
    """Receives reports."""

    def __init__(self, *, signature: Signature, store: Store, clock: Clock) -> None:
        self._signature = signature
        self._store = store
        self._clock = clock

    async def receive(
        self, path_and_query: str, form: Mapping[str, str], signature: str | None
    ) -> bool:
        """Whether it changed anything. A repeated, late or unknown report changes nothing. Raises Forbidden."""
        url = self._signature.checked_address(path_and_query, form, signature)
        sid = form.get("MessageSid", "")
        named = parse_qs(urlsplit(url).query).get(_NOTIFICATION, [""])[0]
        found = delivery_of(form.get("MessageStatus", ""), form.get("ErrorCode"), None)
        now, changed = self._clock.now(), False

        def decide(snapshot: Snapshot) -> Sequence[Write]:
            nonlocal changed
            row = _row(snapshot, sid, named)
            after = None if row is None or not sid else reported(row, sid, found, now)
            changed = after is not None and after is not row
            return [Put(after)] if after is not None and changed else []

        await self._store.commit(decide, actor="twilio", cause="status callback")
        structlog.get_logger().info(
            "twilio.reported", provider_id=sid, status=found.status.value, changed=changed
        )
        return changed


def reported(row: Notification, sid: str, found: Delivery, now: datetime) -> Notification:
    """The row after a report on message `sid`, or the same row. A report proves that the message was taken."""
    if _may_be_about(row, sid):
        row = replace(
            noted(row, AttemptOutcome.ACCEPTED, now, provider_id=sid),
            status=NotificationStatus.SENT,
            provider_id=sid,
            lease_owner=None,
            lease_until=None,
            next_attempt_at=None,
            error_code=None,
            error_message=None,
            updated_at=now,
        )
    return delivered(row, found, now) if row.provider_id == sid else row


def _may_be_about(row: Notification, sid: str) -> bool:
    """Whether the last try of a row of which no message is known can have made this one. A message of an earlier try cannot."""
    if row.provider_id is not None or sid in known_by([row], but=row.id):
        return False
    doubted = bool(row.history) and row.history[-1].outcome in _IN_DOUBT
    return doubted or row.status in _UNDER_WAY


def _row(snapshot: Snapshot, sid: str, named: str) -> Notification | None:
    """The notification that has the message; else the one that the address names."""
    rows = snapshot.notifications
    holder = next((row for row in rows.values() if row.provider_id == sid), None)
    return holder if holder is not None else rows.get(named)
