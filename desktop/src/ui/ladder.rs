//! The portfolio ladder: "you are here", the trailing-90 spend, and the dates that cost money.

use super::{
    parts::{Context, Lines, bar, facts, float},
    table::{self, Column},
    text,
};
use crate::{
    format::{count, money, percent, plural},
    model::{LadderTier, MilestoneStatus, Negotiation, TrailingSpend},
};
use ratatui::text::{Line, Span};
use rust_decimal::Decimal;

/// Trailing spend, the way to the next tier, and as many tiers as `height` allows.
pub fn summary(negotiation: &Negotiation, context: &Context, height: usize) -> Lines {
    let trailing = &negotiation.trailing;
    let mut lines = amount(negotiation, context);
    lines.extend(next(trailing, &negotiation.currency, context));
    lines.extend(missing(trailing, context, 1));
    let room = height.saturating_sub(lines.len());
    let tiers = tiers(negotiation, context);
    if room > tiers.len() {
        lines.push(Line::default());
    }
    if room >= 2 {
        let here = tiers
            .iter()
            .position(|line| line.to_string().starts_with('▶'))
            .unwrap_or(0);
        let visible = room.min(tiers.len());
        let first = here.saturating_sub(visible / 2).min(tiers.len() - visible);
        lines.extend(tiers.into_iter().skip(first).take(visible));
    }
    lines
}

/// Everything, for the ladder's own screen and the report.
pub fn full(negotiation: &Negotiation, context: &Context) -> Lines {
    let mut lines = tiers(negotiation, context);
    lines.push(Line::default());
    lines.extend(amount(negotiation, context));
    lines.extend(next(&negotiation.trailing, &negotiation.currency, context));
    lines.extend(missing(&negotiation.trailing, context, 12));
    lines
}

fn amount(negotiation: &Negotiation, context: &Context) -> Lines {
    let trailing = &negotiation.trailing;
    let theme = context.theme;
    let amount = money(trailing.amount, &negotiation.currency);
    let basis = trailing.basis.word();
    let text = if context.width >= 40 {
        format!("{amount} {} on {basis}", negotiation.currency)
    } else {
        format!("{amount} {basis}")
    };
    let mut pairs = vec![("Trailing-90", Span::styled(text, theme.strong()))];
    if context.width >= 60 {
        pairs.push((
            "days",
            Span::raw(format!("{} to {}", trailing.from, trailing.to)),
        ));
    }
    facts(pairs, context)
}

/// How far it is to the next tier, in money and as a bar.
fn next(trailing: &TrailingSpend, currency: &str, context: &Context) -> Lines {
    let theme = context.theme;
    let (Some(tier), Some(missing)) = (&trailing.next_tier, trailing.to_next_tier) else {
        let text = match &trailing.tier {
            Some(tier) => format!("Top tier {}: {} off", tier.name, percent(tier.discount)),
            None => "No tier is in reach".into(),
        };
        return vec![Line::styled(text, theme.good())];
    };
    let start = trailing
        .tier
        .as_ref()
        .map_or(Decimal::ZERO, |tier| tier.threshold);
    let whole = tier.threshold - start;
    let share = if whole > Decimal::ZERO {
        float(trailing.amount - start) / float(whole)
    } else {
        0.0
    };
    let mut spans = bar(share, context.width.min(60), theme.good(), theme);
    spans.truncate(2);
    vec![
        Line::from(spans),
        Line::from(vec![
            Span::styled(money(missing, currency), theme.strong()),
            Span::raw(format!(" to {} ({})", tier.name, percent(tier.discount))),
        ]),
    ]
}

fn missing(trailing: &TrailingSpend, context: &Context, shown: usize) -> Lines {
    let days = &trailing.missing_days;
    if days.is_empty() {
        return Vec::new();
    }
    let mut listed: Vec<String> = days.iter().take(shown).map(ToString::to_string).collect();
    if days.len() > shown {
        listed.push(format!("and {} more", days.len() - shown));
    }
    let noun = plural(days.len().try_into().unwrap_or(i64::MAX), "day");
    let text = format!(
        "{noun} without usage, not counted as zero: {}",
        listed.join(", ")
    );
    if shown == 1 {
        let text = format!("{noun} missing: {}", listed.join(", "));
        return vec![Line::styled(
            text::cut(&format!("! {text}"), context.width),
            context.theme.warn(),
        )];
    }
    text::hanging("! ", &text, context.width, context.theme.warn())
}

fn tiers(negotiation: &Negotiation, context: &Context) -> Lines {
    let theme = context.theme;
    let Some(ladder) = &negotiation.ladder else {
        return vec![Line::styled("No ladder is in force.", theme.dim())];
    };
    const COLUMNS: [Column; 5] = [
        Column::text("", 0),
        Column::flex("Tier", 0, 6),
        Column::number("From", 0),
        Column::number("Discount", 0),
        Column::text("", 1),
    ];
    let same = |tier: &LadderTier, other: &Option<LadderTier>| other.as_ref() == Some(tier);
    let rows = ladder
        .tiers
        .iter()
        .map(|tier| {
            let (mark, note, style) = if same(tier, &negotiation.trailing.tier) {
                ("▶", "you are here", theme.good().patch(theme.strong()))
            } else if same(tier, &negotiation.trailing.next_tier) {
                (" ", "next", theme.text())
            } else {
                (" ", "", theme.text())
            };
            vec![
                Span::styled(mark, style),
                Span::styled(tier.name.clone(), style),
                Span::styled(money(tier.threshold, &negotiation.currency), style),
                Span::styled(percent(tier.discount), style),
                Span::styled(note, style),
            ]
        })
        .collect();
    table::lines(&COLUMNS, rows, context.width, theme.dim())
}

/// How the ladder is read: "CLIFF on LIST over 90 days".
pub fn terms(negotiation: &Negotiation) -> String {
    negotiation
        .ladder
        .as_ref()
        .map_or_else(String::new, |ladder| {
            format!(
                "{} on {}, {} days",
                ladder.application.word(),
                ladder.basis.word(),
                count(ladder.window_days)
            )
        })
}

/// Contract dates and approvals.
pub fn dates(negotiation: &Negotiation, context: &Context) -> Lines {
    let theme = context.theme;
    let mut lines = Lines::new();
    let today = context.now.date_naive();
    if let Some(dates) = &negotiation.dates {
        let notice = dates.last_notice_day;
        let left = (notice - today).num_days();
        let (text, style) = if left < 0 {
            (
                format!("{notice} (passed {} ago)", plural(-left, "day")),
                theme.bad(),
            )
        } else if left <= 90 {
            (
                format!("{notice} (in {})", plural(left, "day")),
                theme.warn(),
            )
        } else {
            (
                format!("{notice} (in {})", plural(left, "day")),
                theme.text(),
            )
        };
        let renewal = if dates.auto_renews {
            "renews by itself"
        } else {
            "ends"
        };
        lines.extend(facts(
            vec![
                (
                    "Term",
                    Span::raw(format!("{} to {}", dates.start, dates.end)),
                ),
                ("", Span::raw(renewal)),
                ("last notice day", Span::styled(text, style)),
            ],
            context,
        ));
        lines.push(Line::default());
    }
    const COLUMNS: [Column; 5] = [
        Column::text("", 0),
        Column::flex("Approval", 0, 16),
        Column::text("By", 2),
        Column::text("Due", 0),
        Column::text("State", 0),
    ];
    let rows = negotiation
        .milestones
        .iter()
        .map(|milestone| {
            let (mark, state, style) = match (&milestone.status, milestone.late) {
                (MilestoneStatus::Approved, _) => ("✓", "approved".into(), theme.good()),
                (MilestoneStatus::Rejected, _) => ("✗", "rejected".into(), theme.bad()),
                (status, true) => ("!", format!("{}, late", status.word()), theme.bad()),
                (status, false) => ("·", status.word(), theme.text()),
            };
            vec![
                Span::styled(mark, style),
                Span::raw(milestone.name.clone()),
                Span::styled(milestone.owner_role.clone(), theme.dim()),
                Span::raw(milestone.due_on.to_string()),
                Span::styled(state, style),
            ]
        })
        .collect::<Vec<_>>();
    if rows.is_empty() {
        lines.push(Line::styled("No approvals are listed.", theme.dim()));
    } else {
        lines.extend(table::lines(&COLUMNS, rows, context.width, theme.dim()));
    }
    lines
}
