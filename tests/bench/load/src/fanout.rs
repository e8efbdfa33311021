//! Subscribers of graphql-transport-ws, and one publisher: how many deliveries a second, and how late the last one is.
//!
//! The publisher posts a number to `/publish`; each delivery carries it as `"sequence":N`, so that the time from
//! sending it to the last subscriber's receiving it is measured by one clock, here.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use serde::Deserialize;
use serde_json::{Value, json};
use socket2::SockRef;

use crate::frames::{self, CLOSE, PING, PONG, TEXT};
use crate::process::{Usage, micros, percentile, resident_bytes};
use crate::response::{self, find};

const NEEDLE: &[u8] = b"\"sequence\":";
const PUBLISHER: Token = Token(usize::MAX - 1);
const FEWEST_EVENTS: usize = 3;
const PORTS_PER_ADDRESS: usize = 20_000;

#[derive(Deserialize)]
pub struct Plan {
    port: u16,
    pid: u32,
    path: String,
    query: String,
    /// Connections, one subscription each.
    subscribers: usize,
    /// Distinct values of the variable `key` among them.
    operations: usize,
    /// Connections being opened at the same time.
    opening: usize,
    warmup_seconds: f64,
    /// Of publishing as fast as `window` unfinished events allow. Zero: not at all.
    seconds: f64,
    window: usize,
    /// After that: so many single events, each so long after the one before has arrived everywhere.
    events: usize,
    /// Fewer than `events` when this much time is over, but some.
    latency_seconds: f64,
    pause_ms: u64,
    timeout_seconds: f64,
}

enum Stage {
    Connecting,
    Upgrading,
    Initialising,
    Subscribing,
    Receiving,
}

struct Subscriber {
    stream: TcpStream,
    stage: Stage,
    unread: Vec<u8>,
    last: usize,
}

/// One published number.
struct Event {
    published: Instant,
    reached: usize,
}

struct Publisher {
    /// None: servers close a connection that was idle for some seconds, such as while everyone connects.
    stream: Option<TcpStream>,
    unread: Vec<u8>,
    answered: bool,
}

struct Room<'a> {
    plan: &'a Plan,
    poll: Poll,
    deadline: Instant,
    subscribers: Vec<Subscriber>,
    waiting: VecDeque<usize>,
    receiving: usize,
    publisher: Publisher,
    events: Vec<Event>,
    frames: u64,
    bytes: u64,
    /// Events that have reached everyone, and how long that took.
    complete: usize,
    last_delivery: Vec<u32>,
    each_delivery: Vec<u32>,
    keep_each: bool,
    buffer: Vec<u8>,
}

pub fn run(plan: &Plan) -> Result<Value, String> {
    let resident_before = resident_bytes(plan.pid);
    let mut room = Room::open(plan)?;
    let started = Usage::from_now(plan.pid);
    room.connect_all()?;
    let connecting = started.shares();
    room.rest(Duration::from_millis(300))?;
    let resident_idle = resident_bytes(plan.pid);
    let mut report = json!({
        "connect_seconds": connecting.seconds,
        "connect_server_cpu": connecting.server,
        "resident_before": resident_before,
        "resident_idle": resident_idle,
    });
    if plan.seconds > 0.0 {
        report["throughput"] = room.throughput()?;
    }
    if plan.events > 0 {
        report["latency"] = room.latency()?;
    }
    report["events"] = json!(room.events.len() - 1);
    report["resident_after"] = json!(resident_bytes(plan.pid));
    Ok(report)
}

impl<'a> Room<'a> {
    fn open(plan: &'a Plan) -> Result<Self, String> {
        let poll = Poll::new().map_err(|e| e.to_string())?;
        Ok(Self {
            plan,
            poll,
            deadline: Instant::now() + Duration::from_secs_f64(plan.timeout_seconds),
            subscribers: Vec::with_capacity(plan.subscribers),
            waiting: (0..plan.subscribers).collect(),
            receiving: 0,
            publisher: Publisher {
                stream: None,
                unread: Vec::new(),
                answered: true,
            },
            // Number 0 is what a subscriber gets before anything is published.
            events: vec![Event {
                published: Instant::now(),
                reached: plan.subscribers,
            }],
            frames: 0,
            bytes: 0,
            complete: 0,
            last_delivery: Vec::new(),
            each_delivery: Vec::new(),
            keep_each: false,
            buffer: vec![0; 256 * 1024],
        })
    }

    /// Every subscriber has its first value; `opening` of them on their way at a time.
    fn connect_all(&mut self) -> Result<(), String> {
        while self.receiving < self.plan.subscribers {
            while self.subscribers.len() - self.receiving < self.plan.opening {
                let Some(number) = self.waiting.pop_front() else {
                    break;
                };
                self.connect(number)?;
            }
            self.turn(Duration::from_secs(1))?;
        }
        Ok(())
    }

    fn connect(&mut self, number: usize) -> Result<(), String> {
        let stream = connecting(number, self.plan.port)
            .map_err(|e| format!("cannot connect subscriber {number}: {e}"))?;
        let mut stream = TcpStream::from_std(stream);
        self.poll
            .registry()
            .register(
                &mut stream,
                Token(number),
                Interest::READABLE | Interest::WRITABLE,
            )
            .map_err(|e| e.to_string())?;
        self.subscribers.push(Subscriber {
            stream,
            stage: Stage::Connecting,
            unread: Vec::new(),
            last: 0,
        });
        Ok(())
    }

    fn throughput(&mut self) -> Result<Value, String> {
        self.publish_for(self.plan.warmup_seconds)?;
        let (frames, bytes, complete) = (self.frames, self.bytes, self.complete);
        let usage = Usage::from_now(self.plan.pid);
        self.publish_for(self.plan.seconds)?;
        let shares = usage.shares();
        let (frames, bytes) = (self.frames - frames, self.bytes - bytes);
        let finished = self.complete - complete;
        self.finish()?;
        if frames == 0 {
            return Err("nothing was delivered".into());
        }
        Ok(json!({
            "deliveries": frames,
            "deliveries_per_second": frames as f64 / shares.seconds,
            "server_micros": shares.server * shares.seconds * 1e6 / frames as f64,
            "bytes_per_delivery": bytes / frames,
            "events": finished,
            "load_cpu": shares.load,
            "server_cpu": shares.server,
        }))
    }

    fn publish_for(&mut self, seconds: f64) -> Result<(), String> {
        let end = Instant::now() + Duration::from_secs_f64(seconds);
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            let unfinished = self.events.len() - 1 - self.complete;
            if self.publisher.answered && unfinished < self.plan.window {
                self.publish()?;
            }
            self.turn(left)?;
        }
    }

    fn latency(&mut self) -> Result<Value, String> {
        self.last_delivery.clear();
        self.each_delivery.clear();
        self.keep_each = true;
        let usage = Usage::from_now(self.plan.pid);
        for done in 0..self.plan.events {
            let over = usage.elapsed().as_secs_f64() > self.plan.latency_seconds;
            if over && done >= FEWEST_EVENTS {
                break;
            }
            self.publish()?;
            self.finish()?;
            self.rest(Duration::from_millis(self.plan.pause_ms))?;
        }
        let shares = usage.shares();
        Ok(json!({
            "events": self.last_delivery.len(),
            "last_p50_ms": percentile(&mut self.last_delivery, 0.5),
            "last_p99_ms": percentile(&mut self.last_delivery, 0.99),
            "each_p50_ms": percentile(&mut self.each_delivery, 0.5),
            "each_p99_ms": percentile(&mut self.each_delivery, 0.99),
            "load_cpu": shares.load,
            "server_cpu": shares.server,
        }))
    }

    /// Wait until what was published has arrived everywhere and the publisher is free.
    fn finish(&mut self) -> Result<(), String> {
        while self.complete + 1 < self.events.len() || !self.publisher.answered {
            self.turn(Duration::from_secs(1))?;
        }
        Ok(())
    }

    fn rest(&mut self, pause: Duration) -> Result<(), String> {
        let end = Instant::now() + pause;
        while Instant::now() < end {
            self.turn(end.saturating_duration_since(Instant::now()))?;
        }
        Ok(())
    }

    fn publish(&mut self) -> Result<(), String> {
        let body = self.events.len().to_string();
        let request = format!(
            "POST /publish HTTP/1.1\r\nhost: 127.0.0.1:{}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            self.plan.port,
            body.len()
        );
        if self.publisher.stream.is_none() {
            self.publisher.stream = Some(self.connect_publisher()?);
        }
        self.publisher.answered = false;
        self.events.push(Event {
            published: Instant::now(),
            reached: 0,
        });
        let stream = self.publisher.stream.as_mut().ok_or("no publisher")?;
        stream
            .write_all(request.as_bytes())
            .map_err(|e| format!("cannot publish: {e}"))
    }

    fn connect_publisher(&self) -> Result<TcpStream, String> {
        let address = SocketAddr::from(([127, 0, 0, 1], self.plan.port));
        let stream = std::net::TcpStream::connect(address)
            .map_err(|e| format!("cannot connect to {address}: {e}"))?;
        stream.set_nodelay(true).map_err(|e| e.to_string())?;
        stream.set_nonblocking(true).map_err(|e| e.to_string())?;
        let mut stream = TcpStream::from_std(stream);
        self.poll
            .registry()
            .register(&mut stream, PUBLISHER, Interest::READABLE)
            .map_err(|e| e.to_string())?;
        Ok(stream)
    }

    /// Wait for something to happen, for so long at most, and see to all of it.
    fn turn(&mut self, longest: Duration) -> Result<(), String> {
        if Instant::now() > self.deadline {
            return Err(format!(
                "not done within {} s: {} of {} subscribers receive, {} of {} events are complete",
                self.plan.timeout_seconds,
                self.receiving,
                self.plan.subscribers,
                self.complete,
                self.events.len() - 1
            ));
        }
        let mut events = Events::with_capacity(1024);
        match self.poll.poll(&mut events, Some(longest)) {
            Err(e) if e.kind() == ErrorKind::Interrupted => return Ok(()),
            other => other.map_err(|e| e.to_string())?,
        }
        for event in &events {
            if event.token() == PUBLISHER {
                self.read_publisher()?;
                continue;
            }
            let number = event.token().0;
            if event.is_writable() && matches!(self.subscribers[number].stage, Stage::Connecting) {
                self.upgrade(number)?;
            }
            if event.is_readable() {
                self.read(number)
                    .map_err(|e| format!("subscriber {number}: {e}"))?;
            }
        }
        Ok(())
    }

    fn read_publisher(&mut self) -> Result<(), String> {
        let mut closed = false;
        while let Some(stream) = self.publisher.stream.as_mut() {
            match stream.read(&mut self.buffer) {
                Ok(0) => closed = true,
                Ok(count) => self
                    .publisher
                    .unread
                    .extend_from_slice(&self.buffer[..count]),
                Err(e) if e.kind() == ErrorKind::WouldBlock => break,
                Err(e) if e.kind() == ErrorKind::ConnectionReset => closed = true,
                Err(e) => return Err(format!("publisher: {e}")),
            }
            if closed {
                self.publisher.stream = None;
            }
        }
        while let Some(answer) = response::next(&self.publisher.unread)? {
            if !(200..300).contains(&answer.status) {
                return Err(format!("publishing was answered with {}", answer.status));
            }
            let length = answer.length;
            self.publisher.unread.drain(..length);
            self.publisher.answered = true;
        }
        if closed && !self.publisher.answered {
            return Err("the server closed the publisher's connection".into());
        }
        Ok(())
    }

    fn upgrade(&mut self, number: usize) -> Result<(), String> {
        let request = format!(
            "GET {} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\
             sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\
             sec-websocket-protocol: graphql-transport-ws\r\n\r\n",
            self.plan.path, self.plan.port
        );
        let subscriber = &mut self.subscribers[number];
        if let Some(error) = subscriber.stream.take_error().map_err(|e| e.to_string())? {
            return Err(format!("subscriber {number} cannot connect: {error}"));
        }
        subscriber.stage = Stage::Upgrading;
        subscriber
            .stream
            .write_all(request.as_bytes())
            .map_err(|e| e.to_string())
    }

    fn read(&mut self, number: usize) -> Result<(), String> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let outcome = self.read_with(number, &mut buffer);
        self.buffer = buffer;
        outcome
    }

    fn read_with(&mut self, number: usize, buffer: &mut [u8]) -> Result<(), String> {
        loop {
            let count = match self.subscribers[number].stream.read(buffer) {
                Ok(0) => return Err("the server closed the connection".into()),
                Ok(count) => count,
                Err(e) if e.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(e) => return Err(e.to_string()),
            };
            self.take(number, &buffer[..count])?;
            // Less than asked for: the socket is empty, and epoll will tell when it is not.
            if count < buffer.len() {
                return Ok(());
            }
        }
    }

    /// Frames are read where they lie; only a broken-off rest is kept.
    fn take(&mut self, number: usize, fresh: &[u8]) -> Result<(), String> {
        let subscriber = &mut self.subscribers[number];
        let joined;
        let mut bytes = if subscriber.unread.is_empty() {
            fresh
        } else {
            let mut kept = std::mem::take(&mut subscriber.unread);
            kept.extend_from_slice(fresh);
            joined = kept;
            &joined
        };
        if matches!(subscriber.stage, Stage::Connecting | Stage::Upgrading) {
            let Some(end) = find(bytes, b"\r\n\r\n") else {
                subscriber.unread = bytes.to_vec();
                return Ok(());
            };
            if !bytes.starts_with(b"HTTP/1.1 101") {
                return Err(format!(
                    "no upgrade: {:.200}",
                    String::from_utf8_lossy(bytes)
                ));
            }
            subscriber.stage = Stage::Initialising;
            let hello = frames::frame(TEXT, br#"{"type":"connection_init"}"#);
            subscriber
                .stream
                .write_all(&hello)
                .map_err(|e| e.to_string())?;
            bytes = &bytes[end + 4..];
        }
        while let Some((frame, length)) = frames::next(bytes) {
            self.frame(number, &frame)?;
            bytes = &bytes[length..];
        }
        if !bytes.is_empty() {
            self.subscribers[number].unread = bytes.to_vec();
        }
        Ok(())
    }

    fn frame(&mut self, number: usize, frame: &frames::Frame<'_>) -> Result<(), String> {
        match frame.opcode {
            TEXT => self.message(number, frame.payload),
            PING => self.write(number, &frames::frame(PONG, frame.payload)),
            CLOSE => Err(format!(
                "closed: {}",
                String::from_utf8_lossy(frame.payload.get(2..).unwrap_or_default())
            )),
            PONG => Ok(()),
            other => Err(format!("an unexpected frame, opcode {other}")),
        }
    }

    fn message(&mut self, number: usize, text: &[u8]) -> Result<(), String> {
        if let Some(sequence) = sequence_in(text) {
            return self.delivered(number, sequence, text.len());
        }
        let message: Value = serde_json::from_slice(text).map_err(|e| e.to_string())?;
        match message["type"].as_str() {
            Some("connection_ack") => {
                let key = number % self.plan.operations;
                let subscribe = json!({
                    "id": subscription_id(number),
                    "type": "subscribe",
                    "payload": {"query": self.plan.query, "variables": {"key": key}},
                });
                self.subscribers[number].stage = Stage::Subscribing;
                self.write(
                    number,
                    &frames::frame(TEXT, subscribe.to_string().as_bytes()),
                )
            }
            Some("ping") => self.write(number, &frames::frame(TEXT, br#"{"type":"pong"}"#)),
            _ => Err(format!(
                "unexpected: {:.500}",
                String::from_utf8_lossy(text)
            )),
        }
    }

    fn delivered(&mut self, number: usize, sequence: usize, length: usize) -> Result<(), String> {
        let subscriber = &mut self.subscribers[number];
        if matches!(subscriber.stage, Stage::Subscribing) {
            subscriber.stage = Stage::Receiving;
            subscriber.last = sequence;
            self.receiving += 1;
            return Ok(());
        }
        self.frames += 1;
        self.bytes += length as u64;
        if sequence >= self.events.len() || sequence <= subscriber.last {
            return Err(format!("number {sequence} came after {}", subscriber.last));
        }
        // A server may skip to the newest: then the ones left out have arrived with it.
        let seen = subscriber.last + 1..=sequence;
        subscriber.last = sequence;
        for event in &mut self.events[seen] {
            event.reached += 1;
        }
        let took = micros(self.events[sequence].published.elapsed());
        if self.keep_each {
            self.each_delivery.push(took);
        }
        while let Some(event) = self.events.get(self.complete + 1)
            && event.reached == self.plan.subscribers
        {
            self.last_delivery.push(micros(event.published.elapsed()));
            self.complete += 1;
        }
        Ok(())
    }

    /// What a client says is small: the socket's buffer takes it whole.
    fn write(&mut self, number: usize, bytes: &[u8]) -> Result<(), String> {
        self.subscribers[number]
            .stream
            .write_all(bytes)
            .map_err(|e| e.to_string())
    }
}

/// A socket on its way to the server. Many of them come from several loopback addresses, since ports are few.
fn connecting(number: usize, port: u16) -> std::io::Result<std::net::TcpStream> {
    let host = 1 + (number / PORTS_PER_ADDRESS) as u8;
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    socket.set_tcp_nodelay(true)?;
    if host > 1 {
        socket.bind(&SocketAddr::from(([127, 0, 0, host], 0)).into())?;
    }
    let target = SocketAddr::from(([127, 0, 0, 1], port)).into();
    match socket.connect(&target) {
        Err(e) if e.raw_os_error() != Some(115) && e.kind() != ErrorKind::WouldBlock => Err(e),
        _ => {
            // Reset at the end: thousands of sockets in TIME_WAIT would slow the next run.
            SockRef::from(&socket).set_linger(Some(Duration::ZERO))?;
            Ok(socket.into())
        }
    }
}

/// As long as clients' ids are, and of each subscriber its own.
fn subscription_id(number: usize) -> String {
    format!("6f1c2a90-0000-4000-8000-{number:012}")
}

fn sequence_in(text: &[u8]) -> Option<usize> {
    let digits = &text[find(text, NEEDLE)? + NEEDLE.len()..];
    let mut number = 0;
    for digit in digits.iter().take_while(|byte| byte.is_ascii_digit()) {
        number = number * 10 + usize::from(digit - b'0');
    }
    Some(number)
}
