"""All services of a gateway over a store in memory, and the peer that a test can put into any state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from negotiation.records import Provenance, Record
from resolvers.ports import (
    Actor,
    CircuitState,
    Clock,
    ComponentHealth,
    NotificationPolicy,
    PullResult,
    SchemaVersion,
    Sending,
    Services,
    Status,
    Store,
)
from resolvers.view import Pictures, View
from tests.doubles.notifier import ProviderDouble
from tests.doubles.provider import ProviderDouble as UsageProviderDouble
from tests.fakes import CountingSignal, FakeClock, MemoryStore

OPERATOR = Actor(
    id="operator",
    name="Olga Operator",
    roles=frozenset({"viewer", "analyst", "negotiator", "approver", "admin"}),
)
SENDS = Sending(ready=True, circuit=CircuitState.CLOSED, probe_in=0.0, per_second=None)
VERSION = SchemaVersion(version="0123456789ab", sdl_sha256="0123456789ab" + "0" * 52)


def actor(*roles: str, name: str = "Rosa") -> Actor:
    """Somebody with exactly these roles."""
    return Actor(id=name.lower(), name=name, roles=frozenset(roles))


class PeerDouble:
    """Satisfies the Peer port: its state is what a test sets, a pull does what a test says."""

    def __init__(self, status: Status = Status.OK, message: str = "In step.") -> None:
        self.status = status
        self.message = message
        self.mode = "polling"
        self.current: Provenance | None = None
        self.complete_at: datetime | None = None
        self.result = PullResult(applied=0, quarantined=0)
        self.pulls = 0

    def health(self) -> ComponentHealth:
        return ComponentHealth(
            name="supabase", status=self.status, mode=self.mode, message=self.message
        )

    async def pull(self) -> PullResult:
        self.pulls += 1
        return self.result

    def provenance(self) -> Provenance | None:
        return self.current

    def as_of(self) -> datetime | None:
        return self.complete_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Workbench:
    """Services and what a test reaches behind them for. `wakes`: one entry per time the outbox was woken."""

    services: Services
    store: Any
    clock: FakeClock
    signal: CountingSignal
    peer: PeerDouble
    notifier: ProviderDouble
    wakes: list[None]
    pictures: Pictures
    provider: UsageProviderDouble
    import_wakes: list[None]

    def view(self, who: Actor = OPERATOR) -> View:
        return View(self.pictures.present(), who, self.services)


def a_workbench(
    *records: Record,
    store: Callable[[Clock], Store] | None = None,
    clock: FakeClock | None = None,
    **policy: Any,
) -> Workbench:
    """Services over the records; `policy` changes the notification policy (nobody may be texted by default)."""
    clock = clock or FakeClock()
    kept: Any = MemoryStore(clock, *records) if store is None else store(clock)
    signal, peer, notifier = CountingSignal(), PeerDouble(), ProviderDouble()
    wakes: list[None] = []
    provider, import_wakes = UsageProviderDouble(), list[None]()
    services = Services(
        store=kept,
        clock=clock,
        signal=signal,
        peer=peer,
        notifier=notifier,
        components=(kept, peer, notifier),
        policy=NotificationPolicy(**policy),
        schema_version=VERSION,
        wake_outbox=lambda: wakes.append(None),
        sending=lambda: SENDS,
        provider=provider,
        wake_import=lambda: import_wakes.append(None),
    )
    return Workbench(
        services=services,
        store=kept,
        clock=clock,
        signal=signal,
        peer=peer,
        notifier=notifier,
        wakes=wakes,
        pictures=Pictures(services),
        provider=provider,
        import_wakes=import_wakes,
    )
