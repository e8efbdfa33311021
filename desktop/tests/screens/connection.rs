//! What is said of the connection, and while something is missing.

use super::*;
use std::time::Duration;
use twilio_negotiation_desktop::{concerns, error::GatewayError};

fn offline_error() -> GatewayError {
    GatewayError::Unreachable {
        endpoint: "http://127.0.0.1:8000/graphql".into(),
        reason: "Connection refused (os error 111)".into(),
    }
}

#[test]
fn nothing_known_yet_says_so() {
    assert_seen("connecting_80x24", text(&mut empty(), 80, 24));
}

#[test]
fn offline_without_a_cache_says_what_to_do() {
    let mut state = empty();
    let phase = Phase::Offline {
        error: offline_error(),
        retry_in: Duration::from_secs(4),
    };
    app::update(&mut state, Action::Sync(SyncEvent::Phase(phase)));
    assert_seen("offline_empty_80x24", text(&mut state, 80, 24));
}

#[test]
fn offline_shows_the_last_truth_with_its_age() {
    let mut state = full();
    state.now = now() + chrono::TimeDelta::minutes(65);
    state.phase = Phase::Offline {
        error: offline_error(),
        retry_in: Duration::from_secs(10),
    };
    assert_seen("offline_80x24", text(&mut state, 80, 24));
    state.screen = Screen::Health;
    assert_seen("offline_health_80x24", text(&mut state, 80, 24));
}

#[test]
fn polling_says_why_it_is_not_live() {
    let mut state = on(Screen::Health);
    let phase = Phase::Polling {
        reason: "the gateway answered HTTP 503 instead of opening a socket".into(),
        every: Duration::from_secs(15),
    };
    app::update(&mut state, Action::Sync(SyncEvent::Phase(phase)));
    assert_seen("polling_health_80x24", text(&mut state, 80, 24));
}

#[test]
fn a_schema_mismatch_is_said_plainly_and_the_rest_goes_on() {
    let mut state = full();
    let error = GatewayError::SchemaMismatch {
        area: Area::Invoices,
        detail: "Cannot query field 'disputedAmount' on type 'Invoice'.".into(),
    };
    let event = SyncEvent::Refused(Area::Invoices, error);
    app::update(&mut state, Action::Sync(event));
    assert_seen("mismatch_80x24", text(&mut state, 80, 24));
    state.screen = Screen::Health;
    // The version changes with every change of the schema; the screen does not.
    let built_for = &operations::schema_version()[..8];
    let shown = text(&mut state, 120, 40).replace(built_for, "00000000");
    assert_seen("mismatch_health_120x40", shown);
}

#[test]
fn another_schema_that_still_answers_is_a_remark() {
    let mut state = full();
    let mut health = sample::health();
    health["schemaVersion"]["version"] = json!("0123456789ab");
    health["banner"] = Value::Null;
    let event = SyncEvent::Pushed(update(Area::Health, health));
    app::update(&mut state, Action::Sync(event));
    let banner = concerns::banner(&state).unwrap();
    assert!(banner.text.starts_with("SCHEMA DIFFERS"), "{}", banner.text);
    assert!(!banner.severe);
}

#[test]
fn an_area_that_may_not_be_seen_is_forgotten() {
    let mut state = full();
    let error = GatewayError::Refused {
        code: "FORBIDDEN".into(),
        message: "Only buyers may see invoices.".into(),
        correlation_id: None,
    };
    let event = SyncEvent::Refused(Area::Invoices, error);
    app::update(&mut state, Action::Sync(event));
    state.screen = Screen::Invoices;
    let screen = text(&mut state, 80, 24);
    assert!(
        screen.contains("FORBIDDEN") && !screen.contains("INV-2026"),
        "{screen}"
    );
}

#[test]
fn figures_are_shown_while_the_offers_are_still_computed() {
    let mut state = empty();
    let event = SyncEvent::Pushed(update(Area::Negotiation, sample::negotiation()));
    app::update(&mut state, Action::Sync(event));
    state.phase = Phase::Live;
    let overview = text(&mut state, 120, 40);
    assert!(overview.contains("Margin 72.73 %"), "{overview}");
    assert!(
        overview.contains("The gateway has not sent this yet."),
        "{overview}"
    );
}

#[test]
fn an_empty_workspace_says_how_to_begin() {
    let mut state = empty();
    let event = SyncEvent::Pushed(update(Area::Negotiation, Value::Null));
    app::update(&mut state, Action::Sync(event));
    state.phase = Phase::Live;
    assert!(text(&mut state, 120, 40).contains("Import usage first"));
}
