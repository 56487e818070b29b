//! Tool that tries framings on bytes: a dialog, redrawn as the user types.

use std::cell::RefCell;

use js_sys::Uint8Array;
use protocol::Framing;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_core::framing::RAW;
use web_sys::{
    CustomEvent, CustomEventInit, Element, File, HtmlInputElement, HtmlSelectElement,
    HtmlTextAreaElement,
};

use crate::capture_text::{self, CaptureFormat, MAX_FILE};
use crate::dialog;
use crate::document_language;
use crate::dom::{by_id, draw};
use crate::form;
use crate::markup::Markup;
use crate::output;
use crate::picker;

/// Id of the dialog.
const DIALOG: &str = "try";

/// Bytes that the page gave the tool.
#[derive(Default)]
struct Given {
    message: Vec<u8>,
    stream: Vec<u8>,
    reading: Option<String>,
}

thread_local! {
    static GIVEN: RefCell<Given> = RefCell::default();
}

/// Opens the tool. `message` is the shown message, `stream` the raw bytes that it is a part of.
/// `reading` is the framing that a raw upstream is read by, `raw` for none; `None` if the
/// upstream is not raw.
///
/// # Errors
/// An exception of the browser.
pub fn open(message: &[u8], stream: &[u8], reading: Option<String>) -> Result<(), JsValue> {
    let dialog = dialog::create(DIALOG, "try-title", on_edit, on_click)?;
    let t = document_language();
    let kept = value::<HtmlTextAreaElement>("try-bytes").filter(|it| !it.is_empty());
    let notation = value::<HtmlInputElement>("try-notation");
    dialog.set_attribute("lang", t.tag())?;
    let form = form::form(t, !message.is_empty(), !stream.is_empty());
    dialog.set_inner_html(form.as_str());
    set_capture(&kept.unwrap_or_else(|| capture_text::write_hex(stream)));
    set_notation(&notation.unwrap_or_default());
    GIVEN.set(Given {
        message: message.to_vec(),
        stream: stream.to_vec(),
        reading,
    });
    redraw();
    if !dialog.open() {
        dialog.show_modal()?;
    }
    Ok(())
}

fn on_edit(target: &Element) {
    on_input(target);
    redraw();
}

/// Follows a choice in a select: its notation is written into the field. A file that is chosen or
/// dropped is read.
fn on_input(target: &Element) {
    if let Some(input) = target.dyn_ref::<HtmlInputElement>()
        && let Some(file) = input.files().and_then(|it| it.get(0))
    {
        // Reset, so that the same file can be chosen again.
        input.set_value("");
        return spawn_local(read_file(file));
    }
    let Some(chosen) = target
        .dyn_ref::<HtmlSelectElement>()
        .map(HtmlSelectElement::value)
    else {
        return;
    };
    match target.id().as_str() {
        "try-framing" if chosen == picker::DRAWN => focus("try-notation"),
        "try-framing" => set_notation(&chosen),
        "try-protocol" if !chosen.is_empty() => set_notation(&chosen),
        _ => {}
    }
}

/// Reads the beginning of a file; tells the page of one that cannot be read.
async fn read_file(file: File) {
    let read = match file.slice_with_f64_and_f64(0.0, MAX_FILE as f64) {
        Ok(beginning) => JsFuture::from(beginning.array_buffer()).await,
        Err(error) => Err(error),
    };
    let Ok(buffer) = read else {
        return dialog::tell(&JsValue::from_f64(0.0));
    };
    let bytes = Uint8Array::new(&buffer).to_vec();
    set_capture(&capture_text::of_file(&bytes));
    redraw();
}

fn on_click(target: &Element) {
    let Ok(Some(button)) = target.closest("button") else {
        return;
    };
    if let Some(notation) = button.get_attribute("data-pick") {
        set_notation(&notation);
        redraw();
        return focus("try-notation");
    }
    match button.id().as_str() {
        "try-close" => close(),
        "try-open" => {
            if let Some(input) = by_id::<HtmlInputElement>("try-file") {
                input.click();
            }
        }
        "try-message" => GIVEN.with_borrow(|it| set_capture(&capture_text::write_hex(&it.message))),
        "try-stream" => GIVEN.with_borrow(|it| set_capture(&capture_text::write_hex(&it.stream))),
        "try-read" => choose(&notation()),
        "try-raw" => choose(RAW),
        _ => return,
    }
    redraw();
}

/// Tells the page the framing to read the raw upstream by, and closes the tool.
fn choose(framing: &str) {
    let detail = CustomEventInit::new();
    detail.set_detail(&framing.into());
    let event = CustomEvent::new_with_event_init_dict("late", &detail);
    if let (Some(window), Ok(event)) = (web_sys::window(), event) {
        // Fails if an event is dispatched that is being dispatched: this one is new.
        let _ = window.dispatch_event(&event);
    }
    close();
}

fn close() {
    dialog::close(DIALOG);
}

/// Draws what follows from the fields.
fn redraw() {
    let t = document_language();
    let text = value::<HtmlTextAreaElement>("try-bytes").unwrap_or_default();
    let format = value::<HtmlSelectElement>("try-format").unwrap_or_default();
    let notation = notation();
    let capture = capture_text::read(&text, CaptureFormat::from_key(&format));
    let framing = notation.parse::<Framing>();
    draw("try-note", &form::capture_note(t, &capture));
    let parts = match notation.is_empty() {
        true => Markup::default(),
        false => picker::parts(t, &notation),
    };
    draw("try-parts", &parts);
    let is_wrong = !notation.is_empty() && framing.is_err();
    let output = match capture {
        Ok(_) if is_wrong => Markup::default(),
        Ok(capture) => output::output(t, framing.clone().ok(), &capture.bytes),
        Err(_) => Markup::default(),
    };
    draw("try-output", &output);
    GIVEN.with_borrow(|given| {
        let reading = given.reading.as_deref();
        draw("try-reading", &form::reading(t, framing.ok(), reading));
    });
    mark("try-notation", is_wrong);
    choose_option("try-framing", &notation, picker::DRAWN);
    choose_option("try-protocol", &notation, "");
}

fn mark(id: &str, is_wrong: bool) {
    if let Some(element) = by_id::<Element>(id) {
        let value = if is_wrong { "true" } else { "false" };
        // Fails for names that are no names.
        let _ = element.set_attribute("aria-invalid", value);
    }
}

/// Selects the option of a notation; if there is none, `other`. Nothing is selected twice.
fn choose_option(id: &str, notation: &str, other: &str) {
    if let Some(select) = by_id::<HtmlSelectElement>(id) {
        if select.value() == notation {
            return;
        }
        select.set_value(notation);
        if select.selected_index() < 0 {
            select.set_value(other);
        }
    }
}

fn set_capture(text: &str) {
    if let Some(input) = by_id::<HtmlTextAreaElement>("try-bytes") {
        input.set_value(text);
    }
}

fn set_notation(notation: &str) {
    if let Some(input) = by_id::<HtmlInputElement>("try-notation") {
        input.set_value(notation);
    }
}

fn notation() -> String {
    let notation = value::<HtmlInputElement>("try-notation").unwrap_or_default();
    notation.trim().to_lowercase()
}

fn focus(id: &str) {
    if let Some(element) = by_id::<web_sys::HtmlElement>(id) {
        // Fails if the browser does not allow the focus.
        let _ = element.focus();
    }
}

/// Field with a value.
trait Field: JsCast {
    fn text(&self) -> String;
}

impl Field for HtmlInputElement {
    fn text(&self) -> String {
        self.value()
    }
}

impl Field for HtmlTextAreaElement {
    fn text(&self) -> String {
        self.value()
    }
}

impl Field for HtmlSelectElement {
    fn text(&self) -> String {
        self.value()
    }
}

fn value<T: Field>(id: &str) -> Option<String> {
    Some(by_id::<T>(id)?.text())
}
