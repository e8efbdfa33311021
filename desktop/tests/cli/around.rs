//! The commands around it: the cache, the schema, completions, and wrong usage.

use super::*;
use test_case::test_case;

#[test_case(&["--endpoint", "nonsense", "snapshot"], "write it like http://127.0.0.1:8000/graphql")]
#[test_case(&["snapshot", "--fail-on-stale", "soon"], "is not a duration")]
#[test_case(&["snapshot", "--section", "weather"], "possible values")]
#[test_case(&["--transport", "poll", "snapshot"], "belong to `watch`")]
#[test_case(&["--poll-interval", "0s"], "more than zero")]
#[test_case(&["watch"], "not a terminal")]
#[test_case(&["frobnicate"], "unrecognized subcommand")]
fn wrong_usage_is_exit_2_with_the_reason(arguments: &[&str], expected: &str) {
    let home = TempDir::new().unwrap();
    let output = program(&home).args(arguments).output().unwrap();
    assert_eq!(code(&output), 2, "{output:?}");
    assert!(err(&output).contains(expected), "{}", err(&output));
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

#[test_case("bash")]
#[test_case("zsh")]
#[test_case("fish")]
fn completions_are_written_for_shells(shell: &str) {
    let home = TempDir::new().unwrap();
    let output = program(&home)
        .args(["completions", shell])
        .output()
        .unwrap();
    assert_eq!(code(&output), 0);
    assert!(out(&output).contains("fail-on-stale"));
}
