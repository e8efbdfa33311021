//! The schema's scalars as Rust types. A decimal is only ever read from a string.

use chrono::{NaiveDateTime, Utc};
use serde::{Deserialize, Deserializer, de::Error};

pub type Decimal = rust_decimal::Decimal;
pub type Ratio = rust_decimal::Decimal;
pub type Date = chrono::NaiveDate;

/// An instant in UTC. Text without an offset is read as UTC, as the schema says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DateTime(pub chrono::DateTime<Utc>);

impl<'de> Deserialize<'de> for DateTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        chrono::DateTime::parse_from_rfc3339(&text)
            .map(|instant| instant.with_timezone(&Utc))
            .or_else(|_| {
                text.parse::<NaiveDateTime>()
                    .map(|instant| instant.and_utc())
            })
            .map(Self)
            .map_err(|_| D::Error::custom(format!("{text:?} is not an ISO 8601 instant")))
    }
}
