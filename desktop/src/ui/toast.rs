//! A short message over the lower edge of the screen.

use super::text;
use crate::app::State;
use ratatui::{buffer::Buffer, layout::Rect, text::Line, widgets::Widget};

/// Drawn to the right on the last line of `area`.
pub fn draw(state: &State, area: Rect, buffer: &mut Buffer) {
    let Some(toast) = &state.toast else { return };
    if area.height == 0 || area.width < 8 {
        return;
    }
    let room = usize::from(area.width) - 4;
    let text = format!(" » {} ", text::cut(&toast.text, room.saturating_sub(4)));
    let width = u16::try_from(text::width(&text))
        .unwrap_or(area.width)
        .min(area.width);
    let place = Rect {
        x: area.right() - width - 1,
        y: area.bottom() - 1,
        width,
        height: 1,
    };
    Line::styled(text, state.theme.pill(state.theme.key())).render(place, buffer);
}
