//! The user's settings.

use crate::language::Language;
use crate::message_log::DEFAULT_MAX_ROWS;

/// The colour theme.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Theme {
    /// The system's theme.
    #[default]
    System,
    /// Dark text on a light background.
    Light,
    /// Light text on a dark background.
    Dark,
}

/// The user's settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// The language; `None` for the browser's.
    pub language: Option<Language>,
    /// The theme.
    pub theme: Theme,
    /// The most messages that a log keeps.
    pub max_rows: usize,
    /// True to show times in UTC, false in the browser's time zone.
    pub is_utc: bool,
}

impl Theme {
    /// All themes.
    pub const ALL: [Theme; 3] = [Theme::System, Theme::Light, Theme::Dark];

    /// Returns the name in the stylesheet and the stored state.
    pub fn key(self) -> &'static str {
        match self {
            Theme::System => "system",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    /// Returns the theme of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.key() == key)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: None,
            theme: Theme::default(),
            max_rows: DEFAULT_MAX_ROWS,
            is_utc: false,
        }
    }
}
