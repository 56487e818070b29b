//! One message in the log.

use std::rc::Rc;

use web_core::format::{self, Segment};
use web_core::log::{Direction, Id, Row, Tie};
use web_core::text::{Language, arrow};
use yew::prelude::*;

use super::use_language;

/// What a [`MessageRow`] needs.
#[derive(Debug, PartialEq, Properties)]
pub struct MessageRowProps {
    /// The message.
    pub row: Rc<Row>,
    /// Its place in the list, from 1, and how many there are.
    pub place: (usize, usize),
    /// Whether the person chose it.
    pub selected: bool,
    /// Whether it is tied to the one that is chosen or pointed at.
    pub tied: bool,
    /// Told when the person chooses it.
    pub on_select: Callback<Id>,
    /// Told when the person points at it, and away from it.
    pub on_point: Callback<Option<Id>>,
}

/// The element of the message called `id`, for references to it.
pub fn element_id(id: Id) -> String {
    format!("message-{id}")
}

/// What a direction is called in styles and by tests, in every language.
pub fn class(direction: Direction) -> &'static str {
    match direction {
        Direction::Sent => "sent",
        Direction::Received => "received",
    }
}

/// Time, direction, size, round trip and a preview.
#[component]
pub fn MessageRow(props: &MessageRowProps) -> Html {
    let t = use_language();
    let row = &props.row;
    let id = row.id;
    let direction = class(row.direction);
    let unanswered = row.direction == Direction::Sent && row.tie == Tie::Alone;
    let lost = unanswered && row.session.is_none();
    let (place, of) = props.place;
    html! {
        <div
            id={element_id(id)}
            class={classes!("row", direction, props.tied.then_some("tied"))}
            role="option"
            aria-selected={props.selected.to_string()}
            aria-posinset={place.to_string()}
            aria-setsize={of.to_string()}
            data-direction={direction}
            onclick={props.on_select.reform(move |_| id)}
            onmouseenter={props.on_point.reform(move |_| Some(id))}
            onmouseleave={props.on_point.reform(|_| None)}
        >
            <span class="time">{ format::time_of_day(row.at) }</span>
            <span class="arrow">
                <span aria-hidden="true">{ arrow(row.direction) }</span>
                <span class="unseen">{ t.direction(row.direction) }</span>
            </span>
            <span class="size">{ format::size(row.whole_len() as u64) }</span>
            <span class={classes!("answer", lost.then_some("lost"))}>{ t.answer(row) }</span>
            <span class="preview">{ preview(t, &row.payload) }</span>
        </div>
    }
}

fn preview(t: Language, payload: &[u8]) -> Html {
    if payload.is_empty() {
        return html! { <span class="quiet">{ t.empty_payload() }</span> };
    }
    format::preview(payload).into_iter().map(segment).collect()
}

fn segment(Segment { text, stand_in }: Segment) -> Html {
    match stand_in {
        true => html! { <span class="stand-in">{ text }</span> },
        false => html! { { text } },
    }
}
