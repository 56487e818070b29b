//! The browser's local storage, for the state stored between visits.

use web_core::settings::StoredState;
use web_sys::Storage;
use yew::prelude::*;

const KEY: &str = "framegate";

/// Loads the stored state, or the default.
pub fn load() -> StoredState {
    let text = storage().and_then(|storage| storage.get_item(KEY).ok().flatten());
    text.map(|text| StoredState::from_json(&text))
        .unwrap_or_default()
}

/// Stores the state whenever it changes.
#[hook]
pub fn use_storage(stored: StoredState) {
    let is_first = use_mut_ref(|| true);
    use_effect_with(stored, move |stored| {
        // The first state was just loaded.
        if is_first.replace(false) {
            return;
        }
        if let Some(storage) = storage() {
            // Fails if the quota is exceeded; the state stored before remains.
            let _ = storage.set_item(KEY, &stored.to_json());
        }
    });
}

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}
