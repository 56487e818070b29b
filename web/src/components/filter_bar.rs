//! The log's tools: filter, pause, clear, export and import.

use wasm_bindgen::JsCast;
use web_core::action::Action;
use web_core::filter::Filter;
use web_core::language::Language;
use web_core::message::{Direction, Kind};
use web_core::message_pane::MessagePane;
use web_sys::{Element, HtmlElement, HtmlInputElement};
use yew::prelude::*;

use super::changing::changing;
use super::menu::Menu;
use super::select::select;
use super::text_box::use_text;
use crate::browser::late_file::FileRequest;
use crate::browser::matcher;

/// The log's tools. A hook of the page rather than a component of its own, which would be 1 KB of program.
#[hook]
pub fn use_filter_bar(
    t: Language,
    pane: &MessagePane,
    on_request: &Callback<FileRequest>,
    on_action: &Callback<Action>,
) -> Html {
    let MessagePane { log, view, .. } = pane;
    let filter = view.filter();
    let is_empty = log.latest().is_none();
    let search_box = use_node_ref();
    use_text(&search_box, &filter.text.clone().into());
    let held_back = view.held_back(log);
    html! {
        <div class="tools">
            <h2 class="sr-only">{ t.messages() }</h2>
            { search(t, search_box, filter, on_action) }
            { pause(t, held_back.is_some(), on_action) }
            <Menu label="⋯" name={t.more_tools()} inline=true>
                { directions(t, filter, on_action) }
                { kinds(t, filter, on_action) }
                <button type="button" class="choose" disabled={is_empty} onclick={choose(on_action)}>
                    { t.choose_several() }
                </button>
                <button
                    type="button"
                    disabled={is_empty}
                    onclick={on_action.reform(|_| Action::ClearLog)}
                >
                    { t.clear() }
                </button>
                <button
                    type="button"
                    onclick={on_request.reform(|_| FileRequest::Files)}
                >
                    { t.export() }
                </button>
            </Menu>
            if filter.is_waiting() {
                <p>{ t.loading() }</p>
            }
            if let Some(held_back) = held_back {
                <p class="held-back">{ changing(t.held_back(held_back)) }</p>
            }
            if let Some(error) = filter.error() {
                <p class="refusal" role="alert">{ error.to_owned() }</p>
            }
        </div>
    }
}

fn search(t: Language, node: NodeRef, filter: &Filter, on_action: &Callback<Action>) -> Html {
    let oninput = on_action.reform(|event: InputEvent| {
        matcher::set_search(event.target_unchecked_into::<HtmlInputElement>().value())
    });
    html! {
        <input
            ref={node}
            type="search"
            aria-label={t.filter()}
            aria-invalid={filter.error().is_some().to_string()}
            placeholder={t.filter_placeholder()}
            title={t.filter_placeholder()}
            spellcheck="false"
            {oninput}
        />
    }
}

/// Begins to choose rows by pressing them. The focus leaves the menu, which closes.
fn choose(on_action: &Callback<Action>) -> Callback<MouseEvent> {
    on_action.reform(|event: MouseEvent| {
        let button: Element = event.target_unchecked_into();
        if let Ok(Some(log)) = button.closest(".messages") {
            // Fails if the browser does not allow the focus.
            let _ = log.unchecked_into::<HtmlElement>().focus();
        }
        Action::SetChoosing(true)
    })
}

fn pause(t: Language, is_paused: bool, on_action: &Callback<Action>) -> Html {
    let class = is_paused.then_some("primary");
    html! {
        <button type="button" {class} onclick={on_action.reform(move |_| Action::SetPaused(!is_paused))}>
            { changing(if is_paused { t.resume() } else { t.pause() }) }
        </button>
    }
}

fn directions(t: Language, filter: &Filter, on_action: &Callback<Action>) -> Html {
    const ALL: [Option<Direction>; 3] = [None, Some(Direction::Sent), Some(Direction::Received)];
    let name = |direction: Option<Direction>| match direction {
        None => t.all().into(),
        Some(direction) => format!("{} {}", direction.arrow(), t.direction(direction)),
    };
    let selected = ALL.iter().position(|&it| it == filter.direction);
    let choose = on_action.reform(|it: usize| Action::SetDirectionFilter(ALL[it]));
    select(
        t.directions(),
        ALL.map(name),
        selected.unwrap_or_default(),
        &choose,
    )
}

fn kinds(t: Language, filter: &Filter, on_action: &Callback<Action>) -> Html {
    const ALL: [Option<Kind>; 3] = [None, Some(Kind::Text), Some(Kind::Binary)];
    let options = [t.any_kind(), t.text_kind(), t.binary_kind()];
    let selected = ALL.iter().position(|&it| it == filter.kind);
    let choose = on_action.reform(|it: usize| Action::SetKindFilter(ALL[it]));
    select(t.kinds(), options, selected.unwrap_or_default(), &choose)
}
