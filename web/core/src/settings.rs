//! What the page keeps from one visit to the next, and its form as text. Pure.

use std::rc::Rc;

use crate::draft::{Draft, Format, Saved};
use crate::json::{self, Value};
use crate::log::{DEFAULT_ROWS, ROW_CAPS};
use crate::text::Language;

/// Light or dark.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Theme {
    /// What the system has.
    #[default]
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// What a person can set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// The language, if it is not to be the browser's.
    pub language: Option<Language>,
    /// The theme.
    pub theme: Theme,
    /// How many messages the log keeps.
    pub max_rows: usize,
}

/// All that is kept.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Kept {
    /// The settings.
    pub settings: Settings,
    /// What was sent, the oldest first.
    pub history: Rc<Vec<Draft>>,
    /// What was saved.
    pub saved: Rc<Vec<Saved>>,
}

impl Theme {
    /// Every theme.
    pub const ALL: [Theme; 3] = [Theme::System, Theme::Light, Theme::Dark];

    /// What the theme is called in styles and in what is kept.
    pub fn key(self) -> &'static str {
        match self {
            Theme::System => "system",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    /// The theme that is called `key`.
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.key() == key)
    }
}

impl Kept {
    /// What is kept, as JSON.
    pub fn to_json(&self) -> String {
        let Settings {
            language,
            theme,
            max_rows,
        } = self.settings;
        let language = language.map_or("null".into(), |it| json::quote(it.tag()));
        let theme = json::quote(theme.key());
        let history: Vec<_> = self.history.iter().map(|it| draft_json(it, "")).collect();
        let saved = self.saved.iter().map(|Saved { name, draft }| {
            let name = format!(r#""name":{},"#, json::quote(name));
            draft_json(draft, &name)
        });
        let (history, saved) = (history.join(","), saved.collect::<Vec<_>>().join(","));
        format!(
            r#"{{"language":{language},"theme":{theme},"keep":{max_rows},"history":[{history}],"saved":[{saved}]}}"#
        )
    }

    /// Reads what was kept; what cannot be read is as if it had never been set.
    pub fn of_json(text: &str) -> Self {
        let Ok(value) = json::parse(text) else {
            return Self::default();
        };
        let string = |key| value.member(key).and_then(Value::as_str);
        let rows = value.member("keep").and_then(Value::as_number);
        let rows = rows.and_then(|rows| usize::try_from(rows).ok());
        let items = |key| value.member(key).map(Value::items).unwrap_or_default();
        let saved = |it: &Value| {
            let name = it.member("name")?.as_str()?.into();
            draft(it).map(|draft| Saved { name, draft })
        };
        Self {
            settings: Settings {
                language: string("language").and_then(Language::of_tag),
                theme: string("theme").and_then(Theme::of_key).unwrap_or_default(),
                max_rows: rows
                    .filter(|rows| ROW_CAPS.contains(rows))
                    .unwrap_or(DEFAULT_ROWS),
            },
            history: Rc::new(items("history").iter().filter_map(draft).collect()),
            saved: Rc::new(items("saved").iter().filter_map(saved).collect()),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: None,
            theme: Theme::default(),
            max_rows: DEFAULT_ROWS,
        }
    }
}

fn draft_json(Draft { format, text }: &Draft, more: &str) -> String {
    let (format, text) = (json::quote(format.key()), json::quote(text));
    format!(r#"{{{more}"format":{format},"text":{text}}}"#)
}

fn draft(value: &Value) -> Option<Draft> {
    Some(Draft {
        format: Format::of_key(value.member("format")?.as_str()?)?,
        text: value.member("text")?.as_str()?.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_reads_back() {
        let draft = Draft {
            format: Format::Hex,
            text: "ff \"00\"\n".into(),
        };
        let kept = Kept {
            settings: Settings {
                language: Some(Language::Japanese),
                theme: Theme::Dark,
                max_rows: 100_000,
            },
            history: Rc::new(vec![draft.clone(), Draft::default()]),
            saved: Rc::new(vec![Saved {
                name: "日本".into(),
                draft,
            }]),
        };
        assert_eq!(Kept::of_json(&kept.to_json()), kept);
        assert_eq!(Kept::of_json(&Kept::default().to_json()), Kept::default());
    }

    #[test]
    fn what_cannot_be_read_is_left_out() {
        let check = |text: &str, expected: Kept| assert_eq!(Kept::of_json(text), expected);
        check("", Kept::default());
        check("[]", Kept::default());
        check(
            r#"{"language":"xx","theme":7,"keep":12345,"history":[1,{"format":"x"}],"saved":{}}"#,
            Kept::default(),
        );
    }
}
