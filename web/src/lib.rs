//! framegate's page: talk to a framed TCP service from the browser, and see the bytes.
//!
//! `WebSocket event -> Action -> State -> view`, and back. [`state`] is the one place
//! where anything changes; it and the modules that it uses know no browser, so that
//! they are tested natively. What is in [`browser`] turns the browser's events into
//! actions, or does one thing when asked. [`components`] take properties and give
//! callbacks.

pub mod app;
pub mod browser;
pub mod components;
pub mod store;

/// Puts the page into the element that holds its static frame.
pub fn mount() {
    let frame = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.get_element_by_id("page"));
    if let Some(frame) = frame {
        yew::Renderer::<app::App>::with_root(frame).render();
    }
}
