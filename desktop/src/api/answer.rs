//! Reading one GraphQL answer, the same over HTTP and over the socket.

use super::convert;
use crate::{
    error::GatewayError,
    model::{Area, Update},
};
use serde::Deserialize;
use serde_json::Value;

/// A GraphQL response. `data` is absent when the request was refused before it ran.
#[derive(Debug, Deserialize)]
pub struct Answer {
    #[serde(default)]
    pub data: Option<Value>,
    #[serde(default)]
    pub errors: Option<Vec<WireError>>,
}

#[derive(Debug, Deserialize)]
pub struct WireError {
    pub message: String,
    #[serde(default)]
    extensions: Option<WireExtensions>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireExtensions {
    code: Option<String>,
    correlation_id: Option<String>,
    /// What was wrong with which part of the input.
    fields: Option<Vec<Value>>,
}

impl Answer {
    pub fn is_graphql(&self) -> bool {
        self.data.is_some() || self.errors.is_some()
    }

    /// The new content of `area`, or why there is none.
    ///
    /// # Errors
    /// As `read`.
    pub fn into_update(self, area: Area) -> Result<Update, GatewayError> {
        self.read(area, |data| convert::update(area, data))
    }

    /// What `convert` makes of the data, or why there is none. `area`: what it is about.
    ///
    /// # Errors
    /// `SchemaMismatch` when the document is invalid there, or the answer is not what was compiled
    /// in; `Refused` for every other GraphQL error that left nothing to show.
    pub fn read<T>(
        self,
        area: Area,
        convert: impl FnOnce(Value) -> Result<T, serde_json::Error>,
    ) -> Result<T, GatewayError> {
        let errors = self.errors.unwrap_or_default();
        let data = self.data.filter(|data| !data.is_null());
        let nothing = data.as_ref().is_none_or(|data| {
            data.as_object()
                .is_some_and(|fields| fields.values().all(Value::is_null))
        });
        match data {
            Some(data) if !nothing || errors.is_empty() => {
                for error in &errors {
                    tracing::warn!(area = area.word(), error = %error.message, "partial answer");
                }
                convert(data).map_err(|error| GatewayError::SchemaMismatch {
                    area,
                    detail: format!("the gateway's answer is not what was expected: {error}"),
                })
            }
            data => Err(refusal(area, errors, data.is_some())),
        }
    }
}

/// What a list of GraphQL errors means for us. `ran`: the operation was valid and was executed.
pub fn refusal(area: Area, errors: Vec<WireError>, ran: bool) -> GatewayError {
    let Some(error) = errors.into_iter().next() else {
        return GatewayError::SchemaMismatch {
            area,
            detail: "the answer has neither data nor errors".into(),
        };
    };
    let extensions = error.extensions.unwrap_or_default();
    let message = convert::clean(error.message);
    let input = extensions.fields.is_some_and(|fields| !fields.is_empty());
    if !ran && !input && is_invalid_document(extensions.code.as_deref(), &message) {
        return GatewayError::SchemaMismatch {
            area,
            detail: message,
        };
    }
    GatewayError::Refused {
        code: convert::clean(extensions.code.unwrap_or_else(|| "ERROR".into())),
        message,
        correlation_id: extensions.correlation_id.map(convert::clean),
    }
}

/// Our documents are fixed: refused as input, where it is not the words of a reader that are, they
/// do not fit the schema.
fn is_invalid_document(code: Option<&str>, message: &str) -> bool {
    const PHRASES: [&str; 9] = [
        "Cannot query field",
        "Unknown argument",
        "Unknown type",
        "Unknown fragment",
        "Syntax Error",
        "Fragment cannot be spread",
        "cannot be spread here",
        "must have a selection of subfields",
        "must not have a selection",
    ];
    match code {
        Some("BAD_USER_INPUT" | "GRAPHQL_VALIDATION_FAILED" | "GRAPHQL_PARSE_FAILED") => true,
        _ => PHRASES.iter().any(|phrase| message.contains(phrase)),
    }
}
