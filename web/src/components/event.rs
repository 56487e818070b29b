//! Callbacks for DOM events.

use yew::prelude::*;

/// Returns an event callback that emits the value that `read` makes of an event, if any.
pub fn filter_callback<E: 'static, T: 'static>(
    callback: &Callback<T>,
    read: impl Fn(E) -> Option<T> + 'static,
) -> Callback<E> {
    let callback = callback.clone();
    Callback::from(move |event| {
        if let Some(value) = read(event) {
            callback.emit(value);
        }
    })
}
