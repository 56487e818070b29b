//! The upstream in the fragment of the page's URL, so that links can name it, and `try`, which opens
//! the tool that tries framings on bytes.

use std::cell::RefCell;

use gloo_events::EventListener;
use js_sys::{decode_uri_component, encode_uri_component};
use wasm_bindgen::JsValue;
use web_core::action::Action;
use web_core::gateway_info::UpstreamChoice;
use web_sys::{Event, Window};
use yew::prelude::*;

use super::{late_part, url};
use crate::store::Store;

/// The part of the fragment that opens the tool.
const TOOL: &str = "try";

/// Returns the link in the page's URL.
pub fn link() -> Action {
    let choice = choice_in(&hash());
    let foreign = match &choice {
        UpstreamChoice::Url(target) => url::foreign(target),
        _ => None,
    };
    Action::FollowLink { choice, foreign }
}

/// Returns the upstream of a fragment, in which the late part has a format for the fields of
/// payloads, too.
fn choice_in(hash: &str) -> UpstreamChoice {
    let mut parameters = hash.trim_start_matches('#').split('&');
    let choice = parameters.find_map(|it| {
        let (key, value) = it.split_once('=')?;
        let value = decode_uri_component(value).ok()?.into();
        match key {
            "upstream" => Some(UpstreamChoice::Named(value)),
            "url" => Some(UpstreamChoice::Url(value)),
            _ => None,
        }
    });
    choice.unwrap_or(UpstreamChoice::First)
}

/// Writes `choice` to the URL, if it is another one.
pub fn write(choice: &UpstreamChoice) {
    thread_local! {
        static WRITTEN: RefCell<Option<UpstreamChoice>> = const { RefCell::new(None) };
    }
    if WRITTEN.with_borrow(|written| written.as_ref() == Some(choice)) {
        return;
    }
    WRITTEN.set(Some(choice.clone()));
    let hash = hash();
    let is_first = *choice == UpstreamChoice::First;
    let is_known = |it: &str| match it.split_once('=') {
        None => it.is_empty() || it == TOOL,
        Some((key, _)) => key == "fields" || !is_first && matches!(key, "upstream" | "url"),
    };
    let mut parameters = hash.trim_start_matches('#').split('&');
    if choice_in(&hash) == *choice && parameters.all(is_known) {
        return;
    }
    replace(&match choice {
        UpstreamChoice::First => String::new(),
        UpstreamChoice::Named(name) => format!("#upstream={}", encode_uri_component(name)),
        UpstreamChoice::Url(url) => format!("#url={}", encode_uri_component(url)),
    });
}

/// Opens the tool if the link says so. Dispatches changes of the URL that the user makes.
pub fn listen(window: &Window, store: &Store, dispatch: &Callback<Action>) {
    let (dispatch, store) = (dispatch.clone(), store.clone());
    let open_tool = move || {
        if hash()
            .trim_start_matches('#')
            .split('&')
            .any(|it| it == TOOL)
        {
            late_part::open_tool(&store);
        }
    };
    open_tool();
    let on_change = move |_: &Event| {
        dispatch.emit(link());
        open_tool();
    };
    EventListener::new(window, "hashchange", on_change).forget();
}

fn hash() -> String {
    let hash = web_sys::window().and_then(|window| window.location().hash().ok());
    hash.unwrap_or_default()
}

/// Replaces the fragment without adding an entry to the browser's history.
fn replace(fragment: &str) {
    let Some(window) = web_sys::window() else {
        return;
    };
    let location = window.location();
    let path = location.pathname().unwrap_or_default();
    let search = location.search().unwrap_or_default();
    if let Ok(history) = window.history() {
        // Browsers limit the rate of this call; beyond it, the link is stale.
        let url = format!("{path}{search}{fragment}");
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&url));
    }
}
