//! Text boxes that no redraw resets.

use js_sys::Reflect;
use yew::prelude::*;

/// The properties of a [`TextBox`].
#[derive(Debug, PartialEq, Properties)]
pub struct TextBoxProps {
    /// The input's type.
    pub kind: &'static str,
    /// The accessible name.
    pub label: &'static str,
    /// The placeholder.
    #[prop_or_default]
    pub placeholder: &'static str,
    /// The text, until the user changes it.
    pub text: AttrValue,
    /// The largest number, for a box of type `number`. The smallest is 1.
    #[prop_or_default]
    pub max: Option<u32>,
    /// True if the text is invalid.
    #[prop_or_default]
    pub is_invalid: bool,
    /// Called at each change.
    #[prop_or_default]
    pub oninput: Callback<InputEvent>,
    /// Called when the user is done.
    #[prop_or_default]
    pub onchange: Callback<Event>,
    /// The element.
    #[prop_or_default]
    pub node: NodeRef,
}

/// A text box.
#[component]
pub fn TextBox(props: &TextBoxProps) -> Html {
    use_text(&props.node, &props.text);
    html! {
        <input
            ref={&props.node}
            type={props.kind}
            aria-label={props.label}
            aria-invalid={props.is_invalid.to_string()}
            placeholder={props.placeholder}
            title={props.placeholder}
            spellcheck="false"
            translate="no"
            min={props.max.map(|_| "1")}
            max={props.max.map(|max| max.to_string())}
            oninput={&props.oninput}
            onchange={&props.onchange}
        />
    }
}

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
