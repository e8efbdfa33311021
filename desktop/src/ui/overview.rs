//! The overview: one panel for each section that fits, and what is under a click.

use super::{
    context, envelope, health, invoices, ladder, notifications, offers, put,
    screens::{put_nothing, split, titled},
    spend,
};
use crate::app::{Screen, State};
use ratatui::{
    buffer::Buffer,
    layout::{Constraint, Layout, Position, Rect},
};

/// The panel under a click on the overview.
pub(super) fn panel_at(state: &State, body: Rect, column: u16, row: u16) -> Option<Screen> {
    if state.screen != Screen::Overview {
        return None;
    }
    places(body)
        .into_iter()
        .find(|(_, place)| place.contains(Position::new(column, row)))
        .map(|(screen, _)| screen)
}

/// Where the overview puts each section; what does not fit is left to its own screen.
pub(super) fn places(area: Rect) -> Vec<(Screen, Rect)> {
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

/// One section's panel on the overview.
pub(super) fn panel(state: &State, screen: Screen, area: Rect, buffer: &mut Buffer) {
    let picture = state.picture();
    let negotiation = picture.negotiation();
    let title = match (screen, negotiation) {
        (Screen::Envelope, Some(n)) => format!("{} {}", titled(screen), n.envelope.currency),
        (Screen::Spend, Some(n)) => {
            format!("{} {} a day", titled(screen), n.trailing.basis.word())
        }
        _ => titled(screen),
    };
    let inner = super::panel(state, screen, &title, area, buffer);
    let context = context(state, inner);
    let height = usize::from(inner.height);
    let lines = match screen {
        Screen::Offers => {
            let Some(list) = picture.offers() else {
                return put_nothing(state, screen, inner, buffer);
            };
            let all: Vec<_> = list.offers.iter().collect();
            offers::list(&all, &list.currency, &context)
        }
        Screen::Envelope | Screen::Ladder | Screen::Spend => {
            let Some(negotiation) = negotiation else {
                return put_nothing(state, screen, inner, buffer);
            };
            match screen {
                Screen::Envelope => envelope::summary(negotiation, &context, height < 9),
                Screen::Ladder => ladder::summary(negotiation, &context, height),
                _ => spend::summary(negotiation, &context, height, state.theme.accent(screen)),
            }
        }
        Screen::Invoices => match &picture.invoices {
            None => return put_nothing(state, screen, inner, buffer),
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
            let queue = picture.queue();
            if list.is_none() && queue.is_none() && picture.health().is_none() {
                return put_nothing(state, screen, inner, buffer);
            }
            let mut lines = notifications::summary(queue, list, picture.health(), &context);
            if let Some(list) = list
                && !list.notifications.is_empty()
                && lines.len() + 2 <= height
            {
                let all: Vec<_> = list.notifications.iter().collect();
                lines.extend(notifications::list(&all, &context));
            }
            lines
        }
        Screen::Health | Screen::Overview => match picture.health() {
            None => return put_nothing(state, screen, inner, buffer),
            Some(value) => health::summary(value, &context),
        },
    };
    put(lines, inner, state, buffer);
}
