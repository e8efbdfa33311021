//! The help, from the table of keys.

use super::{
    parts::{Context, Lines},
    table::{self, Column},
    text,
};
use crate::keys::BINDINGS;
use ratatui::text::{Line, Span};

pub fn lines(context: &Context, height: usize) -> Lines {
    const COLUMNS: [Column; 2] = [Column::number("", 0), Column::flex("", 0)];
    let entries = |bindings: &[crate::keys::Binding], width: usize| {
        let rows = bindings
            .iter()
            .map(|binding| {
                vec![
                    Span::styled(binding.label, context.theme.key()),
                    Span::raw(binding.help),
                ]
            })
            .collect();
        let mut lines = table::lines(&COLUMNS, rows, width, context.theme.dim());
        lines.remove(0);
        lines
    };
    let mut lines = if BINDINGS.len() <= height || context.width < 70 {
        entries(BINDINGS, context.width)
    } else {
        // Two columns when one is too long.
        let half = context.width / 2;
        let (left, right) = BINDINGS.split_at(BINDINGS.len().div_ceil(2));
        let mut right = entries(right, half.saturating_sub(1)).into_iter();
        entries(left, half.saturating_sub(1))
            .into_iter()
            .map(|mut line| {
                let padding = half.saturating_sub(line.width());
                line.push_span(Span::raw(" ".repeat(padding)));
                if let Some(right) = right.next() {
                    line.spans.extend(right.spans);
                }
                line
            })
            .collect()
    };
    lines.push(Line::default());
    let legend = "No meaning is by colour alone: ✓ good, ! attention, ✗ bad, ○ waiting, \
                  ● live, ◐ polling, ★ best effective discount still on the table.";
    lines.extend(text::hanging(
        "",
        legend,
        context.width,
        context.theme.dim(),
    ));
    lines
}
