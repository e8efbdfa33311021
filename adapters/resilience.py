"""How every call to the outside is made to fail well: one retry policy, a retry budget, a circuit breaker, diagnostics.

What may be retried and what counts as an outage is the caller's knowledge; the durable retries of the outbox live in
`adapters.outbox` and take their backoff, budget and circuit from here.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception

from resolvers.ports import CircuitState as CircuitState
from resolvers.ports import Clock

T = TypeVar("T")


def full_jitter(ceiling: float) -> float:
    """Anything between 0 and `ceiling`."""
    return random.uniform(0.0, ceiling)  # noqa: S311 - spreads load, hides nothing


@dataclass(frozen=True, slots=True)
class Backoff:
    """After try n (from 1), at most min(cap, base x 2^(n-1)) seconds; `jitter` picks how many of them."""

    base: float = 0.5
    cap: float = 30.0
    jitter: Callable[[float], float] = full_jitter

    def delay(self, attempt: int) -> float:
        return self.jitter(self.ceiling(attempt))

    def ceiling(self, attempt: int) -> float:
        return min(self.cap, self.base * 2.0 ** min(attempt - 1, 60))


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """At most `attempts` tries in all, each given `timeout` seconds."""

    attempts: int = 3
    timeout: float = 10.0
    backoff: Backoff = field(default_factory=Backoff)


class RetryBudget:
    """Keeps retries from doubling the load on something that struggles.

    Each first try earns `ratio` of a retry, and `floor` retries a minute are always granted so that a quiet system may
    retry at all.
    """

    def __init__(self, clock: Clock, *, ratio: float = 0.1, floor: float = 10.0) -> None:
        self._clock = clock
        self._ratio = ratio
        self._floor = floor
        self._tokens = floor
        self._at = clock.monotonic()

    def earn(self) -> None:
        """A first try was made."""
        self._refill()
        self._tokens = min(self._ceiling, self._tokens + self._ratio)

    def take(self) -> bool:
        """Whether one retry may be made; takes it."""
        if self.available < 1:
            return False
        self._tokens -= 1
        return True

    @property
    def available(self) -> int:
        self._refill()
        return int(self._tokens)

    @property
    def _ceiling(self) -> float:
        return max(self._floor, 1.0) * 10

    def _refill(self) -> None:
        now = self._clock.monotonic()
        if self._tokens < self._floor:
            self._tokens = min(self._floor, self._tokens + (now - self._at) * self._floor / 60)
        self._at = now


class CircuitOpenError(Exception):
    """Nothing was sent: the other side has been failing, or asked us to wait. `retry_after`: seconds until a probe."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"not tried: the circuit is open for another {retry_after:.0f} s")
        self.retry_after = retry_after


class CircuitBreaker:
    """Stops calling what keeps failing: `threshold` outages in a row open it, after a cooldown ONE probe goes through,
    and its success closes it. Each failed probe doubles the cooldown, up to `max_cooldown`. One per dependency.
    """

    def __init__(
        self, clock: Clock, *, threshold: int = 5, cooldown: float = 2.0, max_cooldown: float = 60.0
    ) -> None:
        self._clock = clock
        self._threshold = threshold
        self._first_cooldown = cooldown
        self._max_cooldown = max_cooldown
        self._cooldown = cooldown
        self._failures = 0
        self._open_until: float | None = None
        self._probing = False

    @property
    def state(self) -> CircuitState:
        if self._open_until is None:
            return CircuitState.CLOSED
        return CircuitState.OPEN if self.opens_in > 0 else CircuitState.HALF_OPEN

    @property
    def opens_in(self) -> float:
        """Seconds until a probe may be sent; 0 when something may be sent now."""
        if self._open_until is None:
            return 0.0
        return max(0.0, self._open_until - self._clock.monotonic())

    def capacity(self, most: int) -> int:
        """How many calls may start now, at most `most`: all of them, one probe, or none."""
        match self.state:
            case CircuitState.CLOSED:
                return most
            case CircuitState.HALF_OPEN:
                return 0 if self._probing else min(1, most)
            case CircuitState.OPEN:
                return 0

    @contextmanager
    def call(
        self, outage: Callable[[BaseException], bool], *, proves: bool = True
    ) -> Iterator[None]:
        """Around one call. Raises CircuitOpenError instead of entering; an exception of which `outage` is true counts
        as a failure, any other as an answer. A cancelled call counts as neither. `proves` False: an answer does not end
        a row of failures (what can be read may still not be written), but a probe closes the circuit all the same.
        """
        if self.capacity(1) == 0:
            raise CircuitOpenError(self.opens_in)
        probe = self.state is CircuitState.HALF_OPEN
        self._probing = self._probing or probe
        try:
            yield
        except Exception as error:
            if outage(error):
                self._failed(probe=probe)
            else:
                self._answered(probe=probe, proves=proves)
            raise
        else:
            self._answered(probe=probe, proves=proves)
        finally:
            if probe:
                self._probing = False

    def pause(self, seconds: float) -> None:
        """The other side asked for silence: open for that long, without counting a failure."""
        until = self._clock.monotonic() + seconds
        self._open_until = until if self._open_until is None else max(until, self._open_until)

    def _answered(self, *, probe: bool, proves: bool) -> None:
        if probe and self.state is CircuitState.HALF_OPEN:
            self._open_until = None
            self._cooldown = self._first_cooldown
        if proves and self._open_until is None:
            self._failures = 0

    def _failed(self, *, probe: bool) -> None:
        if probe:
            self._cooldown = min(self._max_cooldown, self._cooldown * 2)
            self._open_until = self._clock.monotonic() + self._cooldown
        elif self._open_until is None:
            self._failures += 1
            if self._failures >= self._threshold:
                self._failures = 0
                self._open_until = self._clock.monotonic() + self._cooldown


@dataclass(slots=True)
class Diagnostics:
    """What the last calls to one dependency showed; feeds its ComponentHealth."""

    last_ok_at: datetime | None = None
    latency_ms: int | None = None
    error_code: str | None = None
    error_message: str | None = None
    error_at: datetime | None = None

    def ok(self, at: datetime, seconds: float) -> None:
        self.last_ok_at = at
        self.latency_ms = round(seconds * 1000)

    def failed(self, at: datetime, code: str, message: str) -> None:
        self.error_at = at
        self.error_code = code
        self.error_message = message

    @property
    def failing(self) -> bool:
        """The newest call failed."""
        if self.error_at is None:
            return False
        return self.last_ok_at is None or self.error_at >= self.last_ok_at


async def retried(
    call: Callable[[], Awaitable[T]],
    *,
    clock: Clock,
    policy: RetryPolicy,
    budget: RetryBudget,
    retriable: Callable[[BaseException], bool],
    retry_after: Callable[[BaseException], float | None] = lambda _: None,
    failed: Callable[[BaseException], None] = lambda _: None,
) -> T:
    """`call` with at most `policy.attempts` tries; waits go through the clock. Raises the last error, or the first that
    is not `retriable` or finds the budget empty. A try that takes longer than `policy.timeout` raises TimeoutError.
    `failed` hears of each retriable failure at once.
    """

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = retry_after(error) if error is not None else None
        return max(policy.backoff.delay(state.attempt_number), asked or 0.0)

    async def attempt() -> T:
        async with asyncio.timeout(policy.timeout):
            return await call()

    def enough(state: RetryCallState) -> bool:
        return state.attempt_number >= policy.attempts or not budget.take()

    def after(state: RetryCallState) -> None:
        if state.outcome is not None and (error := state.outcome.exception()) is not None:
            failed(error)

    budget.earn()
    retrying = AsyncRetrying(
        sleep=clock.sleep,
        stop=enough,
        wait=wait,
        # tenacity offers cancellation, too, as something to retry
        retry=retry_if_exception(lambda error: isinstance(error, Exception) and retriable(error)),
        after=after,
        reraise=True,
    )
    return await retrying(attempt)


async def rest(clock: Clock, seconds: float, wake: asyncio.Event) -> None:
    """Sleep on the clock until the time is over or `wake` is set, whichever is first; clears `wake`."""
    sleeper = asyncio.ensure_future(clock.sleep(seconds))
    waker = asyncio.ensure_future(wake.wait())
    try:
        await asyncio.wait((sleeper, waker), return_when=asyncio.FIRST_COMPLETED)
    finally:
        sleeper.cancel()
        waker.cancel()
        await asyncio.gather(sleeper, waker, return_exceptions=True)
    wake.clear()
