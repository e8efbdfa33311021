//! Drawing. Sections make lines of text (the report prints the same lines); this module places
//! them in bordered panels and knows what is where.

pub mod envelope;
pub mod header;
pub mod health;
pub mod help;
pub mod invoices;
pub mod ladder;
pub mod notifications;
pub mod offers;
pub mod parts;
pub mod spend;
pub mod table;
pub mod text;
pub mod theme;
pub mod toast;

mod details;
mod overview;
mod screens;

use crate::app::{Overlay, Screen, State};
use parts::{Context, Lines, clip};
use ratatui::{
    Frame,
    buffer::Buffer,
    layout::{Constraint, Layout, Margin, Rect},
    text::Line,
    widgets::{Block, BorderType, Clear, Padding, Paragraph, Widget},
};

/// Below this there is no room for anything but the advice to make room.
pub const MINIMUM: (u16, u16) = (30, 8);

/// Draws everything.
pub fn draw(frame: &mut Frame, state: &State) {
    let area = frame.area();
    render(state, area, frame.buffer_mut());
}

fn render(state: &State, area: Rect, buffer: &mut Buffer) {
    if area.width < MINIMUM.0 || area.height < MINIMUM.1 {
        too_small(area, buffer);
        return;
    }
    let places = places(state, area);
    let width = usize::from(area.width);
    header::title(state, width).render(places.title, buffer);
    header::tab_line(state, width).render(places.tabs, buffer);
    if let Some(banner) = header::banner_line(state, width) {
        banner.render(places.banner, buffer);
    }
    screens::draw(state, places.body, buffer);
    header::footer(state, width).render(places.footer, buffer);
    match state.overlay {
        Overlay::None => {}
        Overlay::Help => {
            let lines = help::lines(&context(state, area.inner(Margin::new(4, 0))));
            popup(state, area, "Keys (Esc closes)", lines, buffer);
        }
        Overlay::Why => {
            let context = context(state, area.inner(Margin::new(4, 0)));
            let lines = match state.picture().negotiation() {
                Some(negotiation) => envelope::why(&negotiation.envelope, &context),
                None => vec![Line::raw("There is no envelope yet.")],
            };
            popup(
                state,
                area,
                "Why the envelope is so (Esc closes)",
                lines,
                buffer,
            );
        }
    }
    toast::draw(state, places.body, buffer);
    if state.ascii {
        text::fold_to_ascii(buffer);
    }
}

fn too_small(area: Rect, buffer: &mut Buffer) {
    let message = format!(
        "Too small: {}x{}, needs {}x{}. Make the window larger, or q to quit.",
        area.width, area.height, MINIMUM.0, MINIMUM.1
    );
    let lines: Vec<Line> = text::wrap(&message, area.width.into())
        .into_iter()
        .map(Line::raw)
        .collect();
    Paragraph::new(lines).render(area, buffer);
}

struct Places {
    title: Rect,
    tabs: Rect,
    banner: Rect,
    body: Rect,
    footer: Rect,
}

fn places(state: &State, area: Rect) -> Places {
    let banner = u16::from(crate::concerns::banner(state).is_some());
    let [title, tabs, banner, body, footer] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Length(banner),
        Constraint::Min(0),
        Constraint::Length(1),
    ])
    .areas(area);
    Places {
        title,
        tabs,
        banner,
        body,
        footer,
    }
}

/// Which screen a click there opens.
pub fn screen_at(state: &State, column: u16, row: u16) -> Option<Screen> {
    let (width, height) = state.size;
    let places = places(state, Rect::new(0, 0, width, height));
    if row == places.tabs.y {
        return header::tab_at(state, places.tabs, column);
    }
    overview::panel_at(state, places.body, column, row)
}

/// How far the details can be moved up before their end is seen.
pub fn scroll_limit(state: &State) -> usize {
    if !state.zoomed {
        return 0;
    }
    let (width, height) = state.size;
    let body = places(state, Rect::new(0, 0, width, height)).body;
    let lines = details::details(state, body.width).map_or(0, |(_, lines)| lines.len());
    lines.saturating_sub(usize::from(body.height).saturating_sub(2))
}

fn context(state: &State, inner: Rect) -> Context {
    Context {
        theme: state.theme,
        now: state.now,
        width: inner.width.into(),
    }
}

/// A bordered panel in its section's colour; returns the room inside.
fn panel(state: &State, screen: Screen, title: &str, area: Rect, buffer: &mut Buffer) -> Rect {
    let accent = state.theme.accent(screen);
    let title = text::cut(title, usize::from(area.width).saturating_sub(6));
    let block = Block::bordered()
        .border_type(BorderType::Rounded)
        .border_style(accent)
        .title(Line::styled(
            format!(" {title} "),
            accent.patch(state.theme.strong()),
        ))
        .padding(Padding::horizontal(1));
    let inner = block.inner(area);
    block.render(area, buffer);
    inner
}

fn put(lines: Lines, area: Rect, state: &State, buffer: &mut Buffer) {
    let lines = clip(lines, area.height.into(), state.theme);
    Paragraph::new(lines).render(area, buffer);
}

fn popup(state: &State, area: Rect, title: &str, lines: Lines, buffer: &mut Buffer) {
    let widest = lines
        .iter()
        .map(Line::width)
        .max()
        .unwrap_or(0)
        .max(title.len() + 4);
    let width = u16::try_from(widest + 4)
        .unwrap_or(u16::MAX)
        .min(area.width);
    let height = u16::try_from(lines.len() + 2)
        .unwrap_or(u16::MAX)
        .min(area.height);
    let place = Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    };
    Clear.render(place, buffer);
    let inner = panel(state, Screen::Overview, title, place, buffer);
    put(lines, inner, state, buffer);
}
