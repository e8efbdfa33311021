//! Reads the command line and the environment, runs the command, answers an exit code.

#![forbid(unsafe_code)]

use anyhow::{Context, Result};
use clap::{CommandFactory, Parser, error::ErrorKind};
use std::{
    fs::OpenOptions,
    io::{self, IsTerminal},
    path::Path,
    process::ExitCode,
    sync::Mutex,
    time::Duration,
};
use twilio_negotiation_desktop::{
    cli::{Cli, Command},
    commands,
    config::Environment,
    error::Exit,
    watch,
};

fn main() -> ExitCode {
    let mut cli = Cli::parse();
    let environment = Environment::read();
    let terminal = io::stdout().is_terminal();
    let command = cli
        .command
        .take()
        .unwrap_or_else(|| Command::Watch(Default::default()));
    if !matches!(command, Command::Watch(_)) && cli.watch.is_given() {
        Cli::command()
            .error(
                ErrorKind::ArgumentConflict,
                "--transport, --poll-interval, --theme and --no-mouse belong to `watch`",
            )
            .exit();
    }
    match start(&cli, command, &environment, terminal) {
        Ok(exit) => exit.into(),
        Err(error) => {
            eprintln!("error: {error:#}");
            Exit::Unexpected.into()
        }
    }
}

fn start(cli: &Cli, command: Command, environment: &Environment, terminal: bool) -> Result<Exit> {
    if let Some(path) = &cli.global.log_file {
        log_to(path)?;
    }
    let settings = cli.global.settings(environment, terminal);
    // Asked for by name, colours are shown whatever the environment says.
    ratatui::crossterm::style::force_color_output(settings.colour);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("cannot start")?;
    let result = runtime.block_on(async {
        match command {
            Command::Watch(_) if !terminal => {
                eprintln!("error: the output is not a terminal; use `snapshot` to print or pipe");
                Ok(Exit::Usage)
            }
            Command::Watch(args) => {
                watch::run(&settings, &args.or(cli.watch.clone()), environment).await
            }
            Command::Snapshot(args) => {
                commands::snapshot(&settings, &args, environment, terminal).await
            }
            Command::Doctor(output) => {
                commands::doctor(&settings, output, environment, terminal).await
            }
            Command::Cache { action } => commands::cache(&settings, action),
            Command::Schema(output) => commands::schema(output),
            Command::Completions { shell } => commands::completions(shell),
        }
    });
    // A name that is still being looked up must not keep the reader waiting.
    runtime.shutdown_timeout(Duration::from_millis(100));
    result
}

fn log_to(path: &Path) -> Result<()> {
    let file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .with_context(|| format!("cannot write the log {}", path.display()))?;
    tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(Mutex::new(file))
        .init();
    Ok(())
}
