//! One function per screen: which panels there are, where, and with which lines.

use super::{
    context, envelope, health, invoices, ladder, notifications, offers, panel,
    parts::{Lines, position, window},
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
    layout::{Constraint, Layout, Position, Rect},
    text::Line,
};

pub(super) fn draw(state: &State, area: Rect, buffer: &mut Buffer) {
    match state.screen {
        Screen::Overview => {
            for (screen, place) in overview(area) {
                summary(state, screen, place, buffer);
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

/// The panel under a click on the overview.
pub(super) fn panel_at(state: &State, body: Rect, column: u16, row: u16) -> Option<Screen> {
    if state.screen != Screen::Overview {
        return None;
    }
    overview(body)
        .into_iter()
        .find(|(_, place)| place.contains(Position::new(column, row)))
        .map(|(screen, _)| screen)
}

/// Where the overview puts each section; what does not fit is left to its own screen.
fn overview(area: Rect) -> Vec<(Screen, Rect)> {
    if area.width >= 72 && area.height >= 17 {
        let extra = area.height - 17;
        let [top, middle, bottom] = Layout::vertical([
            Constraint::Length(8 + (extra / 4).min(4)),
            Constraint::Min(5),
            Constraint::Length((4 + extra).min(6 + extra / 4)),
        ])
        .areas(area);
        let [a, b] = split(top, 56);
        let [c, d] = split(middle, 60);
        let [e, f, g] = Layout::horizontal([
            Constraint::Fill(4),
            Constraint::Fill(3),
            Constraint::Fill(3),
        ])
        .areas(bottom);
        return vec![
            (Screen::Envelope, a),
            (Screen::Ladder, b),
            (Screen::Offers, c),
            (Screen::Spend, d),
            (Screen::Invoices, e),
            (Screen::Notifications, f),
            (Screen::Health, g),
        ];
    }
    let wanted = [
        (Screen::Envelope, 8),
        (Screen::Ladder, 6),
        (Screen::Offers, 6),
        (Screen::Health, 5),
        (Screen::Notifications, 4),
        (Screen::Invoices, 4),
        (Screen::Spend, 5),
    ];
    let mut shown = Vec::new();
    let mut y = area.y;
    for (screen, height) in wanted {
        let left = area.bottom().saturating_sub(y);
        if left < 4 {
            break;
        }
        let height = height.min(left);
        shown.push((screen, Rect { y, height, ..area }));
        y += height;
    }
    if let Some((_, last)) = shown.last_mut() {
        last.height = area.bottom() - last.y;
    }
    shown
}

fn split(area: Rect, percent: u16) -> [Rect; 2] {
    Layout::horizontal([Constraint::Percentage(percent), Constraint::Min(0)]).areas(area)
}

fn titled(screen: Screen) -> String {
    format!("{} {}", screen.digit(), screen.title())
}

/// Why there is nothing to show, in the panel where it would be.
fn nothing(state: &State, area: Area) -> Lines {
    let text = match (state.problems.get(&area), &state.phase) {
        (Some(error), _) => format!("{error}. {}", error.advice()),
        (None, Phase::Offline { error, .. }) => {
            format!("Offline, nothing cached. {}", error.advice())
        }
        (None, Phase::Cached) => "Not in the cache.".into(),
        (None, Phase::Connecting) => "Asking the gateway …".into(),
        (None, _) => "The gateway has not sent this yet.".into(),
    };
    vec![Line::styled(text, state.theme.warn())]
}

/// The text of a panel that has no data, wrapped.
fn put_nothing(state: &State, area: Area, inner: Rect, buffer: &mut Buffer) {
    let text = if area == Area::Negotiation
        && state
            .picture()
            .negotiation
            .as_ref()
            .is_some_and(|part| part.value.is_none())
    {
        "The gateway has no negotiation yet. Import usage first: twilio-negotiation import usage FILE".into()
    } else {
        nothing(state, area)
            .iter()
            .map(ToString::to_string)
            .collect::<String>()
    };
    let lines = super::text::hanging("", &text, inner.width.into(), state.theme.warn());
    put(lines, inner, state, buffer);
}

/// One section's panel on the overview.
fn summary(state: &State, screen: Screen, area: Rect, buffer: &mut Buffer) {
    let picture = state.picture();
    let negotiation = picture.negotiation();
    let title = match (screen, negotiation) {
        (Screen::Envelope, Some(n)) => format!("{} {}", titled(screen), n.envelope.currency),
        (Screen::Spend, Some(n)) => {
            format!("{} {} a day", titled(screen), n.trailing.basis.word())
        }
        _ => titled(screen),
    };
    let inner = panel(state, screen, &title, area, buffer);
    let context = context(state, inner);
    let height = usize::from(inner.height);
    let lines = match screen {
        Screen::Envelope | Screen::Ladder | Screen::Offers | Screen::Spend => {
            let Some(negotiation) = negotiation else {
                return put_nothing(state, Area::Negotiation, inner, buffer);
            };
            match screen {
                Screen::Envelope => envelope::summary(negotiation, &context, height < 9),
                Screen::Ladder => ladder::summary(negotiation, &context, height),
                Screen::Offers => {
                    let offers: Vec<_> = negotiation.offers.iter().collect();
                    offers::list(&offers, &negotiation.currency, &context)
                }
                _ => spend::summary(negotiation, &context, height, state.theme.accent(screen)),
            }
        }
        Screen::Invoices => match &picture.invoices {
            None => return put_nothing(state, Area::Invoices, inner, buffer),
            Some(list) => {
                let mut lines = invoices::totals(&list.value, &context);
                if lines.len() + 2 <= height {
                    let all: Vec<_> = list.value.invoices.iter().collect();
                    lines.extend(invoices::list(&all, &context));
                }
                lines
            }
        },
        Screen::Notifications => {
            let list = picture.notifications.as_ref().map(|list| &list.value);
            if list.is_none() && picture.health().is_none() {
                return put_nothing(state, Area::Notifications, inner, buffer);
            }
            notifications::summary(list, picture.health(), &context)
        }
        Screen::Health | Screen::Overview => match picture.health() {
            None => return put_nothing(state, Area::Health, inner, buffer),
            Some(value) => health::summary(value, &context),
        },
    };
    put(lines, inner, state, buffer);
}

fn envelope_screen(state: &State, area: Rect, buffer: &mut Buffer) {
    let screen = Screen::Envelope;
    let Some(negotiation) = state.picture().negotiation() else {
        let inner = panel(state, screen, &titled(screen), area, buffer);
        return put_nothing(state, Area::Negotiation, inner, buffer);
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
    put(lines(left.width), inner, state, buffer);
    if right.height > 2 {
        let inner = panel(state, screen, "Streams", right, buffer);
        put(
            envelope::streams(negotiation, &context(state, inner)),
            inner,
            state,
            buffer,
        );
    }
}

fn ladder_screen(state: &State, area: Rect, buffer: &mut Buffer) {
    let screen = Screen::Ladder;
    let Some(negotiation) = state.picture().negotiation() else {
        let inner = panel(state, screen, &titled(screen), area, buffer);
        return put_nothing(state, Area::Negotiation, inner, buffer);
    };
    let title = match ladder::terms(negotiation) {
        terms if terms.is_empty() => titled(screen),
        terms => format!("{}: {terms}", titled(screen)),
    };
    let [first, second] = if area.width >= 130 {
        split(area, 50)
    } else {
        let tiers = negotiation
            .ladder
            .as_ref()
            .map_or(1, |ladder| ladder.tiers.len());
        let wanted = u16::try_from(tiers + 8).unwrap_or(u16::MAX);
        Layout::vertical([
            Constraint::Length(wanted.min(area.height.saturating_sub(6).max(8))),
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
    if second.height > 2 {
        let inner = panel(state, screen, "Dates and approvals", second, buffer);
        put(
            ladder::dates(negotiation, &context(state, inner)),
            inner,
            state,
            buffer,
        );
    }
}

/// A list above (or beside) the details of its selected row.
fn list_screen(state: &State, screen: Screen, area: Rect, buffer: &mut Buffer) {
    let picture = state.picture();
    let currency = picture.negotiation().map_or("USD", |n| n.currency.as_str());
    let selected = state.selected(screen);
    let filter = state.filter();
    let (known, source, total) = match screen {
        Screen::Invoices => (
            picture.invoices.is_some(),
            Area::Invoices,
            picture
                .invoices
                .as_ref()
                .map_or(0, |list| list.value.total_count),
        ),
        Screen::Notifications => (
            picture.notifications.is_some(),
            Area::Notifications,
            picture
                .notifications
                .as_ref()
                .map_or(0, |list| list.value.total_count),
        ),
        _ => (picture.negotiation().is_some(), Area::Negotiation, 0),
    };
    let count = rows::count(state);
    let mut title = format!(
        "{} {}",
        titled(screen),
        position(selected, count, total, !filter.is_empty())
    );
    if !filter.is_empty() {
        title.push_str(&format!(" /{filter}"));
    }
    if !known {
        let inner = panel(state, screen, &titled(screen), area, buffer);
        return put_nothing(state, source, inner, buffer);
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
    let inner_context = context(state, inner);
    let detail_inner = if roomy {
        below.width.saturating_sub(4)
    } else {
        0
    };
    let mut detail_context = inner_context;
    detail_context.width = detail_inner.into();
    let (lines, detail, name) = match screen {
        Screen::Offers => {
            let offers = rows::offers(state);
            let detail = offers.get(selected).map(|offer| {
                (
                    offers::detail(offer, currency, &detail_context),
                    offer.title.clone(),
                )
            });
            (
                offers::list(&offers, currency, &inner_context),
                detail,
                "No offers yet.",
            )
        }
        Screen::Invoices => {
            let invoices = rows::invoices(state);
            let detail = invoices.get(selected).map(|invoice| {
                (
                    invoices::detail(invoice, &detail_context),
                    invoice.number.clone(),
                )
            });
            (
                invoices::list(&invoices, &inner_context),
                detail,
                "No invoices yet.",
            )
        }
        _ => {
            let notifications = rows::notifications(state);
            let detail = notifications.get(selected).map(|notification| {
                (
                    notifications::detail(notification, &detail_context),
                    "Message".to_owned(),
                )
            });
            (
                notifications::list(&notifications, &inner_context),
                detail,
                "Nothing was sent yet.",
            )
        }
    };
    let lines = if count == 0 {
        let text = if filter.is_empty() {
            name
        } else {
            "Nothing matches the filter; Esc clears it."
        };
        vec![Line::styled(text, state.theme.dim())]
    } else {
        window(lines, selected, inner.height.into(), state.theme)
    };
    put(lines, inner, state, buffer);
    if roomy && let Some((lines, title)) = detail {
        let inner = panel(state, screen, &title, below, buffer);
        put(lines, inner, state, buffer);
    }
}

fn spend_screen(state: &State, area: Rect, buffer: &mut Buffer) {
    let screen = Screen::Spend;
    let Some(negotiation) = state.picture().negotiation() else {
        let inner = panel(state, screen, &titled(screen), area, buffer);
        return put_nothing(state, Area::Negotiation, inner, buffer);
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
    let mut title = format!(
        "Days {}",
        position(selected, days.len(), 0, !filter.is_empty())
    );
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
        let inner = panel(state, screen, "Months (of these days)", place, buffer);
        let months = rows::months(&negotiation.daily_spend);
        put(
            spend::months(&months, currency, &context(state, inner)),
            inner,
            state,
            buffer,
        );
    }
}

fn health_screen(state: &State, area: Rect, buffer: &mut Buffer) {
    let screen = Screen::Health;
    let [above, below] = Layout::vertical([Constraint::Fill(1), Constraint::Fill(1)]).areas(area);
    let inner = panel(state, screen, &titled(screen), above, buffer);
    match state.picture().health() {
        None => put_nothing(state, Area::Health, inner, buffer),
        Some(value) => {
            let inner_context = context(state, inner);
            let mut lines = health::gateway(value, &inner_context);
            lines.extend(health::components(value, &inner_context));
            put(lines, inner, state, buffer);
        }
    }
    let inner = panel(state, screen, "Connection", below, buffer);
    put(
        health::connection(state, &context(state, inner)),
        inner,
        state,
        buffer,
    );
}
