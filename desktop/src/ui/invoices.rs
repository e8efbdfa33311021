//! Invoices: totals for each currency, the list, and what re-rating found.

use super::{
    parts::{Context, Lines, facts, heading},
    table::{self, Column},
    text,
    theme::Theme,
};
use crate::{
    format::{count, exact_money, money, number, plural, signed, unit_price},
    model::{Invoice, InvoiceList, InvoiceStatus},
};
use ratatui::text::{Line, Span};
use rust_decimal::Decimal;

/// One line per currency: amounts in different currencies are never added.
pub fn totals(list: &InvoiceList, context: &Context) -> Lines {
    let theme = context.theme;
    if list.totals.is_empty() {
        return vec![Line::styled("No invoices yet.", theme.dim())];
    }
    list.totals
        .iter()
        .flat_map(|totals| {
            let amount = |value| Span::styled(money(value, &totals.currency), theme.strong());
            let disputed = Span::styled(
                money(totals.disputed, &totals.currency),
                if totals.disputed.is_zero() {
                    theme.text()
                } else {
                    theme.warn()
                },
            );
            facts(
                vec![
                    (
                        "",
                        Span::raw(format!("{} in {}", count(totals.count), totals.currency)),
                    ),
                    ("total", amount(totals.amount)),
                    ("outstanding", amount(totals.outstanding)),
                    ("disputed", disputed),
                ],
                context,
            )
        })
        .collect()
}

fn status(status: &InvoiceStatus, theme: Theme) -> Span<'static> {
    let (mark, style) = match status {
        InvoiceStatus::Paid => ("✓", theme.good()),
        InvoiceStatus::Credited => ("✓", theme.text()),
        InvoiceStatus::Disputed => ("!", theme.bad()),
        InvoiceStatus::Open => ("○", theme.warn()),
        InvoiceStatus::Draft | InvoiceStatus::Other(_) => ("·", theme.dim()),
    };
    Span::styled(format!("{mark} {}", status.word()), style)
}

/// What re-rating says was billed too much (positive) or too little, where it can be priced.
fn delta(invoice: &Invoice) -> Option<Decimal> {
    invoice
        .findings
        .iter()
        .filter_map(|finding| finding.delta)
        .reduce(|sum, delta| sum + delta)
}

pub fn list(invoices: &[&Invoice], context: &Context) -> Lines {
    const COLUMNS: [Column; 8] = [
        Column::text("Number", 0),
        Column::text("Period", 3),
        Column::text("Issued", 5),
        Column::number("Amount", 0),
        Column::text("", 1),
        Column::text("State", 0),
        Column::number("Findings", 2),
        Column::number("Disputed", 4),
    ];
    let theme = context.theme;
    let rows = invoices
        .iter()
        .map(|invoice| {
            let found = match (invoice.findings.len(), delta(invoice)) {
                (0, _) => Span::styled("none", theme.dim()),
                (found, Some(delta)) => Span::styled(
                    format!(
                        "{found}: {}",
                        signed(delta, money(delta, &invoice.currency))
                    ),
                    theme.warn(),
                ),
                (found, None) => Span::styled(found.to_string(), theme.warn()),
            };
            let disputed = invoice
                .disputed_amount
                .map_or_else(String::new, |amount| money(amount, &invoice.currency));
            vec![
                Span::raw(invoice.number.clone()),
                Span::raw(format!(
                    "{} to {}",
                    invoice.period_start, invoice.period_end
                )),
                Span::styled(
                    invoice.issued_on.map_or("".into(), |day| day.to_string()),
                    theme.dim(),
                ),
                Span::styled(money(invoice.amount, &invoice.currency), theme.strong()),
                Span::styled(invoice.currency.clone(), theme.dim()),
                status(&invoice.status, theme),
                found,
                Span::styled(disputed, theme.warn()),
            ]
        })
        .collect();
    table::lines(&COLUMNS, rows, context.width, theme.dim())
}

pub fn detail(invoice: &Invoice, context: &Context) -> Lines {
    let theme = context.theme;
    let currency = &invoice.currency;
    let mut pairs = vec![
        (
            "Period",
            Span::raw(format!(
                "{} to {}",
                invoice.period_start, invoice.period_end
            )),
        ),
        (
            "amount",
            Span::styled(exact_money(invoice.amount, currency), theme.strong()),
        ),
        ("source", Span::raw(invoice.provenance.word())),
    ];
    if let Some(day) = invoice.issued_on {
        pairs.push(("issued", Span::raw(day.to_string())));
    }
    if let Some(amount) = invoice.disputed_amount {
        pairs.push((
            "disputed",
            Span::styled(exact_money(amount, currency), theme.warn()),
        ));
    }
    let mut lines = facts(pairs, context);
    if let Some(reason) = &invoice.dispute_reason {
        lines.extend(text::hanging(
            "Reason ",
            reason,
            context.width,
            theme.warn(),
        ));
    }
    for finding in &invoice.findings {
        let mut figures = vec![format!("billed {}", exact_money(finding.billed, currency))];
        if let Some(expected) = finding.expected {
            figures.push(format!("expected {}", exact_money(expected, currency)));
        }
        if let Some(delta) = finding.delta {
            figures.push(format!(
                "difference {}",
                signed(delta, exact_money(delta, currency))
            ));
        }
        let line = finding
            .line
            .map_or_else(String::new, |line| format!(" line {line}"));
        let text = format!(
            "{}{line}: {}. {}",
            finding.code,
            figures.join(", "),
            finding.message
        );
        lines.extend(text::hanging("! ", &text, context.width, theme.warn()));
    }
    if invoice.lines.is_empty() {
        lines.push(Line::styled(
            "No lines came with this invoice.",
            theme.dim(),
        ));
        return lines;
    }
    lines.push(heading(
        plural(invoice.lines.len().try_into().unwrap_or(i64::MAX), "line"),
        theme,
    ));
    const COLUMNS: [Column; 5] = [
        Column::number("#", 3),
        Column::flex("Description", 0, 12),
        Column::number("Quantity", 2),
        Column::number("Unit price", 2),
        Column::number("Amount", 0),
    ];
    let rows = invoice
        .lines
        .iter()
        .map(|line| {
            let name = match &line.sku {
                Some(sku) if *sku != line.description => format!("{sku} {}", line.description),
                _ => line.description.clone(),
            };
            vec![
                Span::styled(line.number.to_string(), theme.dim()),
                Span::raw(name),
                Span::raw(line.quantity.map_or_else(String::new, number)),
                Span::raw(line.unit_price.map_or_else(String::new, unit_price)),
                Span::styled(money(line.amount, currency), theme.strong()),
            ]
        })
        .collect();
    lines.extend(table::lines(&COLUMNS, rows, context.width, theme.dim()));
    lines
}
