//! The draft and the log over a reload, in the storage of the tab.

use gloo_events::EventListener;
use js_sys::Reflect;
use web_core::settings::{draft_from_json, draft_json};
use web_core::state::State;
use web_sys::Window;

use super::web_storage::{Area, get, set};
use crate::store::Store;

const DRAFT: &str = "framegate.draft";
const LOG: &str = "framegate.log";

/// Restores what the page kept before it was reloaded.
pub fn restore(state: &mut State) {
    let draft = draft_from_json(&get(Area::Session, DRAFT));
    // A character for each byte.
    let packed: Vec<u8> = get(Area::Session, LOG).chars().map(|c| c as u8).collect();
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
    let is_kept =
        set(Area::Session, DRAFT, &draft_json(&state.draft, "")) && set(Area::Session, LOG, &log);
    is_whole && (is_kept || (log.is_empty() && state.draft.text.is_empty()))
}
