//! What a key or a click changes.

use super::{Effect, Frozen, Intended, Overlay, Screen, State, TOAST};
use crate::{
    api::deeds::Deed,
    keys::{Edit, Intent},
    rows, ui,
};

pub(super) fn intend(state: &mut State, intent: Intent) -> Vec<Effect> {
    let screen = state.screen;
    let page = usize::from(state.size.1 / 2).max(1);
    let intended = state.intended.take();
    match intent {
        Intent::Quit => return vec![Effect::Quit],
        Intent::Help => toggle(state, Overlay::Help),
        Intent::Why => toggle(state, Overlay::Why),
        Intent::Close => close(state),
        Intent::Next => open(state, screen.step(1)),
        Intent::Previous => open(state, screen.step(Screen::ALL.len() - 1)),
        Intent::Goto(target) => open(state, target),
        Intent::Down => step(state, !rows::is_list(screen), |at| at.saturating_add(1)),
        Intent::Up => step(state, !rows::is_list(screen), |at| at.saturating_sub(1)),
        Intent::PageDown => step(state, state.zoomed, |at| at.saturating_add(page)),
        Intent::PageUp => step(state, state.zoomed, |at| at.saturating_sub(page)),
        Intent::Top => step(state, !rows::is_list(screen), |_| 0),
        Intent::Bottom => step(state, !rows::is_list(screen), |_| usize::MAX),
        Intent::Zoom if screen == Screen::Overview => {
            state.say("Details are on the screens: open one with its digit");
        }
        Intent::Zoom => {
            state.zoomed = !state.zoomed;
            state.scroll = 0;
        }
        Intent::Refresh => {
            state.say("Asking the gateway again");
            return vec![Effect::Refresh];
        }
        Intent::Freeze => freeze(state),
        Intent::Theme if state.colourless => {
            state.say("Colours are off (NO_COLOR or --color never): the theme stays mono");
        }
        Intent::Theme => {
            state.theme.name = state.theme.name.next();
            state.say(format!("Theme: {}", state.theme.name.word()));
        }
        Intent::Mouse => {
            state.mouse = !state.mouse;
            state.say(if state.mouse {
                "Mouse on: click a tab or a panel, the wheel moves"
            } else {
                "Mouse off: the terminal selects text again"
            });
            return vec![Effect::Mouse(state.mouse)];
        }
        Intent::Act(deed) => return act(state, deed, intended),
        Intent::Filter if rows::is_list(screen) => {
            state.overlay = Overlay::None;
            state.filtering = true;
        }
        Intent::Filter => {
            state.say("Nothing to filter here: offers, spend, invoices and notifications are lists")
        }
        Intent::Copy => {
            let text = rows::copy(state);
            if text.is_empty() {
                state.say("Nothing to copy here yet");
            } else {
                return vec![Effect::Copy(text)];
            }
        }
    }
    Vec::new()
}

/// The first press names what would be done, the second does it.
fn act(state: &mut State, deed: Deed, intended: Option<Intended>) -> Vec<Effect> {
    let selected = state.selected(Screen::Notifications);
    let chosen = rows::notifications(state).into_iter().nth(selected);
    let Some((id, to)) = chosen
        .filter(|_| state.screen == Screen::Notifications)
        .map(|notification| (notification.id.clone(), notification.to.clone()))
    else {
        state.say("Open the notifications (7) and choose one first");
        return Vec::new();
    };
    let now = state.now;
    if intended.is_some_and(|was| was.deed == deed && was.id == id && now < was.until) {
        state.say("Asking the gateway to do it");
        return vec![Effect::Act(deed, id)];
    }
    state.say(match deed {
        Deed::Retry => format!("Queue the message to {to} again? R once more does it"),
        Deed::Cancel => format!("Cancel the message to {to}? x once more does it"),
    });
    let until = now + TOAST;
    state.intended = Some(Intended { deed, id, until });
    Vec::new()
}

fn toggle(state: &mut State, overlay: Overlay) {
    state.overlay = if state.overlay == overlay {
        Overlay::None
    } else {
        overlay
    };
}

/// Escape closes what lies on top: an overlay, else the details, a filter, a message.
fn close(state: &mut State) {
    if state.overlay != Overlay::None {
        state.overlay = Overlay::None;
    } else if state.zoomed {
        state.zoomed = false;
    } else if state.filters.remove(&state.screen).is_none() {
        state.toast = None;
    }
}

pub(super) fn open(state: &mut State, screen: Screen) {
    state.screen = screen;
    state.overlay = Overlay::None;
    state.filtering = false;
    state.zoomed = false;
    state.scroll = 0;
}

/// Moves the row, or the text of the details.
fn step(state: &mut State, text: bool, step: impl Fn(usize) -> usize) {
    if text {
        state.scroll = step(state.scroll);
    } else {
        let at = state.selected.entry(state.screen).or_default();
        *at = step(*at);
        state.scroll = 0;
    }
}

pub(super) fn clamp_selection(state: &mut State) {
    state.scroll = state.scroll.min(ui::scroll_limit(state));
    let last = rows::count(state).saturating_sub(1);
    let at = state.selected.entry(state.screen).or_default();
    *at = (*at).min(last);
}

fn freeze(state: &mut State) {
    state.frozen = match state.frozen.take() {
        Some(_) => None,
        None => Some(Frozen {
            snapshot: Box::new(state.snapshot.clone()),
            at: state.now,
        }),
    };
    state.say(if state.frozen.is_some() {
        "Frozen: data is still received, the screens stand still; space goes on"
    } else {
        "Going on with the newest data"
    });
}

pub(super) fn edit_filter(state: &mut State, edit: Edit) {
    let filter = state.filters.entry(state.screen).or_default();
    match edit {
        Edit::Insert(c) => filter.push(c),
        Edit::Backspace => drop(filter.pop()),
        Edit::Accept => state.filtering = false,
        Edit::Cancel => {
            filter.clear();
            state.filtering = false;
        }
    }
    if state
        .filters
        .get(&state.screen)
        .is_some_and(String::is_empty)
    {
        state.filters.remove(&state.screen);
    }
}
