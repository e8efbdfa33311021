//! What keys and clicks do.

use super::*;
use twilio_negotiation_desktop::{api::deeds::Deed, app::Typing};

#[test]
fn the_help_lists_the_keys() {
    let mut state = full();
    app::update(&mut state, Action::Intent(Intent::Help));
    assert_seen("help_80x24", text(&mut state, 80, 24));
}

#[test]
fn why_shows_the_steps_of_the_computation() {
    let mut state = full();
    app::update(&mut state, Action::Intent(Intent::Why));
    assert_seen("why_80x24", text(&mut state, 80, 24));
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
    assert_seen("invoices_second_80x24", text(&mut state, 80, 24));
    for _ in 0..10 {
        app::update(&mut state, Action::Intent(Intent::Down));
    }
    assert_eq!(state.selected(Screen::Invoices), 2);
}

#[test]
fn a_row_stays_selected_when_others_come_above_it() {
    let mut value = sample::notifications();
    let mut newer = value["edges"][0].clone();
    newer["node"]["id"] = json!("n3");
    newer["node"]["queuedAt"] = json!("2026-04-01T11:59:00Z");
    value["edges"].as_array_mut().unwrap().push(newer);
    let arrive = |state: &mut State| {
        let event = SyncEvent::Pushed(update(Area::Notifications, value.clone()));
        app::update(state, Action::Sync(event));
        state.selected(Screen::Notifications)
    };
    let mut reading = on(Screen::Notifications);
    app::update(&mut reading, Action::Intent(Intent::Down));
    assert_eq!(arrive(&mut reading), 2);
    let mut watching = on(Screen::Notifications);
    assert_eq!(arrive(&mut watching), 0);
    let mut frozen = on(Screen::Notifications);
    app::update(&mut frozen, Action::Intent(Intent::Down));
    app::update(&mut frozen, Action::Intent(Intent::Freeze));
    assert_eq!(arrive(&mut frozen), 1);
    app::update(&mut frozen, Action::Intent(Intent::Freeze));
    assert_eq!(frozen.selected(Screen::Notifications), 2);
}

#[test]
fn enter_gives_the_details_the_whole_screen_and_they_can_be_moved() {
    let mut state = on(Screen::Offers);
    draw(&mut state, 80, 24);
    app::update(&mut state, Action::Intent(Intent::Zoom));
    assert_seen("offer_details_80x24", text(&mut state, 80, 24));
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
    assert_seen("months_80x24", text(&mut state, 80, 24));
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
fn what_cannot_be_taken_back_is_asked_for_twice() {
    let mut state = on(Screen::Notifications);
    let press = |state: &mut State, intent| app::update(state, Action::Intent(intent));
    assert_eq!(press(&mut state, Intent::Cancel), []);
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
    assert_eq!(press(&mut state, Intent::Cancel), []);
    assert_eq!(press(&mut state, Intent::Retry), []);
    state.now += chrono::TimeDelta::seconds(60);
    assert_eq!(press(&mut state, Intent::Retry), []);
    assert_eq!(
        press(&mut state, Intent::Retry),
        [app::Effect::Act(Deed::Retry("n2".into()))]
    );
    assert_eq!(press(&mut state, Intent::Retry), []);
    let mut elsewhere = on(Screen::Offers);
    assert_eq!(press(&mut elsewhere, Intent::Retry), []);
    assert!(elsewhere.toast.unwrap().text.contains("(7)"));
}

/// On the notifications, while nothing is paused.
fn sending() -> State {
    let mut state = on(Screen::Notifications);
    let mut queue = sample::queue();
    queue["pause"] = Value::Null;
    let event = SyncEvent::Pushed(update(Area::Queue, queue));
    app::update(&mut state, Action::Sync(event));
    state
}

fn write(state: &mut State, text: &str) {
    for c in text.chars() {
        app::update(state, Action::Edit(Edit::Insert(c)));
    }
}

fn said(state: &State) -> &str {
    state.toast.as_ref().map_or("", |toast| &toast.text)
}

#[test]
fn sending_is_paused_for_a_reason_and_for_no_other() {
    let mut state = sending();
    assert_eq!(app::update(&mut state, Action::Intent(Intent::Pause)), []);
    write(&mut state, " ");
    assert_eq!(app::update(&mut state, Action::Edit(Edit::Accept)), []);
    assert!(said(&state).contains("Say why"));
    write(&mut state, "Prices are wrong");
    assert_seen("pause_80x24", text(&mut state, 80, 24));
    assert_eq!(
        app::update(&mut state, Action::Edit(Edit::Accept)),
        [app::Effect::Act(Deed::Pause("Prices are wrong".into()))]
    );
    assert_eq!(state.typing, Typing::Nothing);
}

#[test]
fn a_pause_that_is_thought_better_of_asks_nobody() {
    let mut state = sending();
    app::update(&mut state, Action::Intent(Intent::Pause));
    write(&mut state, "Prices");
    assert_eq!(app::update(&mut state, Action::Edit(Edit::Cancel)), []);
    assert_eq!(said(&state), "Not paused");
    app::update(&mut state, Action::Intent(Intent::Pause));
    assert_eq!(state.typing, Typing::Reason(String::new()));
    app::update(&mut state, Action::Open(Screen::Offers));
    assert_eq!(state.typing, Typing::Nothing);
    app::update(&mut state, Action::Intent(Intent::Pause));
    assert!(said(&state).contains("(7)"));
    assert_eq!(state.typing, Typing::Nothing);
}

#[test]
fn what_is_paused_is_resumed_by_the_same_key_pressed_twice() {
    let mut state = on(Screen::Notifications);
    assert_eq!(app::update(&mut state, Action::Intent(Intent::Pause)), []);
    assert_eq!(said(&state), "Send again what waits? P once more does it");
    assert_eq!(
        app::update(&mut state, Action::Intent(Intent::Pause)),
        [app::Effect::Act(Deed::Resume)]
    );
}

#[test]
fn where_nobody_shall_be_asked_nothing_is_asked_for() {
    let mut state = sending();
    state.phase = Phase::Cached;
    for intent in [Intent::Pause, Intent::Retry, Intent::Cancel] {
        assert_eq!(app::update(&mut state, Action::Intent(intent)), []);
        assert_eq!(said(&state), "Offline was asked for: nobody is asked");
        assert_eq!((&state.typing, &state.intended), (&Typing::Nothing, &None));
    }
}

#[test]
fn a_long_reason_is_seen_at_its_end() {
    let mut state = sending();
    app::update(&mut state, Action::Intent(Intent::Pause));
    write(
        &mut state,
        &"The prices of the new list are checked ".repeat(9),
    );
    write(&mut state, "until noon");
    let shown = text(&mut state, 80, 24);
    let last = shown.trim_end().lines().last().unwrap();
    assert!(last.contains("until noon█") && last.contains('…'), "{last}");
    assert!(last.ends_with("Esc does not"), "{last}");
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
