//! A row of the log.

use std::rc::Rc;

use web_core::format::{self, Segment};
use web_core::language::Language;
use web_core::message::Direction;
use web_core::message_log::{Pairing, Row, RowId};
use yew::prelude::*;

use super::language::use_language;

/// The properties of a [`MessageRow`].
#[derive(Debug, PartialEq, Properties)]
pub struct MessageRowProps {
    /// The message.
    pub row: Rc<Row>,
    /// Its place in the list, counted from 1, and the length of the list.
    pub place: (usize, usize),
    /// True if it is selected.
    pub selected: bool,
    /// True if it is the partner of the selected or the hovered row.
    pub is_paired: bool,
    /// Called when the row is clicked.
    pub on_select: Callback<RowId>,
    /// Called with the id when the pointer enters the row, and with `None` when it leaves.
    pub on_hover: Callback<Option<RowId>>,
}

/// Returns the id of a row's element.
pub fn element_id(id: RowId) -> String {
    format!("message-{id}")
}

/// Time, direction, size, reply and preview of a message.
#[component]
pub fn MessageRow(props: &MessageRowProps) -> Html {
    let t = use_language();
    let row = &props.row;
    let id = row.id;
    let direction = row.direction.key();
    let unanswered = row.direction == Direction::Sent && row.pairing == Pairing::Unpaired;
    let is_warning = unanswered && row.session.is_none();
    let (place, of) = props.place;
    html! {
        <div
            id={element_id(id)}
            class={classes!("row", direction, props.is_paired.then_some("paired"))}
            role="option"
            aria-selected={props.selected.to_string()}
            aria-posinset={place.to_string()}
            aria-setsize={of.to_string()}
            data-direction={direction}
            onclick={props.on_select.reform(move |_| id)}
            onmouseenter={props.on_hover.reform(move |_| Some(id))}
            onmouseleave={props.on_hover.reform(|_| None)}
        >
            <span class="time">{ format::time_of_day(row.at) }</span>
            <span class="arrow">
                <span aria-hidden="true">{ row.direction.arrow() }</span>
                <span class="sr-only">{ t.direction(row.direction) }</span>
            </span>
            <span class="size">{ format::size(row.full_len() as u64) }</span>
            <span class={classes!("reply", is_warning.then_some("unanswered"))}>{ t.reply_cell(row) }</span>
            <span class="preview">{ preview(t, &row.payload) }</span>
        </div>
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
