//! A gateway's stand-in on a real socket: HTTP and graphql-transport-ws on one port.
//!
//! It answers the terminal's own documents from a `World` that a test may change at any moment.

use super::world::{Live, World};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tokio_tungstenite::{
    accept_hdr_async,
    tungstenite::{
        Message,
        handshake::server::{ErrorResponse, Request, Response},
        http::{HeaderValue, StatusCode},
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};

#[derive(Clone)]
pub struct StandIn {
    pub port: u16,
    world: Arc<Mutex<World>>,
    changed: watch::Sender<u64>,
}

impl StandIn {
    /// Listens on `port` (0: any) until the runtime ends or `stop` is called.
    pub async fn start(world: World, port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let (changed, _) = watch::channel(0);
        let stand_in = Self {
            port: listener.local_addr().unwrap().port(),
            world: Arc::new(Mutex::new(world)),
            changed,
        };
        let serving = stand_in.clone();
        tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else {
                    return;
                };
                tokio::spawn(serving.clone().serve(stream));
            }
        });
        stand_in
    }

    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}/graphql", self.port)
    }

    pub fn world(&self) -> World {
        self.world.lock().unwrap().clone()
    }

    /// Changes the world and pushes the change to every subscriber.
    pub fn change(&self, change: impl FnOnce(&mut World)) {
        change(&mut self.world.lock().unwrap());
        self.changed.send_modify(|revision| *revision += 1);
    }

    async fn serve(self, mut stream: TcpStream) {
        let mut peeked = vec![0; 8192];
        let upgrade = loop {
            let Ok(count) = stream.peek(&mut peeked).await else {
                return;
            };
            let head = String::from_utf8_lossy(&peeked[..count]).to_lowercase();
            if count == 0 {
                return;
            }
            if head.contains("\r\n\r\n") {
                break head.contains("upgrade: websocket");
            }
            tokio::task::yield_now().await;
        };
        if upgrade {
            self.live(stream).await;
        } else {
            // One request per connection is enough here.
            self.http(&mut stream).await;
        }
    }

    async fn http(&self, stream: &mut TcpStream) {
        let mut received = Vec::new();
        let (head, body) = loop {
            let mut chunk = [0; 4096];
            let Ok(count) = stream.read(&mut chunk).await else {
                return;
            };
            received.extend_from_slice(&chunk[..count]);
            let text = String::from_utf8_lossy(&received).into_owned();
            let Some((head, body)) = text.split_once("\r\n\r\n") else {
                continue;
            };
            let length = header(head, "content-length")
                .and_then(|v| v.parse().ok())
                .unwrap_or(0);
            if body.len() >= length || count == 0 {
                break (head.to_owned(), body.to_owned());
            }
        };
        let payload: Value = serde_json::from_str(&body).unwrap_or_default();
        let name = payload["operationName"].as_str().unwrap_or("?").to_owned();
        let response = {
            let mut world = self.world.lock().unwrap();
            let authorised = world.authorised(header(&head, "authorization").as_deref());
            world.requests.push(name.clone());
            world.newest = (head, payload);
            world.respond(&name, authorised)
        };
        self.changed.send_modify(|revision| *revision += 1);
        let Some((status, headers, body)) = response else {
            return std::future::pending().await;
        };
        let date = chrono::Utc::now().format("%a, %d %b %Y %H:%M:%S GMT");
        let response = format!(
            "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nDate: {date}\r\n{headers}\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        drop(stream.write_all(response.as_bytes()).await);
        drop(stream.shutdown().await);
    }

    async fn live(self, stream: TcpStream) {
        let mode = self.world().live;
        #[allow(clippy::result_large_err)]
        let negotiate = |_: &Request, mut response: Response| -> Result<Response, ErrorResponse> {
            if mode == Live::Refused {
                let mut refusal = ErrorResponse::new(None);
                *refusal.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
                return Err(refusal);
            }
            let protocol = if mode == Live::OtherProtocol {
                "graphql-ws"
            } else {
                "graphql-transport-ws"
            };
            response
                .headers_mut()
                .insert("sec-websocket-protocol", HeaderValue::from_static(protocol));
            Ok(response)
        };
        let Ok(mut socket) = accept_hdr_async(stream, negotiate).await else {
            return;
        };
        let mut changed = self.changed.subscribe();
        let cuts = self.world().cuts;
        let mut open: BTreeMap<String, (Value, Option<Value>)> = BTreeMap::new();
        let mut authorised = true;
        loop {
            tokio::select! {
                message = socket.next() => {
                    let Some(Ok(Message::Text(text))) = message else { return };
                    let message: Value = serde_json::from_str(&text).unwrap();
                    match (message["type"].as_str().unwrap(), mode) {
                        (_, Live::Silent) => {}
                        ("connection_init", Live::Closes(code)) => {
                            let frame = CloseFrame { code: CloseCode::from(code), reason: "as told".into() };
                            drop(socket.close(Some(frame)).await);
                            return;
                        }
                        ("connection_init", Live::Garbage) => {
                            drop(socket.send(Message::text("{\"type\":\"nonsense\"}")).await);
                        }
                        ("connection_init", _) => {
                            let mut world = self.world.lock().unwrap().clone();
                            authorised = world.authorised(message["payload"]["Authorization"].as_str());
                            world.payloads.push(message["payload"].clone());
                            self.world.lock().unwrap().payloads = world.payloads;
                            send(&mut socket, json!({ "type": "connection_ack" })).await;
                        }
                        ("subscribe", _) => {
                            let id = message["id"].as_str().unwrap().to_owned();
                            open.insert(id, (message["payload"].clone(), None));
                        }
                        ("ping", _) => send(&mut socket, json!({ "type": "pong" })).await,
                        _ => {}
                    }
                }
                result = changed.changed() => if result.is_err() { return },
            }
            let world = self.world();
            if world.cuts != cuts {
                return;
            }
            let mut ended = Vec::new();
            for (id, (payload, last)) in &mut open {
                let answer = world.answer(payload, authorised);
                if last.as_ref() == Some(&answer) {
                    continue;
                }
                if answer["data"].is_null() {
                    send(
                        &mut socket,
                        json!({ "id": id, "type": "error", "payload": answer["errors"] }),
                    )
                    .await;
                    ended.push(id.clone());
                } else {
                    send(
                        &mut socket,
                        json!({ "id": id, "type": "next", "payload": answer }),
                    )
                    .await;
                }
                *last = Some(answer);
            }
            for id in ended {
                open.remove(&id);
            }
        }
    }
}

fn header(head: &str, name: &str) -> Option<String> {
    head.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name)
            .then(|| value.trim().to_owned())
    })
}

async fn send(socket: &mut tokio_tungstenite::WebSocketStream<TcpStream>, message: Value) {
    drop(socket.send(Message::text(message.to_string())).await);
}
