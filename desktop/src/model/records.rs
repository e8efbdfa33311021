//! Plain data, as the gateway answers it: exact decimals, no arithmetic.

use super::words::{
    AttemptOutcome, CircuitState, FiringOutcome, FulfilmentInterval, HealthStatus, InvoiceStatus,
    LadderApplication, LadderBasis, MilestoneStatus, NegotiationStatus, NotificationChannel,
    NotificationPriority, NotificationStatus, OfferStatus, Party, Provenance, Severity,
    ShortfallOutcome, StreamSide, Verdict,
};
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Of a message in a cache that was written before messages had one.
fn normal() -> NotificationPriority {
    NotificationPriority::Normal
}

/// Declares plain data: one derive line for all of them.
macro_rules! records {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)+ })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub struct $name { $($(#[$field_doc])* pub $field: $type,)+ }
    )+};
}

records! {
    Negotiation {
        id: String,
        name: String,
        vendor: String,
        buyer: String,
        currency: String,
        status: NegotiationStatus,
        version: i64,
        provenance: Provenance,
        as_of: DateTime<Utc>,
        usage_from: Option<NaiveDate>,
        usage_to: Option<NaiveDate>,
        dates: Option<ContractDates>,
        envelope: Envelope,
        streams: Vec<Stream>,
        ladder: Option<Ladder>,
        trailing: TrailingSpend,
        /// Oldest first.
        daily_spend: Vec<DailySpend>,
        milestones: Vec<Milestone>,
    }
    OfferList {
        /// Of the negotiation.
        id: String,
        currency: String,
        /// Newest round first.
        offers: Vec<Offer>,
    }
    ContractDates {
        start: NaiveDate,
        end: NaiveDate,
        last_notice_day: NaiveDate,
        auto_renews: bool,
    }
    Notice {
        code: String,
        message: String,
        field: Option<String>,
    }
    /// One step of "why is this number so?".
    TraceStep {
        id: String,
        label: String,
        formula: String,
        value: String,
    }
    /// Ratios are fractions of one: 0.65 is 65 %.
    Envelope {
        currency: String,
        revenue: Decimal,
        expense: Decimal,
        list_revenue: Decimal,
        current_margin: Option<Decimal>,
        floor_margin: Decimal,
        target_margin: Decimal,
        ceiling_margin: Decimal,
        floor_revenue: Decimal,
        target_revenue: Decimal,
        ceiling_revenue: Decimal,
        discount_at_floor_margin: Option<Decimal>,
        discount_at_target_margin: Option<Decimal>,
        discount_at_ceiling_margin: Option<Decimal>,
        warnings: Vec<Notice>,
        trace: Vec<TraceStep>,
    }
    Stream {
        name: String,
        side: StreamSide,
        unit: String,
        volume: Decimal,
        unit_price: Decimal,
        list_unit_price: Decimal,
        amount: Decimal,
        list_amount: Decimal,
    }
    Ladder {
        basis: LadderBasis,
        application: LadderApplication,
        window_days: i64,
        tiers: Vec<LadderTier>,
    }
    LadderTier {
        name: String,
        threshold: Decimal,
        discount: Decimal,
    }
    TrailingSpend {
        from: NaiveDate,
        to: NaiveDate,
        amount: Decimal,
        basis: LadderBasis,
        tier: Option<LadderTier>,
        next_tier: Option<LadderTier>,
        to_next_tier: Option<Decimal>,
        missing_days: Vec<NaiveDate>,
    }
    DailySpend {
        date: NaiveDate,
        list: Decimal,
        net: Decimal,
        billed: Option<Decimal>,
        rows: i64,
    }
    Milestone {
        id: String,
        name: String,
        owner_role: String,
        due_on: NaiveDate,
        status: MilestoneStatus,
        late: bool,
    }
    Offer {
        id: String,
        round: i64,
        from: Party,
        status: OfferStatus,
        title: String,
        valid_until: Option<NaiveDate>,
        created_at: DateTime<Utc>,
        evaluation: Evaluation,
        lint: Vec<TermFinding>,
        terms: Vec<Term>,
    }
    Evaluation {
        months: i64,
        list_cost: Decimal,
        cash: Decimal,
        npv: Decimal,
        shortfall: Decimal,
        credits: Decimal,
        effective_discount: Option<Decimal>,
        headline_discount: Option<Decimal>,
        cost_p10: Decimal,
        cost_p50: Decimal,
        cost_p90: Decimal,
        shortfall_probability: Decimal,
        expected_shortfall: Decimal,
        break_even_spend: Option<Decimal>,
        verdict: Verdict,
        reasons: Vec<Notice>,
    }
    TermFinding {
        code: String,
        severity: Severity,
        message: String,
        amount: Decimal,
        clause: Option<String>,
    }
    Term {
        clause: Option<String>,
        body: TermBody,
    }
    RampStep {
        from_month: i64,
        commitment: Decimal,
    }
    InvoiceList {
        total_count: i64,
        totals: Vec<InvoiceTotals>,
        /// Newest period first.
        invoices: Vec<Invoice>,
    }
    InvoiceTotals {
        currency: String,
        amount: Decimal,
        outstanding: Decimal,
        disputed: Decimal,
        count: i64,
    }
    Invoice {
        id: String,
        number: String,
        period_start: NaiveDate,
        period_end: NaiveDate,
        issued_on: Option<NaiveDate>,
        amount: Decimal,
        currency: String,
        status: InvoiceStatus,
        provenance: Provenance,
        disputed_amount: Option<Decimal>,
        dispute_reason: Option<String>,
        lines: Vec<InvoiceLine>,
        findings: Vec<InvoiceFinding>,
    }
    InvoiceLine {
        number: i64,
        sku: Option<String>,
        description: String,
        quantity: Option<Decimal>,
        unit_price: Option<Decimal>,
        amount: Decimal,
    }
    InvoiceFinding {
        code: String,
        line: Option<i64>,
        expected: Option<Decimal>,
        billed: Decimal,
        delta: Option<Decimal>,
        message: String,
    }
    NotificationList {
        total_count: i64,
        /// Newest first.
        notifications: Vec<Notification>,
    }
    Notification {
        id: String,
        channel: NotificationChannel,
        to: String,
        body: String,
        status: NotificationStatus,
        attempts: i64,
        error: Option<Notice>,
        queued_at: DateTime<Utc>,
        updated_at: DateTime<Utc>,
        #[serde(default)]
        due_at: Option<DateTime<Utc>>,
        #[serde(default = "normal")]
        priority: NotificationPriority,
        #[serde(default)]
        expires_at: Option<DateTime<Utc>>,
        /// Parts of the text, and what sending it once costs.
        #[serde(default)]
        segments: i64,
        #[serde(default)]
        price: Decimal,
        #[serde(default)]
        currency: String,
        /// Oldest first.
        #[serde(default)]
        history: Vec<NotificationAttempt>,
    }
    /// A try, a look-up at the provider, or its report on the delivery.
    NotificationAttempt {
        number: i64,
        outcome: AttemptOutcome,
        started_at: DateTime<Utc>,
        ended_at: DateTime<Utc>,
        looked_up: bool,
        error: Option<Notice>,
    }
    /// How sending stands. `sent` and `spent` are of the last 24 hours, as `budget` is.
    NotificationQueue {
        pause: Option<Pause>,
        waiting: i64,
        scheduled: i64,
        oldest_at: Option<DateTime<Utc>>,
        failed: i64,
        unconfirmed: i64,
        sent: i64,
        spent: Decimal,
        budget: Decimal,
        currency: String,
        ready: bool,
        circuit: CircuitState,
        /// Seconds until the provider is tried again.
        probe_in: Option<i64>,
    }
    Pause {
        reason: String,
        by: String,
        since: DateTime<Utc>,
    }
    FiringList {
        total_count: i64,
        /// Newest first.
        firings: Vec<RuleFiring>,
    }
    /// A rule that had something to tell.
    RuleFiring {
        id: String,
        rule_name: String,
        subject: String,
        at: DateTime<Utc>,
        body: String,
        outcome: FiringOutcome,
        held_back: Vec<Notice>,
        test: bool,
    }
    Health {
        status: HealthStatus,
        queue_depth: i64,
        oldest_queued_seconds: Option<i64>,
        revision: i64,
        provenance: Provenance,
        as_of: DateTime<Utc>,
        banner: Option<Notice>,
        schema_version: SchemaVersion,
        components: Vec<HealthComponent>,
    }
    SchemaVersion {
        version: String,
        sdl_sha256: String,
    }
    HealthComponent {
        name: String,
        status: HealthStatus,
        mode: String,
        message: String,
        last_ok_at: Option<DateTime<Utc>>,
        latency_ms: Option<i64>,
        last_error: Option<Notice>,
    }
}

/// The contents of a term; `Unknown` is a kind that this program is too old to read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    tag = "kind"
)]
pub enum TermBody {
    Rate {
        scope: Option<String>,
        unit_price: Option<Decimal>,
        discount: Option<Decimal>,
        locked: bool,
    },
    Ladder {
        basis: LadderBasis,
        application: LadderApplication,
        window_days: i64,
        tiers: Vec<LadderTier>,
    },
    Commitment {
        amount: Decimal,
        interval: FulfilmentInterval,
    },
    Credit {
        amount: Option<Decimal>,
        invoice_share: Option<Decimal>,
        invoice_count: Option<i64>,
        expires_on: Option<NaiveDate>,
    },
    Ramp {
        steps: Vec<RampStep>,
    },
    Payment {
        net_days: i64,
    },
    Shortfall {
        outcome: ShortfallOutcome,
        percent: Option<Decimal>,
    },
    Renewal {
        start: NaiveDate,
        term_months: i64,
        notice_days: i64,
        auto_renew: bool,
    },
    PriceProtection {
        max_increase: Decimal,
    },
    Qualitative {
        topic: String,
        weight: Option<Decimal>,
    },
    Unknown,
}
