"""The demo workspace: a whole negotiation, deterministic from a seed and a day, without a row shipped.

147 SKUs in 12 families, 24 months of daily usage with two incidents, 24 invoices with six planted errors, the contract
in force with an amendment, three rounds of offers with one planted contradiction, six milestones two of them late,
one rule of each kind.
Integers and SHA-256 only: the same records on any machine. Storing them is the caller's business.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from hashlib import sha256
from typing import Final

from negotiation.catalogue import Catalogue
from negotiation.decimals import exact_arithmetic, round_places
from negotiation.demo.catalogue import DemoSku, demo_skus
from negotiation.demo.contract import contract_terms, milestones, negotiation, streams
from negotiation.demo.invoices import CURRENCY, Planted, demo_invoices
from negotiation.demo.proposals import offers
from negotiation.demo.rules import demo_rules
from negotiation.demo.volumes import Incident, Volumes, demo_days, incidents
from negotiation.plain import canonical_decimal_text, to_plain
from negotiation.records import (
    Invoice,
    Milestone,
    Negotiation,
    Offer,
    Provenance,
    Record,
    Rule,
    Sku,
    Snapshot,
    StreamSpec,
    UsageDay,
    UsageRow,
)
from negotiation.terms_json import canonical_terms
from negotiation.usage import UsageFigures

DEMO_SEED: Final = "demo"
SOURCE: Final = "demo"
BILLED_PLACES: Final = 5

DIGEST_ANCHOR: Final = date(2026, 4, 1)
DIGEST: Final = "7424fe304d60142629b1e2f2d4f3809148ceb1712e6a934e5461ebe88e4abac8"
"""`digest(generate(DEMO_SEED, DIGEST_ANCHOR))`: any change to the demo shows here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoWorkspace:
    """The records, and what was planted among them for tests and tours."""

    seed: str
    anchor: date
    negotiation: Negotiation
    skus: tuple[Sku, ...]
    usage: tuple[UsageRow, ...]
    streams: tuple[StreamSpec, ...]
    offers: tuple[Offer, ...]
    milestones: tuple[Milestone, ...]
    invoices: tuple[Invoice, ...]
    rules: tuple[Rule, ...]
    planted: tuple[Planted, ...]
    incidents: tuple[Incident, ...]

    def records(self) -> Iterator[Record]:
        """Every record, in an order in which each may refer to those before it."""
        yield self.negotiation
        yield from self.skus
        yield from self.streams
        yield from self.offers
        yield from self.milestones
        yield from self.invoices
        yield from self.rules
        yield from self.usage

    def snapshot(self) -> Snapshot:
        """The workspace as a store would show it, for whoever needs no store."""
        days: dict[date, dict[str, UsageRow]] = {}
        for row in self.usage:
            days.setdefault(row.day, {})[row.sku] = row
        return Snapshot(
            store_id=SOURCE,
            revision=1,
            as_of=datetime.combine(self.anchor, time(), UTC),
            provenance=Provenance.FIXTURE,
            current_negotiation_id=self.negotiation.id,
            negotiations={self.negotiation.id: self.negotiation},
            skus={sku.key: sku for sku in self.skus},
            usage={day: UsageDay(day, rows) for day, rows in days.items()},
            streams={each.id: each for each in self.streams},
            offers={each.id: each for each in self.offers},
            milestones={each.id: each for each in self.milestones},
            invoices={each.id: each for each in self.invoices},
            rules={each.id: each for each in self.rules},
        )


def generate(seed: str, anchor: date) -> DemoWorkspace:
    """The workspace as of `anchor` (its today): usage up to the day before, invoices of the last 24 full months."""
    skus = demo_skus()
    catalogue = Catalogue({demo.sku.key: demo.sku for demo in skus}, contract_terms(anchor))
    figures = UsageFigures(catalogue, CURRENCY)
    days = _days(seed, anchor, skus)
    invoices, planted = demo_invoices(anchor, days, figures)
    discounts = figures.discounts(days, anchor)
    return DemoWorkspace(
        seed=seed,
        anchor=anchor,
        negotiation=negotiation(anchor),
        skus=tuple(demo.sku for demo in skus),
        usage=tuple(_billed(days, discounts, catalogue)),
        streams=streams(),
        offers=offers(anchor),
        milestones=milestones(anchor),
        invoices=invoices,
        rules=demo_rules(anchor),
        planted=planted,
        incidents=incidents(anchor),
    )


def digest(workspace: DemoWorkspace) -> str:
    """SHA-256 over every record in canonical form, whatever order the records are in."""
    lines = [
        f"usage|{row.day}|{row.sku}|{canonical_decimal_text(row.quantity)}|"
        f"{'' if row.billed is None else canonical_decimal_text(row.billed)}|{row.revision}|{row.source}"
        for row in workspace.usage
    ]
    lines.extend(
        _canonical(record) for record in workspace.records() if not isinstance(record, UsageRow)
    )
    found = sha256()
    for line in sorted(lines):
        found.update(line.encode())
        found.update(b"\n")
    return found.hexdigest()


def _canonical(record: Record) -> str:
    kind = type(record).__name__.lower()
    if isinstance(record, Negotiation | Offer):
        terms = canonical_terms(record.terms)
        plain = {name: getattr(record, name) for name in record.__slots__ if name != "terms"}
        return f"{kind}|{sorted((name, str(value)) for name, value in plain.items())}|{terms}"
    return f"{kind}|{to_plain(record, canonical_decimal_text)}"


def _days(seed: str, anchor: date, skus: tuple[DemoSku, ...]) -> dict[date, UsageDay]:
    volumes = Volumes(seed, anchor)
    found = {}
    for day in demo_days(anchor):
        rows = {}
        for demo in skus:
            units = volumes.quantity(demo, day)
            if units is not None:
                key = demo.sku.key
                rows[key] = UsageRow(day=day, sku=key, quantity=Decimal(units), source=SOURCE)
        found[day] = UsageDay(day, rows)
    return found


def _billed(
    days: dict[date, UsageDay], discounts: Mapping[date, Decimal], catalogue: Catalogue
) -> Iterator[UsageRow]:
    """The rows with the vendor's own price of each: the contract's rate of that month."""
    with exact_arithmetic():
        for day, usage_day in days.items():
            rates = catalogue.rates(discounts[day])
            for key, row in usage_day.rows.items():
                yield UsageRow(
                    day=day,
                    sku=key,
                    quantity=row.quantity,
                    billed=round_places(row.quantity * rates[key], BILLED_PLACES),
                    source=SOURCE,
                )
