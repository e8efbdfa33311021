//! A negotiation with something of everything, as the gateway would answer it.

use chrono::{Days, NaiveDate};
use serde_json::{Value, json};
use twilio_negotiation_desktop::model::Area;

/// The field that answers an area's query, and the sample in it.
pub fn of(area: Area) -> (&'static str, Value) {
    match area {
        Area::Negotiation => ("negotiation", negotiation()),
        Area::Invoices => ("invoices", invoices()),
        Area::Notifications => ("notifications", notifications()),
        Area::Health => ("health", health()),
        Area::Queue => ("notificationQueue", queue()),
        Area::Firings => ("ruleFirings", firings()),
        Area::Offers => ("negotiation", offers()),
    }
}

fn tier(name: &str, threshold: &str, discount: &str) -> Value {
    json!({ "name": name, "threshold": threshold, "discount": discount })
}

fn daily_spend() -> Vec<Value> {
    let first = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
    (0..90_u64)
        .filter(|day| !matches!(day, 33 | 34))
        .map(|day| {
            // A week's rhythm, slow growth and one surge; whole cents.
            let weekday = [1_00, 1_10, 1_12, 1_08, 96, 52, 48][(day % 7) as usize];
            let surge = if (61..64).contains(&day) { 2 } else { 1 };
            let list = (3_900 + day * 23) * weekday * surge;
            let net = list * 63 / 100;
            let amount = |cents: u64| format!("{}.{:02}", cents / 100, cents % 100);
            let billed = if day > 84 {
                Value::Null
            } else {
                json!(amount(net))
            };
            json!({
                "date": first + Days::new(day),
                "list": amount(list),
                "net": amount(net),
                "billed": billed,
                "rows": 120 + day % 9,
            })
        })
        .collect()
}

#[allow(clippy::too_many_arguments)]
fn offer(
    id: &str,
    round: i64,
    from: &str,
    status: &str,
    title: &str,
    cash: &str,
    effective: &str,
    headline: &str,
    risk: &str,
    verdict: &str,
) -> Value {
    json!({
        "id": id,
        "round": round,
        "from": from,
        "status": status,
        "title": title,
        "validUntil": "2026-05-31",
        "createdAt": format!("2026-03-{:02}T09:30:00Z", 10 + round),
        "evaluation": {
            "months": 12,
            "listCost": "1860000.00",
            "cash": cash,
            "npv": "1074267.37",
            "shortfall": "28200.00",
            "credits": "50000.00",
            "effectiveDiscount": effective,
            "headlineDiscount": headline,
            "costP10": "1098000.00",
            "costP50": "1150000.00",
            "costP90": "1241000.00",
            "shortfallProbability": risk,
            "expectedShortfall": "31250.00",
            "breakEvenSpend": "1920000.00",
            "verdict": verdict,
            "reasons": [{
                "code": "SHORTFALL_PROB_ABOVE_LIMIT",
                "message": "The commitment is missed in more than one of ten runs.",
                "field": null,
            }],
        },
        "lint": [{
            "code": "DEFINITION_CONFLICT",
            "severity": "WARNING",
            "message": "Two clauses define trailing spend, once on list and once on net.",
            "amount": "492800.00",
            "clause": "4.2",
        }],
        "terms": [
            { "__typename": "LadderTerm", "clause": "4.1", "basis": "LIST",
              "application": "CLIFF", "windowDays": 90,
              "tiers": [tier("A", "0", "0.32"), tier("B", "250000", "0.37"), tier("C", "1000000", "0.45")] },
            { "__typename": "CommitmentTerm", "clause": "5", "commitment": "1200000.00", "interval": "ANNUAL" },
            { "__typename": "CreditTerm", "clause": null, "credit": "50000.00", "invoiceShare": null,
              "invoiceCount": null, "expiresOn": "2026-12-31" },
            { "__typename": "PaymentTerm", "clause": "7.3", "netDays": 30 },
        ],
    })
}

pub fn negotiation() -> Value {
    json!({
        "id": "negotiation-1",
        "name": "Portfolio renewal 2026",
        "vendor": "Twilio",
        "buyer": "Northwind Telecare",
        "currency": "USD",
        "status": "OPEN",
        "version": 7,
        "provenance": "FIXTURE",
        "asOf": "2026-04-01T11:59:30Z",
        "usageFrom": "2026-01-01",
        "usageTo": "2026-03-31",
        "dates": { "start": "2025-09-15", "end": "2027-09-15", "lastNoticeDay": "2027-07-17", "autoRenews": true },
        "envelope": {
            "currency": "USD",
            "revenue": "990.00",
            "expense": "270.00",
            "listRevenue": "1300.00",
            "currentMargin": "0.7273",
            "floorMargin": "0.6500",
            "targetMargin": "0.7000",
            "ceilingMargin": "0.7500",
            "floorRevenue": "771.43",
            "targetRevenue": "900.00",
            "ceilingRevenue": "1080.00",
            "discountAtFloorMargin": "0.4066",
            "discountAtTargetMargin": "0.3077",
            "discountAtCeilingMargin": "0.1692",
            "warnings": [{ "code": "LIST_ESTIMATED", "message": "One stream has no list price; its own price is used.", "field": "listRevenue" }],
            "trace": [
                { "id": "revenue", "label": "Revenue", "formula": "sum of unit price x volume over the revenue streams", "value": "990.00" },
                { "id": "expense", "label": "Expense", "formula": "sum of unit price x volume over the expense streams", "value": "270.00" },
                { "id": "margin", "label": "Current margin", "formula": "(revenue - expense) / revenue", "value": "0.7273" },
            ],
        },
        "streams": [
            { "name": "sms", "side": "REVENUE", "unit": "segment", "volume": "100000", "unitPrice": "0.0075", "listUnitPrice": "0.0100", "amount": "750.00", "listAmount": "1000.00" },
            { "name": "voice", "side": "REVENUE", "unit": "minute", "volume": "20000", "unitPrice": "0.012", "listUnitPrice": "0.015", "amount": "240.00", "listAmount": "300.00" },
            { "name": "sms carrier", "side": "EXPENSE", "unit": "segment", "volume": "100000", "unitPrice": "0.002", "listUnitPrice": "0.002", "amount": "200.00", "listAmount": "200.00" },
            { "name": "voice carrier", "side": "EXPENSE", "unit": "minute", "volume": "20000", "unitPrice": "0.0035", "listUnitPrice": "0.0035", "amount": "70.00", "listAmount": "70.00" },
        ],
        "ladder": {
            "basis": "LIST", "application": "CLIFF", "windowDays": 90,
            "tiers": [tier("A", "0", "0.32"), tier("B", "250000", "0.37"), tier("C", "1000000", "0.45")],
        },
        "trailing90": {
            "from": "2026-01-01", "to": "2026-03-31", "amount": "412345.67", "basis": "LIST",
            "tier": tier("B", "250000", "0.37"),
            "nextTier": tier("C", "1000000", "0.45"),
            "toNextTier": "587654.33",
            "missingDays": ["2026-02-03", "2026-02-04"],
        },
        "dailySpend": daily_spend(),
        "milestones": [
            { "id": "m1", "name": "Forecast agreed with finance", "ownerRole": "analyst", "dueOn": "2026-02-27", "status": "APPROVED", "late": false },
            { "id": "m2", "name": "Legal review of the ladder", "ownerRole": "approver", "dueOn": "2026-03-20", "status": "PENDING", "late": true },
            { "id": "m3", "name": "Signature", "ownerRole": "approver", "dueOn": "2026-05-29", "status": "PENDING", "late": false },
        ],
    })
}

/// The same negotiation as the offers' documents ask for it.
pub fn offers() -> Value {
    json!({
        "id": "negotiation-1",
        "currency": "USD",
        "rounds": [
            { "number": 1, "offers": [offer("o1", 1, "VENDOR", "SUPERSEDED", "45 % flat, commit 1.5M", "1500000.00", "0.1935", "0.4500", "0.9300", "REJECT")] },
            { "number": 2, "offers": [
                offer("o2", 2, "VENDOR", "PROPOSED", "Ladder on list, commit 1.2M", "1150000.00", "0.3817", "0.4500", "0.1200", "COUNTER"),
                offer("o3", 2, "BUYER", "PROPOSED", "32 % flat, no commitment", "1264800.00", "0.3200", "0.3200", "0.0000", "ACCEPT"),
            ] },
        ],
    })
}

fn invoice(number: &str, month: u32, amount: &str, status: &str, disputed: Option<&str>) -> Value {
    let start = NaiveDate::from_ymd_opt(2026, month, 1).unwrap();
    let next = NaiveDate::from_ymd_opt(2026, month + 1, 1).unwrap();
    let findings = match disputed {
        None => json!([]),
        Some(_) => json!([{
            "code": "WRONG_TIER", "line": 1, "expected": "88200.00", "billed": "95200.00",
            "delta": "7000.00", "message": "Rated at 32 % although the trailing spend had reached tier B.",
        }]),
    };
    json!({ "node": {
        "id": format!("invoice-{number}"),
        "number": number,
        "periodStart": start,
        "periodEnd": next.pred_opt().unwrap(),
        "issuedOn": next,
        "amount": amount,
        "currency": "USD",
        "status": status,
        "provenance": "FIXTURE",
        "disputedAmount": disputed,
        "disputeReason": disputed.map(|_| "Wrong tier in line 1"),
        "lines": [
            { "number": 1, "sku": "sms.outbound.us", "description": "Outbound SMS, US", "quantity": "14000000", "unitPrice": "0.0068", "amount": "95200.00" },
            { "number": 2, "sku": null, "description": "Carrier fees (pass-through)", "quantity": null, "unitPrice": null, "amount": "24310.55" },
        ],
        "findings": findings,
    }})
}

pub fn invoices() -> Value {
    json!({
        "totalCount": 3,
        "totals": [{ "currency": "USD", "amount": "371204.65", "outstanding": "119510.55", "disputed": "7000.00", "count": 3 }],
        "edges": [
            invoice("INV-2026-01", 1, "127193.55", "PAID", None),
            invoice("INV-2026-02", 2, "124500.55", "DISPUTED", Some("7000.00")),
            invoice("INV-2026-03", 3, "119510.55", "OPEN", None),
        ],
    })
}

pub fn notifications() -> Value {
    json!({
        "totalCount": 2,
        "edges": [
            { "node": {
                "id": "n1", "channel": "SMS", "to": "+1•••••1234", "body": "Margin 72.73 %: above target.\nNext tier in 587,654.33 USD.",
                "status": "QUEUED", "attempts": 0, "error": null,
                "queuedAt": "2026-04-01T11:42:00Z", "updatedAt": "2026-04-01T11:42:00Z",
                "dueAt": null, "priority": "HIGH", "expiresAt": "2026-04-02T11:42:00Z",
                "segments": 2, "price": "0.0158", "currency": "USD", "history": [],
            } },
            { "node": {
                "id": "n2", "channel": "SMS", "to": "+1•••••9876", "body": "Round 2 is open.",
                "status": "FAILED", "attempts": 2,
                "error": { "code": "TWILIO_21610", "message": "The recipient has opted out.", "field": null },
                "queuedAt": "2026-03-30T08:00:00Z", "updatedAt": "2026-03-30T08:00:09Z",
                "dueAt": null, "priority": "NORMAL", "expiresAt": null,
                "segments": 1, "price": "0.0079", "currency": "USD",
                "history": [
                    { "number": 1, "outcome": "POSTPONED", "startedAt": "2026-03-30T08:00:00Z",
                      "endedAt": "2026-03-30T08:00:00.240Z", "lookedUp": false,
                      "error": { "code": "20429", "message": "Twilio asks for a slower pace.", "field": null } },
                    { "number": 2, "outcome": "REFUSED", "startedAt": "2026-03-30T08:00:08.900Z",
                      "endedAt": "2026-03-30T08:00:09Z", "lookedUp": false,
                      "error": { "code": "21610", "message": "The recipient has opted out.", "field": null } },
                ],
            } },
        ],
    })
}

pub fn queue() -> Value {
    json!({
        "pause": { "reason": "Twilio's prices are checked", "by": "anna", "since": "2026-04-01T11:30:00Z" },
        "waiting": 1, "scheduled": 2, "oldestAt": "2026-04-01T11:42:00Z", "failed": 1,
        "unconfirmed": 0, "sent": 14, "spent": "0.1106", "budget": "25.00", "currency": "USD",
        "ready": true, "circuit": "CLOSED", "probeIn": null,
    })
}

pub fn firings() -> Value {
    json!({
        "totalCount": 1,
        "edges": [{ "node": {
            "id": "f1", "ruleName": "Tier about to change", "subject": "B to C", "at": "2026-04-01T11:40:00Z",
            "body": "Tier C is 587,654.33 USD away.", "outcome": "HELD_BACK",
            "heldBack": [{ "code": "DAILY_CAP", "message": "Ten a day are enough.", "field": null }],
            "test": false,
        } }],
    })
}

pub fn health() -> Value {
    let component = |name: &str, status: &str, mode: &str, message: &str, latency: Option<i64>| {
        json!({
            "name": name, "status": status, "mode": mode, "message": message,
            "lastOkAt": latency.map(|_| "2026-04-01T11:59:50Z"), "latencyMs": latency, "lastError": null,
        })
    };
    json!({
        "status": "DEGRADED",
        "queueDepth": 1,
        "oldestQueuedSeconds": 1080,
        "revision": 42,
        "provenance": "FIXTURE",
        "asOf": "2026-04-01T11:59:58Z",
        "banner": { "code": "NO_CREDENTIALS", "message": "No Twilio credentials: notifications wait in the queue.", "field": null },
        "schemaVersion": {
            "version": twilio_negotiation_desktop::api::operations::schema_version(),
            "sdlSha256": twilio_negotiation_desktop::api::operations::SCHEMA_SHA256,
        },
        "components": [
            component("store", "OK", "sqlite", "revision 42", Some(1)),
            component("supabase", "DEGRADED", "fixture", "no credentials: the local store is used", None),
            component("twilio", "DEGRADED", "queue", "no credentials: messages wait", None),
            component("outbox", "OK", "local", "1 waiting", Some(0)),
            component("live", "OK", "hub", "3 subscribers", Some(0)),
        ],
    })
}
