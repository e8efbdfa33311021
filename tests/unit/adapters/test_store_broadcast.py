"""A value that many watch, and the signal of health made of it."""

import asyncio
from contextlib import aclosing
from threading import Thread
from time import sleep

from adapters.broadcast import Latest
from adapters.signal import ChangeSignal


async def test_a_value_set_in_another_thread_reaches_the_watcher() -> None:
    latest = Latest("old")
    async with aclosing(latest.watch()) as values:
        assert await anext(values) == "old"
        Thread(target=latest.set, args=("new",)).start()
        assert await anext(values) == "new"


def test_watchers_of_several_loops_each_wake_in_their_own() -> None:
    latest = Latest(0)
    seen: list[int] = []

    async def follow() -> None:
        async for value in latest.watch():
            seen.append(value)  # noqa: PERF401 - as they come

    threads = [Thread(target=asyncio.run, args=(follow(),)) for _ in range(3)]
    for thread in threads:
        thread.start()
    while len(seen) < 3:
        sleep(0.001)
    latest.set(1)
    while len(seen) < 6:
        sleep(0.001)
    latest.close()
    for thread in threads:
        thread.join()
    assert sorted(seen) == [0, 0, 0, 1, 1, 1]
    assert latest.watchers == 0


def test_a_loop_that_died_with_its_watchers_harms_nobody() -> None:
    latest = Latest(0)

    async def start() -> None:
        await anext(iterators[0])

    iterators = [latest.watch()]
    loop = asyncio.new_event_loop()
    loop.run_until_complete(start())
    loop.close()
    latest.set(1)
    assert latest.value == 1


async def test_setting_an_equal_value_still_wakes() -> None:
    latest = Latest("same")
    async with aclosing(latest.watch()) as values:
        await anext(values)
        latest.set("same")
        assert await asyncio.wait_for(anext(values), 1) == "same"


async def test_the_signal_counts_changes() -> None:
    signal = ChangeSignal()
    async with aclosing(signal.watch()) as counts:
        assert await anext(counts) == 0
        signal.changed()
        signal.changed()
        assert await anext(counts) == 2
        signal.close()
        assert [count async for count in counts] == []
