"""The records of one negotiation and the immutable Snapshot that every reader shares.

Frozen dataclasses, one per stored thing. A Snapshot belongs to one revision of one store and is replaced, never
mutated. How records are stored is the adapters' business, how they look on the wire that of `graph.types`.
Amounts are `Decimal` in the record's currency; quantities `Decimal` in the SKU's unit; ratios `Decimal` fractions;
instants are timezone-aware UTC; days are UTC days.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from negotiation.channels import NotificationChannel as NotificationChannel
from negotiation.channels import NotificationPriority as NotificationPriority
from negotiation.conflicts import Conflict as Conflict
from negotiation.imports import ImportRun, PriceLink, UsageMapping
from negotiation.rules.model import Rule as Rule
from negotiation.rules.model import RuleFiring as RuleFiring
from negotiation.rules.model import RuleState as RuleState
from negotiation.terms import Term


class Provenance(StrEnum):
    """LIVE: from the source just now; CACHED: from it, earlier; FIXTURE: made up for demonstration."""

    LIVE = "LIVE"
    CACHED = "CACHED"
    FIXTURE = "FIXTURE"


class NegotiationStatus(StrEnum):
    PREPARING = "PREPARING"
    OPEN = "OPEN"
    AGREED = "AGREED"
    SIGNED = "SIGNED"
    LIVE = "LIVE"
    CLOSED = "CLOSED"
    WALKED_AWAY = "WALKED_AWAY"


class Party(StrEnum):
    BUYER = "BUYER"
    VENDOR = "VENDOR"


class OfferStatus(StrEnum):
    DRAFT = "DRAFT"
    PROPOSED = "PROPOSED"
    SUPERSEDED = "SUPERSEDED"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"


class InvoiceStatus(StrEnum):
    DRAFT = "DRAFT"
    OPEN = "OPEN"
    PAID = "PAID"
    DISPUTED = "DISPUTED"
    CREDITED = "CREDITED"


class MilestoneStatus(StrEnum):
    PENDING = "PENDING"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"


class NotificationStatus(StrEnum):
    QUEUED = "QUEUED"
    SENDING = "SENDING"
    SENT = "SENT"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    UNCONFIRMED = "UNCONFIRMED"


class AttemptOutcome(StrEnum):
    """ACCEPTED: the provider took it; POSTPONED: not now, it is tried again; REFUSED: for good; UNCONFIRMED: it may have been
    taken; NOT_TAKEN: a look-up shows that it was not; DELIVERED, UNDELIVERED: what became of it after it was taken.
    """

    ACCEPTED = "ACCEPTED"
    POSTPONED = "POSTPONED"
    REFUSED = "REFUSED"
    UNCONFIRMED = "UNCONFIRMED"
    NOT_TAKEN = "NOT_TAKEN"
    DELIVERED = "DELIVERED"
    UNDELIVERED = "UNDELIVERED"


class StreamSide(StrEnum):
    REVENUE = "REVENUE"
    EXPENSE = "EXPENSE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sku:
    """One priced thing of the vendor's catalogue. `key` is unique ("sms-outbound-us"); `id` equals it."""

    key: str
    name: str
    family: str
    unit: str
    list_rate: Decimal
    contract_rate: Decimal | None = None
    locked: bool = False
    pass_through: bool = False
    synthetic: bool = False

    @property
    def id(self) -> str:
        return self.key


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageRow:
    """What was used of one SKU on one UTC day. A restatement is the same (day, sku) with a higher `revision`.

    `billed` is the vendor's own price for it where the source gave one.
    """

    day: date
    sku: str
    quantity: Decimal
    billed: Decimal | None = None
    revision: int = 1
    source: str = "import"


class UsageDay:
    """The newest rows of one UTC day by SKU key. Compared by identity, so that derived figures can be memoised on it."""

    __slots__ = ("__weakref__", "day", "rows")

    def __init__(self, day: date, rows: Mapping[str, UsageRow]) -> None:
        self.day = day
        self.rows: Mapping[str, UsageRow] = MappingProxyType(dict(rows))


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamSpec:
    """One line of the envelope: what the vendor earns from us (REVENUE) or what serving us costs it (EXPENSE).

    With `family`, the volume is our usage of that family in the envelope's window and a missing price is the
    average of the contract (or list) rates weighted by our mix; without, `volume` and `unit_price` are given.
    `cost_share` (EXPENSE only): the vendor's cost as a fraction of list, our estimate.
    """

    id: str
    negotiation_id: str
    name: str
    side: StreamSide
    unit: str
    family: str | None = None
    volume: Decimal | None = None
    unit_price: Decimal | None = None
    list_unit_price: Decimal | None = None
    cost_share: Decimal | None = None
    provenance: Provenance = Provenance.LIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class Negotiation:
    """The negotiation with one vendor. `version` rises with every change to it (optimistic locking).

    `terms` is the contract in force: its rates, its ladder, its renewal dates. Margins are fractions in [0, 1).
    """

    id: str
    name: str
    vendor: str
    buyer: str
    currency: str
    status: NegotiationStatus
    version: int
    floor_margin: Decimal
    target_margin: Decimal
    ceiling_margin: Decimal
    terms: tuple[Term, ...] = ()
    provenance: Provenance = Provenance.LIVE
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An immutable proposal; a change is a new offer. `hash`: SHA-256 of the canonical content (see `offers`)."""

    id: str
    negotiation_id: str
    round: int
    party: Party
    status: OfferStatus
    title: str
    terms: tuple[Term, ...]
    valid_until: date | None
    created_at: datetime
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerPosition:
    """How we mean to negotiate, at most one for each negotiation; the buyer's secret. None: not known.

    `batna_cost`: what a year costs us without this deal (None: the contract in force goes on), `batna_note`: what we would
    do then. `downstream_revenue` and `other_costs` a year, and the least `own_margin` we keep of them, make the most we can
    pay. `vendor_cost_low` and `vendor_cost_high`: how far the vendor's real cost may be from our estimate, as factors;
    `vendor_margin`: the least it keeps (None: the envelope's floor). The rest is how we concede (see `decision.Stance`).
    """

    negotiation_id: str
    batna_cost: Decimal | None = None
    batna_note: str | None = None
    downstream_revenue: Decimal | None = None
    other_costs: Decimal | None = None
    own_margin: Decimal | None = None
    vendor_cost_low: Decimal = Decimal("0.85")
    vendor_cost_high: Decimal = Decimal("1.15")
    vendor_margin: Decimal | None = None
    planned_rounds: int = 4
    opening: Decimal = Decimal("0.05")
    patience: Decimal = Decimal(1)
    shortfall_limit: Decimal = Decimal("0.25")

    @property
    def id(self) -> str:
        return self.negotiation_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """One approval on the way to a signature."""

    id: str
    negotiation_id: str
    name: str
    owner_role: str
    due_on: date
    status: MilestoneStatus = MilestoneStatus.PENDING
    decided_by: str | None = None
    decided_at: datetime | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    number: int
    description: str
    amount: Decimal
    sku: str | None = None
    quantity: Decimal | None = None
    unit_price: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """`number` is unique. `amount` is the sum of its rounded lines where it has lines."""

    id: str
    number: str
    period_start: date
    period_end: date
    amount: Decimal
    currency: str
    status: InvoiceStatus
    issued_on: date | None = None
    lines: tuple[InvoiceLine, ...] = ()
    disputed_amount: Decimal | None = None
    dispute_reason: str | None = None
    provenance: Provenance = Provenance.LIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationAttempt:
    """One line of a notification's history: a try, a look-up, or a report on its delivery.

    `number`: which try it is, or is about. `looked_up`: asked for at the provider, not told by it.
    """

    number: int
    outcome: AttemptOutcome
    started_at: datetime
    ended_at: datetime
    looked_up: bool = False
    provider_id: str | None = None
    error_code: str | None = None
    error_message: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """One message in the durable outbox. `idempotency_key` is unique: the same key is the same row.

    `lease_until`: while SENDING, whose attempt it is and until when nobody else may touch it. `expires_at`: from then on it
    is not sent. `history`: what came of every try, oldest first; it only grows.
    """

    id: str
    idempotency_key: str
    channel: NotificationChannel
    to: str
    body: str
    status: NotificationStatus
    queued_at: datetime
    updated_at: datetime
    attempts: int = 0
    next_attempt_at: datetime | None = None
    lease_owner: str | None = None
    lease_until: datetime | None = None
    provider_id: str | None = None
    error_code: str | None = None
    error_message: str | None = None
    requested_by: str = "system"
    priority: NotificationPriority = NotificationPriority.NORMAL
    expires_at: datetime | None = None
    history: tuple[NotificationAttempt, ...] = ()

    @property
    def waits_since(self) -> datetime:
        """Since when it has been waiting to go out: from when it was scheduled for, else from when it was queued."""
        untried = self.attempts == 0 and self.error_code is None
        if untried and self.next_attempt_at is not None:
            return max(self.queued_at, self.next_attempt_at)
        return self.queued_at


@dataclass(frozen=True, slots=True, kw_only=True)
class OptOut:
    """A recipient who texted STOP, or another word for it: nothing is sent to them. `id`: the provider's of that text, so that the
    number is in no audit line. `lifted_at`: when they let us text them again. `texts`: the ids of all their texts that counted;
    one that comes again changes nothing.
    """

    id: str
    number: str
    since: datetime
    keyword: str
    lifted_at: datetime | None = None
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """While it is there, what `id` names stands still: "notifications" are not sent. `by`: who stopped it."""

    id: str
    reason: str
    by: str
    since: datetime


Record = (
    Sku
    | UsageRow
    | StreamSpec
    | Negotiation
    | BuyerPosition
    | Offer
    | Milestone
    | Invoice
    | Notification
    | Conflict
    | UsageMapping
    | PriceLink
    | ImportRun
    | Rule
    | RuleState
    | RuleFiring
    | Pause
    | OptOut
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everything, at one revision. Mappings are by id (SKUs and usage: by key and by day; positions: by negotiation) and must not be mutated."""

    store_id: str
    revision: int
    as_of: datetime
    provenance: Provenance
    current_negotiation_id: str | None = None
    negotiations: Mapping[str, Negotiation] = field(default_factory=dict)
    positions: Mapping[str, BuyerPosition] = field(default_factory=dict)
    skus: Mapping[str, Sku] = field(default_factory=dict)
    usage: Mapping[date, UsageDay] = field(default_factory=dict)
    streams: Mapping[str, StreamSpec] = field(default_factory=dict)
    offers: Mapping[str, Offer] = field(default_factory=dict)
    milestones: Mapping[str, Milestone] = field(default_factory=dict)
    invoices: Mapping[str, Invoice] = field(default_factory=dict)
    notifications: Mapping[str, Notification] = field(default_factory=dict)
    conflicts: Mapping[str, Conflict] = field(default_factory=dict)
    rules: Mapping[str, Rule] = field(default_factory=dict)
    rule_states: Mapping[str, RuleState] = field(default_factory=dict)
    rule_firings: Mapping[str, RuleFiring] = field(default_factory=dict)
    pauses: Mapping[str, Pause] = field(default_factory=dict)
    usage_mappings: Mapping[str, UsageMapping] = field(default_factory=dict)
    price_links: Mapping[str, PriceLink] = field(default_factory=dict)
    import_runs: Mapping[str, ImportRun] = field(default_factory=dict)
    opt_outs: Mapping[str, OptOut] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """One line of the append-only, hash-chained trail of changes."""

    revision: int
    sequence: int
    area: str
    entity_id: str
    action: str
    actor: str
    cause: str
    at: datetime
    before_hash: str | None
    after_hash: str | None
    hash: str
