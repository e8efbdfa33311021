//! Keeping the picture fresh: cache, then HTTP, then live; polling when live fails; offline when
//! nothing answers. Knows nothing of terminals.
//!
//! ```text
//! Cached ─► Connecting ─► Live ◄─┐
//!               │  ▲       │     │ tried again now and then
//!               ▼  └───────┤     │
//!            Offline ◄──► Polling┘   after three failed live attempts
//! ```

use crate::{
    api::{
        Gateway,
        http::Fetched,
        live::{LiveEnd, LiveEvent},
    },
    error::GatewayError,
    model::{Area, Update},
};
use clap::ValueEnum;
use std::time::Duration;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep},
};

/// How the picture is kept fresh.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Transport {
    /// Live, and polling while live does not work.
    #[default]
    Auto,
    /// Live only.
    Live,
    /// Polling only.
    Poll,
}

/// Where we stand with the gateway.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// Showing the cache; nobody was asked.
    Cached,
    Connecting,
    /// The gateway was asked once and will not be asked again (`snapshot`).
    Once,
    Live,
    Polling {
        /// Why not live.
        reason: String,
        every: Duration,
    },
    Offline {
        error: GatewayError,
        retry_in: Duration,
    },
}

/// What the screens are told.
#[derive(Debug)]
pub enum SyncEvent {
    Phase(Phase),
    /// One area of a full picture.
    Fetched(Fetched),
    Pushed(Update),
    Refused(Area, GatewayError),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Start over now: a full picture, then live.
    Refresh,
}

#[derive(Clone, Debug)]
pub struct Options {
    pub transport: Transport,
    pub poll_every: Duration,
    /// While polling, live is tried again this often.
    pub live_every: Duration,
    /// Live attempts that may fail before polling begins.
    pub live_attempts: u32,
    /// A session that ended sooner counts as a failed attempt.
    pub stable_after: Duration,
    /// The first wait after a failure; doubled up to `max_wait`.
    pub first_wait: Duration,
    pub max_wait: Duration,
    /// Waits are spread by this share, so that many clients do not come back at once.
    pub jitter: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            transport: Transport::Auto,
            poll_every: Duration::from_secs(15),
            live_every: Duration::from_secs(60),
            live_attempts: 3,
            stable_after: Duration::from_secs(10),
            first_wait: Duration::from_millis(500),
            max_wait: Duration::from_secs(10),
            jitter: 0.2,
        }
    }
}

impl Options {
    fn spread(&self, wait: Duration) -> Duration {
        wait.mul_f64(1.0 + self.jitter * (fastrand::f64() * 2.0 - 1.0))
    }

    fn backoff(&self, failures: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(failures.saturating_sub(1));
        self.spread(self.first_wait.saturating_mul(doubled).min(self.max_wait))
    }
}

/// Runs until nobody listens to `events` any more.
pub async fn run<G: Gateway>(
    gateway: G,
    options: Options,
    events: mpsc::Sender<SyncEvent>,
    commands: mpsc::Receiver<Command>,
) {
    let sync = Sync {
        gateway,
        options,
        events,
        commands,
        phase: Phase::Cached,
    };
    // Ends when a channel does: then the program is leaving.
    sync.cycle().await.unwrap_or_default();
}

struct Sync<G> {
    gateway: G,
    options: Options,
    events: mpsc::Sender<SyncEvent>,
    commands: mpsc::Receiver<Command>,
    phase: Phase,
}

/// How a live session went.
enum Ended {
    Refreshed,
    Because(LiveEnd),
}

impl<G: Gateway> Sync<G> {
    async fn cycle(mut self) -> Option<()> {
        let mut offline_for = 0;
        let mut failures = 0;
        let mut live_again = Instant::now();
        self.enter(Phase::Connecting).await?;
        loop {
            match self.fetch().await? {
                Err(error) => {
                    offline_for += 1;
                    let retry_in = self.options.backoff(offline_for);
                    self.enter(Phase::Offline { error, retry_in }).await?;
                    self.wait(retry_in).await?;
                    continue;
                }
                Ok(()) if offline_for > 0 => {
                    // The gateway is back: live has a fresh start too.
                    offline_for = 0;
                    failures = 0;
                }
                Ok(()) => {}
            }
            if let Some(reason) = self.polls_because(failures, live_again) {
                let every = self.options.poll_every;
                self.enter(Phase::Polling { reason, every }).await?;
                let until_live = live_again.saturating_duration_since(Instant::now());
                let rest = match self.options.transport {
                    Transport::Poll => every,
                    Transport::Auto | Transport::Live => every.min(until_live),
                };
                if self.wait(rest).await? {
                    live_again = Instant::now();
                }
                continue;
            }
            if !matches!(self.phase, Phase::Polling { .. }) {
                self.enter(Phase::Connecting).await?;
            }
            let started = Instant::now();
            match self.session().await? {
                Ended::Refreshed => {
                    failures = 0;
                    self.enter(Phase::Connecting).await?;
                }
                Ended::Because(end) => {
                    let stable =
                        started.elapsed() >= self.options.stable_after && self.phase == Phase::Live;
                    failures = if stable { 1 } else { failures + 1 };
                    tracing::info!(%end, failures, "the live connection ended");
                    if self.gives_up_live(failures) {
                        live_again = Instant::now() + self.options.spread(self.options.live_every);
                        let reason = end.to_string();
                        let every = self.options.poll_every;
                        self.enter(Phase::Polling { reason, every }).await?;
                    } else {
                        self.enter(Phase::Connecting).await?;
                        self.wait(self.options.backoff(failures)).await?;
                    }
                }
            }
        }
    }

    /// One full picture, told area by area.
    async fn fetch(&self) -> Option<Result<(), GatewayError>> {
        let (sender, mut receiver) = mpsc::channel(Area::ALL.len());
        let told = async {
            while let Some(found) = receiver.recv().await {
                self.tell(SyncEvent::Fetched(found)).await?;
            }
            Some(())
        };
        let (asked, told) = tokio::join!(self.gateway.snapshot(sender), told);
        told.map(|()| asked)
    }

    fn gives_up_live(&self, failures: u32) -> bool {
        self.options.transport == Transport::Auto && failures >= self.options.live_attempts
    }

    fn polls_because(&self, failures: u32, live_again: Instant) -> Option<String> {
        match self.options.transport {
            Transport::Poll => Some("asked for with --transport poll".into()),
            Transport::Auto if self.gives_up_live(failures) && Instant::now() < live_again => {
                Some(match &self.phase {
                    Phase::Polling { reason, .. } => reason.clone(),
                    _ => "live is tried again soon".into(),
                })
            }
            Transport::Auto | Transport::Live => None,
        }
    }

    /// One live session, from the first try to its end.
    async fn session(&mut self) -> Option<Ended> {
        let (sender, mut receiver) = mpsc::channel(32);
        let events = self.events.clone();
        let live = self.gateway.live(sender);
        tokio::pin!(live);
        let mut ended = None;
        loop {
            tokio::select! {
                // What was reported before the end is still told.
                biased;
                event = receiver.recv() => match (event, ended.take()) {
                    (Some(event), end) => {
                        ended = end;
                        match event {
                            LiveEvent::Accepted => {}
                            LiveEvent::Update(update) => {
                                if self.phase != Phase::Live {
                                    self.phase = Phase::Live;
                                    events.send(SyncEvent::Phase(Phase::Live)).await.ok()?;
                                }
                                events.send(SyncEvent::Pushed(update)).await.ok()?;
                            }
                            LiveEvent::Refused(area, error) => {
                                events.send(SyncEvent::Refused(area, error)).await.ok()?;
                            }
                        }
                    }
                    (None, Some(end)) => return Some(Ended::Because(end)),
                    (None, None) => return Some(Ended::Because(live.await)),
                },
                end = &mut live, if ended.is_none() => ended = Some(end),
                command = self.commands.recv() => match command? {
                    Command::Refresh => return Some(Ended::Refreshed),
                },
                () = events.closed() => return None,
            }
        }
    }

    /// Waits; `true` when cut short by a refresh, `None` when the program is leaving.
    async fn wait(&mut self, wait: Duration) -> Option<bool> {
        tokio::select! {
            () = sleep(wait) => Some(false),
            command = self.commands.recv() => command.map(|Command::Refresh| true),
            () = self.events.closed() => None,
        }
    }

    async fn enter(&mut self, phase: Phase) -> Option<()> {
        if self.phase != phase {
            tracing::info!(?phase, "phase");
            self.phase = phase.clone();
            self.tell(SyncEvent::Phase(phase)).await?;
        }
        Some(())
    }

    async fn tell(&self, event: SyncEvent) -> Option<()> {
        self.events.send(event).await.ok()
    }
}
