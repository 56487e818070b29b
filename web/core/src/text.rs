//! All that the page says, in every language. A sentence that lacks one does not compile.

mod client;
mod connection;
mod framing;
mod message;
mod monitor;
mod words;

pub use client::{python_client, send_command};
pub use message::arrow;

/// A language that the page speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Japanese.
    Japanese,
}

/// The product's name.
pub const NAME: &str = "framegate";

/// What the first way to begin sends.
pub const HELLO: &str = "hello";

impl Language {
    /// Every language.
    pub const ALL: [Language; 2] = [Language::English, Language::Japanese];

    /// The language's tag, BCP 47.
    pub const fn tag(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Japanese => "ja",
        }
    }

    /// The language's own name.
    pub const fn own_name(self) -> &'static str {
        match self {
            Language::English => "English",
            Language::Japanese => "日本語",
        }
    }

    /// The language that `tag` is a variant of, such as `en-GB`.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next()?;
        Self::ALL.into_iter().find(|it| it.tag() == primary)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_name_languages() {
        let check = |tag, expected| assert_eq!(Language::of_tag(tag), expected, "{tag}");
        check("en", Some(Language::English));
        check("ja-JP", Some(Language::Japanese));
        check("jam", None);
        check("", None);
    }
}
