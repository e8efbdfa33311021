"""Kill -9 while it sends: no notification is lost, none is sent twice, however Twilio's answers get lost.

`OUTBOX_KILLS` and `OUTBOX_MESSAGES` make it longer: the full figures are 200 kills and 10,000 messages.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
from collections import Counter
from pathlib import Path

import pytest

from adapters.clock import SystemClock
from adapters.store import open_store, verify_audit
from negotiation.records import NotificationStatus
from resolvers.ports import Put
from tests.builders import a_notification
from tests.doubles.twilio import (
    TwilioDouble,
    accepts,
    accepts_and_says,
    cuts_after_accepting,
    cuts_before_accepting,
    refuses,
    takes,
)

KILLS = int(os.environ.get("OUTBOX_KILLS", "6"))
MESSAGES = int(os.environ.get("OUTBOX_MESSAGES", "400"))
ROOT = Path(__file__).parents[2]
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


async def start(path: Path, url: str) -> asyncio.subprocess.Process:
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.integration.outbox_child", str(path), url),
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    assert child.stdout is not None
    assert await child.stdout.readline() == b"ready\n"
    return child


async def kill(child: asyncio.subprocess.Process) -> None:
    child.kill()
    await child.wait()


def statuses(path: Path) -> Counter[NotificationStatus]:
    store = open_store(path, SystemClock())
    try:
        return Counter(row.status for row in store.snapshot().notifications.values())
    finally:
        store.close()


async def queue(path: Path) -> None:
    now = SystemClock().now()
    rows = [
        a_notification(
            id=f"n{n:06}",
            idempotency_key=f"k{n}",
            body=f"message {n:06}",
            to=f"+1415555{n % 100:04}",
            queued_at=now,
            updated_at=now,
        )
        for n in range(MESSAGES)
    ]
    store = open_store(path, SystemClock())
    await store.commit(lambda _: [Put(row) for row in rows], actor="test", cause="queue")
    await store.aclose()


@pytest.mark.timeout(120 + 10 * KILLS + MESSAGES // 10)
@pytest.mark.parametrize("gateways", [1, 2])
async def test_gateways_killed_again_and_again_send_each_message_exactly_once(
    tmp_path: Path, gateways: int
) -> None:
    path, dice = tmp_path / "store.sqlite3", random.Random(KILLS)
    await queue(path)
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
    assert sent == {f"message {n:06}": 1 for n in range(MESSAGES)}
    assert statuses(path) == {SENT: MESSAGES}
    assert verify_audit(path).ok
