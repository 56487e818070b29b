//! Dialog that exports messages and imports files.

use std::cell::RefCell;

use fields::Format;
use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_core::language::Language;
use web_core::packed;
use web_sys::{Element, File, HtmlDialogElement, HtmlInputElement, HtmlSelectElement};

use crate::details::fields_choice::FieldsChoice;
use crate::dom;
use crate::export_format::ExportFormat;
use crate::import::{self, Imported};
use crate::markup::{Markup, element, join, text, void};
use crate::{details, dialog, document_language};

/// Id of the dialog.
const DIALOG: &str = "files";

thread_local! {
    /// Upstream whose format of the fields an import restores.
    static UPSTREAM: RefCell<String> = const { RefCell::new(String::new()) };
    /// Format of an imported file, while the dialog asks if it is to be taken.
    static FIELDS: RefCell<Option<FieldsChoice>> = const { RefCell::new(None) };
}

/// Opens the dialog. With a filter, its messages are preselected.
///
/// # Errors
/// An exception of the browser.
pub fn open(is_filtered: bool, upstream: String) -> Result<(), JsValue> {
    UPSTREAM.set(upstream);
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
    if target.id() == "files-fields"
        && let Some(choice) = FIELDS.take()
    {
        dialog::close(DIALOG);
        return take_fields(choice);
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
    let imported = match JsFuture::from(file.array_buffer()).await {
        Ok(buffer) => import::import(&Uint8Array::new(&buffer).to_vec()),
        Err(_) => Err(0),
    };
    match imported {
        Ok(Imported { rows, fields }) => {
            let mut packed = Vec::new();
            rows.iter().for_each(|row| packed::pack(row, &mut packed));
            if let Some(choice) = fields {
                restore_fields(choice);
            }
            dialog::tell(&Uint8Array::from(&packed[..]).into());
        }
        // Exact: no file has so many lines.
        Err(line) => dialog::tell(&JsValue::from_f64(line as f64)),
    }
}

/// Restores the format of the fields, and asks first if the upstream has another.
fn restore_fields(choice: FieldsChoice) {
    let own = UPSTREAM.with_borrow(|upstream| FieldsChoice::load(upstream));
    if own == choice {
        return;
    }
    if own.format.is_none() {
        return take_fields(choice);
    }
    let t = document_language();
    let name = |it: &FieldsChoice| it.format.map_or("", Format::title);
    let question = t.other_fields(name(&choice), name(&own));
    FIELDS.set(Some(choice));
    if let Some(dialog) = dom::by_id::<HtmlDialogElement>(DIALOG) {
        // Fails if the browser does not allow the dialog.
        let _ = dialog::show(&dialog, &fields_question(t, &question));
    }
}

fn fields_question(t: Language, question: &str) -> Markup {
    let button = |id: &str, class: &str, name: &str| {
        let attributes = [("type", "button"), ("id", id), ("class", class)];
        element("button", &attributes, &[text(name)])
    };
    join([
        dialog::header(t, "files-title", t.import()),
        element("p", &[], &[text(question)]),
        element(
            "div",
            &[("class", "buttons")],
            &[
                button("files-fields", "", t.take_fields()),
                button("files-own", "close", t.keep_fields()),
            ],
        ),
    ])
}

/// Takes a format over for the upstream, and for the message that is shown.
fn take_fields(choice: FieldsChoice) {
    UPSTREAM.with_borrow(|upstream| {
        choice.keep(upstream);
    });
    details::choose_fields(choice);
}
