//! Colours and styles. Every theme says the same; the mono theme says it with weight alone.

use crate::app::Screen;
use clap::ValueEnum;
use ratatui::style::{Color, Modifier, Style};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ThemeName {
    Dark,
    Light,
    Contrast,
    Mono,
}

impl ThemeName {
    pub fn next(self) -> Self {
        match self {
            Self::Dark => Self::Light,
            Self::Light => Self::Contrast,
            Self::Contrast => Self::Mono,
            Self::Mono => Self::Dark,
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
            Self::Contrast => "contrast",
            Self::Mono => "mono",
        }
    }
}

/// How many colours the terminal shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    Indexed,
    Ansi16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    pub name: ThemeName,
    pub depth: Depth,
}

/// A colour in 256 colours, and its nearest of the 16 that every terminal has.
type Shade = (u8, Color);

impl Theme {
    fn pick(self, dark: Shade, light: Shade, contrast: Color) -> Style {
        let of = |(indexed, ansi): Shade| match self.depth {
            Depth::Indexed => Color::Indexed(indexed),
            Depth::Ansi16 => ansi,
        };
        match self.name {
            ThemeName::Dark => Style::new().fg(of(dark)),
            ThemeName::Light => Style::new().fg(of(light)),
            ThemeName::Contrast => Style::new().fg(contrast).add_modifier(Modifier::BOLD),
            ThemeName::Mono => Style::new(),
        }
    }

    /// The border and title colour of a section.
    pub fn accent(self, screen: Screen) -> Style {
        match screen {
            Screen::Overview => self.pick((111, Color::LightBlue), (25, Color::Blue), Color::White),
            Screen::Envelope => self.pick((80, Color::Cyan), (30, Color::Cyan), Color::LightCyan),
            Screen::Ladder => self.pick(
                (141, Color::Magenta),
                (91, Color::Magenta),
                Color::LightMagenta,
            ),
            Screen::Offers => self.pick(
                (215, Color::Yellow),
                (130, Color::Yellow),
                Color::LightYellow,
            ),
            Screen::Spend => self.pick((114, Color::Green), (28, Color::Green), Color::LightGreen),
            Screen::Invoices => {
                self.pick((75, Color::LightBlue), (26, Color::Blue), Color::LightBlue)
            }
            Screen::Notifications => self.pick(
                (211, Color::LightMagenta),
                (162, Color::Magenta),
                Color::LightMagenta,
            ),
            Screen::Health => self.pick(
                (186, Color::LightYellow),
                (58, Color::Yellow),
                Color::LightGreen,
            ),
        }
    }

    pub fn text(self) -> Style {
        Style::new()
    }

    pub fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    pub fn dim(self) -> Style {
        match self.name {
            ThemeName::Mono => Style::new().add_modifier(Modifier::DIM),
            ThemeName::Contrast => Style::new().fg(Color::White),
            _ => self.pick((245, Color::DarkGray), (242, Color::DarkGray), Color::White),
        }
    }

    pub fn good(self) -> Style {
        self.pick((114, Color::Green), (28, Color::Green), Color::LightGreen)
    }

    pub fn warn(self) -> Style {
        self.attention(self.pick(
            (221, Color::Yellow),
            (130, Color::Yellow),
            Color::LightYellow,
        ))
    }

    pub fn bad(self) -> Style {
        self.attention(self.pick((203, Color::Red), (124, Color::Red), Color::LightRed))
    }

    fn attention(self, style: Style) -> Style {
        match self.name {
            ThemeName::Mono => style.add_modifier(Modifier::BOLD),
            _ => style,
        }
    }

    /// The row under the cursor.
    pub fn selected(self) -> Style {
        match (self.name, self.depth) {
            (ThemeName::Dark, Depth::Indexed) => Style::new()
                .bg(Color::Indexed(237))
                .add_modifier(Modifier::BOLD),
            (ThemeName::Light, Depth::Indexed) => Style::new()
                .bg(Color::Indexed(253))
                .add_modifier(Modifier::BOLD),
            _ => Style::new().add_modifier(Modifier::REVERSED),
        }
    }

    /// A word on a coloured ground.
    pub fn pill(self, style: Style) -> Style {
        let ink = match self.name {
            ThemeName::Light => Color::White,
            _ => Color::Black,
        };
        match style.fg {
            Some(ground) => Style::new().fg(ink).bg(ground),
            None => Style::new().add_modifier(Modifier::REVERSED),
        }
        .add_modifier(Modifier::BOLD)
    }

    /// The name of a key in the footer and the help.
    pub fn key(self) -> Style {
        self.accent(Screen::Overview).add_modifier(Modifier::BOLD)
    }
}
