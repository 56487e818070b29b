//! Dialog of the saved messages, and of the history that can be forgotten.

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use web_core::language::Language;
use web_sys::{Element, HtmlButtonElement, HtmlDialogElement, HtmlElement, HtmlInputElement};

use crate::dom;
use crate::markup::{Markup, element, join, text, void};
use crate::{dialog, document_language};

/// Id of the dialog.
const DIALOG: &str = "saved";

/// Opens the dialog on saved drafts: pairs of a name and a text. `can_save` is true if there is a
/// draft to save.
///
/// # Errors
/// An exception of the browser.
pub fn open(saved: &Array, can_save: bool) -> Result<(), JsValue> {
    let dialog: HtmlDialogElement = dialog::create(DIALOG, "saved-title", on_input, on_click)?;
    let saved: Vec<_> = saved.iter().filter_map(|it| it.as_string()).collect();
    let (saved, _) = saved.as_chunks();
    dialog::show(&dialog, &form(document_language(), saved, can_save))
}

fn form(t: Language, saved: &[[String; 2]], can_save: bool) -> Markup {
    let list = match saved {
        [] => nothing_saved(t),
        saved => {
            let entries: Vec<_> = saved.iter().map(|it| entry(t, it)).collect();
            element("ul", &[], &entries)
        }
    };
    let name = [
        ("type", "text"),
        ("id", "saved-name"),
        ("autocomplete", "off"),
        ("aria-label", t.name()),
        ("placeholder", t.name()),
        (if can_save { "autofocus" } else { "disabled" }, ""),
    ];
    let save = [("id", "saved-save"), ("disabled", "")];
    let forget = [("type", "button"), ("id", "saved-forget")];
    join([
        dialog::header(t, "saved-title", t.saved_messages()),
        list,
        element(
            "form",
            &[("method", "dialog"), ("class", "buttons")],
            &[
                void("input", &name),
                element("button", &save, &[text(t.save())]),
            ],
        ),
        element("h3", &[], &[text(t.history())]),
        element(
            "div",
            &[("class", "buttons")],
            &[element("button", &forget, &[text(t.forget_history())])],
        ),
    ])
}

fn nothing_saved(t: Language) -> Markup {
    element("p", &[("class", "muted")], &[text(t.no_saved())])
}

fn entry(t: Language, [name, content]: &[String; 2]) -> Markup {
    let load = [
        ("type", "button"),
        ("class", "load"),
        ("translate", "no"),
        ("title", content.as_str()),
        ("data-load", name.as_str()),
    ];
    let label = t.delete_saved(name);
    let delete = [
        ("type", "button"),
        ("aria-label", &*label),
        ("data-delete", name.as_str()),
    ];
    element(
        "li",
        &[("class", "buttons")],
        &[
            element("button", &load, &[text(name)]),
            element("button", &delete, &[text("×")]),
        ],
    )
}

/// Follows the name: a message is saved under one.
fn on_input(_: &Element) {
    if let Some(button) = dom::by_id::<HtmlButtonElement>("saved-save") {
        button.set_disabled(name().is_empty());
    }
}

fn on_click(target: &Element) {
    if let Some(name) = target.get_attribute("data-load") {
        dialog::close(DIALOG);
        return dialog::tell(&format!("l{name}").into());
    }
    if let Some(name) = target.get_attribute("data-delete") {
        remove_entry(target);
        return dialog::tell(&format!("d{name}").into());
    }
    match &*target.id() {
        "saved-save" => dialog::tell(&format!("s{}", name()).into()),
        "saved-forget" => {
            dialog::close(DIALOG);
            dialog::tell(&"f".into());
        }
        _ => {}
    }
}

/// Removes the entry of a button, and leaves the focus in the dialog.
fn remove_entry(button: &Element) {
    let list = button.closest("ul").ok().flatten();
    if let Ok(Some(entry)) = button.closest("li") {
        entry.remove();
    }
    if let Some(list) = list.filter(|it| it.child_element_count() == 0) {
        list.set_outer_html(nothing_saved(document_language()).as_str());
    }
    if let Some(dialog) = dom::by_id::<Element>(DIALOG)
        && let Ok(Some(first)) = dialog.query_selector("button")
    {
        // Fails if the browser does not allow the focus.
        let _ = first.unchecked_ref::<HtmlElement>().focus();
    }
}

fn name() -> String {
    let name = dom::by_id::<HtmlInputElement>("saved-name").map(|it| it.value());
    name.unwrap_or_default().trim().into()
}
