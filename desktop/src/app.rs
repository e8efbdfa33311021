//! What the screens know and how it changes. Pure: no terminal, no network, no clock.

mod events;
mod intents;
mod typing;

use crate::{
    api::deeds::Deed,
    cache::Entry,
    config::Endpoint,
    error::GatewayError,
    keys::{Edit, Intent},
    model::{Area, Snapshot},
    rows,
    sync::{Phase, SyncEvent},
    ui::theme::Theme,
};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Screen {
    Overview,
    Envelope,
    Ladder,
    Offers,
    Spend,
    Invoices,
    Notifications,
    Health,
}

impl Screen {
    pub const ALL: [Self; 8] = [
        Self::Overview,
        Self::Envelope,
        Self::Ladder,
        Self::Offers,
        Self::Spend,
        Self::Invoices,
        Self::Notifications,
        Self::Health,
    ];

    pub fn title(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Envelope => "Envelope",
            Self::Ladder => "Ladder",
            Self::Offers => "Offers",
            Self::Spend => "Spend",
            Self::Invoices => "Invoices",
            Self::Notifications => "Notifications",
            Self::Health => "Health",
        }
    }

    /// The digit that opens it.
    pub fn digit(self) -> usize {
        self as usize + 1
    }

    fn step(self, by: usize) -> Self {
        let index = (self as usize + by) % Self::ALL.len();
        Self::ALL.get(index).copied().unwrap_or(self)
    }
}

/// A short message that goes away by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Toast {
    pub text: String,
    pub until: DateTime<Utc>,
}

/// Something that cannot be taken back, until the reader says it twice.
#[derive(Clone, Debug, PartialEq)]
pub struct Intended {
    pub deed: Deed,
    pub until: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Frozen {
    pub snapshot: Box<Snapshot>,
    pub at: DateTime<Utc>,
}

/// What the keys write, while they are not commands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Typing {
    #[default]
    Nothing,
    /// The filter of the screen.
    Filter,
    /// Why all sending shall be paused.
    Reason(String),
}

/// What may be opened over a screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overlay {
    #[default]
    None,
    Help,
    Why,
}

#[derive(Clone, Debug)]
pub struct State {
    pub endpoint: Endpoint,
    /// The newest known picture; `picture()` is what is shown.
    pub snapshot: Snapshot,
    pub frozen: Option<Frozen>,
    pub phase: Phase,
    /// Why an area could not be refreshed; it keeps its last content.
    pub problems: BTreeMap<Area, GatewayError>,
    /// Something about the cache that the reader should know.
    pub cache_note: Option<String>,
    pub screen: Screen,
    pub selected: BTreeMap<Screen, usize>,
    pub filters: BTreeMap<Screen, String>,
    pub typing: Typing,
    /// The lower panel has the whole screen, moved up by `scroll` lines.
    pub zoomed: bool,
    pub scroll: usize,
    pub overlay: Overlay,
    pub toast: Option<Toast>,
    /// Asked for by one key press, done by the same one again.
    pub intended: Option<Intended>,
    pub theme: Theme,
    /// Colours are switched off for good (NO_COLOR): the theme stays mono.
    pub colourless: bool,
    pub ascii: bool,
    pub mouse: bool,
    pub now: DateTime<Utc>,
    pub size: (u16, u16),
}

/// Everything that can happen.
#[derive(Debug)]
pub enum Action {
    Intent(Intent),
    Edit(Edit),
    Sync(SyncEvent),
    /// A click on what the screens drew there.
    Open(Screen),
    Resized(u16, u16),
    Clock,
    /// Something outside (the cache, the clipboard) has something to say.
    Say(String),
}

/// What the loop should do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    Quit,
    Refresh,
    SaveCache,
    Mouse(bool),
    Copy(String),
    Act(Deed),
}

const TOAST: TimeDelta = TimeDelta::seconds(6);

impl State {
    pub fn new(endpoint: Endpoint, theme: Theme, now: DateTime<Utc>) -> Self {
        Self {
            endpoint,
            snapshot: Snapshot::default(),
            frozen: None,
            phase: Phase::Cached,
            problems: BTreeMap::new(),
            cache_note: None,
            screen: Screen::Overview,
            selected: BTreeMap::new(),
            filters: BTreeMap::new(),
            typing: Typing::Nothing,
            zoomed: false,
            scroll: 0,
            overlay: Overlay::None,
            toast: None,
            intended: None,
            theme,
            colourless: false,
            ascii: false,
            mouse: true,
            now,
            size: (80, 24),
        }
    }

    /// What is shown: the newest picture, or the frozen one.
    pub fn picture(&self) -> &Snapshot {
        self.frozen
            .as_ref()
            .map_or(&self.snapshot, |frozen| &frozen.snapshot)
    }

    pub fn filter(&self) -> &str {
        self.filters.get(&self.screen).map_or("", String::as_str)
    }

    pub fn selected(&self, screen: Screen) -> usize {
        self.selected.get(&screen).copied().unwrap_or(0)
    }

    /// Everything that is on the screens comes from the cache.
    pub fn replaying(&self) -> bool {
        matches!(
            self.phase,
            Phase::Cached | Phase::Connecting | Phase::Offline { .. }
        ) && !self.snapshot.is_empty()
    }

    /// Shows what the cache remembers.
    pub fn replay(&mut self, entry: Entry) {
        if let Ok(endpoint) = Endpoint::parse(&entry.endpoint) {
            self.endpoint = endpoint;
        }
        self.snapshot = entry.snapshot;
    }

    pub fn served_schema(&self) -> Option<&str> {
        Some(&self.snapshot.health()?.schema_version.version)
    }

    /// Changes what is shown; the selected rows stay selected, wherever they are then. The first
    /// row is a place of its own: whoever stands there wants to see what is new.
    fn keep_rows(&mut self, change: impl FnOnce(&mut Self)) {
        let row = |(screen, at): (&Screen, &usize)| {
            let id = rows::ids(self, *screen).into_iter().nth(*at)?;
            (*at > 0).then_some((*screen, id))
        };
        let chosen: Vec<(Screen, String)> = self.selected.iter().filter_map(row).collect();
        change(self);
        for (screen, id) in chosen {
            if let Some(at) = rows::ids(self, screen).iter().position(|row| *row == id) {
                self.selected.insert(screen, at);
            }
        }
    }

    fn say(&mut self, text: impl Into<String>) {
        self.toast = Some(Toast {
            text: text.into(),
            until: self.now + TOAST,
        });
    }
}

/// One step. The caller has set `state.now`.
pub fn update(state: &mut State, action: Action) -> Vec<Effect> {
    let effects = match action {
        Action::Intent(intent) => intents::intend(state, intent),
        Action::Edit(edit) => typing::edit(state, edit),
        Action::Sync(event) => events::synchronise(state, event),
        Action::Open(screen) => {
            intents::open(state, screen);
            Vec::new()
        }
        Action::Resized(width, height) => {
            state.size = (width, height);
            Vec::new()
        }
        Action::Clock => Vec::new(),
        Action::Say(text) => {
            state.say(text);
            Vec::new()
        }
    };
    if state
        .toast
        .as_ref()
        .is_some_and(|toast| toast.until <= state.now)
    {
        state.toast = None;
    }
    intents::clamp_selection(state);
    effects
}
