//! Which rows a list shows after its filter, what is copied, and what is news.

use crate::{
    app::{Screen, State},
    format::{exact_money, instant, money, percent, plural, points, signed},
    model::{DailySpend, Invoice, Negotiation, Notification, Offer, OfferList},
    report,
};
use chrono::Datelike;
use rust_decimal::Decimal;

/// Screens with rows that can be selected and filtered.
pub fn is_list(screen: Screen) -> bool {
    matches!(
        screen,
        Screen::Offers | Screen::Spend | Screen::Invoices | Screen::Notifications
    )
}

/// Every word of the filter is somewhere in the row.
fn matches(filter: &str, fields: &[&str]) -> bool {
    let haystack = fields.join(" ").to_lowercase();
    filter
        .to_lowercase()
        .split_whitespace()
        .all(|word| haystack.contains(word))
}

fn filter(state: &State, screen: Screen) -> &str {
    state.filters.get(&screen).map_or("", String::as_str)
}

pub fn offers(state: &State) -> Vec<&Offer> {
    let filter = filter(state, Screen::Offers);
    let offers = state
        .picture()
        .offers()
        .map_or(&[][..], |list| &list.offers);
    let round = |offer: &Offer| format!("round {}", offer.round);
    offers
        .iter()
        .filter(|offer| {
            matches(
                filter,
                &[
                    &offer.title,
                    &offer.status.word(),
                    &offer.from.word(),
                    &offer.evaluation.verdict.word(),
                    &round(offer),
                ],
            )
        })
        .collect()
}

/// Newest day first.
pub fn days(state: &State) -> Vec<&DailySpend> {
    let filter = filter(state, Screen::Spend);
    let days = state
        .picture()
        .negotiation()
        .map_or(&[][..], |n| &n.daily_spend);
    days.iter()
        .rev()
        .filter(|day| matches(filter, &[&day.date.to_string()]))
        .collect()
}

pub fn invoices(state: &State) -> Vec<&Invoice> {
    let filter = filter(state, Screen::Invoices);
    let invoices = state
        .picture()
        .invoices
        .as_ref()
        .map_or(&[][..], |list| &list.value.invoices);
    invoices
        .iter()
        .filter(|invoice| {
            let codes: Vec<&str> = invoice.findings.iter().map(|f| f.code.as_str()).collect();
            matches(
                filter,
                &[
                    &invoice.number,
                    &invoice.status.word(),
                    &invoice.currency,
                    &invoice.period_end.to_string(),
                    &codes.join(" "),
                ],
            )
        })
        .collect()
}

pub fn notifications(state: &State) -> Vec<&Notification> {
    let filter = filter(state, Screen::Notifications);
    let notifications = state
        .picture()
        .notifications
        .as_ref()
        .map_or(&[][..], |list| &list.value.notifications);
    notifications
        .iter()
        .filter(|notification| {
            matches(
                filter,
                &[
                    &notification.to,
                    &notification.body,
                    &notification.status.word(),
                    &notification.channel.word(),
                ],
            )
        })
        .collect()
}

/// What the rows of a list are known by, whatever comes above them.
pub fn ids(state: &State, screen: Screen) -> Vec<String> {
    let ids: Vec<&String> = match screen {
        Screen::Offers => offers(state).into_iter().map(|offer| &offer.id).collect(),
        Screen::Spend => return days(state).iter().map(|day| day.date.to_string()).collect(),
        Screen::Invoices => invoices(state)
            .into_iter()
            .map(|invoice| &invoice.id)
            .collect(),
        Screen::Notifications => notifications(state)
            .into_iter()
            .map(|row| &row.id)
            .collect(),
        Screen::Overview | Screen::Envelope | Screen::Ladder | Screen::Health => Vec::new(),
    };
    ids.into_iter().cloned().collect()
}

/// How many rows the current screen can select.
pub fn count(state: &State) -> usize {
    match state.screen {
        Screen::Offers => offers(state).len(),
        Screen::Spend => days(state).len(),
        Screen::Invoices => invoices(state).len(),
        Screen::Notifications => notifications(state).len(),
        Screen::Overview | Screen::Envelope | Screen::Ladder | Screen::Health => 0,
    }
}

/// What `y` puts on the clipboard: the selected row, or the section as text.
pub fn copy(state: &State) -> String {
    let at = state.selected(state.screen);
    let currency = state
        .picture()
        .negotiation()
        .map_or("USD", |n| n.currency.as_str());
    let row = match state.screen {
        Screen::Offers => offers(state).get(at).map(|offer| {
            let currency = state
                .picture()
                .offers()
                .map_or(currency, |list| &list.currency);
            let evaluation = &offer.evaluation;
            let discount = evaluation.effective_discount.map_or("n/a".into(), percent);
            format!(
                "{} (round {}, {}): cash {} {currency}, effective discount {discount}, \
                 P(shortfall) {}, verdict {}",
                offer.title,
                offer.round,
                offer.status.word(),
                exact_money(evaluation.cash, currency),
                percent(evaluation.shortfall_probability),
                evaluation.verdict.word(),
            )
        }),
        Screen::Spend => days(state).get(at).map(|day| {
            format!(
                "{}: list {}, net {} {currency}",
                day.date,
                exact_money(day.list, currency),
                exact_money(day.net, currency)
            )
        }),
        Screen::Invoices => invoices(state).get(at).map(|invoice| {
            format!(
                "{}: {} to {}, {} {}, {}",
                invoice.number,
                invoice.period_start,
                invoice.period_end,
                exact_money(invoice.amount, &invoice.currency),
                invoice.currency,
                invoice.status.word(),
            )
        }),
        Screen::Notifications => notifications(state).get(at).map(|notification| {
            format!(
                "{} {} to {}, queued {}: {}",
                notification.channel.word(),
                notification.status.word(),
                notification.to,
                instant(notification.queued_at),
                notification.body,
            )
        }),
        Screen::Overview | Screen::Envelope | Screen::Ladder | Screen::Health => {
            Some(report::section_text(state, state.screen))
        }
    };
    row.unwrap_or_default()
}

/// What changed between two pictures of the negotiation, if it is worth a line.
pub fn news(before: &Negotiation, after: &Negotiation) -> Option<String> {
    if before.id != after.id {
        return Some(format!("Now showing {}", after.name));
    }
    let mut parts = Vec::new();
    match (
        before.envelope.current_margin,
        after.envelope.current_margin,
    ) {
        (Some(old), Some(new)) if old != new => parts.push(format!(
            "margin {} ({})",
            percent(new),
            signed(new - old, points(new - old))
        )),
        _ => {}
    }
    if before.envelope.target_margin != after.envelope.target_margin {
        parts.push(format!("target {}", percent(after.envelope.target_margin)));
    }
    if before.trailing.amount != after.trailing.amount {
        parts.push(format!(
            "trailing-90 {}",
            money(after.trailing.amount, &after.currency)
        ));
    }
    let tier = |n: &Negotiation| n.trailing.tier.as_ref().map(|tier| tier.name.clone());
    if tier(before) != tier(after) {
        parts.push(format!("tier {}", tier(after).unwrap_or("none".into())));
    }
    if before.status != after.status {
        parts.push(format!("status {}", after.status.word()));
    }
    (!parts.is_empty()).then(|| format!("Updated: {}", parts.join(", ")))
}

/// What changed between two lists of offers, if it is worth a line.
pub fn offer_news(before: &OfferList, after: &OfferList) -> Option<String> {
    (before.id == after.id && before.offers.len() != after.offers.len()).then(|| {
        let count = i64::try_from(after.offers.len()).unwrap_or(i64::MAX);
        format!("Updated: {}", plural(count, "offer"))
    })
}

/// Sums by calendar month, newest first: (year, month, list, net, billed, days).
pub fn months(days: &[DailySpend]) -> Vec<Month> {
    let mut months: Vec<Month> = Vec::new();
    for day in days {
        let key = (day.date.year(), day.date.month());
        if months.first().is_none_or(|month| month.key != key) {
            months.insert(
                0,
                Month {
                    key,
                    list: Decimal::ZERO,
                    net: Decimal::ZERO,
                    billed: Some(Decimal::ZERO),
                    days: 0,
                },
            );
        }
        if let Some(month) = months.first_mut() {
            month.list += day.list;
            month.net += day.net;
            // One day without a price: the sum would be wrong, so there is none.
            month.billed = month
                .billed
                .zip(day.billed)
                .map(|(sum, billed)| sum + billed);
            month.days += 1;
        }
    }
    months
}

pub struct Month {
    pub key: (i32, u32),
    pub list: Decimal,
    pub net: Decimal,
    pub billed: Option<Decimal>,
    pub days: u32,
}
