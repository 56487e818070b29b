//! A menu: a button that opens a panel.

use gloo_events::EventListener;
use web_sys::{Element, HtmlElement, Node};
use yew::prelude::*;

use super::focus::focus;

/// The least distance of a panel from the window's edges, in CSS pixels.
const MARGIN: f64 = 8.0;

/// The least height of a panel, in CSS pixels: in a lower window, the page scrolls.
const MIN_ROOM: f64 = 160.0;

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
    let (menu, button, panel) = (use_node_ref(), use_node_ref(), use_node_ref());
    use_fit(*open, &panel);
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
            <div ref={panel} tabindex={open.then_some("-1")} class={classes!("panel", open.then_some("open"))}>{ props.children.clone() }</div>
        </div>
    }
}

/// Keeps an open panel inside the window, also when that is resized.
#[hook]
fn use_fit(open: bool, panel: &NodeRef) {
    let panel = panel.clone();
    use_effect_with(open, move |&open| {
        fit(&panel);
        let window = web_sys::window().filter(|_| open);
        let listener =
            window.map(|window| EventListener::new(&window, "resize", move |_| fit(&panel)));
        move || drop(listener)
    });
}

/// Shifts a panel sideways, and limits its height, by as much as it is outside the window.
fn fit(panel: &NodeRef) {
    let Some(panel) = panel.cast::<HtmlElement>() else {
        return;
    };
    let root = panel.owner_document().and_then(|it| it.document_element());
    let Some(root) = root else { return };
    let (width, height) = (
        f64::from(root.client_width()),
        f64::from(root.client_height()),
    );
    let style = panel.style();
    let set = |property, value: f64| {
        // Fails for read-only styles only.
        let _ = style.set_property(property, &format!("{}px", value as i32));
    };
    set("--shift", 0.0);
    set("--room", height);
    let panel = panel.get_bounding_client_rect();
    let left = (MARGIN - panel.left()).max(0.0);
    let right = (panel.right() + MARGIN - width).max(0.0);
    set("--shift", left - right);
    let above = (MARGIN - panel.top()).max(0.0);
    let below = (panel.bottom() + MARGIN - height).max(0.0);
    set("--room", (panel.height() - above - below).max(MIN_ROOM));
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
