import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
import structlog

from adapters.outbox import Outbox, OutboxPolicy
from adapters.outbox.transitions import OPEN
from adapters.resilience import Backoff, CircuitBreaker
from negotiation.records import NotificationStatus as S
from resolvers.errors import Unavailable
from resolvers.ports import Put, Status
from tests.builders import NOW, a_notification
from tests.doubles.notifier import ProviderDouble, doubt, refusal, trouble
from tests.fakes import CountingSignal, FakeClock, MemoryStore, half

POLICY = OutboxPolicy(
    backoff=Backoff(base=2.0, cap=60.0, jitter=half),
    max_attempts=4,
    send_timeout=5,
    lease=12,
    settle=6,
)


def queued(number=1, **changes):
    defaults = {
        "id": f"n{number}",
        "idempotency_key": f"k{number}",
        "body": f"text {number}",
        "queued_at": NOW + timedelta(seconds=number),
    }
    return a_notification(**(defaults | changes))


class Post:
    """A worker at a provider's double, on a clock that only the test moves."""

    def __init__(self, provider, *rows, policy=POLICY, store=None, clock=None, owner="me"):
        self.clock = clock or FakeClock(NOW + timedelta(minutes=1))
        self.provider = provider
        self.store = store or MemoryStore(self.clock, *rows)
        self.circuit = CircuitBreaker(self.clock, threshold=5, cooldown=10)
        self.signal = CountingSignal()
        self.outbox = Outbox(
            store=self.store,
            notifier=provider,
            clock=self.clock,
            signal=self.signal,
            circuit=self.circuit,
            policy=policy,
            owner=owner,
        )

    def row(self, number=1):
        return self.store.snapshot().notifications[f"n{number}"]

    def statuses(self):
        return [row.status for row in self.store.snapshot().notifications.values()]

    @asynccontextmanager
    async def open(self):
        task = asyncio.create_task(self.outbox.run())
        try:
            await self.clock.elapse(0)
            yield self
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def test_what_is_queued_goes_out_oldest_first_and_is_settled_as_sent():
    post = Post(
        ProviderDouble(), queued(3), queued(1), queued(2), policy=replace(POLICY, concurrency=1)
    )
    async with post.open():
        await post.clock.elapse(1)
    assert post.provider.taken_ids == ["n1", "n2", "n3"]
    row = post.row(1)
    assert (row.status, row.attempts, row.provider_id) == (S.SENT, 1, "SM1")
    assert (row.lease_owner, row.lease_until, row.error_code) == (None, None, None)


async def test_the_try_is_on_disk_before_anything_is_sent():
    seen = []

    class Peeking(ProviderDouble):
        async def send(self, notification):
            seen.append(post.row())
            return await super().send(notification)

    post = Post(Peeking(), queued())
    async with post.open():
        pass
    [row] = seen
    assert (row.status, row.attempts, row.lease_owner) == (S.SENDING, 1, "me")
    assert row.lease_until == post.clock.now() + timedelta(seconds=12)


async def test_a_bell_wakes_the_worker_at_once():
    post = Post(ProviderDouble())
    async with post.open():
        await post.store.commit(lambda _: [Put(queued())], actor="test", cause="queue")
        post.outbox.wake()
        await post.clock.elapse(0)
        assert post.row().status is S.SENT


async def test_without_a_bell_the_queue_is_looked_at_every_other_second():
    post = Post(ProviderDouble())
    async with post.open():
        await post.store.commit(lambda _: [Put(queued())], actor="test", cause="queue")
        await post.clock.elapse(2)
        assert post.row().status is S.SENT


async def test_a_transient_failure_is_retried_by_itself_and_stays_on_record():
    post = Post(ProviderDouble(trouble()), queued())
    async with post.open():
        row = post.row()
        assert (row.status, row.attempts, row.error_code) == (S.QUEUED, 1, "20503")
        assert row.next_attempt_at is not None
        assert post.outbox.health().error_code == "20503"
        await post.clock.elapse(2)
        assert (post.row().status, post.row().attempts) == (S.SENT, 2)
        assert post.outbox.health().error_code == "20503"


async def test_a_refused_message_fails_at_once_with_the_reason():
    post = Post(ProviderDouble(refusal()), queued(1), queued(2))
    async with post.open():
        await post.clock.elapse(1)
    row = post.row(1)
    assert (row.status, row.attempts, row.error_code) == (S.FAILED, 1, "21211")
    assert row.error_message == "Refused for good."
    assert post.row(2).status is S.SENT
    assert "1 failed" in post.outbox.health().message


async def test_a_message_that_keeps_failing_while_the_provider_works_is_given_up():
    provider = ProviderDouble()
    provider.default = trouble()
    post = Post(provider, queued())
    async with post.open():
        await post.clock.elapse(120)
    row = post.row()
    assert (row.status, row.attempts) == (S.FAILED, 4)
    assert "Given up after 4 tries" in row.error_message


@pytest.mark.parametrize(
    "error",
    [trouble("UNREACHABLE"), trouble("20429", retry_after=3), doubt()],
    ids=lambda e: e.code,
)
async def test_an_outage_is_no_reason_to_give_a_message_up(error):
    provider = ProviderDouble()
    provider.default = error
    post = Post(provider, queued())
    async with post.open():
        await post.clock.elapse(600)
        assert len(provider.sends) > 8
        row = post.row()
        assert row.status in OPEN
        assert row.next_attempt_at is not None  # neither given up nor left to a person
        provider.default = None
        await post.clock.elapse(120)
        assert post.row().status is S.SENT


async def test_a_message_that_keeps_being_answered_with_a_doubt_is_given_up_too():
    provider = ProviderDouble()
    provider.default = doubt(retry_after=1)
    post = Post(provider, queued())
    async with post.open():
        await post.clock.elapse(240)
    assert (post.row().status, post.row().attempts) == (S.FAILED, 4)


async def test_a_message_queued_again_by_a_person_has_all_its_tries_again():
    provider = ProviderDouble()
    provider.default = trouble()
    post = Post(provider, queued())
    async with post.open():
        await post.clock.elapse(120)
        again = replace(post.row(), status=S.QUEUED, attempts=0, next_attempt_at=None)
        await post.store.commit(lambda _: [Put(again)], actor="me", cause="retry")
        await post.clock.elapse(120)
    assert (post.row().status, len(provider.sends)) == (S.FAILED, 8)


async def test_gateways_that_died_while_sending_do_not_count_against_a_message():
    worn = queued(status=S.SENDING, attempts=50, lease_owner="dead", lease_until=NOW)
    post = Post(ProviderDouble(trouble()), worn)
    async with post.open():
        await post.clock.elapse(120)
    assert (post.row().status, post.row().attempts) == (S.SENT, 52)


async def test_the_wait_that_the_provider_asks_for_is_kept():
    post = Post(ProviderDouble(trouble("20429", retry_after=30)), queued())
    async with post.open():
        await post.clock.elapse(29)
        assert len(post.provider.sends) == 1
        await post.clock.elapse(2)
        assert post.row().status is S.SENT


async def test_a_lost_answer_is_looked_up_and_not_sent_again():
    post = Post(ProviderDouble(doubt(), lost_after=True), queued())
    async with post.open():
        await post.clock.elapse(60)
    assert post.provider.taken_ids == ["n1"]
    assert len(post.provider.sends) == 1
    assert (post.row().status, post.row().provider_id) == (S.SENT, "SM1")


async def test_a_message_that_was_certainly_not_taken_is_sent_again_after_the_doubt_has_passed():
    post = Post(ProviderDouble(doubt()), queued())
    async with post.open():
        row = post.row()
        assert row.status is S.UNCONFIRMED
        assert row.next_attempt_at == post.clock.now() + timedelta(seconds=6)
        await post.clock.elapse(5)
        assert len(post.provider.sends) == 1
        await post.clock.elapse(5)
    assert (post.row().status, post.row().attempts) == (S.SENT, 2)
    assert post.provider.looked_up == ["n1", "n1"]


async def test_a_look_up_that_comes_too_early_does_not_decide():
    """The provider lists the message only some seconds after it took it."""
    post = Post(ProviderDouble(doubt(), lost_after=True), queued())
    post.provider.blind = True
    async with post.open():
        assert post.row().status is S.UNCONFIRMED
        post.provider.blind = False
        await post.clock.elapse(60)
    assert post.row().status is S.SENT
    assert len(post.provider.sends) == 1


async def test_after_a_complete_answer_the_look_up_need_not_wait_long():
    post = Post(ProviderDouble(doubt(retry_after=2)), queued())
    async with post.open():
        await post.clock.elapse(4.1)
    assert post.row().attempts == 2


async def test_where_the_look_up_cannot_tell_a_person_must():
    post = Post(ProviderDouble(doubt()), queued())
    post.provider.find_errors.extend([refusal("CANNOT_TELL")] * 4)
    async with post.open():
        await post.clock.elapse(600)
        row = post.row()
        assert (row.status, row.next_attempt_at, row.error_code) == (
            S.UNCONFIRMED,
            None,
            "CANNOT_TELL",
        )
        assert len(post.provider.sends) == 1
        health = post.outbox.health()
        assert health.status is Status.DEGRADED
        assert "needs a decision" in health.message


async def test_a_look_up_that_cannot_tell_yet_is_asked_again_before_a_person_is():
    post = Post(ProviderDouble(doubt(), lost_after=True), queued())
    post.provider.find_errors.extend([refusal("CANNOT_TELL")] * 3)
    async with post.open():
        await post.clock.elapse(600)
    assert post.row().status is S.SENT


async def test_a_look_up_is_repeated_until_the_provider_answers():
    post = Post(ProviderDouble(doubt(), lost_after=True), queued())
    post.provider.find_errors.extend([trouble()] * 5)
    async with post.open():
        await post.clock.elapse(120)
    assert post.row().status is S.SENT
    assert len(post.provider.sends) == 1


async def test_a_send_that_never_returns_is_cut_off_and_looked_up():
    provider = ProviderDouble()
    provider.hang = asyncio.Event()
    quick = replace(POLICY, send_timeout=0.02, lease=0.2, settle=0.1)
    post = Post(provider, queued(), policy=quick)
    async with post.open():
        while post.row().status is S.SENDING or not provider.looked_up:
            await asyncio.sleep(0.005)
            await post.clock.elapse(0)
    assert post.row().status is S.SENT
    assert len(provider.sends) == 1


async def test_a_fault_of_our_own_counts_as_a_lost_answer():
    post = Post(ProviderDouble(RuntimeError("bug")), queued())
    async with post.open():
        assert post.row().status is S.UNCONFIRMED
        assert post.row().error_code == "UNEXPECTED"


async def test_the_lease_of_a_dead_worker_is_taken_over_as_a_doubt():
    dead = queued(
        status=S.SENDING,
        attempts=1,
        lease_owner="dead",
        lease_until=NOW + timedelta(minutes=1, seconds=10),
    )
    post = Post(ProviderDouble(), dead)
    async with post.open():
        await post.clock.elapse(11)
        assert post.row().status is S.SENDING
        await post.clock.elapse(2)
        assert (post.row().status, post.row().error_code) == (S.UNCONFIRMED, "LEASE_EXPIRED")
        await post.clock.elapse(12)
        assert (post.row().status, post.row().attempts) == (S.SENT, 2)


async def test_what_a_dead_worker_sent_is_found_and_not_sent_again():
    provider = ProviderDouble()
    dead = queued(status=S.SENDING, attempts=1, lease_owner="dead", lease_until=NOW)
    provider.taken.append(("SM0", dead))
    post = Post(provider, dead)
    async with post.open():
        await post.clock.elapse(30)
    assert (post.row().status, post.row().provider_id) == (S.SENT, "SM0")
    assert not provider.sends


async def test_a_worker_does_not_take_over_its_own_running_send():
    provider = ProviderDouble()
    provider.hang = asyncio.Event()
    post = Post(provider, queued())
    async with post.open():
        post.clock.set(post.clock.now() + timedelta(days=1))
        await post.clock.elapse(5)
        assert post.row().status is S.SENDING
        provider.hang.set()
        await post.clock.elapse(1)
    assert post.row().status is S.SENT
    assert len(provider.sends) == 1


async def test_the_truth_that_it_was_sent_wins_over_a_takeover():
    """One worker stands still while its message is taken; another takes its lease over and cannot see the message."""
    provider = ProviderDouble()
    provider.hang = asyncio.Event()
    provider.blind = True
    patient = replace(POLICY, send_timeout=100, lease=1000, settle=200)
    first = Post(provider, queued(), policy=patient)
    second = Post(provider, store=first.store, clock=first.clock, owner="other")
    async with first.open(), second.open():
        await first.clock.elapse(13)
        assert first.row().status is S.UNCONFIRMED
        provider.hang.set()
        await first.clock.elapse(60)
    assert first.row().status is S.SENT
    assert len(provider.sends) == 1


@pytest.mark.parametrize("days", [-1, 1])
async def test_a_lease_is_nobody_elses_whatever_the_wall_clock_of_another_says(days):
    provider = ProviderDouble()
    provider.hang = asyncio.Event()
    first = Post(provider, queued())
    wrong = FakeClock(first.clock.now() + timedelta(days=days))
    second = Post(provider, store=first.store, clock=wrong, owner="other")
    async with first.open(), second.open():
        for _ in range(4):
            await wrong.elapse(1)
            wrong.set(wrong.now() - timedelta(days=days))
            await wrong.elapse(1)
            wrong.set(wrong.now() + timedelta(days=days))
        assert first.row().status is S.SENDING
        provider.hang.set()
        await first.clock.elapse(1)
    assert first.row().status is S.SENT
    assert len(provider.sends) == 1


@pytest.mark.parametrize("days", [-1, 1])
async def test_a_doubt_is_not_looked_into_too_early_whatever_the_wall_clock_of_another_says(days):
    """The provider shows a message late; looked up at once it would count as not taken, and be sent again."""
    provider = ProviderDouble()
    doubted = queued(
        status=S.UNCONFIRMED,
        attempts=1,
        updated_at=NOW,
        next_attempt_at=NOW + timedelta(seconds=POLICY.settle),
    )
    clock = FakeClock(NOW + timedelta(days=days))
    post = Post(provider, doubted, clock=clock)
    async with post.open():
        await clock.elapse(5)
        provider.taken.append(("SM0", doubted))
        await clock.elapse(5)
    assert (post.row().status, post.row().provider_id) == (S.SENT, "SM0")
    assert not provider.sends


async def test_a_lease_or_a_retry_in_the_far_future_is_the_work_of_a_clock_set_back():
    tomorrow = NOW + timedelta(days=1)
    post = Post(
        ProviderDouble(),
        queued(1, status=S.SENDING, attempts=1, lease_owner="dead", lease_until=tomorrow),
        queued(2, status=S.QUEUED, attempts=1, next_attempt_at=tomorrow),
        queued(3, status=S.UNCONFIRMED, attempts=1, next_attempt_at=tomorrow),
    )
    async with post.open():
        await post.clock.elapse(60)
    assert post.statuses() == [S.SENT, S.SENT, S.SENT]


async def test_a_message_for_tomorrow_waits_until_tomorrow():
    post = Post(ProviderDouble(), queued(next_attempt_at=NOW + timedelta(days=1)))
    async with post.open():
        await post.clock.elapse(7200)
        assert post.row().status is S.QUEUED


async def test_what_is_scheduled_is_not_overdue_before_its_time():
    post = Post(ProviderDouble(), queued(next_attempt_at=NOW + timedelta(hours=2)))
    async with post.open():
        await post.clock.elapse(1800)
        health = post.outbox.health()
        assert health.status is Status.OK
        assert "1 scheduled, the first in" in health.message
        post.provider.ready = False
        await post.clock.elapse(3 * 3600)
        assert "1 waiting, the oldest for" in post.outbox.health().message


async def test_two_workers_on_one_queue_send_each_message_once():
    clock = FakeClock(NOW + timedelta(minutes=5))
    rows = [queued(n) for n in range(200)]
    one = Post(ProviderDouble(), *rows, clock=clock, owner="one")
    two = Post(one.provider, store=one.store, clock=clock, owner="two")
    async with one.open(), two.open():
        await clock.elapse(5)
    assert len(one.provider.sends) == 200
    assert set(one.statuses()) == {S.SENT}


async def test_two_messages_of_one_text_are_never_taken_for_each_other():
    """The first is lost before it was taken, the second is taken; the look-up must not credit the first with it."""
    rows = [queued(1, body="same"), queued(2, body="same")]
    post = Post(ProviderDouble(doubt(), None), *rows)
    async with post.open():
        await post.clock.elapse(60)
    assert sorted(post.provider.taken_ids) == ["n1", "n2"]
    assert post.statuses() == [S.SENT, S.SENT]
    assert post.row(1).provider_id != post.row(2).provider_id


async def test_two_lost_twins_are_each_looked_up_and_counted_once():
    rows = [queued(1, body="same"), queued(2, body="same")]
    provider = ProviderDouble(doubt(), doubt())
    taken = queued(1, body="same")
    provider.taken.append(("SM-first", taken))
    post = Post(provider, *rows)
    async with post.open():
        await post.clock.elapse(60)
    assert len(provider.taken) == 2
    assert {post.row(1).provider_id, post.row(2).provider_id} == {"SM-first", "SM1"}


async def test_without_a_provider_everything_waits_and_health_says_for_how_long():
    provider = ProviderDouble()
    provider.ready = False
    post = Post(provider, queued(1), queued(2))
    async with post.open():
        await post.clock.elapse(180)
        assert post.statuses() == [S.QUEUED, S.QUEUED]
        assert post.row().attempts == 0
        health = post.outbox.health()
        assert (health.name, health.status, health.mode) == ("outbox", Status.DEGRADED, "queue")
        assert "2 waiting, the oldest for 3 min" in health.message
        provider.ready = True
        await post.clock.elapse(2)
        assert post.statuses() == [S.SENT, S.SENT]
        assert post.outbox.health().status is Status.OK


async def test_an_open_circuit_leaves_the_queue_alone_and_then_probes_with_one():
    post = Post(ProviderDouble(), *[queued(n) for n in range(10)])
    post.circuit.pause(30)
    post.provider.hang = asyncio.Event()
    async with post.open():
        await post.clock.elapse(29)
        assert not post.provider.sends
        assert post.outbox.health().status is Status.DEGRADED
        assert all(row.attempts == 0 for row in post.store.snapshot().notifications.values())


async def test_no_more_are_started_in_a_second_than_the_sender_may():
    rows = [queued(n) for n in range(50)]
    post = Post(ProviderDouble(), *rows, policy=replace(POLICY, per_second=5))
    async with post.open():
        assert len(post.provider.sends) == 5
        await post.clock.elapse(4)
        assert 20 <= len(post.provider.sends) <= 25
        await post.clock.elapse(10)
        assert len(post.provider.sends) == 50


async def test_two_gateways_on_one_queue_keep_the_rate_of_their_one_sender_together():
    policy = replace(POLICY, per_second=1)
    mine = Post(ProviderDouble(), *[queued(n) for n in range(60)], policy=policy)
    other = Post(mine.provider, policy=policy, store=mine.store, clock=mine.clock, owner="other")
    async with mine.open(), other.open():
        await mine.clock.elapse(20)
        assert 18 <= len(mine.provider.sends) <= 22
        assert {row.lease_owner for row in mine.store.snapshot().notifications.values()} == {None}
    assert len(set(mine.provider.taken_ids)) == len(mine.provider.sends)


async def test_the_tries_of_weeks_that_are_read_from_elsewhere_hold_the_queue_for_seconds_only():
    post = Post(ProviderDouble(), policy=replace(POLICY, per_second=1))
    async with post.open():
        sent = [queued(n, status=S.DELIVERED, attempts=1) for n in range(1, 500)]
        await post.store.commit(
            lambda _: [Put(row) for row in (*sent, queued(500))], actor="test", cause="first load"
        )
        await post.clock.elapse(2)
        assert not post.provider.sends
        await post.clock.elapse(12)
        assert post.row(500).status is S.SENT


async def test_a_full_disk_sends_nothing_more_and_loses_no_outcome():
    provider = ProviderDouble()
    provider.hang = asyncio.Event()
    post = Post(provider, queued(1))
    async with post.open():
        post.store.failure = Unavailable("disk full")
        provider.hang.set()
        await post.clock.elapse(30)
        assert post.row().status is S.SENDING
        health = post.outbox.health()
        assert health.status is Status.DEGRADED
        assert "disk full" in health.message
        post.store.failure = None
        await post.clock.elapse(3)
        assert post.row().status is S.SENT
        assert post.outbox.health().status is Status.OK
    assert len(provider.sends) == 1
    assert not provider.looked_up


async def test_nothing_is_sent_that_could_not_be_claimed_on_disk():
    post = Post(ProviderDouble(), queued())
    post.store.failure = Unavailable("disk full")
    async with post.open():
        await post.clock.elapse(30)
        assert not post.provider.sends


async def test_a_stop_settles_what_is_under_way_and_claims_nothing_more():
    provider = ProviderDouble()
    provider.hang = asyncio.Event()
    post = Post(provider, queued(1), policy=replace(POLICY, concurrency=1))
    await post.store.commit(lambda _: [Put(queued(2))], actor="test", cause="queue")
    task = asyncio.create_task(post.outbox.run())
    await post.clock.elapse(0)
    post.outbox.stop()
    await post.clock.elapse(0)
    assert not task.done()
    provider.hang.set()
    await asyncio.wait_for(task, 60)
    assert post.statuses() == [S.SENT, S.QUEUED]


async def test_a_message_cancelled_in_time_is_not_sent():
    post = Post(ProviderDouble(trouble()), queued())
    async with post.open():
        cancelled = replace(post.row(), status=S.CANCELLED, next_attempt_at=None)
        await post.store.commit(lambda _: [Put(cancelled)], actor="test", cause="cancel")
        await post.clock.elapse(60)
    assert post.row().status is S.CANCELLED
    assert len(post.provider.sends) == 1


async def test_neither_text_nor_number_is_logged():
    provider = ProviderDouble(trouble(), refusal(), doubt(), None)
    rows = [queued(n, body="a secret text", to=f"+1415555010{n}") for n in range(4)]
    post = Post(provider, *rows)
    with structlog.testing.capture_logs() as logs:
        async with post.open():
            await post.clock.elapse(60)
    said = repr(logs)
    assert len(logs) >= 5
    assert "a secret text" not in said
    assert "55501" not in said
    assert "+1•••••0103" in said


def test_times_in_a_wrong_order_are_refused():
    with pytest.raises(ValueError, match="settle"):
        OutboxPolicy(send_timeout=10, settle=10, lease=30)
    with pytest.raises(ValueError, match="lease"):
        OutboxPolicy(send_timeout=10, settle=11, lease=20)
