"""Clocks lie: gateways a day apart on one queue, clocks that jump while messages are under way. Real processes.

Nobody loses a lease to another's clock, and nothing is sent twice.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from adapters.store import verify_audit
from negotiation.records import NotificationStatus
from tests.doubles.twilio import (
    Behaviour,
    TwilioDouble,
    accepts,
    accepts_and_says,
    cuts_after_accepting,
    cuts_before_accepting,
    takes,
)
from tests.integration.outbox_processes import kill, queue, rows, start, statuses, text_of

MESSAGES = 30
DAY = 86_400
SENT = NotificationStatus.SENT


def accepts_late(seconds: float) -> Behaviour:
    """Takes the message long after the sender gave up waiting; until then no look-up shows it."""

    async def behave(_: TwilioDouble, __: web.Request, accept: Callable[[], dict[str, Any]]):
        await asyncio.sleep(seconds)
        return web.json_response(accept(), status=201)

    return behave


class Unsure(TwilioDouble):
    """One answer in three is lost, in a different way each time; a sender waits 0.3 s for one."""

    def __init__(self) -> None:
        super().__init__()
        self._dice = random.Random(19)
        self._wrong = [
            accepts_late(1.0),
            cuts_after_accepting(),
            cuts_before_accepting(),
            accepts_and_says(502),
            takes(0.5),
        ]

    async def _create_message(self, request: web.Request):
        wrong = self._dice.random() < 1 / 3
        self.default = self._dice.choice(self._wrong) if wrong else accepts()
        return await super()._create_message(request)


class Clock:
    """What a process believes the time to be, in seconds off the truth."""

    def __init__(self, file: Path, off: float = 0) -> None:
        self.file = file
        self.jump(off)

    def jump(self, off: float) -> None:
        fresh = self.file.with_suffix(".new")
        fresh.write_text(str(off), encoding="utf-8")
        fresh.replace(self.file)


async def until(path: Path, reached: Callable[[Counter[NotificationStatus]], bool]) -> None:
    """Bounded by the test's own limit."""
    while not reached(await asyncio.to_thread(statuses, path)):
        await asyncio.sleep(0.2)


def all_sent(found: Counter[NotificationStatus]) -> bool:
    return set(found) == {SENT}


def assert_each_was_sent_once(path: Path, twilio: TwilioDouble) -> None:
    sent = Counter(message["body"] for message in twilio.sent)
    assert sent == {text_of(n): 1 for n in range(MESSAGES)}
    assert statuses(path) == {SENT: MESSAGES}
    assert verify_audit(path).ok


def lost_leases(path: Path) -> list[str]:
    return [
        row.id
        for row in rows(path)
        if any(line.error_code == "LEASE_EXPIRED" for line in row.history)
    ]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("days", [1, -1])
async def test_gateways_a_day_apart_leave_each_others_leases_and_send_each_message_once(
    tmp_path: Path, days: int
) -> None:
    path, wrong = tmp_path / "store.sqlite3", Clock(tmp_path / "clock", days * DAY)
    await queue(path, MESSAGES)
    async with Unsure() as twilio:
        gateways = [
            await start(path, twilio.url, "--patient"),
            await start(path, twilio.url, "--patient", "--clock", str(wrong.file)),
        ]
        await until(path, all_sent)
        for gateway in gateways:
            await kill(gateway)
        assert_each_was_sent_once(path, twilio)
    assert lost_leases(path) == []


@pytest.mark.timeout(300)
async def test_clocks_that_jump_a_day_while_messages_are_under_way_change_nothing(
    tmp_path: Path,
) -> None:
    path = tmp_path / "store.sqlite3"
    clocks = [Clock(tmp_path / name) for name in ("one", "two")]
    await queue(path, MESSAGES)
    async with Unsure() as twilio:
        gateways = [
            await start(path, twilio.url, "--patient", "--clock", str(clock.file))
            for clock in clocks
        ]
        jumps = 0
        while not all_sent(await asyncio.to_thread(statuses, path)):
            clocks[jumps % 2].jump((1, -1, 0)[jumps % 3] * DAY)
            jumps += 1
            await asyncio.sleep(0.2)
        for gateway in gateways:
            await kill(gateway)
        assert_each_was_sent_once(path, twilio)
    assert lost_leases(path) == []


@pytest.mark.timeout(300)
@pytest.mark.parametrize("days", [1, -1])
async def test_what_a_gateway_with_a_wrong_clock_held_when_it_was_killed_is_taken_over(
    tmp_path: Path, days: int
) -> None:
    path, wrong = tmp_path / "store.sqlite3", Clock(tmp_path / "clock", days * DAY)
    await queue(path, MESSAGES)
    async with TwilioDouble() as twilio:
        twilio.default = takes(3600)
        doomed = await start(path, twilio.url, "--clock", str(wrong.file))
        await until(path, lambda found: found[NotificationStatus.QUEUED] < MESSAGES)
        await kill(doomed)
        twilio.default = accepts()
        heir = await start(path, twilio.url)
        await until(path, all_sent)
        await kill(heir)
        assert_each_was_sent_once(path, twilio)
