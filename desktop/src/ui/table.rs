//! Aligned columns as lines of text: numbers to the right with their decimal points in one line,
//! what matters least dropped first.
//!
//! A number is never cut silently: a column that does not fit goes as a whole, and a cell that is
//! still too wide ends in "…".

use super::text::{fit, width};
use ratatui::{
    style::Style,
    text::{Line, Span},
};

const GAP: usize = 2;

#[derive(Clone, Copy, Debug)]
pub struct Column {
    head: &'static str,
    right: bool,
    /// Columns with the highest number are dropped first; 0 stays.
    rank: u8,
    /// May be shortened to this many cells before another column is dropped.
    flex: Option<usize>,
}

impl Column {
    pub const fn text(head: &'static str, rank: u8) -> Self {
        Self {
            head,
            right: false,
            rank,
            flex: None,
        }
    }

    pub const fn number(head: &'static str, rank: u8) -> Self {
        Self {
            head,
            right: true,
            rank,
            flex: None,
        }
    }

    pub const fn flex(head: &'static str, rank: u8, least: usize) -> Self {
        Self {
            head,
            right: false,
            rank,
            flex: Some(least),
        }
    }
}

pub type Cells = Vec<Span<'static>>;

/// The head line, then one line for each row.
pub fn lines(
    columns: &[Column],
    mut rows: Vec<Cells>,
    available: usize,
    head: Style,
) -> Vec<Line<'static>> {
    for (index, _) in columns
        .iter()
        .enumerate()
        .filter(|(_, column)| column.right)
    {
        align_points(&mut rows, index);
    }
    let natural: Vec<usize> = columns
        .iter()
        .enumerate()
        .map(|(index, column)| {
            rows.iter()
                .filter_map(|row| row.get(index))
                .map(|cell| width(&cell.content))
                .chain([width(column.head)])
                .max()
                .unwrap_or(0)
        })
        .collect();
    let widths = layout(columns, &natural, available);
    let mut lines = Vec::with_capacity(rows.len() + 1);
    let heads = columns
        .iter()
        .map(|column| Span::styled(column.head, head))
        .collect();
    for row in std::iter::once(heads).chain(rows) {
        lines.push(line(columns, &widths, row));
    }
    lines
}

/// Pads the numbers of a column so that their decimal points are below each other.
fn align_points(rows: &mut [Cells], index: usize) {
    // A whole number stands where the others have their point; words are no numbers.
    let after_point = |text: &str| match text.rsplit_once('.') {
        Some((_, tail)) => Some(width(tail) + 1),
        None => text.ends_with(|c: char| c.is_ascii_digit()).then_some(0),
    };
    let cells = || rows.iter().filter_map(|row| row.get(index));
    let longest = cells().filter_map(|cell| after_point(&cell.content)).max();
    for cell in rows.iter_mut().filter_map(|row| row.get_mut(index)) {
        if let (Some(tail), Some(longest)) = (after_point(&cell.content), longest) {
            cell.content.to_mut().push_str(&" ".repeat(longest - tail));
        }
    }
}

fn line(columns: &[Column], widths: &[Option<usize>], row: Cells) -> Line<'static> {
    let mut spans = Vec::with_capacity(columns.len() * 2);
    for ((column, width), cell) in columns.iter().zip(widths).zip(row) {
        let Some(width) = width else { continue };
        if !spans.is_empty() {
            spans.push(Span::raw(" ".repeat(GAP)));
        }
        spans.push(Span::styled(
            fit(&cell.content, *width, column.right),
            cell.style,
        ));
    }
    Line::from(spans)
}

/// The width of each column that stays.
fn layout(columns: &[Column], natural: &[usize], available: usize) -> Vec<Option<usize>> {
    let mut widths: Vec<Option<usize>> = natural.iter().copied().map(Some).collect();
    loop {
        let shown = widths.iter().flatten().count();
        let total = widths.iter().flatten().sum::<usize>() + GAP * shown.saturating_sub(1);
        let Some(excess) = total.checked_sub(available).filter(|excess| *excess > 0) else {
            return widths;
        };
        let flexible = columns
            .iter()
            .zip(widths.iter_mut())
            .find_map(|(column, width)| {
                let width = width.as_mut()?;
                (*width >= excess + column.flex?).then_some(width)
            });
        if let Some(width) = flexible {
            *width -= excess;
            return widths;
        }
        let dropped = columns
            .iter()
            .enumerate()
            .filter(|(index, column)| {
                column.rank > 0 && widths.get(*index).is_some_and(Option::is_some)
            })
            .max_by_key(|(_, column)| column.rank)
            .map(|(index, _)| index);
        match dropped.and_then(|index| widths.get_mut(index)) {
            Some(width) => *width = None,
            None => {
                shrink(columns, &mut widths, excess);
                return widths;
            }
        }
    }
}

/// Nothing is left to drop: the flexible column first, then the widest.
fn shrink(columns: &[Column], widths: &mut [Option<usize>], mut excess: usize) {
    while excess > 0 {
        let candidate = columns
            .iter()
            .zip(widths.iter_mut())
            .filter_map(|(column, width)| Some((column.flex.is_some(), width.as_mut()?)))
            .filter(|(_, width)| **width > 1)
            .max_by_key(|(flex, width)| (*flex && **width > 4, **width));
        match candidate {
            Some((_, width)) => *width -= 1,
            None => return,
        }
        excess -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const COLUMNS: [Column; 3] = [
        Column::flex("Name", 0, 10),
        Column::number("Amount", 1),
        Column::text("Note", 2),
    ];

    fn shown(available: usize) -> Vec<String> {
        let rows = vec![
            vec!["Committed".into(), "1,000.00".into(), "long note".into()],
            vec!["A name that is long".into(), "12.00".into(), "x".into()],
        ];
        lines(&COLUMNS, rows, available, Style::new())
            .iter()
            .map(|line| line.to_string().trim_end().to_owned())
            .collect()
    }

    #[test]
    fn numbers_are_aligned_to_the_right() {
        assert_eq!(
            shown(60),
            [
                "Name                   Amount  Note",
                "Committed            1,000.00  long note",
                "A name that is long     12.00  x",
            ]
        );
    }

    #[test]
    fn decimal_points_are_below_each_other() {
        let rows = ["1,000.5", "7", "2.125", "n/a"].map(|cell| vec![cell.into()]);
        let lines = lines(&[Column::number("", 0)], rows.to_vec(), 20, Style::new());
        let shown: Vec<String> = lines.iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            [
                "         ",
                "1,000.5  ",
                "    7    ",
                "    2.125",
                "      n/a"
            ]
        );
    }

    #[test]
    fn the_least_important_column_is_dropped_and_the_flexible_one_shortened() {
        assert_eq!(
            shown(22),
            [
                "Name            Amount",
                "Committed     1,000.00",
                "A name that…     12.00",
            ]
        );
    }

    proptest! {
        #[test]
        fn a_line_is_never_wider_than_the_space(available in 1_usize..80, name in "\\PC{0,30}") {
            let rows = vec![vec![name.into(), "1,000.00".into(), "x".into()]];
            for line in lines(&COLUMNS, rows, available, Style::new()) {
                // Three columns of one cell are the least that can be drawn.
                prop_assert!(line.width() <= available.max(1), "{:?}", line);
            }
        }
    }
}
