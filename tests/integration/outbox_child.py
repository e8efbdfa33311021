"""A gateway's outbox as a process of its own: `python -m tests.integration.outbox_child STORE TWILIO_URL`.

Prints "ready" once it works, then sends until it is killed.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path

import structlog

from adapters.clock import SystemClock
from adapters.outbox import Outbox, OutboxPolicy
from adapters.resilience import Backoff, CircuitBreaker, RetryBudget
from adapters.signal import ChangeSignal
from adapters.store import open_store
from adapters.twilio import TwilioCredentials, make_notifier
from tests.doubles.twilio import SID, TOKEN

POLICY = OutboxPolicy(
    backoff=Backoff(base=0.02, cap=0.2), send_timeout=0.4, lease=1.0, settle=0.5, idle=0.05
)


async def main(path: Path, url: str) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    clock, signal = SystemClock(), ChangeSignal()
    store = open_store(path, clock)
    circuit = CircuitBreaker(clock, threshold=20, cooldown=0.05, max_cooldown=0.2)
    credentials = TwilioCredentials(
        account_sid=SID, auth_token=TOKEN, sender="+14155550199", base_url=url
    )
    notifier = make_notifier(
        credentials, clock=clock, signal=signal, circuit=circuit, timeout_seconds=0.3
    )
    outbox = Outbox(
        store=store,
        notifier=notifier,
        clock=clock,
        signal=signal,
        circuit=circuit,
        policy=POLICY,
        budget=RetryBudget(clock, floor=100_000),
    )
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await outbox.run()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
