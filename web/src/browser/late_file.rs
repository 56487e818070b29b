//! Files and code of the late part: exports, imports, payloads to save, and code to copy.

use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::spawn_local;
use web_core::action::Action;
use web_core::export_format::ExportFormat;
use web_core::gateway_info::EchoService;
use web_core::message::{Kind, Message};
use web_core::message_log::RowId;
use web_core::notice::Notice;
use web_core::snippets;
use web_sys::File;

use super::late_part::when_loaded;
use super::{file, url};
use crate::store::Store;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = late)]
    fn add_rows(extension: &str, packed: &[u8]) -> Result<(), JsValue>;

    #[wasm_bindgen(catch, js_namespace = late)]
    fn save_export(extension: &str) -> Result<(), JsValue>;

    #[wasm_bindgen(catch, js_namespace = late)]
    fn import_rows(file: &Uint8Array) -> Result<JsValue, JsValue>;

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

/// A request for a file or for code, which the late part carries out.
#[derive(Debug, Clone)]
pub enum FileRequest {
    /// Export all messages, or if true those that pass the filter.
    Export(ExportFormat, bool),
    /// Import a file.
    Import(File),
    /// Show code that sends the message of a row; without one, the example message.
    Code(Option<RowId>),
}

/// Carries out a request once the late part is loaded.
pub fn handle(store: &Store, request: FileRequest) {
    match request {
        FileRequest::Export(format, filtered) => {
            when_loaded(store, move |store| export(store, format, filtered));
        }
        FileRequest::Import(file) => {
            let store = store.clone();
            spawn_local(async move {
                match file::buffer(&file).await {
                    Some(buffer) => when_loaded(&store, move |store| import(store, &buffer)),
                    None => show(&store, Notice::FileUnreadable),
                }
            });
        }
        FileRequest::Code(id) => when_loaded(store, move |store| open_code(store, id)),
    }
}

// Each of these fails if the late part panics, or without disk space, which the browser reports
// by itself.

fn export(store: &Store, format: ExportFormat, filtered: bool) {
    let extension = format.extension();
    store.state().pack_rows(filtered, |packed| {
        let _ = add_rows(extension, packed);
    });
    let _ = save_export(extension);
}

fn import(store: &Store, buffer: &JsValue) {
    match import_rows(&Uint8Array::new(buffer)) {
        Ok(imported) => match imported.as_f64() {
            // Exact: it counts lines.
            Some(line) => show(store, Notice::InvalidImport(line as usize)),
            None => store.dispatch(Action::RowsImported(Uint8Array::new(&imported).to_vec())),
        },
        Err(_) => show(store, Notice::FileUnreadable),
    }
}

fn show(store: &Store, notice: Notice) {
    store.dispatch(Action::ShowNotice(Some(notice)));
}

/// Shows code for a message to the upstream. The example message goes to the echo service, too.
fn open_code(store: &Store, id: Option<RowId>) {
    let state = store.state();
    let message = match id {
        Some(id) => state.pane().log.row(id).map(|row| row.message()),
        None => Some(snippets::hello()),
    };
    let gateway = state.gateway.as_ref();
    let echo = gateway
        .and_then(|it| it.echo.as_ref())
        .filter(|_| id.is_none());
    let path = state.socket_url().unwrap_or_default();
    if let Some(Message { kind, payload }) = message {
        let _ = show_code(
            &payload,
            kind == Kind::Text,
            &url::websocket_url(path).unwrap_or_default(),
            echo.map_or("", |it| &it.address.host),
            echo.map_or(0, |it| it.address.port),
            echo.map_or("", |EchoService { framing, .. }| framing.notation()),
            state.upstream().is_some() && gateway.is_some_and(|it| it.token),
        );
    }
}
