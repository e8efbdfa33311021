//! From the generated types, one module per document, to our own model.
//!
//! Text from the gateway is made safe for a terminal here, whatever field it stands in: control
//! characters (an escape sequence in a message, a line break in an SMS) become spaces before
//! anything can print them.

use super::operations as ops;
use crate::model::{
    Area, ContractDates, DailySpend, Envelope, Evaluation, FiringList, Health, HealthComponent,
    Invoice, InvoiceFinding, InvoiceLine, InvoiceList, InvoiceTotals, Ladder, LadderTier,
    Milestone, Negotiation, Notice, Notification, NotificationAttempt, NotificationList,
    NotificationQueue, Offer, OfferList, Pause, RampStep, RuleFiring, SchemaVersion, Stream, Term,
    TermBody, TermFinding, TraceStep, TrailingSpend, Update,
};
use serde_json::Value;
use std::cmp::Reverse;

/// Text that cannot move the cursor, change colours or reorder the line.
pub fn clean(text: String) -> String {
    let unsafe_char = |c: char| {
        c.is_control()
            || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    if text.contains(unsafe_char) {
        text.replace(unsafe_char, " ")
    } else {
        text
    }
}

fn clean_all(value: &mut Value) {
    match value {
        Value::String(text) => *text = clean(std::mem::take(text)),
        Value::Array(items) => items.iter_mut().for_each(clean_all),
        Value::Object(fields) => fields.values_mut().for_each(clean_all),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Reads the `data` of a query's answer or of a subscription's event: both have one shape.
///
/// # Errors
/// When a field that the compiled schema promises is missing or has another type.
pub fn update(area: Area, mut data: Value) -> Result<Update, serde_json::Error> {
    clean_all(&mut data);
    macro_rules! read {
        ($module:ident, $field:ident) => {
            serde_json::from_value::<ops::$module::ResponseData>(data)?.$field
        };
    }
    Ok(match area {
        Area::Negotiation => Update::Negotiation(
            read!(terminal_negotiation, negotiation).map(|value| Box::new(value.into())),
        ),
        Area::Invoices => Update::Invoices(read!(terminal_invoices, invoices).into()),
        Area::Notifications => {
            Update::Notifications(read!(terminal_notifications, notifications).into())
        }
        Area::Health => Update::Health(Box::new(read!(terminal_health, health).into())),
        Area::Queue => Update::Queue(Box::new(read!(terminal_queue, notification_queue).into())),
        Area::Firings => Update::Firings(read!(terminal_firings, rule_firings).into()),
        Area::Offers => {
            Update::Offers(read!(terminal_offers, negotiation).map(|value| Box::new(value.into())))
        }
    })
}

/// `From` for types that have the same fields on both sides: `ours`, `ours: how`, or
/// `ours: how = theirs` where the names differ.
macro_rules! same_fields {
    ($module:ident: $($generated:ident => $model:ident {
        $($field:ident $(: $via:ident $(= $wire:ident)?)?),+
    })+) => {$(
        impl From<ops::$module::$generated> for $model {
            fn from(value: ops::$module::$generated) -> Self {
                Self { $($field: same_fields!(
                    @convert same_fields!(@of value $field $($($wire)?)?) $(, $via)?
                ),)+ }
            }
        }
    )+};
    (@of $value:ident $field:ident) => { $value.$field };
    (@of $value:ident $field:ident $wire:ident) => { $value.$wire };
    (@convert $value:expr) => { $value };
    (@convert $value:expr, at) => { $value.0 };
    (@convert $value:expr, opt_at) => { $value.map(|instant| instant.0) };
    (@convert $value:expr, one) => { $value.into() };
    (@convert $value:expr, opt) => { $value.map(Into::into) };
    (@convert $value:expr, all) => { $value.into_iter().map(Into::into).collect() };
}

same_fields! { terminal_negotiation:
    NegotiationFields => Negotiation {
        id, name, vendor, buyer, currency, status, version, provenance, as_of: at, usage_from,
        usage_to, dates: opt, envelope: one, streams: all, ladder: opt,
        trailing: one = trailing90, daily_spend: all, milestones: all
    }
    NegotiationFieldsDates => ContractDates { start, end, last_notice_day, auto_renews }
    NegotiationFieldsEnvelope => Envelope {
        currency, revenue, expense, list_revenue, current_margin, floor_margin,
        target_margin, ceiling_margin, floor_revenue, target_revenue, ceiling_revenue,
        discount_at_floor_margin, discount_at_target_margin, discount_at_ceiling_margin,
        warnings: all, trace: all
    }
    NegotiationFieldsEnvelopeWarnings => Notice { code, message, field }
    NegotiationFieldsEnvelopeTrace => TraceStep { id, label, formula, value }
    NegotiationFieldsStreams => Stream {
        name, side, unit, volume, unit_price, list_unit_price, amount, list_amount
    }
    NegotiationFieldsLadder => Ladder { basis, application, window_days, tiers: all }
    NegotiationFieldsTrailing90 => TrailingSpend {
        from, to, amount, basis, tier: opt, next_tier: opt, to_next_tier, missing_days
    }
    TierFields => LadderTier { name, threshold, discount }
    NegotiationFieldsDailySpend => DailySpend { date, list, net, billed, rows }
    NegotiationFieldsMilestones => Milestone { id, name, owner_role, due_on, status, late }
}

impl From<ops::terminal_offers::OfferListFields> for OfferList {
    fn from(value: ops::terminal_offers::OfferListFields) -> Self {
        let mut offers: Vec<Offer> = value
            .rounds
            .into_iter()
            .flat_map(|round| round.offers)
            .map(Into::into)
            .collect();
        offers.sort_by_key(|offer| Reverse((offer.round, offer.created_at)));
        Self {
            id: value.id,
            currency: value.currency,
            offers,
        }
    }
}

same_fields! { terminal_offers:
    OfferListFieldsRoundsOffers => Offer {
        id, round, from, status, title, valid_until, created_at: at, evaluation: one,
        lint: all, terms: all
    }
    OfferListFieldsRoundsOffersEvaluation => Evaluation {
        months, list_cost, cash, npv, shortfall, credits, effective_discount,
        headline_discount, cost_p10, cost_p50, cost_p90, shortfall_probability,
        expected_shortfall, break_even_spend, verdict, reasons: all
    }
    OfferListFieldsRoundsOffersEvaluationReasons => Notice { code, message, field }
    OfferListFieldsRoundsOffersLint => TermFinding { code, severity, message, amount, clause }
    OfferListFieldsRoundsOffersTermsOnLadderTermTiers => LadderTier { name, threshold, discount }
    OfferListFieldsRoundsOffersTermsOnRampTermSteps => RampStep { from_month, commitment }
}

impl From<ops::terminal_offers::OfferListFieldsRoundsOffersTerms> for Term {
    fn from(value: ops::terminal_offers::OfferListFieldsRoundsOffersTerms) -> Self {
        use ops::terminal_offers::OfferListFieldsRoundsOffersTerms as Wire;
        let (clause, body) = match value {
            Wire::RateTerm(term) => (
                term.clause,
                TermBody::Rate {
                    scope: term.sku.or(term.family),
                    unit_price: term.unit_price,
                    discount: term.rate_discount,
                    locked: term.locked,
                },
            ),
            Wire::LadderTerm(term) => (
                term.clause,
                TermBody::Ladder {
                    basis: term.basis,
                    application: term.application,
                    window_days: term.window_days,
                    tiers: term.tiers.into_iter().map(Into::into).collect(),
                },
            ),
            Wire::CommitmentTerm(term) => (
                term.clause,
                TermBody::Commitment {
                    amount: term.commitment,
                    interval: term.interval,
                },
            ),
            Wire::CreditTerm(term) => (
                term.clause,
                TermBody::Credit {
                    amount: term.credit,
                    invoice_share: term.invoice_share,
                    invoice_count: term.invoice_count,
                    expires_on: term.expires_on,
                },
            ),
            Wire::RampTerm(term) => (
                term.clause,
                TermBody::Ramp {
                    steps: term.steps.into_iter().map(Into::into).collect(),
                },
            ),
            Wire::PaymentTerm(term) => (
                term.clause,
                TermBody::Payment {
                    net_days: term.net_days,
                },
            ),
            Wire::ShortfallTerm(term) => (
                term.clause,
                TermBody::Shortfall {
                    outcome: term.outcome,
                    percent: term.percent,
                },
            ),
            Wire::RenewalTerm(term) => (
                term.clause,
                TermBody::Renewal {
                    start: term.start,
                    term_months: term.term_months,
                    notice_days: term.notice_days,
                    auto_renew: term.auto_renew,
                },
            ),
            Wire::PriceProtectionTerm(term) => (
                term.clause,
                TermBody::PriceProtection {
                    max_increase: term.max_increase,
                },
            ),
            Wire::QualitativeTerm(term) => (
                term.clause,
                TermBody::Qualitative {
                    topic: term.topic,
                    weight: term.weight,
                },
            ),
            Wire::Unknown => (None, TermBody::Unknown),
        };
        Self { clause, body }
    }
}

impl From<ops::terminal_invoices::InvoiceListFields> for InvoiceList {
    fn from(value: ops::terminal_invoices::InvoiceListFields) -> Self {
        let mut invoices: Vec<Invoice> = value
            .edges
            .into_iter()
            .map(|edge| edge.node.into())
            .collect();
        invoices.sort_by_key(|invoice| Reverse((invoice.period_end, invoice.issued_on)));
        Self {
            total_count: value.total_count,
            totals: value.totals.into_iter().map(Into::into).collect(),
            invoices,
        }
    }
}

same_fields! { terminal_invoices:
    InvoiceListFieldsTotals => InvoiceTotals { currency, amount, outstanding, disputed, count }
    InvoiceListFieldsEdgesNode => Invoice {
        id, number, period_start, period_end, issued_on, amount, currency,
        status, provenance, disputed_amount, dispute_reason, lines: all,
        findings: all
    }
    InvoiceListFieldsEdgesNodeLines => InvoiceLine {
        number, sku, description, quantity, unit_price, amount
    }
    InvoiceListFieldsEdgesNodeFindings => InvoiceFinding {
        code, line, expected, billed, delta, message
    }
}

impl From<ops::terminal_notifications::NotificationListFields> for NotificationList {
    fn from(value: ops::terminal_notifications::NotificationListFields) -> Self {
        let mut notifications: Vec<Notification> = value
            .edges
            .into_iter()
            .map(|edge| edge.node.into())
            .collect();
        notifications.sort_by_key(|notification| Reverse(notification.queued_at));
        Self {
            total_count: value.total_count,
            notifications,
        }
    }
}

same_fields! { terminal_notifications:
    NotificationListFieldsEdgesNode => Notification {
        id, channel, to, body, status, attempts, error: opt, queued_at: at,
        updated_at: at, due_at: opt_at, priority, expires_at: opt_at, segments, price,
        currency, history: all
    }
    NotificationListFieldsEdgesNodeHistory => NotificationAttempt {
        number, outcome, started_at: at, ended_at: at, looked_up, error: opt
    }
    NoticeFields => Notice { code, message, field }
}

same_fields! { terminal_queue:
    QueueFields => NotificationQueue {
        pause: opt, waiting, scheduled, oldest_at: opt_at, failed, unconfirmed, sent, spent,
        budget, currency, ready, circuit, probe_in
    }
    QueueFieldsPause => Pause { reason, by, since: at }
}

impl From<ops::terminal_firings::FiringListFields> for FiringList {
    fn from(value: ops::terminal_firings::FiringListFields) -> Self {
        let mut firings: Vec<RuleFiring> = value
            .edges
            .into_iter()
            .map(|edge| edge.node.into())
            .collect();
        firings.sort_by_key(|firing| Reverse(firing.at));
        Self {
            total_count: value.total_count,
            firings,
        }
    }
}

same_fields! { terminal_firings:
    FiringListFieldsEdgesNode => RuleFiring {
        id, rule_name, subject, at: at, body, outcome, held_back: all, test
    }
    FiringListFieldsEdgesNodeHeldBack => Notice { code, message, field }
}

same_fields! { terminal_health:
    HealthFields => Health {
        status, queue_depth, oldest_queued_seconds, revision, provenance, as_of: at,
        banner: opt, schema_version: one, components: all
    }
    HealthFieldsSchemaVersion => SchemaVersion { version, sdl_sha256 }
    HealthFieldsComponents => HealthComponent {
        name, status, mode, message, last_ok_at: opt_at, latency_ms,
        last_error: opt
    }
    NoticeFields => Notice { code, message, field }
}
