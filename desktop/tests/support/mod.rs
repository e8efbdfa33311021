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
pub mod world;

use std::time::Duration;
use tokio::net::TcpSocket;
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
    format!("http://127.0.0.1:{}/graphql", keep_closed(0))
}

/// Takes a port (0: any) for the rest of this process without listening on it, so that nobody else
/// gets it: whoever connects is refused.
pub fn keep_closed(port: u16) -> u16 {
    let socket = TcpSocket::new_v4().unwrap();
    // Connections that were open there may still be on their way out.
    socket.set_reuseaddr(true).unwrap();
    socket.bind(([127, 0, 0, 1], port).into()).unwrap();
    let port = socket.local_addr().unwrap().port();
    std::mem::forget(socket);
    port
}
