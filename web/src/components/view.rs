//! The views of a message: as it crosses TCP, as text, as JSON, as bytes.

use std::rc::Rc;

use protocol::{Frame, Framing};
use web_core::format;
use web_core::json;
use web_core::log::Row;
use web_core::text::Language;
use web_core::view::View;
use web_core::wire;
use yew::prelude::*;

use super::copy::Copy;
use super::dump::dump_view;
use super::use_language;

/// What a [`RowView`] needs.
#[derive(Debug, PartialEq, Properties)]
pub struct RowViewProps {
    /// The message.
    pub row: Rc<Row>,
    /// How to show it.
    pub view: View,
    /// How the upstream frames messages.
    pub framing: Framing,
}

/// The message in the view that was chosen, and what copies it so.
#[component]
pub fn RowView(props: &RowViewProps) -> Html {
    let t = use_language();
    let shown = use_node_ref();
    let row = &props.row;
    let (content, copied) = match props.view {
        // Without all of it, there is no frame to show.
        View::Wire if row.cut > 0 => (bytes(t, row), format::hex(&row.payload)),
        View::Wire => wire(t, props.framing, row),
        View::Hex => (bytes(t, row), format::hex(&row.payload)),
        View::Text => text(t, row),
        View::Json => json(t, row),
    };
    html! {
        <>
            <div ref={&shown}>{ content }</div>
            <p class="actions"><Copy text={copied} {shown} /></p>
        </>
    }
}

fn wire(t: Language, framing: Framing, row: &Row) -> (Html, String) {
    // What was refused has no frame, and a CR in a line that came could not be sent back.
    match Frame::new(framing, row.payload.clone()) {
        Ok(frame) => {
            let content = html! {
                <>
                    { notes(t, framing, &frame, row) }
                    { dump_view(&wire::dump(&frame)) }
                    { cut(t, frame.wire_len()) }
                </>
            };
            let parts = [frame.header(), frame.payload(), frame.trailer()];
            let parts = parts.into_iter().filter(|part| !part.is_empty());
            let copied = parts.map(format::hex).collect::<Vec<_>>().join(" ");
            (content, copied)
        }
        Err(error) => (
            html! {
                <>
                    <p class="hint">{ t.refusal(error) }</p>
                    { bytes(t, row) }
                </>
            },
            format::hex(&row.payload),
        ),
    }
}

fn notes(t: Language, framing: Framing, frame: &Frame, row: &Row) -> Html {
    let (header, meaning) = t.header_note(framing, frame);
    let trailer = t.trailer_note(framing);
    html! {
        <dl class="notes">
            <div class="header">
                <dt>{ t.header() }</dt>
                <dd><code>{ header }</code>{ " " }{ meaning }</dd>
            </div>
            <div class="payload">
                <dt>{ t.payload() }</dt>
                <dd>{ t.payload_note(row) }</dd>
            </div>
            if let Some((trailer, meaning)) = trailer {
                <div class="header">
                    <dt>{ t.trailer() }</dt>
                    <dd><code>{ trailer }</code>{ " " }{ meaning }</dd>
                </div>
            }
            <div>
                <dt>{ t.on_tcp() }</dt>
                <dd>{ t.bytes(frame.wire_len()) }</dd>
            </div>
        </dl>
    }
}

fn bytes(t: Language, row: &Row) -> Html {
    html! {
        <>
            { dump_view(&wire::dump_payload(&row.payload)) }
            { cut(t, row.whole_len()) }
        </>
    }
}

fn cut(t: Language, len: usize) -> Html {
    html! {
        if let Some(note) = t.cut_note(len) {
            <p class="hint">{ note }</p>
        }
    }
}

/// The beginning of the text; all of it is copied.
fn text(t: Language, row: &Row) -> (Html, String) {
    match std::str::from_utf8(&row.payload) {
        Ok(text) => (lines(t, text, row.whole_len()), text.into()),
        Err(_) => (
            html! { <p class="hint">{ t.not_text() }</p> },
            String::from_utf8_lossy(&row.payload).into(),
        ),
    }
}

fn json(t: Language, row: &Row) -> (Html, String) {
    let Ok(text) = std::str::from_utf8(&row.payload) else {
        return self::text(t, row);
    };
    match json::parse(text) {
        Ok(value) => {
            let pretty = value.pretty();
            (lines(t, &pretty, pretty.len()), pretty)
        }
        Err(place) => (
            html! { <p class="hint">{ t.not_json(place) }</p> },
            text.into(),
        ),
    }
}

fn lines(t: Language, text: &str, len: usize) -> Html {
    let end = text.floor_char_boundary(wire::MAX_SHOWN);
    html! {
        <>
            <pre class="lines">{ format::visible(&text[..end]) }</pre>
            { cut(t, len) }
        </>
    }
}
