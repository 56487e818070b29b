//! What the document as a whole shows: its language and its theme.

use web_core::settings::Theme;
use web_core::text::Language;
use yew::prelude::*;

/// The language that the browser asks for, as far as the page speaks it.
pub fn preferred_language() -> Language {
    let navigator = web_sys::window().map(|window| window.navigator());
    let tag = navigator.and_then(|navigator| navigator.language());
    tag.and_then(|tag| Language::of_tag(&tag))
        .unwrap_or_default()
}

/// Keeps the document in this language and theme.
#[hook]
pub fn use_appearance(language: Language, theme: Theme) {
    use_effect_with((language, theme), |(language, theme)| {
        let document = web_sys::window().and_then(|window| window.document());
        if let Some(root) = document.and_then(|document| document.document_element()) {
            // Fails for names that are none, and these are.
            let _ = root.set_attribute("lang", language.tag());
            let _ = root.set_attribute("data-theme", theme.key());
        }
    });
}
