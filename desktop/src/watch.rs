//! `watch`: brings the terminal, the state and the synchronisation together.

use crate::{
    api::{
        RemoteGateway,
        deeds::{Deed, Done},
        http::HttpClient,
    },
    app::{self, Action, Effect, State, Typing},
    cache::{Cache, Entry, Loaded},
    cli::{ThemeChoice, WatchArgs, theme},
    config::{Environment, Settings},
    error::Exit,
    keys::{self, Edit, Intent},
    sync::{self, Command, Phase, SyncEvent},
    terminal::{Signals, Tui},
    ui,
};
use anyhow::{Context, Result, anyhow};
use chrono::Utc;
use futures_util::StreamExt;
use ratatui::crossterm::event::{
    Event, EventStream, KeyEventKind, MouseButton, MouseEvent, MouseEventKind,
};
use std::{future::pending, time::Duration};
use tokio::{
    sync::mpsc,
    task::{JoinHandle, JoinSet},
    time::{Instant, MissedTickBehavior, interval, sleep_until},
};

/// Changes that come in a burst are drawn together, at most this often.
const FRAME: Duration = Duration::from_millis(33);
/// The cache follows the screens by this much.
const SAVE_AFTER: Duration = Duration::from_secs(1);

/// Runs the dashboard until the reader leaves.
///
/// # Errors
/// When the terminal cannot be taken, or a part of the program broke.
pub async fn run(settings: &Settings, args: &WatchArgs, environment: &Environment) -> Result<Exit> {
    let choice = args.theme.unwrap_or(ThemeChoice::Auto);
    let mut state = State::new(
        settings.endpoint.clone(),
        theme(choice, settings.colour, environment),
        Utc::now(),
    );
    state.colourless = !settings.colour;
    state.ascii = settings.ascii;
    state.mouse = !args.no_mouse;
    let cache = settings.cache_dir.clone().map(Cache::new);
    remember(&mut state, cache.as_ref(), settings);

    let tui = Tui::enter(state.mouse).context("cannot use this terminal; try `snapshot`")?;
    let (events_in, events) = mpsc::channel(64);
    let (commands, commands_out) = mpsc::channel(4);
    let client = (!settings.offline)
        .then(|| HttpClient::new(settings))
        .transpose()?;
    let sync = if settings.offline {
        None
    } else {
        let gateway = RemoteGateway::new(settings)?;
        let mut options = sync::Options {
            transport: args.transport.unwrap_or_default(),
            ..sync::Options::default()
        };
        options.poll_every = args.poll_interval.unwrap_or(options.poll_every);
        Some(tokio::spawn(sync::run(
            gateway,
            options,
            events_in,
            commands_out,
        )))
    };
    let mut watch = Watch {
        state,
        tui,
        cache,
        commands,
        client,
        deeds: JoinSet::new(),
        saving: None,
        save_at: None,
        draw_at: Some(Instant::now()),
        drawn: Instant::now() - FRAME,
    };
    watch.state.size = ratatui::crossterm::terminal::size().unwrap_or((80, 24));
    let result = watch.cycle(events, sync).await;
    watch.finish();
    result
}

/// Puts what the cache remembers on the screens, or says why there is nothing.
pub fn remember(state: &mut State, cache: Option<&Cache>, settings: &Settings) {
    let Some(cache) = cache else {
        state.cache_note =
            Some("no home directory: nothing is remembered; name one with --cache-dir".into());
        return;
    };
    match cache.load() {
        Loaded::Entry(entry) => {
            // Another gateway's figures would be misleading; offline they are what was asked for.
            if settings.offline || entry.endpoint == settings.endpoint.to_string() {
                state.replay(*entry);
            }
        }
        Loaded::Missing => {}
        Loaded::Bad { reason, kept } => {
            let kept = kept.map_or("it could not be moved aside".into(), |path| {
                format!("kept as {}", path.display())
            });
            state.cache_note = Some(format!(
                "{} could not be read ({reason}); {kept}",
                cache.path().display()
            ));
        }
    }
}

struct Watch {
    state: State,
    tui: Tui,
    cache: Option<Cache>,
    commands: mpsc::Sender<Command>,
    /// None: offline was asked for.
    client: Option<HttpClient>,
    deeds: JoinSet<Action>,
    saving: Option<JoinHandle<Result<(), crate::cache::CacheError>>>,
    save_at: Option<Instant>,
    draw_at: Option<Instant>,
    drawn: Instant,
}

impl Watch {
    async fn cycle(
        &mut self,
        mut events: mpsc::Receiver<SyncEvent>,
        mut sync: Option<JoinHandle<()>>,
    ) -> Result<Exit> {
        let mut input = EventStream::new();
        let mut clock = interval(Duration::from_secs(1));
        clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut signals = Signals::new()?;
        loop {
            let actions = tokio::select! {
                () = at(self.draw_at) => {
                    self.draw()?;
                    continue;
                }
                () = at(self.save_at), if self.saving.is_none() => {
                    self.save();
                    continue;
                }
                saved = finished(&mut self.saving) => {
                    self.saving = None;
                    self.saved(saved?)
                }
                Some(done) = self.deeds.join_next() => vec![done?],
                event = input.next() => match event {
                    Some(Ok(event)) => self.input(event),
                    Some(Err(error)) => return Err(error).context("the terminal went away"),
                    None => return Ok(Exit::Ok),
                },
                Some(event) = events.recv() => {
                    let mut actions = vec![Action::Sync(event)];
                    while let Ok(event) = events.try_recv() {
                        actions.push(Action::Sync(event));
                    }
                    actions
                }
                ended = finished(&mut sync) => {
                    ended?;
                    return Err(anyhow!("the connection to the gateway is no longer kept up"));
                }
                _ = clock.tick() => vec![Action::Clock],
                () = signals.received() => return Ok(Exit::Ok),
            };
            for action in actions {
                if self.act(action).await? {
                    return Ok(Exit::Ok);
                }
            }
            self.draw_soon();
        }
    }

    /// One action and its effects; `true`: leave.
    async fn act(&mut self, action: Action) -> Result<bool> {
        self.state.now = Utc::now();
        for effect in app::update(&mut self.state, action) {
            match effect {
                Effect::Quit => return Ok(true),
                Effect::Refresh if self.state.phase == Phase::Cached => {
                    let text = "Offline was asked for: nobody is asked";
                    app::update(&mut self.state, Action::Say(text.into()));
                }
                // A full queue means that a refresh is on its way already.
                Effect::Refresh => drop(self.commands.try_send(Command::Refresh)),
                Effect::SaveCache => {
                    let soon = Instant::now() + SAVE_AFTER;
                    self.save_at.get_or_insert(soon);
                }
                Effect::Act(deed) => self.begin(deed),
                Effect::Mouse(on) => self.tui.set_mouse(on)?,
                Effect::Copy(text) => {
                    self.tui.copy(&text)?;
                    let said = format!(
                        "Copied {} characters (if the terminal allows it)",
                        text.chars().count()
                    );
                    app::update(&mut self.state, Action::Say(said));
                }
            }
        }
        Ok(false)
    }

    /// In the background; what came of it is said, and the change itself comes as every other.
    fn begin(&mut self, deed: Deed) {
        let Some(client) = self.client.clone() else {
            let text = "Offline was asked for: nobody is asked";
            app::update(&mut self.state, Action::Say(text.into()));
            return;
        };
        let commands = self.commands.clone();
        let pushed = self.state.phase == Phase::Live;
        self.deeds.spawn(async move {
            Action::Say(match client.act(&deed).await {
                Ok(done) => {
                    if !pushed {
                        commands.try_send(Command::Refresh).unwrap_or_default();
                    }
                    told(&done)
                }
                Err(error) if error.leaves_open() => {
                    format!("It may have been done, look at the screen: {error}")
                }
                Err(error) => format!("Not done: {error}"),
            })
        });
    }

    fn input(&self, event: Event) -> Vec<Action> {
        let one = |action| vec![action];
        match event {
            Event::Key(key) if key.kind == KeyEventKind::Release => Vec::new(),
            Event::Key(key) if self.state.typing != Typing::Nothing => {
                keys::edit(key).map(Action::Edit).map_or_else(Vec::new, one)
            }
            Event::Key(key) => keys::intent(key)
                .map(Action::Intent)
                .map_or_else(Vec::new, one),
            Event::Paste(text) if self.state.typing != Typing::Nothing => text
                .chars()
                .filter(|c| !c.is_control())
                .map(|c| Action::Edit(Edit::Insert(c)))
                .collect(),
            Event::Mouse(mouse) => self.mouse(mouse).map_or_else(Vec::new, one),
            Event::Resize(width, height) => one(Action::Resized(width, height)),
            Event::Paste(_) | Event::FocusGained | Event::FocusLost => Vec::new(),
        }
    }

    fn mouse(&self, event: MouseEvent) -> Option<Action> {
        match event.kind {
            MouseEventKind::Down(MouseButton::Left) => {
                ui::screen_at(&self.state, event.column, event.row).map(Action::Open)
            }
            MouseEventKind::ScrollDown => Some(Action::Intent(Intent::Down)),
            MouseEventKind::ScrollUp => Some(Action::Intent(Intent::Up)),
            _ => None,
        }
    }

    fn draw_soon(&mut self) {
        let soon = self.drawn + FRAME;
        self.draw_at.get_or_insert(soon);
    }

    fn draw(&mut self) -> Result<()> {
        self.draw_at = None;
        self.drawn = Instant::now();
        self.state.now = Utc::now();
        let state = &self.state;
        self.tui.draw(|frame| ui::draw(frame, state))?;
        Ok(())
    }

    fn entry(&self) -> Entry {
        Entry::new(
            self.state.endpoint.to_string(),
            self.state.snapshot.clone(),
            Utc::now(),
        )
    }

    fn save(&mut self) {
        self.save_at = None;
        if let Some(cache) = self.cache.clone() {
            let entry = self.entry();
            self.saving = Some(tokio::task::spawn_blocking(move || cache.save(&entry)));
        }
    }

    fn saved(&mut self, result: Result<(), crate::cache::CacheError>) -> Vec<Action> {
        let note = result.err().map(|error| error.to_string());
        if let Some(note) = &note {
            tracing::warn!(%note, "the cache was not saved");
        }
        // A note about an unreadable file stays; one about writing goes when writing works.
        if note.is_some()
            || self
                .state
                .cache_note
                .as_deref()
                .is_some_and(|old| old.starts_with("cannot write"))
        {
            self.state.cache_note = note;
        }
        vec![Action::Clock]
    }

    /// The last change is not lost when the reader leaves at once.
    fn finish(&mut self) {
        if self.save_at.is_some()
            && let Some(cache) = &self.cache
            && let Err(error) = cache.save(&self.entry())
        {
            tracing::warn!(%error, "the cache was not saved");
        }
    }
}

/// What came of it, for the reader.
fn told(done: &Done) -> String {
    match done {
        Done::Message(status) => format!("Done: the message is {}", status.word()),
        Done::Sending { paused: true } => "Done: sending is paused, what is queued waits".into(),
        Done::Sending { paused: false } => "Done: what waits is sent again".into(),
        Done::Refused(why) => format!("Not done: {why}"),
    }
}

async fn at(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => pending().await,
    }
}

async fn finished<T>(task: &mut Option<JoinHandle<T>>) -> Result<T, tokio::task::JoinError> {
    match task {
        Some(task) => task.await,
        None => pending().await,
    }
}
