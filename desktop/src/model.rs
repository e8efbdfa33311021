//! What the screens show, in the words of the glossary. Money is exact decimal.
//!
//! Every enum is open: a value that a newer gateway adds is kept and shown by its own name.
//! The same types are stored in the cache and printed by `snapshot --json`.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Declares an enum whose unknown values survive a round trip instead of failing.
macro_rules! open_enum {
    ($($(#[$doc:meta])* $name:ident { $($variant:ident = $wire:literal),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum $name { $($variant,)+ Other(String) }

        impl $name {
            /// The value as the schema spells it.
            pub fn wire(&self) -> &str {
                match self { $(Self::$variant => $wire,)+ Self::Other(value) => value }
            }

            /// The value as a reader would say it: `WALKED_AWAY` is "walked away".
            pub fn word(&self) -> String {
                self.wire().to_lowercase().replace('_', " ")
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = String::deserialize(deserializer)?;
                Ok(match value.as_str() { $($wire => Self::$variant,)+ _ => Self::Other(value) })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.wire())
            }
        }
    )+};
}

open_enum! {
    /// Where the data came from, seen from the gateway.
    Provenance { Live = "LIVE", Cached = "CACHED", Fixture = "FIXTURE" }
    HealthStatus { Ok = "OK", Degraded = "DEGRADED", Down = "DOWN" }
    NegotiationStatus {
        Preparing = "PREPARING", Open = "OPEN", Agreed = "AGREED", Signed = "SIGNED",
        Live = "LIVE", Closed = "CLOSED", WalkedAway = "WALKED_AWAY",
    }
    Party { Buyer = "BUYER", Vendor = "VENDOR" }
    OfferStatus {
        Draft = "DRAFT", Proposed = "PROPOSED", Superseded = "SUPERSEDED", Accepted = "ACCEPTED",
        Rejected = "REJECTED", Withdrawn = "WITHDRAWN", Expired = "EXPIRED",
    }
    Verdict { Accept = "ACCEPT", Counter = "COUNTER", Reject = "REJECT" }
    InvoiceStatus {
        Draft = "DRAFT", Open = "OPEN", Paid = "PAID", Disputed = "DISPUTED", Credited = "CREDITED",
    }
    NotificationStatus {
        Queued = "QUEUED", Sending = "SENDING", Sent = "SENT", Delivered = "DELIVERED",
        Failed = "FAILED", Cancelled = "CANCELLED", Unconfirmed = "UNCONFIRMED",
    }
    NotificationChannel { Sms = "SMS", StudioFlow = "STUDIO_FLOW" }
    StreamSide { Revenue = "REVENUE", Expense = "EXPENSE" }
    LadderBasis { List = "LIST", Net = "NET", Billed = "BILLED" }
    LadderApplication { Cliff = "CLIFF", Marginal = "MARGINAL" }
    MilestoneStatus { Pending = "PENDING", Approved = "APPROVED", Rejected = "REJECTED" }
    Severity { Info = "INFO", Warning = "WARNING", Error = "ERROR" }
    FulfilmentInterval {
        Monthly = "MONTHLY", Quarterly = "QUARTERLY", Annual = "ANNUAL", Term = "TERM",
    }
    ShortfallOutcome {
        Pay100 = "PAY_100", PayPct = "PAY_PCT", CarryForward = "CARRY_FORWARD",
        RateClawback = "RATE_CLAWBACK", None = "NONE",
    }
}

/// The parts of the picture that the gateway answers and pushes on their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Area {
    Negotiation,
    Invoices,
    Notifications,
    Health,
}

impl Area {
    pub const ALL: [Self; 4] = [
        Self::Negotiation,
        Self::Invoices,
        Self::Notifications,
        Self::Health,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::Negotiation => "negotiation",
            Self::Invoices => "invoices",
            Self::Notifications => "notifications",
            Self::Health => "health",
        }
    }
}

/// A value and the moment the gateway gave it to us.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stamped<T> {
    pub received_at: DateTime<Utc>,
    pub value: T,
}

/// Everything known. An area is `None` until the gateway has answered it once.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Snapshot {
    /// The inner `None`: the gateway answered that there is no negotiation yet.
    pub negotiation: Option<Stamped<Option<Box<Negotiation>>>>,
    pub invoices: Option<Stamped<InvoiceList>>,
    pub notifications: Option<Stamped<NotificationList>>,
    pub health: Option<Stamped<Health>>,
}

/// New content of one area.
#[derive(Clone, Debug, PartialEq)]
pub enum Update {
    Negotiation(Option<Box<Negotiation>>),
    Invoices(InvoiceList),
    Notifications(NotificationList),
    Health(Box<Health>),
}

impl Update {
    pub fn area(&self) -> Area {
        match self {
            Self::Negotiation(_) => Area::Negotiation,
            Self::Invoices(_) => Area::Invoices,
            Self::Notifications(_) => Area::Notifications,
            Self::Health(_) => Area::Health,
        }
    }
}

impl Snapshot {
    pub fn apply(&mut self, update: Update, received_at: DateTime<Utc>) {
        match update {
            Update::Negotiation(value) => {
                self.negotiation = Some(Stamped { received_at, value });
            }
            Update::Invoices(value) => self.invoices = Some(Stamped { received_at, value }),
            Update::Notifications(value) => {
                self.notifications = Some(Stamped { received_at, value });
            }
            Update::Health(value) => {
                self.health = Some(Stamped {
                    received_at,
                    value: *value,
                });
            }
        }
    }

    pub fn negotiation(&self) -> Option<&Negotiation> {
        self.negotiation.as_ref()?.value.as_deref()
    }

    pub fn health(&self) -> Option<&Health> {
        Some(&self.health.as_ref()?.value)
    }

    pub fn is_empty(&self) -> bool {
        self.oldest_receipt().is_none()
    }

    /// When the oldest part of the picture was received.
    pub fn oldest_receipt(&self) -> Option<DateTime<Utc>> {
        self.receipts().min()
    }

    /// When the gateway last gave us anything.
    pub fn newest_receipt(&self) -> Option<DateTime<Utc>> {
        self.receipts().max()
    }

    fn receipts(&self) -> impl Iterator<Item = DateTime<Utc>> {
        Area::ALL
            .into_iter()
            .filter_map(|area| self.received_at(area))
    }

    pub fn received_at(&self, area: Area) -> Option<DateTime<Utc>> {
        match area {
            Area::Negotiation => self.negotiation.as_ref().map(|part| part.received_at),
            Area::Invoices => self.invoices.as_ref().map(|part| part.received_at),
            Area::Notifications => self.notifications.as_ref().map(|part| part.received_at),
            Area::Health => self.health.as_ref().map(|part| part.received_at),
        }
    }

    pub fn forget(&mut self, area: Area) {
        match area {
            Area::Negotiation => self.negotiation = None,
            Area::Invoices => self.invoices = None,
            Area::Notifications => self.notifications = None,
            Area::Health => self.health = None,
        }
    }
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
        amount: Option<Decimal>,
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
