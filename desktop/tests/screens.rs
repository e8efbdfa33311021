//! Every screen as text: at the usual size, wide, small, and in every state that matters.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use chrono::{DateTime, Utc};
use proptest::prelude::*;
use ratatui::{
    Terminal,
    backend::TestBackend,
    buffer::Buffer,
    style::{Color, Modifier},
};
use rstest::rstest;
use serde_json::{Value, json};
use std::time::Duration;
use support::sample;
use twilio_negotiation_desktop::{
    api::{convert, deeds::Deed, operations},
    app::{self, Action, Screen, State},
    concerns,
    config::Endpoint,
    error::GatewayError,
    keys::{Edit, Intent},
    model::{Area, Update},
    sync::{Phase, SyncEvent},
    ui::{
        self,
        theme::{Depth, Theme, ThemeName},
    },
};

fn now() -> DateTime<Utc> {
    "2026-04-01T12:00:00Z".parse().unwrap()
}

fn update(area: Area, value: Value) -> Update {
    let (field, _) = sample::of(area);
    convert::update(area, json!({ field: value }), false).unwrap()
}

fn empty() -> State {
    let theme = Theme {
        name: ThemeName::Dark,
        depth: Depth::Indexed,
    };
    let endpoint = Endpoint::parse("http://127.0.0.1:8000").unwrap();
    let mut state = State::new(endpoint, theme, now());
    state.phase = Phase::Connecting;
    state
}

/// Live, with all data.
fn full() -> State {
    let mut state = empty();
    // The sample is built with the schema at hand; a screen should not change with it.
    let mut health = sample::health();
    health["schemaVersion"]["version"] =
        json!(twilio_negotiation_desktop::api::operations::schema_version());
    for (area, value) in [
        (Area::Negotiation, sample::negotiation()),
        (Area::Invoices, sample::invoices()),
        (Area::Notifications, sample::notifications()),
        (Area::Health, health),
        (Area::Queue, sample::queue()),
        (Area::Firings, sample::firings()),
        (Area::Offers, sample::offers()),
    ] {
        let event = SyncEvent::Pushed(update(area, value));
        app::update(&mut state, Action::Sync(event));
    }
    state.phase = Phase::Live;
    state
}

fn on(screen: Screen) -> State {
    let mut state = full();
    state.screen = screen;
    state
}

fn draw(state: &mut State, width: u16, height: u16) -> Buffer {
    app::update(state, Action::Resized(width, height));
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| ui::draw(frame, state)).unwrap();
    terminal.backend().buffer().clone()
}

/// What a reader sees; the schema's version is replaced, for it changes with the SDL.
fn text(state: &mut State, width: u16, height: u16) -> String {
    let buffer = draw(state, width, height);
    let mut lines = String::new();
    for y in 0..height {
        let mut line = String::new();
        let mut x = 0;
        while x < width {
            let symbol = buffer[(x, y)].symbol();
            line.push_str(symbol);
            x += u16::try_from(ui::text::width(symbol)).unwrap().max(1);
        }
        lines.push_str(line.trim_end());
        lines.push('\n');
    }
    lines.replace(
        twilio_negotiation_desktop::api::operations::schema_version(),
        "<-version-->",
    )
}

#[rstest]
fn every_screen_at_every_size(
    #[values(
        Screen::Overview,
        Screen::Envelope,
        Screen::Ladder,
        Screen::Offers,
        Screen::Spend,
        Screen::Invoices,
        Screen::Notifications,
        Screen::Health
    )]
    screen: Screen,
    #[values((80, 24), (120, 40), (160, 50), (46, 16))] size: (u16, u16),
) {
    let (width, height) = size;
    let name = format!("{}_{width}x{height}", screen.title().to_lowercase());
    insta::assert_snapshot!(name, text(&mut on(screen), width, height));
}

fn offline_error() -> GatewayError {
    GatewayError::Unreachable {
        endpoint: "http://127.0.0.1:8000/graphql".into(),
        reason: "Connection refused (os error 111)".into(),
    }
}

#[test]
fn nothing_known_yet_says_so() {
    insta::assert_snapshot!("connecting_80x24", text(&mut empty(), 80, 24));
}

#[test]
fn offline_without_a_cache_says_what_to_do() {
    let mut state = empty();
    let phase = Phase::Offline {
        error: offline_error(),
        retry_in: Duration::from_secs(4),
    };
    app::update(&mut state, Action::Sync(SyncEvent::Phase(phase)));
    insta::assert_snapshot!("offline_empty_80x24", text(&mut state, 80, 24));
}

#[test]
fn offline_shows_the_last_truth_with_its_age() {
    let mut state = full();
    state.now = now() + chrono::TimeDelta::minutes(65);
    state.phase = Phase::Offline {
        error: offline_error(),
        retry_in: Duration::from_secs(10),
    };
    insta::assert_snapshot!("offline_80x24", text(&mut state, 80, 24));
    state.screen = Screen::Health;
    insta::assert_snapshot!("offline_health_80x24", text(&mut state, 80, 24));
}

#[test]
fn polling_says_why_it_is_not_live() {
    let mut state = on(Screen::Health);
    let phase = Phase::Polling {
        reason: "the gateway answered HTTP 503 instead of opening a socket".into(),
        every: Duration::from_secs(15),
    };
    app::update(&mut state, Action::Sync(SyncEvent::Phase(phase)));
    insta::assert_snapshot!("polling_health_80x24", text(&mut state, 80, 24));
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
    insta::assert_snapshot!("mismatch_80x24", text(&mut state, 80, 24));
    state.screen = Screen::Health;
    // The version changes with every change of the schema; the screen does not.
    let built_for = &operations::schema_version()[..8];
    let shown = text(&mut state, 120, 40).replace(built_for, "00000000");
    insta::assert_snapshot!("mismatch_health_120x40", shown);
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
fn the_help_lists_the_keys() {
    let mut state = full();
    app::update(&mut state, Action::Intent(Intent::Help));
    insta::assert_snapshot!("help_80x24", text(&mut state, 80, 24));
}

#[test]
fn why_shows_the_steps_of_the_computation() {
    let mut state = full();
    app::update(&mut state, Action::Intent(Intent::Why));
    insta::assert_snapshot!("why_80x24", text(&mut state, 80, 24));
}

#[test]
fn a_filter_leaves_the_rows_that_have_every_word() {
    let mut state = on(Screen::Invoices);
    app::update(&mut state, Action::Intent(Intent::Filter));
    for c in "2026 disputed".chars() {
        app::update(&mut state, Action::Edit(Edit::Insert(c)));
    }
    let typing = text(&mut state, 80, 24);
    assert!(typing.contains("/2026 disputed█"), "{typing}");
    assert!(typing.contains("INV-2026-02") && !typing.contains("INV-2026-03"));
    app::update(&mut state, Action::Edit(Edit::Accept));
    assert!(text(&mut state, 80, 24).contains("1/1 found /2026 disputed"));
    app::update(&mut state, Action::Intent(Intent::Close));
    assert!(text(&mut state, 80, 24).contains("INV-2026-03"));
}

#[test]
fn moving_selects_the_next_row_and_shows_its_details() {
    let mut state = on(Screen::Invoices);
    app::update(&mut state, Action::Intent(Intent::Down));
    insta::assert_snapshot!("invoices_second_80x24", text(&mut state, 80, 24));
    for _ in 0..10 {
        app::update(&mut state, Action::Intent(Intent::Down));
    }
    assert_eq!(state.selected(Screen::Invoices), 2);
}

#[test]
fn enter_gives_the_details_the_whole_screen_and_they_can_be_moved() {
    let mut state = on(Screen::Offers);
    draw(&mut state, 80, 24);
    app::update(&mut state, Action::Intent(Intent::Zoom));
    insta::assert_snapshot!("offer_details_80x24", text(&mut state, 80, 24));
    draw(&mut state, 80, 16);
    for _ in 0..9 {
        app::update(&mut state, Action::Intent(Intent::PageDown));
    }
    let end = text(&mut state, 80, 16);
    assert!(
        end.contains("Payment net 30 [7.3]") && end.contains("0 below"),
        "{end}"
    );
    app::update(&mut state, Action::Intent(Intent::Close));
    assert!(text(&mut state, 80, 24).contains("4 Offers 1/3"));
}

#[test]
fn the_months_are_found_where_there_is_no_room_beside_the_days() {
    let mut state = on(Screen::Spend);
    draw(&mut state, 80, 24);
    app::update(&mut state, Action::Intent(Intent::Zoom));
    insta::assert_snapshot!("months_80x24", text(&mut state, 80, 24));
}

#[test]
fn a_frozen_screen_stands_still_while_data_goes_on_arriving() {
    let mut state = full();
    app::update(&mut state, Action::Intent(Intent::Freeze));
    let mut value = sample::negotiation();
    value["envelope"]["currentMargin"] = json!("0.6100");
    let event = SyncEvent::Pushed(update(Area::Negotiation, value));
    app::update(&mut state, Action::Sync(event));
    let frozen = text(&mut state, 120, 40);
    assert!(
        frozen.contains("FROZEN") && frozen.contains("Margin 72.73 %"),
        "{frozen}"
    );
    app::update(&mut state, Action::Intent(Intent::Freeze));
    assert!(text(&mut state, 120, 40).contains("Margin 61.00 %  ▼ 4.00 pp below floor"));
}

#[test]
fn a_change_is_told_in_a_line() {
    let mut state = full();
    let mut value = sample::negotiation();
    value["envelope"]["currentMargin"] = json!("0.7100");
    value["trailing90"]["amount"] = json!("1000000.01");
    let event = SyncEvent::Pushed(update(Area::Negotiation, value));
    let effects = app::update(&mut state, Action::Sync(event));
    assert_eq!(effects, [app::Effect::SaveCache]);
    let toast = state.toast.unwrap().text;
    assert_eq!(
        toast,
        "Updated: margin 71.00 % (-1.73 pp), trailing-90 1,000,000.01"
    );
}

#[test]
fn what_cannot_be_taken_back_is_asked_for_twice() {
    let mut state = on(Screen::Notifications);
    let press = |state: &mut State, intent| app::update(state, Action::Intent(intent));
    assert_eq!(press(&mut state, Intent::Act(Deed::Cancel)), []);
    assert!(
        state
            .toast
            .as_ref()
            .unwrap()
            .text
            .contains("x once more does it")
    );
    // Another key, another message, another wish or too much time: it begins anew.
    press(&mut state, Intent::Down);
    assert_eq!(press(&mut state, Intent::Act(Deed::Cancel)), []);
    assert_eq!(press(&mut state, Intent::Act(Deed::Retry)), []);
    state.now += chrono::TimeDelta::seconds(60);
    assert_eq!(press(&mut state, Intent::Act(Deed::Retry)), []);
    assert_eq!(
        press(&mut state, Intent::Act(Deed::Retry)),
        [app::Effect::Act(Deed::Retry, "n2".into())]
    );
    assert_eq!(press(&mut state, Intent::Act(Deed::Retry)), []);
    let mut elsewhere = on(Screen::Offers);
    assert_eq!(press(&mut elsewhere, Intent::Act(Deed::Retry)), []);
    assert!(elsewhere.toast.unwrap().text.contains("(7)"));
}

#[test]
fn every_try_of_a_message_is_told() {
    let mut state = on(Screen::Notifications);
    app::update(&mut state, Action::Intent(Intent::Down));
    let shown = text(&mut state, 120, 40);
    for line in [
        "1  2026-03-30 08:00:00 UTC postponed, after 240 ms; 20429: Twilio asks for a slower pace.",
        "2  2026-03-30 08:00:09 UTC refused, after 100 ms; 21610: The recipient has opted out.",
    ] {
        assert!(shown.contains(line), "{shown}");
    }
}

#[test]
fn what_a_rule_had_to_tell_and_could_not_is_above_the_messages() {
    let shown = text(&mut on(Screen::Notifications), 120, 40);
    assert!(
        shown.contains("! Rule Tier about to change, 20 min ago, held back: Tier C is 587,654.33 USD away. DAILY_CAP:"),
        "{shown}"
    );
}

#[test]
fn why_nothing_is_sent_is_said_first() {
    let mut value = sample::queue();
    value["pause"] = Value::Null;
    value["circuit"] = json!("OPEN");
    value["probeIn"] = json!(42);
    let mut state = on(Screen::Notifications);
    let event = SyncEvent::Pushed(update(Area::Queue, value.clone()));
    app::update(&mut state, Action::Sync(event));
    assert!(text(&mut state, 120, 40).contains("does not answer; tried again in 42 s"));
    value["ready"] = json!(false);
    let event = SyncEvent::Pushed(update(Area::Queue, value));
    app::update(&mut state, Action::Sync(event));
    assert!(text(&mut state, 120, 40).contains("Sending is not set up: messages wait."));
}

#[test]
fn a_new_offer_is_told_in_a_line() {
    let mut state = full();
    let mut value = sample::offers();
    let another = value["rounds"][1]["offers"][0].clone();
    value["rounds"][1]["offers"]
        .as_array_mut()
        .unwrap()
        .push(another);
    let event = SyncEvent::Pushed(update(Area::Offers, value));
    let effects = app::update(&mut state, Action::Sync(event));
    assert_eq!(effects, [app::Effect::SaveCache]);
    assert_eq!(state.toast.unwrap().text, "Updated: 4 offers");
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
fn values_that_a_newer_gateway_added_are_shown_by_their_name() {
    let mut negotiation = sample::negotiation();
    negotiation["status"] = json!("ON_HOLD");
    negotiation["addedLater"] = json!({ "deep": [1, 2] });
    let mut offers = sample::offers();
    offers["rounds"][0]["offers"][0]["status"] = json!("PARKED");
    offers["rounds"][0]["offers"][0]["terms"][0] =
        json!({ "__typename": "EscrowTerm", "amount": "5" });
    let mut health = sample::health();
    health["provenance"] = json!("REPLICA");
    let mut state = full();
    for (area, value) in [
        (Area::Negotiation, negotiation),
        (Area::Health, health),
        (Area::Offers, offers),
    ] {
        let event = SyncEvent::Pushed(update(area, value));
        app::update(&mut state, Action::Sync(event));
    }
    let overview = text(&mut state, 160, 50);
    assert!(
        overview.contains("on hold") && overview.contains("data REPLICA"),
        "{overview}"
    );
    state.screen = Screen::Offers;
    app::update(&mut state, Action::Intent(Intent::Bottom));
    let offers = text(&mut state, 120, 40);
    assert!(offers.contains("parked"), "{offers}");
    assert!(
        offers.contains("A kind of term that this version cannot read"),
        "{offers}"
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

#[test]
fn text_from_the_gateway_cannot_command_the_terminal() {
    let mut value = sample::notifications();
    value["edges"][0]["node"]["body"] = json!("\u{1b}[2J\u{1b}]0;owned\u{7} \u{202e}evil\r\nnext");
    let mut state = on(Screen::Notifications);
    let event = SyncEvent::Pushed(update(Area::Notifications, value));
    app::update(&mut state, Action::Sync(event));
    let screen = text(&mut state, 120, 40);
    assert!(!screen.contains(['\u{1b}', '\u{7}', '\u{202e}', '\r']));
    assert!(screen.contains("[2J ]0;owned"), "{screen}");
}

#[test]
fn the_ascii_look_has_only_ascii() {
    for screen in Screen::ALL {
        let mut state = on(screen);
        state.ascii = true;
        let shown = text(&mut state, 80, 24);
        assert!(shown.is_ascii(), "{shown}");
    }
    let mut state = on(Screen::Overview);
    state.ascii = true;
    insta::assert_snapshot!("ascii_80x24", text(&mut state, 80, 24));
}

#[test]
fn the_mono_theme_has_no_colour_at_all() {
    for screen in Screen::ALL {
        let mut state = on(screen);
        state.theme.name = ThemeName::Mono;
        let buffer = draw(&mut state, 120, 40);
        assert!(
            buffer
                .content
                .iter()
                .all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset)
        );
    }
}

#[test]
fn every_theme_shows_the_same_words() {
    for screen in Screen::ALL {
        let mut shown = on(screen);
        let expected = text(&mut shown, 100, 30);
        for name in [ThemeName::Light, ThemeName::Contrast, ThemeName::Mono] {
            let mut state = on(screen);
            state.theme.name = name;
            assert_eq!(text(&mut state, 100, 30), expected);
        }
    }
}

#[test]
fn the_borders_of_the_sections_have_different_colours() {
    let theme = full().theme;
    let colours: std::collections::HashSet<_> = Screen::ALL
        .iter()
        .map(|screen| theme.accent(*screen).fg)
        .collect();
    assert_eq!(colours.len(), Screen::ALL.len());
}

#[test]
fn the_selected_row_stands_out_in_every_theme() {
    for name in [
        ThemeName::Dark,
        ThemeName::Light,
        ThemeName::Contrast,
        ThemeName::Mono,
    ] {
        let mut state = on(Screen::Offers);
        state.theme.name = name;
        let buffer = draw(&mut state, 80, 24);
        let cell = &buffer[(6, 5)];
        let plain = &buffer[(6, 6)];
        assert!(
            cell.bg != plain.bg || cell.modifier.contains(Modifier::REVERSED),
            "{name:?}"
        );
    }
}

#[rstest]
#[case(29, 24)]
#[case(80, 7)]
#[case(1, 1)]
fn a_window_that_is_too_small_says_so(#[case] width: u16, #[case] height: u16) {
    let shown = text(&mut full(), width, height);
    assert!(
        "Too small".starts_with(shown.split('\n').next().unwrap().trim())
            || shown.contains("Too small")
    );
}

#[test]
fn a_click_opens_what_is_under_it() {
    let mut state = full();
    draw(&mut state, 80, 24);
    assert_eq!(ui::screen_at(&state, 13, 1), Some(Screen::Envelope));
    assert_eq!(ui::screen_at(&state, 5, 5), Some(Screen::Envelope));
    assert_eq!(ui::screen_at(&state, 60, 5), Some(Screen::Ladder));
    assert_eq!(ui::screen_at(&state, 79, 23), None);
}

#[test]
fn what_is_copied_is_the_row_or_the_section() {
    let mut state = on(Screen::Offers);
    let effects = app::update(&mut state, Action::Intent(Intent::Copy));
    let [app::Effect::Copy(text)] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    assert!(text.contains("effective discount 38.17 %") && text.contains("P(shortfall) 12.00 %"));
    state.screen = Screen::Envelope;
    let effects = app::update(&mut state, Action::Intent(Intent::Copy));
    let [app::Effect::Copy(text)] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    assert!(text.contains("Revenue 990.00"), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_size_breaks_any_screen(width in 1_u16..220, height in 1_u16..70, screen in 0_usize..8) {
        let mut state = on(Screen::ALL[screen]);
        draw(&mut state, width, height);
        app::update(&mut state, Action::Intent(Intent::Help));
        draw(&mut state, width, height);
    }

    #[test]
    fn a_field_that_is_gone_or_of_another_type_never_crashes(
        area in 0..Area::ALL.len(), at in 0_usize..400, replacement in 0_usize..4,
    ) {
        let area = Area::ALL[area];
        let (field, mut value) = sample::of(area);
        let replacement = [None, Some(Value::Null), Some(json!(1.5)), Some(json!("NEW"))]
            [replacement].clone();
        mutate(&mut value, &mut at.clone(), &replacement);
        if let Ok(update) = convert::update(area, json!({ field: value }), false) {
            let mut state = full();
            app::update(&mut state, Action::Sync(SyncEvent::Pushed(update)));
            for screen in Screen::ALL {
                state.screen = screen;
                draw(&mut state, 100, 30);
            }
        }
    }
}

/// Removes or replaces the `at`-th field that a walk through the value meets.
fn mutate(value: &mut Value, at: &mut usize, replacement: &Option<Value>) -> bool {
    match value {
        Value::Object(fields) => {
            let keys: Vec<String> = fields.keys().cloned().collect();
            for key in keys {
                if *at == 0 {
                    match replacement {
                        None => drop(fields.remove(&key)),
                        Some(new) => drop(fields.insert(key, new.clone())),
                    }
                    return true;
                }
                *at -= 1;
                if mutate(&mut fields[&key], at, replacement) {
                    return true;
                }
            }
            false
        }
        Value::Array(items) => items.iter_mut().any(|item| mutate(item, at, replacement)),
        _ => false,
    }
}
