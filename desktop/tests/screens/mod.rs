//! Every screen as text: at the usual size, wide, small, and in every state that matters.

mod connection;
mod content;
mod keys;
mod looks;
mod sizes;

use crate::support::sample;
use chrono::{DateTime, Utc};
use ratatui::{Terminal, backend::TestBackend, buffer::Buffer};
use serde_json::{Value, json};
use twilio_negotiation_desktop::{
    api::{convert, operations},
    app::{self, Action, Screen, State},
    config::Endpoint,
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
    convert::update(area, json!({ field: value })).unwrap()
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

/// A reader sees what is in `snapshots/`.
fn assert_seen(name: &str, shown: String) {
    insta::with_settings!({ prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, shown);
    });
}
