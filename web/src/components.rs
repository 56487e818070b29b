//! What the page is made of: properties in, callbacks out.

pub mod announcer;
pub mod beginning;
pub mod chart;
pub mod clients;
pub mod composer;
pub mod copy;
pub mod dump;
pub mod file_button;
pub mod filter_bar;
pub mod list;
pub mod menu;
pub mod messages;
pub mod notice;
pub mod repeat_group;
pub mod row;
pub mod saved_menu;
pub mod select;
pub mod stats;
pub mod tabs;
pub mod top_bar;
pub mod view;
pub mod wire_view;

#[cfg(test)]
mod tests;

use web_core::text::Language;
use yew::prelude::*;

/// The language that the page is in.
#[hook]
pub fn use_language() -> Language {
    use_context().unwrap_or_default()
}

/// A callback for events that tells `callback` what `read` makes of them, if anything.
pub fn reading<E: 'static, T: 'static>(
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
