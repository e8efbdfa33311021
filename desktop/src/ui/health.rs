//! Health of the gateway and of our connection to it.

use super::{
    parts::{Context, Lines, facts, heading},
    table::{self, Column},
    text,
    theme::Theme,
};
use crate::{
    api::operations,
    app::State,
    concerns,
    format::{age, instant},
    model::{Health, HealthStatus},
    sync::Phase,
};
use ratatui::{
    style::Style,
    text::{Line, Span},
};

pub fn status(status: &HealthStatus, theme: Theme) -> Span<'static> {
    let (mark, style) = match status {
        HealthStatus::Ok => ("✓", theme.good()),
        HealthStatus::Degraded => ("!", theme.warn()),
        HealthStatus::Down => ("✗", theme.bad()),
        HealthStatus::Other(_) => ("·", theme.text()),
    };
    Span::styled(format!("{mark} {}", status.wire()), style)
}

/// Connection in one word, with a mark that needs no colour.
pub fn phase(phase: &Phase, theme: Theme) -> (String, Style) {
    match phase {
        Phase::Cached => ("○ REPLAY".into(), theme.warn()),
        Phase::Connecting => ("… CONNECTING".into(), theme.warn()),
        Phase::Once => ("✓ ANSWERED".into(), theme.good()),
        Phase::Live => ("● LIVE".into(), theme.good()),
        Phase::Polling { every, .. } => {
            (format!("◐ POLLING {} s", every.as_secs_f32()), theme.warn())
        }
        Phase::Offline { .. } => ("○ OFFLINE".into(), theme.bad()),
    }
}

/// Status and the components, flowing over as many lines as they need.
pub fn summary(health: &Health, context: &Context) -> Lines {
    let theme = context.theme;
    let mut lines = vec![Line::from(status(&health.status, theme))];
    let components = health.components.iter().map(|component| {
        let status = status(&component.status, theme);
        let mark: String = status.content.chars().take(1).collect();
        (
            "",
            Span::styled(format!("{mark} {}", component.name), status.style),
        )
    });
    let revision = ("rev", Span::raw(health.revision.to_string()));
    lines.extend(facts(components.chain([revision]).collect(), context));
    lines
}

pub fn components(health: &Health, context: &Context) -> Lines {
    const COLUMNS: [Column; 6] = [
        Column::text("Component", 0),
        Column::text("Status", 0),
        Column::text("Mode", 2),
        Column::number("Latency", 4),
        Column::number("Last ok", 3),
        Column::flex("Message", 1, 24),
    ];
    let theme = context.theme;
    let rows = health
        .components
        .iter()
        .map(|component| {
            let latency = component
                .latency_ms
                .map_or_else(String::new, |ms| format!("{ms} ms"));
            let last_ok = component
                .last_ok_at
                .map_or("never".into(), |at| format!("{} ago", age(at, context.now)));
            vec![
                Span::styled(component.name.clone(), theme.strong()),
                status(&component.status, theme),
                Span::raw(component.mode.clone()),
                Span::raw(latency),
                Span::styled(last_ok, theme.dim()),
                Span::raw(component.message.clone()),
            ]
        })
        .collect();
    let mut lines = table::lines(&COLUMNS, rows, context.width, theme.dim());
    for component in &health.components {
        if let Some(error) = &component.last_error {
            let head = format!("! {} last error: ", component.name);
            let text = format!("{}: {}", error.code, error.message);
            lines.extend(text::hanging(&head, &text, context.width, theme.warn()));
        }
    }
    lines
}

/// What every component says, uncut.
pub fn in_full(health: &Health, context: &Context) -> Lines {
    let theme = context.theme;
    let mut lines = vec![heading("Components", theme)];
    for component in &health.components {
        let status = status(&component.status, theme);
        let mark: String = status.content.chars().take(1).collect();
        let head = format!("{mark} {} ({}): ", component.name, component.mode);
        let indented = text::wrap(
            &format!("{head}{}", component.message),
            context.width.saturating_sub(2),
        );
        for (index, line) in indented.into_iter().enumerate() {
            let line = if index == 0 {
                line
            } else {
                format!("  {line}")
            };
            lines.push(Line::styled(line, status.style));
        }
        if let Some(error) = &component.last_error {
            let text = format!("{}: {}", error.code, error.message);
            lines.extend(text::hanging(
                "  last error: ",
                &text,
                context.width,
                theme.text(),
            ));
        }
    }
    lines
}

pub fn gateway(health: &Health, context: &Context) -> Lines {
    facts(
        vec![
            ("Gateway", status(&health.status, context.theme)),
            ("revision", Span::raw(health.revision.to_string())),
            ("data", Span::raw(health.provenance.word())),
            ("as of", Span::raw(instant(health.as_of))),
            ("in queue", Span::raw(health.queue_depth.to_string())),
        ],
        context,
    )
}

/// Our side: endpoint, transport, schema, cache, and everything that is not as it should be.
pub fn connection(state: &State, context: &Context) -> Lines {
    let theme = context.theme;
    let (word, style) = phase(&state.phase, theme);
    let mut pairs = vec![
        ("Endpoint", Span::raw(state.endpoint.to_string())),
        ("", Span::styled(word, style)),
    ];
    if let Some(at) = state.snapshot.newest_receipt() {
        pairs.push((
            "last data",
            Span::raw(format!("{} ago", age(at, state.now))),
        ));
    }
    let built = operations::schema_version();
    let (served, schema_style) = match state.served_schema() {
        Some(served) if served == built => (format!("{built} = served"), theme.good()),
        Some(served) => (format!("built for {built}, served {served}"), theme.warn()),
        None => (format!("built for {built}"), theme.text()),
    };
    pairs.push(("schema", Span::styled(served, schema_style)));
    let mut lines = facts(pairs, context);
    if let Phase::Polling { reason, .. } = &state.phase {
        let text = format!("{reason}. Live is tried again by itself, or now with r.");
        lines.extend(text::hanging(
            "Not live: ",
            &text,
            context.width,
            theme.warn(),
        ));
    }
    let concerns = concerns::concerns(state);
    if !concerns.is_empty() {
        lines.push(heading("To look at", theme));
    }
    for (severe, text) in concerns {
        let style = if severe { theme.bad() } else { theme.warn() };
        lines.extend(text::hanging("! ", &text, context.width, style));
    }
    let advice: Vec<String> = match &state.phase {
        Phase::Offline { error, .. } => vec![error.advice()],
        _ => state
            .problems
            .values()
            .map(|error| error.advice())
            .collect(),
    };
    for text in advice {
        lines.extend(text::hanging("→ ", &text, context.width, theme.text()));
    }
    lines
}
