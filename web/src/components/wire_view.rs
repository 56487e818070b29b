//! The wire view: one message in detail. The page's late part draws it into elements that are
//! made for it here; the tabs and the buttons that need the state are this program's.

use std::cell::RefCell;
use std::rc::Rc;

use web_core::action::Action;
use web_core::format;
use web_core::language::Language;
use web_core::message::Message;
use web_core::message_log::Row;
use web_core::state::State;
use web_core::wire_view_tab::WireViewTab;
use yew::prelude::*;

use super::wire_view_tabs::{PANEL, tab_id, wire_view_tabs};
use crate::browser::late_file::FileRequest;
use crate::browser::late_part;

/// The most bytes that are shown while the late part cannot be loaded.
const MAX_SHOWN: usize = 256;

/// The wire view of the selected or the latest message. Small screens show it for a
/// selected message only.
pub fn wire_view(
    t: Language,
    state: &State,
    on_send: &Callback<Message>,
    on_action: &Callback<Action>,
    on_request: &Callback<FileRequest>,
) -> Html {
    let row = state.pane().shown();
    // A narrow window has no room for the wire view beside the rows that are being chosen.
    let is_selected = state.pane().selected.is_some() && !state.pane().is_choosing;
    let close = on_action.reform(|_| Action::SelectRow(None));
    html! {
        <section
            class={classes!("wire-view", is_selected.then_some("selected"))}
            aria-label={t.wire_view()}
        >
            <div class="tools">
                <h2 class="sr-only">{ t.wire_view() }</h2>
                <p id="message-facts"></p>
                if is_selected {
                    <button type="button" onclick={close}>{ t.close() }</button>
                }
            </div>
            <div id="message-times"></div>
            <div id="message-frame"></div>
            { wire_view_tabs(t, state.wire_view_tab, on_action) }
            <div
                class="tab-panel"
                id={PANEL}
                role="tabpanel"
                aria-labelledby={tab_id(state.wire_view_tab)}
            >
                <div id="message-view"></div>
                { hint(t, state, row, on_action) }
            </div>
            <div class="pairing">
                <div id="message-actions"></div>
                if let Some(row) = row {
                    { pairing(t, state, row, on_send, on_action) }
                    { code(t, row, on_request) }
                }
            </div>
        </section>
    }
}

/// Hands the shown message to the late part, which draws it in the document's language, when
/// another is shown.
pub fn show_message(t: Language, state: &State) {
    type Shown = (Option<String>, WireViewTab, Language);
    thread_local! {
        static SHOWN: RefCell<Option<Shown>> = const { RefCell::new(None) };
    }
    let row = state.pane().shown();
    let facts = row.map(|row| state.facts(row));
    let shown = Some((facts, state.wire_view_tab, t));
    if state.explainer.is_some() && SHOWN.with_borrow(|before| *before != shown) {
        let facts = shown.as_ref().and_then(|it| it.0.as_deref());
        late_part::show(facts.zip(row), state.wire_view_tab.key());
        SHOWN.set(shown);
    }
}

/// A button that shows code that sends the message, if it is whole.
fn code(t: Language, row: &Row, on_request: &Callback<FileRequest>) -> Html {
    let (id, disabled) = (row.id, row.missing_len > 0);
    let code = on_request.reform(move |_| FileRequest::Code(Some(id)));
    html! { <button type="button" {disabled} onclick={code}>{ t.code_for() }</button> }
}

/// The hint in place of a message: none is there, or the late part is not.
fn hint(t: Language, state: &State, row: Option<&Rc<Row>>, on_action: &Callback<Action>) -> Html {
    let Some(row) = row else {
        return html! { <p class="hint">{ t.wire_view_hint() }</p> };
    };
    if state.explainer.is_some() {
        return Html::default();
    }
    if !state.late_part_failed() {
        return html! { <p class="hint loading">{ t.loading() }</p> };
    }
    let shown = &row.payload[..row.payload.len().min(MAX_SHOWN)];
    html! {
        <div class="hint">
            { t.late_failed() }{ " " }
            <button type="button" onclick={on_action.reform(|_| Action::RetryLatePart)}>
                { t.try_again() }
            </button>
            <p><code translate="no">{ format::hex(shown) }</code></p>
        </div>
    }
}

/// A button for the reply or request of the message, and one that sends it again.
fn pairing(
    t: Language,
    state: &State,
    row: &Rc<Row>,
    on_send: &Callback<Message>,
    on_action: &Callback<Action>,
) -> Html {
    let disabled = !state.can_send() || row.missing_len > 0;
    let show = |partner| on_action.reform(move |_| Action::SelectRow(Some(partner)));
    let again = row.clone();
    let send_again = on_send.reform(move |_| again.message());
    html! {
        <>
            if let Some(partner) = row.partner() {
                <button type="button" onclick={show(partner)}>
                    { t.show_partner(row.direction) }
                </button>
            }
            <button type="button" {disabled} onclick={send_again}>{ t.send_again() }</button>
        </>
    }
}
