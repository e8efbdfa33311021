"""Who may read or call what: one table over every field of the schema, deny by default.

A field without an entry, or an entry without a field, stops the schema from being built. Which rows of a list an actor
sees is `resolvers.view`'s business, who the actor is `graph.auth.identity`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_object_type,
)

from resolvers.errors import Forbidden, GatewayError, Unauthenticated

Roles = frozenset[str]

ADMIN: Roles = frozenset({"admin"})
APPROVERS: Roles = ADMIN | {"approver"}
NEGOTIATORS: Roles = ADMIN | {"negotiator"}
DECIDERS: Roles = NEGOTIATORS | APPROVERS
ANALYSTS: Roles = NEGOTIATORS | {"analyst"}
STAFF: Roles = ANALYSTS | APPROVERS
BUYERS: Roles = STAFF | {"viewer"}
EVERYONE: Roles = BUYERS | {"vendor_guest"}
OPEN: Roles = frozenset()
"""No check of its own: a root field that needs no role, or part of a value whose owner was checked."""

ROLES = EVERYONE
ANY_DOCUMENT: Roles = ADMIN | {"analyst"}
"""Who may send documents of their own, and introspect, where only those of our clients are executed."""

RULES: Mapping[str, Mapping[Roles, str]] = {
    "Query": {
        OPEN: "health schemaVersion viewer",
        EVERYONE: "negotiation negotiations node",
        BUYERS: "changes invoices listRates notificationQueue notifications rule ruleFirings ruleKinds "
        "rules twilioImport usageMappings",
        NEGOTIATORS: "conflicts notificationPreview notificationsPreview optOuts previewRule",
    },
    "Mutation": {
        NEGOTIATORS: "cancelNotification deleteRule enableRule liftOptOut pauseNotifications proposeOffer resolveConflict resumeNotifications "
        "retryFailedNotifications retryNotification saveRule sendDemoNotification sendNotification sendNotifications setPosition setTargets testRule",
        DECIDERS: "decideOffer",
        APPROVERS: "decideMilestone",
        ANALYSTS: "applyListRates disputeInvoice importInvoices importUsage setPriceLink setUsageMapping "
        "syncTwilio",
        STAFF: "syncNow",
    },
    "Subscription": {
        EVERYONE: "healthUpdated negotiationUpdated ticks",
        BUYERS: "invoicesUpdated notificationQueueUpdated notificationsUpdated ruleFiringsUpdated "
        "rulesUpdated simulation twilioImportUpdated",
        NEGOTIATORS: "conflictsUpdated",
    },
    # What the vendor's people may see of the negotiation: what both sides put on the table, nothing that we think.
    "Negotiation": {
        EVERYONE: "buyer currency dates id ladder name offer rounds status streams vendor version",
        BUYERS: "asOf bargainingPoints batna buyerEnvelope commitmentPace counterOffers dailySpend draft "
        "driverVolumes envelope forecast limits milestones offerDiff position provenance reservation skus targetCurve "
        "targets tierProjection trailing90 usageFrom usageTo zopa",
    },
    "Offer": {
        EVERYONE: "createdAt from hash id round status terms title validUntil",
        BUYERS: "cost evaluation lint openers",
    },
    "Health": {
        OPEN: "schemaVersion status",
        BUYERS: "asOf banner components oldestQueuedSeconds provenance queueDepth revision",
    },
    # Nodes that only we may see: `node` reaches them for everyone, so that each field is checked.
    "Sku": {BUYERS: "contractRate family id key listRate locked name passThrough unit"},
    "Milestone": {BUYERS: "decidedAt decidedBy dueOn id late name note ownerRole status"},
    "Invoice": {
        BUYERS: "amount currency disputeReason disputedAmount findings id issuedOn lines number "
        "periodEnd periodStart provenance status"
    },
    "Notification": {
        BUYERS: "attempts body channel currency dueAt error expiresAt history id price priority providerId queuedAt "
        "requestedBy segments status to updatedAt"
    },
    "Rule": {
        BUYERS: "channel cooldownHours dailyCap days enabled id kind lastFiredAt name negotiationId passesQuietHours "
        "priority quietHours recipients repeats template text threshold tier updatedAt updatedBy version"
    },
    "RuleFiring": {
        BUYERS: "at body facts heldBack id kind notifications outcome ruleId ruleName sendAt subject test"
    },
    "Conflict": {
        NEGOTIATORS: "actor area at entityId fields id kept resolved resolvedAt resolvedBy"
    },
    "Node": {EVERYONE: "id"},
    # Values: whoever could read their owner.
    "Change": {OPEN: "action actor area at cause entityId hash revision"},
    "ChangeConnection": {OPEN: "edges pageInfo totalCount"},
    "ChangeEdge": {OPEN: "cursor node"},
    "BacktestRow": {OPEN: "actual cut error family months planned"},
    "BargainingPoints": {OPEN: "kalai kalaiSmorodinsky nash welfare"},
    "BuyerEnvelope": {
        OPEN: "ceilingMargin ceilingPayable currency floorMargin floorPayable otherCosts revenue trace warnings"
    },
    "BuyerPosition": {
        OPEN: "batnaCost batnaNote downstreamRevenue opening otherCosts ownMargin patience plannedRounds "
        "shortfallLimit vendorCostHigh vendorCostLow vendorMargin"
    },
    "CommitmentInterval": {
        OPEN: "burn carriedIn charge commitmentId committed end first shortfall"
    },
    "CommitmentPace": {
        OPEN: "ahead burned commitmentId committed end expected first high low met missingDays projectedShortfall"
    },
    "CommitmentTerm": {OPEN: "amount clause families id interval text"},
    "ContractDates": {OPEN: "autoRenews daysToEnd daysToNotice end lastNoticeDay start"},
    "CounterOffer": {
        OPEN: "cash cost effectiveDiscount evaluation npv shortfallProbability terms title values"
    },
    "ConflictConnection": {OPEN: "edges pageInfo totalCount"},
    "ConflictEdge": {OPEN: "cursor node"},
    "ConflictField": {OPEN: "ours path theirs"},
    "CreditTerm": {OPEN: "amount clause expiresOn grantedOn id invoiceCount invoiceShare text"},
    "DateRange": {OPEN: "earliest latest likely"},
    "Draft": {OPEN: "cost evaluation lint terms"},
    "DriverVolume": {OPEN: "channel family sku units"},
    "FamilyForecast": {
        OPEN: "backtestError cv family growth level monthly monthsSeen noise season"
    },
    "Forecast": {OPEN: "backtest end families hash method months start"},
    "Limits": {OPEN: "batna best months reservation round start target trace"},
    "MonthChange": {OPEN: "after before delta month"},
    "OfferCost": {
        OPEN: "cash credits effectiveDiscount headlineDiscount listCost monthly months npv shortfall"
    },
    "OfferDiff": {OPEN: "cash credits months npv shortfall terms"},
    "Opener": {OPEN: "after before cash field message termIds"},
    "PlannedMonth": {OPEN: "listAmount month units"},
    "SetPositionPayload": {OPEN: "negotiation revision userErrors"},
    "TargetPoint": {OPEN: "conceded round target"},
    "TermChange": {OPEN: "after before cash changed"},
    "TierProjection": {OPEN: "down fallsBelow reachesUp up"},
    "UsageChange": {OPEN: "after before day listDelta revision sku"},
    "VendorValue": {OPEN: "name value"},
    "Zopa": {
        OPEN: "exists high low mid notices openers ourMost vendorLeastHigh vendorLeastLow vendorLeastMid"
    },
    "DailySpend": {OPEN: "billed date list net rows"},
    "DecideMilestonePayload": {OPEN: "milestone negotiation revision userErrors"},
    "DecideOfferPayload": {OPEN: "negotiation offer revision userErrors"},
    "DisputeInvoicePayload": {OPEN: "invoice revision userErrors"},
    "Envelope": {
        OPEN: "ceilingMargin ceilingRevenue currency currentMargin discountAtCeilingMargin "
        "discountAtFloorMargin discountAtTargetMargin expense floorMargin floorRevenue listRevenue "
        "revenue targetMargin targetRevenue trace warnings"
    },
    "HealthComponent": {OPEN: "lastError lastOkAt latencyMs message mode name status"},
    "ApplyListRatesPayload": {OPEN: "applied revision userErrors"},
    "ImportRun": {
        OPEN: "attempts daysDone daysTotal dryRun error finishedAt firstDay id lastDay nextAttemptAt nextDay pricesRead "
        "pricesTotal pricing progress requestedBy rowsRead rowsRestated rowsUnchanged rowsWritten startedAt state "
        "updatedAt warnings"
    },
    "ListRate": {
        OPEN: "carrier country currency direction high low message name numberType ours prefix readAt service sku "
        "status theirs"
    },
    "ListRateConnection": {OPEN: "edges pageInfo totalCount"},
    "ListRateEdge": {OPEN: "cursor node"},
    "SetPriceLinkPayload": {OPEN: "listRate revision userErrors"},
    "SetUsageMappingPayload": {OPEN: "mapping revision userErrors warnings"},
    "SyncTwilioPayload": {OPEN: "revision run userErrors"},
    "TwilioImport": {OPEN: "configured current dailyAt last message nextRunAt runs unmapped"},
    "UsageMapping": {
        OPEN: "billed category decidedAt decidedBy family firstUsedOn isTotal lastUsedOn note parent quantity rule sku unit"
    },
    "UsageMappingConnection": {OPEN: "edges pageInfo totalCount"},
    "UsageMappingEdge": {OPEN: "cursor node"},
    "ImportPayload": {
        OPEN: "accepted currency listDelta rejected restated restatements revision rows unchanged userErrors warnings"
    },
    "ImportRowError": {OPEN: "column message row"},
    "InvoiceConnection": {OPEN: "edges pageInfo totalCount totals"},
    "InvoiceEdge": {OPEN: "cursor node"},
    "InvoiceFinding": {OPEN: "billed code delta expected id line message trace"},
    "InvoiceLine": {OPEN: "amount description number quantity sku unitPrice"},
    "InvoiceTotals": {OPEN: "amount count currency disputed outstanding"},
    "Ladder": {OPEN: "application basis tiers windowDays"},
    "LadderTerm": {
        OPEN: "application basis boundary clause downgrade effective families graceMonths id stacking "
        "text tiers windowDays"
    },
    "LadderTier": {OPEN: "discount name threshold"},
    "LiftOptOutPayload": {OPEN: "lifted userErrors"},
    "MonthCost": {OPEN: "cash credits discount dueOn list month net passThrough shortfall tier"},
    "MonthFan": {OPEN: "month p10 p50 p90"},
    "NegotiationConnection": {OPEN: "edges pageInfo totalCount"},
    "NegotiationEdge": {OPEN: "cursor node"},
    "Notice": {OPEN: "code field message"},
    "NotificationAttempt": {OPEN: "endedAt error lookedUp number outcome providerId startedAt"},
    "NotificationConnection": {OPEN: "edges pageInfo totalCount"},
    "NotificationEdge": {OPEN: "cursor node"},
    "NotificationQueue": {
        OPEN: "budget circuit currency failed oldestAt oldestSeconds pause perSecond probeIn ready scheduled sent spent "
        "unconfirmed waiting"
    },
    "NotificationQueuePayload": {OPEN: "queue userErrors"},
    "NotificationPreview": {OPEN: "characters currency encoding price refusal segments units"},
    "OfferEvaluation": {
        OPEN: "breakEvenSpend cash certaintyEquivalent costFan costP10 costP50 costP90 credits cvar95 effectiveDiscount end "
        "expectedShortfall headlineDiscount intervals listCost mean monthly months npv paths reasons riskAversion "
        "shortfall shortfallProbability standardError start trace unusedCredit verdict"
    },
    "OptOut": {OPEN: "keyword since source to"},
    "OptOutConnection": {OPEN: "edges pageInfo totalCount"},
    "OptOutEdge": {OPEN: "cursor node"},
    "PageInfo": {OPEN: "endCursor hasNextPage hasPreviousPage startCursor"},
    "Pause": {OPEN: "by reason since"},
    "PaymentTerm": {OPEN: "clause id netDays text"},
    "PriceProtectionTerm": {OPEN: "clause id maxIncrease text"},
    "ProposeOfferPayload": {OPEN: "negotiation offer revision userErrors"},
    "QualitativeTerm": {OPEN: "clause id text topic", BUYERS: "weight"},
    "RampStep": {OPEN: "commitment fromMonth"},
    "RampTerm": {OPEN: "clause id steps text"},
    "RateTerm": {
        OPEN: "clause discount family id locked model packageSize sku text tiers unitPrice"
    },
    "RateTier": {OPEN: "unitPrice upTo"},
    "RenewalTerm": {OPEN: "autoRenew clause id noticeDays start termMonths text"},
    "ResolveConflictPayload": {OPEN: "conflict revision userErrors"},
    "RetryNotificationsPayload": {OPEN: "notifications queued userErrors"},
    "Round": {OPEN: "number offers"},
    "QuietHours": {OPEN: "days end start zone"},
    "RuleFact": {OPEN: "name value"},
    "RuleFiringConnection": {OPEN: "edges pageInfo totalCount"},
    "RuleFiringEdge": {OPEN: "cursor node"},
    "RuleKindInfo": {OPEN: "about kind label names parameters text"},
    "RuleMatch": {OPEN: "body subject told"},
    "RuleName": {OPEN: "about name"},
    "RuleParameter": {OPEN: "about name needed"},
    "RulePreview": {
        OPEN: "body characters currency encoding facts matches price problems recipients sample segments units"
    },
    "SaveRulePayload": {OPEN: "revision rule userErrors"},
    "DeleteRulePayload": {OPEN: "id revision userErrors"},
    "TestRulePayload": {OPEN: "firing revision userErrors"},
    "SchemaVersion": {OPEN: "sdlSha256 version"},
    "NotificationsPreview": {OPEN: "currency items price queued segments"},
    "NotificationsPreviewItem": {OPEN: "index segments userErrors"},
    "SendNotificationItem": {OPEN: "index notification userErrors"},
    "SendNotificationsPayload": {OPEN: "items queued"},
    "SendNotificationPayload": {OPEN: "notification userErrors"},
    "SetTargetsPayload": {OPEN: "negotiation revision userErrors"},
    "ShortfallTerm": {OPEN: "clause id outcome percent text"},
    "SimulationProgress": {OPEN: "evaluation paths progress"},
    "SkuConnection": {OPEN: "edges pageInfo totalCount"},
    "SkuEdge": {OPEN: "cursor node"},
    "Stream": {OPEN: "amount listAmount listUnitPrice name side unit unitPrice volume"},
    "SyncPayload": {OPEN: "components revision userErrors"},
    "Targets": {OPEN: "ceilingMargin floorMargin targetMargin"},
    "TermFinding": {OPEN: "amount clause code message severity termIds trace"},
    "Tick": {OPEN: "at n revision"},
    "TraceStep": {OPEN: "formula id inputs label value"},
    "TrailingSpend": {OPEN: "amount basis from missingDays nextTier tier to toNextTier trace"},
    "Viewer": {OPEN: "id name roles"},
}


def permissions(rules: Mapping[str, Mapping[Roles, str]] = RULES) -> dict[str, Roles]:
    """ "Type.field" → the roles that may have it. ValueError for a field that is named twice."""
    table: dict[str, Roles] = {}
    for type_name, by_roles in rules.items():
        for roles, names in by_roles.items():
            for name in names.split():
                coordinate = f"{type_name}.{name}"
                if coordinate in table:
                    raise ValueError(f"{coordinate} has two entries in the permission table.")
                table[coordinate] = roles
    return table


def enforce(schema: GraphQLSchema, table: Mapping[str, Roles]) -> None:
    """Guard the schema's fields by the table. ValueError for what the two do not have in common."""
    fields = dict(_fields(schema))
    if missing := sorted(fields.keys() - table.keys()):
        raise ValueError(f"Fields without an entry in the permission table: {', '.join(missing)}.")
    if unknown := sorted(table.keys() - fields.keys()):
        raise ValueError(f"The permission table names unknown fields: {', '.join(unknown)}.")
    roots = {root.name for root in _roots(schema)}
    if exposed := sorted(_reached_without_a_role(schema, table)):
        raise ValueError(f"Reached without any role: {', '.join(exposed)}.")
    for coordinate, field in fields.items():
        roles, owner = table[coordinate], coordinate.partition(".")[0]
        if roles is OPEN or (roles == EVERYONE and owner not in roots):
            continue
        if field.subscribe is not None:
            field.subscribe = _guarded(field.subscribe, coordinate, roles)
        elif field.resolve is not None:
            field.resolve = _guarded(field.resolve, coordinate, roles)


def refusal(actor_id: str, coordinate: str, roles: Roles) -> GatewayError:
    """The error for an actor who has none of `roles`."""
    if not actor_id:
        return Unauthenticated("Sign in: send `Authorization: Bearer <token>`.")
    return Forbidden(
        f"{coordinate} is for the roles {', '.join(sorted(roles))}. Ask your administrator for one of them.",
        field=coordinate,
    )


def _guarded(inner: Callable[..., Any], coordinate: str, roles: Roles) -> Callable[..., Any]:
    @wraps(inner)
    def guarded(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        actor = info.context.actor
        if roles.isdisjoint(actor.roles):
            raise refusal(actor.id, coordinate, roles)
        return inner(source, info, **arguments)

    return guarded


def _roots(schema: GraphQLSchema) -> Iterator[GraphQLObjectType]:
    for root in (schema.query_type, schema.mutation_type, schema.subscription_type):
        if root is not None:
            yield root


def _fields(schema: GraphQLSchema) -> Iterator[tuple[str, GraphQLField]]:
    for name, kind in schema.type_map.items():
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) and not name.startswith("__"):
            for field_name, field in kind.fields.items():
                yield f"{name}.{field_name}", field


def _reached_without_a_role(schema: GraphQLSchema, table: Mapping[str, Roles]) -> set[str]:
    """Fields for EVERYONE that an actor without a role would reach: they carry no guard of their own."""
    exposed: set[str] = set()
    waiting = [(root, True) for root in _roots(schema)]
    seen: set[str] = set()
    while waiting:
        kind, is_root = waiting.pop()
        if kind.name in seen:
            continue
        seen.add(kind.name)
        for name, field in kind.fields.items():
            coordinate = f"{kind.name}.{name}"
            if table[coordinate] == EVERYONE and not is_root:
                exposed.add(coordinate)
            if table[coordinate] is OPEN:
                waiting.extend((found, False) for found in _objects(schema, field))
    return exposed


def _objects(schema: GraphQLSchema, field: GraphQLField) -> list[GraphQLObjectType]:
    named = get_named_type(field.type)
    if is_abstract_type(named):
        return list(schema.get_possible_types(named))
    return [named] if is_object_type(named) else []
