//! What was collected, judged step by step.

use super::{Check, Collected, Diagnosis, Verdict};
use crate::{
    api::{live, operations},
    cache::Loaded,
    error::{Exit, GatewayError},
    format::{age, instant, span},
    model::{Health, HealthStatus, Update},
};
use chrono::TimeDelta;

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
