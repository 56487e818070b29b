//! The draft and the log over a reload, in the storage of the tab.

use gloo_events::EventListener;
use js_sys::Reflect;
use web_core::draft::Draft;
use web_core::state::State;
use web_sys::Window;

use super::web_storage::{Area, get, set};
use crate::store::Store;

const DRAFT: &str = "framegate.draft";
const LOG: &str = "framegate.log";

/// Restores what the page kept before it was reloaded.
pub fn restore(state: &mut State) {
    let [draft, log] = [DRAFT, LOG].map(|key| get(Area::Session, key).unwrap_or_default());
    // A character for each byte.
    let packed: Vec<u8> = log.chars().map(|c| c as u8).collect();
    state.restore(Draft::from_notation(&draft), &packed);
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
    let kept = [(DRAFT, &state.draft.to_notation()), (LOG, &log)];
    let mut kept = kept.into_iter();
    let is_kept = kept.all(|(key, text)| set(Area::Session, key, Some(text)));
    is_whole && (is_kept || (log.is_empty() && state.draft.text.is_empty()))
}
