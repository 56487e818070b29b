//! The notice above the composer.

use web_core::action::Action;
use web_core::language::Language;
use web_core::notice::Notice;
use web_core::state::State;
use yew::prelude::*;

use super::changing::changing;

/// The notice, as an alert, until it is dismissed.
pub fn notice_bar(t: Language, state: &State, on_action: &Callback<Action>) -> Html {
    html! {
        <div class="notice" role="alert" tabindex="-1">
            if let Some(notice) = &state.notice {
                <p>{ changing(t.notice(notice)) }</p>
                { remedy(t, notice, state.connection.is_open(), on_action) }
                <button type="button" onclick={on_action.reform(|_| Action::ShowNotice(None))}>
                    { t.dismiss() }
                </button>
            }
        </div>
    }
}

/// The button of a notice: it sends the notice's batch, connects to the link, or loads the late
/// part again.
fn remedy(t: Language, notice: &Notice, open: bool, on_action: &Callback<Action>) -> Html {
    let (name, onclick, disabled) = match notice {
        Notice::LatePartFailed => {
            let retry = on_action.reform(|_| Action::RetryLatePart);
            (t.try_again().into(), retry, false)
        }
        Notice::ForeignLink(_) => (
            t.connect().into(),
            on_action.reform(|_| Action::Connect),
            false,
        ),
        Notice::PastedBreaks(format) => {
            let format = *format;
            let choose = on_action.reform(move |_| Action::SetInputFormat(format));
            (t.send_with_breaks(format), choose, false)
        }
        Notice::Imported {
            sent: Some(batch), ..
        }
        | Notice::BatchRefused { batch, .. } => {
            let (name, batch) = (t.send_all_again(batch.count), batch.clone());
            let send = on_action.reform(move |_| Action::StartBatch(batch.clone()));
            (name, send, !open)
        }
        _ => return Html::default(),
    };
    html! { <button type="button" {disabled} {onclick}>{ name }</button> }
}
