"""A gateway's outbox as a process of its own: `python -m tests.integration.outbox_child STORE TWILIO_URL`.

Prints "ready" once it works, then sends until it is killed. Its clock may lie: by the seconds that the file after
`--clock` holds at any moment. `--patient`: its leases and doubts outlast whatever a busy machine does to a test.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from dataclasses import replace
from datetime import datetime, timedelta
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
PATIENT = replace(POLICY, lease=60.0, settle=5.0)


class LyingClock(SystemClock):
    """Steady, as the machine's; what it says of the time is off by what is written in a file."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=float(self._file.read_text(encoding="utf-8")))


async def main(path: Path, url: str, clock: SystemClock, policy: OutboxPolicy) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    signal = ChangeSignal()
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
        policy=policy,
        budget=RetryBudget(clock, floor=100_000),
    )
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await outbox.run()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("store", type=Path)
    parser.add_argument("url")
    parser.add_argument("--clock", type=lambda file: LyingClock(Path(file)), default=SystemClock())
    parser.add_argument("--patient", action="store_const", const=PATIENT, default=POLICY)
    given = parser.parse_args()
    asyncio.run(main(given.store, given.url, given.clock, given.patient))
