//! `snapshot`: what it prints of a gateway, of the cache, and of what is wrong.

use super::*;
use crate::support::world::error;

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
