//! The cache, and what is shown when nobody answers.

use crate::support::{sample, settings};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::{fs, path::Path};
use tempfile::TempDir;
use twilio_negotiation_desktop::{
    api::convert,
    app::State,
    cache::{Cache, Entry, Loaded},
    config::Settings,
    model::{Area, Snapshot},
    ui::theme::{Depth, Theme, ThemeName},
    watch,
};

fn saved_at() -> DateTime<Utc> {
    "2026-04-01T12:00:00Z".parse().unwrap()
}

fn entry() -> Entry {
    let mut snapshot = Snapshot::default();
    for area in Area::ALL {
        let (field, value) = sample::of(area);
        let update = convert::update(area, json!({ field: value })).unwrap();
        snapshot.apply(update, saved_at());
    }
    Entry::new("http://127.0.0.1:8000/graphql".into(), snapshot, saved_at())
}

fn cache() -> (TempDir, Cache) {
    let directory = TempDir::new().unwrap();
    let cache = Cache::new(directory.path().join("deep/.twilio-negotiation"));
    (directory, cache)
}

fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(directory)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn what_is_saved_is_loaded_to_the_last_digit() {
    let (_directory, cache) = cache();
    assert_eq!(cache.load(), Loaded::Missing);
    cache.save(&entry()).unwrap();
    assert_eq!(cache.load(), Loaded::Entry(Box::new(entry())));
    assert_eq!(names(cache.path().parent().unwrap()), ["cache.json"]);
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_it() {
    use std::os::unix::fs::MetadataExt;
    let (_directory, cache) = cache();
    cache.save(&entry()).unwrap();
    assert_eq!(cache.mode(), Some(0o600));
    let parent = fs::metadata(cache.path().parent().unwrap()).unwrap();
    assert_eq!(parent.mode() & 0o777, 0o700);
}

#[test]
fn the_envelope_can_be_read_by_other_programs() {
    let (_directory, cache) = cache();
    cache.save(&entry()).unwrap();
    let value: Value = serde_json::from_slice(&fs::read(cache.path()).unwrap()).unwrap();
    assert_eq!(value["format"], 2);
    assert_eq!(value["savedAt"], "2026-04-01T12:00:00Z");
    assert_eq!(value["endpoint"], "http://127.0.0.1:8000/graphql");
    assert_eq!(value["schemaVersion"].as_str().unwrap().len(), 12);
    assert_eq!(
        value["snapshot"]["negotiation"]["value"]["envelope"]["revenue"],
        "990.00"
    );
}

#[test]
fn a_file_that_cannot_be_read_counts_as_absent_and_is_kept() {
    let (_directory, cache) = cache();
    cache.save(&entry()).unwrap();
    for broken in [
        "{\"format\":2,\"savedAt\":",
        "{\"format\":2}",
        "{\"format\":3}",
        "{\"format\":1}",
        "",
        "[]",
    ] {
        fs::write(cache.path(), broken).unwrap();
        let Loaded::Bad { reason, kept } = cache.load() else {
            panic!("{broken:?} was read");
        };
        assert!(!reason.is_empty());
        assert_eq!(fs::read_to_string(kept.unwrap()).unwrap(), broken);
        assert_eq!(cache.load(), Loaded::Missing);
    }
}

#[test]
fn a_file_of_an_earlier_version_keeps_its_offers() {
    let (_directory, cache) = cache();
    cache.save(&entry()).unwrap();
    let mut file: Value = serde_json::from_slice(&fs::read(cache.path()).unwrap()).unwrap();
    file["format"] = json!(1);
    let part = file["snapshot"]
        .as_object_mut()
        .unwrap()
        .remove("offers")
        .unwrap();
    file["snapshot"]["negotiation"]["value"]["offers"] = part["value"]["offers"].clone();
    fs::write(cache.path(), file.to_string()).unwrap();
    assert_eq!(cache.load(), Loaded::Entry(Box::new(entry())));

    // Before messages had a history and the queue a state of its own.
    file["snapshot"].as_object_mut().unwrap().remove("queue");
    let messages = &mut file["snapshot"]["notifications"]["value"]["notifications"];
    for message in messages.as_array_mut().unwrap() {
        let known = |name: &String, _: &mut Value| {
            ["id", "channel", "to", "body", "status", "attempts", "error"].contains(&name.as_str())
                || ["queuedAt", "updatedAt"].contains(&name.as_str())
        };
        message.as_object_mut().unwrap().retain(known);
    }
    fs::write(cache.path(), file.to_string()).unwrap();
    let Loaded::Entry(old) = cache.load() else {
        panic!("messages without a history were not read");
    };
    assert_eq!(old.snapshot.notifications.unwrap().value.total_count, 2);

    file["snapshot"]["negotiation"] = Value::Null;
    fs::write(cache.path(), file.to_string()).unwrap();
    let Loaded::Entry(entry) = cache.load() else {
        panic!("a file without a negotiation was not read");
    };
    assert!(entry.snapshot.offers.is_none());
    assert!(entry.snapshot.health().is_some());
}

#[test]
fn looking_at_a_broken_file_does_not_move_it() {
    let (_directory, cache) = cache();
    cache.save(&entry()).unwrap();
    fs::write(cache.path(), "broken").unwrap();
    assert!(matches!(cache.peek(), Loaded::Bad { kept: None, .. }));
    assert!(cache.path().exists());
}

#[test]
fn a_place_that_cannot_be_written_is_an_error_with_its_path() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, "in the way").unwrap();
    let error = Cache::new(file.clone()).save(&entry()).unwrap_err();
    assert!(
        error.to_string().contains(&file.display().to_string()),
        "{error}"
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), "in the way");
}

#[test]
fn many_writers_leave_one_whole_file() {
    let (_directory, cache) = cache();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..5 {
                    cache.save(&entry()).unwrap();
                }
            });
        }
    });
    assert!(matches!(cache.load(), Loaded::Entry(_)));
    assert_eq!(names(cache.path().parent().unwrap()), ["cache.json"]);
}

fn replayed(endpoint: &str, offline: bool, cache: Option<&Cache>) -> State {
    let settings = Settings {
        offline,
        ..settings(endpoint)
    };
    let theme = Theme {
        name: ThemeName::Mono,
        depth: Depth::Ansi16,
    };
    let mut state = State::new(settings.endpoint.clone(), theme, saved_at());
    watch::remember(&mut state, cache, &settings);
    state
}

#[test]
fn the_cache_of_this_gateway_is_shown_at_once() {
    let (_directory, cache) = cache();
    cache.save(&entry()).unwrap();
    let state = replayed("http://127.0.0.1:8000", false, Some(&cache));
    assert!(state.snapshot.negotiation().is_some());
}

#[test]
fn the_cache_of_another_gateway_is_shown_only_offline() {
    let (_directory, cache) = cache();
    cache.save(&entry()).unwrap();
    assert!(
        replayed("http://127.0.0.1:9000", false, Some(&cache))
            .snapshot
            .is_empty()
    );
    let offline = replayed("http://127.0.0.1:9000", true, Some(&cache));
    assert!(offline.snapshot.negotiation().is_some());
    assert_eq!(
        offline.endpoint.to_string(),
        "http://127.0.0.1:8000/graphql"
    );
}

#[test]
fn a_broken_cache_and_a_missing_home_are_told() {
    let (_directory, cache) = cache();
    cache.save(&entry()).unwrap();
    fs::write(cache.path(), "broken").unwrap();
    let note = replayed("http://x", false, Some(&cache))
        .cache_note
        .unwrap();
    assert!(note.contains("cache.json.bad"), "{note}");
    let note = replayed("http://x", false, None).cache_note.unwrap();
    assert!(note.contains("--cache-dir"), "{note}");
}
