//! Every screen at every size, down to those that are too small.

use super::*;
use proptest::prelude::*;
use test_case::{test_case, test_matrix};

#[test_matrix(
    [
        Screen::Overview, Screen::Envelope, Screen::Ladder, Screen::Offers, Screen::Spend,
        Screen::Invoices, Screen::Notifications, Screen::Health,
    ],
    [(80, 24), (120, 40), (160, 50), (46, 16)]
)]
fn every_screen_at_every_size(screen: Screen, size: (u16, u16)) {
    let (width, height) = size;
    let name = format!("{}_{width}x{height}", screen.title().to_lowercase());
    assert_seen(&name, text(&mut on(screen), width, height));
}

#[test_case(29, 24)]
#[test_case(80, 7)]
#[test_case(1, 1)]
fn a_window_that_is_too_small_says_so(width: u16, height: u16) {
    let shown = text(&mut full(), width, height);
    assert!(
        "Too small".starts_with(shown.split('\n').next().unwrap().trim())
            || shown.contains("Too small")
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_size_breaks_any_screen(width in 1_u16..220, height in 1_u16..70, screen in 0_usize..8) {
        let mut state = on(Screen::ALL[screen]);
        draw(&mut state, width, height);
        app::update(&mut state, Action::Say("Something that is long enough for many lines. ".repeat(9)));
        app::update(&mut state, Action::Intent(Intent::Zoom));
        draw(&mut state, width, height);
        app::update(&mut state, Action::Intent(Intent::Help));
        draw(&mut state, width, height);
    }
}
