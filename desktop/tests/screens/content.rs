//! What the gateway told, whatever it told.

use super::*;
use proptest::prelude::*;

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
fn a_message_that_is_too_long_for_a_line_is_told_in_three() {
    let mut state = on(Screen::Overview);
    let refused = "the gateway's words, as long as they are, ".repeat(5);
    app::update(&mut state, Action::Say(format!("Not done: {refused}")));
    assert_seen("toast_80x24", text(&mut state, 80, 24));
}

#[test]
fn what_every_component_says_is_found_where_the_table_has_no_room() {
    let mut state = on(Screen::Health);
    draw(&mut state, 80, 24);
    app::update(&mut state, Action::Intent(Intent::Zoom));
    assert_seen("components_80x24", text(&mut state, 80, 24));
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_field_that_is_gone_or_of_another_type_never_crashes(
        area in 0..Area::ALL.len(), at in 0_usize..400, replacement in 0_usize..4,
    ) {
        let area = Area::ALL[area];
        let (field, mut value) = sample::of(area);
        let replacement = [None, Some(Value::Null), Some(json!(1.5)), Some(json!("NEW"))]
            [replacement].clone();
        mutate(&mut value, &mut at.clone(), &replacement);
        if let Ok(update) = convert::update(area, json!({ field: value })) {
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
