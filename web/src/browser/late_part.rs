//! Late part of the page: a second program, loaded when it is first needed. It has all
//! framings, and the tool that tries one on bytes.

use std::cell::Cell;

use gloo_events::EventListener;
use js_sys::{Function, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_core::action::Action;
use web_core::frame_view::Explainer;
use web_sys::Element;
use yew::prelude::*;

/// Name of the window's event and of its property with the late part's functions.
const NAME: &str = "framing";

thread_local! {
    static IS_LOADING: Cell<bool> = const { Cell::new(false) };
}

/// Loads the late part once, and dispatches its explainer.
pub fn load_once(dispatch: &Callback<Action>) {
    if !IS_LOADING.replace(true)
        && let Some(listener) = load(dispatch.clone())
    {
        listener.forget();
    }
}

fn load(dispatch: Callback<Action>) -> Option<EventListener> {
    let window = web_sys::window()?;
    let loaded = move |_: &Event| {
        if let Some(explain) = function("explain") {
            dispatch.emit(Action::ExplainerLoaded(Explainer::new(
                move |framing, message| {
                    let message = Uint8Array::from(message);
                    let view = explain.call2(&JsValue::NULL, &framing.into(), &message);
                    view.ok().and_then(|it| it.as_string()).unwrap_or_default()
                },
            )));
        }
    };
    let listener = EventListener::new(&window, NAME, loaded);
    let script: Element = window.document()?.create_element("script").ok()?;
    script.set_attribute("type", "module").ok()?;
    // The script starts the late part, and then tells the window. Its URL has a hash.
    let page = window.document()?.get_element_by_id("page")?;
    script
        .set_attribute("src", &page.get_attribute("data-late")?)
        .ok()?;
    page.parent_element()?.append_child(&script).ok()?;
    Some(listener)
}

/// Returns a function of the late part.
fn function(name: &str) -> Option<Function> {
    let part = Reflect::get(&web_sys::window()?.into(), &NAME.into()).ok()?;
    Reflect::get(&part, &name.into()).ok()?.dyn_into().ok()
}
