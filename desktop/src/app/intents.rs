//! What a key or a click changes.

use super::{Effect, Frozen, Intended, Overlay, Screen, State, TOAST, Typing};
use crate::{api::deeds::Deed, keys::Intent, model::Notification, rows, sync::Phase, ui};

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
        Intent::Retry => {
            return act(state, intended, |message| Asked {
                deed: Deed::Retry(message.id.clone()),
                question: format!("Queue the message to {} again? R", message.to),
            });
        }
        Intent::Cancel => {
            return act(state, intended, |message| Asked {
                deed: Deed::Cancel(message.id.clone()),
                question: format!("Cancel the message to {}? x", message.to),
            });
        }
        Intent::Pause => return pause(state, intended),
        Intent::Filter if rows::is_list(screen) => {
            state.overlay = Overlay::None;
            state.typing = Typing::Filter;
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

/// What would be done, and how it is asked for.
struct Asked {
    deed: Deed,
    question: String,
}

/// Something with the selected message.
fn act(
    state: &mut State,
    intended: Option<Intended>,
    ask: impl Fn(&Notification) -> Asked,
) -> Vec<Effect> {
    let selected = state.selected(Screen::Notifications);
    let chosen = rows::notifications(state).into_iter().nth(selected);
    match chosen.filter(|_| state.screen == Screen::Notifications) {
        Some(message) => {
            let asked = ask(message);
            confirm(state, intended, asked)
        }
        None => {
            state.say("Open the notifications (7) and choose one first");
            Vec::new()
        }
    }
}

/// Stops all sending after it was told why, or resumes it.
fn pause(state: &mut State, intended: Option<Intended>) -> Vec<Effect> {
    if state.screen != Screen::Notifications {
        state.say("Open the notifications (7) first: they say how sending stands");
        return Vec::new();
    }
    if state
        .snapshot
        .queue()
        .is_some_and(|queue| queue.pause.is_some())
    {
        let question = "Send again what waits? P".into();
        let deed = Deed::Resume;
        return confirm(state, intended, Asked { deed, question });
    }
    if askable(state) {
        state.overlay = Overlay::None;
        state.typing = Typing::Reason(String::new());
    }
    Vec::new()
}

/// The first press names what would be done, the second does it.
fn confirm(state: &mut State, intended: Option<Intended>, asked: Asked) -> Vec<Effect> {
    let Asked { deed, question } = asked;
    if !askable(state) {
        return Vec::new();
    }
    if intended.is_some_and(|was| was.deed == deed && state.now < was.until) {
        return begin(state, deed);
    }
    state.say(format!("{question} once more does it"));
    let until = state.now + TOAST;
    state.intended = Some(Intended { deed, until });
    Vec::new()
}

/// There is a gateway to ask; if not, that is said.
fn askable(state: &mut State) -> bool {
    let offline = state.phase == Phase::Cached;
    if offline {
        state.say("Offline was asked for: nobody is asked");
    }
    !offline
}

pub(super) fn begin(state: &mut State, deed: Deed) -> Vec<Effect> {
    state.say("Asking the gateway to do it");
    vec![Effect::Act(deed)]
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
    state.typing = Typing::Nothing;
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
    let frozen = match state.frozen {
        Some(_) => None,
        None => Some(Frozen {
            snapshot: Box::new(state.snapshot.clone()),
            at: state.now,
        }),
    };
    state.keep_rows(|state| state.frozen = frozen);
    state.say(if state.frozen.is_some() {
        "Frozen: data is still received, the screens stand still; space goes on"
    } else {
        "Going on with the newest data"
    });
}
