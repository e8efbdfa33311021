"""How patient the outbox is, in seconds, and why its times must stand in a certain order."""

from __future__ import annotations

from dataclasses import dataclass, field

from adapters.resilience import Backoff


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxPolicy:
    """Times are in seconds.

    - `max_attempts`: refused for now so often, while the provider works for others, a message is FAILED. Tries that found
      no connection, got no answer, or that the provider asked to postpone, do not count.
    - `send_timeout`: the longest one try may take.
    - `lease`: how long a claim is nobody else's; it outlasts a try and the look-up after it. Whoever would take it over
      has seen it that long, by its own steady clock.
    - `settle`: when an answer was lost, how long until a look-up that finds nothing is conclusive; longer than any try
      that may still be under way. Measured as the lease is.
    - `idle`: the longest pause between two looks at the queue.
    - `horizon`: a retry or look-up further away than that is the work of a clock that was wrong, and counts as due.
    - `stale`: older than that, what waits is overdue.
    - `per_second`: the most sends started in a second; None: no limit.
    """

    concurrency: int = 20
    max_attempts: int = 10
    backoff: Backoff = field(default_factory=lambda: Backoff(base=2.0, cap=300.0))
    send_timeout: float = 15.0
    lease: float = 40.0
    settle: float = 20.0
    idle: float = 2.0
    horizon: float = 7200.0
    stale: float = 300.0
    per_second: float | None = None

    def __post_init__(self) -> None:
        if self.settle <= self.send_timeout:
            raise ValueError(
                "settle must be longer than send_timeout: a look-up could be too early"
            )
        if self.lease <= 2 * self.send_timeout:
            raise ValueError("lease must outlast a send and a look-up: two could send at once")
