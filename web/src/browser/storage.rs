//! The browser's local storage, which all tabs of the page share, for the state stored between
//! visits.

use std::cell::RefCell;

use gloo_events::EventListener;
use web_core::action::Action;
use web_core::notice::Notice;
use web_core::settings::{StoredPart, StoredState};
use web_core::shared_lines::SharedLines;
use web_sys::Window;
use yew::prelude::*;

use super::web_storage::{self, Area};
use crate::store::Store;

/// The length to which the settings are padded with spaces: a change of them then needs no more
/// room in a full storage.
const SETTINGS_LEN: usize = 200;

thread_local! {
    /// The parts of the stored state, in the order of [`StoredPart::ALL`].
    static PARTS: RefCell<[SharedLines; 4]> = RefCell::default();
}

/// Loads the stored state, or the default.
pub fn load() -> StoredState {
    let texts = StoredPart::ALL.map(get);
    // Takes the room that a later change needs. Without any, that change says so.
    put(StoredPart::Settings, &texts[0]);
    let stored = StoredState::from_lines(&texts.join("\n"));
    PARTS.set(texts.map(SharedLines::new));
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

/// Follows the changes of other tabs.
pub fn listen(window: &Window, store: &Store) {
    let store = store.clone();
    EventListener::new(window, "storage", move |_| sync(&store)).forget();
}

/// Merges the changes of this tab and of the others, in both directions.
fn sync(store: &Store) {
    let own = store.state().to_stored();
    let mut texts = Vec::new();
    PARTS.with_borrow_mut(|parts| {
        for (part, lines) in StoredPart::ALL.into_iter().zip(parts) {
            let mut put = |text: &str| put(part, text);
            let synced = lines.sync(&own.to_lines(part), &get(part), &mut put);
            texts.push(synced.text);
            if synced.is_lost {
                let notice = Notice::NotStored(part);
                store.dispatch(Action::ShowNotice(Some(notice)));
            }
        }
    });
    let stored = StoredState::from_lines(&texts.join("\n"));
    if stored != own {
        store.dispatch(Action::StoredChanged(stored));
    }
}

fn get(part: StoredPart) -> String {
    let text = web_storage::get(Area::Local, part.key());
    text.trim_end().into()
}

/// Stores a part; returns false if there is no room for it.
fn put(part: StoredPart, text: &str) -> bool {
    let mut text = text.to_owned();
    if part == StoredPart::Settings {
        let padding = SETTINGS_LEN.saturating_sub(text.len());
        text.extend(std::iter::repeat_n(' ', padding));
    }
    web_storage::set(Area::Local, part.key(), &text)
}
