//! Web Storage: texts that the browser keeps by their keys.

use js_sys::Object;
use web_sys::Storage;

/// Area of the storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    /// Storage of all tabs of the page, which outlives them.
    Local,
    /// Storage of this tab.
    Session,
}

/// Returns all keys.
pub fn keys(area: Area) -> Vec<String> {
    let keys = storage(area).map(|storage| Object::keys(&storage));
    let keys = keys.unwrap_or_default();
    keys.iter().filter_map(|key| key.as_string()).collect()
}

/// Returns a text, if there is one.
pub fn get(area: Area, key: &str) -> Option<String> {
    storage(area)?.get_item(key).ok()?
}

/// Stores a text, or removes it; returns false if there is no room for it.
pub fn set(area: Area, key: &str, text: Option<&str>) -> bool {
    storage(area).is_some_and(|storage| match text {
        Some(text) => storage.set_item(key, text).is_ok(),
        None => storage.remove_item(key).is_ok(),
    })
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
