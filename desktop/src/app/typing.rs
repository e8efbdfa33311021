//! What is typed: the filter of a screen, or the reason of a pause.

use super::{Effect, State, Typing, intents};
use crate::{api::deeds::Deed, keys::Edit};

pub(super) fn edit(state: &mut State, edit: Edit) -> Vec<Effect> {
    match std::mem::take(&mut state.typing) {
        Typing::Nothing => Vec::new(),
        Typing::Filter => {
            filter(state, edit);
            Vec::new()
        }
        Typing::Reason(text) => reason(state, text, edit),
    }
}

fn filter(state: &mut State, edit: Edit) {
    let filter = state.filters.entry(state.screen).or_default();
    match edit {
        Edit::Insert(c) => filter.push(c),
        Edit::Backspace => drop(filter.pop()),
        Edit::Accept => {}
        Edit::Cancel => filter.clear(),
    }
    if filter.is_empty() {
        state.filters.remove(&state.screen);
    }
    if matches!(edit, Edit::Insert(_) | Edit::Backspace) {
        state.typing = Typing::Filter;
    }
}

fn reason(state: &mut State, mut text: String, edit: Edit) -> Vec<Effect> {
    match edit {
        Edit::Insert(c) => {
            text.push(c);
            state.toast = None;
        }
        Edit::Backspace => drop(text.pop()),
        Edit::Cancel => {
            state.say("Not paused");
            return Vec::new();
        }
        Edit::Accept if text.trim().is_empty() => {
            state.say("Say why: everybody who wonders reads it");
        }
        Edit::Accept => return intents::begin(state, Deed::Pause(text.trim().into())),
    }
    state.typing = Typing::Reason(text);
    Vec::new()
}
