//! The command line: what may be said, and what it means.

use crate::{
    config::{self, Endpoint, Environment, Settings, Token},
    report::Section,
    sync::Transport,
    ui::theme::{Depth, Theme, ThemeName},
};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use std::{path::PathBuf, time::Duration};

const AFTER_HELP: &str = "\
Exit codes: 0 ok, 1 unexpected, 2 usage, 3 unreachable and no cache, 4 schema mismatch, 5 stale.
Without a command, `watch` is meant. In it, ? shows the keys.";

#[derive(Debug, Parser)]
#[command(name = "twilio-negotiation-desktop", version, about, after_help = AFTER_HELP)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(flatten)]
    pub watch: WatchArgs,
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Args, Debug)]
pub struct Global {
    /// The gateway's address.
    #[arg(long, global = true, value_name = "URL", env = "TWILIO_NEGOTIATION_ENDPOINT",
          default_value = config::DEFAULT_ENDPOINT, value_parser = Endpoint::parse)]
    pub endpoint: Endpoint,
    /// Bearer token, where the gateway asks for one (better in the environment than here).
    #[arg(long, global = true, value_name = "TOKEN", env = "TWILIO_NEGOTIATION_TOKEN",
          hide_env_values = true, value_parser = Token::parse)]
    pub token: Option<Token>,
    /// Ask nobody; show what the cache remembers.
    #[arg(long, global = true)]
    pub offline: bool,
    /// Where cache.json lives [default: ~/.twilio-negotiation].
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "TWILIO_NEGOTIATION_CACHE_DIR"
    )]
    pub cache_dir: Option<PathBuf>,
    /// How long to wait for an answer.
    #[arg(long, global = true, value_name = "DURATION", default_value = "10s", value_parser = positive)]
    pub timeout: Duration,
    /// How often to ask again when the network or the gateway stumbles.
    #[arg(long, global = true, value_name = "N", default_value_t = 2)]
    pub retries: u32,
    /// Append a log to this file.
    #[arg(long, global = true, value_name = "FILE")]
    pub log_file: Option<PathBuf>,
    /// Colours (auto: not when piped, and not when NO_COLOR is set).
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: ColorChoice,
    /// Only ASCII characters.
    #[arg(long, global = true)]
    pub ascii: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// The live dashboard (the default).
    Watch(WatchArgs),
    /// Print the picture once: text, or JSON for scripts.
    Snapshot(SnapshotArgs),
    /// Check every step between here and the gateway.
    Doctor(Output),
    /// Look at, or clear, what is remembered for offline use.
    Cache {
        #[command(subcommand)]
        action: CacheAction,
    },
    /// The schema version this program was built for.
    Schema(Output),
    /// A completion script for a shell.
    Completions { shell: Shell },
}

#[derive(Args, Clone, Debug, Default)]
pub struct WatchArgs {
    /// Live, polling, or live with polling as the fallback [default: auto].
    #[arg(long, value_name = "HOW")]
    pub transport: Option<Transport>,
    /// How often to ask while not live [default: 15s].
    #[arg(long, value_name = "DURATION", value_parser = positive)]
    pub poll_interval: Option<Duration>,
    /// Colours of the dashboard [default: auto].
    #[arg(long, value_name = "THEME")]
    pub theme: Option<ThemeChoice>,
    /// Leave the mouse to the terminal.
    #[arg(long)]
    pub no_mouse: bool,
}

impl WatchArgs {
    /// These, completed by what was said before the command.
    pub fn or(self, other: Self) -> Self {
        Self {
            transport: self.transport.or(other.transport),
            poll_interval: self.poll_interval.or(other.poll_interval),
            theme: self.theme.or(other.theme),
            no_mouse: self.no_mouse || other.no_mouse,
        }
    }

    /// Whether anything was said.
    pub fn is_given(&self) -> bool {
        self.transport.is_some()
            || self.poll_interval.is_some()
            || self.theme.is_some()
            || self.no_mouse
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ThemeChoice {
    Auto,
    Dark,
    Light,
    Contrast,
    Mono,
}

#[derive(Args, Debug)]
pub struct SnapshotArgs {
    #[command(flatten)]
    pub output: Output,
    /// Only these sections (repeat, or separate by commas).
    #[arg(long, value_name = "SECTION", value_delimiter = ',')]
    pub section: Vec<Section>,
    /// Exit 5 when the data is older than this.
    #[arg(long, value_name = "AGE", value_parser = config::duration)]
    pub fail_on_stale: Option<Duration>,
}

#[derive(Args, Clone, Copy, Debug)]
pub struct Output {
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Clone, Copy, Debug, Subcommand)]
pub enum CacheAction {
    /// Print where the cache is.
    Path,
    /// Print what it holds.
    Show(Output),
    /// Remove it.
    Clear,
}

fn positive(text: &str) -> Result<Duration, String> {
    config::duration(text).and_then(|duration| {
        if duration.is_zero() {
            Err("must be more than zero".into())
        } else {
            Ok(duration)
        }
    })
}

impl Global {
    /// The settings of this run. `terminal`: whether the output goes to one.
    pub fn settings(&self, environment: &Environment, terminal: bool) -> Settings {
        let colour = match self.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => terminal && !environment.no_color && !environment.is_dumb(),
        };
        Settings {
            endpoint: self.endpoint.clone(),
            token: self.token.clone(),
            offline: self.offline,
            cache_dir: self
                .cache_dir
                .clone()
                .or_else(|| config::default_cache_dir(environment.home.clone())),
            timeout: self.timeout,
            retries: self.retries,
            colour,
            ascii: self.ascii || !environment.is_unicode(),
        }
    }
}

/// The theme for these wishes on this terminal.
pub fn theme(choice: ThemeChoice, colour: bool, environment: &Environment) -> Theme {
    let name = match choice {
        _ if !colour => ThemeName::Mono,
        ThemeChoice::Auto if environment.is_light() => ThemeName::Light,
        ThemeChoice::Auto | ThemeChoice::Dark => ThemeName::Dark,
        ThemeChoice::Light => ThemeName::Light,
        ThemeChoice::Contrast => ThemeName::Contrast,
        ThemeChoice::Mono => ThemeName::Mono,
    };
    let depth = if environment.has_many_colours() {
        Depth::Indexed
    } else {
        Depth::Ansi16
    };
    Theme { name, depth }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn without_a_command_watch_options_are_understood() {
        let cli = Cli::try_parse_from(["x", "--transport", "poll", "--ascii"]).unwrap();
        assert_eq!(cli.watch.transport, Some(Transport::Poll));
        assert!(cli.global.ascii && cli.command.is_none());
    }

    #[test]
    fn no_color_and_dumb_terminals_get_the_mono_theme() {
        let cli = Cli::try_parse_from(["x"]).unwrap();
        let environment = |no_color, term: &str| Environment {
            no_color,
            term: term.into(),
            ..Environment::default()
        };
        let name = |environment: Environment| {
            let settings = cli.global.settings(&environment, true);
            theme(ThemeChoice::Dark, settings.colour, &environment).name
        };
        assert_eq!(name(environment(false, "xterm-256color")), ThemeName::Dark);
        assert_eq!(name(environment(true, "xterm-256color")), ThemeName::Mono);
        assert_eq!(name(environment(false, "dumb")), ThemeName::Mono);
    }

    #[test]
    fn the_background_decides_the_automatic_theme() {
        let on = |colorfgbg: &str| {
            let environment = Environment {
                colorfgbg: colorfgbg.into(),
                ..Environment::default()
            };
            theme(ThemeChoice::Auto, true, &environment).name
        };
        assert_eq!(on("0;15"), ThemeName::Light);
        assert_eq!(on("15;0"), ThemeName::Dark);
        assert_eq!(on(""), ThemeName::Dark);
    }
}
