//! The languages of the page.

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
        self.pick("en", "ja")
    }

    /// Returns the language's own name.
    pub fn own_name(self) -> &'static str {
        self.pick("English", "日本語")
    }

    /// Picks the text in this language.
    #[inline]
    pub fn pick(self, english: &'static str, japanese: &'static str) -> &'static str {
        match self {
            Language::English => english,
            Language::Japanese => japanese,
        }
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
