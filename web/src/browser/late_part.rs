//! Late part of the page: a second program, loaded when it is first needed. It has all
//! framings, reads raw upstreams by them, and tries them on bytes.

use std::cell::Cell;

use bytes::Bytes;
use gloo_events::EventListener;
use js_sys::{Array, Function, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_core::action::Action;
use web_core::frame_view::Explainer;
use web_core::framing::{Framing, RAW};
use web_core::stream_reader::{StreamPiece, StreamReader};
use web_sys::Element;
use yew::prelude::*;

use crate::store::Store;

/// Name of the window's event and of its property with the late part's functions.
const NAME: &str = "framing";

/// Most bytes that the late part tries a framing on, and one.
const MAX_TRIED: usize = (64 << 10) + 1;

/// Progress of loading.
#[derive(Clone, Copy, PartialEq)]
enum Progress {
    None,
    Loading,
    Loaded,
}

thread_local! {
    static PROGRESS: Cell<Progress> = const { Cell::new(Progress::None) };
    /// Number of attempts so far: browsers keep a script that failed, by its URL.
    static ATTEMPTS: Cell<u32> = const { Cell::new(0) };
    /// True if the tool that tries framings is to be opened.
    static OPENS: Cell<bool> = const { Cell::new(false) };
}

/// Loads the late part, unless it is there, and opens its tool if `opens`.
pub fn load(store: &Store, opens: bool) {
    OPENS.set(opens || OPENS.get());
    match PROGRESS.get() {
        Progress::Loaded => open(store),
        Progress::Loading => {}
        Progress::None => {
            PROGRESS.set(Progress::Loading);
            if ATTEMPTS.get() == 0 {
                listen(store);
            }
            ATTEMPTS.set(ATTEMPTS.get() + 1);
            add_script();
        }
    }
}

/// Listens to the late part: it tells that it was loaded, or was not, and later the framing
/// that the user chose, as the property `choice`.
fn listen(store: &Store) {
    let Some(window) = web_sys::window() else {
        return;
    };
    let store = store.clone();
    let on_event = move |_: &Event| match (PROGRESS.get(), property("choice")) {
        (Progress::Loaded, choice) => {
            if let Some(framing) = choice.and_then(|it| it.as_string()) {
                store.dispatch(Action::ReadAs((&*framing).into()));
            }
        }
        _ => loaded(&store),
    };
    EventListener::new(&window, NAME, on_event).forget();
}

fn loaded(store: &Store) {
    let (Some(explain), Some(read)) = (function("explain"), function("read")) else {
        PROGRESS.set(Progress::None);
        return store.dispatch(Action::LatePartFailed);
    };
    PROGRESS.set(Progress::Loaded);
    store.dispatch(Action::LatePartLoaded {
        explainer: Explainer::new(move |framing, message| {
            let message = Uint8Array::from(message);
            let view = explain.call2(&JsValue::NULL, &framing.into(), &message);
            view.ok().and_then(|it| it.as_string()).unwrap_or_default()
        }),
        reader: StreamReader::new(move |connection, framing, bytes| {
            let bytes = Uint8Array::from(bytes);
            let read = read.call3(&JsValue::NULL, &connection.into(), &framing.into(), &bytes);
            let pieces = read.ok().and_then(|it| it.dyn_into::<Array>().ok());
            pieces.map_or_else(Vec::new, |pieces| {
                pieces.iter().map(|it| piece(&it)).collect()
            })
        }),
    });
    open(store);
}

fn piece(piece: &JsValue) -> StreamPiece {
    match piece.as_string() {
        Some(reason) => StreamPiece::Broken(reason),
        None => StreamPiece::Message(Bytes::from(Uint8Array::new(piece).to_vec())),
    }
}

/// Opens the tool, if it was asked for: on the shown message and the stream that it is in. The
/// framing that an upstream is read by is `raw` for none, and missing if it is not raw.
fn open(store: &Store) {
    if OPENS.get()
        && let Some(open) = function("open")
    {
        OPENS.set(false);
        let state = store.state();
        let message = state.pane().shown().map(|row| row.payload.clone());
        let message = Uint8Array::from(&message.unwrap_or_default()[..]);
        let stream = Uint8Array::from(&state.raw_stream(MAX_TRIED)[..]);
        let upstream = state.upstream().filter(|it| it.is_raw());
        let reading = upstream.map(|_| state.reading().map_or(RAW, Framing::notation));
        // Fails if the late part panics.
        let _ = open.call3(&JsValue::NULL, &message, &stream, &reading.into());
    }
}

/// Adds the script that starts the late part, and then tells the window. Its URL has a hash.
fn add_script() -> Option<()> {
    let document = web_sys::window()?.document()?;
    let script: Element = document.create_element("script").ok()?;
    script.set_attribute("type", "module").ok()?;
    let page = document.get_element_by_id("page")?;
    let url = page.get_attribute("data-late")?;
    let url = format!("{url}#{}", ATTEMPTS.get());
    script.set_attribute("src", &url).ok()?;
    // The script tells all other failures itself.
    let failed = EventListener::new(&script, "error", |_| {
        let window = web_sys::window();
        let event = Event::new(NAME).ok();
        let _ = window
            .zip(event)
            .map(|(window, event)| window.dispatch_event(&event));
    });
    failed.forget();
    page.parent_element()?.append_child(&script).ok()?;
    Some(())
}

/// Returns a property of the late part.
fn property(name: &str) -> Option<JsValue> {
    let part = Reflect::get(&web_sys::window()?.into(), &NAME.into()).ok()?;
    Reflect::get(&part, &name.into()).ok()
}

/// Returns a function of the late part.
fn function(name: &str) -> Option<Function> {
    property(name)?.dyn_into().ok()
}
