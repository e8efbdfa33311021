//! `snapshot`: the same sections as text or JSON, for pipes, scripts and mail.

use crate::{
    api::operations,
    app::{Screen, State},
    concerns,
    format::{age, instant},
    model::Provenance,
    rows,
    ui::{
        envelope, health, invoices, ladder, notifications, offers,
        parts::{Context, Lines, heading},
        spend, text,
    },
};
use clap::ValueEnum;
use ratatui::{
    backend::IntoCrossterm,
    crossterm::style::ContentStyle,
    text::{Line, Span},
};
use serde_json::{Value, json};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Section {
    Header,
    Envelope,
    Ladder,
    Offers,
    Spend,
    Invoices,
    Notifications,
    Health,
}

impl Section {
    pub const ALL: [Self; 8] = [
        Self::Header,
        Self::Envelope,
        Self::Ladder,
        Self::Offers,
        Self::Spend,
        Self::Invoices,
        Self::Notifications,
        Self::Health,
    ];

    fn screen(self) -> Screen {
        match self {
            Self::Header => Screen::Overview,
            Self::Envelope => Screen::Envelope,
            Self::Ladder => Screen::Ladder,
            Self::Offers => Screen::Offers,
            Self::Spend => Screen::Spend,
            Self::Invoices => Screen::Invoices,
            Self::Notifications => Screen::Notifications,
            Self::Health => Screen::Health,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::Envelope => "envelope",
            Self::Ladder => "ladder",
            Self::Offers => "offers",
            Self::Spend => "spend",
            Self::Invoices => "invoices",
            Self::Notifications => "notifications",
            Self::Health => "health",
        }
    }
}

/// Wide enough for every column when nobody says how wide the paper is.
pub const PIPE_WIDTH: usize = 120;

/// The chosen sections as styled lines.
pub fn lines(state: &State, sections: &[Section], width: usize) -> Lines {
    let context = Context {
        theme: state.theme,
        now: state.now,
        width,
    };
    let mut lines = Lines::new();
    for section in sections {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        let screen = section.screen();
        if *section != Section::Header {
            let taken = screen.title().len() + 4;
            let rule = "─".repeat(width.min(80).saturating_sub(taken));
            let accent = state.theme.accent(screen);
            lines.push(Line::from(vec![
                Span::styled("── ", accent),
                Span::styled(screen.title(), accent.patch(state.theme.strong())),
                Span::styled(format!(" {rule}"), accent),
            ]));
        }
        lines.extend(section_lines(state, *section, &context));
    }
    lines
}

/// One section as plain text.
pub fn section_text(state: &State, screen: Screen) -> String {
    let section = Section::ALL
        .into_iter()
        .find(|section| section.screen() == screen);
    let sections: Vec<Section> = match section {
        Some(Section::Header) | None => Section::ALL.to_vec(),
        Some(section) => vec![section],
    };
    plain(&lines(state, &sections, PIPE_WIDTH), state.ascii)
}

fn section_lines(state: &State, section: Section, context: &Context) -> Lines {
    let picture = state.picture();
    let theme = state.theme;
    let absent = |what: &str| vec![Line::styled(format!("No {what} known."), theme.warn())];
    match (section, picture.negotiation()) {
        (Section::Header, _) => header_lines(state, context),
        (Section::Envelope, Some(n)) => {
            let mut lines = envelope::summary(n, context, false);
            lines.extend(envelope::warnings(&n.envelope, context));
            lines.push(Line::default());
            lines.extend(envelope::streams(n, context));
            lines
        }
        (Section::Ladder, Some(n)) => {
            let mut lines = ladder::full(n, context);
            lines.push(Line::default());
            lines.extend(ladder::dates(n, context));
            lines
        }
        (Section::Offers, _) => {
            let Some(list) = picture.offers() else {
                return absent("offers");
            };
            let all: Vec<_> = list.offers.iter().collect();
            let mut lines = offers::list(&all, &list.currency, context);
            for offer in all {
                lines.push(Line::default());
                lines.push(heading(
                    format!("{} (round {})", offer.title, offer.round),
                    theme,
                ));
                lines.extend(offers::detail(offer, &list.currency, context));
            }
            lines
        }
        (Section::Spend, Some(n)) => {
            let mut lines = spend::summary(n, context, 8, theme.accent(Screen::Spend));
            lines.push(Line::default());
            let months = rows::months(&n.daily_spend);
            lines.extend(spend::months(&months, &n.currency, context));
            lines
        }
        (Section::Envelope | Section::Ladder | Section::Spend, None) => absent("negotiation"),
        (Section::Invoices, _) => match &picture.invoices {
            None => absent("invoices"),
            Some(list) => {
                let mut lines = invoices::totals(&list.value, context);
                let all: Vec<_> = list.value.invoices.iter().collect();
                if !all.is_empty() {
                    lines.push(Line::default());
                    lines.extend(invoices::list(&all, context));
                }
                lines
            }
        },
        (Section::Notifications, _) => match &picture.notifications {
            None => absent("notifications"),
            Some(list) => {
                let mut lines = notifications::summary(
                    picture.queue(),
                    Some(&list.value),
                    picture.health(),
                    context,
                );
                lines.extend(notifications::failures(&list.value, 5, context));
                if let Some(firings) = &picture.firings {
                    lines.extend(notifications::firings(&firings.value, 5, context));
                }
                let all: Vec<_> = list.value.notifications.iter().collect();
                if !all.is_empty() {
                    lines.push(Line::default());
                    lines.extend(notifications::list(&all, context));
                }
                lines
            }
        },
        (Section::Health, _) => {
            let mut lines = match picture.health() {
                None => absent("health"),
                Some(value) => {
                    let mut lines = health::gateway(value, context);
                    lines.extend(health::components(value, context));
                    lines
                }
            };
            lines.extend(health::connection(state, context));
            lines
        }
    }
}

fn header_lines(state: &State, context: &Context) -> Lines {
    let theme = state.theme;
    let mut lines = Lines::new();
    match state.picture().negotiation() {
        Some(n) => {
            lines.push(heading(
                format!("{} · {} and {}", n.name, n.buyer, n.vendor),
                theme,
            ));
            lines.push(Line::raw(format!(
                "{}, version {}, data {} as of {}",
                n.status.word(),
                n.version,
                n.provenance.word(),
                instant(n.as_of)
            )));
        }
        None => lines.push(heading("No negotiation", theme)),
    }
    if let Some(at) = state.snapshot.newest_receipt() {
        let source = if state.replaying() {
            "From the cache"
        } else {
            "From the gateway"
        };
        lines.push(Line::styled(
            format!("{source}, {} ago, {}", age(at, state.now), state.endpoint),
            theme.dim(),
        ));
    }
    for (severe, text) in concerns::concerns(state) {
        let style = if severe { theme.bad() } else { theme.warn() };
        lines.extend(text::hanging("! ", &text, context.width, style));
    }
    lines
}

/// Text without a single escape.
pub fn plain(lines: &Lines, ascii: bool) -> String {
    let mut output = String::new();
    for line in lines {
        let text = line.to_string();
        let text = text.trim_end();
        output.push_str(&if ascii {
            text::to_ascii(text)
        } else {
            text.to_owned()
        });
        output.push('\n');
    }
    output
}

/// Text with colours for a terminal.
pub fn coloured(lines: &Lines, ascii: bool) -> String {
    let mut output = String::new();
    for line in lines {
        for span in &line.spans {
            let style: ContentStyle = line.style.patch(span.style).into_crossterm();
            let text = if ascii {
                text::to_ascii(&span.content)
            } else {
                span.content.to_string()
            };
            output.push_str(&style.apply(text).to_string());
        }
        output.push('\n');
    }
    output
}

/// The age of what is shown, in seconds: since it was received, or older when the gateway itself
/// said that it served cached data. `None`: there is nothing.
pub fn age_seconds(state: &State) -> Option<i64> {
    let received = state.snapshot.oldest_receipt()?;
    let served_from = state
        .snapshot
        .negotiation()
        .filter(|n| n.provenance == Provenance::Cached)
        .map_or(received, |n| n.as_of.min(received));
    Some((state.now - served_from).num_seconds().max(0))
}

/// The chosen sections as JSON, with where they come from. Amounts are strings, exact.
pub fn json(state: &State, sections: &[Section]) -> Value {
    let picture = state.picture();
    let negotiation = picture.negotiation();
    let mut content = serde_json::Map::new();
    for section in sections {
        let value = match section {
            Section::Header => json!(negotiation.map(|n| json!({
                "id": n.id,
                "name": n.name,
                "vendor": n.vendor,
                "buyer": n.buyer,
                "currency": n.currency,
                "status": n.status,
                "version": n.version,
                "provenance": n.provenance,
                "asOf": n.as_of,
            }))),
            Section::Envelope => json!(negotiation.map(|n| json!({
                "envelope": n.envelope,
                "streams": n.streams,
            }))),
            Section::Ladder => json!(negotiation.map(|n| json!({
                "ladder": n.ladder,
                "trailing90": n.trailing,
                "dates": n.dates,
                "milestones": n.milestones,
            }))),
            Section::Offers => json!(picture.offers().map(|list| &list.offers)),
            Section::Spend => json!(negotiation.map(|n| &n.daily_spend)),
            Section::Invoices => json!(picture.invoices.as_ref().map(|list| &list.value)),
            Section::Notifications => json!(picture.notifications.as_ref().map(|list| json!({
                "queue": picture.queue(),
                "totalCount": list.value.total_count,
                "notifications": list.value.notifications,
                "firings": picture.firings.as_ref().map(|firings| &firings.value.firings),
            }))),
            Section::Health => json!(picture.health()),
        };
        content.insert(section.name().into(), value);
    }
    json!({
        "endpoint": state.endpoint.to_string(),
        "source": if state.replaying() { "cache" } else { "gateway" },
        "receivedAt": picture.newest_receipt(),
        "ageSeconds": age_seconds(state),
        "schema": {
            "embedded": operations::schema_version(),
            "served": state.served_schema(),
        },
        "problems": problems(state),
        "sections": content,
    })
}

fn problems(state: &State) -> Vec<Value> {
    let offline = match &state.phase {
        crate::sync::Phase::Offline { error, .. } => Some((None, error)),
        _ => None,
    };
    state
        .problems
        .iter()
        .map(|(area, error)| (Some(area), error))
        .chain(offline)
        .map(|(area, error)| {
            json!({
                "area": area,
                "message": error.to_string(),
                "advice": error.advice(),
                "schemaMismatch": error.is_schema_mismatch(),
            })
        })
        .collect()
}
