//! The margin envelope: where the contract stands between floor, target and ceiling.

use super::{
    parts::{Context, Lines, facts, float, heading},
    table::{self, Column},
    text,
    theme::Theme,
};
use crate::{
    format::{money, number, percent, points, unit_price},
    model::{Envelope, Negotiation, StreamSide},
};
use ratatui::{
    style::Style,
    text::{Line, Span},
};
use rust_decimal::Decimal;

/// Margin, band, the three margins with what they need, and the totals. Without head when low.
pub fn summary(negotiation: &Negotiation, context: &Context, low: bool) -> Lines {
    let envelope = &negotiation.envelope;
    let mut lines = vec![margin(envelope, context), band(envelope, context)];
    let mut levels = levels(envelope, context);
    if low {
        levels.remove(0);
    } else {
        lines.push(Line::default());
    }
    lines.extend(levels);
    if !low {
        lines.push(Line::default());
    }
    lines.extend(totals(envelope, context, low));
    lines
}

fn margin(envelope: &Envelope, context: &Context) -> Line<'static> {
    let (value, verdict, style) = verdict(envelope, context.theme);
    Line::from(vec![
        Span::styled("Margin ", context.theme.dim()),
        Span::styled(value, context.theme.strong()),
        Span::raw("  "),
        Span::styled(verdict, style),
    ])
}

/// The margin, where it is in words, and its style.
pub fn verdict(envelope: &Envelope, theme: Theme) -> (String, String, Style) {
    let Some(current) = envelope.current_margin else {
        return (
            "n/a".into(),
            "no revenue, so no margin".into(),
            theme.warn(),
        );
    };
    let by = |limit: Decimal| points((current - limit).abs());
    let (text, style) = if current < envelope.floor_margin {
        (
            format!("▼ {} below floor", by(envelope.floor_margin)),
            theme.bad(),
        )
    } else if current < envelope.target_margin {
        (
            format!("● {} under target", by(envelope.target_margin)),
            theme.warn(),
        )
    } else if current == envelope.target_margin {
        ("● at target".into(), theme.good())
    } else if current <= envelope.ceiling_margin {
        (
            format!("● {} above target", by(envelope.target_margin)),
            theme.good(),
        )
    } else {
        (
            format!("▲ {} above ceiling", by(envelope.ceiling_margin)),
            theme.good(),
        )
    };
    (percent(current), text, style)
}

/// `───F════T════C──●──`: floor, target, ceiling and where we are.
fn band(envelope: &Envelope, context: &Context) -> Line<'static> {
    let cells = context.width.max(4);
    let marks = [
        envelope.floor_margin,
        envelope.target_margin,
        envelope.ceiling_margin,
    ];
    let current = envelope.current_margin;
    let all = || marks.iter().copied().chain(current).map(float);
    let (low, high) = (
        all().fold(f64::MAX, f64::min),
        all().fold(f64::MIN, f64::max),
    );
    let pad = ((high - low) * 0.12).max(0.005);
    let (low, high) = (low - pad, high + pad);
    let place = |value| {
        let share = (float(value) - low) / (high - low);
        (share * (cells - 1) as f64).round() as usize
    };
    let [floor, target, ceiling] = marks.map(place);
    let here = current.map(place);
    let (_, _, style) = verdict(envelope, context.theme);
    let spans = (0..cells).map(|cell| {
        if Some(cell) == here {
            Span::styled("●", style.patch(context.theme.strong()))
        } else if cell == target {
            Span::styled("T", context.theme.strong())
        } else if cell == floor {
            Span::styled("F", context.theme.strong())
        } else if cell == ceiling {
            Span::styled("C", context.theme.strong())
        } else if (floor..ceiling).contains(&cell) {
            Span::styled("═", context.theme.good())
        } else {
            Span::styled("─", context.theme.dim())
        }
    });
    Line::from_iter(spans)
}

fn levels(envelope: &Envelope, context: &Context) -> Lines {
    const COLUMNS: [Column; 4] = [
        Column::text("", 0),
        Column::number("Margin", 0),
        Column::number("Revenue needed", 0),
        Column::number("Discount", 1),
    ];
    let theme = context.theme;
    let row = |name: &'static str, margin, revenue, discount: Option<_>| {
        vec![
            Span::styled(name, theme.dim()),
            Span::raw(percent(margin)),
            Span::styled(money(revenue, &envelope.currency), theme.strong()),
            Span::raw(discount.map_or("n/a".into(), percent)),
        ]
    };
    let rows = vec![
        row(
            "C ceiling",
            envelope.ceiling_margin,
            envelope.ceiling_revenue,
            envelope.discount_at_ceiling_margin,
        ),
        row(
            "T target",
            envelope.target_margin,
            envelope.target_revenue,
            envelope.discount_at_target_margin,
        ),
        row(
            "F floor",
            envelope.floor_margin,
            envelope.floor_revenue,
            envelope.discount_at_floor_margin,
        ),
    ];
    table::lines(&COLUMNS, rows, context.width, theme.dim())
}

fn totals(envelope: &Envelope, context: &Context, low: bool) -> Lines {
    let amount = |value| Span::styled(money(value, &envelope.currency), context.theme.strong());
    let mut pairs = vec![
        ("Revenue", amount(envelope.revenue)),
        ("Expense", amount(envelope.expense)),
    ];
    if !low {
        pairs.push(("List", amount(envelope.list_revenue)));
    }
    let mut lines = facts(pairs, context);
    if low {
        // The envelope's own screen has them all.
        lines.truncate(1);
    }
    lines
}

/// Warnings of the computation, one paragraph each.
pub fn warnings(envelope: &Envelope, context: &Context) -> Lines {
    envelope
        .warnings
        .iter()
        .flat_map(|notice| {
            let text = format!("{}: {}", notice.code, notice.message);
            text::hanging("! ", &text, context.width, context.theme.warn())
        })
        .collect()
}

pub fn streams(negotiation: &Negotiation, context: &Context) -> Lines {
    const COLUMNS: [Column; 7] = [
        Column::flex("Stream", 0, 22),
        Column::text("Side", 1),
        Column::number("Volume", 3),
        Column::text("Unit", 6),
        Column::number("Unit price", 2),
        Column::number("List price", 5),
        Column::number("Amount", 0),
    ];
    let theme = context.theme;
    let rows = negotiation
        .streams
        .iter()
        .map(|stream| {
            let side = match stream.side {
                StreamSide::Revenue => Span::styled("+ revenue", theme.good()),
                StreamSide::Expense => Span::styled("- expense", theme.warn()),
                StreamSide::Other(_) => Span::raw(stream.side.word()),
            };
            vec![
                Span::raw(stream.name.clone()),
                side,
                Span::raw(number(stream.volume)),
                Span::styled(stream.unit.clone(), theme.dim()),
                Span::raw(unit_price(stream.unit_price)),
                Span::styled(unit_price(stream.list_unit_price), theme.dim()),
                Span::styled(money(stream.amount, &negotiation.currency), theme.strong()),
            ]
        })
        .collect();
    table::lines(&COLUMNS, rows, context.width, theme.dim())
}

/// "Why is this number so?": every step with its formula and value.
pub fn why(envelope: &Envelope, context: &Context) -> Lines {
    let theme = context.theme;
    let mut lines = Lines::new();
    for step in &envelope.trace {
        let mut head = heading(step.label.clone(), theme);
        head.push_span(Span::raw(" = "));
        head.push_span(Span::styled(step.value.clone(), theme.good()));
        lines.push(head);
        lines.extend(text::hanging(
            "  ",
            &step.formula,
            context.width,
            theme.dim(),
        ));
    }
    if lines.is_empty() {
        lines.push(Line::styled("The gateway sent no steps.", theme.dim()));
    }
    lines
}
