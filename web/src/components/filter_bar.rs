//! What is above the log: its filter, its buttons, its files.

use web_core::action::Action;
use web_core::export::FileKind;
use web_core::filter::Filter;
use web_core::log::Direction;
use web_core::text::Language;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::menu::Menu;
use super::select::Select;
use super::use_language;
use crate::browser::regex;

/// What a [`FilterBar`] needs.
#[derive(Debug, PartialEq, Properties)]
pub struct FilterBarProps {
    /// What passes.
    pub filter: Filter,
    /// Whether the log is held still, and how many messages that keeps back.
    pub paused: Option<u64>,
    /// Whether there is no message.
    pub is_empty: bool,
    /// Saves messages to a file: all, or those that pass.
    pub on_export: Callback<(FileKind, bool)>,
    /// Reads messages from a file that the person chooses.
    pub on_import: Callback<web_sys::File>,
    /// Told what the person wants.
    pub on_action: Callback<Action>,
}

/// The tools of the log.
#[component]
pub fn FilterBar(props: &FilterBarProps) -> Html {
    let t = use_language();
    let error = props.filter.error().map(ToOwned::to_owned);
    html! {
        <div class="tools">
            <h2 class="unseen">{ t.messages() }</h2>
            { search(t, &props.filter, &props.on_action) }
            { pause(t, props.paused, &props.on_action) }
            <Menu label="⋯" name={t.more_tools()} inline=true>
                { directions(t, &props.filter, &props.on_action) }
                <button
                    type="button"
                    disabled={props.is_empty}
                    onclick={props.on_action.reform(|_| Action::Clear)}
                >
                    { t.clear() }
                </button>
                <ExportMenu
                    filtered={!props.filter.is_open()}
                    on_export={&props.on_export}
                    on_import={&props.on_import}
                />
            </Menu>
            if let Some(held_back) = props.paused {
                <p class="held-back">{ t.held_back(held_back) }</p>
            }
            if let Some(error) = error {
                <p class="refusal" role="alert">{ error }</p>
            }
        </div>
    }
}

fn search(t: Language, filter: &Filter, on_action: &Callback<Action>) -> Html {
    let oninput = on_action.reform(|event: InputEvent| {
        let text = event.target_unchecked_into::<HtmlInputElement>().value();
        Action::Search {
            matcher: regex::matcher(&text),
            text,
        }
    });
    html! {
        <input
            type="search"
            aria-label={t.filter()}
            aria-invalid={filter.error().is_some().to_string()}
            placeholder={t.filter_placeholder()}
            spellcheck="false"
            value={filter.text.clone()}
            {oninput}
        />
    }
}

fn pause(t: Language, paused: Option<u64>, on_action: &Callback<Action>) -> Html {
    let is_paused = paused.is_some();
    let class = is_paused.then_some("primary");
    html! {
        <button type="button" {class} onclick={on_action.reform(move |_| Action::Pause(!is_paused))}>
            { if is_paused { t.resume() } else { t.pause() } }
        </button>
    }
}

fn directions(t: Language, filter: &Filter, on_action: &Callback<Action>) -> Html {
    const ALL: [Option<Direction>; 3] = [None, Some(Direction::Sent), Some(Direction::Received)];
    let name = |direction: Option<Direction>| match direction {
        None => t.all().into(),
        Some(direction) => format!(
            "{} {}",
            web_core::text::arrow(direction),
            t.direction(direction)
        ),
    };
    let selected = ALL.iter().position(|&it| it == filter.direction);
    html! {
        <Select
            label={t.directions()}
            options={ALL.map(name).to_vec()}
            selected={selected.unwrap_or_default()}
            on_choose={on_action.reform(|index: usize| Action::Direction(ALL[index]))}
        />
    }
}

#[derive(PartialEq, Properties)]
struct ExportMenuProps {
    filtered: bool,
    on_export: Callback<(FileKind, bool)>,
    on_import: Callback<web_sys::File>,
}

/// All messages unless there is a filter, then those that pass, unless the person wants
/// all.
#[component]
fn ExportMenu(props: &ExportMenuProps) -> Html {
    let t = use_language();
    let part = use_state_eq(|| false);
    use_effect_with(props.filtered, {
        let part = part.clone();
        move |&filtered| part.set(filtered)
    });
    let kind = |kind: FileKind| {
        let part = *part;
        let onclick = props.on_export.reform(move |_| (kind, part));
        html! { <button type="button" {onclick}>{ kind_name(t, kind) }</button> }
    };
    let on_choose = {
        let part = part.clone();
        Callback::from(move |index| part.set(index == 1))
    };
    html! {
        <Menu label={t.export()}>
            <Select
                label={t.export_what()}
                options={vec![t.export_all().to_owned(), t.export_filtered().to_owned()]}
                selected={usize::from(*part)}
                {on_choose}
            />
            <div class="buttons">{ for FileKind::ALL.into_iter().map(kind) }</div>
            <super::file_button::FileButton
                label={t.import()}
                accept=".ndjson,application/x-ndjson"
                on_file={&props.on_import}
            />
        </Menu>
    }
}

fn kind_name(t: Language, kind: FileKind) -> &'static str {
    match kind {
        FileKind::Ndjson => "NDJSON",
        FileKind::Csv => "CSV",
        FileKind::Text => t.plain_text(),
    }
}
