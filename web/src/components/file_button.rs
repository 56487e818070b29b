//! A button that opens a file chooser.

use wasm_bindgen::JsCast;
use web_sys::{Element, File, HtmlElement, HtmlInputElement};
use yew::prelude::*;

/// A button that opens a file chooser. It replaces the browser's own, which can have neither
/// the page's language nor its style.
pub fn file_button(label: &'static str, on_file: &Callback<File>) -> Html {
    let on_file = on_file.clone();
    let onchange = Callback::from(move |event: Event| {
        let input: HtmlInputElement = event.target_unchecked_into();
        if let Some(files) = input.files() {
            let files = (0..files.length()).filter_map(|at| files.get(at));
            files.for_each(|file| on_file.emit(file));
        }
        // Reset, so that the same file can be chosen again.
        input.set_value("");
    });
    html! {
        <>
            <button type="button" onclick={open_chooser}>{ label }</button>
            <input
                type="file"
                hidden=true
                aria-hidden="true"
                tabindex="-1"
                multiple=true
                {onchange}
            />
        </>
    }
}

/// Opens the chooser beside the button.
#[expect(clippy::needless_pass_by_value, reason = "the signature of a listener")]
fn open_chooser(event: MouseEvent) {
    let button: Element = event.target_unchecked_into();
    let chooser = button.next_element_sibling();
    if let Some(chooser) = chooser.and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
        chooser.click();
    }
}
