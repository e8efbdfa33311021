//! Colours, themes and plain ASCII: no meaning is by colour alone.

use super::*;
use ratatui::style::{Color, Modifier};

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
    assert_seen("ascii_80x24", text(&mut state, 80, 24));
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
