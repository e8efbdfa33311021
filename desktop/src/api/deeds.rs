//! What a reader may ask the gateway to do: one mutation each, sent once and never repeated by us.

use super::operations::{
    Operation,
    terminal_retry_notification::{QUERY, ResponseData},
};
use crate::model::NotificationStatus;
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

/// The operation that does it.
pub fn operation(deed: Deed) -> Operation {
    let name = match deed {
        Deed::Retry => "TerminalRetryNotification",
        Deed::Cancel => "TerminalCancelNotification",
    };
    Operation {
        name,
        document: QUERY,
    }
}

/// Reads the `data` of the answer.
///
/// # Errors
/// When a field that the compiled schema promises is missing or has another type.
pub fn done(data: Value) -> Result<Done, serde_json::Error> {
    let done = serde_json::from_value::<ResponseData>(data)?.done;
    let refusals: Vec<String> = done
        .user_errors
        .into_iter()
        .map(|error| error.message)
        .collect();
    Ok(match done.notification {
        Some(notification) if refusals.is_empty() => Done::Now(notification.status),
        _ => Done::Refused(super::convert::clean(refusals.join(" "))),
    })
}
