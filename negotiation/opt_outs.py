"""Who does not want our texts: what the words STOP and START do, and who is opted out at this moment. Pure.

The provider keeps its own list and refuses (21610) whoever is on it; this one also knows without asking, and says since when.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
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
_GIVEN_UP = frozenset({NotificationStatus.FAILED, NotificationStatus.CANCELLED})
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
    refused = _refused(snapshot.notifications.values(), {number}).get(number)
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
    return refusers(snapshot, {number}).get(number)


def refusers(snapshot: Snapshot, numbers: Collection[str]) -> dict[str, Refuser]:
    """Those of the numbers that do not want texts."""
    found: dict[str, Refuser] = {}
    lifted: dict[str, datetime] = {}
    for each in snapshot.opt_outs.values():
        if each.lifted_at is None and each.number in numbers:
            found[each.number] = Refuser(
                number=each.number,
                since=each.since,
                source=OptOutSource.TEXTED,
                keyword=each.keyword,
            )
        elif each.lifted_at is not None:
            lifted[each.number] = max(each.lifted_at, lifted.get(each.number, each.lifted_at))
    for number, at in _refused(snapshot.notifications.values(), numbers).items():
        if number not in found and (number not in lifted or lifted[number] < at):
            found[number] = Refuser(number=number, since=at, source=OptOutSource.REFUSED)
    return found


def _refused(rows: Iterable[Notification], numbers: Collection[str]) -> dict[str, datetime]:
    """When Twilio refused a message to these numbers because of a STOP, unless one was accepted since."""
    last: dict[str, Notification] = {}
    for row in rows:
        if row.to in numbers and (row.status in _ARRIVED or was_refused(row)):
            before = last.get(row.to)
            if before is None or row.updated_at > before.updated_at:
                last[row.to] = row
    return {number: row.updated_at for number, row in last.items() if was_refused(row)}


def was_refused(row: Notification) -> bool:
    """Whether this message was refused because its recipient had opted out, and not queued again since."""
    return row.error_code == REFUSED and row.status in _GIVEN_UP
