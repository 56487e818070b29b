//! The settings, and the state that the browser stores between visits.

use std::rc::Rc;

use crate::draft::{Draft, InputFormat, MAX_HISTORY, SavedDraft};
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
    /// True to show times in UTC, false in the browser's time zone.
    pub is_utc: bool,
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

/// A part of the stored state: a document of its own in the browser's storage, so that a long
/// one leaves the others their room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoredPart {
    /// The settings.
    Settings,
    /// The sent drafts.
    History,
    /// The saved drafts.
    Saved,
    /// The framings by which raw upstreams are read.
    Readings,
}

impl StoredPart {
    /// All parts.
    pub const ALL: [Self; 4] = [Self::Settings, Self::History, Self::Saved, Self::Readings];

    /// Returns the name in the browser's storage.
    pub fn key(self) -> &'static str {
        match self {
            StoredPart::Settings => "framegate",
            StoredPart::History => "framegate.history",
            StoredPart::Saved => "framegate.saved",
            StoredPart::Readings => "framegate.readings",
        }
    }
}

impl StoredState {
    /// Writes a part as lines of JSON, one an item, so that tabs can merge their changes.
    /// Defaults are left out. The member `keep` is the setting `max_rows`.
    pub fn to_lines(&self, part: StoredPart) -> String {
        let lines: Vec<String> = match part {
            StoredPart::Settings => self.settings.to_lines(),
            StoredPart::History => self.history.iter().map(|it| draft_json(it, "")).collect(),
            StoredPart::Saved => {
                let saved = |SavedDraft { name, draft }: &SavedDraft| {
                    draft_json(draft, &format!(r#""name":{},"#, json::quote(name)))
                };
                self.saved.iter().map(saved).collect()
            }
            StoredPart::Readings => {
                let reading = |it: &Reading| {
                    let framing = json::quote(it.framing.notation());
                    let upstream = json::quote(&it.upstream);
                    format!(r#"{{"name":{upstream},"framing":{framing}}}"#)
                };
                self.readings.iter().map(reading).collect()
            }
        };
        lines.join("\n")
    }

    /// Reads the lines of all parts, in any order. Version 0.1.0 had all of them in one line.
    /// Whatever is invalid gets its default; of items with one name, the last is taken.
    pub fn from_lines(text: &str) -> Self {
        let mut this = Self::default();
        let history = Rc::make_mut(&mut this.history);
        let saved = Rc::make_mut(&mut this.saved);
        let readings = Rc::make_mut(&mut this.readings);
        let mut read = |value: &Value| match (value.string("name"), value.string("framing")) {
            (Some(name), Some(framing)) => {
                readings.retain(|it| it.upstream != name);
                readings.push(Reading {
                    upstream: name.into(),
                    framing: framing.into(),
                });
            }
            (name, _) => match (name, read_draft(value)) {
                (Some(name), Some(draft)) => {
                    saved.retain(|it| it.name != name);
                    let name = name.into();
                    saved.push(SavedDraft { name, draft });
                }
                (None, Some(draft)) => history.push(draft),
                (_, None) => {}
            },
        };
        for value in text.lines().filter_map(|line| json::parse(line).ok()) {
            this.settings.read(&value);
            read(&value);
            for key in ["history", "saved", "readings"] {
                let items = value.get(key).map(Value::items);
                items.unwrap_or_default().iter().for_each(&mut read);
            }
        }
        history.drain(..history.len().saturating_sub(MAX_HISTORY));
        this
    }
}

impl Settings {
    fn to_lines(self) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(language) = self.language {
            lines.push(format!(r#"{{"language":"{}"}}"#, language.tag()));
        }
        if self.theme != Theme::default() {
            lines.push(format!(r#"{{"theme":"{}"}}"#, self.theme.key()));
        }
        if self.max_rows != DEFAULT_MAX_ROWS {
            lines.push(format!(r#"{{"keep":{}}}"#, self.max_rows));
        }
        if self.is_utc {
            lines.push(r#"{"utc":1}"#.into());
        }
        lines
    }

    fn read(&mut self, value: &Value) {
        if let Some(language) = value.string("language").and_then(Language::from_tag) {
            self.language = Some(language);
        }
        if let Some(theme) = value.string("theme").and_then(Theme::from_key) {
            self.theme = theme;
        }
        let max_rows = value.number("keep").map(|rows| rows as usize);
        if let Some(max_rows) = max_rows.filter(|rows| MAX_ROWS_CHOICES.contains(rows)) {
            self.max_rows = max_rows;
        }
        self.is_utc |= value.number("utc") == Some(1);
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

/// Writes a draft as JSON, preceded by the members in `more`.
pub fn draft_json(Draft { format, text }: &Draft, more: &str) -> String {
    let (format, text) = (json::quote(format.key()), json::quote(text));
    format!(r#"{{{more}"format":{format},"text":{text}}}"#)
}

/// Reads the JSON of a draft; `None` if it is invalid.
pub fn draft_from_json(text: &str) -> Option<Draft> {
    read_draft(&json::parse(text).ok()?)
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

    fn stored() -> StoredState {
        let draft = Draft {
            format: InputFormat::Hex,
            text: "ff \"00\"\n".into(),
        };
        let more = Draft {
            text: "more".into(),
            ..Draft::default()
        };
        StoredState {
            settings: Settings {
                language: Some(Language::Japanese),
                theme: Theme::Dark,
                max_rows: 100_000,
                is_utc: true,
            },
            history: Rc::new(vec![draft.clone(), more]),
            saved: Rc::new(vec![SavedDraft {
                name: "日本".into(),
                draft,
            }]),
            readings: Rc::new(vec![Reading {
                upstream: "cache".into(),
                framing: "1+u32be-inclusive".into(),
            }]),
        }
    }

    #[test]
    fn stored_state_parses_back() {
        let lines = |stored: &StoredState| {
            let lines = StoredPart::ALL.map(|part| stored.to_lines(part));
            lines.join("\n")
        };
        assert_eq!(StoredState::from_lines(&lines(&stored())), stored());
        let default = StoredState::default();
        assert_eq!(lines(&default).trim(), "");
        assert_eq!(StoredState::from_lines(""), default);
    }

    #[test]
    fn the_state_of_the_first_version_is_read() {
        let text = r#"{"language":"ja","theme":"dark","keep":100000,"history":[{"format":"hex","text":"ff \"00\"\n"},{"format":"text","text":"more"}],"saved":[{"name":"日本","format":"hex","text":"ff \"00\"\n"}],"readings":[{"name":"cache","framing":"1+u32be-inclusive"}]}"#;
        let mut expected = stored();
        expected.settings.is_utc = false;
        assert_eq!(StoredState::from_lines(text), expected);
    }

    #[test]
    fn invalid_values_get_their_defaults() {
        let check = |text: &str| {
            assert_eq!(StoredState::from_lines(text), StoredState::default());
        };
        check("");
        check("[]");
        check("x\n{");
        check(
            r#"{"language":"xx","theme":7,"keep":12345,"history":[1,{"format":"x"}],"saved":{}}"#,
        );
    }

    #[test]
    fn the_last_of_several_values_is_taken() {
        let text = r#"{"theme":"dark"}
{"theme":"light"}
{"name":"a","format":"text","text":"one"}
{"name":"a","format":"text","text":"two"}"#;
        let stored = StoredState::from_lines(text);
        assert_eq!(stored.settings.theme, Theme::Light);
        let texts: Vec<_> = stored.saved.iter().map(|it| &*it.draft.text).collect();
        assert_eq!(texts, ["two"]);
    }
}
