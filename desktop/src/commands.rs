//! The commands that print and end: snapshot, doctor, cache, schema, completions.

use crate::{
    api::{
        http::HttpClient,
        operations::{self, Operation},
    },
    app::{self, Action, State},
    cache::{Cache, Entry, Loaded},
    cli::{CacheAction, Cli, Output, SnapshotArgs, ThemeChoice, theme},
    config::{Environment, Settings},
    doctor,
    error::{Exit, GatewayError},
    format::{age, instant},
    model::Area,
    report::{self, PIPE_WIDTH, Section},
    sync::{Phase, SyncEvent},
    ui::{parts::Lines, theme::Theme},
    watch,
};
use anyhow::Result;
use chrono::{TimeDelta, Utc};
use clap::CommandFactory;
use clap_complete::Shell;
use serde_json::{Value, json};
use std::{
    io::{self, Write},
    time::Duration,
};

/// Writes to the output; whoever reads it may stop reading.
fn print(text: &str) -> Result<()> {
    let mut output = io::stdout().lock();
    match output
        .write_all(text.as_bytes())
        .and_then(|()| output.flush())
    {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => Ok(result?),
    }
}

fn print_json(value: &Value) -> Result<()> {
    print(&format!("{value:#}\n"))
}

fn print_lines(lines: &Lines, settings: &Settings) -> Result<()> {
    print(&if settings.colour {
        report::coloured(lines, settings.ascii)
    } else {
        report::plain(lines, settings.ascii)
    })
}

fn width(terminal: bool) -> usize {
    ratatui::crossterm::terminal::size()
        .ok()
        .filter(|_| terminal)
        .map_or(PIPE_WIDTH, |(width, _)| usize::from(width).max(40))
}

fn report_theme(settings: &Settings, environment: &Environment) -> Theme {
    theme(ThemeChoice::Auto, settings.colour, environment)
}

/// # Errors
/// When the output cannot be written.
pub async fn snapshot(
    settings: &Settings,
    args: &SnapshotArgs,
    environment: &Environment,
    terminal: bool,
) -> Result<Exit> {
    let cache = settings.cache_dir.clone().map(Cache::new);
    let mut state = State::new(
        settings.endpoint.clone(),
        report_theme(settings, environment),
        Utc::now(),
    );
    state.ascii = settings.ascii;
    watch::remember(&mut state, cache.as_ref(), settings);
    if !settings.offline {
        ask(&mut state, settings, cache.as_ref()).await;
    }
    if state.snapshot.is_empty() && state.problems.is_empty() {
        explain(&state, settings);
        return Ok(Exit::NoData);
    }
    let sections = if args.section.is_empty() {
        Section::ALL.to_vec()
    } else {
        args.section.clone()
    };
    if args.output.json {
        print_json(&report::json(&state, &sections))?;
    } else {
        let lines = report::lines(&state, &sections, width(terminal));
        print_lines(&lines, settings)?;
    }
    Ok(verdict(&state, args.fail_on_stale))
}

/// One full picture; what fails becomes part of the state.
async fn ask(state: &mut State, settings: &Settings, cache: Option<&Cache>) {
    let result = match HttpClient::new(settings) {
        Ok(client) => client.full_picture().await,
        Err(error) => Err(error),
    };
    state.now = Utc::now();
    match result {
        Ok(picture) => {
            for fetched in picture {
                app::update(state, Action::Sync(SyncEvent::Fetched(fetched)));
            }
            state.phase = Phase::Once;
            let entry = Entry::new(
                state.endpoint.to_string(),
                state.snapshot.clone(),
                state.now,
            );
            if let Some(cache) = cache
                && !state.snapshot.is_empty()
                && let Err(error) = cache.save(&entry)
            {
                eprintln!("warning: {error}");
            }
        }
        Err(error) => {
            state.phase = Phase::Offline {
                error,
                retry_in: Duration::ZERO,
            };
        }
    }
}

fn explain(state: &State, settings: &Settings) {
    match &state.phase {
        Phase::Offline { error, .. } => {
            eprintln!("error: {error}\n  and the cache has nothing to show instead.");
            eprintln!("  {}", error.advice());
        }
        _ => eprintln!("error: --offline was asked for and the cache has nothing to show."),
    }
    if let Some(note) = &state.cache_note {
        eprintln!("  {note}");
    } else if let Some(directory) = &settings.cache_dir {
        let cache = Cache::new(directory.clone());
        eprintln!("  Looked in {}.", cache.path().display());
        if let Loaded::Entry(entry) = cache.peek() {
            eprintln!(
                "  It holds what {} gave; --offline shows that.",
                entry.endpoint
            );
        }
    }
}

fn verdict(state: &State, limit: Option<Duration>) -> Exit {
    if state
        .problems
        .values()
        .any(GatewayError::is_schema_mismatch)
    {
        return Exit::SchemaMismatch;
    }
    let stale = limit
        .and_then(|limit| TimeDelta::from_std(limit).ok())
        .is_some_and(|limit| {
            report::age_seconds(state).is_none_or(|age| age > limit.num_seconds())
        });
    if stale {
        eprintln!("error: the data is older than asked for");
        return Exit::Stale;
    }
    if state.snapshot.is_empty() {
        return Exit::Unexpected;
    }
    Exit::Ok
}

/// # Errors
/// When the output cannot be written.
pub async fn doctor(
    settings: &Settings,
    output: Output,
    environment: &Environment,
    terminal: bool,
) -> Result<Exit> {
    let collected = doctor::collect(settings, environment).await;
    let diagnosis = collected.judge();
    if output.json {
        print_json(&serde_json::to_value(&diagnosis)?)?;
    } else {
        let lines = diagnosis.lines(report_theme(settings, environment), width(terminal));
        print_lines(&lines, settings)?;
    }
    Ok(collected.exit())
}

/// # Errors
/// When the cache cannot be removed, or the output cannot be written.
pub fn cache(settings: &Settings, action: CacheAction) -> Result<Exit> {
    let Some(directory) = settings.cache_dir.clone() else {
        eprintln!("error: there is no home directory; name one with --cache-dir");
        return Ok(Exit::NoData);
    };
    let cache = Cache::new(directory);
    let path = cache.path();
    match action {
        CacheAction::Path => print(&format!("{}\n", path.display()))?,
        CacheAction::Clear => {
            let done = if cache.clear()? {
                "Removed"
            } else {
                "There was no"
            };
            print(&format!("{done} {}\n", path.display()))?;
        }
        CacheAction::Show(output) => match cache.peek() {
            Loaded::Entry(entry) if output.json => print_json(&serde_json::to_value(&entry)?)?,
            Loaded::Entry(entry) => {
                let parts: Vec<&str> = Area::ALL
                    .into_iter()
                    .filter(|area| entry.snapshot.received_at(*area).is_some())
                    .map(Area::word)
                    .collect();
                print(&format!(
                    "{}\n  saved    {} ({} ago)\n  from     {}\n  by       {}\n  schema   {}\n  holds    {}\n",
                    path.display(),
                    instant(entry.saved_at),
                    age(entry.saved_at, Utc::now()),
                    entry.endpoint,
                    entry.program,
                    entry.schema_version,
                    parts.join(", "),
                ))?;
            }
            Loaded::Missing => {
                eprintln!("error: there is nothing at {}", path.display());
                return Ok(Exit::NoData);
            }
            Loaded::Bad { reason, .. } => {
                eprintln!("error: {} cannot be read: {reason}", path.display());
                return Ok(Exit::NoData);
            }
        },
    }
    Ok(Exit::Ok)
}

/// # Errors
/// When the output cannot be written.
pub fn schema(output: Output) -> Result<Exit> {
    let version = operations::schema_version();
    if output.json {
        let told = |kind: &str, operation: Operation| json!({ "name": operation.name, "kind": kind, "document": operation.document });
        let operations: Vec<Value> = Area::ALL
            .into_iter()
            .flat_map(|area| {
                [
                    told("query", operations::query(area)),
                    told("subscription", operations::subscription(area)),
                ]
            })
            .collect();
        print_json(&json!({
            "version": version,
            "sdlSha256": operations::SCHEMA_SHA256,
            "operations": operations,
        }))?;
    } else {
        print(&format!("{version}\n"))?;
    }
    Ok(Exit::Ok)
}

/// # Errors
/// When the output cannot be written.
pub fn completions(shell: Shell) -> Result<Exit> {
    let mut command = Cli::command();
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, name, &mut script);
    print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Ok)
}
