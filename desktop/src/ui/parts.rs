//! Small pieces that several sections share: facts, bars, charts, windows over long lists.

use super::{
    text::{self, width},
    theme::Theme,
};
use chrono::{DateTime, Utc};
use ratatui::{
    style::Style,
    text::{Line, Span},
};
use rust_decimal::{Decimal, prelude::ToPrimitive};

pub type Lines = Vec<Line<'static>>;

/// What a section needs to know besides its data.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    pub theme: Theme,
    pub now: DateTime<Utc>,
    /// Cells in a line.
    pub width: usize,
}

impl Context {
    pub fn narrowed(self, by: usize) -> Self {
        Self {
            width: self.width.saturating_sub(by),
            ..self
        }
    }
}

/// "label value" pairs that flow over as many lines as they need.
pub fn facts(pairs: Vec<(&'static str, Span<'static>)>, context: &Context) -> Lines {
    const GAP: usize = 3;
    let mut lines: Lines = Vec::new();
    let mut used = 0;
    for (label, value) in pairs {
        let mut value = value;
        let label_width = if label.is_empty() {
            0
        } else {
            width(label) + 1
        };
        let mut needed = label_width + width(&value.content);
        if needed > context.width {
            let room = context.width.saturating_sub(label_width);
            value.content = text::cut(&value.content, room).into();
            needed = context.width;
        }
        match lines.last_mut() {
            Some(line) if used + GAP + needed <= context.width => {
                line.push_span(Span::raw(" ".repeat(GAP)));
                used += GAP + needed;
                push_fact(line, label, value, context.theme);
            }
            _ => {
                let mut line = Line::default();
                used = needed;
                push_fact(&mut line, label, value, context.theme);
                lines.push(line);
            }
        }
    }
    lines
}

fn push_fact(line: &mut Line<'static>, label: &'static str, value: Span<'static>, theme: Theme) {
    if !label.is_empty() {
        line.push_span(Span::styled(label, theme.dim()));
        line.push_span(Span::raw(" "));
    }
    line.push_span(value);
}

pub fn heading(title: impl Into<String>, theme: Theme) -> Line<'static> {
    Line::styled(title.into(), theme.strong())
}

/// A share of a whole as a bar: `██████░░░░`.
pub fn bar(share: f64, cells: usize, style: Style, theme: Theme) -> Vec<Span<'static>> {
    let full = (share.clamp(0.0, 1.0) * cells as f64).round() as usize;
    let full = full.min(cells);
    vec![
        Span::styled("█".repeat(full), style),
        Span::styled("░".repeat(cells - full), theme.dim()),
    ]
}

/// A position for drawing only; amounts are never computed with it.
pub fn float(value: Decimal) -> f64 {
    value.to_f64().unwrap_or(0.0)
}

const EIGHTHS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Columns of the last values, `None` where there is a gap (drawn as "·").
pub fn chart(
    values: &[Option<Decimal>],
    cells: usize,
    height: usize,
    style: Style,
    theme: Theme,
) -> Lines {
    let shown = values
        .get(values.len().saturating_sub(cells)..)
        .unwrap_or(values);
    let top = shown
        .iter()
        .flatten()
        .map(|value| float(*value))
        .fold(0.0, f64::max);
    (0..height)
        .rev()
        .map(|row| {
            let spans = shown.iter().map(|value| match value {
                None if row == 0 => Span::styled("·", theme.dim()),
                None => Span::raw(" "),
                Some(value) => {
                    let share = if top > 0.0 {
                        float(*value).max(0.0) / top
                    } else {
                        0.0
                    };
                    let eighths = (share * (height * 8) as f64).round() as usize;
                    let mut here = eighths.saturating_sub(row * 8).min(8);
                    // A day that is there is visible, however small.
                    if row == 0 && here == 0 {
                        here = 1;
                    }
                    let glyph = EIGHTHS.get(here).copied().unwrap_or(' ');
                    Span::styled(glyph.to_string(), style)
                }
            });
            Line::from(merge(spans))
        })
        .collect()
}

/// Joins neighbours of one style, so that a line stays short.
fn merge(spans: impl Iterator<Item = Span<'static>>) -> Vec<Span<'static>> {
    let mut merged: Vec<Span<'static>> = Vec::new();
    for span in spans {
        match merged.last_mut() {
            Some(last) if last.style == span.style => last.content.to_mut().push_str(&span.content),
            _ => merged.push(span),
        }
    }
    merged
}

/// A head line and the rows around the selected one, which is marked.
pub fn window(mut lines: Lines, selected: usize, height: usize, theme: Theme) -> Lines {
    if lines.is_empty() || height == 0 {
        return Vec::new();
    }
    let rows = lines.split_off(1);
    let visible = height.saturating_sub(1);
    let first = selected
        .saturating_sub(visible / 2)
        .min(rows.len().saturating_sub(visible));
    for (index, row) in rows.into_iter().enumerate().skip(first).take(visible) {
        lines.push(if index == selected {
            row.patch_style(theme.selected())
        } else {
            row
        });
    }
    lines
}

/// Says how much of a list is seen: "3/24".
pub fn position(selected: usize, count: usize, total: i64, filtered: bool) -> String {
    if count == 0 && !filtered {
        return String::new();
    }
    let at = if count == 0 { 0 } else { selected + 1 };
    let mut text = format!(" {at}/{count}");
    if filtered {
        text.push_str(" found");
    }
    if !filtered && i64::try_from(count).is_ok_and(|count| count < total) {
        text.push_str(&format!(" of {total}"));
    }
    text
}

/// At most `height` lines: empty ones go first; when more is left out, the last of four or more
/// lines says so.
pub fn clip(mut lines: Lines, height: usize, theme: Theme) -> Lines {
    while lines.len() > height
        && let Some(empty) = lines.iter().rposition(|line| line.width() == 0)
    {
        lines.remove(empty);
    }
    if lines.len() > height && height > 3 {
        let hidden = lines.len() - (height - 1);
        lines.truncate(height - 1);
        lines.push(Line::styled(format!("… {hidden} more lines"), theme.dim()));
    }
    lines.truncate(height);
    lines
}
