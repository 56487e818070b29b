//! The browser's local storage, which all tabs of the page share, for the state stored between
//! visits.

use std::cell::RefCell;

use gloo_events::EventListener;
use web_core::action::Action;
use web_core::notice::Notice;
use web_core::shared_entries::{Entries, SharedEntries};
use web_core::stored_state::{StoredPart, StoredState};
use web_sys::Window;
use yew::prelude::*;

use super::web_storage::{self, Area};
use crate::store::Store;

/// The key of spaces that take the room of the settings in advance, for a storage that is full.
const ROOM: &str = "framegate.room";
const ROOM_LEN: usize = 200;

thread_local! {
    static SHARED: RefCell<SharedEntries> = RefCell::default();
}

/// Loads the stored state, or the default.
pub fn load() -> StoredState {
    // Without any room, a later change says so.
    web_storage::set(Area::Local, ROOM, Some(&" ".repeat(ROOM_LEN)));
    let entries = entries();
    let stored = StoredState::from_entries(&entries);
    SHARED.set(SharedEntries::new(entries));
    stored
}

/// Stores the state whenever it changes.
#[hook]
pub fn use_storage(stored: StoredState, store: &Store) {
    use_effect_with(stored, {
        let store = store.clone();
        move |_| sync(&store)
    });
}

/// Follows the changes of other tabs, and stores what changed just before the page is left.
pub fn listen(window: &Window, store: &Store) {
    for event in ["storage", "pagehide"] {
        let store = store.clone();
        EventListener::new(window, event, move |_| sync(&store)).forget();
    }
}

/// Merges the changes of this tab and of the others, in both directions.
fn sync(store: &Store) {
    let own = store.state().to_stored().to_entries();
    let synced = SHARED.with_borrow_mut(|shared| shared.sync(&own, entries(), &mut set));
    if let Some(part) = synced.lost.as_deref().and_then(StoredPart::of_key) {
        store.dispatch(Action::ShowNotice(Some(Notice::NotStored(part))));
    }
    if synced.entries != own {
        let stored = StoredState::from_entries(&synced.entries);
        store.dispatch(Action::StoredChanged(stored));
    }
}

/// The stored entries of the state.
fn entries() -> Entries {
    let mut entries = Entries::default();
    for key in web_storage::keys(Area::Local) {
        if StoredPart::of_key(&key).is_some() {
            let value = web_storage::get(Area::Local, &key);
            entries.set(&key, value.as_deref());
        }
    }
    entries
}

/// Stores a value or removes it; returns false if there is no room for it.
fn set(key: &str, value: Option<&str>) -> bool {
    let set = || web_storage::set(Area::Local, key, value);
    let is_setting = StoredPart::of_key(key) == Some(StoredPart::Settings);
    set() || (is_setting && web_storage::set(Area::Local, ROOM, None) && set())
}
