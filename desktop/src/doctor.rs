//! `doctor`: collects what is between here and the gateway, then judges each step.

use crate::{
    api::{
        http::HttpClient,
        live::{self, LiveEvent},
        operations,
    },
    cache::{Cache, Loaded},
    config::{Environment, Settings},
    error::{Exit, GatewayError},
    format::{age, instant, span},
    model::{Area, Health, HealthStatus, Update},
    ui::{parts::Lines, text, theme::Theme},
};
use chrono::{DateTime, TimeDelta, Utc};
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

impl Collected {
    pub fn judge(&self) -> Diagnosis {
        let mut checks = vec![self.endpoint_check()];
        checks.extend(self.query_checks());
        checks.push(self.live_check());
        checks.push(self.schema_check());
        checks.push(self.health_check());
        checks.push(self.clock_check());
        checks.push(self.cache_check());
        checks.push(Check::new("terminal", Verdict::Ok, self.terminal.clone()));
        Diagnosis {
            endpoint: self.endpoint.clone(),
            program: concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")),
            schema_version: operations::schema_version(),
            checks,
        }
    }

    fn endpoint_check(&self) -> Check {
        let endpoint = &self.endpoint;
        match &self.tcp {
            Ok(took) => Check::new(
                "endpoint",
                Verdict::Ok,
                format!("{endpoint} accepts connections ({} ms)", took.as_millis()),
            ),
            Err(reason) => Check::new(
                "endpoint",
                Verdict::Fail,
                format!("{endpoint} cannot be reached: {reason}"),
            )
            .advise("Start the gateway (`make run`), or name another one with --endpoint."),
        }
    }

    /// One check per document that the screens need.
    fn query_checks(&self) -> Vec<Check> {
        let token = if self.token {
            "with a token"
        } else {
            "without a token"
        };
        if self.tcp.is_err() {
            return vec![Check::new("query", Verdict::Skipped, "not asked")];
        }
        let failed: Vec<Check> = self
            .query
            .iter()
            .filter_map(|(_, result)| result.as_ref().err())
            .map(|error| {
                Check::new("query", Verdict::Fail, error.to_string()).advise(error.advice())
            })
            .collect();
        if failed.is_empty() {
            let found = format!(
                "{} documents answered in {} ms, {token}",
                self.query.len(),
                self.query_took.as_millis()
            );
            return vec![Check::new("query", Verdict::Ok, found)];
        }
        failed
    }

    fn live_check(&self) -> Check {
        match &self.live {
            None => Check::new("live", Verdict::Skipped, "not tried"),
            Some(Ok(took)) => Check::new(
                "live",
                Verdict::Ok,
                format!("{}: first value after {} ms", live::SUBPROTOCOL, took.as_millis()),
            ),
            Some(Err(reason)) => Check::new("live", Verdict::Warn, reason.clone()).advise(
                "The dashboard polls instead. Does a proxy between here and the gateway cut WebSockets?",
            ),
        }
    }

    fn health(&self) -> Option<&Health> {
        self.query.iter().find_map(|(_, result)| match result {
            Ok(Update::Health(health)) => Some(health.as_ref()),
            _ => None,
        })
    }

    fn schema_check(&self) -> Check {
        let built = operations::schema_version();
        match self.health().map(|health| &health.schema_version.version) {
            None => Check::new(
                "schema",
                Verdict::Skipped,
                format!("built for {built}, the served version is unknown"),
            ),
            Some(served) if served == built => Check::new(
                "schema",
                Verdict::Ok,
                format!("built for {built}, the same is served"),
            ),
            Some(served) => Check::new(
                "schema",
                if self.mismatched() {
                    Verdict::Fail
                } else {
                    Verdict::Warn
                },
                format!("built for {built}, served {served}"),
            )
            .advise("Update the older of the two: this program or the gateway."),
        }
    }

    fn health_check(&self) -> Check {
        let Some(health) = self.health() else {
            return Check::new("health", Verdict::Skipped, "unknown");
        };
        let verdict = match health.status {
            HealthStatus::Ok => Verdict::Ok,
            HealthStatus::Degraded | HealthStatus::Other(_) => Verdict::Warn,
            HealthStatus::Down => Verdict::Fail,
        };
        let troubled: Vec<String> = health
            .components
            .iter()
            .filter(|component| component.status != HealthStatus::Ok)
            .map(|component| format!("{} {}", component.name, component.status.word()))
            .collect();
        let mut found = format!(
            "{}, data {}",
            health.status.wire(),
            health.provenance.word()
        );
        if !troubled.is_empty() {
            found.push_str(&format!(", {}", troubled.join(", ")));
        }
        let check = Check::new("health", verdict, found);
        match &health.banner {
            Some(banner) => check.advise(banner.message.clone()),
            None => check,
        }
    }

    /// `Date` has whole seconds, so small differences mean nothing.
    fn clock_check(&self) -> Check {
        let Some(server) = self.server_time else {
            return Check::new(
                "clock",
                Verdict::Skipped,
                "the gateway did not say its time",
            );
        };
        let skew = self.now - server;
        if skew.abs() <= TimeDelta::seconds(5) {
            return Check::new("clock", Verdict::Ok, "agrees with the gateway's to 5 s");
        }
        let side = if skew > TimeDelta::zero() {
            "ahead of"
        } else {
            "behind"
        };
        Check::new(
            "clock",
            Verdict::Warn,
            format!("this clock is {} {side} the gateway's", span(skew.abs())),
        )
        .advise("Ages on the screens are wrong by as much; set the clock (NTP).")
    }

    fn cache_check(&self) -> Check {
        let Some((path, loaded, mode)) = &self.cache else {
            return Check::new(
                "cache",
                Verdict::Warn,
                "no home directory, nothing is remembered",
            )
            .advise("Name a directory with --cache-dir.");
        };
        match loaded {
            Loaded::Missing => Check::new("cache", Verdict::Ok, format!("{path}: nothing yet")),
            Loaded::Bad { reason, .. } => Check::new(
                "cache",
                Verdict::Warn,
                format!("{path} cannot be read: {reason}"),
            )
            .advise("It is kept as .bad and replaced at the next successful run."),
            Loaded::Entry(entry) => {
                let found = format!(
                    "{path}: saved {} ({} ago), from {}",
                    instant(entry.saved_at),
                    age(entry.saved_at, self.now),
                    entry.endpoint
                );
                match mode {
                    Some(mode) if mode & 0o077 != 0 => {
                        Check::new("cache", Verdict::Warn, format!("{found}, mode {mode:o}"))
                            .advise(format!("Others can read it: chmod 600 {path}"))
                    }
                    _ => Check::new("cache", Verdict::Ok, found),
                }
            }
        }
    }

    fn mismatched(&self) -> bool {
        self.query
            .iter()
            .any(|(_, result)| result.as_ref().is_err_and(GatewayError::is_schema_mismatch))
    }

    pub fn exit(&self) -> Exit {
        let cached = matches!(&self.cache, Some((_, Loaded::Entry(_), _)));
        if self.mismatched() {
            Exit::SchemaMismatch
        } else if self.tcp.is_err() && !cached {
            Exit::NoData
        } else if self
            .judge()
            .checks
            .iter()
            .any(|check| check.verdict == Verdict::Fail)
        {
            Exit::Unexpected
        } else {
            Exit::Ok
        }
    }
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
