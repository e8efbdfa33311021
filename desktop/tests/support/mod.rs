//! Shared by the tests: sample data, a stand-in gateway, settings.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

pub mod sample;
pub mod stand_in;

use std::time::Duration;
use twilio_negotiation_desktop::config::{Endpoint, Settings};

pub fn settings(endpoint: &str) -> Settings {
    Settings {
        endpoint: Endpoint::parse(endpoint).unwrap(),
        token: None,
        offline: false,
        cache_dir: None,
        timeout: Duration::from_secs(10),
        retries: 2,
        colour: false,
        ascii: false,
    }
}

/// An address where nobody listens.
pub fn closed_endpoint() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    format!("http://127.0.0.1:{port}/graphql")
}
