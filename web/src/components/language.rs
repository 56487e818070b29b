//! The page's language, as a yew context.

use web_core::language::Language;
use yew::prelude::*;

/// Returns the page's language.
#[hook]
pub fn use_language() -> Language {
    use_context().unwrap_or_default()
}
