//! The language of texts, and the time zone of times.

use web_core::language::Language;
use web_core::zone::Zone;

/// The language of texts, and the time zone of times.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Locale {
    /// The language.
    pub language: Language,
    /// The time zone.
    pub zone: Zone,
}
