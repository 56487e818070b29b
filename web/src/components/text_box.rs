//! The text of text boxes, which no redraw resets.

use js_sys::Reflect;
use yew::prelude::*;

/// Sets an element's text when `text` changes, rather than at each redraw, which would reset
/// what the user is typing.
#[hook]
pub fn use_text(element: &NodeRef, text: &AttrValue) {
    let element = element.clone();
    use_effect_with(text.clone(), move |text| {
        let (key, text) = ("value".into(), text.as_str().into());
        if let Some(element) = element.get()
            && Reflect::get(&element, &key).as_ref() != Ok(&text)
        {
            // Fails for frozen objects only.
            let _ = Reflect::set(&element, &key, &text);
        }
    });
}
