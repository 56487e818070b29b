//! The tabs of the wire view.

use web_core::action::Action;
use web_core::language::Language;
use web_core::wire_view_tab::WireViewTab;
use web_sys::HtmlElement;
use yew::prelude::*;

use super::event::filter_callback;

/// The id of the tab panel.
pub const PANEL: &str = "view";

/// A tab list with a roving tabindex: the Tab key reaches one tab, the arrow keys the others.
pub fn wire_view_tabs(t: Language, selected: WireViewTab, on_action: &Callback<Action>) -> Html {
    let onkeydown = filter_callback(on_action, move |event: KeyboardEvent| {
        let step = match event.key().as_str() {
            "ArrowLeft" => WireViewTab::ALL.len() - 1,
            "ArrowRight" => 1,
            _ => return None,
        };
        let index = WireViewTab::ALL.iter().position(|&it| it == selected);
        let next = (index.unwrap_or_default() + step) % WireViewTab::ALL.len();
        focus_sibling(&event.target_unchecked_into(), next);
        Some(Action::SelectWireViewTab(WireViewTab::ALL[next]))
    });
    let tab = |tab: WireViewTab| {
        let selected = tab == selected;
        html! {
            <button
                type="button"
                id={tab_id(tab)}
                role="tab"
                aria-selected={selected.to_string()}
                aria-controls={PANEL}
                tabindex={if selected { "0" } else { "-1" }}
                onclick={on_action.reform(move |_| Action::SelectWireViewTab(tab))}
            >
                { t.wire_view_tab(tab) }
            </button>
        }
    };
    html! {
        <div class="tabs" role="tablist" aria-label={t.views()} {onkeydown}>
            { for WireViewTab::ALL.into_iter().map(tab) }
        </div>
    }
}

fn focus_sibling(tab: &HtmlElement, index: usize) {
    let tabs = tab.parent_element().map(|list| list.children());
    let sibling = tabs.and_then(|tabs| tabs.item(u32::try_from(index).ok()?));
    if let Some(sibling) = sibling {
        // Fails if the browser does not allow the focus.
        let _ = wasm_bindgen::JsCast::unchecked_into::<HtmlElement>(sibling).focus();
    }
}

/// Returns the id of a tab's element.
pub fn tab_id(tab: WireViewTab) -> &'static str {
    match tab {
        WireViewTab::Wire => "view-wire",
        WireViewTab::Text => "view-text",
        WireViewTab::Json => "view-json",
        WireViewTab::Hex => "view-hex",
        WireViewTab::Fields => "view-fields",
    }
}
