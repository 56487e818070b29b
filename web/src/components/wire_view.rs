//! The wire view: one message in detail.

use std::rc::Rc;

use web_core::action::Action;
use web_core::language::Language;
use web_core::message::Message;
use web_core::message_log::Row;
use web_core::state::State;
use yew::prelude::*;

use super::wire_view_content::WireViewContent;
use super::wire_view_tabs::{PANEL, tab_id, wire_view_tabs};
use crate::browser::late_file::FileRequest;

/// The wire view of the selected or the latest message. Small screens show it for a
/// selected message only.
pub fn wire_view(
    t: Language,
    state: &State,
    on_send: &Callback<Message, bool>,
    on_action: &Callback<Action>,
    on_request: &Callback<FileRequest>,
) -> Html {
    let row = state.pane().shown();
    let is_selected = state.pane().selected.is_some();
    let close = on_action.reform(|_| Action::SelectRow(None));
    html! {
        <section
            class={classes!("wire-view", is_selected.then_some("selected"))}
            aria-label={t.wire_view()}
        >
            <div class="tools">
                <h2 class="sr-only">{ t.wire_view() }</h2>
                { wire_view_tabs(t, state.wire_view_tab, on_action) }
                if let Some(row) = row {
                    <p class={row.direction.key()}>{ title(t, state, row) }</p>
                }
                if is_selected {
                    <button type="button" onclick={close}>{ t.close() }</button>
                }
            </div>
            <div
                class="tab-panel"
                id={PANEL}
                role="tabpanel"
                aria-labelledby={tab_id(state.wire_view_tab)}
                tabindex="0"
            >
                if let Some(row) = row {
                    <WireViewContent
                        row={row.clone()}
                        tab={state.wire_view_tab}
                        framing={row.framing.clone()}
                        explainer={state.explainer.clone()}
                    />
                    { pairing(t, state, row, on_send, on_action) }
                    { files(t, row, on_request) }
                } else {
                    <p class="hint">{ t.wire_view_hint() }</p>
                }
            </div>
        </section>
    }
}

fn title(t: Language, state: &State, row: &Row) -> Html {
    html! {
        <>
            <span class="arrow" aria-hidden="true">{ row.direction.arrow() }</span>
            { " " }{ t.direction(row.direction) }{ " " }
            <time>{ state.zone().instant(row.at) }</time>
        </>
    }
}

/// Buttons that save the payload, and show code that sends the message if it is whole.
fn files(t: Language, row: &Row, on_request: &Callback<FileRequest>) -> Html {
    let (id, disabled) = (row.id, row.missing_len > 0);
    let save = on_request.reform(move |_| FileRequest::Save(id));
    let code = on_request.reform(move |_| FileRequest::Code(Some(id)));
    html! {
        <p class="actions">
            <button type="button" onclick={save}>{ t.save_payload() }</button>
            <button type="button" {disabled} onclick={code}>{ t.code_for() }</button>
        </p>
    }
}

/// The reply or request of the message, and a button that sends it again.
fn pairing(
    t: Language,
    state: &State,
    row: &Rc<Row>,
    on_send: &Callback<Message, bool>,
    on_action: &Callback<Action>,
) -> Html {
    let disabled = !state.can_send() || row.missing_len > 0;
    let show = |partner| on_action.reform(move |_| Action::SelectRow(Some(partner)));
    let send_again = {
        let (row, on_send) = (row.clone(), on_send.clone());
        move |_| {
            on_send.emit(row.message());
        }
    };
    html! {
        <p class="pairing">
            <span>{ t.reply_note(row) }<br />{ t.service_and_way(row) }</span>
            if let Some(partner) = row.partner() {
                <button type="button" onclick={show(partner)}>
                    { t.show_partner(row.direction) }
                </button>
            }
            <button type="button" {disabled} onclick={send_again}>{ t.send_again() }</button>
        </p>
    }
}
