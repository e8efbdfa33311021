"""Who is opted out: why nothing is queued to them, the list of them, and lifting it. What STOP and START do: `negotiation`."""

from __future__ import annotations

from collections.abc import Sequence

from negotiation.opt_outs import (
    START_WORDS,
    OptOutSource,
    Refuser,
    heard,
    refuser,
    refusers,
    stopped,
    was_refused,
    word_of,
)
from negotiation.phone import mask_phone
from negotiation.records import OptOut, Snapshot
from negotiation.trace import Notice
from resolvers.allowances import e164
from resolvers.errors import Unavailable
from resolvers.paging import Key, Page, checked_first, latest_first, page
from resolvers.ports import Actor, NotifierError, Put, Services, Write
from resolvers.view import View


def refusal(found: Refuser) -> Notice:
    """Why nothing is queued to somebody who is opted out."""
    since = f"{found.since:%Y-%m-%d %H:%M} UTC"
    how = (
        f"texted {found.keyword} on {since}"
        if found.source is OptOutSource.TEXTED
        else f"had replied STOP when Twilio refused a message on {since}"
    )
    return Notice(
        "RECIPIENT_OPTED_OUT",
        f"{mask_phone(found.number)} has opted out ({how}). Nothing is sent to them until they text START to the sender; "
        "if that did not reach this gateway, lift it in the list of opt-outs.",
        "to",
    )


def listing(view: View, *, first: int | None, after: str | None) -> Page[Refuser]:
    """Who is opted out, the latest first."""
    snapshot, size = view.snapshot, checked_first(first, 50)
    numbers = stopped(snapshot) | {
        row.to for row in snapshot.notifications.values() if was_refused(row)
    }
    found = refusers(snapshot, numbers).values()
    return page(sorted(found, key=_order), _order, first=size, after=after)


async def lift(
    services: Services, actor: Actor, to: str
) -> tuple[Snapshot, bool, tuple[Notice, ...]]:
    """Text somebody again, if Twilio's list shows that they texted START since; nothing else lifts an opt-out.

    For a START that did not reach us. Raises BadUserInput for what is no number, Unavailable where Twilio cannot be asked.
    """
    number = e164(to, path="to")
    snapshot = services.store.snapshot()
    found = refuser(snapshot, number)
    if found is None:
        notice = Notice("NOT_OPTED_OUT", f"{mask_phone(number)} has not opted out.", "to")
        return snapshot, False, (notice,)
    try:
        texts = await services.notifier.texts_from(number, since=found.since)
    except NotifierError as error:
        raise Unavailable(f"Twilio's list of their texts cannot be read. {error.message}") from None
    words = [(text.id, word) for text in texts if (word := word_of(text.body)) is not None]
    if not words or words[-1][1] not in START_WORDS:
        notice = Notice(
            "NOT_OPTED_IN",
            f"{mask_phone(number)} has not texted START since {found.since:%Y-%m-%d %H:%M} UTC, and until then Twilio "
            "refuses whatever is sent to them. Ask them to text START to the sender.",
            "to",
        )
        return snapshot, False, (notice,)
    lifted, seen = False, _of(snapshot, number)

    def decide(newest: Snapshot) -> Sequence[Write]:
        nonlocal lifted
        lifted = False
        if _of(newest, number) != seen:
            return ()
        text_id, word = words[-1]
        rows = heard(newest, number, word, text_id=text_id, now=services.clock.now())
        lifted = bool(rows)
        return [Put(row) for row in rows]

    after = await services.store.commit(decide, actor=actor.id, cause="liftOptOut")
    if _of(after, number) == seen or lifted:
        return after, lifted, ()
    notice = Notice(
        "NOT_OPTED_IN", f"{mask_phone(number)} has texted again meanwhile. Look again.", "to"
    )
    return after, False, (notice,)


def _of(snapshot: Snapshot, number: str) -> list[OptOut]:
    """What is known of what they texted."""
    return [each for each in snapshot.opt_outs.values() if each.number == number]


def _order(found: Refuser) -> Key:
    return (latest_first(found.since), found.number)
