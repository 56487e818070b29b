//! Files, saved messages and code of the late part: its dialogs, and what they ask the page for.

use std::cell::Cell;

use gloo_events::EventListener;
use js_sys::{Array, Reflect, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use web_core::action::Action;
use web_core::message::{Kind, Message};
use web_core::message_log::RowId;
use web_core::notice::Notice;
use web_core::snippets;
use web_core::state::State;
use web_sys::Event;

use super::late_part::when_loaded;
use super::url;
use crate::store::Store;

/// The most bytes of a message that are compared.
const MAX_COMPARED: usize = 16 << 20;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = late)]
    fn open_files(is_filtered: bool, upstream: &str) -> Result<(), JsValue>;

    #[wasm_bindgen(catch, js_namespace = late)]
    fn open_saved(saved: &Array, can_save: bool) -> Result<(), JsValue>;

    #[wasm_bindgen(catch, js_namespace = late)]
    fn add_rows(extension: &str, packed: &[u8], upstream: &str) -> Result<(), JsValue>;

    #[wasm_bindgen(catch, js_namespace = late)]
    fn save_export(extension: &str) -> Result<(), JsValue>;

    #[wasm_bindgen(catch, js_namespace = late)]
    fn copy_text(text: &str) -> Result<(), JsValue>;

    #[wasm_bindgen(catch, js_namespace = late)]
    fn compare(
        left_facts: &str,
        left_len: usize,
        left: &[u8],
        right_facts: &str,
        right_len: usize,
        right: &[u8],
    ) -> Result<(), JsValue>;

    #[wasm_bindgen(catch, js_namespace = late)]
    fn show_code(
        payload: &[u8],
        is_text: bool,
        url: &str,
        host: &str,
        port: u16,
        framing: &str,
        token: bool,
    ) -> Result<(), JsValue>;
}

/// A request for a dialog or a file, which the late part carries out.
#[derive(Debug, Clone, Copy)]
pub enum FileRequest {
    /// Open the dialog that exports messages and imports files.
    Files,
    /// Open the dialog of saved messages.
    Saved,
    /// Copy the chosen messages.
    Copy,
    /// Compare the two chosen messages.
    Compare,
    /// Show code that sends the message of a row; without one, the example message.
    Code(Option<RowId>),
}

thread_local! {
    static LISTENS: Cell<bool> = const { Cell::new(false) };
}

/// Carries out a request once the late part is loaded.
pub fn handle(store: &Store, request: FileRequest) {
    if !LISTENS.replace(true)
        && let Some(window) = web_sys::window()
    {
        let store = store.clone();
        EventListener::new(&window, "late-file", move |event| told(&store, event)).forget();
    }
    when_loaded(store, move |store| {
        let state = store.state();
        let done = match request {
            FileRequest::Files => {
                let is_filtered = !state.pane().view.filter().passes_all();
                open_files(is_filtered, state.upstream_name())
            }
            FileRequest::Saved => {
                let saved = state.saved.iter();
                let saved = saved.flat_map(|it| [&it.name, &it.draft.text]);
                let saved = saved.map(|it| JsValue::from(&**it)).collect();
                open_saved(&saved, !state.draft.text.is_empty())
            }
            FileRequest::Copy => copy_text(&state.pane().copy()),
            FileRequest::Compare => open_comparison(&state),
            FileRequest::Code(id) => open_code(&state, id),
        };
        drop(state);
        check(store, &done);
    });
}

/// Says that a file was not written: without memory, or if the late part panics.
fn check(store: &Store, done: &Result<(), JsValue>) {
    if done.is_err() {
        store.dispatch(Action::ShowNotice(Some(Notice::FileUnwritable)));
    }
}

/// Handles what the late part tells: imported rows as bytes, the number of a file's first invalid
/// line, 0 of one that cannot be read, or a command and its argument.
fn told(store: &Store, event: &Event) {
    let Ok(detail) = Reflect::get(event, &"detail".into()) else {
        return;
    };
    let notice = |notice| Action::ShowNotice(Some(notice));
    let action = match (detail.as_string(), detail.as_f64()) {
        (Some(command), _) => match command.split_at_checked(1) {
            Some(("e", export)) => return self::export(store, export),
            Some(("l", name)) => Action::LoadSaved(name.into()),
            Some(("d", name)) => Action::DeleteSaved(name.into()),
            Some(("s", name)) => Action::SaveDraft(name.into()),
            Some(("c", _)) => notice(Notice::Copied),
            Some(("x", _)) => notice(Notice::NotCopied),
            _ => Action::ForgetHistory,
        },
        (_, Some(0.0)) => notice(Notice::FileUnreadable),
        // Exact: it counts lines.
        (_, Some(line)) => notice(Notice::InvalidImport(line as usize)),
        _ => Action::RowsImported(Uint8Array::new(&detail).to_vec()),
    };
    store.dispatch(action);
}

/// Exports messages: the argument is 1 for those that pass the filter, and the extension.
fn export(store: &Store, argument: &str) {
    let (scope, extension) = argument.split_at_checked(1).unwrap_or_default();
    let done = Cell::new(true);
    let state = store.state();
    state.pack_rows(scope == "1", |packed| {
        let added = add_rows(extension, packed, state.upstream_name());
        done.set(done.get() && added.is_ok());
    });
    drop(state);
    let added = done.get().then_some(()).ok_or(JsValue::NULL);
    check(store, &save_export(extension).and(added));
}

/// Compares the chosen messages, if they are two. Of long ones, their beginnings.
fn open_comparison(state: &State) -> Result<(), JsValue> {
    let pane = state.pane();
    let rows = pane.chosen.iter().filter_map(|&id| pane.log.row(id));
    let rows: Vec<_> = rows.collect();
    let [left, right] = rows[..] else {
        return Ok(());
    };
    let [l, r] = [left, right].map(|row| &row.payload);
    compare(
        &state.facts(left),
        l.len(),
        &l[..l.len().min(MAX_COMPARED)],
        &state.facts(right),
        r.len(),
        &r[..r.len().min(MAX_COMPARED)],
    )
}

/// Shows code for a message to the upstream. The example message goes to the echo service, too.
fn open_code(state: &State, id: Option<RowId>) -> Result<(), JsValue> {
    let message = match id {
        Some(id) => state.pane().log.row(id).map(|row| row.message()),
        None => Some(snippets::hello()),
    };
    let gateway = state.gateway.as_ref();
    let echo = gateway
        .and_then(|it| it.echo.as_ref())
        .filter(|_| id.is_none());
    let Some(Message { kind, payload }) = message else {
        return Ok(());
    };
    show_code(
        &payload,
        kind == Kind::Text,
        &url::websocket_url(state.socket_url().unwrap_or_default())?,
        echo.map_or("", |it| &it.address.host),
        echo.map_or(0, |it| it.address.port),
        echo.map_or("", |it| it.framing.notation()),
        state.upstream().is_some() && gateway.is_some_and(|it| it.token),
    )
}
