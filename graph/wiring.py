"""The composition root: makes every service from the settings, and runs the background work. The only importer of adapters."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import structlog

from adapters.clock import SystemClock
from adapters.keys import KeyFile
from adapters.outbox import DeliveryPoll, Outbox, OutboxPolicy
from adapters.pace import GENTLE, HURRIED, Pace
from adapters.resilience import CircuitBreaker, RetryPolicy, rest
from adapters.revocations import RevocationFile
from adapters.signal import ChangeSignal
from adapters.store import SqliteStore, backup, inspect, open_store, restore, seed
from adapters.store import StoreReport as StoreReport
from adapters.supabase import NullPeer, SupabasePeer, make_claims, make_peer
from adapters.supabase.seed import SEED_DAY, seed_sql
from adapters.twilio import (
    InboundMessages,
    Signature,
    StatusCallbacks,
    TwilioCredentials,
    TwilioNotifier,
    make_notifier,
    make_provider,
)
from adapters.twilio.callbacks import Report, example_report
from adapters.twilio.probe import refusal
from graph.auth.access import Access
from graph.auth.identity import Authenticator, JwtAuthenticator, KeySet, LocalAuthenticator
from graph.live.live import LiveComponent
from graph.settings import Settings, Workspace
from negotiation import demo
from negotiation.blank import blank_negotiation
from negotiation.records import Snapshot
from resolvers.errors import Unavailable
from resolvers.importer import IDLE_SECONDS, Importer
from resolvers.ports import NotificationPolicy, SchemaVersion, Services, Status
from resolvers.rule_watch import RuleWatch
from resolvers.usage_import import UsageComponent
from resolvers.view import Pictures

JWKS_SECONDS = 5.0
ACCESS_SECONDS = 1.0
# How often a store looks at what other processes committed: a command now and then, or sibling workers all the time.
ALONE_SECONDS, TOGETHER_SECONDS = 0.05, 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """What a running gateway is made of."""

    services: Services
    store: SqliteStore
    live: LiveComponent
    importer: Importer
    authenticator: Authenticator
    reports: StatusCallbacks | None
    pictures: Pictures
    texts: InboundMessages | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SupabaseProbe:
    """What one pull met. error_code: None when it went through."""

    seconds: float
    quarantined: int
    warnings: tuple[str, ...]
    error_code: str | None
    message: str


@asynccontextmanager
async def running_services(
    settings: Settings, schema_version: SchemaVersion, *, background: bool = True
) -> AsyncIterator[Running]:
    """Open everything, seed a fresh store, start the sync and the outbox; on leaving, stop them in order.

    background: False for a command that only wants to execute something: nothing is pulled or sent.

    Raises resolvers.errors.Unavailable when the store cannot be opened, with the reason and what to do.
    """
    clock, signal = SystemClock(), ChangeSignal()
    async with opened_store(settings, clock=clock, signal=signal) as store:
        pace = GENTLE if background else HURRIED
        peer = supabase_peer(settings, store, clock, signal, pace=pace)
        circuit = CircuitBreaker(clock)
        notifier = make_notifier(
            twilio_credentials(settings),
            clock=clock,
            signal=signal,
            circuit=circuit,
            timeout_seconds=settings.twilio_timeout_seconds,
        )
        outbox = Outbox(
            store=store,
            notifier=notifier,
            clock=clock,
            signal=signal,
            circuit=circuit,
            claims=make_claims(peer, store),
            policy=OutboxPolicy(per_second=settings.twilio_messages_per_second),
        )
        provider = make_provider(
            twilio_credentials(settings),
            clock=clock,
            signal=signal,
            policy=RetryPolicy(attempts=4, timeout=settings.twilio_timeout_seconds),
        )
        hour = settings.twilio_sync_hour if settings.twilio_sync_hour >= 0 else None
        importer = Importer(store=store, clock=clock, provider=provider, hour=hour)
        asked = asyncio.Event()
        live = LiveComponent()
        rules = RuleWatch(clock, signal)
        services = Services(
            store=store,
            clock=clock,
            signal=signal,
            peer=peer,
            notifier=notifier,
            components=(
                store,
                peer,
                notifier,
                UsageComponent(store, provider),
                outbox,
                live,
                rules,
            ),
            policy=notification_policy(settings),
            schema_version=schema_version,
            wake_outbox=outbox.wake,
            sending=outbox.sending,
            provider=provider,
            import_hour=hour,
            wake_import=asked.set,
        )
        pictures = Pictures(services)
        async with AsyncExitStack() as stack:
            stack.callback(signal.close)
            stack.push_async_callback(notifier.close)
            stack.push_async_callback(peer.close)
            stack.push_async_callback(provider.close)
            client = await stack.enter_async_context(httpx.AsyncClient(timeout=JWKS_SECONDS))
            door = authenticator(settings, client, clock)
            if background:
                if isinstance(door, Access):
                    await stack.enter_async_context(_background(_refreshing(door, clock), "access"))
                await stack.enter_async_context(_background(peer.run(), "supabase"))
                await stack.enter_async_context(_sending(outbox))
                await stack.enter_async_context(_importing(importer, clock, asked))
                if isinstance(notifier, TwilioNotifier):
                    # for gateways that Twilio's reports do not reach
                    poll = DeliveryPoll(store=store, tracker=notifier, clock=clock)
                    await stack.enter_async_context(_background(poll.run(), "deliveries"))
                watching = rules.run(services, pictures)
                await stack.enter_async_context(_background(watching, "rules"))
            signature = twilio_signature(settings)
            yield Running(
                services=services,
                store=store,
                live=live,
                importer=importer,
                authenticator=door,
                pictures=pictures,
                reports=None
                if signature is None
                else StatusCallbacks(signature=signature, store=store, clock=clock),
                texts=None
                if signature is None
                else InboundMessages(signature=signature, store=store, clock=clock),
            )


@asynccontextmanager
async def _background(work: Coroutine[Any, Any, None], name: str) -> AsyncIterator[None]:
    """Done beside everything else; on leaving it is cancelled, wherever it stands: a commit that was begun is whole."""
    task = asyncio.create_task(work, name=name)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def _sending(outbox: Outbox) -> AsyncIterator[None]:
    """On leaving, what is being sent is settled first."""
    task = asyncio.create_task(outbox.run(), name="outbox")
    try:
        yield
    finally:
        outbox.stop()
        await task


@asynccontextmanager
async def _importing(
    importer: Importer, clock: SystemClock, asked: asyncio.Event
) -> AsyncIterator[None]:
    """What is due or asked for is read from the vendor. A run that is cut off goes on at the next start."""

    async def work() -> None:
        while True:
            try:
                seconds = await importer.step()
            except Unavailable as error:  # the store's disk is full, say
                structlog.get_logger().warning("import.stopped", reason=error.message)
                seconds = IDLE_SECONDS
            await rest(clock, seconds, asked)

    try:
        async with _background(work(), "import"):
            yield
    finally:
        with suppress(Unavailable):  # then its lease ends by itself
            await importer.release()


async def _refreshing(access: Access, clock: SystemClock) -> None:
    """New and revoked keys, and revoked tokens, are noticed within about a second."""
    while True:
        await clock.sleep(ACCESS_SECONDS)
        await asyncio.to_thread(access.refresh)


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


def demo_seed(day: date | None = None) -> str:
    """The demo workspace of a day as SQL for an empty Supabase project. None: the day of the committed seed."""
    anchor = day or SEED_DAY
    made = demo.generate(demo.DEMO_SEED, anchor)
    return "".join(f"{line}\n" for line in seed_sql(made.records(), anchor))


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


def status_report(settings: Settings) -> Report | None:
    """A signed report on a message that nobody sent, as Twilio would post it; None where none are asked for."""
    return example_report(twilio_credentials(settings))


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


def restore_store(source: Path, settings: Settings) -> None:
    """Put a backup in place of the store that is not there yet. Raises resolvers.errors.Unavailable."""
    restore(source, settings.database_path)


def inspect_store(settings: Settings) -> StoreReport:
    """What can be said of the file without opening it for work. Never raises."""
    return inspect(settings.database_path)


async def stored_snapshot(settings: Settings) -> Snapshot | None:
    """What is stored, or None where there is no store yet (none is made). Raises resolvers.errors.Unavailable.

    Read from a copy: looking neither seeds nor migrates the store of the version that runs now.
    """
    if not settings.database_path.exists():
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
