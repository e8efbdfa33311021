//! What the screens know and how it changes. Pure: no terminal, no network, no clock.

use crate::{
    api::deeds::Deed,
    cache::Entry,
    config::Endpoint,
    error::GatewayError,
    keys::{Edit, Intent},
    model::{Area, Snapshot, Update},
    rows,
    sync::{Phase, SyncEvent},
    ui::{self, theme::Theme},
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
    pub id: String,
    pub until: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Frozen {
    pub snapshot: Box<Snapshot>,
    pub at: DateTime<Utc>,
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
    pub filtering: bool,
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
    /// With the notification of this id.
    Act(Deed, String),
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
            filtering: false,
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
        Action::Intent(intent) => intend(state, intent),
        Action::Edit(edit) => {
            edit_filter(state, edit);
            Vec::new()
        }
        Action::Sync(event) => synchronise(state, event),
        Action::Open(screen) => {
            open(state, screen);
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
    clamp_selection(state);
    effects
}

fn intend(state: &mut State, intent: Intent) -> Vec<Effect> {
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

fn open(state: &mut State, screen: Screen) {
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

fn clamp_selection(state: &mut State) {
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

fn edit_filter(state: &mut State, edit: Edit) {
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

fn synchronise(state: &mut State, event: SyncEvent) -> Vec<Effect> {
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
    state.snapshot.apply(update, state.now);
    if let Some(news) = news {
        state.say(news);
    }
}
