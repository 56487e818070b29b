//! One message as it crosses TCP: its bytes, and what they mean.

use std::rc::Rc;

use protocol::{Frame, Framing};
use yew::prelude::*;

use crate::log::Row;
use crate::state::Action;
use crate::wire::{self, Dump, Role, Run};
use crate::{format, text};

/// What a [`WireView`] needs.
#[derive(Debug, PartialEq, Properties)]
pub struct WireViewProps {
    /// The message to show.
    pub row: Option<Rc<Row>>,
    /// Whether the person chose it, or it is only the latest.
    pub chosen: bool,
    /// How the upstream frames messages.
    pub framing: Framing,
    /// Told what the person wants.
    pub on_action: Callback<Action>,
}

/// The detailed view of a message. On small screens it is there for chosen ones alone.
#[component]
pub fn WireView(props: &WireViewProps) -> Html {
    let close = props.on_action.reform(|_| Action::Select(None));
    html! {
        <section
            class={classes!("wire-view", props.chosen.then_some("chosen"))}
            aria-label={text::WIRE_VIEW}
        >
            <div class="tools">
                <h2>{ text::WIRE_VIEW }</h2>
                if let Some(row) = &props.row {
                    <p class={text::direction(row.direction)}>{ title(row) }</p>
                }
                if props.chosen {
                    <button type="button" onclick={close}>{ text::CLOSE }</button>
                }
            </div>
            { content(props) }
        </section>
    }
}

fn title(row: &Row) -> Html {
    html! {
        <>
            <span class="arrow" aria-hidden="true">{ text::arrow(row.direction) }</span>
            { " " }{ text::direction(row.direction) }{ " " }
            <time>{ format::time_of_day(row.at) }</time>
        </>
    }
}

fn content(props: &WireViewProps) -> Html {
    let Some(row) = &props.row else {
        return html! { <p class="hint">{ text::NO_FRAME }</p> };
    };
    // Only a message that the gateway could not have carried has no frame.
    match Frame::new(props.framing, row.payload.clone()) {
        Ok(frame) => html! {
            <div class="frame" tabindex="0">
                { notes(props.framing, &frame, row) }
                { dump(&wire::dump(&frame)) }
                if let Some(note) = text::cut_note(&frame) {
                    <p class="hint">{ note }</p>
                }
                { tie(row, &props.on_action) }
            </div>
        },
        Err(error) => html! { <p class="hint">{ error.to_string() }</p> },
    }
}

fn notes(framing: Framing, frame: &Frame, row: &Row) -> Html {
    let (header, meaning) = text::header_note(framing, frame);
    html! {
        <dl class="notes">
            <div class="header">
                <dt>{ text::HEADER }</dt>
                <dd><code>{ header }</code>{ " " }{ meaning }</dd>
            </div>
            <div class="payload">
                <dt>{ text::PAYLOAD }</dt>
                <dd>{ text::payload_note(row) }</dd>
            </div>
            <div>
                <dt>{ text::ON_TCP }</dt>
                <dd>{ text::bytes(frame.wire_len()) }</dd>
            </div>
        </dl>
    }
}

/// The bytes flow: the columns' widths say how many stand in a line, eight or, where
/// there is room, sixteen.
fn dump(Dump { len, hex, text }: &Dump) -> Html {
    let offset = |offset| html! { <span>{ format!("{offset:04x}") }</span> };
    html! {
        <div class="dump">
            <div class="offsets" aria-hidden="true">{ for (0..*len).step_by(8).map(offset) }</div>
            <code class="hex">{ for hex.iter().map(hex_run) }</code>
            <code class="text">{ for text.iter().map(text_run) }</code>
        </div>
    }
}

fn hex_run(run: &Run) -> Html {
    html! { <><span class={role(run.role)}>{ &run.shown }</span>{ " " }</> }
}

/// A character of several bytes stands in the place of its first; the others' are empty.
fn text_run(run: &Run) -> Html {
    let role = role(run.role);
    if run.is_narrow() {
        return html! { <span class={role}>{ &run.shown }</span> };
    }
    let empty = (1..run.len).map(|_| html! { <span class="cell"></span> });
    html! {
        <><span class={classes!("cell", role)}>{ &run.shown }</span>{ for empty }</>
    }
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Header => "header",
        Role::Payload => "payload",
        Role::Control => "control",
        Role::Invalid => "invalid",
    }
}

fn tie(row: &Row, on_action: &Callback<Action>) -> Html {
    let show = |partner| on_action.reform(move |_| Action::Select(Some(partner)));
    html! {
        <p class="tie">
            <span>{ text::answer_note(row) }</span>
            if let Some(partner) = row.partner() {
                <button type="button" onclick={show(partner)}>
                    { text::show_partner(row.direction) }
                </button>
            }
        </p>
    }
}
