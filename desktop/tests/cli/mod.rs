//! The program as a shell sees it: output, exit codes, what goes to which stream.

mod around;
mod doctor;
mod snapshot;

use crate::support::{closed_endpoint, stand_in::StandIn, world::World};
use assert_cmd::Command;
use serde_json::{Value, json};
use std::{fs, process::Output};
use tempfile::TempDir;

/// A gateway on a runtime of its own, and a home for one test.
struct Scene {
    home: TempDir,
    stand_in: StandIn,
    _runtime: tokio::runtime::Runtime,
}

impl Scene {
    fn new(world: World) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let stand_in = runtime.block_on(StandIn::start(world, 0));
        Self {
            home: TempDir::new().unwrap(),
            stand_in,
            _runtime: runtime,
        }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.run_at(&self.stand_in.endpoint(), arguments)
    }

    fn run_at(&self, endpoint: &str, arguments: &[&str]) -> Output {
        program(&self.home)
            .env("TWILIO_NEGOTIATION_ENDPOINT", endpoint)
            .args(arguments)
            .output()
            .unwrap()
    }
}

fn program(home: &TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_twilio-negotiation-desktop"));
    command
        .env_clear()
        .env("HOME", home.path())
        .env("LANG", "C.UTF-8")
        .timeout(std::time::Duration::from_secs(30));
    command
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}
