//! What news from the gateway, or of our connection to it, changes.

use super::{Effect, State};
use crate::{
    error::GatewayError,
    model::{Area, Update},
    rows,
    sync::{Phase, SyncEvent},
};

pub(super) fn synchronise(state: &mut State, event: SyncEvent) -> Vec<Effect> {
    match event {
        SyncEvent::Phase(phase) => {
            announce(state, &phase);
            state.phase = phase;
            Vec::new()
        }
        SyncEvent::Fetched(fetched) => match fetched.result {
            Ok(update) => {
                apply(state, update);
                vec![Effect::SaveCache]
            }
            Err(error) => {
                refuse(state, fetched.area, error);
                Vec::new()
            }
        },
        SyncEvent::Pushed(update) => {
            apply(state, update);
            vec![Effect::SaveCache]
        }
        SyncEvent::Refused(area, error) => {
            refuse(state, area, error);
            Vec::new()
        }
    }
}

/// The area keeps its last content, unless this reader may not see it any more.
fn refuse(state: &mut State, area: Area, error: GatewayError) {
    if matches!(&error, GatewayError::Refused { code, .. } if code == "FORBIDDEN") {
        state.snapshot.forget(area);
    }
    state.problems.insert(area, error);
}

/// A change of transport that the reader would otherwise only notice by looking twice.
fn announce(state: &mut State, phase: &Phase) {
    match (&state.phase, phase) {
        (Phase::Polling { .. } | Phase::Offline { .. }, Phase::Live) => {
            state.say("Live again: changes appear as they happen");
        }
        (before, Phase::Polling { reason, every }) if !matches!(before, Phase::Polling { .. }) => {
            state.say(format!("Polling every {} s: {reason}", every.as_secs_f32()));
        }
        _ => {}
    }
}

fn apply(state: &mut State, update: Update) {
    state.problems.remove(&update.area());
    let news = match &update {
        Update::Negotiation(Some(after)) => state
            .snapshot
            .negotiation()
            .and_then(|before| rows::news(before, after)),
        Update::Offers(Some(after)) => state
            .snapshot
            .offers()
            .and_then(|before| rows::offer_news(before, after)),
        _ => None,
    };
    state.keep_rows(|state| state.snapshot.apply(update, state.now));
    if let Some(news) = news {
        state.say(news);
    }
}
