//! Late part of the page: all framings, loaded when a framing that is not built in is first
//! used.

pub mod explain;
pub mod whole;

use web_core::language::Language;

/// Explains a message's frame as lines, in the document's language.
pub fn explain_to_page(framing: &str, message: &[u8]) -> String {
    let root = web_sys::window().and_then(|window| window.document()?.document_element());
    let language = root.and_then(|root| Language::from_tag(&root.get_attribute("lang")?));
    explain::explain(framing, message, language.unwrap_or_default())
}
