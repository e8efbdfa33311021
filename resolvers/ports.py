"""What the use cases need from the world, as Protocols. Adapters satisfy them, `graph.wiring` joins the two.

No framework, no I/O here. One contract suite in `tests/contract` runs over every implementation of a port.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from negotiation.records import (
    AuditLine,
    Notification,
    NotificationStatus,
    Provenance,
    Record,
    Snapshot,
)
from resolvers.provider import NoProvider, UsageProvider


class Clock(Protocol):
    def now(self) -> datetime:
        """The present instant, timezone-aware UTC."""
        ...

    def today(self) -> date:
        """The present UTC day."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back, nor stand still while the machine sleeps; for durations and deadlines."""
        ...

    async def sleep(self, seconds: float) -> None: ...


# --- store ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Put:
    """Insert the record or replace the one with its id."""

    record: Record


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove by area ("invoices", "offers", ... as in Snapshot) and id."""

    area: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetWorkspace:
    """Change what the picture says of itself. None leaves a thing as it is.

    `demo_anchor`: the day the demonstration data was made for. The first negotiation put becomes the current one anyway.
    """

    current_negotiation_id: str | None = None
    provenance: Provenance | None = None
    demo_anchor: date | None = None


Write = Put | Delete | SetWorkspace
Decide = Callable[[Snapshot], Sequence[Write]]


class Store(Protocol):
    """The only place where the picture changes. Reads never wait."""

    def snapshot(self) -> Snapshot:
        """The newest picture. No I/O."""
        ...

    async def commit(self, decide: Decide, *, actor: str, cause: str) -> Snapshot:
        """Call `decide` with the newest snapshot under the writer's lock, write what it returns with one audit line
        per write in ONE durable transaction, bump the revision, wake the watchers; return the new snapshot.

        An exception from `decide` aborts and passes through. An empty answer commits nothing and bumps nothing.
        Raises `resolvers.errors.Unavailable` when the disk is full or the file locked for too long.
        """
        ...

    def watch(self) -> AsyncIterator[Snapshot]:
        """The present snapshot at once, then each newer one. A slow reader skips to the newest. Closing it leaks nothing."""
        ...

    async def history(
        self, *, first: int, before: tuple[int, int] | None = None
    ) -> Sequence[AuditLine]:
        """Audit lines, newest first, strictly before (revision, sequence)."""
        ...

    async def history_size(self) -> int: ...


# --- health --------------------------------------------------------------------------------------------------------


class Status(StrEnum):
    OK = "OK"
    DEGRADED = "DEGRADED"
    DOWN = "DOWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentHealth:
    """One dependency's own word on itself. `name`: store, supabase, twilio, outbox, live, rules.

    `message` says what is so and, unless OK, what to do about it. `mode`: "sqlite", "fixtures", "realtime", "polling", "queue", ...
    """

    name: str
    status: Status
    mode: str
    message: str
    last_ok_at: datetime | None = None
    latency_ms: int | None = None
    error_code: str | None = None
    error_message: str | None = None


class Component(Protocol):
    def health(self) -> ComponentHealth:
        """Cheap, no I/O: what is known from the last use."""
        ...


class HealthSignal(Protocol):
    """Wakes `healthUpdated` when a component's state changes without a commit."""

    @property
    def count(self) -> int:
        """How often something changed so far."""
        ...

    def changed(self) -> None: ...

    def watch(self) -> AsyncIterator[int]:
        """A counter at once, then on each change."""
        ...


NOTIFICATIONS = "notifications"
"""The id of the Pause that stops all sending."""


class CircuitState(StrEnum):
    """CLOSED: calls go through; OPEN: none does, for a while; HALF_OPEN: one may, to see whether it works again."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """How the outbox can send at this moment. `ready`: it is set up; `probe_in`: seconds until it may be tried again, 0: now;
    `per_second`: the most that is sent in a second, None: no limit of ours.
    """

    ready: bool
    circuit: CircuitState
    probe_in: float
    per_second: float | None


# --- the outside ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PullResult:
    """What a sync with the peer did."""

    applied: int
    quarantined: int
    warnings: tuple[str, ...] = ()


class Peer(Component, Protocol):
    """The database we sync with (Supabase). Without credentials: a null peer whose health says so."""

    async def pull(self) -> PullResult:
        """Read, validate, commit. Never raises for an outage: health tells; the data stays cached with its age."""
        ...

    def provenance(self) -> Provenance | None:
        """LIVE or CACHED: how current what it gave us is. None: no peer, rows speak for themselves."""
        ...

    def as_of(self) -> datetime | None:
        """The instant of its last complete answer."""
        ...


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider took the message."""

    provider_id: str


@dataclass(frozen=True, slots=True)
class Text:
    """A text that came to us. `id`: the provider's."""

    id: str
    body: str


class NotifierError(Exception):
    """`code`: the provider's; `retry`: worth another try; `ambiguous`: it may have been accepted all the same."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        retry: bool,
        ambiguous: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retry = retry
        self.ambiguous = ambiguous
        self.retry_after = retry_after


class Notifier(Component, Protocol):
    """Sends one message (Twilio). `ready` is False without credentials: the queue then waits."""

    @property
    def ready(self) -> bool: ...

    async def send(self, notification: Notification) -> Accepted:
        """Raises NotifierError."""
        ...

    async def texts_from(self, number: str, *, since: datetime) -> Sequence[Text]:
        """What a number has texted to us since then, oldest first. Raises NotifierError."""
        ...

    async def find(
        self,
        notification: Notification,
        *,
        exclude: Collection[str] = (),
        within: float | None = None,
    ) -> Accepted | None:
        """After an ambiguous attempt: did the provider take it? None: it certainly did not.

        `exclude`: provider ids that are known to be other notifications (of the same text, perhaps). `within`: it was first
        asked to send it so many seconds ago, and what it took before that is something else; None: not known.
        Raises NotifierError where it cannot tell.
        """
        ...


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of an accepted notification. `status`: SENT (still under way), DELIVERED or FAILED."""

    status: NotificationStatus
    error_code: str | None = None
    error_message: str | None = None


class Tracker(Protocol):
    """Knows what became of accepted notifications. A notifier may be one."""

    async def delivery(self, notification: Notification) -> Delivery:
        """Raises NotifierError."""
        ...


class StatusReports(Protocol):
    """Takes the provider's own reports on messages."""

    async def receive(
        self, path_and_query: str, form: Mapping[str, str], signature: str | None
    ) -> bool:
        """Whether it changed anything. Raises `resolvers.errors.Forbidden` for what the provider did not sign."""
        ...


class InboundTexts(Protocol):
    """Takes the texts that the provider received for us."""

    async def receive(
        self, path_and_query: str, form: Mapping[str, str], signature: str | None
    ) -> bool:
        """Whether it changed anything. Raises `resolvers.errors.Forbidden` for what the provider did not sign."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationPolicy:
    """Who may be texted, and how much (allow-list and caps). An empty allow-list allows nobody but `default_recipient`.

    `allowed`: full E.164 numbers or prefixes ending in `*` ("+1415*"). Caps count messages of the last 24 hours that
    were queued and not cancelled. `daily_budget` in `currency` at `price_per_segment`.
    """

    default_recipient: str | None = None
    allowed: tuple[str, ...] = ()
    per_recipient_daily: int = 20
    total_daily: int = 200
    daily_budget: Decimal = Decimal("10.00")
    price_per_segment: Decimal = Decimal("0.0083")
    currency: str = "USD"


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaVersion:
    """`version`: the first 12 hex digits of `sdl_sha256`, the SHA-256 of the committed SDL file's bytes."""

    version: str
    sdl_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who asks. Roles: viewer, analyst, negotiator, approver, admin, vendor_guest."""

    id: str
    name: str
    roles: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineKey:
    """A machine's credential. `secret_sha256`: hex; the secret itself is kept nowhere. `expires_at` None: never."""

    id: str
    name: str
    secret_sha256: str
    roles: frozenset[str]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None


class Keys(Protocol):
    """The machine keys, as `refresh` last found them."""

    def find(self, key_id: str) -> MachineKey | None:
        """No I/O."""
        ...

    def all(self) -> Sequence[MachineKey]: ...

    def refresh(self) -> bool:
        """Look again; has anything changed? Raises `resolvers.errors.Unavailable`: what was known stays."""
        ...

    def add(self, key: MachineKey) -> None: ...

    def revoke(self, key_id: str, at: datetime) -> MachineKey | None:
        """The revoked key; None where there is none."""
        ...


class Revocations(Protocol):
    """Tokens that are no longer believed, as `refresh` last found them."""

    def refuses(self, kind: str, value: str, issued_at: float | None) -> bool:
        """`kind`: "jti", "session" or "sub"; `issued_at`: POSIX seconds of the token's `iat`. No I/O."""
        ...

    def refresh(self) -> bool:
        """Look again; has anything changed? Never raises: what was known stays."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything a resolver may use, made once in `graph.wiring`."""

    store: Store
    clock: Clock
    signal: HealthSignal
    peer: Peer
    notifier: Notifier
    components: tuple[Component, ...]
    policy: NotificationPolicy
    schema_version: SchemaVersion
    wake_outbox: Callable[[], None]
    sending: Callable[[], Sending]
    provider: UsageProvider = field(default_factory=NoProvider)
    import_hour: int | None = None
    """The hour of the UTC day at which usage is read from the vendor; None: only when somebody asks."""
    wake_import: Callable[[], None] = lambda: None
