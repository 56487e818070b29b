//! The languages of the page.

use crate::dictionary;

/// A language of the page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Japanese.
    Japanese,
}

impl Language {
    /// All languages.
    pub const ALL: [Language; 2] = [Language::English, Language::Japanese];

    /// Returns the language tag (BCP 47).
    pub fn tag(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Japanese => "ja",
        }
    }

    /// Returns the language's own name.
    pub fn own_name(self) -> &'static str {
        match self {
            Language::English => "English",
            Language::Japanese => "日本語",
        }
    }

    /// Picks the text in this language. It is inlined, so that a program with a dictionary has no
    /// Japanese text.
    #[inline(always)]
    pub fn pick(self, english: &'static str, japanese: &'static str) -> &'static str {
        match self {
            _ if cfg!(feature = "dictionary") => self.look_up(english),
            Language::English => english,
            Language::Japanese => japanese,
        }
    }

    fn look_up(self, english: &'static str) -> &'static str {
        match self {
            Language::English => english,
            Language::Japanese => dictionary::japanese(english),
        }
    }

    /// Returns true if the texts in this language are there.
    pub fn is_loaded(self) -> bool {
        !cfg!(feature = "dictionary") || self == Language::English || !dictionary::is_empty()
    }

    /// Returns the language of a tag such as `en-GB`.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next()?;
        Self::ALL.into_iter().find(|it| it.tag() == primary)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_select_languages() {
        let check = |tag, expected| assert_eq!(Language::from_tag(tag), expected, "{tag}");
        check("en", Some(Language::English));
        check("ja-JP", Some(Language::Japanese));
        check("jam", None);
        check("", None);
    }
}
