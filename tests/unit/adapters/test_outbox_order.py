"""What goes out first, what goes out no more, and what a pause holds back."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from negotiation.records import AttemptOutcome
from negotiation.records import NotificationPriority as P
from negotiation.records import NotificationStatus as S
from resolvers.ports import NOTIFICATIONS, Delete, Put, Status
from tests.builders import NOW, a_pause, an_opt_out
from tests.doubles.notifier import ProviderDouble, doubt, trouble
from tests.fakes import FakeClock, MemoryStore
from tests.unit.adapters.test_outbox import POLICY, Post, queued

ONE_AT_A_TIME = replace(POLICY, concurrency=1)


async def test_what_is_urgent_goes_first_then_what_is_older():
    rows = [
        queued(1, priority=P.LOW),
        queued(2),
        queued(3, priority=P.HIGH),
        queued(4),
        queued(5, priority=P.HIGH),
    ]
    post = Post(ProviderDouble(), *rows, policy=ONE_AT_A_TIME)
    async with post.open():
        await post.clock.elapse(1)
    assert post.provider.taken_ids == ["n3", "n5", "n2", "n4", "n1"]


async def test_what_was_not_sent_in_time_is_cancelled_and_says_so():
    post = Post(ProviderDouble(), queued(1, expires_at=NOW + timedelta(seconds=30)), queued(2))
    async with post.open():
        await post.clock.elapse(1)
    row = post.row(1)
    assert (row.status, row.error_code) == (S.CANCELLED, "EXPIRED")
    assert "Not sent by 2026-04-01 09:30 UTC" in row.error_message
    assert post.provider.taken_ids == ["n2"]


async def test_a_message_expires_at_its_time_while_the_provider_has_trouble():
    provider = ProviderDouble()
    provider.default = trouble("20503", retry_after=300)
    post = Post(provider, queued(1, expires_at=NOW + timedelta(seconds=90)))
    async with post.open():
        await post.clock.elapse(29)
        assert post.row().status is S.QUEUED
        await post.clock.elapse(1)
        assert (post.row().status, post.row().error_code) == (S.CANCELLED, "EXPIRED")
        assert "Not now." in post.row().error_message
        await post.clock.elapse(600)
    assert len(provider.sends) == 1


async def test_what_may_have_been_taken_is_looked_up_even_when_it_expired():
    provider = ProviderDouble(doubt(), lost_after=True)
    provider.find_errors.append(trouble("UNREACHABLE"))
    post = Post(provider, queued(1, expires_at=NOW + timedelta(seconds=61)))
    async with post.open():
        await post.clock.elapse(10)
    assert post.row().status is S.SENT
    assert post.row().history[-1].outcome is AttemptOutcome.ACCEPTED


async def test_messages_expire_also_where_nothing_can_be_sent():
    provider = ProviderDouble()
    provider.ready = False
    post = Post(provider, queued(1, expires_at=NOW + timedelta(seconds=90)))
    async with post.open():
        await post.clock.elapse(31)
    assert post.row().error_code == "EXPIRED"


async def test_a_pause_holds_everything_and_survives_a_restart_until_it_is_lifted():
    clock = FakeClock(NOW + timedelta(minutes=1))
    store = MemoryStore(clock, queued(1), a_pause())
    for _ in range(2):
        post = Post(ProviderDouble(), store=store, clock=clock)
        async with post.open():
            await clock.elapse(60)
            assert post.provider.sends == []
            health = post.outbox.health()
            assert (health.status, health.mode) == (Status.DEGRADED, "paused")
            assert "Paused by Olga Operator since 2026-04-01 09:30 UTC (An incident.)" in (
                health.message
            )
    post = Post(ProviderDouble(), store=store, clock=clock)
    async with post.open():
        await store.commit(lambda _: [Delete("pauses", NOTIFICATIONS)], actor="o", cause="resume")
        await clock.elapse(2)
        assert post.provider.taken_ids == ["n1"]
        assert post.outbox.health().mode == "queue"


async def test_what_is_under_way_when_the_pause_comes_is_settled_and_doubts_are_looked_up():
    provider = ProviderDouble(doubt(), lost_after=True)
    provider.find_errors.append(trouble("UNREACHABLE"))
    provider.hang = asyncio.Event()
    post = Post(provider, queued(1), queued(2), policy=ONE_AT_A_TIME)
    async with post.open():
        await post.store.commit(lambda _: [Put(a_pause())], actor="o", cause="pause")
        provider.hang.set()
        await post.clock.elapse(30)
        assert (post.row(1).status, post.row(2).status) == (S.SENT, S.QUEUED)
        assert len(provider.sends) == 1


async def test_a_claim_obeys_a_pause_that_its_planning_had_not_seen():
    class SeesLate(MemoryStore):
        """Its readers are a moment behind its writers, as those of another process may be."""

        def snapshot(self):
            return replace(super().snapshot(), pauses={})

        async def commit(self, decide, **why):
            newest = MemoryStore.snapshot(self)
            return await super().commit(lambda _: decide(newest), **why)

    post = Post(ProviderDouble(), store=SeesLate(FakeClock(NOW), queued(1), a_pause()))
    async with post.open():
        await post.clock.elapse(60)
    assert post.provider.sends == []
    assert post.row().status is S.QUEUED


async def test_what_waits_for_one_who_texted_stop_meanwhile_is_not_sent():
    post = Post(ProviderDouble(), queued(1), queued(2, to="+14155550111"))
    await post.store.commit(lambda _: [Put(an_opt_out())], actor="twilio", cause="texted STOP")
    async with post.open():
        await post.clock.elapse(1)
    assert (post.row(1).status, post.row(1).error_code) == (S.CANCELLED, "OPTED_OUT")
    assert "texted START" in post.row(1).error_message
    assert post.provider.taken_ids == ["n2"]
