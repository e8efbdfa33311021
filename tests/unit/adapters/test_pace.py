"""How long work beside a loop is cut into pieces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from threading import Event, Thread, get_ident

from adapters.pace import GENTLE, HURRIED, Pace, gentle_beside


class Watch:
    """A clock that moves by what is worked and rested."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.rests: list[float] = []
        """When each began."""
        self.slept: list[float] = []

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.rests.append(self.seconds)
        self.slept.append(seconds)
        self.seconds += seconds

    def work(self, items: Iterable[int], each: float) -> Iterator[int]:
        for item in items:
            self.seconds += each
            yield item


def paced(watch: Watch, *, work: float, rest: float) -> Pace:
    return Pace(work=work, rest=rest, now=watch.now, sleep=watch.sleep)


def test_a_rest_follows_each_stretch_of_work_and_nothing_is_left_out_or_reordered():
    watch = Watch()
    pace = paced(watch, work=3.0, rest=10.0)
    assert list(watch.work(pace(range(7)), each=1.0)) == list(range(7))
    assert watch.rests == [3.0, 16.0]
    assert watch.seconds == 7 * 1.0 + 2 * 10.0


def test_what_is_done_before_a_stretch_ends_is_never_interrupted():
    watch = Watch()
    pace = paced(watch, work=3.0, rest=10.0)
    assert list(watch.work(pace(range(3)), each=1.0)) == [0, 1, 2]
    assert watch.rests == []


def test_each_work_begins_with_a_stretch_of_its_own():
    watch = Watch()
    pace = paced(watch, work=3.0, rest=10.0)
    for _ in range(5):
        list(watch.work(pace(range(3)), each=1.0))
    assert watch.rests == []


def test_after_a_while_it_hurries_for_somebody_may_wait_for_a_lock_that_is_held():
    watch = Watch()
    pace = replace(paced(watch, work=1.0, rest=10.0), longest=30.0)
    assert list(watch.work(pace(range(100)), each=1.0)) == list(range(100))
    assert watch.rests == [1.0, 12.0, 23.0]
    assert GENTLE.longest <= 1.0  # twice in a commit; who waits for the store gives up after 5


def test_work_that_nobody_waits_for_never_rests():
    items = [1, 2, 3]
    assert HURRIED(items) is items


def test_a_breath_is_rest_enough_until_those_beside_use_the_processor_and_again_when_they_stop():
    watch = Watch()
    used = iter([0.0, 0.0, 0.0, 0.7, 1.4, 1.4, 1.4])
    pace = replace(paced(watch, work=1.0, rest=10.0), breath=0.5, used=lambda: next(used))
    assert list(watch.work(pace(range(7)), each=1.0)) == list(range(7))
    assert watch.slept == [0.5, 0.5, 10.0, 10.0, 0.5, 0.5]


def test_where_nobody_knows_what_those_beside_use_every_rest_is_a_long_one():
    watch = Watch()
    pace = replace(paced(watch, work=1.0, rest=10.0), breath=0.5)
    list(watch.work(pace(range(4)), each=1.0))
    assert watch.slept == [10.0] * 3


def test_the_gentle_pace_looks_at_the_thread_it_is_beside():
    over = Event()
    waits = Thread(target=over.wait)
    waits.start()
    assert waits.ident is not None
    theirs, mine = gentle_beside(waits.ident).used, gentle_beside(get_ident()).used
    assert theirs is not None, "this system tells what a thread has used"
    assert mine is not None
    before = theirs(), mine()
    sum(range(1_000_000))
    assert mine() - before[1] > theirs() - before[0]
    over.set()
    waits.join()


def test_the_gentle_pace_rests_far_longer_than_it_works():
    assert 0 < GENTLE.work * 5 < GENTLE.rest
    assert 0 < GENTLE.breath < GENTLE.rest
