//! The GraphQL documents, checked against the committed schema when this program is compiled.
//!
//! One file per area: its query, the subscription that pushes the same, and the one fragment of
//! both. An alias gives the two answers one shape, so one generated module reads either. A request
//! carries the whole file and names its operation.

use super::scalars;
use crate::model::{
    Area, AttemptOutcome, CircuitState, FiringOutcome, FulfilmentInterval, HealthStatus,
    InvoiceStatus, LadderApplication, LadderBasis, MilestoneStatus, NegotiationStatus,
    NotificationChannel, NotificationPriority, NotificationStatus, OfferStatus, Party, Provenance,
    Severity, ShortfallOutcome, StreamSide, Verdict,
};
use graphql_client::GraphQLQuery;

/// Reads a document, and with it the types of one of its operations.
macro_rules! documents {
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

documents! {
    TerminalNegotiation "graphql/negotiation.graphql"
    TerminalInvoices "graphql/invoices.graphql"
    TerminalNotifications "graphql/notifications.graphql"
    TerminalHealth "graphql/health.graphql"
    TerminalQueue "graphql/queue.graphql"
    TerminalFirings "graphql/firings.graphql"
    TerminalOffers "graphql/offers.graphql"
    TerminalRetryNotification "graphql/deeds.graphql"
    TerminalPauseNotifications "graphql/deeds.graphql"
}

/// An operation as it is sent: its name, and the document that it stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    pub name: &'static str,
    pub document: &'static str,
}

/// The query that answers an area.
pub fn query(area: Area) -> Operation {
    pair(area).0
}

/// The subscription that pushes an area.
pub fn subscription(area: Area) -> Operation {
    pair(area).1
}

fn pair(area: Area) -> (Operation, Operation) {
    macro_rules! pair {
        ($module:ident $query:literal) => {{
            let of = |name| Operation {
                name,
                document: $module::QUERY,
            };
            (of($query), of(concat!($query, "Updated")))
        }};
    }
    match area {
        Area::Negotiation => pair!(terminal_negotiation "TerminalNegotiation"),
        Area::Invoices => pair!(terminal_invoices "TerminalInvoices"),
        Area::Notifications => pair!(terminal_notifications "TerminalNotifications"),
        Area::Health => pair!(terminal_health "TerminalHealth"),
        Area::Queue => pair!(terminal_queue "TerminalQueue"),
        Area::Firings => pair!(terminal_firings "TerminalFirings"),
        Area::Offers => pair!(terminal_offers "TerminalOffers"),
    }
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

    /// What an operation of a document selects, without the name of the field it asks for.
    fn selection(operation: Operation, keyword: &str) -> (String, String) {
        let opening = format!("{keyword} {} {{", operation.name);
        let (_, body) = operation.document.split_once(&opening).unwrap();
        let (root, rest) = body.split_once('{').unwrap();
        let (selected, _) = rest.split_once('}').unwrap();
        let key = root
            .split([':', '(', ' '])
            .find(|word| !word.trim().is_empty());
        (key.unwrap().trim().into(), selected.trim().into())
    }

    #[test]
    fn a_subscription_answers_in_the_shape_of_its_query() {
        for area in Area::ALL {
            assert_eq!(
                selection(query(area), "query"),
                selection(subscription(area), "subscription"),
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
