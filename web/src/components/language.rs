//! The page's language and time zone, as a yew context.

use web_core::language::Language;
use web_core::zone::Zone;
use yew::prelude::*;

/// The language of texts, and the time zone of times.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Locale {
    /// The language.
    pub language: Language,
    /// The time zone.
    pub zone: Zone,
}

/// Returns the page's language.
#[hook]
pub fn use_language() -> Language {
    use_locale().language
}

/// Returns the page's language and time zone.
#[hook]
pub fn use_locale() -> Locale {
    use_context().unwrap_or_default()
}
