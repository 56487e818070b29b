//! A menu: a button that opens a panel.

use web_sys::{Element, Node};
use yew::prelude::*;

use super::focus::focus;

/// The properties of a [`Menu`].
#[derive(Debug, PartialEq, Properties)]
pub struct MenuProps {
    /// The button's label.
    pub label: &'static str,
    /// The accessible name, if it differs from the label.
    #[prop_or_default]
    pub name: Option<&'static str>,
    /// True if the content is inline on wide screens, and a menu on small ones only.
    #[prop_or_default]
    pub inline: bool,
    /// The content of the panel.
    pub children: Html,
}

/// A button and its panel, which Escape or a change of focus closes.
#[component]
pub fn Menu(props: &MenuProps) -> Html {
    let open = use_state_eq(|| false);
    let (menu, button) = (use_node_ref(), use_node_ref());
    let toggle = {
        let open = open.clone();
        Callback::from(move |_| open.set(!*open))
    };
    let onkeydown = {
        let (open, button) = (open.clone(), button.clone());
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" && *open {
                event.stop_propagation();
                open.set(false);
                focus(&button);
            }
        })
    };
    let onfocusout = {
        let (open, menu) = (open.clone(), menu.clone());
        Callback::from(move |event: FocusEvent| {
            if focus_left(&menu, &event) {
                open.set(false);
            }
        })
    };
    let class = classes!("menu", props.inline.then_some("inline"));
    html! {
        <div ref={menu} {class} {onkeydown} {onfocusout}>
            <button
                ref={button}
                type="button"
                aria-label={props.name}
                title={props.name}
                aria-expanded={open.to_string()}
                onclick={toggle}
            >
                { props.label }
            </button>
            <div tabindex={open.then_some("-1")} class={classes!("panel", open.then_some("open"))}>{ props.children.clone() }</div>
        </div>
    }
}

/// Returns true if the focus moved outside the menu. A dialog of the browser takes it to no
/// element, and gives it back.
fn focus_left(menu: &NodeRef, event: &FocusEvent) -> bool {
    let to = event
        .related_target()
        .map(|to| Node::from(wasm_bindgen::JsValue::from(to)));
    let menu = menu.cast::<Element>();
    to.zip(menu)
        .is_some_and(|(to, menu)| !menu.contains(Some(&to)))
}
