//! Dialog that exports messages and imports files.

use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_core::language::Language;
use web_sys::{Element, File, HtmlDialogElement, HtmlInputElement, HtmlSelectElement};

use crate::dom;
use crate::export_format::ExportFormat;
use crate::markup::{Markup, element, join, text, void};
use crate::{dialog, document_language, import_for_page};

/// Id of the dialog.
const DIALOG: &str = "files";

/// Opens the dialog. With a filter, its messages are preselected.
///
/// # Errors
/// An exception of the browser.
pub fn open(is_filtered: bool) -> Result<(), JsValue> {
    let dialog: HtmlDialogElement = dialog::create(DIALOG, "files-title", on_input, on_click)?;
    dialog::show(&dialog, &form(document_language(), is_filtered))
}

fn form(t: Language, is_filtered: bool) -> Markup {
    let all = element("option", &[("value", "0")], &[text(t.export_all())]);
    let mut filtered = vec![("value", "1")];
    if is_filtered {
        filtered.push(("selected", ""));
    }
    let filtered = element("option", &filtered, &[text(t.export_filtered())]);
    let scope = [("id", "files-scope"), ("aria-label", t.export_scope())];
    let formats = ExportFormat::ALL.map(|it| {
        let attributes = [("type", "button"), ("data-format", it.extension())];
        element("button", &attributes, &[text(format_name(t, it))])
    });
    let file = [
        ("type", "file"),
        ("id", "files-file"),
        ("hidden", ""),
        ("accept", ".ndjson,.csv,application/x-ndjson,text/csv"),
    ];
    let import = element(
        "button",
        &[("type", "button"), ("id", "files-import")],
        &[text(t.import())],
    );
    join([
        dialog::header(t, "files-title", t.files()),
        element("h3", &[], &[text(t.export())]),
        element(
            "div",
            &[("class", "buttons")],
            &[element("select", &scope, &[all, filtered]), join(formats)],
        ),
        element("p", &[("class", "muted")], &[text(t.formats_hint())]),
        element("h3", &[], &[text(t.import())]),
        element(
            "div",
            &[("class", "buttons")],
            &[import, void("input", &file)],
        ),
        element("p", &[("class", "muted")], &[text(t.import_hint())]),
    ])
}

fn format_name(t: Language, format: ExportFormat) -> &'static str {
    match format {
        ExportFormat::Ndjson => "NDJSON",
        ExportFormat::Csv => "CSV",
        ExportFormat::Text => t.plain_text(),
    }
}

fn on_click(target: &Element) {
    if let Some(extension) = target.get_attribute("data-format") {
        let scope = dom::by_id::<HtmlSelectElement>("files-scope");
        let scope = scope.map_or("0".into(), |select| select.value());
        dialog::close(DIALOG);
        return dialog::tell(&format!("e{scope}{extension}").into());
    }
    if target.id() == "files-import"
        && let Some(input) = dom::by_id::<HtmlInputElement>("files-file")
    {
        input.click();
    }
}

fn on_input(target: &Element) {
    let input = target.dyn_ref::<HtmlInputElement>();
    if let Some(file) = input.and_then(|it| it.files()?.get(0)) {
        dialog::close(DIALOG);
        spawn_local(import(file));
    }
}

/// Imports a file. One that cannot be read is told as line 0, for example one that was deleted.
async fn import(file: File) {
    let rows = match JsFuture::from(file.array_buffer()).await {
        Ok(buffer) => import_for_page(&Uint8Array::new(&buffer).to_vec()),
        Err(_) => JsValue::from_f64(0.0),
    };
    dialog::tell(&rows);
}
