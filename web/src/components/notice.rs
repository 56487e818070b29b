//! What there is to tell, in a line above the composer.

use yew::prelude::*;

use crate::action::Action;
use crate::state::Notice;
use crate::text::Language;

/// A notice that is read out at once, until it is put away.
pub fn notice_line(t: Language, notice: Option<&Notice>, on_action: &Callback<Action>) -> Html {
    html! {
        <div class="notice" role="alert">
            if let Some(notice) = notice {
                <p>{ t.notice(notice) }</p>
                <button type="button" onclick={on_action.reform(|_| Action::Notice(None))}>
                    { t.dismiss() }
                </button>
            }
        </div>
    }
}
