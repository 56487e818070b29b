//! The draft and the log over a reload, in the storage of the tab.

use gloo_events::EventListener;
use js_sys::Reflect;
use web_core::settings::{draft_from_json, draft_json};
use web_core::state::State;
use web_sys::{Storage, Window};

use crate::store::Store;

const DRAFT: &str = "framegate.draft";
const LOG: &str = "framegate.log";

/// Restores what the page kept before it was reloaded.
pub fn restore(state: &mut State) {
    let draft = draft_from_json(&get(DRAFT));
    // A character for each byte.
    let packed: Vec<u8> = get(LOG).chars().map(|c| c as u8).collect();
    state.restore(draft, &packed);
}

/// Keeps the draft and the latest messages when the page is left. If more would be lost, the
/// browser asks first.
pub fn listen(window: &Window, store: &Store) {
    for event in ["beforeunload", "pagehide"] {
        let store = store.clone();
        EventListener::new(window, event, move |event| {
            if !keep(&store.state()) {
                // Asks before the page is unloaded; does nothing when it is hidden. Fails for
                // no event.
                let _ = Reflect::set(event, &"returnValue".into(), &true.into());
            }
        })
        .forget();
    }
}

/// Keeps the draft and the log; returns false if something is lost.
fn keep(state: &State) -> bool {
    let (packed, is_whole) = state.pack_for_reload();
    let log: String = packed.into_iter().map(char::from).collect();
    let is_kept = set(DRAFT, &draft_json(&state.draft, "")) && set(LOG, &log);
    is_whole && (is_kept || (log.is_empty() && state.draft.text.is_empty()))
}

fn get(key: &str) -> String {
    let text = storage().and_then(|storage| storage.get_item(key).ok().flatten());
    text.unwrap_or_default()
}

fn set(key: &str, text: &str) -> bool {
    storage().is_some_and(|storage| storage.set_item(key, text).is_ok())
}

/// The storage; `None` if the browser forbids it.
fn storage() -> Option<Storage> {
    web_sys::window()?.session_storage().ok().flatten()
}
