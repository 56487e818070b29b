//! The state that the browser stores between visits: each item under a key of its own.

use std::rc::Rc;

use crate::draft::{Draft, MAX_HISTORY, SavedDraft, SentDraft};
use crate::language::Language;
use crate::message_log::{DEFAULT_MAX_ROWS, MAX_ROWS_CHOICES};
use crate::settings::{Settings, Theme};
use crate::shared_entries::Entries;
use crate::stream_reader::Reading;

const LANGUAGE: &str = "framegate.language";
const THEME: &str = "framegate.theme";
const MAX_ROWS: &str = "framegate.max_rows";
const UTC: &str = "framegate.utc";
/// Prefix of the keys of sent drafts: the draft follows, and the value is its number.
const HISTORY: &str = "framegate.history.";
/// Prefix of the keys of saved drafts: the name follows, and the value is the draft.
const SAVED: &str = "framegate.saved.";
/// Prefix of the keys of readings: the upstream follows, and the value is the framing.
const READING: &str = "framegate.reading.";

/// The state stored between visits.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StoredState {
    /// The settings.
    pub settings: Settings,
    /// The sent drafts, the oldest first.
    pub history: Rc<Vec<SentDraft>>,
    /// The saved drafts, in the order of their names.
    pub saved: Rc<Vec<SavedDraft>>,
    /// The framings by which raw upstreams are read.
    pub readings: Rc<Vec<Reading>>,
}

/// A part of the stored state.
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
    /// Returns the part that a key of the browser's storage belongs to; `None` if the key is not of
    /// the stored state.
    pub fn of_key(key: &str) -> Option<Self> {
        match key {
            LANGUAGE | THEME | MAX_ROWS | UTC => Some(Self::Settings),
            _ if key.starts_with(HISTORY) => Some(Self::History),
            _ if key.starts_with(SAVED) => Some(Self::Saved),
            _ => key.starts_with(READING).then_some(Self::Readings),
        }
    }
}

impl StoredState {
    /// Writes the state as entries. Settings that have their defaults are left out.
    pub fn to_entries(&self) -> Entries {
        let mut entries = Entries::default();
        let settings = self.settings;
        entries.set(LANGUAGE, settings.language.map(Language::tag));
        let theme = Some(settings.theme).filter(|&it| it != Theme::default());
        entries.set(THEME, theme.map(Theme::key));
        let max_rows = Some(settings.max_rows).filter(|&it| it != DEFAULT_MAX_ROWS);
        let max_rows = max_rows.map(|it| it.to_string());
        entries.set(MAX_ROWS, max_rows.as_deref());
        entries.set(UTC, settings.is_utc.then_some("1"));
        let mut set = |prefix: &str, name: &str, value: &str| {
            entries.set(&[prefix, name].concat(), Some(value));
        };
        for SentDraft { number, draft } in &*self.history {
            set(HISTORY, &draft.to_notation(), &number.to_string());
        }
        for SavedDraft { name, draft } in &*self.saved {
            set(SAVED, name, &draft.to_notation());
        }
        for Reading { upstream, framing } in &*self.readings {
            set(READING, upstream, framing.notation());
        }
        entries
    }

    /// Reads the state from entries. Those that are invalid are left out.
    pub fn from_entries(entries: &Entries) -> Self {
        let mut this = Self::default();
        let history = Rc::make_mut(&mut this.history);
        let saved = Rc::make_mut(&mut this.saved);
        let readings = Rc::make_mut(&mut this.readings);
        for (key, value) in entries.iter() {
            if let Some(draft) = key.strip_prefix(HISTORY) {
                if let (Some(draft), Ok(number)) = (Draft::from_notation(draft), value.parse()) {
                    // A sort would be kilobytes of program.
                    let place = history.partition_point(|it| it.number <= number);
                    history.insert(place, SentDraft { number, draft });
                }
            } else if let Some(name) = key.strip_prefix(SAVED) {
                let name = name.into();
                saved.extend(Draft::from_notation(value).map(|draft| SavedDraft { name, draft }));
            } else if let Some(upstream) = key.strip_prefix(READING) {
                readings.push(Reading {
                    upstream: upstream.into(),
                    framing: value.into(),
                });
            } else {
                read_setting(&mut this.settings, key, value);
            }
        }
        history.drain(..history.len().saturating_sub(MAX_HISTORY));
        this
    }
}

/// Reads a setting, unless its value is invalid.
fn read_setting(settings: &mut Settings, key: &str, value: &str) {
    match key {
        LANGUAGE => settings.language = Language::from_tag(value),
        THEME => settings.theme = Theme::from_key(value).unwrap_or_default(),
        MAX_ROWS => {
            let max_rows = value.parse().ok();
            let max_rows = max_rows.filter(|rows| MAX_ROWS_CHOICES.contains(rows));
            settings.max_rows = max_rows.unwrap_or(DEFAULT_MAX_ROWS);
        }
        UTC => settings.is_utc = value == "1",
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft::InputFormat;

    fn draft(format: InputFormat, text: &str) -> Draft {
        let text = text.into();
        Draft { format, text }
    }

    fn entries(list: &[(&str, &str)]) -> Entries {
        let mut entries = Entries::default();
        for (key, value) in list {
            entries.set(key, Some(value));
        }
        entries
    }

    #[test]
    fn stored_state_is_read_as_it_was_written() {
        let hex = draft(InputFormat::Hex, "ff \"00\"\n");
        let sent = |number, draft| SentDraft { number, draft };
        let stored = StoredState {
            settings: Settings {
                language: Some(Language::Japanese),
                theme: Theme::Dark,
                max_rows: 100_000,
                is_utc: true,
            },
            history: Rc::new(vec![
                sent(8, draft(InputFormat::TextCrlf, "z.\n")),
                sent(10, hex.clone()),
            ]),
            saved: Rc::new(vec![SavedDraft {
                name: "日本".into(),
                draft: hex,
            }]),
            readings: Rc::new(vec![Reading {
                upstream: "cache".into(),
                framing: "1+u32be-inclusive".into(),
            }]),
        };
        let written = stored.to_entries();
        assert_eq!(StoredState::from_entries(&written), stored);
        assert!(
            written
                .iter()
                .all(|(key, _)| StoredPart::of_key(key).is_some())
        );
        let saved = written.get("framegate.saved.日本");
        assert_eq!(saved, Some("hex\nff \"00\"\n"));
        let default = StoredState::default();
        assert_eq!(default.to_entries(), Entries::default());
        assert_eq!(StoredState::from_entries(&Entries::default()), default);
    }

    #[test]
    fn invalid_values_get_their_defaults() {
        let read = StoredState::from_entries(&entries(&[
            ("framegate", "x"),
            ("framegate.language", "xx"),
            ("framegate.theme", "7"),
            ("framegate.max_rows", "12345"),
            ("framegate.utc", ""),
            ("framegate.history.text", "1"),
            ("framegate.history.text\na", "x"),
            ("framegate.history.none\na", "1"),
            ("framegate.saved.a", "text"),
            ("framegate.fields.echo", "json\n"),
        ]));
        assert_eq!(read, StoredState::default());
        assert_eq!(StoredPart::of_key("framegate.fields.echo"), None);
    }

    #[test]
    fn the_latest_drafts_of_all_tabs_are_the_history() {
        let keys: Vec<_> = (0..=MAX_HISTORY)
            .map(|number| (format!("{HISTORY}text\n{number}"), number.to_string()))
            .collect();
        let keys: Vec<_> = keys.iter().map(|(key, value)| (&**key, &**value)).collect();
        let history = StoredState::from_entries(&entries(&keys)).history;
        let numbers: Vec<_> = history.iter().map(|it| it.number).collect();
        assert_eq!(numbers, (1..=MAX_HISTORY as u64).collect::<Vec<_>>());
    }
}
