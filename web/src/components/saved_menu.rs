//! Messages that have a name.

use std::rc::Rc;

use web_core::action::Action;
use web_core::draft::Saved;
use web_core::text::Language;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::menu::Menu;
use super::use_language;

/// What a [`SavedMenu`] needs.
#[derive(Debug, PartialEq, Properties)]
pub struct SavedMenuProps {
    /// What is kept.
    pub saved: Rc<Vec<Saved>>,
    /// Whether there is something to keep.
    pub can_save: bool,
    /// Told what the person wants.
    pub on_action: Callback<Action>,
}

/// What is kept, to be taken again, and what keeps more.
#[component]
pub fn SavedMenu(props: &SavedMenuProps) -> Html {
    let t = use_language();
    let name = use_state_eq(String::new);
    let trimmed = name.trim().to_owned();
    let disabled = trimmed.is_empty() || !props.can_save;
    let onsubmit = {
        let (name, on_action) = (name.clone(), props.on_action.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if !disabled {
                on_action.emit(Action::Save(trimmed.clone()));
                name.set(String::new());
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
                <p class="quiet">{ t.nothing_saved() }</p>
            } else {
                <ul>{ for props.saved.iter().map(|saved| entry(t, saved, &props.on_action)) }</ul>
            }
            <form class="buttons" {onsubmit}>
                <input
                    type="text"
                    aria-label={t.name()}
                    placeholder={t.name()}
                    value={(*name).clone()}
                    {oninput}
                />
                <button type="submit" {disabled}>{ t.save() }</button>
            </form>
        </Menu>
    }
}

fn entry(t: Language, saved: &Saved, on_action: &Callback<Action>) -> Html {
    let (draft, name) = (saved.draft.clone(), saved.name.clone());
    let take = on_action.reform(move |_| Action::Take(draft.clone()));
    let forget = on_action.reform(move |_| Action::Forget(name.clone()));
    html! {
        <li class="buttons">
            <button type="button" class="take" title={saved.draft.text.clone()} onclick={take}>
                { &saved.name }
            </button>
            <button type="button" aria-label={t.forget(&saved.name)} onclick={forget}>
                { "×" }
            </button>
        </li>
    }
}
