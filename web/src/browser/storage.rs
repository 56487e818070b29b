//! What is kept from one visit to the next, in the browser's storage.

use web_core::settings::Kept;
use web_sys::Storage;
use yew::prelude::*;

const KEY: &str = "framegate";

/// What was kept; nothing where the browser keeps nothing.
pub fn load() -> Kept {
    let text = storage().and_then(|storage| storage.get_item(KEY).ok().flatten());
    text.map(|text| Kept::of_json(&text)).unwrap_or_default()
}

/// Keeps this, whenever it changes.
#[hook]
pub fn use_kept(kept: Kept) {
    let is_first = use_mut_ref(|| true);
    use_effect_with(kept, move |kept| {
        // What was only just read is there already.
        if is_first.replace(false) {
            return;
        }
        if let Some(storage) = storage() {
            // Fails where there is no room left, and then the last that was kept stays.
            let _ = storage.set_item(KEY, &kept.to_json());
        }
    });
}

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}
