"""Everything at once, many times: refusals, lost answers, workers that die, queues shared. Nothing lost, nothing doubled."""

import asyncio
import random
from collections import Counter

import pytest

from negotiation.records import AttemptOutcome
from negotiation.records import NotificationStatus as S
from tests.builders import NOW
from tests.doubles.notifier import ProviderDouble, doubt, trouble
from tests.fakes import FakeClock, MemoryStore
from tests.unit.adapters.test_outbox import Post, queued


class Unreliable(ProviderDouble):
    """Takes, refuses for now, or loses the answer before or after taking; sometimes slow; lists late."""

    def __init__(self, dice: random.Random, clock: FakeClock) -> None:
        super().__init__()
        self._dice = dice
        self._clock = clock

    async def send(self, notification):
        before, after = (self._dice.choice([0.01, 0.5, 2.0]) for _ in range(2))
        try:
            await self._clock.sleep(before)
        except asyncio.CancelledError:
            if self._dice.random() < 0.5:  # the request was on the wire when the worker died
                self.taken.append(
                    (f"SM-late-{notification.id}-{notification.attempts}", notification)
                )
            raise
        self.lost_after = self._dice.random() < 0.5
        self.script.append(self._dice.choice([None, None, trouble(), doubt(), doubt(1.0)]))
        try:
            return await super().send(notification)
        finally:
            await self._clock.sleep(after)

    async def find(self, notification, *, exclude=(), within=None):
        await self._clock.sleep(self._dice.choice([0.01, 0.5]))
        if self._dice.random() < 0.2:
            raise trouble()
        return await super().find(notification, exclude=exclude, within=within)


@pytest.mark.parametrize("seed", range(25))
async def test_workers_that_die_lose_nothing_and_double_nothing(seed):
    dice = random.Random(seed)
    clock = FakeClock(NOW)
    bodies = [f"text {n if seed % 2 else n // 3}" for n in range(30)]
    rows = [queued(n, body=body) for n, body in enumerate(bodies)]
    store = MemoryStore(clock, *rows)
    provider = Unreliable(dice, clock)

    def worker(name):
        post = Post(provider, store=store, clock=clock, owner=name)
        return asyncio.create_task(post.outbox.run())

    alive = [worker("w0"), worker("w1")]
    for life in range(2, 12):
        await clock.elapse(dice.uniform(0.1, 20))
        victim = alive.pop(0)
        victim.cancel()
        await asyncio.gather(victim, return_exceptions=True)
        alive.append(worker(f"w{life}"))
    await clock.elapse(1800)
    for task in alive:
        task.cancel()
    await asyncio.gather(*alive, return_exceptions=True)

    ended = Counter(row.status for row in store.snapshot().notifications.values())
    given_up = [row for row in store.snapshot().notifications.values() if row.status is S.FAILED]
    assert set(ended) <= {S.SENT, S.FAILED}
    wanted = Counter(bodies) - Counter(row.body for row in given_up)
    assert Counter(row.body for _, row in provider.taken) == wanted
    ids = [row.provider_id for row in store.snapshot().notifications.values() if row.provider_id]
    assert len(ids) == len(set(ids))
    for row in store.snapshot().notifications.values():
        numbers = [line.number for line in row.history]
        assert numbers == sorted(numbers)
        assert set(numbers) == set(range(1, row.attempts + 1)), "a try without a line, or twice one"
        if seed % 2 and row.status is S.SENT:
            outcomes = [line.outcome for line in row.history]
            assert outcomes.count(AttemptOutcome.ACCEPTED) == 1
