"""Gateways that share one queue through Supabase: each message goes out once, whoever is killed and whatever is away.

`SHARED_KILLS` and `SHARED_MESSAGES` make it longer.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
from collections import Counter
from pathlib import Path

import pytest

from adapters.outbox import Outbox, OutboxPolicy
from adapters.resilience import CircuitBreaker
from adapters.store import open_store
from adapters.supabase import make_claims, make_peer
from negotiation.records import NotificationStatus
from tests.builders import a_notification
from tests.doubles.faults import Fault, FaultProxy
from tests.doubles.notifier import ProviderDouble
from tests.doubles.postgres import missing_programs, supabase_postgres
from tests.doubles.supabase_project import SupabaseProject
from tests.doubles.twilio import TwilioDouble
from tests.fakes import CountingSignal, FakeClock
from tests.integration.outbox_processes import kill
from tests.stores import put

KILLS = int(os.environ.get("SHARED_KILLS", "4"))
MESSAGES = int(os.environ.get("SHARED_MESSAGES", "60"))
ROOT = Path(__file__).parents[2]
SENT = NotificationStatus.SENT


@pytest.fixture(scope="module")
def server():
    if missing := missing_programs():
        pytest.skip(f"PostgreSQL's {', '.join(missing)}: apt-get install postgresql")
    with supabase_postgres() as found:
        yield found


@pytest.fixture
async def project(server):
    server.empty()
    async with SupabaseProject(server) as found:
        yield found


class Gateway:
    """A store, its peer and its outbox, moved by hand."""

    def __init__(self, path, url, key, provider):
        self.clock = FakeClock(impatient=True)
        self.store = open_store(path, self.clock)
        self.signal = CountingSignal()
        self.peer = make_peer(
            url=url,
            key=key,
            store=self.store,
            clock=self.clock,
            signal=self.signal,
            timeout_seconds=20.0,
            realtime=False,
        )
        self.outbox = Outbox(
            store=self.store,
            notifier=provider,
            clock=self.clock,
            signal=self.signal,
            circuit=CircuitBreaker(self.clock),
            policy=OutboxPolicy(),
            claims=make_claims(self.peer, self.store),
        )

    async def turn(self):
        """One look at the queue, and what comes of it."""
        await self.outbox._cycle()
        while self.outbox._tasks:
            await asyncio.sleep(0)
        await self.outbox._cycle()

    def status(self, id_):
        return self.store.snapshot().notifications[id_].status

    async def close(self):
        await self.peer.close()
        await self.store.aclose()


@pytest.fixture
async def gateways(project, tmp_path):
    made = []

    def one(name, provider, url=project.url):
        made.append(Gateway(tmp_path / f"{name}.sqlite3", url, project.key, provider))
        return made[-1]

    yield one
    for each in made:
        await each.close()


async def test_what_both_know_is_sent_by_the_one_that_claims_it(gateways):
    provider = ProviderDouble()
    anna, ben = gateways("anna", provider), gateways("ben", provider)
    await put(anna.store, a_notification(id="n1"))
    await anna.peer.pull()
    await ben.peer.pull()
    assert ben.status("n1") is NotificationStatus.QUEUED
    await asyncio.gather(anna.turn(), ben.turn())
    await asyncio.gather(anna.turn(), ben.turn())
    for each in (anna, ben, anna, ben):
        await each.peer.pull()
    assert provider.taken_ids == ["n1"]
    assert (anna.status("n1"), ben.status("n1")) == (SENT, SENT)


async def test_what_is_new_is_sent_only_once_supabase_knows_it(gateways):
    provider = ProviderDouble()
    anna = gateways("anna", provider)
    await anna.peer.pull()
    await put(anna.store, a_notification(id="n1"))
    await anna.turn()
    assert provider.taken_ids == []
    assert "What Supabase does not know yet" in anna.outbox.health().message
    await anna.peer.pull()
    await anna.turn()
    assert provider.taken_ids == ["n1"]


async def test_while_supabase_is_away_only_what_never_left_is_sent(gateways, project):
    provider = ProviderDouble()
    async with FaultProxy(project.url) as proxy:
        anna = gateways("anna", provider, proxy.url)
        await put(anna.store, a_notification(id="known", idempotency_key="known"))
        await anna.peer.pull()
        await proxy.set(Fault.RESET)
        await put(anna.store, a_notification(id="new", idempotency_key="new"))
        await anna.turn()
        await anna.turn()
        assert provider.taken_ids == ["new"]
        assert "waits until Supabase is back" in anna.outbox.health().message
        await proxy.set(Fault.PASS)
        await anna.peer.pull()
        await anna.turn()
        assert provider.taken_ids == ["new", "known"]
        assert "Supabase" not in anna.outbox.health().message
        await anna.peer.pull()
    ben = gateways("ben", provider)
    await ben.peer.pull()
    await ben.turn()
    assert {ben.status("new"), ben.status("known")} == {SENT}
    assert provider.taken_ids == ["new", "known"]


async def test_what_was_on_its_way_to_supabase_when_it_went_away_is_not_sent(gateways, project):
    """Its answer was lost: others may know it, and send it."""
    provider = ProviderDouble()
    async with FaultProxy(project.url) as proxy:
        anna = gateways("anna", provider, proxy.url)
        await anna.peer.pull()
        await put(anna.store, a_notification(id="n1"))
        await proxy.set(Fault.CUT)
        await anna.peer.pull()
        await anna.turn()
        assert provider.taken_ids == []
        ben = gateways("ben", provider)
        await ben.peer.pull()
        await ben.turn()
        assert provider.taken_ids == ["n1"]


async def test_the_same_message_queued_by_two_gateways_is_sent_by_one(gateways):
    provider = ProviderDouble()
    anna, ben = gateways("anna", provider), gateways("ben", provider)
    await put(anna.store, a_notification(id="a", idempotency_key="the same"))
    await put(ben.store, a_notification(id="b", idempotency_key="the same"))
    await anna.peer.pull()
    await ben.peer.pull()
    for each in (anna, ben):
        await each.turn()
    assert provider.taken_ids == ["a"]
    assert ben.store.snapshot().notifications.keys() == {"a"}
    assert ben.status("a") in {NotificationStatus.QUEUED, SENT}


async def start(path, twilio, project):
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.integration.shared_queue_child", str(path), twilio.url),
        *(project.url, project.key),
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    assert child.stdout is not None
    assert await child.stdout.readline() == b"ready\n"
    return child


@pytest.mark.timeout(240 + 20 * KILLS + MESSAGES)
async def test_gateways_killed_while_they_hold_leases_are_taken_over_and_nothing_goes_out_twice(
    project, tmp_path
):
    dice = random.Random(KILLS)
    names = ("anna", "ben")
    paths = {name: tmp_path / f"{name}.sqlite3" for name in names}
    for name, path in paths.items():
        clock = FakeClock()
        store = open_store(path, clock)
        rows = [
            a_notification(id=f"{name}-{n}", idempotency_key=f"{name}-{n}", body=f"{name} {n}")
            for n in range(MESSAGES // 2)
        ]
        await put(store, *rows)
        await store.aclose()
    async with TwilioDouble() as twilio:
        alive = {name: await start(path, twilio, project) for name, path in paths.items()}
        for n in range(KILLS):
            await asyncio.sleep(dice.uniform(0.5, 2.0))
            name = names[n % 2]
            await kill(alive[name])
            alive[name] = await start(paths[name], twilio, project)
        # one of them never comes back, whatever it had claimed
        await kill(alive.pop("anna"))

        def states():
            return {s for [s] in project.postgres.run("select distinct status from notifications")}

        async with asyncio.timeout(200):
            while await asyncio.to_thread(states) != {"SENT"}:
                await asyncio.sleep(0.3)
        await kill(alive["ben"])
        sent = Counter(message["body"] for message in twilio.sent)
    there = {int(n) for [n] in project.postgres.run("select count(*) from notifications")}
    assert there == {MESSAGES}
    assert sent == {f"{name} {n}": 1 for name in names for n in range(MESSAGES // 2)}
