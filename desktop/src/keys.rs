//! ONE table of keys. It drives the input, the footer and the help, so they cannot differ.

use crate::app::Screen;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    Quit,
    Help,
    Why,
    Close,
    Next,
    Previous,
    Goto(Screen),
    Down,
    Up,
    PageDown,
    PageUp,
    Top,
    Bottom,
    Refresh,
    Freeze,
    Theme,
    Mouse,
    Filter,
    Copy,
    Zoom,
    Retry,
    Cancel,
    /// Pause all sending, or resume it.
    Pause,
}

/// What a key does while something is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    Insert(char),
    Backspace,
    Accept,
    Cancel,
}

pub struct Binding {
    keys: &'static [(KeyCode, KeyModifiers)],
    pub intent: Intent,
    /// How the keys are written.
    pub label: &'static str,
    /// A line of the help; `None` where the line of a neighbour covers it.
    pub help: Option<&'static str>,
    /// One word for the footer, for keys that belong there.
    pub footer: Option<&'static str>,
    /// The only screen where it does something; the footer has it there alone, and early.
    pub screen: Option<Screen>,
}

const NONE: KeyModifiers = KeyModifiers::NONE;
const CONTROL: KeyModifiers = KeyModifiers::CONTROL;

const fn key(c: char) -> (KeyCode, KeyModifiers) {
    (KeyCode::Char(c), NONE)
}

macro_rules! bindings {
    ($($label:literal [$($key:expr),+] $intent:expr, $footer:expr, $help:expr $(, on $screen:ident)?;)+) => {
        &[$(Binding {
            keys: &[$($key),+],
            intent: $intent,
            label: $label,
            help: $help,
            footer: $footer,
            screen: bindings!(@screen $($screen)?),
        }),+]
    };
    (@screen) => { None };
    (@screen $screen:ident) => { Some(Screen::$screen) };
}

/// In the order of importance: the footer shows as many as fit.
pub const BINDINGS: &[Binding] = bindings! {
    "?" [key('?'), (KeyCode::F(1), NONE)] Intent::Help, Some("help"), Some("this help");
    "q" [key('q'), (KeyCode::Char('c'), CONTROL)] Intent::Quit, Some("quit"), Some("quit (also Ctrl-C)");
    "Tab" [(KeyCode::Tab, NONE), (KeyCode::Right, NONE), key('l')]
        Intent::Next, Some("next"), Some("next screen; S-Tab: previous (also arrows, h and l)");
    "j/k" [key('j'), (KeyCode::Down, NONE)]
        Intent::Down, Some("move"), Some("next and previous row (also arrows, wheel)");
    "Enter" [(KeyCode::Enter, NONE)] Intent::Zoom, Some("details"), Some("details on the whole screen, and back");
    "r" [key('r')] Intent::Refresh, Some("refresh"), Some("ask the gateway again, try live again");
    "/" [key('/')] Intent::Filter, Some("filter"), Some("filter the rows of a list");
    "w" [key('w')] Intent::Why, Some("why"), Some("why the envelope's numbers are so");
    "space" [key(' ')] Intent::Freeze, Some("freeze"), Some("freeze the screens; again: go on");
    "y" [key('y')] Intent::Copy, Some("copy"), Some("copy the selected row, or the section");
    "R" [key('R')] Intent::Retry, Some("again"), Some("queue the selected notification again (asks first)"), on Notifications;
    "x" [key('x')] Intent::Cancel, Some("cancel"), Some("cancel the selected notification (asks first)"), on Notifications;
    "P" [key('P')] Intent::Pause, Some("pause/resume"), Some("pause all sending (asks why), resume it (asks first)"), on Notifications;
    "t" [key('t')] Intent::Theme, Some("theme"), Some("next theme: dark, light, contrast, mono");
    "m" [key('m')] Intent::Mouse, None, Some("mouse on or off (off: the terminal selects text)");
    "Esc" [(KeyCode::Esc, NONE)] Intent::Close, None, Some("close this, clear a filter or a message");
    "1-8" [key('1')] Intent::Goto(Screen::Overview), None, Some("open a screen by its number (also a click)");
    "2" [key('2')] Intent::Goto(Screen::Envelope), None, None;
    "3" [key('3')] Intent::Goto(Screen::Ladder), None, None;
    "4" [key('4')] Intent::Goto(Screen::Offers), None, None;
    "5" [key('5')] Intent::Goto(Screen::Spend), None, None;
    "6" [key('6')] Intent::Goto(Screen::Invoices), None, None;
    "7" [key('7')] Intent::Goto(Screen::Notifications), None, None;
    "8" [key('8')] Intent::Goto(Screen::Health), None, None;
    "S-Tab" [(KeyCode::BackTab, NONE), (KeyCode::BackTab, KeyModifiers::SHIFT), (KeyCode::Left, NONE), key('h')]
        Intent::Previous, None, None;
    "k" [key('k'), (KeyCode::Up, NONE)] Intent::Up, None, None;
    "PgDn" [(KeyCode::PageDown, NONE), (KeyCode::Char('d'), CONTROL)]
        Intent::PageDown, None, Some("down in rows or details; PgUp: up (also Ctrl-D, Ctrl-U)");
    "PgUp" [(KeyCode::PageUp, NONE), (KeyCode::Char('u'), CONTROL)] Intent::PageUp, None, None;
    "g/G" [key('g'), (KeyCode::Home, NONE)] Intent::Top, None, Some("first and last row (also Home, End)");
    "G" [key('G'), (KeyCode::End, NONE)] Intent::Bottom, None, None;
};

/// What a key means; shift is already part of the character.
pub fn intent(event: KeyEvent) -> Option<Intent> {
    let modifiers = match event.code {
        KeyCode::Char(_) => event.modifiers - KeyModifiers::SHIFT,
        _ => event.modifiers,
    };
    BINDINGS
        .iter()
        .find(|binding| binding.keys.contains(&(event.code, modifiers)))
        .map(|binding| binding.intent)
}

/// What a key means while something is typed.
pub fn edit(event: KeyEvent) -> Option<Edit> {
    match (event.code, event.modifiers) {
        (KeyCode::Esc, _) | (KeyCode::Char('c'), CONTROL) => Some(Edit::Cancel),
        (KeyCode::Enter, _) => Some(Edit::Accept),
        (KeyCode::Backspace, _) => Some(Edit::Backspace),
        (KeyCode::Char(c), modifiers) if (modifiers - KeyModifiers::SHIFT).is_empty() => {
            Some(Edit::Insert(c))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_key_means_two_things() {
        let mut seen = HashSet::new();
        for binding in BINDINGS {
            for key in binding.keys {
                assert!(seen.insert(*key), "{key:?} is bound twice");
            }
        }
    }

    #[test]
    fn every_key_of_the_table_does_what_the_table_says() {
        for binding in BINDINGS {
            for (code, modifiers) in binding.keys {
                assert_eq!(
                    intent(KeyEvent::new(*code, *modifiers)),
                    Some(binding.intent)
                );
            }
        }
    }

    #[test]
    fn every_screen_has_its_digit() {
        for screen in Screen::ALL {
            let digit = char::from_digit(screen.digit() as u32, 10).unwrap();
            let event = KeyEvent::new(KeyCode::Char(digit), NONE);
            assert_eq!(intent(event), Some(Intent::Goto(screen)));
        }
    }

    #[test]
    fn capital_letters_arrive_with_or_without_shift() {
        for modifiers in [NONE, KeyModifiers::SHIFT] {
            let event = KeyEvent::new(KeyCode::Char('G'), modifiers);
            assert_eq!(intent(event), Some(Intent::Bottom));
        }
    }

    #[test]
    fn keys_with_a_modifier_that_is_not_in_the_table_do_nothing() {
        assert_eq!(
            intent(KeyEvent::new(KeyCode::Char('q'), KeyModifiers::ALT)),
            None
        );
        assert_eq!(edit(KeyEvent::new(KeyCode::Char('x'), CONTROL)), None);
    }
}
