"""What is kept about imports from the vendor: how its usage categories count, where list rates come from, each run.

Records only; `negotiation.importing` works with them, `negotiation.records` gives them their place in the Snapshot.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum


class UsageMappingRule(StrEnum):
    """COUNT: usage counts as the mapping's SKU. IGNORE: a person decided that it does not count. UNMAPPED: it was used,
    and nobody has said yet what it is; until then it counts at what was billed.
    """

    COUNT = "COUNT"
    IGNORE = "IGNORE"
    UNMAPPED = "UNMAPPED"


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageMapping:
    """What becomes of the usage that the vendor reports under one of its categories.

    `sku`, `family`, `unit`: what it counts as; the latter two are for a SKU that the catalogue does not have yet.
    `parent`: the category that contains this one. Where a category and its parts are reported for the same day, only the
    parts count. `decided_by` None: nobody has touched it.
    """

    category: str
    rule: UsageMappingRule
    sku: str
    family: str
    unit: str
    parent: str | None = None
    note: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None

    @property
    def id(self) -> str:
        return self.category


class PriceService(StrEnum):
    MESSAGING = "MESSAGING"
    VOICE = "VOICE"


class PriceDirection(StrEnum):
    INBOUND = "INBOUND"
    OUTBOUND = "OUTBOUND"


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceLink:
    """Which of the vendor's published prices is the list rate of a SKU, and what was last read there.

    `country`: ISO 3166-1 alpha-2. `number_type`: "local", "mobile", "toll-free", "shortcode"; `carrier` (outbound
    messages) and `prefix` (outbound calls: leading digits of the number called) narrow it down; None: any.
    `low` and `high`: the least and the greatest price that fits, in `currency`; one price fits where they are equal.
    `problem`: why there is none. `read_at` None: not read yet.
    """

    sku: str
    service: PriceService
    country: str
    direction: PriceDirection
    number_type: str | None = None
    carrier: str | None = None
    prefix: str | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    currency: str | None = None
    problem: str | None = None
    read_at: datetime | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None

    @property
    def id(self) -> str:
        return self.sku


class ImportState(StrEnum):
    """QUEUED: waits for its first or its next try. RUNNING: somebody holds its lease."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRun:
    """One run of the import from the vendor, from the moment it is asked for.

    It reads the days `first_day` to `last_day`; all before `next_day` are in, so that whoever goes on begins there.
    `rows_read` counts the vendor's records, the other rows ours. `lease_owner` and `lease_until`: who is at it, and until when
    nobody else may be. `warnings`: what a reader should know, one sentence each.
    """

    id: str
    state: ImportState
    requested_by: str
    started_at: datetime
    updated_at: datetime
    first_day: date
    last_day: date
    next_day: date
    pricing: bool = True
    dry_run: bool = False
    finished_at: datetime | None = None
    rows_read: int = 0
    rows_written: int = 0
    rows_restated: int = 0
    rows_unchanged: int = 0
    prices_read: int = 0
    prices_total: int = 0
    attempts: int = 0
    next_attempt_at: datetime | None = None
    lease_owner: str | None = None
    lease_until: datetime | None = None
    error_code: str | None = None
    error_message: str | None = None
    warnings: tuple[str, ...] = ()

    @property
    def active(self) -> bool:
        return self.state in {ImportState.QUEUED, ImportState.RUNNING}

    @property
    def days_total(self) -> int:
        return (self.last_day - self.first_day).days + 1

    @property
    def days_done(self) -> int:
        return (self.next_day - self.first_day).days

    @property
    def progress(self) -> Decimal:
        """The share of its days that are in, from 0 to 1, in hundredths."""
        return Decimal(self.days_done * 100 // self.days_total) / 100
