//! The live connection: the `graphql-transport-ws` protocol, by hand.
//!
//! One socket carries one subscription per area. A session ends with its reason; whether and when
//! to connect again is decided in `sync`, not here.

use super::{
    answer::{Answer, WireError, refusal},
    operations,
};
use crate::{
    config::Settings,
    error::GatewayError,
    model::{Area, Update},
};
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{collections::BTreeSet, time::Duration};
use thiserror::Error;
use tokio::{
    net::TcpStream,
    sync::mpsc,
    time::{Instant, timeout},
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, client_async_tls_with_config,
    tungstenite::{
        self, ClientRequestBuilder, Message,
        client::IntoClientRequest,
        protocol::{CloseFrame, WebSocketConfig, frame::coding::CloseCode},
    },
};

pub const SUBPROTOCOL: &str = "graphql-transport-ws";
const MAX_MESSAGE_BYTES: usize = 32 * 1024 * 1024;
/// We ask "are you there?" after this much silence, and give up after the second such span.
const PING_AFTER: Duration = Duration::from_secs(20);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// What a session reports while it lives.
#[derive(Debug)]
pub enum LiveEvent {
    /// The gateway accepted us, after this time; the subscriptions are on their way.
    Accepted,
    Update(Update),
    /// One subscription was refused; the others go on.
    Refused(Area, GatewayError),
}

/// Why a session ended.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum LiveEnd {
    #[error("cannot connect to {endpoint}: {reason}")]
    Connect { endpoint: String, reason: String },
    #[error("the gateway answered HTTP {0} instead of opening a socket")]
    Handshake(u16),
    #[error("the gateway does not speak {SUBPROTOCOL}")]
    Subprotocol,
    #[error("the gateway did not accept the connection within {} s", .0.as_secs_f32())]
    NoAck(Duration),
    #[error("the gateway closed the connection ({code}{})", reason_suffix(reason))]
    Closed { code: u16, reason: String },
    #[error("the connection was cut: {0}")]
    Cut(String),
    #[error("nothing came for {} s", .0.as_secs())]
    Silent(Duration),
    #[error("the gateway broke the protocol: {0}")]
    Protocol(String),
    #[error("no subscription is left")]
    NothingLeft,
    #[error("the program is leaving")]
    Leaving,
}

fn reason_suffix(reason: &str) -> String {
    if reason.is_empty() {
        String::new()
    } else {
        format!(": {reason}")
    }
}

/// What the server may say. Other types break the protocol.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ServerMessage {
    ConnectionAck,
    Ping,
    Pong,
    Next { id: String, payload: Answer },
    Error { id: String, payload: Vec<WireError> },
    Complete { id: String },
}

/// Connects, subscribes to `areas` and reports until the session ends.
pub async fn session(
    settings: &Settings,
    areas: &[Area],
    events: &mpsc::Sender<LiveEvent>,
) -> LiveEnd {
    match connect(settings).await {
        Ok(socket) => match Session::new(socket, areas).run(events).await {
            Ok(never) => match never {},
            Err(end) => end,
        },
        Err(end) => end,
    }
}

/// Opens the socket and waits until the gateway accepts us. Public for `doctor`.
///
/// # Errors
/// The step that failed.
pub async fn connect(settings: &Settings) -> Result<Socket, LiveEnd> {
    let limit = settings.timeout;
    let mut socket = timeout(limit, open(settings))
        .await
        .unwrap_or_else(|_| Err(failed(settings, format!("no answer within {limit:?}"))))?;
    let payload = match &settings.token {
        Some(token) => json!({ "Authorization": token.header() }),
        None => json!({}),
    };
    let init = json!({ "type": "connection_init", "payload": payload });
    send(&mut socket, &init).await?;
    timeout(limit, acknowledged(&mut socket))
        .await
        .unwrap_or(Err(LiveEnd::NoAck(limit)))?;
    Ok(socket)
}

fn failed(settings: &Settings, reason: String) -> LiveEnd {
    LiveEnd::Connect {
        endpoint: settings.endpoint.to_string(),
        reason,
    }
}

async fn open(settings: &Settings) -> Result<Socket, LiveEnd> {
    super::install_tls();
    let url = settings.endpoint.websocket();
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let port = url.port_or_known_default().unwrap_or(80);
    let uri = url
        .as_str()
        .parse::<tungstenite::http::Uri>()
        .map_err(|error| failed(settings, error.to_string()))?;
    let mut builder = ClientRequestBuilder::new(uri).with_sub_protocol(SUBPROTOCOL);
    if let Some(token) = &settings.token {
        builder = builder.with_header("Authorization", token.header());
    }
    let request = builder
        .into_client_request()
        .map_err(|error| failed(settings, error.to_string()))?;
    let stream = TcpStream::connect((host, port))
        .await
        .map_err(|error| failed(settings, error.to_string()))?;
    // Small frames should leave at once; a refusal only costs latency.
    stream.set_nodelay(true).unwrap_or_default();
    let config = WebSocketConfig::default()
        .max_message_size(Some(MAX_MESSAGE_BYTES))
        .max_frame_size(Some(MAX_MESSAGE_BYTES));
    let (socket, response) = client_async_tls_with_config(request, stream, Some(config), None)
        .await
        .map_err(|error| match error {
            tungstenite::Error::Http(response) => LiveEnd::Handshake(response.status().as_u16()),
            tungstenite::Error::Protocol(
                tungstenite::error::ProtocolError::SecWebSocketSubProtocolError(_),
            ) => LiveEnd::Subprotocol,
            other => failed(settings, other.to_string()),
        })?;
    let agreed = response
        .headers()
        .get("sec-websocket-protocol")
        .is_some_and(|value| value == SUBPROTOCOL);
    if !agreed {
        return Err(LiveEnd::Subprotocol);
    }
    Ok(socket)
}

async fn acknowledged(socket: &mut Socket) -> Result<(), LiveEnd> {
    loop {
        match read(socket).await? {
            Some(ServerMessage::ConnectionAck) => return Ok(()),
            Some(ServerMessage::Ping) => send(socket, &json!({ "type": "pong" })).await?,
            Some(ServerMessage::Pong) | None => {}
            Some(_) => return Err(LiveEnd::Protocol("data before connection_ack".into())),
        }
    }
}

/// The next message; `None` for a WebSocket ping or pong, which the library answers itself.
async fn read(socket: &mut Socket) -> Result<Option<ServerMessage>, LiveEnd> {
    let message = match socket.next().await {
        Some(Ok(message)) => message,
        Some(Err(error)) => return Err(LiveEnd::Cut(error.to_string())),
        None => return Err(LiveEnd::Cut("end of stream".into())),
    };
    match message {
        Message::Text(text) => serde_json::from_str(&text)
            .map(Some)
            .map_err(|error| LiveEnd::Protocol(error.to_string())),
        Message::Close(frame) => Err(closed(frame)),
        Message::Binary(_) => Err(LiveEnd::Protocol("a binary message".into())),
        Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => Ok(None),
    }
}

fn closed(frame: Option<CloseFrame>) -> LiveEnd {
    frame.map_or(
        LiveEnd::Closed {
            code: 1005,
            reason: String::new(),
        },
        |frame| LiveEnd::Closed {
            code: frame.code.into(),
            reason: super::convert::clean(frame.reason.to_string()),
        },
    )
}

async fn send(socket: &mut Socket, message: &Value) -> Result<(), LiveEnd> {
    socket
        .send(Message::text(message.to_string()))
        .await
        .map_err(|error| LiveEnd::Cut(error.to_string()))
}

/// Says goodbye properly, but never waits long for it.
pub async fn close(mut socket: Socket) {
    let frame = CloseFrame {
        code: CloseCode::Normal,
        reason: "".into(),
    };
    drop(timeout(Duration::from_millis(200), socket.close(Some(frame))).await);
}

struct Session {
    socket: Socket,
    open: BTreeSet<Area>,
}

impl Session {
    fn new(socket: Socket, areas: &[Area]) -> Self {
        Self {
            socket,
            open: areas.iter().copied().collect(),
        }
    }

    /// Ends only with a reason.
    async fn run(
        mut self,
        events: &mpsc::Sender<LiveEvent>,
    ) -> Result<std::convert::Infallible, LiveEnd> {
        report(events, LiveEvent::Accepted).await?;
        for area in self.open.clone() {
            let operation = operations::subscription(area);
            let subscribe = json!({
                "id": area.word(),
                "type": "subscribe",
                "payload": { "operationName": operation.name, "query": operation.document },
            });
            send(&mut self.socket, &subscribe).await?;
        }
        let mut heard = Instant::now();
        let mut asked = false;
        loop {
            if self.open.is_empty() {
                close(self.socket).await;
                return Err(LiveEnd::NothingLeft);
            }
            let silence = if asked { PING_AFTER * 2 } else { PING_AFTER };
            tokio::select! {
                message = read(&mut self.socket) => {
                    heard = Instant::now();
                    asked = false;
                    if let Some(message) = message? {
                        self.handle(message, events).await?;
                    }
                }
                () = tokio::time::sleep_until(heard + silence) => {
                    if asked {
                        close(self.socket).await;
                        return Err(LiveEnd::Silent(heard.elapsed()));
                    }
                    asked = true;
                    send(&mut self.socket, &json!({ "type": "ping" })).await?;
                }
                () = events.closed() => {
                    close(self.socket).await;
                    return Err(LiveEnd::Leaving);
                }
            }
        }
    }

    async fn handle(
        &mut self,
        message: ServerMessage,
        events: &mpsc::Sender<LiveEvent>,
    ) -> Result<(), LiveEnd> {
        match message {
            ServerMessage::Ping => send(&mut self.socket, &json!({ "type": "pong" })).await,
            ServerMessage::Pong => Ok(()),
            ServerMessage::Next { id, payload } => match self.area(&id) {
                None => Ok(()),
                Some(area) => {
                    let event = match payload.into_update(area) {
                        Ok(update) => LiveEvent::Update(update),
                        Err(error) => LiveEvent::Refused(area, error),
                    };
                    report(events, event).await
                }
            },
            ServerMessage::Error { id, payload } => match self.area(&id) {
                None => Ok(()),
                Some(area) => {
                    self.open.remove(&area);
                    report(
                        events,
                        LiveEvent::Refused(area, refusal(area, payload, false)),
                    )
                    .await
                }
            },
            // The gateway ended a stream that has no end: connect anew, nothing is lost by it.
            ServerMessage::Complete { id } => match self.area(&id) {
                None => Ok(()),
                Some(area) => Err(LiveEnd::Cut(format!("{} was completed", area.word()))),
            },
            ServerMessage::ConnectionAck => {
                Err(LiveEnd::Protocol("a second connection_ack".into()))
            }
        }
    }

    fn area(&self, id: &str) -> Option<Area> {
        self.open.iter().copied().find(|area| area.word() == id)
    }
}

async fn report(events: &mpsc::Sender<LiveEvent>, event: LiveEvent) -> Result<(), LiveEnd> {
    events.send(event).await.map_err(|_| LiveEnd::Leaving)
}
