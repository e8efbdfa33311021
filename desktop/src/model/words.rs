//! The enums of the schema. A value that this program is too old to know is kept as `Other`.

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
    NotificationPriority { High = "HIGH", Normal = "NORMAL", Low = "LOW" }
    AttemptOutcome {
        Accepted = "ACCEPTED", Postponed = "POSTPONED", Refused = "REFUSED",
        Unconfirmed = "UNCONFIRMED", NotTaken = "NOT_TAKEN", Delivered = "DELIVERED",
        Undelivered = "UNDELIVERED",
    }
    FiringOutcome { Queued = "QUEUED", Scheduled = "SCHEDULED", HeldBack = "HELD_BACK" }
    CircuitState { Closed = "CLOSED", Open = "OPEN", HalfOpen = "HALF_OPEN" }
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
