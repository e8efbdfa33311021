import asyncio

import pytest

from adapters.resilience import (
    Backoff,
    CircuitBreaker,
    CircuitOpenError,
    CircuitState,
    Diagnostics,
    RetryBudget,
    RetryPolicy,
    rest,
    retried,
)
from tests.fakes import FakeClock


class Refused(Exception):
    def __init__(self, retry_after: float | None = None) -> None:
        super().__init__("no")
        self.retry_after = retry_after


class Flaky:
    """Fails a number of times, then answers."""

    def __init__(self, failures: int, error: Exception | None = None) -> None:
        self.calls = 0
        self._failures = failures
        self._error = error or Refused()

    async def __call__(self) -> str:
        self.calls += 1
        if self.calls <= self._failures:
            raise self._error
        return "answer"


async def call(flaky, clock, **changes):
    return await retried(
        flaky,
        clock=clock,
        policy=changes.pop("policy", RetryPolicy(backoff=Backoff(base=1.0, cap=4.0))),
        budget=changes.pop("budget", RetryBudget(clock)),
        retriable=lambda error: isinstance(error, (Refused, TimeoutError)),
        retry_after=lambda error: getattr(error, "retry_after", None),
    )


async def test_two_failures_are_retried_with_growing_jittered_pauses():
    clock = FakeClock(impatient=True)
    assert await call(Flaky(2), clock) == "answer"
    assert len(clock.slept) == 2
    assert 0 <= clock.slept[0] <= 1
    assert 0 <= clock.slept[1] <= 2


async def test_the_third_failure_is_the_last():
    flaky = Flaky(3)
    with pytest.raises(Refused):
        await call(flaky, FakeClock(impatient=True))
    assert flaky.calls == 3


async def test_what_is_not_safe_to_repeat_is_not_repeated():
    flaky = Flaky(1, ValueError("final"))
    with pytest.raises(ValueError, match="final"):
        await call(flaky, FakeClock(impatient=True))
    assert flaky.calls == 1


async def test_the_pause_is_at_least_what_the_other_side_asks_for():
    clock = FakeClock(impatient=True)
    await call(Flaky(1, Refused(retry_after=17.0)), clock)
    assert clock.slept == [17.0]


async def test_a_try_that_hangs_is_cut_off():
    async def hang() -> None:
        await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await call(hang, FakeClock(impatient=True), policy=RetryPolicy(attempts=2, timeout=0.01))


async def test_a_cancelled_call_is_not_tried_again():
    calls = 0

    async def hang() -> None:
        nonlocal calls
        calls += 1
        await asyncio.Event().wait()

    clock = FakeClock(impatient=True)
    task = asyncio.create_task(
        retried(
            hang,
            clock=clock,
            policy=RetryPolicy(),
            budget=RetryBudget(clock),
            retriable=lambda _: True,
        )
    )
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()
    assert calls == 1


async def test_an_empty_budget_forbids_retries_but_no_first_try():
    clock = FakeClock(impatient=True)
    budget = RetryBudget(clock, floor=1)
    assert budget.take()
    flaky = Flaky(1)
    with pytest.raises(Refused):
        await call(flaky, clock, budget=budget)
    assert flaky.calls == 1


def test_the_budget_grows_with_traffic_and_with_time():
    clock = FakeClock()
    budget = RetryBudget(clock, ratio=0.1, floor=2)
    assert budget.take()
    assert budget.take()
    assert not budget.take()
    for _ in range(11):
        budget.earn()
    assert budget.take()
    assert not budget.take()
    clock.advance(60)
    assert budget.available == 2


def test_full_jitter_stays_between_nothing_and_a_capped_exponential():
    backoff = Backoff(base=2.0, cap=10.0)
    assert [backoff.ceiling(n) for n in (1, 2, 3, 4, 5000)] == [2, 4, 8, 10, 10]
    delays = [backoff.delay(3) for _ in range(200)]
    assert all(0 <= d <= 8 for d in delays)
    assert max(delays) - min(delays) > 4


def fail(circuit: CircuitBreaker) -> None:
    with pytest.raises(Refused), circuit.call(lambda _: True):
        raise Refused


def test_the_circuit_opens_after_a_row_of_outages_and_lets_one_probe_through():
    clock = FakeClock()
    circuit = CircuitBreaker(clock, threshold=3, cooldown=10)
    for _ in range(3):
        fail(circuit)
    assert circuit.state is CircuitState.OPEN
    assert circuit.capacity(20) == 0
    with pytest.raises(CircuitOpenError), circuit.call(lambda _: True):
        pytest.fail("entered an open circuit")

    clock.advance(10)
    assert circuit.state is CircuitState.HALF_OPEN
    assert circuit.capacity(20) == 1
    with circuit.call(lambda _: True):
        assert circuit.capacity(20) == 0
    assert circuit.state is CircuitState.CLOSED
    assert circuit.capacity(20) == 20


def test_a_failed_probe_doubles_the_pause():
    clock = FakeClock()
    circuit = CircuitBreaker(clock, threshold=1, cooldown=10, max_cooldown=25)
    fail(circuit)
    for pause in (10, 20, 25, 25):
        assert circuit.opens_in == pause
        clock.advance(pause)
        fail(circuit)


def test_refusals_are_answers_and_keep_the_circuit_closed():
    circuit = CircuitBreaker(FakeClock(), threshold=2)
    fail(circuit)
    with pytest.raises(Refused), circuit.call(lambda _: False):
        raise Refused
    fail(circuit)
    assert circuit.state is CircuitState.CLOSED


def test_what_can_be_read_does_not_end_a_row_of_failed_writes():
    circuit = CircuitBreaker(FakeClock(), threshold=2)
    fail(circuit)
    with circuit.call(lambda _: True, proves=False):
        pass
    fail(circuit)
    assert circuit.state is CircuitState.OPEN


async def test_a_cancelled_probe_leaves_room_for_the_next():
    clock = FakeClock()
    circuit = CircuitBreaker(clock, threshold=1, cooldown=1)
    fail(circuit)
    clock.advance(1)

    async def probe() -> None:
        with circuit.call(lambda _: True):
            await asyncio.Event().wait()

    task = asyncio.create_task(probe())
    await asyncio.sleep(0)
    assert circuit.capacity(1) == 0
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert circuit.capacity(1) == 1


def test_a_requested_pause_opens_the_circuit_for_that_long():
    clock = FakeClock()
    circuit = CircuitBreaker(clock)
    circuit.pause(30)
    assert circuit.opens_in == 30
    clock.advance(30)
    assert circuit.capacity(5) == 1


def test_diagnostics_know_whether_the_newest_call_failed():
    clock = FakeClock()
    diagnostics = Diagnostics()
    assert not diagnostics.failing
    diagnostics.failed(clock.now(), "503", "unavailable")
    assert diagnostics.failing
    clock.advance(1)
    diagnostics.ok(clock.now(), 0.0123)
    assert not diagnostics.failing
    assert diagnostics.latency_ms == 12
    assert diagnostics.error_code == "503"


async def test_a_rest_ends_when_the_time_is_over_or_the_bell_rings():
    clock = FakeClock()
    wake = asyncio.Event()
    resting = asyncio.create_task(rest(clock, 60, wake))
    await asyncio.sleep(0)
    wake.set()
    await asyncio.wait_for(resting, 1)
    assert not wake.is_set()

    resting = asyncio.create_task(rest(clock, 60, wake))
    await asyncio.sleep(0.01)
    clock.advance(60)
    await asyncio.wait_for(resting, 1)
