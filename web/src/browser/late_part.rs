//! Late part of the page: a second program, loaded when it is first needed. It has all
//! framings, draws the wire view, reads raw upstreams, tries framings on bytes, writes and reads
//! files, and draws the charts.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use bytes::Bytes;
use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use js_sys::{Array, Reflect, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::{Closure, wasm_bindgen};
use web_core::action::Action;
use web_core::chart_numbers;
use web_core::draft::{Draft, InputFormat};
use web_core::frame_view::Explainer;
use web_core::framing::{Framing, RAW};
use web_core::message_log::Row;
use web_core::state::State;
use web_core::stream_reader::{StreamPiece, StreamReader};
use web_core::wire_view_tab::WireViewTab;
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

    #[wasm_bindgen(catch, js_namespace = late, js_name = show)]
    fn show_message(
        facts: &str,
        number: u32,
        len: usize,
        tab: &str,
        read: &JsValue,
    ) -> Result<u32, JsValue>;

    #[wasm_bindgen(catch, js_namespace = late)]
    fn clear() -> Result<(), JsValue>;

    #[wasm_bindgen(catch, js_namespace = late)]
    fn read_input(format: &str, text: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_namespace = late)]
    fn charts(numbers: &[u8], opens: bool) -> Result<bool, JsValue>;

    #[wasm_bindgen(catch, js_namespace = late)]
    fn open(message: &[u8], stream: &[u8], reading: Option<&str>) -> Result<(), JsValue>;
}

thread_local! {
    static LISTENS: Cell<bool> = const { Cell::new(false) };
    /// The job that waits for the late part: the last that was asked for.
    static JOB: RefCell<Option<Job>> = const { RefCell::new(None) };
    /// The charts' panel: false if it is open, true if it is to be opened.
    static CHARTS: Cell<Option<bool>> = const { Cell::new(None) };
    /// The tick at which the charts were drawn.
    static DRAWN_MS: Cell<f64> = const { Cell::new(0.0) };
    /// Payloads of the messages that were last shown, by ascending numbers: the latest, and the one
    /// before it that the late part still shows.
    static SHOWN: RefCell<Vec<(u32, Bytes)>> = const { RefCell::new(Vec::new()) };
    /// Function that reads a range of one for the late part.
    static READ: Closure<dyn Fn(u32, usize, Uint8Array)> =
        Closure::new(|number, begin, into| read_shown(number, begin, &into));
}

/// Copies bytes of a shown payload into an array of the browser's, which is filled.
fn read_shown(number: u32, begin: usize, into: &Uint8Array) {
    SHOWN.with_borrow(|shown| {
        let range = begin..begin + into.length() as usize;
        let payload = shown.iter().find(|it| it.0 == number);
        if let Some(bytes) = payload.and_then(|it| it.1.get(range)) {
            into.copy_from(bytes);
        }
    });
}

/// Draws a message in a tab of the wire view, by its facts, or none. The late part is loaded.
pub fn show(message: Option<(&str, &Rc<Row>)>, tab: &str) {
    let Some((facts, row)) = message else {
        SHOWN.take();
        // Fails if the late part panics.
        let _ = clear();
        return;
    };
    let number = SHOWN.with_borrow_mut(|shown| {
        let number = shown.last().map_or(0, |it| it.0.wrapping_add(1));
        shown.push((number, row.payload.clone()));
        number
    });
    let len = row.payload.len();
    let still = READ.with(|read| show_message(facts, number, len, tab, read.as_ref()));
    // It fails if the late part panics.
    let still = still.unwrap_or(number);
    SHOWN.with_borrow_mut(|shown| shown.retain(|it| it.0 == number || it.0 == still));
}

/// A job of the late part.
type Job = Box<dyn FnOnce(&Store)>;

/// Loads the late part, unless it is there.
pub fn load(store: &Store) {
    if late_filter::is_loaded() {
        return compile(store.clone());
    }
    if !LISTENS.replace(true)
        && let Some(window) = web_sys::window()
    {
        let store = store.clone();
        let wishing = store.clone();
        EventListener::new(&window, "late", move |event| told(&store, event)).forget();
        let on_wish = move |event: &Event| wished(&wishing, event);
        EventListener::new(&window, "wire-view", on_wish).forget();
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

/// Does a job once the late part is loaded. After a failure, it waits for the next attempt.
pub fn when_loaded(store: &Store, job: impl FnOnce(&Store) + 'static) {
    JOB.set(Some(Box::new(job)));
    let is_loaded = store.state().explainer.is_some();
    match is_loaded {
        true => do_job(store),
        false => load(store),
    }
}

/// Opens the tool that tries framings on bytes, once the late part is loaded.
pub fn open_tool(store: &Store) {
    when_loaded(store, open_on_shown);
}

fn do_job(store: &Store) {
    let is_loaded = store.state().explainer.is_some();
    if let Some(job) = JOB.with_borrow_mut(|job| job.take_if(|_| is_loaded)) {
        job(store);
    }
}

/// Opens the charts, once the late part is loaded.
pub fn open_charts(store: &Store) {
    when_loaded(store, |store| {
        CHARTS.set(Some(true));
        draw_charts(&store.state());
    });
}

/// Draws the charts at each tick while their panel is open.
pub fn draw_charts(state: &State) {
    let now = state.now;
    if let Some(opens) = CHARTS.get()
        && (opens || DRAWN_MS.replace(now.steady_ms) != now.steady_ms)
    {
        let numbers = chart_numbers::encode(&state.stats, now);
        let is_open = charts(&numbers, opens).unwrap_or_default();
        CHARTS.set(is_open.then_some(false));
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
            })
            .with_input(|format, text| {
                let read = read_input(format, text).unwrap_or_default();
                match read.as_string() {
                    Some(reason) => Err(reason),
                    None => Ok(Uint8Array::new(&read).to_vec()),
                }
            }),
            reader: StreamReader::new(|connection, framing, bytes| {
                let pieces = read(connection, framing, bytes).unwrap_or_default();
                pieces.iter().map(|it| piece(&it)).collect()
            }),
        },
    });
    do_job(store);
}

/// Handles a wish of the wire view: a tab to open, the log to be filtered again, as the fields have
/// another format, a message to hold, or bytes in hexadecimal to edit.
fn wished(store: &Store, event: &Event) {
    let detail = Reflect::get(event, &"detail".into()).ok();
    let detail = detail.and_then(|it| it.as_string()).unwrap_or_default();
    let (kind, value) = detail.split_once(' ').unwrap_or_default();
    if kind == "filter" {
        return compile(store.clone());
    }
    store.dispatch(match (kind, WireViewTab::from_key(value)) {
        ("tab", Some(tab)) => Action::SelectWireViewTab(tab),
        ("hold", _) => Action::HoldMessage(value.parse().ok()),
        _ => Action::LoadDraft(Draft {
            format: InputFormat::Hex,
            text: value.into(),
        }),
    });
}

fn piece(piece: &JsValue) -> StreamPiece {
    match piece.as_string() {
        Some(reason) => StreamPiece::Broken(reason),
        None => StreamPiece::Message(Bytes::from(Uint8Array::new(piece).to_vec())),
    }
}

/// Opens the tool on the shown message and the stream that it is a part of. An upstream that is
/// not raw has no framing to be read by.
fn open_on_shown(store: &Store) {
    let state = store.state();
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
