//! Asking the gateway over HTTP: one POST per area, retried only where that can help.

use super::{
    answer::Answer,
    deeds::{Deed, Done},
    operations::{self, Operation},
};
use crate::{
    config::Settings,
    error::GatewayError,
    model::{Area, Update},
};
use backon::{ExponentialBuilder, Retryable};
use chrono::{DateTime, Utc};
use futures_util::{StreamExt, stream::FuturesUnordered};
use reqwest::{
    Client, Response, StatusCode,
    header::{
        ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER,
    },
    redirect,
};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::sync::mpsc;

/// An answer larger than this is refused rather than held in memory.
const MAX_ANSWER_BYTES: usize = 32 * 1024 * 1024;
/// The longest `Retry-After` that is waited for.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(30);

#[derive(Clone, Debug)]
pub struct HttpClient {
    client: Client,
    settings: Settings,
}

/// What the gateway answered for one area, or why it did not.
#[derive(Debug)]
pub struct Fetched {
    pub area: Area,
    pub result: Result<Update, GatewayError>,
    /// The gateway's clock, from its `Date` header (whole seconds).
    pub server_time: Option<DateTime<Utc>>,
}

impl HttpClient {
    /// # Errors
    /// When the TLS set-up of this machine cannot be read (only for `https`).
    pub fn new(settings: &Settings) -> Result<Self, GatewayError> {
        super::install_tls();
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static(ACCEPTED));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(token) = &settings.token
            && let Ok(mut value) = HeaderValue::from_str(&token.header())
        {
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let mut builder = Client::builder()
            .user_agent(concat!(
                "twilio-negotiation-desktop/",
                env!("CARGO_PKG_VERSION")
            ))
            .default_headers(headers)
            .timeout(settings.timeout)
            // A redirected POST would lose its body, or carry the token elsewhere.
            .redirect(redirect::Policy::none());
        if settings.endpoint.is_loopback() {
            builder = builder.no_proxy();
        }
        if settings.endpoint.http().scheme() == "http" {
            // No certificates are needed, so a machine without any can still connect.
            builder = builder.tls_certs_only(std::iter::empty());
        }
        let client = builder.build().map_err(|error| GatewayError::Unreachable {
            endpoint: settings.endpoint.to_string(),
            reason: root_cause(&error),
        })?;
        Ok(Self {
            client,
            settings: settings.clone(),
        })
    }

    /// Asks for everything and hands on each answer as it comes: the slowest delays no other.
    /// Health goes first: if no answer comes at all, the rest is not asked.
    ///
    /// # Errors
    /// Only when the gateway as a whole did not answer; a refused area is among what is found.
    pub async fn snapshot(&self, found: mpsc::Sender<Fetched>) -> Result<(), GatewayError> {
        let health = self.fetched(Area::Health).await;
        if let Err(error) = &health.result
            && error.is_transport()
        {
            return Err(error.clone());
        }
        let mut others: FuturesUnordered<_> = Area::ALL
            .into_iter()
            .filter(|area| *area != Area::Health)
            .map(|area| self.fetched(area))
            .collect();
        let mut next = Some(health);
        // Ends early when nobody listens any more.
        while let Some(answer) = next {
            if found.send(answer).await.is_err() {
                break;
            }
            next = others.next().await;
        }
        Ok(())
    }

    /// The same, all of it at once.
    ///
    /// # Errors
    /// As above.
    pub async fn full_picture(&self) -> Result<Vec<Fetched>, GatewayError> {
        let (sender, mut found) = mpsc::channel(Area::ALL.len());
        self.snapshot(sender).await?;
        Ok(std::iter::from_fn(|| found.try_recv().ok()).collect())
    }

    async fn fetched(&self, area: Area) -> Fetched {
        let (result, server_time) = match self.fetch(area).await {
            Ok((update, server_time)) => (Ok(update), server_time),
            Err(error) => (Err(error), None),
        };
        Fetched {
            area,
            result,
            server_time,
        }
    }

    /// Asks for one area, with retries.
    ///
    /// # Errors
    /// The last attempt's error.
    pub async fn fetch(&self, area: Area) -> Result<(Update, Option<DateTime<Utc>>), GatewayError> {
        let attempts = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(200))
            .with_max_delay(Duration::from_secs(5))
            .with_max_times(self.settings.retries as usize)
            .with_jitter();
        (|| self.fetch_once(area))
            .retry(attempts)
            .when(GatewayError::is_transient)
            .adjust(|error, delay| {
                let asked = error.retry_after().map(|wait| wait.min(MAX_RETRY_AFTER));
                delay.map(|delay| asked.unwrap_or(delay))
            })
            .notify(|error, delay| {
                tracing::info!(area = area.word(), %error, ?delay, "asking again");
            })
            .await
    }

    async fn fetch_once(
        &self,
        area: Area,
    ) -> Result<(Update, Option<DateTime<Utc>>), GatewayError> {
        let (answer, headers) = self.ask(operations::query(area), json!({})).await?;
        let server_time = header(&headers, DATE.as_str()).and_then(|text| http_date(&text));
        Ok((answer.into_update(area)?, server_time))
    }

    /// Asks the gateway to do something, once.
    ///
    /// # Errors
    /// When it did not answer, or refused; after a timeout it may have done it all the same.
    pub async fn act(&self, deed: &Deed) -> Result<Done, GatewayError> {
        let (operation, variables) = deed.operation();
        let (answer, _) = self.ask(operation, variables).await?;
        answer.read(deed.area(), |data| deed.done(data))
    }

    async fn ask(
        &self,
        operation: Operation,
        variables: Value,
    ) -> Result<(Answer, HeaderMap), GatewayError> {
        let body = json!({
            "operationName": operation.name,
            "query": operation.document,
            "variables": variables,
        });
        let response = self
            .client
            .post(self.settings.endpoint.http().clone())
            .body(body.to_string())
            .send()
            .await
            .map_err(|error| self.transport(&error))?;
        let status = response.status();
        let headers = response.headers().clone();
        let body = self.body(response).await?;
        let answer = self.read(status, &headers, &body)?;
        Ok((answer, headers))
    }

    async fn body(&self, mut response: Response) -> Result<Vec<u8>, GatewayError> {
        let mut body = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| self.transport(&error))?
        {
            if body.len() + chunk.len() > MAX_ANSWER_BYTES {
                return Err(GatewayError::NotGraphQl {
                    endpoint: self.settings.endpoint.to_string(),
                    detail: format!("the answer is larger than {MAX_ANSWER_BYTES} bytes"),
                });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    fn read(
        &self,
        status: StatusCode,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Answer, GatewayError> {
        let answer = serde_json::from_slice::<Answer>(body)
            .ok()
            .filter(Answer::is_graphql);
        let error = GatewayError::Status {
            status: status.as_u16(),
            detail: header(headers, LOCATION.as_str())
                .map(|target| format!("redirects to {target}"))
                .unwrap_or_else(|| excerpt(body)),
            retry_after: header(headers, RETRY_AFTER.as_str())
                .and_then(|text| retry_after(&text, Utc::now())),
        };
        match answer {
            Some(answer) if !error.is_transient() => Ok(answer),
            None if status.is_success() => Err(GatewayError::NotGraphQl {
                endpoint: self.settings.endpoint.to_string(),
                detail: excerpt(body),
            }),
            _ => Err(error),
        }
    }

    fn transport(&self, error: &reqwest::Error) -> GatewayError {
        let endpoint = self.settings.endpoint.to_string();
        if error.is_timeout() {
            GatewayError::Timeout {
                endpoint,
                after: self.settings.timeout,
            }
        } else if error.is_connect() {
            GatewayError::Unreachable {
                endpoint,
                reason: root_cause(error),
            }
        } else {
            GatewayError::Cut {
                endpoint,
                reason: root_cause(error),
            }
        }
    }
}

const ACCEPTED: &str = "application/graphql-response+json, application/json;q=0.9";

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`
fn http_date(text: &str) -> Option<DateTime<Utc>> {
    let instant = DateTime::parse_from_rfc2822(text).ok()?;
    Some(instant.with_timezone(&Utc))
}

/// Seconds, or a date.
fn retry_after(text: &str, now: DateTime<Utc>) -> Option<Duration> {
    match text.trim().parse::<u64>() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => Some((http_date(text)? - now).to_std().unwrap_or_default()),
    }
}

/// The innermost reason: "Connection refused" rather than "error sending request".
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

/// The start of a body that is not ours, on one line.
fn excerpt(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(100) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_as_seconds_or_as_a_date() {
        let now = http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        assert_eq!(retry_after("7", now), Some(Duration::from_secs(7)));
        assert_eq!(
            retry_after("Sun, 06 Nov 1994 08:50:07 GMT", now),
            Some(Duration::from_secs(30))
        );
        assert_eq!(
            retry_after("Sun, 06 Nov 1994 08:00:00 GMT", now),
            Some(Duration::ZERO)
        );
        assert_eq!(retry_after("soon", now), None);
    }

    #[test]
    fn an_excerpt_is_short_and_on_one_line() {
        assert_eq!(
            excerpt(b"<html>\n  <body>no</body>"),
            "<html> <body>no</body>"
        );
        assert_eq!(excerpt(&[b'x'; 500]).chars().count(), 101);
    }
}
