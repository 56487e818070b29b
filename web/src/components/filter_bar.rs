//! The log's tools: filter, pause, clear, export and import.

use web_core::action::Action;
use web_core::filter::Filter;
use web_core::language::Language;
use web_core::message::{Direction, Kind};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::changing::changing;
use super::menu::Menu;
use super::select::select;
use super::text_box::use_text;
use crate::browser::late_file::FileRequest;
use crate::browser::matcher;

/// The properties of a [`FilterBar`].
#[derive(Debug, PartialEq, Properties)]
pub struct FilterBarProps {
    /// The language.
    pub language: Language,
    /// The filter.
    pub filter: Filter,
    /// The number of messages held back; `None` if the log is not paused.
    pub held_back: Option<u64>,
    /// True if the log is empty.
    pub is_empty: bool,
    /// Exports messages, and imports files.
    pub on_request: Callback<FileRequest>,
    /// Dispatches actions.
    pub on_action: Callback<Action>,
}

/// The log's tools.
#[component]
pub fn FilterBar(props: &FilterBarProps) -> Html {
    let t = props.language;
    let error = props.filter.error().map(ToOwned::to_owned);
    let search_box = use_node_ref();
    use_text(&search_box, &props.filter.text.clone().into());
    html! {
        <div class="tools">
            <h2 class="sr-only">{ t.messages() }</h2>
            { search(t, search_box, &props.filter, &props.on_action) }
            { pause(t, props.held_back.is_some(), &props.on_action) }
            <Menu label="⋯" name={t.more_tools()} inline=true>
                { directions(t, &props.filter, &props.on_action) }
                { kinds(t, &props.filter, &props.on_action) }
                <button
                    type="button"
                    disabled={props.is_empty}
                    onclick={props.on_action.reform(|_| Action::ClearLog)}
                >
                    { t.clear() }
                </button>
                <button
                    type="button"
                    onclick={props.on_request.reform(|_| FileRequest::Files)}
                >
                    { t.export() }
                </button>
            </Menu>
            if props.filter.is_waiting() {
                <p>{ t.loading() }</p>
            }
            if let Some(held_back) = props.held_back {
                <p class="held-back">{ changing(t.held_back(held_back)) }</p>
            }
            if let Some(error) = error {
                <p class="refusal" role="alert">{ error }</p>
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
