//! Event listeners that dispatch actions.

use gloo_events::EventListener;
use web_core::action::Action;
use web_sys::{Event, EventTarget};
use yew::prelude::*;

/// Dispatches the action that `action` makes of each event, if any, until the listener is
/// dropped.
pub(super) fn listen(
    target: &EventTarget,
    event: &'static str,
    dispatch: &Callback<Action>,
    action: fn(&Event) -> Option<Action>,
) -> EventListener {
    let dispatch = dispatch.clone();
    EventListener::new(target, event, move |event| {
        if let Some(action) = action(event) {
            dispatch.emit(action);
        }
    })
}
