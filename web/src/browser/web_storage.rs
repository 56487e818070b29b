//! Web Storage: texts that the browser keeps by their keys.

use web_sys::Storage;

/// Area of the storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    /// Storage of all tabs of the page, which outlives them.
    Local,
    /// Storage of this tab.
    Session,
}

/// Returns a text; it is empty if there is none.
pub fn get(area: Area, key: &str) -> String {
    let text = storage(area).and_then(|storage| storage.get_item(key).ok().flatten());
    text.unwrap_or_default()
}

/// Stores a text; returns false if there is no room for it.
pub fn set(area: Area, key: &str, text: &str) -> bool {
    storage(area).is_some_and(|storage| storage.set_item(key, text).is_ok())
}

/// The storage; `None` if the browser forbids it.
fn storage(area: Area) -> Option<Storage> {
    let window = web_sys::window()?;
    let storage = match area {
        Area::Local => window.local_storage(),
        Area::Session => window.session_storage(),
    };
    storage.ok().flatten()
}
