"""Kill -9 while it sends: no notification is lost, none is sent twice, however Twilio's answers get lost.

`OUTBOX_KILLS` and `OUTBOX_MESSAGES` make it longer: the full figures are 200 kills and 10,000 messages.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from pathlib import Path

import pytest

from adapters.store import verify_audit
from negotiation.records import AttemptOutcome, NotificationStatus
from tests.doubles.twilio import (
    TwilioDouble,
    accepts,
    accepts_and_says,
    cuts_after_accepting,
    cuts_before_accepting,
    refuses,
    takes,
)
from tests.integration.outbox_processes import kill, queue, rows, start, statuses, text_of

KILLS = int(os.environ.get("OUTBOX_KILLS", "6"))
MESSAGES = int(os.environ.get("OUTBOX_MESSAGES", "400"))
SENT = NotificationStatus.SENT


class Flaky(TwilioDouble):
    """One answer in eight goes wrong."""

    def __init__(self, dice: random.Random) -> None:
        super().__init__()
        self._dice = dice
        self._wrong = [
            cuts_after_accepting(),
            cuts_before_accepting(),
            accepts_and_says(502),
            refuses(503),
            takes(0.5),
        ]

    async def _create_message(self, request):
        wrong = self._dice.random() < 0.125
        self.default = self._dice.choice(self._wrong) if wrong else accepts()
        await asyncio.sleep(self._dice.random() * 0.02)
        return await super()._create_message(request)


@pytest.mark.timeout(120 + 10 * KILLS + MESSAGES // 10)
@pytest.mark.parametrize("gateways", [1, 2])
async def test_gateways_killed_again_and_again_send_each_message_exactly_once(
    tmp_path: Path, gateways: int
) -> None:
    path, dice = tmp_path / "store.sqlite3", random.Random(KILLS)
    await queue(path, MESSAGES)
    async with Flaky(dice) as twilio:
        alive = [await start(path, twilio.url) for _ in range(gateways)]
        for _ in range(KILLS):
            await asyncio.sleep(dice.uniform(0.0, 0.4))
            await kill(alive.pop(0))
            alive.append(await start(path, twilio.url))
        while set(await asyncio.to_thread(statuses, path)) != {SENT}:
            await asyncio.sleep(0.5)
        for child in alive:
            await kill(child)
        sent = Counter(message["body"] for message in twilio.sent)
    assert sent == {text_of(n): 1 for n in range(MESSAGES)}
    assert statuses(path) == {SENT: MESSAGES}
    for row in rows(path):
        lines = row.history
        assert {line.number for line in lines} == set(range(1, row.attempts + 1)), row.id
        assert [line.outcome for line in lines].count(AttemptOutcome.ACCEPTED) == 1, row.id
    assert verify_audit(path).ok
