//! The tabs of the wire view.

use web_core::action::Action;
use web_core::wire_view_tab::WireViewTab;
use web_sys::HtmlElement;
use yew::prelude::*;

use super::language::use_language;

/// The id of the tab panel.
pub const PANEL: &str = "view";

/// The properties of [`WireViewTabs`].
#[derive(Debug, PartialEq, Properties)]
pub struct WireViewTabsProps {
    /// The open tab.
    pub selected: WireViewTab,
    /// Dispatches actions.
    pub on_action: Callback<Action>,
}

/// A tab list with a roving tabindex: the Tab key reaches one tab, the arrow keys the others.
#[component]
pub fn WireViewTabs(props: &WireViewTabsProps) -> Html {
    let t = use_language();
    let list = use_node_ref();
    let onkeydown = {
        let (selected, list, on_action) = (props.selected, list.clone(), props.on_action.clone());
        Callback::from(move |event: KeyboardEvent| {
            let step = match event.key().as_str() {
                "ArrowLeft" => WireViewTab::ALL.len() - 1,
                "ArrowRight" => 1,
                _ => return,
            };
            let index = WireViewTab::ALL.iter().position(|&it| it == selected);
            let next = (index.unwrap_or_default() + step) % WireViewTab::ALL.len();
            on_action.emit(Action::SelectWireViewTab(WireViewTab::ALL[next]));
            focus_child(&list, next);
        })
    };
    let tab = |tab: WireViewTab| {
        let selected = tab == props.selected;
        html! {
            <button
                type="button"
                id={tab_id(tab)}
                role="tab"
                aria-selected={selected.to_string()}
                aria-controls={PANEL}
                tabindex={if selected { "0" } else { "-1" }}
                onclick={props.on_action.reform(move |_| Action::SelectWireViewTab(tab))}
            >
                { t.wire_view_tab(tab) }
            </button>
        }
    };
    html! {
        <div ref={&list} class="tabs" role="tablist" aria-label={t.views()} {onkeydown}>
            { for WireViewTab::ALL.into_iter().map(tab) }
        </div>
    }
}

fn focus_child(list: &NodeRef, index: usize) {
    let children = list.cast::<HtmlElement>().map(|list| list.children());
    let child = u32::try_from(index)
        .ok()
        .and_then(|index| children?.item(index));
    if let Some(child) = child {
        // Fails if the browser does not allow the focus.
        let _ = wasm_bindgen::JsCast::unchecked_into::<HtmlElement>(child).focus();
    }
}

/// Returns the id of a tab's element.
pub fn tab_id(tab: WireViewTab) -> &'static str {
    match tab {
        WireViewTab::Wire => "view-wire",
        WireViewTab::Text => "view-text",
        WireViewTab::Json => "view-json",
        WireViewTab::Hex => "view-hex",
    }
}
