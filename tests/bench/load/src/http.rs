//! Requests on keep-alive connections, each sent when the one before it has been answered.

use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::process::{Usage, micros, percentile};
use crate::response;

/// A slow server gets more time, so that its figure is none of chance.
const FEWEST: usize = 40;
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Deserialize)]
pub struct Plan {
    port: u16,
    pid: u32,
    path: String,
    body: String,
    #[serde(default)]
    headers: Vec<(String, String)>,
    connections: usize,
    warmup_seconds: f64,
    seconds: f64,
}

struct Connection {
    stream: TcpStream,
    unread: Vec<u8>,
    asked: Instant,
}

/// Counts since the warm-up, and the first answer for the runner to look at.
#[derive(Default)]
struct Answers {
    micros: Vec<u32>,
    bytes: u64,
    first: Option<String>,
}

pub fn run(plan: &Plan) -> Result<Value, String> {
    let request = request(plan);
    let address = SocketAddr::from(([127, 0, 0, 1], plan.port));
    let mut poll = Poll::new().map_err(|e| e.to_string())?;
    let mut connections = Vec::with_capacity(plan.connections);
    for number in 0..plan.connections {
        let stream = std::net::TcpStream::connect(address)
            .map_err(|e| format!("cannot connect to {address}: {e}"))?;
        stream.set_nodelay(true).map_err(|e| e.to_string())?;
        stream.set_nonblocking(true).map_err(|e| e.to_string())?;
        let mut stream = TcpStream::from_std(stream);
        poll.registry()
            .register(&mut stream, Token(number), Interest::READABLE)
            .map_err(|e| e.to_string())?;
        connections.push(Connection {
            stream,
            unread: Vec::new(),
            asked: Instant::now(),
        });
    }
    for connection in &mut connections {
        ask(connection, &request)?;
    }
    let mut answers = Answers::default();
    let mut buffer = vec![0; 256 * 1024];
    serve_until(
        &mut poll,
        &mut connections,
        &request,
        &mut answers,
        &mut buffer,
        plan.warmup_seconds,
    )?;
    answers.micros.clear();
    answers.bytes = 0;
    let usage = Usage::from_now(plan.pid);
    serve_until(
        &mut poll,
        &mut connections,
        &request,
        &mut answers,
        &mut buffer,
        plan.seconds,
    )?;
    let shares = usage.shares();
    let requests = answers.micros.len();
    if requests == 0 {
        return Err(format!("no answer within {} s", plan.seconds));
    }
    Ok(json!({
        "requests": requests,
        "requests_per_second": requests as f64 / shares.seconds,
        "server_micros": shares.server * shares.seconds * 1e6 / requests as f64,
        "bytes_per_request": answers.bytes / requests as u64,
        "p50_ms": percentile(&mut answers.micros, 0.5),
        "p99_ms": percentile(&mut answers.micros, 0.99),
        "load_cpu": shares.load,
        "server_cpu": shares.server,
        "body": answers.first,
    }))
}

fn request(plan: &Plan) -> Vec<u8> {
    let mut text = format!(
        "POST {} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\ncontent-type: application/json\r\n\
         accept: application/json\r\ncontent-length: {}\r\n",
        plan.path,
        plan.port,
        plan.body.len()
    );
    for (name, value) in &plan.headers {
        text.extend([name, ": ", value, "\r\n"]);
    }
    text.extend(["\r\n", &plan.body]);
    text.into_bytes()
}

fn ask(connection: &mut Connection, request: &[u8]) -> Result<(), String> {
    connection.asked = Instant::now();
    // A request is small and the one before it was answered: the socket's buffer takes it whole.
    connection
        .stream
        .write_all(request)
        .map_err(|e| format!("cannot send: {e}"))
}

fn serve_until(
    poll: &mut Poll,
    connections: &mut [Connection],
    request: &[u8],
    answers: &mut Answers,
    buffer: &mut [u8],
    seconds: f64,
) -> Result<(), String> {
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    let latest = end + PATIENCE;
    let enough = answers.micros.len() + FEWEST;
    let mut events = Events::with_capacity(1024);
    loop {
        let now = Instant::now();
        if now >= latest || (now >= end && answers.micros.len() >= enough) {
            return Ok(());
        }
        let longest = if now < end { end - now } else { latest - now };
        match poll.poll(&mut events, Some(longest)) {
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            other => other.map_err(|e| e.to_string())?,
        }
        for event in &events {
            let connection = &mut connections[event.token().0];
            if read(connection, buffer)? {
                answer(connection, request, answers)?;
            }
        }
    }
}

/// Everything that has arrived. False: nothing had.
fn read(connection: &mut Connection, buffer: &mut [u8]) -> Result<bool, String> {
    let mut some = false;
    loop {
        match connection.stream.read(buffer) {
            Ok(0) => return Err("the server closed a connection".into()),
            Ok(count) => {
                connection.unread.extend_from_slice(&buffer[..count]);
                some = true;
                if count < buffer.len() {
                    return Ok(true);
                }
            }
            Err(e) if e.kind() == ErrorKind::WouldBlock => return Ok(some),
            Err(e) => return Err(format!("cannot read: {e}")),
        }
    }
}

fn answer(
    connection: &mut Connection,
    request: &[u8],
    answers: &mut Answers,
) -> Result<(), String> {
    while let Some(response) = response::next(&connection.unread)? {
        if response.status != 200 {
            let body = String::from_utf8_lossy(response.body.bytes()).into_owned();
            return Err(format!("status {}: {body:.500}", response.status));
        }
        answers.micros.push(micros(connection.asked.elapsed()));
        answers.bytes += response.length as u64;
        if answers.first.is_none() {
            answers.first = Some(String::from_utf8_lossy(response.body.bytes()).into_owned());
        }
        let length = response.length;
        connection.unread.drain(..length);
        ask(connection, request)?;
    }
    Ok(())
}
