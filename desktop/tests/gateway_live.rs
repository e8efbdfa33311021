//! The live connection against a real WebSocket server, and what `sync` makes of it.

use crate::support::{
    closed_endpoint, settings,
    stand_in::StandIn,
    world::{Live, World},
};
use serde_json::json;
use std::{collections::BTreeSet, time::Duration};
use test_case::test_case;
use tokio::{sync::mpsc, time::timeout};
use twilio_negotiation_desktop::{
    api::{
        RemoteGateway,
        live::{self, LiveEnd, LiveEvent},
    },
    config::{Settings, Token},
    error::GatewayError,
    model::{Area, Update},
    sync::{self, Command, Options, Phase, SyncEvent, Transport},
};

const LIMIT: Duration = Duration::from_secs(30);

async fn stand_in(world: World) -> (StandIn, Settings) {
    let stand_in = StandIn::start(world, 0).await;
    let settings = settings(&stand_in.endpoint());
    (stand_in, settings)
}

/// A session in the background.
fn session(settings: Settings) -> (mpsc::Receiver<LiveEvent>, tokio::task::JoinHandle<LiveEnd>) {
    let (sender, receiver) = mpsc::channel(32);
    let task = tokio::spawn(async move { live::session(&settings, &Area::ALL, &sender).await });
    (receiver, task)
}

async fn next<T>(receiver: &mut mpsc::Receiver<T>) -> T {
    timeout(LIMIT, receiver.recv()).await.unwrap().unwrap()
}

/// Reads on until `find` finds what it looks for.
async fn until<T, R>(receiver: &mut mpsc::Receiver<T>, mut find: impl FnMut(T) -> Option<R>) -> R {
    timeout(LIMIT, async {
        loop {
            if let Some(found) = find(receiver.recv().await.unwrap()) {
                return found;
            }
        }
    })
    .await
    .unwrap()
}

fn margin(event: LiveEvent) -> Option<String> {
    match event {
        LiveEvent::Update(Update::Negotiation(Some(n))) => {
            n.envelope.current_margin.map(|margin| margin.to_string())
        }
        _ => None,
    }
}

#[tokio::test]
async fn every_area_comes_at_once_and_then_each_change() {
    let (stand_in, settings) = stand_in(World::default()).await;
    let (mut events, _task) = session(settings);
    assert!(matches!(next(&mut events).await, LiveEvent::Accepted));
    let mut areas = BTreeSet::new();
    while areas.len() < Area::ALL.len() {
        let LiveEvent::Update(update) = next(&mut events).await else {
            panic!()
        };
        areas.insert(update.area());
    }
    stand_in.change(|world| world.negotiation["envelope"]["currentMargin"] = json!("0.6543"));
    assert_eq!(until(&mut events, margin).await, "0.6543");
}

#[tokio::test]
async fn the_token_goes_into_the_init_payload() {
    let world = World {
        token: Some("s3cret".into()),
        ..World::default()
    };
    let (stand_in, mut settings) = stand_in(world).await;
    settings.token = Some(Token::parse("s3cret").unwrap());
    let (mut events, _task) = session(settings);
    until(&mut events, |event| {
        matches!(event, LiveEvent::Update(_)).then_some(())
    })
    .await;
    assert_eq!(
        stand_in.world().payloads,
        [json!({ "Authorization": "Bearer s3cret" })]
    );
}

#[tokio::test]
async fn one_refused_subscription_leaves_the_others_alone() {
    let world = World {
        removed: Some("disputedAmount"),
        ..World::default()
    };
    let (_stand_in, settings) = stand_in(world).await;
    let (mut events, _task) = session(settings);
    let mut areas = BTreeSet::new();
    let mut refused = None;
    while areas.len() < Area::ALL.len() - 1 || refused.is_none() {
        match next(&mut events).await {
            LiveEvent::Accepted => {}
            LiveEvent::Update(update) => drop(areas.insert(update.area())),
            LiveEvent::Refused(area, error) => refused = Some((area, error)),
        }
    }
    let (area, error) = refused.unwrap();
    assert_eq!(area, Area::Invoices);
    assert!(error.is_schema_mismatch(), "{error}");
}

#[test_case(
    Live::Refused,
    "the gateway answered HTTP 503 instead of opening a socket"
)]
#[test_case(Live::OtherProtocol, "the gateway does not speak graphql-transport-ws")]
#[test_case(
    Live::Closes(4403),
    "the gateway closed the connection (4403: as told)"
)]
#[test_case(Live::Silent, "the gateway did not accept the connection within 2 s")]
#[tokio::test]
async fn a_failed_connection_says_why(live: Live, expected: &str) {
    let (_stand_in, mut settings) = stand_in(World {
        live,
        ..World::default()
    })
    .await;
    if live == Live::Silent {
        settings.timeout = Duration::from_secs(2);
    }
    let (_events, task) = session(settings);
    let end = timeout(LIMIT, task).await.unwrap().unwrap();
    assert_eq!(end.to_string(), expected);
}

#[tokio::test]
async fn nonsense_ends_the_session_and_not_the_program() {
    let (_stand_in, settings) = stand_in(World {
        live: Live::Garbage,
        ..World::default()
    })
    .await;
    let (_events, task) = session(settings);
    let end = timeout(LIMIT, task).await.unwrap().unwrap();
    assert!(matches!(end, LiveEnd::Protocol(_)), "{end}");
}

#[tokio::test]
async fn nobody_there_says_why() {
    let (_events, task) = session(settings(&closed_endpoint()));
    let end = timeout(LIMIT, task).await.unwrap().unwrap();
    assert!(end.to_string().contains("Connection refused"), "{end}");
}

#[tokio::test]
async fn the_session_ends_when_nobody_listens_any_more() {
    let (_stand_in, settings) = stand_in(World::default()).await;
    let (mut events, task) = session(settings);
    next(&mut events).await;
    drop(events);
    assert_eq!(
        timeout(LIMIT, task).await.unwrap().unwrap(),
        LiveEnd::Leaving
    );
}

/// The real synchronisation with short waits.
fn synchronise(
    settings: &Settings,
    transport: Transport,
) -> (mpsc::Receiver<SyncEvent>, mpsc::Sender<Command>) {
    let (events_in, events) = mpsc::channel(64);
    let (commands, commands_out) = mpsc::channel(4);
    let options = Options {
        transport,
        poll_every: Duration::from_millis(150),
        live_every: Duration::from_millis(500),
        first_wait: Duration::from_millis(20),
        max_wait: Duration::from_millis(100),
        stable_after: Duration::ZERO,
        ..Options::default()
    };
    let settings = Settings {
        retries: 0,
        ..settings.clone()
    };
    let gateway = RemoteGateway::new(&settings).unwrap();
    tokio::spawn(sync::run(gateway, options, events_in, commands_out));
    (events, commands)
}

async fn phase(events: &mut mpsc::Receiver<SyncEvent>, wanted: fn(&Phase) -> bool) -> Phase {
    until(events, |event| match event {
        SyncEvent::Phase(phase) if wanted(&phase) => Some(phase),
        _ => None,
    })
    .await
}

const LIVE: fn(&Phase) -> bool = |phase| *phase == Phase::Live;
const POLLING: fn(&Phase) -> bool = |phase| matches!(phase, Phase::Polling { .. });
const OFFLINE: fn(&Phase) -> bool = |phase| matches!(phase, Phase::Offline { .. });

#[tokio::test]
async fn a_full_picture_comes_first_and_then_live() {
    let (stand_in, settings) = stand_in(World::default()).await;
    let (mut events, _commands) = synchronise(&settings, Transport::Auto);
    let mut fetched = BTreeSet::new();
    until(&mut events, |event| match event {
        SyncEvent::Fetched(answer) => {
            assert!(answer.result.is_ok());
            fetched.insert(answer.area);
            (fetched.len() == Area::ALL.len()).then_some(())
        }
        SyncEvent::Pushed(_) => panic!("pushed before the picture"),
        _ => None,
    })
    .await;
    phase(&mut events, LIVE).await;
    assert_eq!(stand_in.world().requests.len(), Area::ALL.len());
}

#[tokio::test]
async fn a_cut_socket_is_connected_again_with_a_full_picture() {
    let (stand_in, settings) = stand_in(World::default()).await;
    let (mut events, _commands) = synchronise(&settings, Transport::Auto);
    phase(&mut events, LIVE).await;
    stand_in.change(|world| world.cuts += 1);
    phase(&mut events, |phase| *phase == Phase::Connecting).await;
    until(&mut events, |event| {
        matches!(event, SyncEvent::Fetched(_)).then_some(())
    })
    .await;
    phase(&mut events, LIVE).await;
}

#[tokio::test]
async fn after_three_failed_attempts_it_polls_and_later_is_live_again() {
    let (stand_in, settings) = stand_in(World {
        live: Live::Refused,
        ..World::default()
    })
    .await;
    let (mut events, _commands) = synchronise(&settings, Transport::Auto);
    let mut pictures = 0;
    let reason = until(&mut events, |event| match event {
        SyncEvent::Fetched(fetched) if fetched.area == Area::Health => {
            pictures += 1;
            None
        }
        SyncEvent::Phase(Phase::Polling { reason, .. }) => Some(reason),
        _ => None,
    })
    .await;
    assert_eq!(pictures, 3, "one picture before each attempt");
    assert!(reason.contains("503"), "{reason}");
    stand_in.change(|world| world.negotiation["envelope"]["currentMargin"] = json!("0.6000"));
    until(&mut events, |event| match event {
        SyncEvent::Fetched(fetched) => fetched
            .result
            .ok()
            .and_then(|update| margin(LiveEvent::Update(update)))
            .filter(|margin| margin == "0.6000"),
        _ => None,
    })
    .await;
    stand_in.change(|world| world.live = Live::Works);
    phase(&mut events, LIVE).await;
}

#[tokio::test]
async fn refreshing_tries_live_again_at_once() {
    let (stand_in, settings) = stand_in(World {
        live: Live::Refused,
        ..World::default()
    })
    .await;
    let (events_in, mut events) = mpsc::channel(64);
    let (commands, commands_out) = mpsc::channel(4);
    let options = Options {
        first_wait: Duration::from_millis(10),
        poll_every: Duration::from_secs(600),
        live_every: Duration::from_secs(600),
        ..Options::default()
    };
    let gateway = RemoteGateway::new(&settings).unwrap();
    tokio::spawn(sync::run(gateway, options, events_in, commands_out));
    phase(&mut events, POLLING).await;
    stand_in.change(|world| world.live = Live::Works);
    commands.send(Command::Refresh).await.unwrap();
    phase(&mut events, LIVE).await;
}

#[tokio::test]
async fn a_gateway_that_goes_and_comes_back_is_found_again() {
    // A runtime of its own, so that ending it ends every socket, as a killed process would.
    let first = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let stand_in = first
        .spawn(StandIn::start(World::default(), 0))
        .await
        .unwrap();
    let settings = settings(&stand_in.endpoint());
    let (mut events, _commands) = synchronise(&settings, Transport::Auto);
    phase(&mut events, LIVE).await;
    first.shutdown_background();
    let Phase::Offline { error, .. } = phase(&mut events, OFFLINE).await else {
        panic!()
    };
    assert!(matches!(error, GatewayError::Unreachable { .. }), "{error}");
    let _again = StandIn::start(World::default(), stand_in.port).await;
    phase(&mut events, LIVE).await;
}

#[tokio::test]
async fn asked_to_poll_it_never_opens_a_socket() {
    let (stand_in, settings) = stand_in(World::default()).await;
    let (mut events, _commands) = synchronise(&settings, Transport::Poll);
    for _ in 0..3 {
        until(&mut events, |event| {
            matches!(event, SyncEvent::Fetched(_)).then_some(())
        })
        .await;
    }
    assert!(stand_in.world().payloads.is_empty());
}
