"""A gateway of its own on a shared Supabase: `python -m tests.integration.shared_queue_child STORE TWILIO SUPABASE KEY`.

Syncs its store and sends what it may, until it is killed. Prints "ready" once it works.
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
from adapters.supabase import make_claims, make_peer
from adapters.twilio import TwilioCredentials, make_notifier
from tests.doubles.twilio import SID, TOKEN

POLICY = OutboxPolicy(
    backoff=Backoff(base=0.05, cap=0.5), send_timeout=2.0, lease=10.0, settle=4.0, idle=0.1
)


async def main(path: Path, twilio: str, supabase: str, key: str) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    clock, signal = SystemClock(), ChangeSignal()
    store = open_store(path, clock)
    peer = make_peer(
        url=supabase,
        key=key,
        store=store,
        clock=clock,
        signal=signal,
        poll_seconds=0.1,
        realtime=False,
        turn_file=path.with_suffix(".lock"),
    )
    circuit = CircuitBreaker(clock, threshold=20, cooldown=0.05, max_cooldown=0.2)
    credentials = TwilioCredentials(
        account_sid=SID, auth_token=TOKEN, sender="+14155550199", base_url=twilio
    )
    notifier = make_notifier(
        credentials, clock=clock, signal=signal, circuit=circuit, timeout_seconds=1.5
    )
    outbox = Outbox(
        store=store,
        notifier=notifier,
        clock=clock,
        signal=signal,
        circuit=circuit,
        policy=POLICY,
        budget=RetryBudget(clock, floor=100_000),
        claims=make_claims(peer, store),
    )
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.gather(peer.run(), outbox.run())


if __name__ == "__main__":
    path, twilio, supabase, key = sys.argv[1:]
    asyncio.run(main(Path(path), twilio, supabase, key))
