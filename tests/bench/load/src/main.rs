//! Load generator of the benchmarks: reads one plan (JSON) from stdin, puts that load on a server, prints one report.
//!
//! One thread and one epoll set, so that it is cheap beside what it measures; the report says how much of a core it
//! took, and how much the server did.

mod fanout;
mod frames;
mod http;
mod process;
mod response;

use std::io::{Read, stdin};
use std::process::ExitCode;

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Plan {
    Fanout(fanout::Plan),
    Http(http::Plan),
}

fn main() -> ExitCode {
    match run() {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(reason) => {
            eprintln!("bench-load: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<serde_json::Value, String> {
    let mut text = String::new();
    stdin()
        .read_to_string(&mut text)
        .map_err(|e| format!("cannot read the plan: {e}"))?;
    match serde_json::from_str(&text).map_err(|e| format!("the plan is not understood: {e}"))? {
        Plan::Fanout(plan) => fanout::run(&plan),
        Plan::Http(plan) => http::run(&plan),
    }
}
