//! Dialog with code that sends a message, to copy: in each language.

use std::cell::RefCell;

use js_sys::Array;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_core::language::Language;
use web_sys::{Element, HtmlDialogElement, HtmlSelectElement};

use crate::clipboard;
use crate::code::{CodeInput, CodeLanguage, FILE};
use crate::dialog;
use crate::document_language;
use crate::dom;
use crate::markup::{Markup, element, text};

/// Id of the dialog.
const DIALOG: &str = "code";

thread_local! {
    static INPUT: RefCell<CodeInput> = RefCell::default();
}

/// Opens the dialog, on the first language that has code for the message.
///
/// # Errors
/// An exception of the browser.
pub fn open(mut input: CodeInput) -> Result<(), JsValue> {
    input.client_js = dialog::page_url("client.js")?;
    let dialog: HtmlDialogElement = dialog::create(DIALOG, "code-title", on_input, on_click)?;
    dialog::show(&dialog, &form(document_language(), &input))?;
    INPUT.set(input);
    redraw();
    Ok(())
}

fn form(t: Language, input: &CodeInput) -> Markup {
    let languages = CodeLanguage::ALL.into_iter();
    let options = languages
        .filter(|&it| input.code(it).is_some())
        .map(|it| element("option", &[("value", it.name())], &[text(it.name())]));
    let options: Vec<_> = options.collect();
    let copy = [("type", "button"), ("id", "code-copy")];
    let code = [
        ("id", "code-text"),
        ("tabindex", "0"),
        ("role", "group"),
        ("translate", "no"),
        ("aria-label", t.code()),
    ];
    let mut parts = vec![
        dialog::header(t, "code-title", t.code()),
        element(
            "div",
            &[("class", "buttons")],
            &[
                element(
                    "select",
                    &[("id", "code-language"), ("aria-label", t.code_language())],
                    &options,
                ),
                element("button", &copy, &[text(t.copy())]),
            ],
        ),
        element("pre", &code, &[]),
    ];
    if input.is_long() {
        parts.push(element(
            "p",
            &[("class", "muted")],
            &[text(&t.code_file(FILE))],
        ));
    }
    if input.needs_token {
        parts.push(element(
            "p",
            &[("class", "muted")],
            &[text(t.command_token())],
        ));
    }
    crate::markup::join(parts)
}

fn on_input(_: &Element) {
    redraw();
}

fn on_click(target: &Element) {
    if target.id() == "code-copy" {
        spawn_local(copy());
    }
}

/// Draws the code in the chosen language.
fn redraw() {
    let language = dom::by_id::<HtmlSelectElement>("code-language");
    let language = language.and_then(|it| CodeLanguage::from_name(&it.value()));
    let code = INPUT.with_borrow(|input| input.code(language?));
    if let Some(shown) = dom::by_id::<Element>("code-text") {
        shown.set_text_content(code.as_deref());
    }
    label(document_language().copy());
}

/// Copies the code, or selects it if the browser does not allow that.
async fn copy() {
    let Some(shown) = dom::by_id::<Element>("code-text") else {
        return;
    };
    let t = document_language();
    let code = shown.text_content().unwrap_or_default();
    if clipboard::copy(&Array::of1(&code.into())).await {
        return label(t.copied());
    }
    let selection = web_sys::window().and_then(|it| it.get_selection().ok().flatten());
    if let Some(selection) = selection {
        // Fails for elements that are not in the document.
        let _ = selection.select_all_children(&shown);
    }
    label(t.copy_selected());
}

fn label(name: &str) {
    if let Some(button) = dom::by_id::<Element>("code-copy") {
        button.set_text_content(Some(name));
    }
}
