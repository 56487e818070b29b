//! A row of the log.

use std::rc::Rc;

use web_core::action::Action;
use web_core::format::{self, Segment};
use web_core::language::Language;
use web_core::message::Direction;
use web_core::message_log::{Pairing, Row, RowId};
use yew::prelude::*;

use super::locale::Locale;

/// The properties of a [`MessageRow`].
#[derive(Debug, PartialEq, Properties)]
pub struct MessageRowProps {
    /// The language, and the time zone.
    pub locale: Locale,
    /// The message.
    pub row: Rc<Row>,
    /// Its place in the list, counted from 1, and the length of the list.
    pub place: (usize, usize),
    /// True if it is selected.
    pub selected: bool,
    /// True if it is the partner of the selected or the hovered row.
    pub is_paired: bool,
    /// Dispatches actions.
    pub on_action: Callback<Action>,
    /// Called with the id when the pointer enters the row, and with `None` when it leaves.
    pub on_hover: Callback<Option<RowId>>,
}

/// Returns the id of a row's element.
pub fn element_id(id: RowId) -> String {
    format!("message-{id}")
}

/// Time, direction, size, reply, preview and times of a message, or an event.
#[component]
pub fn MessageRow(props: &MessageRowProps) -> Html {
    let Locale { language: t, zone } = props.locale;
    let row = &props.row;
    let id = row.id;
    let (kind, content) = match &row.event {
        Some(event) => (
            "event",
            html! { <span>{ t.session_event(event, row.at, zone) }</span> },
        ),
        None => (row.direction.key(), message(t, row)),
    };
    let (place, of) = props.place;
    html! {
        <div
            id={element_id(id)}
            class={classes!("row", kind, props.is_paired.then_some("paired"))}
            role="option"
            aria-selected={props.selected.to_string()}
            aria-posinset={place.to_string()}
            aria-setsize={of.to_string()}
            data-direction={kind}
            onclick={props.on_action.reform(move |event| select(&event, id))}
            onmouseenter={props.on_hover.reform(move |_| Some(id))}
            onmouseleave={props.on_hover.reform(|_| None)}
        >
            <span class="time" title={zone.instant(row.at)}>{ zone.time(row.at) }</span>
            { content }
        </div>
    }
}

/// A click selects the row; with Ctrl it adds the row to the chosen ones, with Shift all rows up
/// to it.
fn select(event: &MouseEvent, id: RowId) -> Action {
    match (event.shift_key(), event.ctrl_key() || event.meta_key()) {
        (true, _) => Action::ExtendSelection(id),
        (_, true) => Action::ToggleRow(id),
        _ => Action::SelectRow(Some(id)),
    }
}

fn message(t: Language, row: &Row) -> Html {
    let is_sent = row.direction == Direction::Sent;
    let unanswered = matches!(row.pairing, Pairing::Unpaired | Pairing::Unsent);
    let is_warning = unanswered && is_sent && row.session.is_none();
    html! {
        <>
            <span class="arrow">
                <span aria-hidden="true">{ row.direction.arrow() }</span>
                <span class="sr-only">{ t.direction(row.direction) }</span>
            </span>
            <span class="size">{ format::size(row.full_len() as u64) }</span>
            <span class={classes!("reply", is_warning.then_some("unanswered"))}>{ t.reply_cell(row) }</span>
            <span class="preview">{ preview(t, &row.payload) }</span>
            if !is_sent {
                <span class="times">{ t.service_and_way(row) }</span>
            }
        </>
    }
}

fn preview(t: Language, payload: &[u8]) -> Html {
    if payload.is_empty() {
        return html! { <span class="muted">{ t.empty_payload() }</span> };
    }
    format::preview(payload).into_iter().map(segment).collect()
}

fn segment(Segment { text, is_escape }: Segment) -> Html {
    match is_escape {
        true => html! { <span class="escape">{ text }</span> },
        false => html! { { text } },
    }
}
