//! What there is to tell, in a line above the composer.

use web_core::action::Action;
use web_core::notice::Notice;
use web_core::state::State;
use web_core::text::Language;
use yew::prelude::*;

/// A notice that is read out at once, until it is put away.
pub fn notice_line(t: Language, state: &State, on_action: &Callback<Action>) -> Html {
    html! {
        <div class="notice" role="alert">
            if let Some(notice) = &state.notice {
                <p>{ t.notice(notice) }</p>
                { replay(t, notice, state.connection.is_open(), on_action) }
                <button type="button" onclick={on_action.reform(|_| Action::Notice(None))}>
                    { t.dismiss() }
                </button>
            }
        </div>
    }
}

fn replay(t: Language, notice: &Notice, open: bool, on_action: &Callback<Action>) -> Html {
    let order = match notice {
        Notice::Imported { sent, .. } => sent.as_ref(),
        Notice::OrderRefused { order, .. } => Some(order),
        _ => None,
    };
    let Some(order) = order else {
        return Html::default();
    };
    let name = t.replay(order.count);
    let order = order.clone();
    let onclick = on_action.reform(move |_| Action::Repeat(order.clone()));
    html! { <button type="button" disabled={!open} {onclick}>{ name }</button> }
}
