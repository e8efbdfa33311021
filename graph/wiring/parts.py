"""Each part that the outside world comes through, made from the settings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from functools import partial

import httpx
import structlog

from adapters.clock import SystemClock
from adapters.keys import KeyFile
from adapters.pace import HURRIED, Pace
from adapters.revocations import RevocationFile
from adapters.signal import ChangeSignal
from adapters.store import SqliteStore, open_store, seed
from adapters.supabase import NullPeer, SupabasePeer, make_peer
from adapters.twilio import Signature, TwilioCredentials
from graph.auth.access import Access
from graph.auth.identity import JwtAuthenticator, KeySet, LocalAuthenticator
from graph.settings import Settings, Workspace
from negotiation import demo
from negotiation.blank import blank_negotiation
from resolvers.ports import NotificationPolicy

# How often a store looks at what other processes committed: a command now and then, or sibling workers all the time.
ALONE_SECONDS, TOGETHER_SECONDS = 0.05, 0.01


@asynccontextmanager
async def opened_store(
    settings: Settings, *, clock: SystemClock | None = None, signal: ChangeSignal | None = None
) -> AsyncIterator[SqliteStore]:
    """The store of the data folder, seeded when it is fresh; for the gateway and for commands that run without one."""
    clock = clock or SystemClock()
    store = await asyncio.to_thread(
        partial(
            open_store,
            settings.database_path,
            clock,
            signal=signal or ChangeSignal(),
            poll_every=ALONE_SECONDS if settings.workers == 1 else TOGETHER_SECONDS,
        )
    )
    try:
        if store.snapshot().revision == 0:
            await fill(store, settings.workspace, clock.today())
        yield store
    finally:
        await store.aclose()


async def fill(store: SqliteStore, workspace: Workspace, today: date) -> None:
    """What a fresh store holds: the demo, or one negotiation with nothing in it yet."""
    structlog.get_logger().info("seeding", workspace=workspace.value, today=today.isoformat())
    if workspace is Workspace.EMPTY:
        blank = blank_negotiation()
        await seed(store, [blank], current_negotiation_id=blank.id, anchor=None)
        return
    made = await asyncio.to_thread(demo.generate, demo.DEMO_SEED, today)
    await seed(store, made.records(), current_negotiation_id=made.negotiation.id, anchor=today)


def supabase_peer(
    settings: Settings,
    store: SqliteStore,
    clock: SystemClock,
    signal: ChangeSignal,
    *,
    pace: Pace = HURRIED,
) -> SupabasePeer | NullPeer:
    return make_peer(
        url=settings.supabase_url,
        key=settings.supabase_key.get_secret_value() if settings.supabase_key else None,
        store=store,
        clock=clock,
        signal=signal,
        poll_seconds=settings.supabase_poll_seconds,
        timeout_seconds=settings.supabase_timeout_seconds,
        turn_file=settings.data_dir / "sync.lock",
        pace=pace,
    )


def twilio_credentials(settings: Settings) -> TwilioCredentials:
    token = settings.twilio_auth_token
    return TwilioCredentials(
        account_sid=settings.twilio_account_sid,
        auth_token=token.get_secret_value() if token else None,
        sender=settings.twilio_from,
        messaging_service_sid=settings.twilio_messaging_service_sid,
        studio_flow_sid=settings.twilio_studio_flow_sid,
        base_url=settings.twilio_base_url,
        public_url=settings.public_url,
    )


def twilio_signature(settings: Settings) -> Signature | None:
    """What shows that Twilio posted something; None where there is no public address, or nobody to believe."""
    known = twilio_credentials(settings)
    if known.public_url is None or known.account_sid is None or known.auth_token is None:
        return None
    return Signature(
        account_sid=known.account_sid, auth_token=known.auth_token, public_url=known.public_url
    )


def notification_policy(settings: Settings) -> NotificationPolicy:
    return NotificationPolicy(
        default_recipient=settings.notify_recipient,
        allowed=settings.notify_allowed,
        per_recipient_daily=settings.notify_per_recipient_daily,
        total_daily=settings.notify_total_daily,
        daily_budget=settings.notify_daily_budget,
        price_per_segment=settings.notify_price_per_segment,
    )


def authenticator(
    settings: Settings, client: httpx.AsyncClient, clock: SystemClock
) -> LocalAuthenticator | Access:
    """Tokens where an issuer is configured and machine keys, else the local operator."""
    if not settings.authentication_configured:
        return LocalAuthenticator()
    access = Access(
        keys=machine_keys(settings),
        revocations=RevocationFile(settings.auth_revoked_file),
        tokens=token_authenticator(settings, client, clock),
        clock=clock,
    )
    access.refresh()
    return access


def token_authenticator(
    settings: Settings, client: httpx.AsyncClient, clock: SystemClock
) -> JwtAuthenticator | None:
    if not settings.tokens_configured:
        return None
    keys = KeySet(settings.auth_jwks_url, client, clock) if settings.auth_jwks_url else None
    secret = settings.auth_jwt_secret
    return JwtAuthenticator(
        keys=keys,
        secret=secret.get_secret_value() if secret else None,
        audience=settings.auth_audience,
        issuer=settings.auth_issuer,
    )


def machine_keys(settings: Settings) -> KeyFile:
    return KeyFile(settings.data_dir / "keys.sqlite3")


def system_clock() -> SystemClock:
    return SystemClock()
