"""Supabase: a peer to sync with when it is set up, an honest gap when it is not."""

from __future__ import annotations

from pathlib import Path

from adapters.outbox.claims import Claims, LocalClaims
from adapters.pace import HURRIED, Pace
from adapters.resilience import Backoff, RetryPolicy
from adapters.supabase.claims import SupabaseClaims
from adapters.supabase.client import SupabaseReader
from adapters.supabase.null_peer import NullPeer
from adapters.supabase.peer import SupabasePeer
from adapters.supabase.ports import SyncStore
from adapters.supabase.turn import Turn
from resolvers.ports import Clock, HealthSignal

__all__ = ["NullPeer", "SupabasePeer", "make_claims", "make_peer"]


def make_claims(peer: SupabasePeer | NullPeer, store: SyncStore) -> Claims:
    """Who decides which notifications may be sent."""
    if isinstance(peer, NullPeer):
        return LocalClaims(store)
    return SupabaseClaims(peer, store)


def make_peer(
    *,
    url: str | None,
    key: str | None,
    store: SyncStore,
    clock: Clock,
    signal: HealthSignal,
    poll_seconds: float = 5.0,
    timeout_seconds: float = 5.0,
    realtime: bool = True,
    turn_file: Path | None = None,
    pace: Pace = HURRIED,
) -> SupabasePeer | NullPeer:
    """The peer that fits the settings. Does nothing yet: no import, no connection.

    `realtime`: listen for changes, too; `turn_file`: by which processes on one store agree who syncs; `pace`: of
    taking many rows.
    """
    if not url and not key:
        return NullPeer(
            "Supabase is not set up: showing the local store, with demonstration data where there is no other. "
            "Set SUPABASE_URL and SUPABASE_KEY to sync."
        )
    if not url or not key:
        there, missing = (
            ("SUPABASE_KEY", "SUPABASE_URL") if key else ("SUPABASE_URL", "SUPABASE_KEY")
        )
        return NullPeer(
            f"Supabase is half set up: {there} is set, {missing} is missing. Showing the local store."
        )
    if not url.startswith(("https://", "http://")):
        return NullPeer(
            "SUPABASE_URL must start with https://, as the project's settings page shows it. Showing the local store."
        )
    reader = SupabaseReader(url, key, clock=clock, timeout=timeout_seconds)
    policy = RetryPolicy(
        attempts=3, timeout=timeout_seconds, backoff=Backoff(base=0.5, cap=timeout_seconds)
    )
    return SupabasePeer(
        reader,
        store=store,
        clock=clock,
        signal=signal,
        policy=policy,
        poll_seconds=poll_seconds,
        realtime=realtime,
        turn=Turn(turn_file),
        pace=pace,
    )
