//! The help, from the table of keys.

use super::{
    parts::{Context, Lines},
    table::{self, Column},
    text,
};
use crate::keys::BINDINGS;
use ratatui::text::{Line, Span};

pub fn lines(context: &Context) -> Lines {
    const COLUMNS: [Column; 2] = [Column::number("", 0), Column::flex("", 0, 20)];
    let rows = BINDINGS
        .iter()
        .filter_map(|binding| {
            Some(vec![
                Span::styled(binding.label, context.theme.key()),
                Span::raw(binding.help?),
            ])
        })
        .collect();
    let mut lines = table::lines(&COLUMNS, rows, context.width, context.theme.dim());
    lines.remove(0);
    lines.push(Line::default());
    let legend = "No meaning is by colour alone: ✓ good, ! attention, ✗ bad, ○ waiting, \
                  ● live, ◐ polling, ★ best effective discount still on the table.";
    let width = context.width.min(64);
    lines.extend(text::hanging("", legend, width, context.theme.dim()));
    lines
}
