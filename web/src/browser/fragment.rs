//! What the person talks to, in the fragment of the page's URL, so that a link opens it.

use gloo_events::EventListener;
use js_sys::{decode_uri_component, encode_uri_component};
use wasm_bindgen::JsValue;
use web_core::action::Action;
use web_core::gateway::Choice;
use yew::prelude::*;

/// What the page's URL says.
pub fn choice() -> Choice {
    let hash = web_sys::window().and_then(|window| window.location().hash().ok());
    let hash = hash.unwrap_or_default();
    let (key, value) = hash
        .trim_start_matches('#')
        .split_once('=')
        .unwrap_or_default();
    let value = decode_uri_component(value).ok().map(String::from);
    match (key, value) {
        ("upstream", Some(name)) => Choice::Upstream(name),
        ("url", Some(url)) => Choice::Url(url),
        _ => Choice::First,
    }
}

/// Keeps the URL saying `choice`, and listens to its being changed.
#[hook]
pub fn use_fragment(choice: Choice, dispatch: Callback<Action>) {
    use_effect_with(choice, |choice| {
        let fragment = match choice {
            Choice::First => String::new(),
            Choice::Upstream(name) => format!("#upstream={}", encode_uri_component(name)),
            Choice::Url(url) => format!("#url={}", encode_uri_component(url)),
        };
        replace(&fragment);
    });
    use_effect_with((), move |()| {
        let listener = web_sys::window().map(|window| {
            EventListener::new(&window, "hashchange", move |_| {
                dispatch.emit(Action::Choose(self::choice()));
            })
        });
        move || drop(listener)
    });
}

/// Without a step of its own in the browser's history.
fn replace(fragment: &str) {
    let Some(window) = web_sys::window() else {
        return;
    };
    let location = window.location();
    let path = location.pathname().unwrap_or_default();
    let search = location.search().unwrap_or_default();
    if let Ok(history) = window.history() {
        // Fails where it is done hundreds of times in a row, and then the link is stale.
        let url = format!("{path}{search}{fragment}");
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&url));
    }
}
