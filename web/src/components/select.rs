//! A combobox.

use wasm_bindgen::JsValue;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use super::event::filter_callback;

/// A combobox with an accessible name. Calls `on_choose` with the index of the option that the user
/// chooses.
pub fn select(
    label: &'static str,
    options: impl IntoIterator<Item = impl Into<AttrValue>>,
    selected: usize,
    on_choose: &Callback<usize>,
) -> Html {
    let options = options.into_iter().map(Into::into).collect();
    select_of(label, options, selected, on_choose)
}

fn select_of(
    label: &'static str,
    options: Vec<AttrValue>,
    selected: usize,
    on_choose: &Callback<usize>,
) -> Html {
    let onchange = filter_callback(on_choose, |event: Event| {
        let element: HtmlSelectElement = event.target_unchecked_into();
        usize::try_from(element.selected_index()).ok()
    });
    let option = |(index, text): (usize, AttrValue)| {
        html! { <option selected={index == selected}>{ text }</option> }
    };
    // The property is set when it changes: not at each redraw, which would reset what the user is
    // choosing in an open list.
    let index = property(selected);
    // Another number of options is another element: the property is set before they are there.
    let key = options.len();
    html! {
        <select {key} aria-label={label} title={label} ~selectedIndex={index} {onchange}>
            { for options.into_iter().enumerate().map(option) }
        </select>
    }
}

/// Returns the value of a property. Tests outside of a browser have none.
fn property(number: usize) -> JsValue {
    match cfg!(target_arch = "wasm32") {
        true => JsValue::from_f64(number as f64),
        false => JsValue::NULL,
    }
}
