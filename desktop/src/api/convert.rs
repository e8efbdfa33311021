//! From the generated types, one module per operation, to our own model.
//!
//! Text from the gateway is made safe for a terminal here: control characters (an escape sequence
//! in a message, a line break in an SMS) become spaces before anything can print them.

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

/// Reads the `data` of a query's answer or of a subscription's event.
///
/// # Errors
/// When a field that the compiled schema promises is missing or has another type.
pub fn update(area: Area, data: Value, pushed: bool) -> Result<Update, serde_json::Error> {
    macro_rules! read {
        ($module:ident, $field:ident) => {
            serde_json::from_value::<ops::$module::ResponseData>(data)?.$field
        };
    }
    Ok(match (area, pushed) {
        (Area::Negotiation, false) => Update::Negotiation(
            read!(terminal_negotiation, negotiation).map(|value| Box::new(value.into())),
        ),
        (Area::Negotiation, true) => Update::Negotiation(Some(Box::new(
            read!(terminal_negotiation_updated, negotiation_updated).into(),
        ))),
        (Area::Invoices, false) => Update::Invoices(read!(terminal_invoices, invoices).into()),
        (Area::Invoices, true) => {
            Update::Invoices(read!(terminal_invoices_updated, invoices_updated).into())
        }
        (Area::Notifications, false) => {
            Update::Notifications(read!(terminal_notifications, notifications).into())
        }
        (Area::Notifications, true) => Update::Notifications(
            read!(terminal_notifications_updated, notifications_updated).into(),
        ),
        (Area::Health, false) => Update::Health(Box::new(read!(terminal_health, health).into())),
        (Area::Health, true) => Update::Health(Box::new(
            read!(terminal_health_updated, health_updated).into(),
        )),
        (Area::Queue, false) => {
            Update::Queue(Box::new(read!(terminal_queue, notification_queue).into()))
        }
        (Area::Queue, true) => Update::Queue(Box::new(
            read!(terminal_queue_updated, notification_queue_updated).into(),
        )),
        (Area::Firings, false) => Update::Firings(read!(terminal_firings, rule_firings).into()),
        (Area::Firings, true) => {
            Update::Firings(read!(terminal_firings_updated, rule_firings_updated).into())
        }
        (Area::Offers, false) => {
            Update::Offers(read!(terminal_offers, negotiation).map(|value| Box::new(value.into())))
        }
        (Area::Offers, true) => Update::Offers(Some(Box::new(
            read!(terminal_offers_updated, negotiation_updated).into(),
        ))),
    })
}

/// `From` for types that have the same fields on both sides.
macro_rules! same_fields {
    ($module:ident: $($generated:ident => $model:ident { $($field:ident $(: $via:ident)?),+ })+) => {$(
        impl From<ops::$module::$generated> for $model {
            fn from(value: ops::$module::$generated) -> Self {
                Self { $($field: same_fields!(@convert value.$field $(, $via)?),)+ }
            }
        }
    )+};
    (@convert $value:expr) => { $value };
    (@convert $value:expr, text) => { clean($value) };
    (@convert $value:expr, opt_text) => { $value.map(clean) };
    (@convert $value:expr, at) => { $value.0 };
    (@convert $value:expr, opt_at) => { $value.map(|instant| instant.0) };
    (@convert $value:expr, one) => { $value.into() };
    (@convert $value:expr, opt) => { $value.map(Into::into) };
    (@convert $value:expr, all) => { $value.into_iter().map(Into::into).collect() };
}

macro_rules! convert_negotiation {
    ($module:ident) => {
        impl From<ops::$module::NegotiationFields> for Negotiation {
            fn from(value: ops::$module::NegotiationFields) -> Self {
                Self {
                    id: value.id,
                    name: clean(value.name),
                    vendor: clean(value.vendor),
                    buyer: clean(value.buyer),
                    currency: clean(value.currency),
                    status: value.status,
                    version: value.version,
                    provenance: value.provenance,
                    as_of: value.as_of.0,
                    usage_from: value.usage_from,
                    usage_to: value.usage_to,
                    dates: value.dates.map(Into::into),
                    envelope: value.envelope.into(),
                    streams: value.streams.into_iter().map(Into::into).collect(),
                    ladder: value.ladder.map(Into::into),
                    trailing: value.trailing90.into(),
                    daily_spend: value.daily_spend.into_iter().map(Into::into).collect(),
                    milestones: value.milestones.into_iter().map(Into::into).collect(),
                }
            }
        }

        same_fields! { $module:
            NegotiationFieldsDates => ContractDates { start, end, last_notice_day, auto_renews }
            NegotiationFieldsEnvelope => Envelope {
                currency: text, revenue, expense, list_revenue, current_margin, floor_margin,
                target_margin, ceiling_margin, floor_revenue, target_revenue, ceiling_revenue,
                discount_at_floor_margin, discount_at_target_margin, discount_at_ceiling_margin,
                warnings: all, trace: all
            }
            NegotiationFieldsEnvelopeWarnings => Notice { code: text, message: text, field: opt_text }
            NegotiationFieldsEnvelopeTrace => TraceStep { id, label: text, formula: text, value: text }
            NegotiationFieldsStreams => Stream {
                name: text, side, unit: text, volume, unit_price, list_unit_price, amount, list_amount
            }
            NegotiationFieldsLadder => Ladder { basis, application, window_days, tiers: all }
            NegotiationFieldsLadderTiers => LadderTier { name: text, threshold, discount }
            NegotiationFieldsTrailing90 => TrailingSpend {
                from, to, amount, basis, tier: opt, next_tier: opt, to_next_tier, missing_days
            }
            NegotiationFieldsTrailing90Tier => LadderTier { name: text, threshold, discount }
            NegotiationFieldsTrailing90NextTier => LadderTier { name: text, threshold, discount }
            NegotiationFieldsDailySpend => DailySpend { date, list, net, billed, rows }
            NegotiationFieldsMilestones => Milestone {
                id, name: text, owner_role: text, due_on, status, late
            }
        }
    };
}

macro_rules! convert_offers {
    ($module:ident) => {
        impl From<ops::$module::OfferListFields> for OfferList {
            fn from(value: ops::$module::OfferListFields) -> Self {
                let mut offers: Vec<Offer> = value
                    .rounds
                    .into_iter()
                    .flat_map(|round| round.offers)
                    .map(Into::into)
                    .collect();
                offers.sort_by_key(|offer| Reverse((offer.round, offer.created_at)));
                Self {
                    id: value.id,
                    currency: clean(value.currency),
                    offers,
                }
            }
        }

        same_fields! { $module:
            OfferListFieldsRoundsOffers => Offer {
                id, round, from, status, title: text, valid_until, created_at: at, evaluation: one,
                lint: all, terms: all
            }
            OfferListFieldsRoundsOffersEvaluation => Evaluation {
                months, list_cost, cash, npv, shortfall, credits, effective_discount,
                headline_discount, cost_p10, cost_p50, cost_p90, shortfall_probability,
                expected_shortfall, break_even_spend, verdict, reasons: all
            }
            OfferListFieldsRoundsOffersEvaluationReasons => Notice {
                code: text, message: text, field: opt_text
            }
            OfferListFieldsRoundsOffersLint => TermFinding {
                code: text, severity, message: text, amount, clause: opt_text
            }
            OfferListFieldsRoundsOffersTermsOnLadderTermTiers => LadderTier {
                name: text, threshold, discount
            }
            OfferListFieldsRoundsOffersTermsOnRampTermSteps => RampStep { from_month, commitment }
        }

        impl From<ops::$module::OfferListFieldsRoundsOffersTerms> for Term {
            fn from(value: ops::$module::OfferListFieldsRoundsOffersTerms) -> Self {
                use ops::$module::OfferListFieldsRoundsOffersTerms as Wire;
                let (clause, body) = match value {
                    Wire::RateTerm(term) => (
                        term.clause,
                        TermBody::Rate {
                            scope: term.sku.or(term.family).map(clean),
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
                            topic: clean(term.topic),
                            weight: term.weight,
                        },
                    ),
                    Wire::Unknown => (None, TermBody::Unknown),
                };
                Self {
                    clause: clause.map(clean),
                    body,
                }
            }
        }
    };
}

macro_rules! convert_invoices {
    ($module:ident) => {
        impl From<ops::$module::InvoiceListFields> for InvoiceList {
            fn from(value: ops::$module::InvoiceListFields) -> Self {
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

        same_fields! { $module:
            InvoiceListFieldsTotals => InvoiceTotals {
                currency: text, amount, outstanding, disputed, count
            }
            InvoiceListFieldsEdgesNode => Invoice {
                id, number: text, period_start, period_end, issued_on, amount, currency: text,
                status, provenance, disputed_amount, dispute_reason: opt_text, lines: all,
                findings: all
            }
            InvoiceListFieldsEdgesNodeLines => InvoiceLine {
                number, sku: opt_text, description: text, quantity, unit_price, amount
            }
            InvoiceListFieldsEdgesNodeFindings => InvoiceFinding {
                code: text, line, expected, billed, delta, message: text
            }
        }
    };
}

macro_rules! convert_notifications {
    ($module:ident) => {
        impl From<ops::$module::NotificationListFields> for NotificationList {
            fn from(value: ops::$module::NotificationListFields) -> Self {
                let mut notifications: Vec<Notification> =
                    value.edges.into_iter().map(|edge| edge.node.into()).collect();
                notifications.sort_by_key(|notification| Reverse(notification.queued_at));
                Self { total_count: value.total_count, notifications }
            }
        }

        same_fields! { $module:
            NotificationListFieldsEdgesNode => Notification {
                id, channel, to: text, body: text, status, attempts, error: opt, queued_at: at,
                updated_at: at, due_at: opt_at, priority, expires_at: opt_at, segments, price,
                currency: text, history: all
            }
            NotificationListFieldsEdgesNodeHistory => NotificationAttempt {
                number, outcome, started_at: at, ended_at: at, looked_up, error: opt
            }
            NotificationListFieldsEdgesNodeHistoryError => Notice {
                code: text, message: text, field: opt_text
            }
            NotificationListFieldsEdgesNodeError => Notice { code: text, message: text, field: opt_text }
        }
    };
}

macro_rules! convert_queue {
    ($module:ident) => {
        same_fields! { $module:
            QueueFields => NotificationQueue {
                pause: opt, waiting, scheduled, oldest_at: opt_at, failed, unconfirmed, sent, spent,
                budget, currency: text, ready, circuit, probe_in
            }
            QueueFieldsPause => Pause { reason: text, by: text, since: at }
        }
    };
}

macro_rules! convert_firings {
    ($module:ident) => {
        impl From<ops::$module::FiringListFields> for FiringList {
            fn from(value: ops::$module::FiringListFields) -> Self {
                let mut firings: Vec<RuleFiring> =
                    value.edges.into_iter().map(|edge| edge.node.into()).collect();
                firings.sort_by_key(|firing| Reverse(firing.at));
                Self { total_count: value.total_count, firings }
            }
        }

        same_fields! { $module:
            FiringListFieldsEdgesNode => RuleFiring {
                id, rule_name: text, subject: text, at: at, body: text, outcome, held_back: all, test
            }
            FiringListFieldsEdgesNodeHeldBack => Notice { code: text, message: text, field: opt_text }
        }
    };
}

macro_rules! convert_health {
    ($module:ident) => {
        same_fields! { $module:
            HealthFields => Health {
                status, queue_depth, oldest_queued_seconds, revision, provenance, as_of: at,
                banner: opt, schema_version: one, components: all
            }
            HealthFieldsBanner => Notice { code: text, message: text, field: opt_text }
            HealthFieldsSchemaVersion => SchemaVersion { version: text, sdl_sha256: text }
            HealthFieldsComponents => HealthComponent {
                name: text, status, mode: text, message: text, last_ok_at: opt_at, latency_ms,
                last_error: opt
            }
            HealthFieldsComponentsLastError => Notice { code: text, message: text, field: opt_text }
        }
    };
}

convert_negotiation!(terminal_negotiation);
convert_negotiation!(terminal_negotiation_updated);
convert_invoices!(terminal_invoices);
convert_invoices!(terminal_invoices_updated);
convert_notifications!(terminal_notifications);
convert_notifications!(terminal_notifications_updated);
convert_health!(terminal_health);
convert_health!(terminal_health_updated);
convert_firings!(terminal_firings);
convert_firings!(terminal_firings_updated);
convert_queue!(terminal_queue);
convert_queue!(terminal_queue_updated);
convert_offers!(terminal_offers);
convert_offers!(terminal_offers_updated);
