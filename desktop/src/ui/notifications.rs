//! The notification queue: what waits, what went out, what failed and why.

use super::{
    parts::{Context, Lines, facts, heading},
    table::{self, Column},
    text,
    theme::Theme,
};
use crate::{
    format::{age, count, exact_money, instant, money, plural, span},
    model::{
        CircuitState, FiringList, FiringOutcome, Health, Notice, Notification, NotificationAttempt,
        NotificationList, NotificationPriority, NotificationQueue, NotificationStatus,
    },
};
use chrono::TimeDelta;
use ratatui::{
    style::Style,
    text::{Line, Span},
};
use std::cmp::Reverse;

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

/// A panel narrower than this says only that sending is stopped; its own screen says why.
const BRIEF: usize = 44;

/// How sending stands: what stops it first, then how many wait, failed or need a person.
pub fn summary(
    queue: Option<&NotificationQueue>,
    list: Option<&NotificationList>,
    health: Option<&Health>,
    context: &Context,
) -> Lines {
    match (queue, health) {
        (Some(queue), _) => {
            let mut lines = stopped(queue, context);
            lines.extend(facts(counted(queue, list, context), context));
            lines
        }
        (None, Some(health)) => facts(depth(health, context.theme), context),
        (None, None) => facts(states(list, &[], context.theme), context),
    }
}

/// Why nothing is sent, where that is so.
fn stopped(queue: &NotificationQueue, context: &Context) -> Lines {
    let theme = context.theme;
    let mut lines = Lines::new();
    let mut say = |text: String, style| {
        lines.extend(text::hanging("! ", &text, context.width, style));
    };
    if let Some(pause) = &queue.pause
        && context.width < BRIEF
    {
        say(format!("PAUSED by {}", pause.by), theme.bad());
    } else if let Some(pause) = &queue.pause {
        let text = format!(
            "PAUSED by {} {} ago: {}. Nothing is sent until it is resumed.",
            pause.by,
            age(pause.since, context.now),
            pause.reason.trim_end_matches('.'),
        );
        say(text, theme.bad());
    }
    if !queue.ready {
        say("Sending is not set up: messages wait.".into(), theme.warn());
    } else if queue.circuit != CircuitState::Closed {
        let again = queue.probe_in.map_or_else(String::new, |seconds| {
            let wait = TimeDelta::try_seconds(seconds).unwrap_or_default();
            format!("; tried again in {}", span(wait))
        });
        say(
            format!("The provider does not answer{again}."),
            theme.warn(),
        );
    }
    lines
}

type Pairs = Vec<(&'static str, Span<'static>)>;

fn counted(queue: &NotificationQueue, list: Option<&NotificationList>, context: &Context) -> Pairs {
    let theme = context.theme;
    let marked = |state: NotificationStatus, number: i64| {
        let mut span = status(&state, theme);
        span.content = format!("{} {}", span.content, count(number)).into();
        ("", span)
    };
    let mut pairs = vec![(
        "Waiting",
        Span::styled(count(queue.waiting), quiet(queue.waiting == 0, theme)),
    )];
    if let Some(at) = queue.oldest_at {
        pairs.push(("oldest", Span::styled(age(at, context.now), theme.warn())));
    }
    if queue.scheduled > 0 {
        pairs.push(("for later", Span::raw(count(queue.scheduled))));
    }
    if queue.failed > 0 {
        pairs.push(marked(NotificationStatus::Failed, queue.failed));
    }
    if queue.unconfirmed > 0 {
        pairs.push(marked(NotificationStatus::Unconfirmed, queue.unconfirmed));
    }
    // These two are counted by the gateway over all messages, the others here over the newest.
    let told = [
        NotificationStatus::Queued,
        NotificationStatus::Failed,
        NotificationStatus::Unconfirmed,
    ];
    pairs.extend(states(list, &told, theme));
    pairs.push((
        "24 h:",
        Span::raw(format!(
            "{} sent, {} of {} {}",
            count(queue.sent),
            money(queue.spent, &queue.currency),
            money(queue.budget, &queue.currency),
            queue.currency
        )),
    ));
    pairs
}

fn depth(health: &Health, theme: Theme) -> Pairs {
    let style = quiet(health.queue_depth == 0, theme);
    let mut pairs = vec![(
        "In queue",
        Span::styled(health.queue_depth.to_string(), style),
    )];
    if let Some(seconds) = health.oldest_queued_seconds {
        let wait = span(TimeDelta::try_seconds(seconds).unwrap_or_default());
        pairs.push(("oldest", Span::styled(wait, style)));
    }
    pairs
}

fn quiet(quiet: bool, theme: Theme) -> Style {
    if quiet { theme.good() } else { theme.warn() }
}

/// How many of the newest are in each state, but for those that are told already.
fn states(list: Option<&NotificationList>, told: &[NotificationStatus], theme: Theme) -> Pairs {
    let Some(list) = list else {
        return Vec::new();
    };
    if list.total_count == 0 {
        return vec![("", Span::styled("nothing was ever sent", theme.dim()))];
    }
    let mut counts: Vec<(&NotificationStatus, i64)> = Vec::new();
    for notification in &list.notifications {
        let state = &notification.status;
        match counts.iter_mut().find(|(known, _)| *known == state) {
            Some((_, count)) => *count += 1,
            None if told.contains(state) => {}
            None => counts.push((state, 1)),
        }
    }
    let span = |(state, number): (&NotificationStatus, i64)| {
        let mut span = status(state, theme);
        span.content = format!("{} {number}", span.content).into();
        ("", span)
    };
    counts.into_iter().map(span).collect()
}

/// The newest that failed or need a person: which, the code, and in the gateway's words what to do.
pub fn failures(list: &NotificationList, most: usize, context: &Context) -> Lines {
    let mut failed: Vec<&Notification> = list
        .notifications
        .iter()
        .filter(|notification| {
            matches!(
                notification.status,
                NotificationStatus::Failed | NotificationStatus::Unconfirmed
            )
        })
        .collect();
    failed.sort_by_key(|notification| Reverse(notification.updated_at));
    failed
        .into_iter()
        .take(most)
        .flat_map(|notification| {
            let shown = status(&notification.status, context.theme);
            let mark: String = shown.content.chars().take(1).collect();
            let why = notification
                .error
                .as_ref()
                .map_or_else(|| "no reason given".into(), worded);
            let text = format!(
                "{} {} ago, {why}",
                notification.to,
                age(notification.updated_at, context.now)
            );
            text::hanging(&format!("{mark} "), &text, context.width, shown.style)
        })
        .collect()
}

/// What rules had to tell, the newest first, and why they could not where they could not.
pub fn firings(list: &FiringList, most: usize, context: &Context) -> Lines {
    let theme = context.theme;
    list.firings
        .iter()
        .take(most)
        .flat_map(|firing| {
            let (mark, style) = match firing.outcome {
                FiringOutcome::HeldBack => ("! ", theme.warn()),
                _ => ("» ", theme.text()),
            };
            let test = if firing.test { " (a test)" } else { "" };
            let why: String = firing
                .held_back
                .iter()
                .map(|notice| format!(" {}", worded(notice)))
                .collect();
            let text = format!(
                "Rule {}{test}, {} ago, {}: {}{why}",
                firing.rule_name,
                age(firing.at, context.now),
                firing.outcome.word(),
                firing.body,
            );
            text::hanging(mark, &text, context.width, style)
        })
        .collect()
}

fn worded(error: &Notice) -> String {
    format!("{}: {}", error.code, error.message)
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
        ]
        .into_iter()
        .chain(terms(notification))
        .collect(),
        context,
    );
    if let Some(error) = &notification.error {
        lines.extend(text::hanging(
            "! ",
            &worded(error),
            context.width,
            theme.bad(),
        ));
    }
    lines.push(Line::default());
    lines.extend(text::hanging(
        "",
        &notification.body,
        context.width,
        theme.text(),
    ));
    if !notification.history.is_empty() {
        lines.push(Line::default());
        lines.push(heading("Tries", theme));
    }
    for line in &notification.history {
        lines.extend(text::hanging(
            &format!("{}  ", line.number),
            &tried(line),
            context.width,
            theme.text(),
        ));
    }
    lines
}

/// When, for how much and how urgently it goes, where that says something.
fn terms(notification: &Notification) -> Pairs {
    let mut pairs = Pairs::new();
    if notification.priority != NotificationPriority::Normal {
        pairs.push(("priority", Span::raw(notification.priority.word())));
    }
    if let Some(at) = notification.due_at {
        pairs.push(("next at", Span::raw(instant(at))));
    }
    if let Some(at) = notification.expires_at {
        pairs.push(("expires", Span::raw(instant(at))));
    }
    if notification.segments > 0 {
        let cost = exact_money(notification.price, &notification.currency);
        pairs.push((
            "costs",
            Span::raw(format!(
                "{cost} {} ({})",
                notification.currency,
                plural(notification.segments, "segment")
            )),
        ));
    }
    pairs
}

fn tried(line: &NotificationAttempt) -> String {
    let looked_up = if line.looked_up { " (looked up)" } else { "" };
    let took = (line.ended_at - line.started_at).num_milliseconds();
    let why = line
        .error
        .as_ref()
        .map_or_else(String::new, |error| format!("; {}", worded(error)));
    format!(
        "{} {}{looked_up}, after {took} ms{why}",
        instant(line.ended_at),
        line.outcome.word()
    )
}
