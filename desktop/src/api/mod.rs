//! The gateway as this program sees it. Everything above here speaks `model`, not GraphQL.

pub mod answer;
pub mod convert;
pub mod deeds;
pub mod http;
pub mod live;
pub mod operations;
pub mod scalars;

use crate::{config::Settings, error::GatewayError, model::Area};
use http::{Fetched, HttpClient};
use live::{LiveEnd, LiveEvent};
use std::future::Future;
use tokio::sync::mpsc;

/// Where the picture comes from. The tests of `sync` have their own.
pub trait Gateway: Send + Sync + 'static {
    /// One full picture over HTTP, each area as its answer comes; an error when none came.
    fn snapshot(
        &self,
        found: mpsc::Sender<Fetched>,
    ) -> impl Future<Output = Result<(), GatewayError>> + Send;

    /// Pushes changes of every area until the connection ends.
    fn live(&self, events: mpsc::Sender<LiveEvent>) -> impl Future<Output = LiveEnd> + Send;
}

/// The real one.
#[derive(Clone, Debug)]
pub struct RemoteGateway {
    http: HttpClient,
    settings: Settings,
}

impl RemoteGateway {
    /// # Errors
    /// When the HTTP client cannot be set up on this machine.
    pub fn new(settings: &Settings) -> Result<Self, GatewayError> {
        Ok(Self {
            http: HttpClient::new(settings)?,
            settings: settings.clone(),
        })
    }
}

impl Gateway for RemoteGateway {
    async fn snapshot(&self, found: mpsc::Sender<Fetched>) -> Result<(), GatewayError> {
        self.http.snapshot(found).await
    }

    async fn live(&self, events: mpsc::Sender<LiveEvent>) -> LiveEnd {
        live::session(&self.settings, &Area::ALL, &events).await
    }
}

/// Chooses ring for TLS. Whoever chose first in this process is respected.
pub fn install_tls() {
    drop(rustls::crypto::ring::default_provider().install_default());
}
