//! The lines above and below every screen: title and pills, tabs, banner; the footer.

use super::{
    health,
    text::{self, width},
};
use crate::{
    app::{Screen, State, Typing},
    concerns,
    format::age,
    keys::{self, Binding, Intent},
    model::Provenance,
    sync::Phase,
};
use ratatui::{
    layout::Rect,
    style::Style,
    text::{Line, Span},
};
use std::ops::Range;

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
fn data(state: &State) -> Option<(String, Style)> {
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

/// The tabs and where each of them begins and ends, for drawing and for clicks.
///
/// Neighbours share the space between them; the widest form that fits is used.
pub fn tabs(screen: Screen, available: usize) -> Vec<(Screen, String, Range<usize>)> {
    let full = |tab: Screen| format!("{} {}", tab.digit(), tab.title());
    let short = |tab: Screen| match tab {
        Screen::Notifications => format!("{} Queue", tab.digit()),
        _ => full(tab),
    };
    let digit = |tab: Screen| {
        if tab == screen {
            full(tab)
        } else {
            tab.digit().to_string()
        }
    };
    let needed = |label: &dyn Fn(Screen) -> String| {
        1 + Screen::ALL
            .iter()
            .map(|tab| width(&label(*tab)) + 1)
            .sum::<usize>()
    };
    let labels: [&dyn Fn(Screen) -> String; 3] = [&full, &short, &digit];
    let label = labels
        .into_iter()
        .find(|label| needed(label) <= available)
        .unwrap_or(&digit);
    let mut at = 1;
    Screen::ALL
        .iter()
        .map(|tab| {
            let text = label(*tab);
            let place = at..at + width(&text);
            at = place.end + 1;
            (*tab, text, place)
        })
        .collect()
}

pub fn tab_line(state: &State, available: usize) -> Line<'static> {
    let theme = state.theme;
    let mut line = Line::default();
    let mut gap = Style::new();
    for (tab, text, _) in tabs(state.screen, available) {
        let accent = theme.accent(tab);
        if tab == state.screen {
            let pill = theme.pill(accent);
            line.push_span(Span::styled(format!(" {text}"), pill));
            gap = pill;
        } else {
            line.push_span(Span::styled(" ", gap));
            line.push_span(Span::styled(text, accent));
            gap = Style::new();
        }
    }
    line.push_span(Span::styled(" ", gap));
    line
}

pub fn banner_line(state: &State, available: usize) -> Option<Line<'static>> {
    let banner = concerns::banner(state)?;
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

/// The keys that fit: the help, those of the screen, the others; or what is typed.
pub fn footer(state: &State, available: usize) -> Line<'static> {
    let theme = state.theme;
    let prompt = |sign: &'static str, typed: &str, hint: &'static str| {
        let room = available.saturating_sub(width(sign) + width(hint) + 2);
        Line::from(vec![
            Span::styled(sign, theme.key()),
            Span::styled(text::end(typed, room), theme.strong()),
            Span::styled("█", theme.key()),
            Span::styled(hint, theme.dim()),
        ])
    };
    match &state.typing {
        Typing::Filter => return prompt(" /", state.filter(), "  Enter keeps, Esc clears"),
        Typing::Reason(reason) => {
            return prompt(
                " Pause all sending, why? ",
                reason,
                "  Enter pauses, Esc does not",
            );
        }
        Typing::Nothing => {}
    }
    let mut line = Line::raw(" ");
    let here = |binding: &&Binding| binding.screen.is_none_or(|screen| screen == state.screen);
    let mut bindings: Vec<&Binding> = keys::BINDINGS.iter().filter(here).collect();
    bindings.sort_by_key(|binding| match (binding.intent, binding.screen) {
        (Intent::Help, _) => 0,
        (_, Some(_)) => 1,
        (_, None) => 2,
    });
    for binding in bindings {
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
        .find(|(_, _, place)| place.contains(&usize::from(column)))
        .map(|(tab, _, _)| tab)
}
