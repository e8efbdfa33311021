"""A running gateway: every service, joined, and the work that is done beside the requests."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import httpx
import structlog

from adapters.clock import SystemClock
from adapters.outbox import DeliveryPoll, Outbox, OutboxPolicy
from adapters.pace import HURRIED, gentle_beside
from adapters.resilience import CircuitBreaker, RetryPolicy, rest
from adapters.signal import ChangeSignal
from adapters.store import SqliteStore
from adapters.supabase import make_claims
from adapters.twilio import (
    InboundMessages,
    StatusCallbacks,
    TwilioNotifier,
    make_notifier,
    make_provider,
)
from graph.auth.access import Access
from graph.auth.identity import Authenticator
from graph.live.live import LiveComponent
from graph.settings import Settings
from graph.wiring.parts import (
    authenticator,
    notification_policy,
    opened_store,
    supabase_peer,
    twilio_credentials,
    twilio_signature,
)
from resolvers.errors import Unavailable
from resolvers.importer import IDLE_SECONDS, Importer
from resolvers.ports import SchemaVersion, Services
from resolvers.rule_watch import RuleWatch
from resolvers.usage_import import UsageComponent
from resolvers.view import Pictures

JWKS_SECONDS = 5.0
ACCESS_SECONDS = 1.0


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
        pace = gentle_beside(threading.get_ident()) if background else HURRIED
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
            pace=pace,
        )
        hour = settings.twilio_sync_hour if settings.twilio_sync_hour >= 0 else None
        importer = Importer(store=store, clock=clock, provider=provider, hour=hour, pace=pace)
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
    task.add_done_callback(_heard_of)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _heard_of(task: asyncio.Task[None]) -> None:
    """Nothing of this should end by itself; where it does, by a fault of ours, that is in the log when it happens."""
    if not task.cancelled() and (error := task.exception()) is not None:
        structlog.get_logger().error("background.died", task=task.get_name(), exc_info=error)


@asynccontextmanager
async def _sending(outbox: Outbox) -> AsyncIterator[None]:
    """On leaving, what is being sent is settled first."""
    task = asyncio.create_task(outbox.run(), name="outbox")
    task.add_done_callback(_heard_of)
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
            except Exception:  # noqa: BLE001 - a fault of ours; the next step may do better
                structlog.get_logger().exception("import.unexpected")
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
