//! What there is to tell, in a line above the composer.

use yew::prelude::*;

use super::use_language;
use crate::action::Action;
use crate::state::Notice;

/// What a [`NoticeLine`] needs.
#[derive(Debug, PartialEq, Properties)]
pub struct NoticeLineProps {
    /// What to tell.
    pub notice: Option<Notice>,
    /// Told when the person has read it.
    pub on_action: Callback<Action>,
}

/// A notice that is read out at once, until it is put away.
#[component]
pub fn NoticeLine(props: &NoticeLineProps) -> Html {
    let t = use_language();
    let dismiss = props.on_action.reform(|_| Action::Notice(None));
    html! {
        <div class="notice" role="alert">
            if let Some(notice) = &props.notice {
                <p>{ t.notice(notice) }</p>
                <button type="button" onclick={dismiss}>{ t.dismiss() }</button>
            }
        </div>
    }
}
