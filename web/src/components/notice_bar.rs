//! The notice above the composer.

use web_core::action::Action;
use web_core::language::Language;
use web_core::notice::Notice;
use web_core::state::State;
use yew::prelude::*;

/// The notice, as an alert, until it is dismissed.
pub fn notice_bar(t: Language, state: &State, on_action: &Callback<Action>) -> Html {
    html! {
        <div class="notice" role="alert">
            if let Some(notice) = &state.notice {
                <p>{ t.notice(notice) }</p>
                { remedy(t, notice, state.connection.is_open(), on_action) }
                <button type="button" onclick={on_action.reform(|_| Action::ShowNotice(None))}>
                    { t.dismiss() }
                </button>
            }
        </div>
    }
}

/// The button of a notice: it sends the notice's batch, or loads the late part again.
fn remedy(t: Language, notice: &Notice, open: bool, on_action: &Callback<Action>) -> Html {
    let (name, action, disabled) = match notice {
        Notice::LatePartFailed => (t.try_again().into(), Action::RetryLatePart, false),
        Notice::Imported {
            sent: Some(batch), ..
        }
        | Notice::BatchRefused { batch, .. } => {
            let name = t.send_all_again(batch.count);
            (name, Action::StartBatch(batch.clone()), !open)
        }
        _ => return Html::default(),
    };
    let onclick = on_action.reform(move |_| action.clone());
    html! { <button type="button" {disabled} {onclick}>{ name }</button> }
}
