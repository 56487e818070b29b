//! The settings, and the state that the browser stores between visits.

use std::rc::Rc;

use crate::draft::{Draft, InputFormat, SavedDraft};
use crate::json::{self, Value};
use crate::language::Language;
use crate::message_log::{DEFAULT_MAX_ROWS, MAX_ROWS_CHOICES};
use crate::stream_reader::Reading;

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
}

/// The state stored between visits.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StoredState {
    /// The settings.
    pub settings: Settings,
    /// The sent drafts, the oldest first.
    pub history: Rc<Vec<Draft>>,
    /// The saved drafts.
    pub saved: Rc<Vec<SavedDraft>>,
    /// The framings by which raw upstreams are read.
    pub readings: Rc<Vec<Reading>>,
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

impl StoredState {
    /// Writes the state as JSON; its member `keep` is the setting `max_rows`.
    pub fn to_json(&self) -> String {
        let Settings {
            language,
            theme,
            max_rows,
        } = self.settings;
        let language = language.map_or("null".into(), |it| json::quote(it.tag()));
        let theme = json::quote(theme.key());
        let history: Vec<_> = self.history.iter().map(|it| draft_json(it, "")).collect();
        let saved = self.saved.iter().map(|SavedDraft { name, draft }| {
            let name = format!(r#""name":{},"#, json::quote(name));
            draft_json(draft, &name)
        });
        let reading = |it: &Reading| {
            let (upstream, framing) = (
                json::quote(&it.upstream),
                json::quote(it.framing.notation()),
            );
            format!(r#"{{"name":{upstream},"framing":{framing}}}"#)
        };
        let readings: Vec<_> = self.readings.iter().map(reading).collect();
        let readings = readings.join(",");
        let (history, saved) = (history.join(","), saved.collect::<Vec<_>>().join(","));
        format!(
            r#"{{"language":{language},"theme":{theme},"keep":{max_rows},"history":[{history}],"saved":[{saved}],"readings":[{readings}]}}"#
        )
    }

    /// Reads the state from JSON. Whatever is invalid gets its default.
    pub fn from_json(text: &str) -> Self {
        let Ok(value) = json::parse(text) else {
            return Self::default();
        };
        let max_rows = value.number("keep");
        let max_rows = max_rows.and_then(|rows| usize::try_from(rows).ok());
        let items = |key| value.get(key).map(Value::items).unwrap_or_default();
        let saved = |it: &Value| {
            let name = it.string("name")?.into();
            read_draft(it).map(|draft| SavedDraft { name, draft })
        };
        let reading = |it: &Value| {
            Some(Reading {
                upstream: it.string("name")?.into(),
                framing: it.string("framing")?.into(),
            })
        };
        Self {
            settings: Settings {
                language: value.string("language").and_then(Language::from_tag),
                theme: value
                    .string("theme")
                    .and_then(Theme::from_key)
                    .unwrap_or_default(),
                max_rows: max_rows
                    .filter(|rows| MAX_ROWS_CHOICES.contains(rows))
                    .unwrap_or(DEFAULT_MAX_ROWS),
            },
            history: Rc::new(items("history").iter().filter_map(read_draft).collect()),
            saved: Rc::new(items("saved").iter().filter_map(saved).collect()),
            readings: Rc::new(items("readings").iter().filter_map(reading).collect()),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: None,
            theme: Theme::default(),
            max_rows: DEFAULT_MAX_ROWS,
        }
    }
}

/// Writes a draft, preceded by the members in `more`.
fn draft_json(Draft { format, text }: &Draft, more: &str) -> String {
    let (format, text) = (json::quote(format.key()), json::quote(text));
    format!(r#"{{{more}"format":{format},"text":{text}}}"#)
}

/// Reads a draft; `None` if a member is missing or invalid.
fn read_draft(value: &Value) -> Option<Draft> {
    Some(Draft {
        format: InputFormat::from_key(value.string("format")?)?,
        text: value.string("text")?.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_state_parses_back() {
        let draft = Draft {
            format: InputFormat::Hex,
            text: "ff \"00\"\n".into(),
        };
        let stored = StoredState {
            settings: Settings {
                language: Some(Language::Japanese),
                theme: Theme::Dark,
                max_rows: 100_000,
            },
            history: Rc::new(vec![draft.clone(), Draft::default()]),
            saved: Rc::new(vec![SavedDraft {
                name: "日本".into(),
                draft,
            }]),
            readings: Rc::new(vec![Reading {
                upstream: "cache".into(),
                framing: "1+u32be-inclusive".into(),
            }]),
        };
        assert_eq!(StoredState::from_json(&stored.to_json()), stored);
        assert_eq!(
            StoredState::from_json(&StoredState::default().to_json()),
            StoredState::default()
        );
    }

    #[test]
    fn invalid_values_get_their_defaults() {
        let check =
            |text: &str, expected: StoredState| assert_eq!(StoredState::from_json(text), expected);
        check("", StoredState::default());
        check("[]", StoredState::default());
        check(
            r#"{"language":"xx","theme":7,"keep":12345,"history":[1,{"format":"x"}],"saved":{}}"#,
            StoredState::default(),
        );
    }
}
