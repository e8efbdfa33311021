//! The notification queue: what waits, what went out, what failed and why.

use super::{
    parts::{Context, Lines, facts},
    table::{self, Column},
    text,
    theme::Theme,
};
use crate::{
    format::{age, instant, plural},
    model::{Health, Notification, NotificationList, NotificationStatus},
};
use chrono::TimeDelta;
use ratatui::text::{Line, Span};

fn status(status: &NotificationStatus, theme: Theme) -> Span<'static> {
    let (mark, style) = match status {
        NotificationStatus::Queued => ("○", theme.warn()),
        NotificationStatus::Sending => ("◐", theme.warn()),
        NotificationStatus::Sent => ("→", theme.good()),
        NotificationStatus::Delivered => ("✓", theme.good()),
        NotificationStatus::Failed => ("✗", theme.bad()),
        NotificationStatus::Unconfirmed => ("!", theme.bad()),
        NotificationStatus::Cancelled | NotificationStatus::Other(_) => ("·", theme.dim()),
    };
    Span::styled(format!("{mark} {}", status.word()), style)
}

/// How many wait and for how long, and how many are in each state.
pub fn summary(
    list: Option<&NotificationList>,
    health: Option<&Health>,
    context: &Context,
) -> Lines {
    let theme = context.theme;
    let mut pairs = Vec::new();
    if let Some(health) = health {
        let style = if health.queue_depth == 0 {
            theme.good()
        } else {
            theme.warn()
        };
        pairs.push((
            "In queue",
            Span::styled(health.queue_depth.to_string(), style),
        ));
        if let Some(seconds) = health.oldest_queued_seconds {
            let wait = crate::format::span(TimeDelta::try_seconds(seconds).unwrap_or_default());
            pairs.push(("oldest", Span::styled(wait, style)));
        }
    }
    let Some(list) = list else {
        return facts(pairs, context);
    };
    let mut counts: Vec<(&NotificationStatus, i64)> = Vec::new();
    for notification in &list.notifications {
        match counts
            .iter_mut()
            .find(|(status, _)| *status == &notification.status)
        {
            Some((_, count)) => *count += 1,
            None => counts.push((&notification.status, 1)),
        }
    }
    for (state, count) in counts {
        let mut span = status(state, theme);
        span.content = format!("{} {count}", span.content).into();
        pairs.push(("", span));
    }
    if list.total_count == 0 {
        pairs.push(("", Span::styled("nothing was ever sent", theme.dim())));
    }
    facts(pairs, context)
}

pub fn list(notifications: &[&Notification], context: &Context) -> Lines {
    const COLUMNS: [Column; 6] = [
        Column::number("Queued", 3),
        Column::text("Channel", 4),
        Column::text("To", 1),
        Column::text("State", 0),
        Column::number("Tries", 2),
        Column::flex("Message", 0, 16),
    ];
    let theme = context.theme;
    let rows = notifications
        .iter()
        .map(|notification| {
            vec![
                Span::styled(
                    format!("{} ago", age(notification.queued_at, context.now)),
                    theme.dim(),
                ),
                Span::styled(notification.channel.word(), theme.dim()),
                Span::raw(notification.to.clone()),
                status(&notification.status, theme),
                Span::raw(notification.attempts.to_string()),
                Span::raw(notification.body.clone()),
            ]
        })
        .collect();
    table::lines(&COLUMNS, rows, context.width, theme.dim())
}

pub fn detail(notification: &Notification, context: &Context) -> Lines {
    let theme = context.theme;
    let mut lines = facts(
        vec![
            ("To", Span::styled(notification.to.clone(), theme.strong())),
            ("", status(&notification.status, theme)),
            ("after", Span::raw(plural(notification.attempts, "attempt"))),
            ("queued", Span::raw(instant(notification.queued_at))),
            ("changed", Span::raw(instant(notification.updated_at))),
        ],
        context,
    );
    if let Some(error) = &notification.error {
        let text = format!("{}: {}", error.code, error.message);
        lines.extend(text::hanging("! ", &text, context.width, theme.bad()));
    }
    lines.push(Line::default());
    lines.extend(text::hanging(
        "",
        &notification.body,
        context.width,
        theme.text(),
    ));
    lines
}
