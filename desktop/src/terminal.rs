//! The terminal as we take it and give it back: also after an error, a panic or a signal.

use ratatui::{
    Frame, Terminal,
    backend::CrosstermBackend,
    crossterm::{
        clipboard::CopyToClipboard,
        cursor::Show,
        event::{
            DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
        },
        execute, queue,
        terminal::{
            BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen,
            LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
        },
    },
};
use std::{
    io::{self, BufWriter, Stdout, Write},
    panic,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

type Screen = BufWriter<Stdout>;

/// The terminal while it is ours. Dropping it gives it back.
pub struct Tui {
    terminal: Terminal<CrosstermBackend<Screen>>,
    guard: Guard,
}

/// Gives the terminal back exactly once, whoever asks first.
#[derive(Clone)]
struct Guard {
    taken: Arc<AtomicBool>,
}

impl Guard {
    fn restore(&self) {
        if !self.taken.swap(false, Ordering::SeqCst) {
            return;
        }
        let mut output = io::stdout();
        // Each step on its own: a failing one must not keep the others from being tried.
        execute!(output, EndSynchronizedUpdate).unwrap_or_default();
        execute!(output, DisableMouseCapture, DisableBracketedPaste).unwrap_or_default();
        execute!(output, LeaveAlternateScreen, Show).unwrap_or_default();
        disable_raw_mode().unwrap_or_default();
    }
}

impl Tui {
    /// Takes the terminal. From here on a panic gives it back before it is reported.
    ///
    /// # Errors
    /// When the output is not a terminal that can do this; it is left as it was.
    pub fn enter(mouse: bool) -> io::Result<Self> {
        let guard = Guard {
            taken: Arc::new(AtomicBool::new(true)),
        };
        let on_panic = guard.clone();
        let report = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            on_panic.restore();
            report(info);
        }));
        let started = Self::start(mouse);
        match started {
            Ok(terminal) => Ok(Self { terminal, guard }),
            Err(error) => {
                guard.restore();
                Err(error)
            }
        }
    }

    fn start(mouse: bool) -> io::Result<Terminal<CrosstermBackend<Screen>>> {
        enable_raw_mode()?;
        // A whole frame leaves in one write: nothing half-drawn is seen.
        let mut output = BufWriter::with_capacity(64 * 1024, io::stdout());
        execute!(output, EnterAlternateScreen, EnableBracketedPaste)?;
        if mouse {
            execute!(output, EnableMouseCapture)?;
        }
        // Not `Terminal::clear`: that asks where the cursor is, and not every terminal answers.
        execute!(output, Clear(ClearType::All))?;
        Terminal::new(CrosstermBackend::new(output))
    }

    /// # Errors
    /// When the terminal is gone.
    pub fn draw(&mut self, render: impl FnOnce(&mut Frame)) -> io::Result<()> {
        if !self.is_ours() {
            // A panic elsewhere gave it back already.
            return Ok(());
        }
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        self.terminal.draw(render)?;
        execute!(self.terminal.backend_mut(), EndSynchronizedUpdate)
    }

    /// False once a panic has given the terminal back.
    pub fn is_ours(&self) -> bool {
        self.guard.taken.load(Ordering::SeqCst)
    }

    /// # Errors
    /// When the terminal is gone.
    pub fn set_mouse(&mut self, on: bool) -> io::Result<()> {
        let backend = self.terminal.backend_mut();
        if on {
            execute!(backend, EnableMouseCapture)
        } else {
            execute!(backend, DisableMouseCapture)
        }
    }

    /// Asks the terminal (OSC 52, so also over SSH) to put text on the clipboard.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        execute!(
            self.terminal.backend_mut(),
            CopyToClipboard::to_clipboard_from(text)
        )
    }
}

impl Drop for Tui {
    fn drop(&mut self) {
        self.terminal.backend_mut().flush().unwrap_or_default();
        self.guard.restore();
    }
}

/// The signals that ask us to leave.
#[cfg(unix)]
pub struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// # Errors
    /// When they cannot be listened to.
    pub fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    pub async fn received(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
            _ = self.hang_up.recv() => {}
        }
    }
}

#[cfg(not(unix))]
pub struct Signals;

#[cfg(not(unix))]
impl Signals {
    /// # Errors
    /// When they cannot be listened to.
    pub fn new() -> io::Result<Self> {
        Ok(Self)
    }

    pub async fn received(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }
}
