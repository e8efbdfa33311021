//! One function per screen: which panels there are, where, and with which lines.

use super::{
    context, details, envelope, health, invoices, ladder, notifications, offers, overview, panel,
    parts::{position, window},
    put, spend,
};
use crate::{
    app::{Screen, State},
    model::Area,
    rows,
    sync::Phase,
};
use ratatui::{
    buffer::Buffer,
    layout::{Constraint, Layout, Rect},
    text::Line,
};

pub(super) fn draw(state: &State, area: Rect, buffer: &mut Buffer) {
    if state.zoomed && state.screen != Screen::Overview {
        return details::zoomed(state, area, buffer);
    }
    match state.screen {
        Screen::Overview => {
            for (screen, place) in overview::places(area) {
                overview::panel(state, screen, place, buffer);
            }
        }
        Screen::Envelope => envelope_screen(state, area, buffer),
        Screen::Ladder => ladder_screen(state, area, buffer),
        Screen::Offers | Screen::Invoices | Screen::Notifications => {
            list_screen(state, state.screen, area, buffer);
        }
        Screen::Spend => spend_screen(state, area, buffer),
        Screen::Health => health_screen(state, area, buffer),
    }
}

pub(super) fn split(area: Rect, percent: u16) -> [Rect; 2] {
    Layout::horizontal([Constraint::Percentage(percent), Constraint::Min(0)]).areas(area)
}

pub(super) fn titled(screen: Screen) -> String {
    format!("{} {}", screen.digit(), screen.title())
}

fn source(screen: Screen) -> Area {
    match screen {
        Screen::Invoices => Area::Invoices,
        Screen::Notifications => Area::Notifications,
        Screen::Health => Area::Health,
        Screen::Offers => Area::Offers,
        Screen::Overview | Screen::Envelope | Screen::Ladder | Screen::Spend => Area::Negotiation,
    }
}

/// Why there is nothing to show, in the panel where it would be; what to do is said once.
pub(super) fn put_nothing(state: &State, screen: Screen, inner: Rect, buffer: &mut Buffer) {
    let area = source(screen);
    let first = state.screen != Screen::Overview || screen == Screen::Envelope;
    let answered_none = state
        .picture()
        .negotiation
        .as_ref()
        .is_some_and(|part| part.value.is_none());
    let text = match (state.problems.get(&area), &state.phase) {
        (Some(error), _) if first || area != Area::Negotiation => {
            format!("{error}. {}", error.advice())
        }
        (Some(_), _) => "Not shown, see Envelope.".into(),
        _ if matches!(area, Area::Negotiation | Area::Offers) && answered_none => {
            "The gateway has no negotiation yet. Import usage first: \
             twilio-negotiation import usage FILE"
                .into()
        }
        (None, Phase::Offline { error, .. }) if first => {
            format!("Offline, and nothing is cached. {}", error.advice())
        }
        (None, Phase::Offline { .. }) => "Offline, and nothing is cached.".into(),
        (None, Phase::Cached) => "Not in the cache.".into(),
        (None, Phase::Connecting) => "Asking the gateway …".into(),
        (None, _) => "The gateway has not sent this yet.".into(),
    };
    let lines = super::text::hanging("", &text, inner.width.into(), state.theme.warn());
    put(lines, inner, state, buffer);
}

fn envelope_screen(state: &State, area: Rect, buffer: &mut Buffer) {
    let screen = Screen::Envelope;
    let Some(negotiation) = state.picture().negotiation() else {
        let inner = panel(state, screen, &titled(screen), area, buffer);
        return put_nothing(state, screen, inner, buffer);
    };
    let title = format!("{} {}", titled(screen), negotiation.envelope.currency);
    let wide = area.width >= 130;
    let low = area.height < 18 && !wide;
    let lines = |width: u16| {
        let mut context = context(state, area);
        context.width = usize::from(width).saturating_sub(4);
        let mut lines = envelope::summary(negotiation, &context, low);
        lines.extend(envelope::warnings(&negotiation.envelope, &context));
        lines
    };
    let [left, right] = if wide {
        split(area, 45)
    } else {
        let needed = u16::try_from(lines(area.width).len() + 2).unwrap_or(u16::MAX);
        Layout::vertical([Constraint::Max(needed), Constraint::Min(6)]).areas(area)
    };
    let inner = panel(state, screen, &title, left, buffer);
    let mut lines = lines(left.width);
    // Where there is room, the reasons are shown without being asked for.
    if usize::from(inner.height) > lines.len() + 4 {
        lines.push(Line::default());
        lines.extend(envelope::why(&negotiation.envelope, &context(state, inner)));
    }
    put(lines, inner, state, buffer);
    details::put_details(state, right, buffer);
}

fn ladder_screen(state: &State, area: Rect, buffer: &mut Buffer) {
    let screen = Screen::Ladder;
    let Some(negotiation) = state.picture().negotiation() else {
        let inner = panel(state, screen, &titled(screen), area, buffer);
        return put_nothing(state, screen, inner, buffer);
    };
    let title = match ladder::terms(negotiation) {
        terms if terms.is_empty() => titled(screen),
        terms => format!("{}: {terms}", titled(screen)),
    };
    let [first, second] = if area.width >= 130 {
        split(area, 50)
    } else {
        let mut wide = context(state, area);
        wide.width = usize::from(area.width).saturating_sub(4);
        let needed = ladder::full(negotiation, &wide).len() + 2;
        let needed = u16::try_from(needed).unwrap_or(u16::MAX);
        Layout::vertical([
            Constraint::Length(needed.min(area.height.saturating_sub(6).max(8))),
            Constraint::Min(0),
        ])
        .areas(area)
    };
    let inner = panel(state, screen, &title, first, buffer);
    put(
        ladder::full(negotiation, &context(state, inner)),
        inner,
        state,
        buffer,
    );
    details::put_details(state, second, buffer);
}

/// A list above the details of its selected row.
fn list_screen(state: &State, screen: Screen, area: Rect, buffer: &mut Buffer) {
    let picture = state.picture();
    let area = if screen == Screen::Notifications {
        queue_panel(state, area, buffer)
    } else {
        area
    };
    let currency = picture
        .offers()
        .map_or("USD", |list| list.currency.as_str());
    let selected = state.selected(screen);
    let filter = state.filter();
    let (known, total) = match screen {
        Screen::Invoices => match &picture.invoices {
            Some(list) => (true, list.value.total_count),
            None => (false, 0),
        },
        Screen::Notifications => match &picture.notifications {
            Some(list) => (true, list.value.total_count),
            None => (false, 0),
        },
        _ => (picture.offers().is_some(), 0),
    };
    let count = rows::count(state);
    let mut title = titled(screen);
    title.push_str(&position(selected, count, total, !filter.is_empty()));
    if !filter.is_empty() {
        title.push_str(&format!(" /{filter}"));
    }
    if !known {
        let inner = panel(state, screen, &titled(screen), area, buffer);
        return put_nothing(state, screen, inner, buffer);
    }
    let head = u16::try_from(count + 3).unwrap_or(u16::MAX);
    let [above, below] = Layout::vertical([
        Constraint::Length(head.clamp(5, (area.height / 2).max(5))),
        Constraint::Min(0),
    ])
    .areas(area);
    let roomy = below.height >= 5;
    let above = if roomy { above } else { area };
    let inner = panel(state, screen, &title, above, buffer);
    let context = context(state, inner);
    let (lines, empty) = match screen {
        Screen::Offers => {
            let offers = rows::offers(state);
            (offers::list(&offers, currency, &context), "No offers yet.")
        }
        Screen::Invoices => {
            let invoices = rows::invoices(state);
            (invoices::list(&invoices, &context), "No invoices yet.")
        }
        _ => {
            let notifications = rows::notifications(state);
            (
                notifications::list(&notifications, &context),
                "Nothing was sent yet.",
            )
        }
    };
    let lines = if count == 0 {
        let text = if filter.is_empty() {
            empty
        } else {
            "Nothing matches the filter; Esc clears it."
        };
        vec![Line::styled(text, state.theme.dim())]
    } else {
        window(lines, selected, inner.height.into(), state.theme)
    };
    put(lines, inner, state, buffer);
    if roomy {
        details::put_details(state, below, buffer);
    }
}

/// How sending stands, above the messages; what is left for them.
fn queue_panel(state: &State, area: Rect, buffer: &mut Buffer) -> Rect {
    let picture = state.picture();
    let list = picture.notifications.as_ref().map(|list| &list.value);
    let mut context = context(state, area);
    context.width = context.width.saturating_sub(4);
    let mut lines = notifications::summary(picture.queue(), list, picture.health(), &context);
    if let Some(list) = list {
        lines.extend(notifications::failures(list, 3, &context));
    }
    if let Some(firings) = &picture.firings {
        lines.extend(notifications::firings(&firings.value, 2, &context));
    }
    if lines.is_empty() || area.height < 12 {
        return area;
    }
    let needed = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX);
    let [above, below] = Layout::vertical([
        Constraint::Length(needed.min(area.height / 3)),
        Constraint::Min(0),
    ])
    .areas(area);
    let inner = panel(state, Screen::Notifications, "Queue", above, buffer);
    put(lines, inner, state, buffer);
    below
}

fn spend_screen(state: &State, area: Rect, buffer: &mut Buffer) {
    let screen = Screen::Spend;
    let Some(negotiation) = state.picture().negotiation() else {
        let inner = panel(state, screen, &titled(screen), area, buffer);
        return put_nothing(state, screen, inner, buffer);
    };
    let currency = &negotiation.currency;
    let chart_height = (area.height / 2).clamp(5, 14);
    let [chart, rest] =
        Layout::vertical([Constraint::Length(chart_height), Constraint::Min(0)]).areas(area);
    let title = format!(
        "{} {} a day, {currency}",
        titled(screen),
        negotiation.trailing.basis.word()
    );
    let inner = panel(state, screen, &title, chart, buffer);
    let style = state.theme.accent(screen);
    let lines = spend::summary(
        negotiation,
        &context(state, inner),
        inner.height.into(),
        style,
    );
    put(lines, inner, state, buffer);
    if rest.height < 4 {
        return;
    }
    let (days_area, months_area) = if rest.width >= 110 {
        let [left, right] = split(rest, 55);
        (left, Some(right))
    } else {
        (rest, None)
    };
    let days = rows::days(state);
    let selected = state.selected(screen);
    let filter = state.filter();
    let mut title = "Days".to_owned();
    title.push_str(&position(selected, days.len(), 0, !filter.is_empty()));
    if !filter.is_empty() {
        title.push_str(&format!(" /{filter}"));
    }
    let inner = panel(state, screen, &title, days_area, buffer);
    let lines = spend::days(&days, currency, &context(state, inner));
    put(
        window(lines, selected, inner.height.into(), state.theme),
        inner,
        state,
        buffer,
    );
    if let Some(place) = months_area {
        details::put_details(state, place, buffer);
    }
}

fn health_screen(state: &State, area: Rect, buffer: &mut Buffer) {
    let screen = Screen::Health;
    let [above, below] = Layout::vertical([Constraint::Fill(1), Constraint::Fill(1)]).areas(area);
    let inner = panel(state, screen, &titled(screen), above, buffer);
    match state.picture().health() {
        None => put_nothing(state, screen, inner, buffer),
        Some(value) => {
            let inner_context = context(state, inner);
            let mut lines = health::gateway(value, &inner_context);
            lines.extend(health::components(value, &inner_context));
            put(lines, inner, state, buffer);
        }
    }
    details::put_details(state, below, buffer);
}
