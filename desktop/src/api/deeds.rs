//! What a reader may ask the gateway to do: one mutation each, sent once and never repeated by us.

use super::operations::{
    Document, TerminalCancelNotification, TerminalRetryNotification, terminal_cancel_notification,
    terminal_retry_notification,
};
use crate::model::NotificationStatus;
use graphql_client::GraphQLQuery;
use serde_json::Value;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Queue a message again.
    Retry,
    /// Take a message out of the queue.
    Cancel,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Done {
    /// The message is in this state now.
    Now(NotificationStatus),
    /// A rule of the gateway's was against it, in its words.
    Refused(String),
}

/// The document that does it.
pub fn document(deed: Deed) -> Document {
    let (name, text) = match deed {
        Deed::Retry => (
            terminal_retry_notification::OPERATION_NAME,
            terminal_retry_notification::QUERY,
        ),
        Deed::Cancel => (
            terminal_cancel_notification::OPERATION_NAME,
            terminal_cancel_notification::QUERY,
        ),
    };
    Document { name, text }
}

/// Reads the `data` of the answer.
///
/// # Errors
/// When a field that the compiled schema promises is missing or has another type.
pub fn done(deed: Deed, data: Value) -> Result<Done, serde_json::Error> {
    macro_rules! read {
        ($operation:ident, $field:ident) => {{
            let answer: <$operation as GraphQLQuery>::ResponseData = serde_json::from_value(data)?;
            let payload = answer.$field;
            let errors = payload.user_errors.into_iter().map(|error| error.message);
            (payload.notification.map(|n| n.status), errors.collect())
        }};
    }
    let (status, refusals): (Option<NotificationStatus>, Vec<String>) = match deed {
        Deed::Retry => read!(TerminalRetryNotification, retry_notification),
        Deed::Cancel => read!(TerminalCancelNotification, cancel_notification),
    };
    Ok(match status {
        Some(status) if refusals.is_empty() => Done::Now(status),
        _ => Done::Refused(super::convert::clean(refusals.join(" "))),
    })
}
