//! The choice among the views of a message.

use web_core::action::Action;
use web_core::view::View;
use web_sys::HtmlElement;
use yew::prelude::*;

use super::use_language;

/// The element that the tabs choose the content of.
pub const PANEL: &str = "view";

/// What [`Tabs`] need.
#[derive(Debug, PartialEq, Properties)]
pub struct TabsProps {
    /// The view that is open.
    pub view: View,
    /// Told what the person wants.
    pub on_action: Callback<Action>,
}

/// One tab is in the order of the Tab key; the arrow keys go to the others.
#[component]
pub fn Tabs(props: &TabsProps) -> Html {
    let t = use_language();
    let list = use_node_ref();
    let onkeydown = {
        let (view, list, on_action) = (props.view, list.clone(), props.on_action.clone());
        Callback::from(move |event: KeyboardEvent| {
            let step = match event.key().as_str() {
                "ArrowLeft" => View::ALL.len() - 1,
                "ArrowRight" => 1,
                _ => return,
            };
            let index = View::ALL.iter().position(|&it| it == view);
            let next = (index.unwrap_or_default() + step) % View::ALL.len();
            on_action.emit(Action::View(View::ALL[next]));
            focus_child(&list, next);
        })
    };
    let tab = |view: View| {
        let selected = view == props.view;
        html! {
            <button
                type="button"
                id={tab_id(view)}
                role="tab"
                aria-selected={selected.to_string()}
                aria-controls={PANEL}
                tabindex={if selected { "0" } else { "-1" }}
                onclick={props.on_action.reform(move |_| Action::View(view))}
            >
                { t.view(view) }
            </button>
        }
    };
    html! {
        <div ref={&list} class="tabs" role="tablist" aria-label={t.views()} {onkeydown}>
            { for View::ALL.into_iter().map(tab) }
        </div>
    }
}

fn focus_child(list: &NodeRef, index: usize) {
    let children = list.cast::<HtmlElement>().map(|list| list.children());
    let child = u32::try_from(index)
        .ok()
        .and_then(|index| children?.item(index));
    if let Some(child) = child {
        // Fails where the page may not take the focus, and then it has none.
        let _ = wasm_bindgen::JsCast::unchecked_into::<HtmlElement>(child).focus();
    }
}

/// The element that opens a view.
pub fn tab_id(view: View) -> &'static str {
    match view {
        View::Wire => "view-wire",
        View::Text => "view-text",
        View::Json => "view-json",
        View::Hex => "view-hex",
    }
}
