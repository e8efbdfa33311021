import asyncio
from datetime import timedelta

from adapters.outbox import DeliveryPoll
from negotiation.records import NotificationStatus as S
from resolvers.ports import Delivery, NotifierError
from tests.builders import NOW, a_notification
from tests.fakes import FakeClock, MemoryStore


class Tracking:
    """A Tracker that answers what it is told."""

    def __init__(self, **answers):
        self.answers = answers
        self.asked = []

    async def delivery(self, notification):
        self.asked.append(notification.id)
        answer = self.answers.get(notification.id, Delivery(S.SENT))
        if isinstance(answer, Exception):
            raise answer
        return answer


def sent(id_, **changes):
    defaults = {"status": S.SENT, "provider_id": f"SM-{id_}", "idempotency_key": id_}
    return a_notification(id=id_, **(defaults | changes))


async def follow(tracker, *rows, seconds=0.0):
    clock = FakeClock(NOW + timedelta(seconds=6))
    store = MemoryStore(clock, *rows)
    poll = DeliveryPoll(store=store, tracker=tracker, clock=clock)
    task = asyncio.create_task(poll.run())
    await clock.elapse(seconds)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return store


async def test_a_sent_notification_becomes_delivered_or_failed_with_the_reason():
    tracker = Tracking(
        a=Delivery(S.DELIVERED), b=Delivery(S.FAILED, "30003", "The phone could not be reached.")
    )
    store = await follow(tracker, sent("a"), sent("b"), sent("c"))
    rows = store.snapshot().notifications
    assert [rows[id_].status for id_ in "abc"] == [S.DELIVERED, S.FAILED, S.SENT]
    assert (rows["b"].error_code, rows["b"].error_message) == (
        "30003",
        "The phone could not be reached.",
    )
    assert await store.history_size() == 3 + 2


async def test_what_is_still_under_way_is_asked_for_more_and_more_rarely():
    tracker = Tracking()
    await follow(tracker, sent("a"), seconds=3600)
    assert len(tracker.asked) == 7


async def test_after_four_hours_nobody_asks_any_more():
    tracker = Tracking()
    await follow(tracker, sent("a"), seconds=5 * 3600)
    before = len(tracker.asked)
    assert before == 8
    await follow(tracker, sent("b", updated_at=NOW - timedelta(days=3)), seconds=3600)
    assert tracker.asked[before:] == ["b"]


async def test_an_outage_is_waited_out():
    tracker = Tracking(a=NotifierError("UNREACHABLE", "no", retry=True))
    store = await follow(tracker, sent("a"), seconds=30)
    assert store.snapshot().notifications["a"].status is S.SENT
    assert len(tracker.asked) == 2


async def test_only_what_was_accepted_is_asked_for():
    tracker = Tracking()
    await follow(tracker, sent("a", status=S.QUEUED), sent("b", provider_id=None), seconds=100)
    assert tracker.asked == []


async def test_with_nobody_to_ask_it_waits():
    store = await follow(None, sent("a"), seconds=100)
    assert store.snapshot().notifications["a"].status is S.SENT


async def test_one_that_cannot_be_read_by_a_fault_of_ours_stops_neither_the_others_nor_the_polling():
    tracker = Tracking(a=RuntimeError("a bug"), b=Delivery(S.DELIVERED))
    store = await follow(tracker, sent("a"), sent("b"), seconds=20)
    rows = store.snapshot().notifications
    assert (rows["a"].status, rows["b"].status) == (S.SENT, S.DELIVERED)
    assert tracker.asked.count("a") == 2


async def test_of_many_some_are_asked_for_at_a_time_and_what_is_known_is_written():
    """After a restart every message that was never heard of again is asked for once."""
    old = [sent(f"m{n:03}", updated_at=NOW - timedelta(days=3)) for n in range(250)]
    asked = [f"m{n:03}" for n in range(250)]
    tracker = Tracking(**{each: Delivery(S.DELIVERED) for each in asked})
    store = await follow(tracker, *old)
    known = [row.id for row in store.snapshot().notifications.values() if row.status is S.DELIVERED]
    assert known == asked[:100]
    store = await follow(tracker, *old, seconds=10)
    assert {row.status for row in store.snapshot().notifications.values()} == {S.DELIVERED}
