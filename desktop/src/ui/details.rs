//! The second panel of a screen: what its selected row, or its subject, is in full.

use super::{
    context, envelope, health, invoices, ladder, notifications, offers, panel, parts::Lines, put,
    screens::titled, spend,
};
use crate::{
    app::{Screen, State},
    rows,
};
use ratatui::{buffer::Buffer, layout::Rect, text::Line};

/// The details have the whole screen.
pub(super) fn zoomed(state: &State, area: Rect, buffer: &mut Buffer) {
    let screen = state.screen;
    let (title, lines) = details(state, area.width)
        .unwrap_or_else(|| (titled(screen), vec![Line::raw("Nothing is selected.")]));
    let height = usize::from(area.height).saturating_sub(2);
    let below = lines.len().saturating_sub(state.scroll + height);
    let title = match (state.scroll, below) {
        (0, 0) => title,
        (above, below) => format!("{title} ({above} lines above, {below} below)"),
    };
    let inner = panel(state, screen, &title, area, buffer);
    let lines = lines.into_iter().skip(state.scroll).take(height).collect();
    put(lines, inner, state, buffer);
}

/// The title and text of a screen's second panel, for a panel of this width.
pub(super) fn details(state: &State, width: u16) -> Option<(String, Lines)> {
    let mut context = context(state, Rect::default());
    context.width = usize::from(width).saturating_sub(4);
    let context = &context;
    let negotiation = state.picture().negotiation();
    let selected = state.selected(state.screen);
    match state.screen {
        Screen::Overview => None,
        Screen::Envelope => Some(("Streams".into(), envelope::streams(negotiation?, context))),
        Screen::Ladder => Some((
            "Dates and approvals".into(),
            ladder::dates(negotiation?, context),
        )),
        Screen::Offers => {
            let offer = rows::offers(state).into_iter().nth(selected)?;
            let currency = &state.picture().offers()?.currency;
            Some((
                offer.title.clone(),
                offers::detail(offer, currency, context),
            ))
        }
        Screen::Spend => {
            let months = rows::months(&negotiation?.daily_spend);
            let lines = spend::months(&months, &negotiation?.currency, context);
            Some(("Months (of these days)".into(), lines))
        }
        Screen::Invoices => {
            let invoice = rows::invoices(state).into_iter().nth(selected)?;
            Some((invoice.number.clone(), invoices::detail(invoice, context)))
        }
        Screen::Notifications => {
            let notification = rows::notifications(state).into_iter().nth(selected)?;
            Some((
                "Message".into(),
                notifications::detail(notification, context),
            ))
        }
        Screen::Health => {
            let mut lines = health::connection(state, context);
            if let Some(value) = state.picture().health().filter(|_| state.zoomed) {
                lines.push(Line::default());
                lines.extend(health::in_full(value, context));
            }
            Some(("Connection".into(), lines))
        }
    }
}

pub(super) fn put_details(state: &State, area: Rect, buffer: &mut Buffer) {
    if area.height > 2
        && let Some((title, lines)) = details(state, area.width)
    {
        let inner = panel(state, state.screen, &title, area, buffer);
        put(lines, inner, state, buffer);
    }
}
