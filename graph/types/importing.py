"""The import from the vendor: its runs, how its usage categories count, list rates against its published prices."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Self

import strawberry

from graph.scalars import Ratio
from graph.types.common import Connection, Notice, connected, given, mirrored
from negotiation import imports
from negotiation.importing import prices
from resolvers import list_rates, mappings, usage_import
from resolvers.paging import Page

# The enums keep the model's names.
for _enum in (
    imports.UsageMappingRule,
    imports.ImportState,
    imports.PriceService,
    imports.PriceDirection,
    prices.ListRateStatus,
):
    strawberry.enum(_enum)


@strawberry.type(
    description="What the usage under one of the vendor's categories counts as. firstUsedOn, lastUsedOn, quantity, billed: "
    "the usage of its SKU in the last 365 days."
)
class UsageMapping:
    category: str
    rule: imports.UsageMappingRule
    sku: str
    family: str
    unit: str
    parent: str | None
    is_total: bool
    note: str | None
    decided_by: str | None
    decided_at: datetime | None
    first_used_on: date | None
    last_used_on: date | None
    quantity: Decimal
    billed: Decimal

    @classmethod
    def of(cls, row: mappings.MappingRow) -> Self:
        return cls(
            category=row.mapping.category,
            rule=row.mapping.rule,
            sku=row.mapping.sku,
            family=row.family,
            unit=row.unit,
            parent=row.mapping.parent,
            is_total=row.is_total,
            note=row.mapping.note,
            decided_by=row.mapping.decided_by,
            decided_at=row.mapping.decided_at,
            first_used_on=row.first_used_on,
            last_used_on=row.last_used_on,
            quantity=row.quantity,
            billed=row.billed,
        )


def mapping_connection(page: Page[mappings.MappingRow]) -> Connection[UsageMapping]:
    return Connection[UsageMapping](**connected(page, UsageMapping.of))


@strawberry.type(
    description="One run of the import. All days before nextDay are in; progress is the share of its days."
)
class ImportRun:
    id: strawberry.ID
    state: imports.ImportState
    requested_by: str
    started_at: datetime
    updated_at: datetime
    finished_at: datetime | None
    first_day: date
    last_day: date
    next_day: date
    days_done: int
    days_total: int
    progress: Ratio
    rows_read: int = strawberry.field(description="The vendor's records.")
    rows_written: int = strawberry.field(description="Our rows that were new or restated.")
    rows_restated: int
    rows_unchanged: int
    pricing: bool
    prices_read: int = strawberry.field(description="Price lists, each of a service in a country.")
    prices_total: int
    dry_run: bool
    attempts: int
    next_attempt_at: datetime | None
    error: Notice | None
    warnings: list[str]

    @classmethod
    def of(cls, run: imports.ImportRun) -> Self:
        error = None
        if run.error_code is not None:
            error = Notice(code=run.error_code, message=run.error_message or "", field=None)
        return mirrored(
            cls,
            run,
            id=strawberry.ID(run.id),
            progress=Ratio(run.progress),
            error=error,
            warnings=list(run.warnings),
        )


@strawberry.type(
    description="The import of usage and prices from Twilio. current: asked for or under way; last: the last that ended; "
    "dailyAt: the UTC hour of the daily run; unmapped: categories with usage that nobody has decided about."
)
class TwilioImport:
    configured: bool
    message: str
    daily_at: int | None
    next_run_at: datetime | None
    unmapped: int
    current: ImportRun | None
    last: ImportRun | None
    runs: list[ImportRun] = strawberry.field(description="The last 20, newest first.")

    @classmethod
    def of(cls, found: usage_import.ImportStatus) -> Self:
        return mirrored(
            cls,
            found,
            current=None if found.current is None else ImportRun.of(found.current),
            last=None if found.last is None else ImportRun.of(found.last),
            runs=[ImportRun.of(run) for run in found.runs],
        )


@strawberry.type(
    description="A SKU's list rate against the vendor's published price. theirs: null where no one price fits; low and high: "
    "the range of those that fit."
)
class ListRate:
    sku: str
    name: str
    service: imports.PriceService
    country: str
    direction: imports.PriceDirection
    number_type: str | None
    carrier: str | None
    prefix: str | None
    ours: Decimal
    theirs: Decimal | None
    low: Decimal | None
    high: Decimal | None
    currency: str | None
    status: prices.ListRateStatus
    message: str
    read_at: datetime | None

    @classmethod
    def of(cls, rate: prices.ListRate) -> Self:
        return mirrored(
            cls,
            rate.link,
            name=rate.sku.name,
            ours=rate.sku.list_rate,
            theirs=rate.theirs,
            status=rate.status,
            message=rate.message,
        )


def list_rate_connection(page: Page[prices.ListRate]) -> Connection[ListRate]:
    return Connection[ListRate](**connected(page, ListRate.of))


@strawberry.input(
    description="since: the first day to read again; left out, the run goes on behind the last one, with the 14 days before "
    "it. pricing: list prices too. dryRun: count, write nothing."
)
class SyncTwilioInput:
    since: date | None = strawberry.UNSET
    pricing: bool = True
    dry_run: bool = False

    def wanted(self) -> usage_import.Wanted:
        return usage_import.Wanted(
            since=given(self.since), pricing=self.pricing, dry_run=self.dry_run
        )


@strawberry.input(
    description="rule: COUNT or IGNORE. sku: what it counts as, created with the next import where the catalogue lacks it. "
    "family: of such a SKU, or of one that an import made up. parent: the category that contains this one, empty for none. What is left out stays as it is."
)
class SetUsageMappingInput:
    category: str
    rule: imports.UsageMappingRule
    sku: str | None = strawberry.UNSET
    family: str | None = strawberry.UNSET
    parent: str | None = strawberry.UNSET
    note: str | None = strawberry.UNSET

    def decision(self) -> mappings.Decision:
        return mappings.Decision(
            category=self.category,
            rule=self.rule,
            sku=given(self.sku),
            family=given(self.family),
            parent=given(self.parent),
            note=given(self.note),
        )


@strawberry.input(
    description="Where the list price of a SKU stands. country: ISO 3166-1, two letters. numberType, carrier (outbound "
    "messages) and prefix (outbound calls) narrow it down; null: any."
)
class SetPriceLinkInput:
    sku: str
    service: imports.PriceService
    country: str
    direction: imports.PriceDirection
    number_type: str | None = strawberry.UNSET
    carrier: str | None = strawberry.UNSET
    prefix: str | None = strawberry.UNSET

    def link(self) -> list_rates.Link:
        return list_rates.Link(
            sku=self.sku,
            service=self.service,
            country=self.country,
            direction=self.direction,
            number_type=given(self.number_type),
            carrier=given(self.carrier),
            prefix=given(self.prefix),
        )


@strawberry.input(description="skus: only these; left out, all that differ.")
class ApplyListRatesInput:
    skus: list[str] | None = strawberry.UNSET


@strawberry.type
class SyncTwilioPayload:
    run: ImportRun | None = strawberry.field(
        description="The run that was asked for, or the one that is under way already."
    )
    revision: int
    user_errors: list[Notice]


@strawberry.type
class SetUsageMappingPayload:
    mapping: UsageMapping | None
    revision: int
    warnings: list[Notice]
    user_errors: list[Notice]


@strawberry.type
class SetPriceLinkPayload:
    list_rate: ListRate | None
    revision: int
    user_errors: list[Notice]


@strawberry.type
class ApplyListRatesPayload:
    applied: list[ListRate]
    revision: int
    user_errors: list[Notice]
