"""Who does not want our texts: what the words STOP and START do, and who is opted out at this moment. Pure.

The provider keeps its own list and refuses (21610) whoever is on it; this one also knows without asking, and says since when.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from negotiation.records import Notification, NotificationStatus, OptOut, Snapshot

STOP_WORDS = frozenset(
    {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"}
)
START_WORDS = frozenset({"START", "UNSTOP", "YES"})
REFUSED = "21610"
"""Twilio's code for a recipient who replied STOP."""
KEPT_TEXTS = 200
"""So many ids of one recipient's texts are remembered, the newest."""
_ARRIVED = frozenset({NotificationStatus.SENT, NotificationStatus.DELIVERED})


class OptOutSource(StrEnum):
    """TEXTED: they texted STOP to us; REFUSED: Twilio refused a message to them for it."""

    TEXTED = "TEXTED"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuser:
    """Who is opted out at this moment. `keyword`: what they texted, where it was to us."""

    number: str
    since: datetime
    source: OptOutSource
    keyword: str | None = None


def word_of(text: str) -> str | None:
    """The one of STOP_WORDS or START_WORDS that a text is; None for any other. Case and what surrounds it do not matter."""
    said = text.strip().strip(".!?,;:\"'").strip().upper().replace("-", "")
    return said if said in STOP_WORDS | START_WORDS else None


def heard(
    snapshot: Snapshot, number: str, word: str, *, text_id: str, now: datetime
) -> tuple[OptOut, ...]:
    """What is to be remembered after a text of one of the words; nothing where it changes nothing, or came before."""
    known = [each for each in snapshot.opt_outs.values() if each.number == number]
    if any(text_id in each.texts for each in known):
        return ()
    held = [each for each in known if each.lifted_at is None]
    refused = refused_at(snapshot.notifications.values(), number)
    if word in STOP_WORDS:
        row = held[0] if held else _blank(known, number, text_id, now)
        since = row.since if held else now
        return (_told(row, text_id, since=since, keyword=word, lifted_at=None),)
    if not held and (known or refused is not None):
        held = [_blank(known, number, text_id, refused or now)]
    return tuple(_told(row, text_id, keyword=word, lifted_at=now) for row in held)


def _blank(known: list[OptOut], number: str, text_id: str, since: datetime) -> OptOut:
    last = max(known, key=lambda each: each.since, default=None)
    return last or OptOut(id=text_id, number=number, since=since, keyword="")


def _told(row: OptOut, text_id: str, **changes: Any) -> OptOut:
    return replace(row, texts=(*row.texts, text_id)[-KEPT_TEXTS:], **changes)


def stopped(snapshot: Snapshot) -> frozenset[str]:
    """The numbers that texted STOP and not START since."""
    return frozenset(each.number for each in snapshot.opt_outs.values() if each.lifted_at is None)


def refuser(snapshot: Snapshot, number: str) -> Refuser | None:
    """Who does not want texts at this number: they said so, or Twilio did since they last let us, and nothing was accepted."""
    known = [each for each in snapshot.opt_outs.values() if each.number == number]
    if held := next((each for each in known if each.lifted_at is None), None):
        return Refuser(
            number=number, since=held.since, source=OptOutSource.TEXTED, keyword=held.keyword
        )
    at = refused_at(snapshot.notifications.values(), number)
    lifted = max((each.lifted_at for each in known if each.lifted_at), default=None)
    if at is None or (lifted is not None and lifted >= at):
        return None
    return Refuser(number=number, since=at, source=OptOutSource.REFUSED)


def refused_at(rows: Iterable[Notification], number: str) -> datetime | None:
    """When Twilio refused a message to this number because of a STOP, unless one was accepted since."""
    last: Notification | None = None
    for row in rows:
        told = row.to == number and (row.status in _ARRIVED or was_refused(row))
        if told and (last is None or row.updated_at > last.updated_at):
            last = row
    return last.updated_at if last is not None and was_refused(last) else None


def was_refused(row: Notification) -> bool:
    """Whether this message was refused because its recipient had opted out."""
    return row.status is NotificationStatus.FAILED and row.error_code == REFUSED
