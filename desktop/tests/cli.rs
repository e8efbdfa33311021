//! The program as a shell sees it: output, exit codes, what goes to which stream.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use assert_cmd::Command;
use rstest::rstest;
use serde_json::{Value, json};
use std::{fs, process::Output};
use support::{
    closed_endpoint,
    stand_in::{Live, StandIn, World, error},
};
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

#[test]
fn a_piped_snapshot_is_plain_text_with_every_section() {
    let scene = Scene::new(World::default());
    let output = scene.run(&["snapshot"]);
    assert_eq!(code(&output), 0, "{output:?}");
    let text = out(&output);
    for word in [
        "Portfolio renewal 2026",
        "── Envelope",
        "── Ladder",
        "── Offers",
        "── Spend",
        "── Invoices",
        "── Notifications",
        "── Health",
        "Effective  P(short)",
        "you are here",
    ] {
        assert!(text.contains(word), "{word} is missing in\n{text}");
    }
    assert!(!text.contains('\u{1b}'));
}

#[test]
fn colours_and_ascii_are_given_when_asked_for() {
    let scene = Scene::new(World::default());
    let output = scene.run(&["snapshot", "--color", "always"]);
    assert!(out(&output).contains("\u{1b}["));
    let output = scene.run(&["--ascii", "snapshot"]);
    assert!(out(&output).is_ascii());
}

#[test]
fn json_has_exact_amounts_and_where_they_come_from() {
    let scene = Scene::new(World::default());
    let value = json(&scene.run(&["snapshot", "--json"]));
    assert_eq!(
        value["sections"]["envelope"]["envelope"]["revenue"],
        "990.00"
    );
    assert_eq!(
        value["sections"]["ladder"]["trailing90"]["amount"],
        "412345.67"
    );
    assert_eq!(value["sections"]["offers"].as_array().unwrap().len(), 3);
    assert_eq!(value["source"], "gateway");
    assert_eq!(value["schema"]["embedded"], value["schema"]["served"]);
    assert_eq!(value["problems"], json!([]));
}

#[test]
fn only_the_sections_that_were_asked_for() {
    let scene = Scene::new(World::default());
    let value = json(&scene.run(&["snapshot", "--json", "--section", "offers,health"]));
    let sections: Vec<&String> = value["sections"].as_object().unwrap().keys().collect();
    assert_eq!(sections, ["health", "offers"]);
}

#[test]
fn unreachable_and_no_cache_is_exit_3_with_what_to_do() {
    let scene = Scene::new(World::default());
    let output = scene.run_at(&closed_endpoint(), &["snapshot", "--retries", "0"]);
    assert_eq!(code(&output), 3);
    assert_eq!(out(&output), "");
    let text = err(&output);
    for word in ["Connection refused", "cache", "--endpoint", "cache.json"] {
        assert!(text.contains(word), "{word} is missing in\n{text}");
    }
}

#[test]
fn the_cache_of_another_gateway_is_only_pointed_at() {
    let scene = Scene::new(World::default());
    assert_eq!(code(&scene.run(&["snapshot"])), 0);
    let output = scene.run_at(&closed_endpoint(), &["snapshot", "--retries", "0"]);
    assert_eq!(code(&output), 3);
    assert!(
        err(&output).contains(&scene.stand_in.endpoint()),
        "{output:?}"
    );
}

#[test]
fn unreachable_with_a_cache_replays_it_and_says_so() {
    let scene = Scene::new(World::default());
    assert_eq!(code(&scene.run(&["snapshot"])), 0);
    // Made older, and from an address where nobody listens any more.
    let path = scene.home.path().join(".twilio-negotiation/cache.json");
    let gone = closed_endpoint();
    let cached = fs::read_to_string(&path)
        .unwrap()
        .replace(&scene.stand_in.endpoint(), &gone);
    fs::write(&path, cached).unwrap();
    let output = scene.run_at(&gone, &["snapshot", "--retries", "0"]);
    assert_eq!(code(&output), 0, "{output:?}");
    let text = out(&output);
    assert!(
        text.contains("From the cache") && text.contains("OFFLINE"),
        "{text}"
    );
    assert!(text.contains("Margin 72.73 %"));
    let value = json(&scene.run_at(&gone, &["snapshot", "--retries", "0", "--json"]));
    assert_eq!(value["source"], "cache");
    assert_eq!(value["problems"].as_array().unwrap().len(), 1);
}

#[test]
fn offline_asks_nobody() {
    let scene = Scene::new(World::default());
    assert_eq!(code(&scene.run(&["snapshot", "--offline"])), 3);
    assert_eq!(code(&scene.run(&["snapshot"])), 0);
    let asked = scene.stand_in.world().requests.len();
    let output = scene.run(&["snapshot", "--offline"]);
    assert_eq!(code(&output), 0);
    assert!(out(&output).contains("From the cache"));
    assert_eq!(scene.stand_in.world().requests.len(), asked);
}

#[test]
fn stale_data_is_exit_5() {
    let scene = Scene::new(World::default());
    assert_eq!(code(&scene.run(&["snapshot", "--fail-on-stale", "10m"])), 0);
    let path = scene.home.path().join(".twilio-negotiation/cache.json");
    let mut cached: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let old = chrono::Utc::now() - chrono::TimeDelta::minutes(11);
    cached["snapshot"]["invoices"]["receivedAt"] = json!(old);
    fs::write(&path, cached.to_string()).unwrap();
    let output = scene.run(&["snapshot", "--offline", "--fail-on-stale", "10m"]);
    assert_eq!(code(&output), 5, "{output:?}");
    assert!(
        out(&output).contains("Portfolio renewal 2026"),
        "it is still shown"
    );
    let output = scene.run(&["snapshot", "--offline", "--fail-on-stale", "12m"]);
    assert_eq!(code(&output), 0);
}

#[test]
fn data_that_the_gateway_itself_has_from_its_cache_is_as_old_as_it_says() {
    let mut world = World::default();
    let old = chrono::Utc::now() - chrono::TimeDelta::hours(2);
    world.negotiation["provenance"] = json!("CACHED");
    world.negotiation["asOf"] = json!(old);
    let scene = Scene::new(world);
    assert_eq!(code(&scene.run(&["snapshot", "--fail-on-stale", "1h"])), 5);
    assert_eq!(code(&scene.run(&["snapshot", "--fail-on-stale", "3h"])), 0);
}

#[test]
fn a_removed_field_is_exit_4_and_the_rest_is_shown() {
    let scene = Scene::new(World {
        removed: Some("disputedAmount"),
        ..World::default()
    });
    let output = scene.run(&["snapshot"]);
    assert_eq!(code(&output), 4, "{output:?}");
    let text = out(&output);
    assert!(text.contains("SCHEMA MISMATCH in invoices"), "{text}");
    assert!(text.contains("Margin 72.73 %"));
}

#[test]
fn a_missing_token_is_said_and_a_given_one_is_never_shown() {
    let scene = Scene::new(World {
        token: Some("s3cret".into()),
        ..World::default()
    });
    let output = scene.run(&["snapshot"]);
    assert_eq!(code(&output), 1, "{output:?}");
    assert!(
        out(&output).contains("UNAUTHENTICATED")
            && out(&output).contains("TWILIO_NEGOTIATION_TOKEN")
    );
    let log = scene.home.path().join("log");
    let endpoint = scene.stand_in.endpoint();
    for command in ["snapshot", "doctor"] {
        let output = program(&scene.home)
            .args([
                "--endpoint",
                &endpoint,
                "--log-file",
                log.to_str().unwrap(),
                command,
            ])
            .env("TWILIO_NEGOTIATION_TOKEN", "s3cret")
            .output()
            .unwrap();
        assert_eq!(code(&output), 0, "{output:?}");
        let everything = out(&output) + &err(&output) + &fs::read_to_string(&log).unwrap();
        assert!(!everything.contains("s3cret"));
    }
    let help = program(&scene.home)
        .env("TWILIO_NEGOTIATION_TOKEN", "s3cret")
        .arg("--help")
        .output()
        .unwrap();
    assert!(!out(&help).contains("s3cret"));
}

#[test]
fn one_refused_area_is_told_with_its_code() {
    let refusal = error("FORBIDDEN", "Not for you.").to_string();
    let world = World {
        http_faults: vec![(200, String::new(), refusal)],
        ..World::default()
    };
    let scene = Scene::new(world);
    let output = scene.run(&["snapshot", "--json"]);
    assert_eq!(code(&output), 0);
    let problems = json(&output)["problems"].clone();
    assert_eq!(problems[0]["area"], "health");
    assert!(problems[0]["message"].as_str().unwrap().contains("c0ffee"));
}

#[rstest]
#[case(&["--endpoint", "nonsense", "snapshot"], "write it like http://127.0.0.1:8000/graphql")]
#[case(&["snapshot", "--fail-on-stale", "soon"], "is not a duration")]
#[case(&["snapshot", "--section", "weather"], "possible values")]
#[case(&["--transport", "poll", "snapshot"], "belong to `watch`")]
#[case(&["--poll-interval", "0s"], "more than zero")]
#[case(&["watch"], "not a terminal")]
#[case(&["frobnicate"], "unrecognized subcommand")]
fn wrong_usage_is_exit_2_with_the_reason(#[case] arguments: &[&str], #[case] expected: &str) {
    let home = TempDir::new().unwrap();
    let output = program(&home).args(arguments).output().unwrap();
    assert_eq!(code(&output), 2, "{output:?}");
    assert!(err(&output).contains(expected), "{}", err(&output));
}

#[test]
fn the_doctor_finds_a_healthy_gateway_healthy() {
    let scene = Scene::new(World::default());
    let output = scene.run(&["doctor", "--json"]);
    assert_eq!(code(&output), 0, "{output:?}");
    let value = json(&output);
    let verdicts: Vec<(&str, &str)> = value["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| {
            (
                check["id"].as_str().unwrap(),
                check["verdict"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        verdicts,
        [
            ("endpoint", "ok"),
            ("query", "ok"),
            ("live", "ok"),
            ("schema", "ok"),
            ("health", "warn"),
            ("clock", "ok"),
            ("cache", "ok"),
            ("terminal", "ok"),
        ]
    );
    let text = out(&scene.run(&["doctor"]));
    assert!(
        text.contains("graphql-transport-ws: first value after"),
        "{text}"
    );
}

#[test]
fn the_doctor_says_what_is_wrong_and_what_to_do() {
    let scene = Scene::new(World {
        live: Live::Refused,
        removed: Some("disputedAmount"),
        ..World::default()
    });
    let output = scene.run(&["doctor"]);
    assert_eq!(code(&output), 4, "{output:?}");
    let text = out(&output);
    assert!(
        text.contains("! warn live") && text.contains("HTTP 503"),
        "{text}"
    );
    assert!(
        text.contains("✗ FAIL query") && text.contains("disputedAmount"),
        "{text}"
    );
    let output = scene.run_at(&closed_endpoint(), &["doctor", "--json"]);
    assert_eq!(code(&output), 3);
    assert_eq!(json(&output)["checks"][0]["verdict"], "fail");
}

#[test]
fn the_cache_can_be_found_looked_at_and_cleared() {
    let scene = Scene::new(World::default());
    let path = scene.home.path().join(".twilio-negotiation/cache.json");
    assert_eq!(
        out(&scene.run(&["cache", "path"])).trim(),
        path.to_str().unwrap()
    );
    assert_eq!(code(&scene.run(&["cache", "show"])), 3);
    scene.run(&["snapshot"]);
    let text = out(&scene.run(&["cache", "show"]));
    assert!(text.contains(&scene.stand_in.endpoint()) && text.contains("negotiation, invoices"));
    assert_eq!(json(&scene.run(&["cache", "show", "--json"]))["format"], 2);
    assert!(out(&scene.run(&["cache", "clear"])).starts_with("Removed"));
    assert!(!path.exists());
    assert_eq!(code(&scene.run(&["cache", "clear"])), 0);
    let elsewhere = scene.run(&["--cache-dir", "/somewhere", "cache", "path"]);
    assert_eq!(out(&elsewhere).trim(), "/somewhere/cache.json");
}

#[test]
fn without_a_home_nothing_is_cached_and_all_else_works() {
    let scene = Scene::new(World::default());
    let output = program(&scene.home)
        .env("HOME", "")
        .args([
            "--endpoint",
            &scene.stand_in.endpoint(),
            "snapshot",
            "--section",
            "header",
        ])
        .output()
        .unwrap();
    assert_eq!(code(&output), 0, "{output:?}");
}

#[test]
fn the_schema_version_is_that_of_the_committed_file() {
    let home = TempDir::new().unwrap();
    let value = json(&program(&home).args(["schema", "--json"]).output().unwrap());
    let sdl = concat!(env!("CARGO_MANIFEST_DIR"), "/../schema/schema.graphql");
    let sum = std::process::Command::new("sha256sum")
        .arg(sdl)
        .output()
        .unwrap();
    let sum = out(&sum);
    assert!(sum.starts_with(value["sdlSha256"].as_str().unwrap()));
    assert!(sum.starts_with(value["version"].as_str().unwrap()));
    assert_eq!(value["operations"].as_array().unwrap().len(), 14);
    let plain = program(&home).arg("schema").output().unwrap();
    assert_eq!(out(&plain).trim(), value["version"].as_str().unwrap());
}

#[rstest]
#[case("bash")]
#[case("zsh")]
#[case("fish")]
fn completions_are_written_for_shells(#[case] shell: &str) {
    let home = TempDir::new().unwrap();
    let output = program(&home)
        .args(["completions", shell])
        .output()
        .unwrap();
    assert_eq!(code(&output), 0);
    assert!(out(&output).contains("fail-on-stale"));
}
