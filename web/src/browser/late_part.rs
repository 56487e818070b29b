//! Late part of the page: a second program, loaded when it is first needed. It has all
//! framings, reads raw upstreams by them, and tries them on bytes.

use std::cell::Cell;

use bytes::Bytes;
use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use js_sys::{Array, Reflect, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use web_core::action::Action;
use web_core::frame_view::Explainer;
use web_core::framing::{Framing, RAW};
use web_core::stream_reader::{StreamPiece, StreamReader};
use yew::prelude::*;

use super::late_filter;
use super::matcher::set_search;
use crate::store::Store;

/// Most bytes that a framing is tried on, and one.
const MAX_TRIED: usize = (64 << 10) + 1;

#[wasm_bindgen]
extern "C" {
    /// Loads the late part, unless it is loaded or loading: a function of the page's script.
    #[wasm_bindgen(js_name = loadLate)]
    fn load_late();

    #[wasm_bindgen(catch, js_namespace = late)]
    fn explain(framing: &str, message: &[u8]) -> Result<String, JsValue>;

    #[wasm_bindgen(catch, js_namespace = late)]
    fn read(connection: u32, framing: &str, bytes: &[u8]) -> Result<Array, JsValue>;

    #[wasm_bindgen(catch, js_namespace = late)]
    fn open(message: &[u8], stream: &[u8], reading: Option<&str>) -> Result<(), JsValue>;
}

thread_local! {
    static LISTENS: Cell<bool> = const { Cell::new(false) };
    /// True if the tool that tries framings is to be opened.
    static OPENS: Cell<bool> = const { Cell::new(false) };
}

/// Loads the late part, unless it is there.
pub fn load(store: &Store) {
    if late_filter::is_loaded() {
        return compile(store.clone());
    }
    if !LISTENS.replace(true)
        && let Some(window) = web_sys::window()
    {
        let store = store.clone();
        EventListener::new(&window, "late", move |event| told(&store, event)).forget();
    }
    load_late();
}

/// Compiles a filter that has waited for the late part, after the drawing that asked for it.
fn compile(store: Store) {
    Timeout::new(0, move || {
        let text = store.state().pane().view.filter().text.clone();
        store.dispatch(set_search(text));
    })
    .forget();
}

/// Opens the tool that tries framings on bytes, once the late part is loaded.
pub fn open_tool(store: &Store) {
    OPENS.set(true);
    match store.state().explainer {
        Some(_) => open_wanted(store),
        None => load(store),
    }
}

/// Handles an event of the late part: its detail is missing if it could not be loaded, empty
/// if it was, and otherwise the framing to read a raw upstream by.
fn told(store: &Store, event: &Event) {
    let detail = Reflect::get(event, &"detail".into());
    if detail.as_ref().is_ok_and(JsValue::is_string) {
        late_filter::set_loaded();
    }
    store.dispatch(match detail.ok().and_then(|it| it.as_string()) {
        None => Action::LatePartFailed,
        Some(framing) if !framing.is_empty() => Action::ReadAs((&*framing).into()),
        Some(_) => Action::LatePartLoaded {
            explainer: Explainer::new(|framing, message| {
                explain(framing, message).unwrap_or_default()
            }),
            reader: StreamReader::new(|connection, framing, bytes| {
                let pieces = read(connection, framing, bytes).unwrap_or_default();
                pieces.iter().map(|it| piece(&it)).collect()
            }),
        },
    });
    open_wanted(store);
}

fn piece(piece: &JsValue) -> StreamPiece {
    match piece.as_string() {
        Some(reason) => StreamPiece::Broken(reason),
        None => StreamPiece::Message(Bytes::from(Uint8Array::new(piece).to_vec())),
    }
}

/// Opens the tool if it is wanted and can be: on the shown message and the stream that it is a
/// part of. An upstream that is not raw has no framing to be read by.
fn open_wanted(store: &Store) {
    let state = store.state();
    if state.explainer.is_some() && OPENS.take() {
        let message = state.pane().shown().map(|row| row.payload.clone());
        let upstream = state.upstream().filter(|it| it.is_raw());
        let reading = upstream.map(|_| state.reading().map_or(RAW, Framing::notation));
        // Fails if the late part panics.
        let _ = open(
            &message.unwrap_or_default(),
            &state.raw_stream(MAX_TRIED),
            reading,
        );
    }
}
