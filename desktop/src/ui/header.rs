//! The lines above and below every screen: title and pills, tabs, banner; the footer.

use super::{
    health,
    text::{self, width},
};
use crate::{
    app::{self, Screen, State},
    format::age,
    keys,
    model::Provenance,
    sync::Phase,
};
use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

/// Title to the left, pills to the right.
pub fn title(state: &State, available: usize) -> Line<'static> {
    let pills = pills(state);
    let taken: usize = pills.iter().map(Span::width).sum();
    let name = match state.picture().negotiation() {
        Some(n) => format!(
            "{} · {} and {} · {}",
            n.name,
            n.buyer,
            n.vendor,
            n.status.word()
        ),
        None => "Twilio negotiation".into(),
    };
    let room = available.saturating_sub(taken + 2);
    let mut spans = vec![
        Span::raw(" "),
        Span::styled(text::fit(&name, room, false), state.theme.strong()),
        Span::raw(" "),
    ];
    spans.extend(pills);
    Line::from(spans)
}

/// Connection, data, and whether the screens stand still.
fn pills(state: &State) -> Vec<Span<'static>> {
    let theme = state.theme;
    let mut pills = Vec::new();
    if let Some(frozen) = &state.frozen {
        let text = format!(" = FROZEN {} ", age(frozen.at, state.now));
        pills.push(Span::styled(text, theme.pill(theme.bad())));
        pills.push(Span::raw(" "));
    }
    let (word, style) = health::phase(&state.phase, theme);
    pills.push(Span::styled(format!(" {word} "), theme.pill(style)));
    if let Some((text, style)) = data(state) {
        pills.push(Span::raw(" "));
        pills.push(Span::styled(format!(" {text} "), theme.pill(style)));
    }
    pills
}

/// Where the data comes from, and how old it is when nobody keeps it fresh.
fn data(state: &State) -> Option<(String, ratatui::style::Style)> {
    let theme = state.theme;
    let received = state.snapshot.newest_receipt()?;
    let provenance = state
        .snapshot
        .health()
        .map(|health| &health.provenance)
        .or_else(|| state.snapshot.negotiation().map(|n| &n.provenance))?;
    let style = match provenance {
        Provenance::Live => theme.good(),
        Provenance::Cached | Provenance::Fixture | Provenance::Other(_) => theme.warn(),
    };
    let word = provenance.wire();
    Some(match &state.phase {
        Phase::Live => (format!("data {word}"), style),
        Phase::Polling { .. } => (format!("data {word} {}", age(received, state.now)), style),
        _ => (
            format!("data {word} {} old", age(received, state.now)),
            theme.warn(),
        ),
    })
}

/// The tabs and where each of them is, for drawing and for clicks.
pub fn tabs(screen: Screen, available: usize) -> Vec<(Screen, String, u16)> {
    let full = |screen: Screen| format!(" {} {} ", screen.digit(), screen.title());
    let short = |screen: Screen| match screen {
        Screen::Notifications => format!(" {} Queue ", screen.digit()),
        _ => full(screen),
    };
    let digit = |tab: Screen| {
        if tab == screen {
            full(tab)
        } else {
            format!(" {} ", tab.digit())
        }
    };
    let fits = |label: &dyn Fn(Screen) -> String| {
        Screen::ALL
            .iter()
            .map(|tab| width(&label(*tab)))
            .sum::<usize>()
            < available
    };
    let labels: [&dyn Fn(Screen) -> String; 3] = [&full, &short, &digit];
    let label = labels
        .into_iter()
        .find(|label| fits(label))
        .unwrap_or(&digit);
    let mut at = 0;
    Screen::ALL
        .iter()
        .map(|tab| {
            let text = label(*tab);
            let start = at;
            at += u16::try_from(width(&text)).unwrap_or(u16::MAX);
            (*tab, text, start)
        })
        .collect()
}

pub fn tab_line(state: &State, available: usize) -> Line<'static> {
    let theme = state.theme;
    Line::from_iter(
        tabs(state.screen, available)
            .into_iter()
            .map(|(tab, text, _)| {
                let style = if tab == state.screen {
                    theme.pill(theme.accent(tab))
                } else {
                    theme.accent(tab)
                };
                Span::styled(text, style)
            }),
    )
}

pub fn banner_line(state: &State, available: usize) -> Option<Line<'static>> {
    let banner = app::banner(state)?;
    let theme = state.theme;
    let (mark, style) = if banner.severe {
        ("✗", theme.bad())
    } else {
        ("!", theme.warn())
    };
    let more = match banner.more {
        0 => String::new(),
        more => format!(" (+{more}: see 8)"),
    };
    let room = available.saturating_sub(4 + width(&more));
    let text = format!(" {mark} {}{more} ", text::cut(&banner.text, room));
    Some(Line::styled(
        text::fit(&text, available, false),
        theme.pill(style),
    ))
}

/// The keys that fit, or the filter that is typed.
pub fn footer(state: &State, available: usize) -> Line<'static> {
    let theme = state.theme;
    if state.filtering {
        let hint = "  Enter keeps, Esc clears";
        let room = available.saturating_sub(width(hint) + 4);
        let filter: String = text::cut(state.filter(), room);
        return Line::from(vec![
            Span::styled(" /", theme.key()),
            Span::styled(filter, theme.strong()),
            Span::styled("█", theme.key()),
            Span::styled(hint, theme.dim()),
        ]);
    }
    let mut line = Line::raw(" ");
    for binding in keys::BINDINGS {
        let Some(word) = binding.footer else { continue };
        let needed = width(binding.label) + 1 + width(word) + 2;
        if line.width() + needed > available {
            break;
        }
        line.push_span(Span::styled(binding.label, theme.key()));
        line.push_span(Span::styled(format!(" {word}  "), theme.dim()));
    }
    line
}

/// The tab at a place on the tab line.
pub fn tab_at(state: &State, area: Rect, column: u16) -> Option<Screen> {
    tabs(state.screen, area.width.into())
        .into_iter()
        .find(|(_, text, start)| {
            let end = start.saturating_add(u16::try_from(width(text)).unwrap_or(u16::MAX));
            (*start..end).contains(&column)
        })
        .map(|(tab, _, _)| tab)
}
