//! What a reader may ask the gateway to do: one mutation each, sent once and never repeated by us.

use super::{
    convert::clean,
    operations::{Operation, terminal_pause_notifications, terminal_retry_notification},
};
use crate::model::{Area, NotificationStatus};
use serde_json::{Value, json};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Queue the message of this id again.
    Retry(String),
    /// Take the message of this id out of the queue.
    Cancel(String),
    /// Stop all sending, for this reason.
    Pause(String),
    /// Send again.
    Resume,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Done {
    /// The message is in this state now.
    Message(NotificationStatus),
    Sending {
        paused: bool,
    },
    /// A rule of the gateway's was against it, in its words.
    Refused(String),
}

impl Deed {
    /// What it changes.
    pub fn area(&self) -> Area {
        match self {
            Self::Retry(_) | Self::Cancel(_) => Area::Notifications,
            Self::Pause(_) | Self::Resume => Area::Queue,
        }
    }

    /// The operation that does it, and its variables.
    pub fn operation(&self) -> (Operation, Value) {
        let (name, variables) = match self {
            Self::Retry(id) => ("TerminalRetryNotification", json!({ "id": id })),
            Self::Cancel(id) => ("TerminalCancelNotification", json!({ "id": id })),
            Self::Pause(reason) => ("TerminalPauseNotifications", json!({ "reason": reason })),
            Self::Resume => ("TerminalResumeNotifications", json!({})),
        };
        let document = terminal_retry_notification::QUERY;
        (Operation { name, document }, variables)
    }

    /// Reads the `data` of the answer.
    ///
    /// # Errors
    /// When a field that the compiled schema promises is missing or has another type.
    pub fn done(&self, data: Value) -> Result<Done, serde_json::Error> {
        macro_rules! read {
            ($module:ident, $payload:ident => $done:expr) => {{
                let $payload = serde_json::from_value::<$module::ResponseData>(data)?.done;
                let errors = $payload.user_errors.into_iter();
                let refusals: Vec<String> = errors.map(|error| error.message).collect();
                ($done, refusals.join(" "))
            }};
        }
        let (done, refusal) = match self.area() {
            Area::Queue => read!(terminal_pause_notifications, payload => {
                Some(Done::Sending { paused: payload.queue.pause.is_some() })
            }),
            _ => read!(terminal_retry_notification, payload => {
                payload.notification.map(|message| Done::Message(message.status))
            }),
        };
        Ok(match done {
            Some(done) if refusal.is_empty() => done,
            _ => Done::Refused(clean(refusal)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_deed_names_a_mutation_of_its_document() {
        for deed in [
            Deed::Retry("n1".into()),
            Deed::Cancel("n1".into()),
            Deed::Pause("prices".into()),
            Deed::Resume,
        ] {
            let (Operation { name, document }, variables) = deed.operation();
            let (_, rest) = document.split_once(&format!("mutation {name}")).unwrap();
            let (head, _) = rest.split_once('{').unwrap();
            for variable in variables.as_object().unwrap().keys() {
                assert!(head.contains(&format!("${variable}: ")), "{head}");
            }
        }
    }
}
