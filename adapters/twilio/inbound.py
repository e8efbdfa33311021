"""The texts that Twilio received for us: the words STOP and START are remembered, anything else is not kept.

What the words do is `negotiation.opt_outs`' knowledge; the answers to them (and to HELP) are Twilio's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import structlog

from adapters.twilio.signature import Signature
from negotiation.opt_outs import heard, word_of
from negotiation.phone import mask_phone
from negotiation.records import Snapshot
from resolvers.ports import Clock, Put, Store, Write


class InboundMessages:
    """Receives texts. One that comes again changes nothing."""

    def __init__(self, *, signature: Signature, store: Store, clock: Clock) -> None:
        self._signature = signature
        self._store = store
        self._clock = clock

    async def receive(
        self, path_and_query: str, form: Mapping[str, str], signature: str | None
    ) -> bool:
        """Whether it changed anything. Raises Forbidden."""
        self._signature.checked_address(path_and_query, form, signature)
        sid, number = form.get("MessageSid", ""), form.get("From", "")
        # with Advanced Opt-Out a Messaging Service has words of its own, and says which of the three it was
        word = word_of(form.get("OptOutType", "")) or word_of(form.get("Body", ""))
        changed = False
        if sid and word is not None and number.startswith("+"):
            now = self._clock.now()

            def decide(snapshot: Snapshot) -> Sequence[Write]:
                nonlocal changed
                rows = heard(snapshot, number, word, text_id=sid, now=now)
                changed = bool(rows)
                return [Put(row) for row in rows]

            await self._store.commit(decide, actor="twilio", cause=f"texted {word}")
        structlog.get_logger().info(
            "twilio.texted",
            provider_id=sid,
            sender=mask_phone(number),
            word=word,
            changed=changed,
        )
        return changed
