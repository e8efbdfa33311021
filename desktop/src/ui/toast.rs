//! A short message over the lower edge of the screen.

use super::text;
use crate::app::State;
use ratatui::{buffer::Buffer, layout::Rect, text::Line, widgets::Widget};

/// More than this of it is not shown.
const MOST_LINES: usize = 3;

/// Drawn to the right on the last lines of `area`.
pub fn draw(state: &State, area: Rect, buffer: &mut Buffer) {
    let Some(toast) = &state.toast else { return };
    if area.height == 0 || area.width < 8 {
        return;
    }
    let room = usize::from(area.width) - 8;
    let most = MOST_LINES.min(area.height.into());
    let mut lines = text::wrap(&toast.text, room);
    if lines.len() > most {
        let rest = lines.split_off(most - 1).join(" ");
        lines.push(text::cut(&rest, room));
    }
    let widest = lines.iter().map(|line| text::width(line)).max();
    let widest = widest.unwrap_or_default();
    let (width, height) = (widest + 4, lines.len());
    let (Ok(width), Ok(height)) = (u16::try_from(width), u16::try_from(height)) else {
        return;
    };
    let left = area.right() - width - 1;
    let place = Rect::new(left, area.bottom() - height, width, height);
    let style = state.theme.pill(state.theme.key());
    for (index, (line, row)) in lines.iter().zip(place.rows()).enumerate() {
        let mark = if index == 0 { "»" } else { " " };
        let text = format!(" {mark} {} ", text::fit(line, widest, false));
        Line::styled(text, style).render(row, buffer);
    }
}
