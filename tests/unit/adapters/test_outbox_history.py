"""Every try is on record: what came of it, when, and how it is known."""

from dataclasses import replace
from datetime import timedelta

from adapters.outbox.deliveries import delivered
from adapters.outbox.transitions import abandoned
from negotiation.records import AttemptOutcome as A
from negotiation.records import NotificationStatus as S
from resolvers.ports import Delivery, Put
from tests.builders import NOW, a_notification
from tests.doubles.notifier import ProviderDouble, doubt, refusal, trouble
from tests.unit.adapters.test_outbox import POLICY, Post, queued


def told(row):
    return [(line.number, line.outcome, line.looked_up, line.error_code) for line in row.history]


async def test_an_accepted_try_says_when_it_began_and_ended_and_whose_message_it_is():
    post = Post(ProviderDouble(), queued())
    async with post.open():
        await post.clock.elapse(1)
    [line] = post.row().history
    assert (line.number, line.outcome, line.provider_id) == (1, A.ACCEPTED, "SM1")
    assert line.started_at == line.ended_at == NOW + timedelta(minutes=1)
    assert (line.looked_up, line.error_code) == (False, None)


async def test_a_try_that_took_long_shows_how_long():
    class Slow(ProviderDouble):
        async def send(self, notification):
            await post.clock.sleep(3)
            return await super().send(notification)

    post = Post(Slow(), queued())
    async with post.open():
        await post.clock.elapse(4)
    [line] = post.row().history
    assert line.ended_at - line.started_at == timedelta(seconds=3)


async def test_tries_that_were_put_off_and_refused_are_all_there():
    post = Post(ProviderDouble(trouble(), trouble("30001"), refusal()), queued())
    async with post.open():
        await post.clock.elapse(60)
    assert post.row().status is S.FAILED
    assert told(post.row()) == [
        (1, A.POSTPONED, False, "20503"),
        (2, A.POSTPONED, False, "30001"),
        (3, A.REFUSED, False, "21211"),
    ]


async def test_a_message_given_up_says_refused_in_the_end():
    provider = ProviderDouble()
    provider.default = trouble()
    post = Post(provider, queued())
    async with post.open():
        await post.clock.elapse(120)
    assert [line.outcome for line in post.row().history] == [*[A.POSTPONED] * 3, A.REFUSED]


async def test_a_lost_answer_and_the_look_up_that_found_the_message_are_one_try():
    provider = ProviderDouble(doubt(), lost_after=True)
    provider.find_errors.append(trouble("UNREACHABLE"))
    post = Post(provider, queued())
    async with post.open():
        await post.clock.elapse(10)
    assert post.row().status is S.SENT
    assert told(post.row()) == [(1, A.UNCONFIRMED, False, "CUT"), (1, A.ACCEPTED, True, None)]


async def test_a_look_up_that_finds_nothing_is_on_record_before_the_next_try():
    post = Post(ProviderDouble(doubt()), queued())
    async with post.open():
        await post.clock.elapse(30)
    assert told(post.row()) == [
        (1, A.UNCONFIRMED, False, "CUT"),
        (1, A.NOT_TAKEN, True, None),
        (2, A.ACCEPTED, False, None),
    ]


async def test_a_look_up_that_could_not_tell_says_why():
    provider = ProviderDouble(doubt())
    provider.find_errors.extend([trouble("UNREACHABLE"), trouble("HTTP_500")])
    post = Post(provider, queued())
    async with post.open():
        await post.clock.elapse(60)
    assert (1, A.UNCONFIRMED, True, "HTTP_500") in told(post.row())
    assert post.row().status is S.SENT


async def test_what_the_circuit_held_back_is_no_try():
    provider = ProviderDouble()
    post = Post(provider, queued())
    post.circuit.pause(20)
    async with post.open():
        await post.clock.elapse(10)
        assert post.row().history == ()
        await post.clock.elapse(20)
    assert told(post.row()) == [(1, A.ACCEPTED, False, None)]


def test_a_try_whose_gateway_died_is_on_record():
    row = a_notification(status=S.SENDING, attempts=1, lease_owner="gone")
    after = abandoned(row, now=NOW + timedelta(seconds=40), policy=POLICY)
    [line] = after.history
    assert (line.number, line.outcome, line.error_code) == (1, A.UNCONFIRMED, "LEASE_EXPIRED")
    assert (line.started_at, line.ended_at) == (NOW, NOW + timedelta(seconds=40))


def test_a_report_on_the_delivery_belongs_to_the_try_it_is_about():
    sent = a_notification(status=S.SENT, provider_id="SM1")
    after = delivered(sent, Delivery(S.FAILED, "30003", "Off."), NOW)
    assert told(after) == [(1, A.UNDELIVERED, False, "30003")]
    again = replace(after, status=S.SENT, error_code=None)
    polled = delivered(again, Delivery(S.DELIVERED), NOW, looked_up=True)
    assert told(polled)[1:] == [(1, A.DELIVERED, True, None)]


async def test_what_was_tried_before_a_person_queued_it_again_stays():
    post = Post(ProviderDouble(refusal()), queued())
    async with post.open():
        await post.clock.elapse(1)
        again = replace(post.row(), status=S.QUEUED, attempts=0, error_code=None)
        await post.store.commit(lambda _: [Put(again)], actor="operator", cause="retryNotification")
        post.outbox.wake()
        await post.clock.elapse(1)
    assert post.row().attempts == 1
    assert told(post.row()) == [(1, A.REFUSED, False, "21211"), (2, A.ACCEPTED, False, None)]
