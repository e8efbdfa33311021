"""What stands outside, looked at without a running gateway: the store as a file, Supabase, Twilio, the demo as SQL."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from adapters.clock import SystemClock
from adapters.signal import ChangeSignal
from adapters.store import StoreReport as StoreReport
from adapters.store import backup, inspect, is_begun, open_store, restore
from adapters.supabase.seed import SEED_DAY, seed_sql
from adapters.twilio.callbacks import Report, example_report
from adapters.twilio.probe import refusal
from graph.settings import Settings
from graph.wiring.parts import supabase_peer, twilio_credentials
from negotiation import demo
from negotiation.records import Snapshot
from resolvers.ports import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class SupabaseProbe:
    """What one pull met. error_code: None when it went through."""

    seconds: float
    quarantined: int
    warnings: tuple[str, ...]
    error_code: str | None
    message: str


def inspect_store(settings: Settings) -> StoreReport:
    """What can be said of the file without opening it for work. Never raises."""
    return inspect(settings.database_path)


def restore_store(source: Path, settings: Settings) -> None:
    """Put a backup in place of the store that is not there yet. Raises resolvers.errors.Unavailable."""
    restore(source, settings.database_path)


async def stored_snapshot(settings: Settings) -> Snapshot | None:
    """What is stored, or None where there is no store yet (none is made). Raises resolvers.errors.Unavailable.

    Read from a copy: looking neither seeds nor migrates the store of the version that runs now.
    """
    if not await asyncio.to_thread(is_begun, settings.database_path):
        return None
    with TemporaryDirectory() as folder:
        copy = Path(folder) / settings.database_path.name
        await asyncio.to_thread(backup, settings.database_path, copy)
        store = await asyncio.to_thread(open_store, copy, SystemClock())
        try:
            return store.snapshot()
        finally:
            await store.aclose()


async def probe_supabase(settings: Settings) -> SupabaseProbe:
    """One pull by the real client, as the gateway would do it, into a store that is thrown away."""
    clock, signal = SystemClock(), ChangeSignal()
    with TemporaryDirectory() as folder:
        store = await asyncio.to_thread(open_store, Path(folder) / "probe.sqlite3", clock)
        peer = supabase_peer(settings, store, clock, signal)
        try:
            pulled = await peer.sample()
        finally:
            await peer.close()
            await store.aclose()
    health = peer.health()
    return SupabaseProbe(
        seconds=(health.latency_ms or 0) / 1000,
        quarantined=pulled.quarantined,
        warnings=pulled.warnings,
        error_code=None if health.status is Status.OK else health.error_code,
        message=health.message,
    )


async def twilio_refusal(settings: Settings) -> str | None:
    """Why Twilio would not send for these credentials, or None. Sends nothing."""
    return await refusal(
        twilio_credentials(settings),
        clock=SystemClock(),
        signal=ChangeSignal(),
        timeout_seconds=settings.twilio_timeout_seconds,
    )


def status_report(settings: Settings) -> Report | None:
    """A signed report on a message that nobody sent, as Twilio would post it; None where none are asked for."""
    return example_report(twilio_credentials(settings))


def demo_seed(day: date | None = None) -> str:
    """The demo workspace of a day as SQL for an empty Supabase project. None: the day of the committed seed."""
    anchor = day or SEED_DAY
    made = demo.generate(demo.DEMO_SEED, anchor)
    return "".join(f"{line}\n" for line in seed_sql(made.records(), anchor))
