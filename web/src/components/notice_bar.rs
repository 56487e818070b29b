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
                if *notice == Notice::LatePartFailed {
                    <button type="button" onclick={on_action.reform(|_| Action::RetryLatePart)}>
                        { t.try_again() }
                    </button>
                }
                { send_again(t, notice, state.connection.is_open(), on_action) }
                <button type="button" onclick={on_action.reform(|_| Action::ShowNotice(None))}>
                    { t.dismiss() }
                </button>
            }
        </div>
    }
}

/// The button that sends the notice's batch.
fn send_again(t: Language, notice: &Notice, open: bool, on_action: &Callback<Action>) -> Html {
    let batch = match notice {
        Notice::Imported { sent, .. } => sent.as_ref(),
        Notice::BatchRefused { batch, .. } => Some(batch),
        _ => None,
    };
    let Some(batch) = batch else {
        return Html::default();
    };
    let name = t.send_all_again(batch.count);
    let batch = batch.clone();
    let onclick = on_action.reform(move |_| Action::StartBatch(batch.clone()));
    html! { <button type="button" disabled={!open} {onclick}>{ name }</button> }
}
