//! The real program in a real (pseudo) terminal, against a gateway's stand-in on a real socket.

use crate::support::{
    closed_endpoint, keep_closed,
    stand_in::StandIn,
    world::{Live, World, error},
};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use serde_json::json;
use std::{
    io::{Read, Write},
    num::NonZero,
    sync::{Arc, Mutex},
    thread::JoinHandle,
    time::{Duration, Instant},
};
use tempfile::TempDir;
use twilio_negotiation_desktop::terminal::Tui;

const LIMIT: Duration = Duration::from_secs(30);

fn gateway(world: World) -> (StandIn, tokio::runtime::Runtime) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    (runtime.block_on(StandIn::start(world, 0)), runtime)
}

/// A program in a terminal, and what the terminal shows.
struct Window {
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    parser: Arc<Mutex<vt100::Parser>>,
    reading: JoinHandle<()>,
    local_flags: String,
}

fn cells(count: u16) -> NonZero<u16> {
    NonZero::new(count).unwrap()
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize {
        rows,
        cols: columns,
        pixel_width: 0,
        pixel_height: 0,
    }
}

impl Window {
    fn open(home: &TempDir, endpoint: &str, arguments: &[&str]) -> Self {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_twilio-negotiation-desktop"));
        command.args(arguments);
        command.env("TWILIO_NEGOTIATION_ENDPOINT", endpoint);
        Self::run(home, command)
    }

    fn run(home: &TempDir, mut command: CommandBuilder) -> Self {
        let pair = native_pty_system().openpty(size(80, 24)).unwrap();
        command.env("HOME", home.path());
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        command.env_remove("NO_COLOR");
        command.env_remove("LC_ALL");
        let local_flags = local_flags(&*pair.master);
        let child = pair.slave.spawn_command(command).unwrap();
        let mut output = pair.master.try_clone_reader().unwrap();
        let keys = pair.master.take_writer().unwrap();
        let parser = Arc::new(Mutex::new(vt100::Parser::new(cells(24), cells(80), 0)));
        let screen = parser.clone();
        let reading = std::thread::spawn(move || {
            let mut bytes = [0; 8192];
            while let Ok(count @ 1..) = output.read(&mut bytes) {
                screen.lock().unwrap().process(&bytes[..count]);
            }
        });
        // The slave stays open in the child alone, so that its end is seen.
        drop(pair.slave);
        Self {
            master: pair.master,
            child,
            keys,
            parser,
            reading,
            local_flags,
        }
    }

    fn text(&self) -> String {
        self.parser.lock().unwrap().screen().contents()
    }

    /// Waits until `seen` is true for what is shown; answers how long that took.
    fn until(&self, what: &str, seen: impl Fn(&str) -> bool) -> Duration {
        let started = Instant::now();
        while !seen(&self.text()) {
            assert!(
                started.elapsed() < LIMIT,
                "{what} was not seen in\n{}",
                self.text()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
        started.elapsed()
    }

    fn see(&self, text: &str) -> Duration {
        self.until(text, |shown| shown.contains(text))
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Presses a key that asks first, and once more, until what came of it is seen.
    fn confirm(&mut self, key: &str, outcome: &str) {
        let question = format!("{key} once more does it");
        while !self.text().contains(outcome) {
            self.press(key);
            self.see(&question);
            self.press(key);
            // On a machine so busy that the question has passed it is only asked again.
            self.until("an answer", |shown| !shown.contains(&question));
            self.until("an answer", |shown| !shown.contains("Asking the gateway"));
        }
    }

    fn signal(&self, name: &str) {
        let pid = self.child.process_id().unwrap().to_string();
        let status = std::process::Command::new("kill")
            .args(["-s", name, &pid])
            .status()
            .unwrap();
        assert!(status.success());
    }

    fn resize(&self, columns: u16, rows: u16) {
        self.parser
            .lock()
            .unwrap()
            .screen_mut()
            .set_size(cells(rows), cells(columns));
        self.master.resize(size(columns, rows)).unwrap();
    }

    /// Waits for the end, and checks that the terminal is as it was.
    fn ends_cleanly(mut self, expected: u32) -> String {
        let started = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(started.elapsed() < LIMIT, "still running:\n{}", self.text());
            std::thread::sleep(Duration::from_millis(5));
        };
        assert_eq!(status.exit_code(), expected, "{}", self.text());
        // With the program the terminal's other side is closed: all that it wrote is read.
        self.until("the end of the output", |_| self.reading.is_finished());
        let parser = self.parser.lock().unwrap();
        let screen = parser.screen();
        assert!(
            !screen.alternate_screen(),
            "the alternate screen is still shown"
        );
        assert!(!screen.hide_cursor(), "the cursor is still hidden");
        assert!(!screen.bracketed_paste(), "bracketed paste is still on");
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
        assert_eq!(
            local_flags(&*self.master),
            self.local_flags,
            "still in raw mode"
        );
        screen.contents()
    }
}

/// Echo, line editing and signals of the terminal.
fn local_flags(master: &dyn MasterPty) -> String {
    format!("{:?}", master.get_termios().unwrap().local_flags)
}

#[test]
fn a_change_is_on_the_screen_at_once_and_q_leaves_the_terminal_clean() {
    let (stand_in, _runtime) = gateway(World::default());
    let home = TempDir::new().unwrap();
    let mut window = Window::open(&home, &stand_in.endpoint(), &[]);
    window.see("● LIVE");
    window.see("Margin 72.73 %");
    stand_in.change(|world| {
        world.negotiation["envelope"]["currentMargin"] = json!("0.6100");
        world.negotiation["trailing90"]["amount"] = json!("1000000.01");
    });
    let took = window.see("Margin 61.00 %");
    window.see("1,000,000.01");
    println!("the change was on the screen after {took:?}");
    window.press("q");
    window.ends_cleanly(0);
}

#[test]
fn keys_move_through_the_screens() {
    let (stand_in, _runtime) = gateway(World::default());
    let home = TempDir::new().unwrap();
    let mut window = Window::open(&home, &stand_in.endpoint(), &["watch"]);
    window.see("● LIVE");
    window.press("6");
    window.see("6 Invoices 1/3");
    window.press("j");
    window.see("WRONG_TIER");
    window.press("/open\r");
    window.see("1/1 found /open");
    window.press("\u{1b}");
    window.see("6 Invoices 1/3");
    window.press("?");
    window.see("Keys (Esc closes)");
    // A click closes it and opens the screen that was clicked.
    window.press("\u{1b}[<0;14;2M");
    window.see("Streams");
    window.press("\u{3}");
    window.ends_cleanly(0);
}

#[test]
fn a_failed_message_is_queued_again_after_the_second_press() {
    let (stand_in, _runtime) = gateway(World::default());
    let home = TempDir::new().unwrap();
    let mut window = Window::open(&home, &stand_in.endpoint(), &[]);
    window.see("● LIVE");
    window.press("7j");
    window.see("✗ failed");
    window.confirm("R", "Done: the message is queued");
    window.until("the queued message", |shown| !shown.contains("✗ failed   "));
    stand_in.change(|world| world.refusal = Some("It is on its way already."));
    window.confirm("x", "Not done: It is on its way already.");
    let asked: Vec<String> = stand_in
        .world()
        .requests
        .into_iter()
        .filter(|name| name.ends_with("Notification"))
        .collect();
    assert_eq!(
        asked,
        ["TerminalRetryNotification", "TerminalCancelNotification"]
    );
    window.press("q");
    window.ends_cleanly(0);
}

#[test]
fn sending_is_resumed_and_paused_and_a_role_that_may_not_is_told() {
    let (stand_in, _runtime) = gateway(World::default());
    let home = TempDir::new().unwrap();
    let mut window = Window::open(&home, &stand_in.endpoint(), &[]);
    window.see("● LIVE");
    window.press("7");
    window.see("PAUSED by anna");
    window.confirm("P", "Done: what waits is sent again");
    window.until("the end of the pause", |shown| !shown.contains("PAUSED"));
    window.press("P");
    window.see("Pause all sending, why?");
    window.press("Prices are wrong\r");
    window.see("Done: sending is paused");
    window.see("Prices are wrong.");
    stand_in.change(|world| {
        let refusal = error("FORBIDDEN", "Your roles may not send.");
        let answers = &mut world.answers;
        answers.insert("TerminalResumeNotifications", Some(refusal));
    });
    window.confirm("P", "Not done: FORBIDDEN: Your roles may not send.");
    window.press("q");
    window.ends_cleanly(0);
}

#[test]
fn a_cut_connection_is_shown_as_polling_and_then_live_again() {
    let (stand_in, _runtime) = gateway(World {
        live: Live::Refused,
        ..World::default()
    });
    let home = TempDir::new().unwrap();
    let mut window = Window::open(&home, &stand_in.endpoint(), &["--poll-interval", "300ms"]);
    window.see("◐ POLLING 0.3 s");
    stand_in.change(|world| world.negotiation["envelope"]["currentMargin"] = json!("0.6200"));
    window.see("Margin 62.00 %");
    stand_in.change(|world| world.live = Live::Works);
    window.press("r");
    window.see("● LIVE");
    window.press("q");
    window.ends_cleanly(0);
}

#[test]
fn the_last_truth_is_replayed_when_nobody_answers() {
    let (stand_in, runtime) = gateway(World::default());
    let home = TempDir::new().unwrap();
    let endpoint = stand_in.endpoint();
    let mut window = Window::open(&home, &endpoint, &[]);
    window.see("● LIVE");
    stand_in.change(|world| world.negotiation["envelope"]["currentMargin"] = json!("0.6300"));
    window.see("Margin 63.00 %");
    window.press("q");
    window.ends_cleanly(0);
    runtime.shutdown_timeout(LIMIT);
    keep_closed(stand_in.port);

    let mut window = Window::open(&home, &endpoint, &["--retries", "0"]);
    window.see("○ OFFLINE");
    window.see("Margin 63.00 %");
    window.see("OFFLINE, data from");
    window.press("8");
    window.see("Connection refused");
    window.press("q");
    window.ends_cleanly(0);

    let mut window = Window::open(&home, &closed_endpoint(), &["--offline"]);
    window.see("○ REPLAY");
    window.see("Margin 63.00 %");
    window.press("q");
    window.ends_cleanly(0);
}

#[test]
fn a_removed_field_is_a_banner_and_not_a_crash() {
    let (stand_in, _runtime) = gateway(World {
        removed: Some("queueDepth"),
        ..World::default()
    });
    let home = TempDir::new().unwrap();
    let mut window = Window::open(&home, &stand_in.endpoint(), &[]);
    window.see("SCHEMA MISMATCH in health");
    window.see("Margin 72.73 %");
    window.press("q");
    window.ends_cleanly(0);
}

#[test]
fn resizing_leaves_no_garbage() {
    let (stand_in, _runtime) = gateway(World::default());
    let home = TempDir::new().unwrap();
    let mut window = Window::open(&home, &stand_in.endpoint(), &[]);
    window.see("● LIVE");
    window.until("the whole screen", |shown| shown.contains("PAUSED by anna"));
    let before = window.text();
    for (columns, rows) in [(120, 40), (40, 12), (20, 5), (200, 50)] {
        window.resize(columns, rows);
        window.until("a screen of the new size", |shown| {
            let lines: Vec<&str> = shown.lines().collect();
            if columns < 30 {
                return shown.contains("Too small");
            }
            lines.len() == usize::from(rows) && lines[usize::from(rows) - 1].contains("? help")
        });
    }
    window.resize(80, 24);
    window.until("the screen as it was", |shown| shown == before);
    window.press("q");
    window.ends_cleanly(0);
}

#[test]
fn asked_to_end_by_a_signal_it_gives_the_terminal_back() {
    let (stand_in, _runtime) = gateway(World::default());
    for signal in ["TERM", "HUP", "INT"] {
        let home = TempDir::new().unwrap();
        let window = Window::open(&home, &stand_in.endpoint(), &[]);
        window.see("● LIVE");
        window.signal(signal);
        window.ends_cleanly(0);
        assert!(home.path().join(".twilio-negotiation/cache.json").exists());
    }
}

/// Both sides of the test: started again inside a terminal, it is the program that panics.
#[test]
fn a_panic_gives_the_terminal_back_before_it_is_told() {
    const ROLE: &str = "PANIC_IN_THE_TERMINAL";
    if std::env::var_os(ROLE).is_some() {
        let mut tui = Tui::enter(true).unwrap();
        tui.draw(|frame| frame.render_widget("drawn", frame.area()))
            .unwrap();
        panic!("in the middle of the screen");
    }
    let home = TempDir::new().unwrap();
    let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
    command.args([
        "--exact",
        "gateway_e2e::a_panic_gives_the_terminal_back_before_it_is_told",
        "--nocapture",
    ]);
    command.env(ROLE, "1");
    command.env("RUST_BACKTRACE", "0");
    let shown = Window::run(&home, command).ends_cleanly(101);
    assert!(shown.contains("in the middle of the screen"), "{shown}");
    assert!(!shown.contains("drawn"), "{shown}");
}
