//! A button that shows more.

use web_sys::{Element, HtmlElement, Node};
use yew::prelude::*;

/// What a [`Menu`] needs.
#[derive(Debug, PartialEq, Properties)]
pub struct MenuProps {
    /// What the button shows.
    pub label: &'static str,
    /// Its name, where that is not what it shows.
    #[prop_or_default]
    pub name: Option<&'static str>,
    /// Whether it is a menu on small screens alone, and its content simply there on
    /// others.
    #[prop_or_default]
    pub inline: bool,
    /// What it shows.
    pub children: Html,
}

/// A button and what it shows, until Escape or something else is used.
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
                if let Some(button) = button.cast::<HtmlElement>() {
                    // Fails where the page may not take the focus, and then it has none.
                    let _ = button.focus();
                }
            }
        })
    };
    let onfocusout = {
        let (open, menu) = (open.clone(), menu.clone());
        Callback::from(move |event: FocusEvent| {
            if left(&menu, &event) {
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
            <div class={classes!("panel", open.then_some("open"))}>{ props.children.clone() }</div>
        </div>
    }
}

/// Whether the focus went to something else. A dialog of the browser's takes it to
/// nothing, and gives it back.
fn left(menu: &NodeRef, event: &FocusEvent) -> bool {
    let to = event
        .related_target()
        .map(|to| Node::from(wasm_bindgen::JsValue::from(to)));
    let menu = menu.cast::<Element>();
    to.zip(menu)
        .is_some_and(|(to, menu)| !menu.contains(Some(&to)))
}
