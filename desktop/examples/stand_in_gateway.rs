//! A gateway's stand-in to look at the screens with: `cargo run --example stand_in_gateway [PORT]`.
//!
//! Every few seconds the spend, and with it the margin, moves. Type "cut" to cut the sockets,
//! "off" and "on" to refuse and accept live connections, "break" to remove a field.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

#[path = "../tests/support/mod.rs"]
mod support;

use serde_json::json;
use std::time::Duration;
use support::{
    stand_in::StandIn,
    world::{Live, World},
};
use tokio::io::{AsyncBufReadExt, BufReader, stdin};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let port = std::env::args()
        .nth(1)
        .and_then(|port| port.parse().ok())
        .unwrap_or(0);
    let stand_in = StandIn::start(World::default(), port).await;
    println!("{}", stand_in.endpoint());
    let mut lines = BufReader::new(stdin()).lines();
    let mut clock = tokio::time::interval(Duration::from_secs(5));
    let mut step = 0_i64;
    let mut listening = true;
    loop {
        tokio::select! {
            _ = clock.tick() => {
                step += 1;
                stand_in.change(|world| {
                    let now = chrono::Utc::now();
                    world.health["asOf"] = json!(now);
                    world.health["revision"] = json!(42 + step);
                    world.negotiation["asOf"] = json!(now);
                    world.negotiation["trailing90"]["amount"] = json!(format!("{}.67", 412_345 + step * 1_000));
                    world.negotiation["trailing90"]["toNextTier"] = json!(format!("{}.33", 587_654 - step * 1_000));
                    world.negotiation["envelope"]["currentMargin"] = json!(format!("0.{}", 7_273 - step % 9 * 100));
                });
            }
            line = lines.next_line(), if listening => match line.unwrap() {
                None => listening = false,
                Some(word) => stand_in.change(|world| match word.trim() {
                    "cut" => world.cuts += 1,
                    "off" => { world.live = Live::Refused; world.cuts += 1; }
                    "on" => world.live = Live::Works,
                    "break" => world.removed = Some("toNextTier"),
                    other => println!("cut, off, on or break, not {other:?}"),
                }),
            },
        }
    }
}
