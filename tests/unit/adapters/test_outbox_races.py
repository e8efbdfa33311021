"""What may happen while the outbox waits for something else: between asking and claiming, between claiming and sending."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from adapters.outbox import Outbox
from adapters.outbox.transitions import claimed
from adapters.resilience import RetryBudget
from negotiation.records import AttemptOutcome, NotificationAttempt
from negotiation.records import NotificationStatus as S
from resolvers.errors import Unavailable
from resolvers.ports import Put
from tests.builders import NOW, a_pause, an_opt_out
from tests.doubles.notifier import ProviderDouble, doubt, refusal, trouble
from tests.fakes import FakeClock, MemoryStore
from tests.unit.adapters.test_outbox import POLICY, Post, queued


class SlowClaims:
    """Asks somewhere else, which takes as long as `meanwhile`; `heard`: the claim comes back before we wrote it here."""

    def __init__(self, store, *, meanwhile, heard=False):
        self._store = store
        self._meanwhile = meanwhile
        self._heard = heard

    def woken_by(self, wake):
        pass

    def held(self):
        return None

    async def ask(self, ids, *, owner, lease):
        if not ids:
            return ()
        if self._heard:
            rows = self._store.snapshot().notifications
            mine = [
                claimed(rows[id_], owner=owner, now=NOW, policy=replace(POLICY, lease=lease))
                for id_ in ids
            ]
            await self._store.commit(lambda _: map(Put, mine), actor="supabase", cause="pull")
        await self._meanwhile()
        return ids

    async def commit(self, decide, granted, *, actor, cause):
        return await self._store.commit(
            lambda snapshot: decide(snapshot, granted.__contains__), actor=actor, cause=cause
        )


def with_worker(post, **changes):
    """The same with another worker."""
    post.outbox = Outbox(
        store=post.store,
        notifier=post.provider,
        clock=post.clock,
        signal=post.signal,
        circuit=post.circuit,
        policy=POLICY,
        owner="me",
        **changes,
    )
    return post


def shared(post, *, meanwhile, heard):
    """The same worker on a queue that others share."""
    return with_worker(post, claims=SlowClaims(post.store, meanwhile=meanwhile, heard=heard))


def later(post, *records):
    async def commit():
        await post.store.commit(lambda _: map(Put, records), actor="other", cause="meanwhile")

    return commit


async def test_who_texts_stop_while_a_text_is_claimed_elsewhere_gets_none():
    post = Post(ProviderDouble(), queued())
    shared(post, meanwhile=later(post, an_opt_out()), heard=True)
    async with post.open():
        await post.clock.elapse(1)
    assert post.provider.sends == []
    assert (post.row().status, post.row().error_code) == (S.CANCELLED, "OPTED_OUT")
    assert post.row().attempts == 0


async def test_a_pause_that_comes_while_a_text_is_claimed_elsewhere_puts_it_back():
    post = Post(ProviderDouble(), queued())
    shared(post, meanwhile=later(post, a_pause()), heard=True)
    async with post.open():
        await post.clock.elapse(1)
    assert post.provider.sends == []
    row = post.row()
    assert (row.status, row.attempts, row.lease_owner, row.history) == (S.QUEUED, 0, None, ())


async def test_a_stop_that_comes_while_a_text_is_claimed_elsewhere_sends_it_no_more():
    for heard in (False, True):
        post = Post(ProviderDouble(), queued())

        async def stop(post=post):
            post.outbox.stop()

        shared(post, meanwhile=stop, heard=heard)
        await asyncio.wait_for(post.outbox.run(), 60)
        assert post.provider.sends == []
        assert (post.row().status, post.row().attempts) == (S.QUEUED, 0)


async def test_what_expires_while_it_is_asked_for_is_not_sent():
    for heard in (False, True):
        post = Post(ProviderDouble(), queued(expires_at=NOW + timedelta(seconds=65)))

        async def slowly(post=post):
            post.clock.advance(5)

        shared(post, meanwhile=slowly, heard=heard)
        async with post.open():
            await post.clock.elapse(2)
        assert post.provider.sends == []
        assert (post.row().status, post.row().error_code) == (S.CANCELLED, "EXPIRED")
        assert post.row().attempts == 0


class StandsStill(MemoryStore):
    """The process stands still right after its next claim is on disk."""

    seconds = 0.0

    async def commit(self, decide, *, actor, cause):
        after = await super().commit(decide, actor=actor, cause=cause)
        if cause == "send notifications" and self.seconds:
            self._clock.advance(self.seconds)
            self.seconds = 0.0
        return after


async def test_a_send_that_would_outlast_its_lease_is_not_begun_and_made_up_for_later():
    """Whoever saw the lease run out meanwhile may have looked the message up, and have sent it."""
    clock = FakeClock(NOW + timedelta(minutes=1))
    store = StandsStill(clock, queued())
    post = Post(ProviderDouble(), store=store, clock=clock)
    store.seconds = POLICY.lease + 1
    async with post.open():
        assert post.provider.sends == []
        await clock.elapse(POLICY.idle)
        row = post.row()
        assert (row.status, row.attempts) == (S.SENT, 1)
        assert [line.outcome for line in row.history] == [AttemptOutcome.ACCEPTED]
    assert len(post.provider.sends) == 1


class Broken(ProviderDouble):
    """Its look-ups fail as no provider should: `failing` of them."""

    failing = 99

    async def find(self, notification, *, exclude=(), within=None):
        self.looked_up.append(notification.id)
        if self.failing:
            self.failing -= 1
            raise RuntimeError("a bug")
        return await super().find(notification, exclude=exclude, within=within)


async def test_a_look_up_that_fails_by_a_fault_of_ours_is_repeated_at_leisure_then_a_person_decides():
    post = Post(Broken(doubt(), lost_after=True), queued())
    async with post.open():
        await post.clock.elapse(600)
    row = post.row()
    assert (row.status, row.next_attempt_at, row.error_code) == (S.UNCONFIRMED, None, "UNEXPECTED")
    assert len(post.provider.looked_up) <= 5


async def test_a_look_up_that_failed_once_by_a_fault_of_ours_still_finds_the_message():
    post = Post(Broken(doubt(), lost_after=True), queued())
    post.provider.failing = 2
    async with post.open():
        await post.clock.elapse(600)
    assert (post.row().status, post.row().provider_id) == (S.SENT, "SM1")
    assert len(post.provider.sends) == 1


async def test_after_a_person_has_decided_a_new_doubt_is_looked_into_as_often_as_the_first():
    post = Post(ProviderDouble(doubt(), doubt()), queued())
    post.provider.find_errors.extend([refusal("CANNOT_TELL")] * 4)
    async with post.open():
        await post.clock.elapse(600)
        assert post.row().next_attempt_at is None
        post.provider.find_errors.extend([refusal("CANNOT_TELL")] * 2)
        again = replace(post.row(), status=S.QUEUED, attempts=0, next_attempt_at=None)
        await post.store.commit(lambda _: [Put(again)], actor="me", cause="retry")
        await post.clock.elapse(600)
    assert post.row().status is S.SENT


async def test_tries_before_a_final_refusal_do_not_count_once_a_person_queues_it_again():
    post = Post(ProviderDouble(trouble(), trouble(), trouble(), refusal(), trouble()), queued())
    async with post.open():
        await post.clock.elapse(120)
        assert (post.row().status, post.row().error_code) == (S.FAILED, "21211")
        again = replace(post.row(), status=S.QUEUED, attempts=0, next_attempt_at=None)
        await post.store.commit(lambda _: [Put(again)], actor="me", cause="retry")
        await post.clock.elapse(120)
    assert (post.row().status, post.row().attempts) == (S.SENT, 2)


async def test_retries_that_wait_for_their_budget_keep_nothing_new_from_going_out():
    tried = [queued(n, attempts=1, next_attempt_at=NOW) for n in range(30)]
    post = Post(ProviderDouble(), *tried, queued(40), queued(41))
    with_worker(post, budget=RetryBudget(post.clock, ratio=0.0, floor=0.0))
    async with post.open():
        await post.clock.elapse(1)
    assert post.provider.taken_ids == ["n40", "n41"]


async def test_a_stop_while_the_disk_is_full_does_not_wait_for_ever():
    provider = ProviderDouble()
    provider.hang = asyncio.Event()
    post = Post(provider, queued())
    task = asyncio.create_task(post.outbox.run())
    await post.clock.elapse(0)
    post.store.failure = Unavailable("disk full")
    provider.hang.set()
    post.outbox.stop()
    await post.clock.elapse(POLICY.lease / 2)
    assert not task.done()
    await post.clock.elapse(POLICY.lease)
    assert task.done()
    post.store.failure = None
    assert post.row().status is S.SENDING
    after = Post(provider, store=post.store, clock=post.clock, owner="next")
    async with after.open():
        await post.clock.elapse(60)
    assert (post.row().status, len(provider.sends)) == (S.SENT, 1)


async def test_a_look_up_takes_no_message_that_an_earlier_try_is_known_by():
    """Both messages were undelivered and queued again; the provider shows them as if they had arrived."""

    def undelivered(number):
        line = NotificationAttempt(
            number=1,
            outcome=AttemptOutcome.ACCEPTED,
            started_at=NOW,
            ended_at=NOW,
            provider_id=f"SM-old-{number}",
        )
        return queued(number, body="same", history=(line,))

    rows = [undelivered(1), undelivered(2)]
    provider = ProviderDouble(doubt(), doubt())
    provider.taken += [(row.history[0].provider_id, row) for row in rows]
    post = Post(provider, *rows)
    async with post.open():
        await post.clock.elapse(60)
    assert post.statuses() == [S.SENT, S.SENT]
    assert {post.row(1).provider_id, post.row(2).provider_id} == {"SM1", "SM2"}


async def test_a_look_up_knows_how_long_ago_the_first_try_was_however_the_clock_jumps():
    post = Post(ProviderDouble(doubt(), trouble(), doubt()), queued())
    post.provider.find_errors.append(trouble())
    async with post.open():
        post.clock.set(post.clock.now() + timedelta(days=1))
        await post.clock.elapse(60)
    first, second, third, *_ = post.provider.withins
    assert first == 0.0
    assert second == POLICY.settle
    assert POLICY.settle < third < 60


async def test_a_look_up_for_one_who_died_does_not_know_how_long_ago_it_was():
    dead = queued(status=S.SENDING, attempts=1, lease_owner="dead", lease_until=NOW)
    post = Post(ProviderDouble(), dead)
    async with post.open():
        await post.clock.elapse(60)
    assert post.provider.withins == [None]


async def test_a_message_queued_again_by_a_person_is_looked_for_among_later_ones_only():
    post = Post(ProviderDouble(refusal(), doubt()), queued())
    async with post.open():
        await post.clock.elapse(500)
        again = replace(post.row(), status=S.QUEUED, attempts=0, next_attempt_at=None)
        await post.store.commit(lambda _: [Put(again)], actor="me", cause="retry")
        await post.clock.elapse(2)
        assert post.provider.withins[0] == 0.0
