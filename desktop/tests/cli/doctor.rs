//! `doctor`: every step between here and the gateway.

use super::*;
use crate::support::world::Live;

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
