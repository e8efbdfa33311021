//! Text that fits: cutting, padding, wrapping by display width, and the ASCII look.

use ratatui::{buffer::Buffer, style::Style, text::Line};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

pub fn width(text: &str) -> usize {
    text.width()
}

/// At most `available` cells; what was cut is marked with "…".
pub fn cut(text: &str, available: usize) -> String {
    if width(text) <= available {
        return text.to_owned();
    }
    let mut shown = String::new();
    let mut used = 0;
    for c in text.chars() {
        let next = used + c.width().unwrap_or(0);
        if next + 1 > available {
            break;
        }
        used = next;
        shown.push(c);
    }
    if available > 0 {
        shown.push('…');
    }
    shown
}

/// The end of a text that is being typed: at most `available` cells.
pub fn end(text: &str, available: usize) -> String {
    if width(text) <= available {
        return text.to_owned();
    }
    let reversed: String = text.chars().rev().collect();
    cut(&reversed, available).chars().rev().collect()
}

/// Exactly `available` cells.
pub fn fit(text: &str, available: usize, right: bool) -> String {
    let shown = cut(text, available);
    let padding = " ".repeat(available.saturating_sub(width(&shown)));
    if right {
        padding + &shown
    } else {
        shown + &padding
    }
}

/// Breaks at spaces; a word longer than a line is broken anywhere.
pub fn wrap(text: &str, available: usize) -> Vec<String> {
    let available = available.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let gap = usize::from(!line.is_empty());
        if width(&line) + gap + width(word) <= available {
            if gap == 1 {
                line.push(' ');
            }
            line.push_str(word);
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        for c in word.chars() {
            if !line.is_empty() && width(&line) + c.width().unwrap_or(0) > available {
                lines.push(std::mem::take(&mut line));
            }
            line.push(c);
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// A paragraph with a hanging indent: `head` before the first line, spaces before the others.
pub fn hanging(head: &str, text: &str, available: usize, style: Style) -> Vec<Line<'static>> {
    let indent = width(head);
    wrap(text, available.saturating_sub(indent))
        .into_iter()
        .enumerate()
        .map(|(index, line)| {
            let before = if index == 0 {
                head.to_owned()
            } else {
                " ".repeat(indent)
            };
            Line::styled(before + &line, style)
        })
        .collect()
}

/// What stands for a character when only ASCII may be shown. Always one cell.
fn ascii(c: char) -> char {
    match c {
        ' '..='~' => c,
        '─' | '━' | '═' | '–' | '—' | '−' | '╌' => '-',
        '│' | '┃' | '║' | '▏' | '▕' => '|',
        '╭' | '╮' | '╰' | '╯' | '┌' | '┐' | '└' | '┘' | '├' | '┤' | '┬' | '┴' | '┼' | '╔' | '╗'
        | '╚' | '╝' => '+',
        '█' | '▇' | '▆' => '#',
        '▅' | '▄' => '+',
        '▃' => '=',
        '▂' => '-',
        '▁' => '_',
        '░' => '.',
        '▒' | '▓' => ':',
        '●' | '★' | '•' => '*',
        '◐' => '%',
        '○' => 'o',
        '▶' | '▸' | '→' | '»' => '>',
        '◀' | '◂' | '←' | '«' => '<',
        '▲' | '↑' => '^',
        '▼' | '↓' => 'v',
        '✓' => '+',
        '✗' | '×' => 'x',
        '…' => '~',
        '·' => '.',
        '≠' => '!',
        '≥' => '>',
        '≤' => '<',
        '“' | '”' => '"',
        '‘' | '’' => '\'',
        '\u{a0}' => ' ',
        _ => '?',
    }
}

pub fn to_ascii(text: &str) -> String {
    text.chars().map(ascii).collect()
}

/// Makes everything that was drawn ASCII.
pub fn fold_to_ascii(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if !cell.symbol().is_ascii() {
            let replacement = cell.symbol().chars().next().map_or(' ', ascii);
            cell.set_char(replacement);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn long_words_are_broken_and_short_ones_kept_whole() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("  ", 4), Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn fitted_text_has_exactly_the_width(text in "\\PC{0,40}", available in 0_usize..40) {
            prop_assert_eq!(width(&fit(&text, available, false)), available);
            prop_assert_eq!(width(&fit(&text, available, true)), available);
        }

        #[test]
        fn wrapped_lines_fit_and_lose_no_letter(text in "[a-z ]{0,80}", available in 1_usize..20) {
            let lines = wrap(&text, available);
            prop_assert!(lines.iter().all(|line| width(line) <= available));
            let letters = |text: &str| text.replace(' ', "");
            prop_assert_eq!(letters(&lines.concat()), letters(&text));
        }

        #[test]
        fn the_ascii_look_is_ascii(text in "\\PC{0,40}") {
            prop_assert!(to_ascii(&text).is_ascii());
        }
    }
}
