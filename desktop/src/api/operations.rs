//! The GraphQL documents, checked against the committed schema when this program is compiled.
//!
//! One document per file, because a request carries the whole file. A query and its subscription
//! spell the same fragment (a test compares them), so both convert to the same model.

use super::scalars;
use crate::model::{
    Area, AttemptOutcome, CircuitState, FiringOutcome, FulfilmentInterval, HealthStatus,
    InvoiceStatus, LadderApplication, LadderBasis, MilestoneStatus, NegotiationStatus,
    NotificationChannel, NotificationPriority, NotificationStatus, OfferStatus, Party, Provenance,
    Severity, ShortfallOutcome, StreamSide, Verdict,
};
use graphql_client::GraphQLQuery;

/// One query and the subscription that pushes the same selection.
macro_rules! operations {
    // `tt`, not `literal`: the derive looks for plain literal tokens.
    ($($name:ident $path:tt)+) => {$(
        #[derive(GraphQLQuery)]
        #[graphql(
            schema_path = "../schema/schema.graphql",
            query_path = $path,
            custom_scalars_module = "scalars",
            fragments_other_variant = "true",
            extern_enums(
                "AttemptOutcome",
                "CircuitState",
                "FiringOutcome",
                "FulfilmentInterval",
                "HealthStatus",
                "InvoiceStatus",
                "LadderApplication",
                "LadderBasis",
                "MilestoneStatus",
                "NegotiationStatus",
                "NotificationChannel",
                "NotificationPriority",
                "NotificationStatus",
                "OfferStatus",
                "Party",
                "Provenance",
                "Severity",
                "ShortfallOutcome",
                "StreamSide",
                "Verdict",
            )
        )]
        pub struct $name;
    )+};
}

operations! {
    TerminalNegotiation "graphql/negotiation.graphql"
    TerminalNegotiationUpdated "graphql/negotiation_updated.graphql"
    TerminalInvoices "graphql/invoices.graphql"
    TerminalInvoicesUpdated "graphql/invoices_updated.graphql"
    TerminalNotifications "graphql/notifications.graphql"
    TerminalNotificationsUpdated "graphql/notifications_updated.graphql"
    TerminalHealth "graphql/health.graphql"
    TerminalHealthUpdated "graphql/health_updated.graphql"
    TerminalQueue "graphql/queue.graphql"
    TerminalQueueUpdated "graphql/queue_updated.graphql"
    TerminalFirings "graphql/firings.graphql"
    TerminalFiringsUpdated "graphql/firings_updated.graphql"
    TerminalRetryNotification "graphql/retry_notification.graphql"
    TerminalCancelNotification "graphql/cancel_notification.graphql"
    TerminalOffers "graphql/offers.graphql"
    TerminalOffersUpdated "graphql/offers_updated.graphql"
}

/// A document as it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Document {
    pub name: &'static str,
    pub text: &'static str,
}

/// The query that answers an area.
pub fn query(area: Area) -> Document {
    let (name, text) = match area {
        Area::Negotiation => (
            terminal_negotiation::OPERATION_NAME,
            terminal_negotiation::QUERY,
        ),
        Area::Invoices => (terminal_invoices::OPERATION_NAME, terminal_invoices::QUERY),
        Area::Notifications => (
            terminal_notifications::OPERATION_NAME,
            terminal_notifications::QUERY,
        ),
        Area::Health => (terminal_health::OPERATION_NAME, terminal_health::QUERY),
        Area::Queue => (terminal_queue::OPERATION_NAME, terminal_queue::QUERY),
        Area::Firings => (terminal_firings::OPERATION_NAME, terminal_firings::QUERY),
        Area::Offers => (terminal_offers::OPERATION_NAME, terminal_offers::QUERY),
    };
    Document { name, text }
}

/// The subscription that pushes an area.
pub fn subscription(area: Area) -> Document {
    let (name, text) = match area {
        Area::Negotiation => (
            terminal_negotiation_updated::OPERATION_NAME,
            terminal_negotiation_updated::QUERY,
        ),
        Area::Invoices => (
            terminal_invoices_updated::OPERATION_NAME,
            terminal_invoices_updated::QUERY,
        ),
        Area::Notifications => (
            terminal_notifications_updated::OPERATION_NAME,
            terminal_notifications_updated::QUERY,
        ),
        Area::Health => (
            terminal_health_updated::OPERATION_NAME,
            terminal_health_updated::QUERY,
        ),
        Area::Queue => (
            terminal_queue_updated::OPERATION_NAME,
            terminal_queue_updated::QUERY,
        ),
        Area::Firings => (
            terminal_firings_updated::OPERATION_NAME,
            terminal_firings_updated::QUERY,
        ),
        Area::Offers => (
            terminal_offers_updated::OPERATION_NAME,
            terminal_offers_updated::QUERY,
        ),
    };
    Document { name, text }
}

/// SHA-256 of the SDL this program was compiled against, in lower-case hex.
pub const SCHEMA_SHA256: &str = env!("SCHEMA_SHA256");

/// The schema version this program was compiled against: the first 12 digits of its SHA-256.
pub fn schema_version() -> &'static str {
    SCHEMA_SHA256.get(..12).unwrap_or(SCHEMA_SHA256)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fragment(text: &str) -> &str {
        text.split_once("fragment ").unwrap().1
    }

    #[test]
    fn a_subscription_selects_exactly_what_its_query_selects() {
        for area in Area::ALL {
            assert_eq!(
                fragment(query(area).text),
                fragment(subscription(area).text),
                "{} drifted",
                area.word()
            );
        }
    }

    #[test]
    fn the_schema_version_is_twelve_hex_digits() {
        assert_eq!(schema_version().len(), 12);
        assert!(
            schema_version()
                .bytes()
                .all(|byte| byte.is_ascii_hexdigit())
        );
    }
}
