//! The document's language and theme.

use web_core::language::Language;
use web_core::settings::Theme;

/// Returns the browser's preferred language, or the default if the page lacks it.
pub fn preferred_language() -> Language {
    let navigator = web_sys::window().map(|window| window.navigator());
    let tag = navigator.and_then(|navigator| navigator.language());
    tag.and_then(|tag| Language::from_tag(&tag))
        .unwrap_or_default()
}

/// Sets the document's language and theme.
pub fn set(language: Language, theme: Theme) {
    let document = web_sys::window().and_then(|window| window.document());
    if let Some(root) = document.and_then(|document| document.document_element()) {
        for (name, value) in [("lang", language.tag()), ("data-theme", theme.key())] {
            if root.get_attribute(name).as_deref() != Some(value) {
                // Fails for invalid attribute names only.
                let _ = root.set_attribute(name, value);
            }
        }
    }
}
