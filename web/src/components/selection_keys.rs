//! Keys that choose rows of the log, and the copy of the chosen ones.

use wasm_bindgen::JsCast;
use web_core::action::Action;
use web_core::step::Step;
use web_sys::ClipboardEvent;
use yew::prelude::*;

use super::event::filter_callback;

/// Moves the selection by the arrow keys, Home and End; with Shift, chooses the rows on the way.
/// Ctrl+A chooses all.
pub fn move_selection(on_action: &Callback<Action>) -> Callback<KeyboardEvent> {
    filter_callback(on_action, |event: KeyboardEvent| {
        let step = match event.key().as_str() {
            "ArrowUp" => Step::Previous,
            "ArrowDown" => Step::Next,
            "Home" => Step::First,
            "End" => Step::Last,
            "a" if event.ctrl_key() || event.meta_key() => {
                event.prevent_default();
                return Some(Action::ChooseAll);
            }
            _ => return None,
        };
        // The keys would scroll the list away from the selection.
        event.prevent_default();
        Some(match event.shift_key() {
            true => Action::ExtendSelectionBy(step),
            false => Action::MoveSelection(step),
        })
    })
}

/// Copies the chosen rows, unless text is selected.
pub fn copy(on_copy: &Callback<(), String>) -> Callback<Event> {
    let on_copy = on_copy.clone();
    Callback::from(move |event: Event| {
        let selection = web_sys::window().and_then(|window| window.get_selection().ok().flatten());
        let event: ClipboardEvent = event.unchecked_into();
        if selection.is_none_or(|it| it.is_collapsed())
            && let Some(clipboard) = event.clipboard_data()
        {
            event.prevent_default();
            // Fails for read-only data only.
            let _ = clipboard.set_data("text/plain", &on_copy.emit(()));
        }
    })
}
