//! What a gateway's stand-in knows, what it answers, and how it behaves.

use super::sample;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What the stand-in knows and how it behaves.
#[derive(Clone)]
pub struct World {
    pub negotiation: Value,
    pub invoices: Value,
    pub notifications: Value,
    pub health: Value,
    pub offers: Value,
    pub queue: Value,
    pub firings: Value,
    /// A field that this gateway's schema does not have.
    pub removed: Option<&'static str>,
    /// HTTP answers before anything else: status, headers, body. Used up from the front.
    pub http_faults: Vec<(u16, String, String)>,
    /// Operations that are answered with this over HTTP; `None`: never.
    pub answers: BTreeMap<&'static str, Option<Value>>,
    pub live: Live,
    /// Raised to cut every open socket.
    pub cuts: u32,
    pub token: Option<String>,
    /// The operations that were asked for over HTTP.
    pub requests: Vec<String>,
    /// The newest of these requests: its head, and its payload.
    pub newest: (String, Value),
    /// Why a mutation is refused.
    pub refusal: Option<&'static str>,
    pub payloads: Vec<Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Live {
    Works,
    /// The upgrade is answered 503.
    Refused,
    /// Another subprotocol is spoken.
    OtherProtocol,
    /// Accepts the socket and never says a word.
    Silent,
    /// Closes after the init message.
    Closes(u16),
    /// Sends something that is no message of the protocol.
    Garbage,
}

impl Default for World {
    fn default() -> Self {
        Self {
            negotiation: sample::negotiation(),
            invoices: sample::invoices(),
            notifications: sample::notifications(),
            health: sample::health(),
            offers: sample::offers(),
            queue: sample::queue(),
            firings: sample::firings(),
            removed: None,
            http_faults: Vec::new(),
            answers: BTreeMap::new(),
            live: Live::Works,
            cuts: 0,
            token: None,
            requests: Vec::new(),
            newest: Default::default(),
            refusal: None,
            payloads: Vec::new(),
        }
    }
}

impl World {
    /// What a request over HTTP is answered with: status, headers, body; `None`: never.
    pub(super) fn respond(
        &mut self,
        name: &str,
        authorised: bool,
    ) -> Option<(u16, String, String)> {
        let payload = self.newest.1.clone();
        if !self.http_faults.is_empty() {
            return Some(self.http_faults.remove(0));
        }
        let answer = match self.answers.get(name) {
            Some(answer) => answer.clone()?,
            None => match self.act(name, &payload["variables"]) {
                Some(outcome) => outcome,
                None => self.answer(&payload, authorised),
            },
        };
        Some((200, String::new(), answer.to_string()))
    }

    /// Does what a mutation asks for; its answer. `None`: it is no mutation.
    fn act(&mut self, name: &str, variables: &Value) -> Option<Value> {
        let status = match name {
            "TerminalRetryNotification" => "QUEUED",
            "TerminalCancelNotification" => "CANCELLED",
            "TerminalPauseNotifications" | "TerminalResumeNotifications" => {
                return Some(self.pause(&variables["reason"]));
            }
            _ => return None,
        };
        let edges = self.notifications["edges"].as_array_mut().unwrap();
        let node = edges
            .iter_mut()
            .map(|edge| &mut edge["node"])
            .find(|node| node["id"] == variables["id"]);
        let (notification, errors) = match (node, self.refusal) {
            (Some(node), None) => {
                node["status"] = json!(status);
                (json!({ "status": status }), json!([]))
            }
            (_, why) => (
                Value::Null,
                json!([{ "message": why.unwrap_or("No such message.") }]),
            ),
        };
        Some(json!({ "data": { "done": { "notification": notification, "userErrors": errors } } }))
    }

    /// No reason: resumes.
    fn pause(&mut self, reason: &Value) -> Value {
        let errors = match self.refusal {
            None => {
                self.queue["pause"] = match reason {
                    Value::Null => Value::Null,
                    reason => {
                        json!({ "reason": reason, "by": "anna", "since": "2026-04-01T11:30:00Z" })
                    }
                };
                json!([])
            }
            Some(why) => json!([{ "message": why }]),
        };
        json!({ "data": { "done": { "queue": self.queue, "userErrors": errors } } })
    }

    /// The answer to one of the terminal's documents.
    pub(super) fn answer(&self, payload: &Value, authorised: bool) -> Value {
        if !authorised {
            return error("UNAUTHENTICATED", "A valid token is needed.");
        }
        let name = payload["operationName"].as_str().unwrap_or_default();
        let text = payload["query"].as_str().unwrap_or_default();
        if let Some(field) = self.removed
            && text.split_whitespace().any(|word| word == field)
        {
            return json!({ "errors": [{ "message": format!("Cannot query field '{field}' on type 'Thing'.") }] });
        }
        // A subscription answers in the shape of its query.
        let (field, value) = match name.trim_end_matches("Updated") {
            "TerminalNegotiation" => ("negotiation", &self.negotiation),
            "TerminalInvoices" => ("invoices", &self.invoices),
            "TerminalNotifications" => ("notifications", &self.notifications),
            "TerminalHealth" => ("health", &self.health),
            "TerminalQueue" => ("notificationQueue", &self.queue),
            "TerminalFirings" => ("ruleFirings", &self.firings),
            "TerminalOffers" => ("negotiation", &self.offers),
            other => return error("BAD_USER_INPUT", &format!("unknown operation {other}")),
        };
        json!({ "data": BTreeMap::from([(field, value)]) })
    }

    pub(super) fn authorised(&self, header: Option<&str>) -> bool {
        self.token
            .as_ref()
            .is_none_or(|token| header == Some(format!("Bearer {token}").as_str()))
    }
}

pub fn error(code: &str, message: &str) -> Value {
    json!({ "data": null, "errors": [{
        "message": message,
        "extensions": { "code": code, "correlationId": "c0ffee" },
    }] })
}
