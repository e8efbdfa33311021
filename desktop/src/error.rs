//! What can go wrong between us and the gateway: what happened, what we did, what to do.
//!
//! ```text
//! GatewayError
//! ├── Unreachable     no connection: refused, no such host, TLS
//! ├── Timeout         connected or not, no whole answer in time
//! ├── Cut             connected, and the connection broke before the whole answer
//! ├── Status          an HTTP status that is not a GraphQL answer
//! ├── NotGraphQl      an answer that is not GraphQL: another program listens there
//! ├── Refused         GraphQL errors: not allowed, unavailable, internal, ...
//! └── SchemaMismatch  this program and the gateway disagree about the schema
//! ```

use crate::model::Area;
use std::time::Duration;
use thiserror::Error;

#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum GatewayError {
    #[error("cannot reach {endpoint}: {reason}")]
    Unreachable { endpoint: String, reason: String },
    #[error("the connection to {endpoint} broke: {reason}")]
    Cut { endpoint: String, reason: String },
    #[error("no answer from {endpoint} within {} s", after.as_secs_f32())]
    Timeout { endpoint: String, after: Duration },
    #[error("the gateway answered HTTP {status}{}", detail_suffix(detail))]
    Status {
        status: u16,
        detail: String,
        retry_after: Option<Duration>,
    },
    #[error("{endpoint} did not answer GraphQL: {detail}")]
    NotGraphQl { endpoint: String, detail: String },
    #[error("{code}: {message}{}", correlation_suffix(correlation_id))]
    Refused {
        code: String,
        message: String,
        correlation_id: Option<String>,
    },
    #[error("schema mismatch in {}: {detail}", area.word())]
    SchemaMismatch { area: Area, detail: String },
}

fn detail_suffix(detail: &str) -> String {
    if detail.is_empty() {
        String::new()
    } else {
        format!(" ({detail})")
    }
}

fn correlation_suffix(id: &Option<String>) -> String {
    id.as_ref()
        .map_or_else(String::new, |id| format!(" [correlation {id}]"))
}

impl GatewayError {
    /// Only what may pass by itself is tried again: connecting, time, 408, 429, 502 to 504.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Timeout { .. } | Self::Cut { .. } => true,
            Self::Status { status, .. } => matches!(status, 408 | 429 | 502 | 503 | 504),
            Self::NotGraphQl { .. } | Self::Refused { .. } | Self::SchemaMismatch { .. } => false,
        }
    }

    /// What was asked for once may have been done, although no answer says so.
    pub fn leaves_open(&self) -> bool {
        match self {
            Self::Timeout { .. } | Self::Cut { .. } | Self::NotGraphQl { .. } => true,
            Self::Status { status, .. } => *status >= 500,
            Self::Unreachable { .. } | Self::Refused { .. } | Self::SchemaMismatch { .. } => false,
        }
    }

    /// No usable answer came back at all, so asking for the other areas is pointless.
    pub fn is_transport(&self) -> bool {
        !matches!(self, Self::Refused { .. } | Self::SchemaMismatch { .. })
    }

    pub fn is_schema_mismatch(&self) -> bool {
        matches!(self, Self::SchemaMismatch { .. })
    }

    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// What the reader can do about it, in one sentence.
    pub fn advice(&self) -> String {
        match self {
            Self::Unreachable { .. } => {
                "Start the gateway, or name another one with --endpoint; `doctor` checks each step."
                    .into()
            }
            Self::Timeout { .. } | Self::Cut { .. } => {
                "The gateway or the network is slow: try --timeout 30s, or look at `doctor`.".into()
            }
            Self::Status { status: 401, .. } => TOKEN_ADVICE.into(),
            Self::Status { status: 403, .. } => {
                "The gateway refused this client: check the token's roles and the endpoint's host."
                    .into()
            }
            Self::Status { status: 404, .. } | Self::NotGraphQl { .. } => {
                "Check --endpoint: it should be the gateway's address, usually ending in /graphql."
                    .into()
            }
            Self::Status { status: 429, .. } => {
                "Too many requests: wait a little, or poll less often with --poll-interval.".into()
            }
            Self::Status { .. } => "Look at the gateway's log; `doctor` shows its health.".into(),
            Self::Refused { code, .. } if code == "UNAUTHENTICATED" => TOKEN_ADVICE.into(),
            Self::Refused { code, .. } if code == "FORBIDDEN" => {
                "This token's roles may not see that; ask whoever manages the gateway.".into()
            }
            Self::Refused { correlation_id, .. } => match correlation_id {
                Some(id) => format!("Look for {id} in the gateway's log."),
                None => "Look at the gateway's log.".into(),
            },
            Self::SchemaMismatch { .. } => {
                "Update this program (or the gateway) so that both speak the same schema; \
                 `doctor` shows both versions."
                    .into()
            }
        }
    }
}

const TOKEN_ADVICE: &str =
    "Give a valid token with --token or TWILIO_NEGOTIATION_TOKEN; an old one may have expired.";

/// How a command ended, as the shell sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    Ok = 0,
    Unexpected = 1,
    /// Also what the argument parser answers.
    Usage = 2,
    /// The gateway cannot be reached and the cache has nothing.
    NoData = 3,
    SchemaMismatch = 4,
    Stale = 5,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
