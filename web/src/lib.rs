//! framegate's page: talk to a framed TCP service from the browser, and see its bytes.
//!
//! `WebSocket event -> Action -> State -> view`, and back. The reducer and all that is pure
//! is [`web_core`]. Here, [`store`] holds its state, [`browser`] has the effects, which turn
//! browser events into actions, and [`components`] draw: properties in, callbacks out.
//! [`app`] connects them.

pub mod app;
pub mod browser;
pub mod components;
pub mod store;

/// Renders the page into the element of its static frame.
pub fn mount() {
    let frame = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.get_element_by_id("page"));
    if let Some(frame) = frame {
        yew::Renderer::<app::App>::with_root(frame).render();
    }
}
