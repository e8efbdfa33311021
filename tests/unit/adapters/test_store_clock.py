"""The machine's clock, and the one tests use in its place."""

import asyncio
from datetime import UTC, datetime, timedelta

from adapters.clock import SystemClock
from tests.fakes import NOON, FakeClock


async def test_the_system_clock_tells_utc_and_sleeps() -> None:
    clock = SystemClock()
    before = clock.monotonic()
    assert clock.now().tzinfo is UTC
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
    assert clock.today() in (datetime.now(UTC).date(), (clock.now() - timedelta(seconds=5)).date())
    await clock.sleep(0.01)
    assert clock.monotonic() - before >= 0.009


async def test_fake_time_passes_only_when_told() -> None:
    clock = FakeClock()
    woken: list[str] = []

    async def sleeper(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append(f"{name} at {clock.now() - NOON}")

    tasks = [asyncio.ensure_future(sleeper(*each)) for each in (("late", 60), ("early", 5))]
    await clock.until_asleep(2)
    assert woken == []
    await clock.elapse(59)
    assert woken == ["early at 0:00:05"]
    assert clock.sleepers == 1
    clock.advance(1)
    await asyncio.gather(*tasks)
    assert woken == ["early at 0:00:05", "late at 0:01:00"]
    assert clock.slept == [60, 5]


async def test_a_sleeper_that_sleeps_again_within_the_time_that_elapses_wakes_again() -> None:
    clock = FakeClock()
    ticks: list[datetime] = []

    async def tick() -> None:
        while True:
            await clock.sleep(10)
            ticks.append(clock.now())

    task = asyncio.ensure_future(tick())
    await clock.elapse(35)
    assert ticks == [NOON + timedelta(seconds=s) for s in (10, 20, 30)]
    task.cancel()


async def test_the_wall_clock_may_jump_without_time_passing() -> None:
    clock = FakeClock()
    before = clock.monotonic()
    clock.set(NOON - timedelta(days=1))
    assert (clock.now(), clock.monotonic()) == (NOON - timedelta(days=1), before)


async def test_an_impatient_clock_sleeps_without_waiting() -> None:
    clock = FakeClock(impatient=True)
    await clock.sleep(3600)
    assert clock.now() == NOON + timedelta(hours=1)
