//! `doctor`: collects what is between here and the gateway, then judges each step.

mod judge;

use crate::{
    api::{
        http::HttpClient,
        live::{self, LiveEvent},
    },
    cache::{Cache, Loaded},
    config::{Environment, Settings},
    error::GatewayError,
    model::{Area, Update},
    ui::{parts::Lines, text, theme::Theme},
};
use chrono::{DateTime, Utc};
use ratatui::text::{Line, Span};
use serde::Serialize;
use std::time::{Duration, Instant};
use tokio::{net::TcpStream, sync::mpsc, time::timeout};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    Ok,
    Warn,
    Fail,
    /// Could not be judged because an earlier step failed.
    Skipped,
}

/// One judged step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    pub id: &'static str,
    pub verdict: Verdict,
    pub found: String,
    pub advice: Option<String>,
}

impl Check {
    fn new(id: &'static str, verdict: Verdict, found: impl Into<String>) -> Self {
        Self {
            id,
            verdict,
            found: found.into(),
            advice: None,
        }
    }

    fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }
}

/// What was collected, before any judgement.
#[derive(Debug)]
pub struct Collected {
    endpoint: String,
    tcp: Result<Duration, String>,
    query: Vec<(Area, Result<Update, GatewayError>)>,
    query_took: Duration,
    server_time: Option<DateTime<Utc>>,
    live: Option<Result<Duration, String>>,
    cache: Option<(String, Loaded, Option<u32>)>,
    token: bool,
    terminal: String,
    now: DateTime<Utc>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Diagnosis {
    pub endpoint: String,
    pub program: &'static str,
    pub schema_version: &'static str,
    pub checks: Vec<Check>,
}

/// Tries every step; each has its own limit, so this always ends.
pub async fn collect(settings: &Settings, environment: &Environment) -> Collected {
    let mut collected = Collected {
        endpoint: settings.endpoint.to_string(),
        tcp: connect(settings).await,
        query: Vec::new(),
        query_took: Duration::ZERO,
        server_time: None,
        live: None,
        cache: settings.cache_dir.clone().map(|directory| {
            let cache = Cache::new(directory);
            (
                cache.path().display().to_string(),
                cache.peek(),
                cache.mode(),
            )
        }),
        token: settings.token.is_some(),
        terminal: terminal(settings, environment),
        now: Utc::now(),
    };
    if settings.offline {
        collected.tcp = Err("--offline was asked for".into());
        return collected;
    }
    let started = Instant::now();
    match HttpClient::new(settings) {
        Err(error) => collected.query.push((Area::Health, Err(error))),
        Ok(client) => match client.full_picture().await {
            Err(error) => collected.query.push((Area::Health, Err(error))),
            Ok(picture) => {
                collected.server_time = picture.iter().find_map(|fetched| fetched.server_time);
                collected.query = picture
                    .into_iter()
                    .map(|fetched| (fetched.area, fetched.result))
                    .collect();
            }
        },
    }
    collected.query_took = started.elapsed();
    collected.now = Utc::now();
    if collected.tcp.is_ok() {
        collected.live = Some(first_push(settings).await);
    }
    collected
}

async fn connect(settings: &Settings) -> Result<Duration, String> {
    if settings.offline {
        return Err("--offline was asked for".into());
    }
    let url = settings.endpoint.http();
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let port = url.port_or_known_default().unwrap_or(80);
    let started = Instant::now();
    match timeout(settings.timeout, TcpStream::connect((host, port))).await {
        Ok(Ok(_)) => Ok(started.elapsed()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!(
            "no answer within {} s",
            settings.timeout.as_secs_f32()
        )),
    }
}

/// Subscribes to health and waits for its first value.
async fn first_push(settings: &Settings) -> Result<Duration, String> {
    let (events, mut received) = mpsc::channel(8);
    let started = Instant::now();
    let session = live::session(settings, &[Area::Health], &events);
    let value = async {
        loop {
            match received.recv().await {
                Some(LiveEvent::Update(_)) => return Ok(started.elapsed()),
                Some(LiveEvent::Refused(_, error)) => return Err(error.to_string()),
                Some(LiveEvent::Accepted) => {}
                None => return Err("the session ended".to_owned()),
            }
        }
    };
    tokio::select! {
        end = session => Err(end.to_string()),
        value = timeout(settings.timeout * 2, value) => {
            value.unwrap_or_else(|_| Err("accepted, but no value came".into()))
        }
    }
}

fn terminal(settings: &Settings, environment: &Environment) -> String {
    let size = ratatui::crossterm::terminal::size()
        .map_or("no terminal".into(), |(width, height)| {
            format!("{width}x{height}")
        });
    format!(
        "{size}, TERM={}, {}, {}",
        if environment.term.is_empty() {
            "(unset)"
        } else {
            &environment.term
        },
        if settings.colour {
            "colours"
        } else {
            "no colours"
        },
        if settings.ascii { "ASCII" } else { "Unicode" },
    )
}

impl Diagnosis {
    pub fn lines(&self, theme: Theme, width: usize) -> Lines {
        let mut lines = vec![Line::styled(
            format!("{}, schema {}", self.program, self.schema_version),
            theme.strong(),
        )];
        for check in &self.checks {
            let (mark, style) = match check.verdict {
                Verdict::Ok => ("✓ ok  ", theme.good()),
                Verdict::Warn => ("! warn", theme.warn()),
                Verdict::Fail => ("✗ FAIL", theme.bad()),
                Verdict::Skipped => ("· skip", theme.dim()),
            };
            let head = format!("{mark} {:<9} ", check.id);
            let mut wrapped = text::hanging(&head, &check.found, width, theme.text());
            if let Some(first) = wrapped.first_mut() {
                let rest: String = first
                    .to_string()
                    .chars()
                    .skip(mark.chars().count())
                    .collect();
                *first = Line::from(vec![Span::styled(mark, style), Span::raw(rest)]);
            }
            lines.extend(wrapped);
            if let Some(advice) = &check.advice {
                lines.extend(text::hanging(
                    "                 → ",
                    advice,
                    width,
                    theme.dim(),
                ));
            }
        }
        lines
    }
}
