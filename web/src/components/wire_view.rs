//! One message in detail.

use std::rc::Rc;

use web_core::action::Action;
use web_core::draft::Message;
use web_core::format;
use web_core::log::Row;
use web_core::state::State;
use web_core::text::{Language, arrow};
use yew::prelude::*;

use super::tabs::{PANEL, Tabs, tab_id};
use super::view::RowView;

/// The detailed view of a message. On small screens it is there for chosen ones alone.
pub fn wire_view(
    t: Language,
    state: &State,
    on_send: &Callback<Message, bool>,
    on_action: &Callback<Action>,
) -> Html {
    let row = state.book().shown();
    let chosen = state.book().selected.is_some();
    let close = on_action.reform(|_| Action::Select(None));
    html! {
        <section
            class={classes!("wire-view", chosen.then_some("chosen"))}
            aria-label={t.wire_view()}
        >
            <div class="tools">
                <h2 class="unseen">{ t.wire_view() }</h2>
                <Tabs view={state.view} {on_action} />
                if let Some(row) = row {
                    <p class={super::row::class(row.direction)}>{ title(t, row) }</p>
                }
                if chosen {
                    <button type="button" onclick={close}>{ t.close() }</button>
                }
            </div>
            <div
                class="frame"
                id={PANEL}
                role="tabpanel"
                aria-labelledby={tab_id(state.view)}
                tabindex="0"
            >
                if let Some(row) = row {
                    <RowView row={row.clone()} view={state.view} framing={state.framing_of(row)} />
                    { tie(t, state, row, on_send, on_action) }
                } else {
                    <p class="hint">{ t.no_frame() }</p>
                }
            </div>
        </section>
    }
}

fn title(t: Language, row: &Row) -> Html {
    html! {
        <>
            <span class="arrow" aria-hidden="true">{ arrow(row.direction) }</span>
            { " " }{ t.direction(row.direction) }{ " " }
            <time>{ format::time_of_day(row.at) }</time>
        </>
    }
}

fn tie(
    t: Language,
    state: &State,
    row: &Rc<Row>,
    on_send: &Callback<Message, bool>,
    on_action: &Callback<Action>,
) -> Html {
    let disabled = !state.connection.is_open() || row.cut > 0;
    let show = |partner| on_action.reform(move |_| Action::Select(Some(partner)));
    let again = {
        let (row, on_send) = (row.clone(), on_send.clone());
        move |_| {
            on_send.emit(row.message());
        }
    };
    html! {
        <p class="tie">
            <span>{ t.answer_note(row) }</span>
            if let Some(partner) = row.partner() {
                <button type="button" onclick={show(partner)}>
                    { t.show_partner(row.direction) }
                </button>
            }
            <button type="button" {disabled} onclick={again}>{ t.send_again() }</button>
        </p>
    }
}
