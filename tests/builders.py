"""Records for tests, each with sensible defaults: say only what the test is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from negotiation.conflicts import Conflict
from negotiation.imports import (
    ImportRun,
    ImportState,
    PriceDirection,
    PriceLink,
    PriceService,
    UsageMapping,
    UsageMappingRule,
)
from negotiation.records import (
    AttemptOutcome,
    BuyerPosition,
    Invoice,
    InvoiceLine,
    InvoiceStatus,
    Milestone,
    Negotiation,
    NegotiationStatus,
    Notification,
    NotificationAttempt,
    NotificationChannel,
    NotificationStatus,
    Offer,
    OfferStatus,
    OptOut,
    Party,
    Pause,
    Provenance,
    Sku,
    Snapshot,
    StreamSide,
    StreamSpec,
    UsageDay,
    UsageRow,
)
from negotiation.rules.model import Rule, RuleFiring, RuleKind, RuleState
from negotiation.terms import LadderTerm, LadderTier, RateTerm, RenewalTerm

NOW = datetime(2026, 4, 1, 9, 30, tzinfo=UTC)
TODAY = NOW.date()


def money(text: str | int) -> Decimal:
    return Decimal(text)


def a_sku(key: str = "sms-outbound-us", **changes: Any) -> Sku:
    defaults: dict[str, Any] = {
        "key": key,
        "name": key.replace("-", " ").capitalize(),
        "family": "sms",
        "unit": "segment",
        "list_rate": Decimal("0.0083"),
    }
    return Sku(**(defaults | changes))


def catalogue_of(*skus: Sku) -> dict[str, Sku]:
    return {sku.key: sku for sku in skus}


def a_row(
    day: date | str, sku: str = "sms-outbound-us", quantity: str | int = 1, **changes: Any
) -> UsageRow:
    when = date.fromisoformat(day) if isinstance(day, str) else day
    defaults: dict[str, Any] = {"day": when, "sku": sku, "quantity": Decimal(quantity)}
    return UsageRow(**(defaults | changes))


def usage_of(rows: Iterable[UsageRow]) -> dict[date, UsageDay]:
    """The rows as a snapshot holds them: by day, one row per SKU."""
    by_day: dict[date, dict[str, UsageRow]] = {}
    for row in rows:
        by_day.setdefault(row.day, {})[row.sku] = row
    return {day: UsageDay(day, found) for day, found in sorted(by_day.items())}


def a_ladder(**changes: Any) -> LadderTerm:
    """The ladder of the example: 32 %, 37 % above 250,000, 45 % above 1,000,000 of trailing-90 list spend."""
    defaults: dict[str, Any] = {
        "id": "ladder",
        "tiers": (
            LadderTier("A", Decimal(0), Decimal("0.32")),
            LadderTier("B", Decimal(250_000), Decimal("0.37")),
            LadderTier("C", Decimal(1_000_000), Decimal("0.45")),
        ),
    }
    return LadderTerm(**(defaults | changes))


def a_renewal(**changes: Any) -> RenewalTerm:
    defaults: dict[str, Any] = {"id": "renewal", "start": date(2025, 9, 15), "term_months": 24}
    return RenewalTerm(**(defaults | changes))


def a_rate(**changes: Any) -> RateTerm:
    defaults: dict[str, Any] = {"id": "rate"}
    return RateTerm(**(defaults | changes))


def a_negotiation(**changes: Any) -> Negotiation:
    defaults: dict[str, Any] = {
        "id": "neg-1",
        "name": "Messaging and voice 2026",
        "vendor": "Twilio",
        "buyer": "Alder Lane",
        "currency": "USD",
        "status": NegotiationStatus.OPEN,
        "version": 1,
        "floor_margin": Decimal("0.35"),
        "target_margin": Decimal("0.45"),
        "ceiling_margin": Decimal("0.60"),
    }
    return Negotiation(**(defaults | changes))


def a_position(**changes: Any) -> BuyerPosition:
    return BuyerPosition(**({"negotiation_id": "neg-1"} | changes))


def a_stream(**changes: Any) -> StreamSpec:
    defaults: dict[str, Any] = {
        "id": "stream-1",
        "negotiation_id": "neg-1",
        "name": "SMS",
        "side": StreamSide.REVENUE,
        "unit": "segment",
        "family": "sms",
    }
    return StreamSpec(**(defaults | changes))


def an_offer(**changes: Any) -> Offer:
    defaults: dict[str, Any] = {
        "id": "offer-1",
        "negotiation_id": "neg-1",
        "round": 1,
        "party": Party.VENDOR,
        "status": OfferStatus.PROPOSED,
        "title": "First proposal",
        "terms": (a_ladder(),),
        "valid_until": None,
        "created_at": NOW,
        "hash": "0" * 64,
    }
    return Offer(**(defaults | changes))


def a_milestone(**changes: Any) -> Milestone:
    defaults: dict[str, Any] = {
        "id": "milestone-1",
        "negotiation_id": "neg-1",
        "name": "Finance approval",
        "owner_role": "approver",
        "due_on": TODAY,
    }
    return Milestone(**(defaults | changes))


def a_line(number: int = 1, amount: str | int = "10.00", **changes: Any) -> InvoiceLine:
    defaults: dict[str, Any] = {
        "number": number,
        "description": f"Line {number}",
        "amount": Decimal(amount),
    }
    return InvoiceLine(**(defaults | changes))


def an_invoice(**changes: Any) -> Invoice:
    defaults: dict[str, Any] = {
        "id": "INV-2026-03",
        "number": "INV-2026-03",
        "period_start": date(2026, 3, 1),
        "period_end": date(2026, 3, 31),
        "amount": Decimal("1000.00"),
        "currency": "USD",
        "status": InvoiceStatus.OPEN,
        "issued_on": date(2026, 4, 1),
    }
    return Invoice(**(defaults | changes))


def a_notification(**changes: Any) -> Notification:
    defaults: dict[str, Any] = {
        "id": "notification-1",
        "idempotency_key": "key-1",
        "channel": NotificationChannel.SMS,
        "to": "+14155550100",
        "body": "The envelope moved.",
        "status": NotificationStatus.QUEUED,
        "queued_at": NOW,
        "updated_at": NOW,
    }
    return Notification(**(defaults | changes))


def a_mapping(category: str = "sms-outbound", **changes: Any) -> UsageMapping:
    defaults: dict[str, Any] = {
        "category": category,
        "rule": UsageMappingRule.COUNT,
        "sku": category,
        "family": "sms",
        "unit": "segment",
    }
    return UsageMapping(**(defaults | changes))


def a_price_link(sku: str = "sms-outbound-us", **changes: Any) -> PriceLink:
    defaults: dict[str, Any] = {
        "sku": sku,
        "service": PriceService.MESSAGING,
        "country": "US",
        "direction": PriceDirection.OUTBOUND,
    }
    return PriceLink(**(defaults | changes))


def an_import_run(**changes: Any) -> ImportRun:
    """Asked for and not begun: three days."""
    defaults: dict[str, Any] = {
        "id": "run-1",
        "state": ImportState.QUEUED,
        "requested_by": "olga",
        "started_at": NOW,
        "updated_at": NOW,
        "first_day": date(2026, 3, 29),
        "last_day": date(2026, 3, 31),
        "next_day": date(2026, 3, 29),
    }
    return ImportRun(**(defaults | changes))


def an_attempt(**changes: Any) -> NotificationAttempt:
    defaults: dict[str, Any] = {
        "number": 1,
        "outcome": AttemptOutcome.ACCEPTED,
        "started_at": NOW,
        "ended_at": NOW,
        "provider_id": "SM1",
    }
    return NotificationAttempt(**(defaults | changes))


def an_opt_out(**changes: Any) -> OptOut:
    defaults: dict[str, Any] = {
        "id": "SM-stop",
        "number": "+14155550100",
        "since": NOW,
        "keyword": "STOP",
        "texts": ("SM-stop",),
    }
    return OptOut(**(defaults | changes))


def a_pause(**changes: Any) -> Pause:
    defaults: dict[str, Any] = {
        "id": "notifications",
        "reason": "An incident.",
        "by": "Olga Operator",
        "since": NOW,
    }
    return Pause(**(defaults | changes))


def a_rule(kind: RuleKind = RuleKind.ENVELOPE_OUT_OF_BAND, **changes: Any) -> Rule:
    """Switched on, to one recipient."""
    defaults: dict[str, Any] = {
        "id": "rule-1",
        "name": "Margin watch",
        "kind": kind,
        "updated_at": NOW,
        "enabled": True,
        "recipients": ("+14155550100",),
    }
    if kind is RuleKind.OFFER_EXPIRING:
        defaults["days"] = 3
    return Rule(**(defaults | changes))


def a_rule_state(**changes: Any) -> RuleState:
    defaults: dict[str, Any] = {
        "rule_id": "rule-1",
        "subject": "neg-1/below",
        "holds": True,
        "since": NOW,
    }
    return RuleState(**(defaults | changes))


def a_firing(**changes: Any) -> RuleFiring:
    defaults: dict[str, Any] = {
        "id": "firing-1",
        "rule_id": "rule-1",
        "rule_name": "Margin watch",
        "rule_version": 1,
        "kind": RuleKind.ENVELOPE_OUT_OF_BAND,
        "subject": "neg-1/below",
        "at": NOW,
        "body": "The margin is below the floor.",
    }
    return RuleFiring(**(defaults | changes))


def a_conflict(**changes: Any) -> Conflict:
    defaults: dict[str, Any] = {
        "id": "store-7-milestones-m-1",
        "area": "milestones",
        "entity_id": "m-1",
        "at": NOW,
        "actor": "Olga Operator",
        "ours": '{"id":"m-1","name":"Ours"}',
        "theirs": '{"id":"m-1","name":"Theirs"}',
    }
    return Conflict(**(defaults | changes))


def a_snapshot(
    *,
    negotiation: Negotiation | None = None,
    positions: Iterable[BuyerPosition] = (),
    skus: Iterable[Sku] = (),
    usage: Iterable[UsageRow] | Mapping[date, UsageDay] = (),
    streams: Iterable[StreamSpec] = (),
    offers: Iterable[Offer] = (),
    milestones: Iterable[Milestone] = (),
    invoices: Iterable[Invoice] = (),
    notifications: Iterable[Notification] = (),
    rules: Iterable[Rule] = (),
    rule_states: Iterable[RuleState] = (),
    rule_firings: Iterable[RuleFiring] = (),
    usage_mappings: Iterable[UsageMapping] = (),
    price_links: Iterable[PriceLink] = (),
    **changes: Any,
) -> Snapshot:
    """A picture that holds the given records; the negotiation is the current one."""
    defaults: dict[str, Any] = {
        "store_id": "store-1",
        "revision": 1,
        "as_of": NOW,
        "provenance": Provenance.LIVE,
        "current_negotiation_id": negotiation.id if negotiation is not None else None,
        "negotiations": {negotiation.id: negotiation} if negotiation is not None else {},
        "positions": {each.id: each for each in positions},
        "skus": catalogue_of(*skus),
        "usage": usage if isinstance(usage, Mapping) else usage_of(usage),
        "streams": {each.id: each for each in streams},
        "offers": {each.id: each for each in offers},
        "milestones": {each.id: each for each in milestones},
        "invoices": {each.id: each for each in invoices},
        "notifications": {each.id: each for each in notifications},
        "rules": {each.id: each for each in rules},
        "rule_states": {each.id: each for each in rule_states},
        "rule_firings": {each.id: each for each in rule_firings},
        "usage_mappings": {each.id: each for each in usage_mappings},
        "price_links": {each.id: each for each in price_links},
    }
    return Snapshot(**(defaults | changes))
