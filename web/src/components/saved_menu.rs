//! The menu of saved drafts.

use std::rc::Rc;

use web_core::action::Action;
use web_core::draft::SavedDraft;
use web_core::language::Language;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::focus::focus;
use super::language::use_language;
use super::menu::Menu;
use super::text_box::use_text;

/// The properties of a [`SavedMenu`].
#[derive(Debug, PartialEq, Properties)]
pub struct SavedMenuProps {
    /// The saved drafts.
    pub saved: Rc<Vec<SavedDraft>>,
    /// True if the draft can be saved.
    pub can_save: bool,
    /// Dispatches actions.
    pub on_action: Callback<Action>,
}

/// The saved drafts, and a form that saves the current one.
#[component]
pub fn SavedMenu(props: &SavedMenuProps) -> Html {
    let t = use_language();
    let name = use_state_eq(String::new);
    let input = use_node_ref();
    use_text(&input, &(*name).clone().into());
    let trimmed = name.trim().to_owned();
    let disabled = trimmed.is_empty() || !props.can_save;
    let onsubmit = {
        let (name, input, on_action) = (name.clone(), input.clone(), props.on_action.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if !disabled {
                on_action.emit(Action::SaveDraft(trimmed.clone()));
                name.set(String::new());
                // The button is about to be disabled, which would lose the focus.
                focus(&input);
            }
        })
    };
    let oninput = {
        let name = name.clone();
        Callback::from(move |event: InputEvent| {
            name.set(event.target_unchecked_into::<HtmlInputElement>().value());
        })
    };
    html! {
        <Menu label={t.saved()}>
            if props.saved.is_empty() {
                <p class="muted">{ t.no_saved() }</p>
            } else {
                <ul>{ for props.saved.iter().map(|saved| entry(t, saved, &props.on_action)) }</ul>
            }
            <form class="buttons" {onsubmit}>
                <input
                    ref={input}
                    type="text"
                    aria-label={t.name()}
                    placeholder={t.name()}
                    {oninput}
                />
                <button type="submit" {disabled}>{ t.save() }</button>
            </form>
            <button type="button" onclick={props.on_action.reform(|_| Action::ForgetHistory)}>
                { t.forget_history() }
            </button>
        </Menu>
    }
}

fn entry(t: Language, saved: &SavedDraft, on_action: &Callback<Action>) -> Html {
    let (draft, name) = (saved.draft.clone(), saved.name.clone());
    let load = on_action.reform(move |_| Action::LoadDraft(draft.clone()));
    let delete = on_action.reform(move |_| Action::DeleteSaved(name.clone()));
    html! {
        <li class="buttons">
            <button type="button" class="load" translate="no" title={saved.draft.text.clone()} onclick={load}>
                { &saved.name }
            </button>
            <button type="button" aria-label={t.delete_saved(&saved.name)} onclick={delete}>
                { "×" }
            </button>
        </li>
    }
}
