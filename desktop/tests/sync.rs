//! When what is tried: the synchronisation against a scripted gateway, in made-up time.

use std::{
    collections::VecDeque,
    future::pending,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep},
};
use twilio_negotiation_desktop::{
    api::{
        Gateway,
        http::Fetched,
        live::{LiveEnd, LiveEvent},
    },
    error::GatewayError,
    model::Update,
    sync::{self, Options, Phase, SyncEvent},
};

/// What a live attempt does.
#[derive(Clone, Copy)]
enum Attempt {
    Fails,
    /// Delivers, then ends after this many seconds.
    Lasts(u64),
    Stays,
}

#[derive(Clone)]
struct Scripted {
    snapshots: Arc<Mutex<VecDeque<bool>>>,
    attempts: Arc<Mutex<VecDeque<Attempt>>>,
    log: Arc<Mutex<Vec<(u64, &'static str)>>>,
    started: Instant,
}

impl Scripted {
    fn new(snapshots: &[bool], attempts: &[Attempt]) -> Self {
        Self {
            snapshots: Arc::new(Mutex::new(snapshots.iter().copied().collect())),
            attempts: Arc::new(Mutex::new(attempts.iter().copied().collect())),
            log: Arc::default(),
            started: Instant::now(),
        }
    }

    fn note(&self, what: &'static str) {
        let seconds = self.started.elapsed().as_secs();
        self.log.lock().unwrap().push((seconds, what));
    }

    fn seconds_of(&self, what: &str) -> Vec<u64> {
        let log = self.log.lock().unwrap();
        log.iter()
            .filter(|(_, noted)| *noted == what)
            .map(|(at, _)| *at)
            .collect()
    }
}

impl Gateway for Scripted {
    async fn snapshot(&self, _: mpsc::Sender<Fetched>) -> Result<(), GatewayError> {
        self.note("snapshot");
        if self.snapshots.lock().unwrap().pop_front().unwrap_or(true) {
            Ok(())
        } else {
            Err(GatewayError::Unreachable {
                endpoint: "x".into(),
                reason: "refused".into(),
            })
        }
    }

    async fn live(&self, events: mpsc::Sender<LiveEvent>) -> LiveEnd {
        self.note("live");
        let attempt = self
            .attempts
            .lock()
            .unwrap()
            .pop_front()
            .unwrap_or(Attempt::Fails);
        if matches!(attempt, Attempt::Fails) {
            return LiveEnd::Handshake(503);
        }
        drop(events.send(LiveEvent::Accepted).await);
        drop(
            events
                .send(LiveEvent::Update(Update::Negotiation(None)))
                .await,
        );
        match attempt {
            Attempt::Lasts(seconds) => sleep(Duration::from_secs(seconds)).await,
            _ => pending().await,
        }
        LiveEnd::Closed {
            code: 1012,
            reason: String::new(),
        }
    }
}

/// Runs for `seconds` of made-up time and answers the phases that were told.
async fn run(gateway: &Scripted, seconds: u64) -> Vec<String> {
    let (events_in, mut events) = mpsc::channel(64);
    let (_commands, commands_out) = mpsc::channel(4);
    let options = Options {
        jitter: 0.0,
        ..Options::default()
    };
    let task = tokio::spawn(sync::run(gateway.clone(), options, events_in, commands_out));
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut phases = Vec::new();
    while let Ok(Some(event)) = tokio::time::timeout_at(end, events.recv()).await {
        if let SyncEvent::Phase(phase) = event {
            phases.push(match phase {
                Phase::Cached => "cached".to_owned(),
                Phase::Once => "once".to_owned(),
                Phase::Connecting => "connecting".to_owned(),
                Phase::Live => "live".to_owned(),
                Phase::Polling { .. } => "polling".to_owned(),
                Phase::Offline { retry_in, .. } => format!("offline {}", retry_in.as_secs_f32()),
            });
        }
    }
    task.abort();
    phases
}

#[tokio::test(start_paused = true)]
async fn polling_begins_after_three_failures_and_live_is_tried_each_minute() {
    let gateway = Scripted::new(&[], &[]);
    let phases = run(&gateway, 200).await;
    assert_eq!(phases, ["connecting", "polling"]);
    // Three attempts at once, then one a minute: each waits for the picture of its poll.
    assert_eq!(gateway.seconds_of("live"), [0, 0, 1, 61, 121, 181]);
    let polls = gateway.seconds_of("snapshot");
    assert_eq!(&polls[3..8], [1, 16, 31, 46, 61]);
}

#[tokio::test(start_paused = true)]
async fn a_live_connection_that_held_is_tried_again_at_once() {
    let gateway = Scripted::new(&[], &[Attempt::Lasts(30), Attempt::Stays]);
    let phases = run(&gateway, 60).await;
    assert_eq!(phases, ["connecting", "live", "connecting", "live"]);
    assert_eq!(gateway.seconds_of("live"), [0, 30]);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_drops_at_once_again_and_again_ends_in_polling() {
    let gateway = Scripted::new(&[], &[Attempt::Lasts(1); 3]);
    let phases = run(&gateway, 30).await;
    assert_eq!(phases.last().unwrap(), "polling");
    assert_eq!(gateway.seconds_of("live").len(), 3);
}

#[tokio::test(start_paused = true)]
async fn offline_waits_longer_each_time_up_to_ten_seconds() {
    let gateway = Scripted::new(&[false; 7], &[Attempt::Stays]);
    let phases = run(&gateway, 60).await;
    let waits = ["0.5", "1", "2", "4", "8", "10"].map(|wait| format!("offline {wait}"));
    // Seven failures: the second wait of ten seconds is no news.
    assert_eq!(phases[1..7], waits);
    assert_eq!(phases[7..], ["connecting", "live"]);
    assert_eq!(gateway.seconds_of("snapshot"), [0, 0, 1, 3, 7, 15, 25, 35]);
}

#[tokio::test(start_paused = true)]
async fn a_gateway_that_comes_back_gets_a_fresh_start_for_live() {
    let snapshots = [true, true, true, true, false];
    let attempts = [
        Attempt::Fails,
        Attempt::Fails,
        Attempt::Fails,
        Attempt::Stays,
    ];
    let gateway = Scripted::new(&snapshots, &attempts);
    let phases = run(&gateway, 40).await;
    assert_eq!(
        phases,
        ["connecting", "polling", "offline 0.5", "connecting", "live"]
    );
    assert!(
        gateway.seconds_of("live")[3] < 20,
        "not only after a minute"
    );
}
