//! Spend day by day: the shape as a chart, the figures as rows.

use super::{
    parts::{Context, Lines, chart, facts},
    table::{self, Column},
};
use crate::{
    format::{count, money},
    model::{DailySpend, LadderBasis, Negotiation},
    rows::Month,
};
use chrono::NaiveDate;
use ratatui::{
    style::Style,
    text::{Line, Span},
};
use rust_decimal::Decimal;

/// The amount that the ladder counts.
fn on_basis(day: &DailySpend, basis: &LadderBasis) -> Option<Decimal> {
    match basis {
        LadderBasis::Net => Some(day.net),
        LadderBasis::Billed => day.billed,
        LadderBasis::List | LadderBasis::Other(_) => Some(day.list),
    }
}

/// One value for each calendar day from the first to the last; `None` where a day is missing.
fn series(days: &[DailySpend], basis: &LadderBasis) -> Vec<Option<Decimal>> {
    let (Some(first), Some(last)) = (days.first(), days.last()) else {
        return Vec::new();
    };
    let mut days = days.iter().peekable();
    first
        .date
        .iter_days()
        .take_while(|date| *date <= last.date)
        // Ten years are more than any screen shows; a wrong date must not eat the memory.
        .take(3_700)
        .map(|date| {
            let day = days.next_if(|day| day.date == date)?;
            on_basis(day, basis)
        })
        .collect()
}

fn highest(days: &[DailySpend], basis: &LadderBasis) -> Option<(NaiveDate, Decimal)> {
    days.iter()
        .filter_map(|day| Some((day.date, on_basis(day, basis)?)))
        .max_by_key(|(_, amount)| *amount)
}

/// The chart and what a reader wants to know at once.
pub fn summary(negotiation: &Negotiation, context: &Context, height: usize, style: Style) -> Lines {
    let theme = context.theme;
    let days = &negotiation.daily_spend;
    let basis = &negotiation.trailing.basis;
    let Some(last) = days.last() else {
        return vec![Line::styled(
            "No usage yet. Import some: twilio-negotiation import usage FILE",
            theme.dim(),
        )];
    };
    let currency = &negotiation.currency;
    let day = |label, date: NaiveDate, amount: Option<Decimal>| {
        let date = date.format(if context.width < 40 {
            "%m-%d"
        } else {
            "%Y-%m-%d"
        });
        let amount = amount.map_or("no price".into(), |amount| money(amount, currency));
        (
            label,
            Span::styled(format!("{amount} on {date}"), theme.strong()),
        )
    };
    let mut pairs = vec![day("Last", last.date, on_basis(last, basis))];
    if let Some((date, top)) = highest(days, basis) {
        pairs.push(day("highest", date, Some(top)));
    }
    let facts = facts(pairs, context);
    let room = height.saturating_sub(facts.len()).clamp(1, 12);
    let mut lines = chart(&series(days, basis), context.width, room, style, theme);
    lines.extend(facts);
    lines
}

/// Newest first.
pub fn days(days: &[&DailySpend], currency: &str, context: &Context) -> Lines {
    const COLUMNS: [Column; 5] = [
        Column::text("Day", 0),
        Column::number("List", 0),
        Column::number("Net", 1),
        Column::number("Billed", 2),
        Column::number("Rows", 3),
    ];
    let rows = days
        .iter()
        .map(|day| {
            vec![
                Span::raw(day.date.format("%Y-%m-%d %a").to_string()),
                Span::raw(money(day.list, currency)),
                Span::styled(money(day.net, currency), context.theme.strong()),
                billed(day.billed, currency, context),
                Span::styled(count(day.rows), context.theme.dim()),
            ]
        })
        .collect();
    table::lines(&COLUMNS, rows, context.width, context.theme.dim())
}

pub fn months(months: &[Month], currency: &str, context: &Context) -> Lines {
    const COLUMNS: [Column; 5] = [
        Column::text("Month", 0),
        Column::number("List", 0),
        Column::number("Net", 1),
        Column::number("Billed", 2),
        Column::number("Days", 3),
    ];
    let rows = months
        .iter()
        .map(|month| {
            let (year, number) = month.key;
            vec![
                Span::raw(format!("{year}-{number:02}")),
                Span::raw(money(month.list, currency)),
                Span::styled(money(month.net, currency), context.theme.strong()),
                billed(month.billed, currency, context),
                Span::styled(month.days.to_string(), context.theme.dim()),
            ]
        })
        .collect();
    table::lines(&COLUMNS, rows, context.width, context.theme.dim())
}

fn billed(amount: Option<Decimal>, currency: &str, context: &Context) -> Span<'static> {
    match amount {
        Some(amount) => Span::raw(money(amount, currency)),
        None => Span::styled("no price", context.theme.dim()),
    }
}
