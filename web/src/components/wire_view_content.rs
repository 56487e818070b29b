//! The content of the wire view: the frame, the text, the JSON or the bytes of a message.

use std::rc::Rc;

use web_core::format;
use web_core::frame_view::{Explainer, FrameView, SegmentView};
use web_core::framing::Framing;
use web_core::hex_dump;
use web_core::json;
use web_core::language::Language;
use web_core::message_log::Row;
use web_core::wire_view_tab::WireViewTab;
use yew::prelude::*;

use super::copy_button::CopyButton;
use super::hex_dump::hex_dump_view;
use super::language::use_language;

/// The properties of a [`WireViewContent`].
#[derive(Debug, PartialEq, Properties)]
pub struct WireViewContentProps {
    /// The message.
    pub row: Rc<Row>,
    /// The open tab.
    pub tab: WireViewTab,
    /// The framing that the message crossed with, if it is known.
    pub framing: Option<Framing>,
    /// The late part's explainer, once it is loaded.
    pub explainer: Option<Explainer>,
}

/// The message as in the open tab, and a button that copies it.
#[component]
pub fn WireViewContent(props: &WireViewContentProps) -> Html {
    let t = use_language();
    let shown = use_node_ref();
    let row = &props.row;
    let (content, copied) = match props.tab {
        // A truncated payload has no frame.
        WireViewTab::Wire if row.missing_len > 0 => (bytes(t, row), format::hex(&row.payload)),
        WireViewTab::Wire => wire(t, props),
        WireViewTab::Hex => (bytes(t, row), format::hex(&row.payload)),
        WireViewTab::Text => text(t, row),
        WireViewTab::Json => json(t, row),
    };
    html! {
        <>
            <div ref={&shown}>{ content }</div>
            <p class="actions"><CopyButton text={copied} {shown} /></p>
        </>
    }
}

fn wire(t: Language, props: &WireViewContentProps) -> (Html, String) {
    let row = &props.row;
    let frame = props.framing.as_ref();
    let frame = frame.map(|it| FrameView::new(it, &row.payload, props.explainer.as_ref(), t));
    let hint = match frame {
        Some(Some(Ok(frame))) => {
            let content = html! {
                <>
                    { notes(t, &frame, row) }
                    { hex_dump_view(&hex_dump::dump_frame(&frame)) }
                    { truncation_note(t, frame.wire_len()) }
                </>
            };
            let segments = frame.segments.iter().map(|it| &it.bytes);
            let segments = segments.filter(|bytes| !bytes.is_empty());
            let copied = segments.map(|bytes| format::hex(bytes)).collect::<Vec<_>>();
            return (content, copied.join(" "));
        }
        // A refused payload has no frame. A received line with a CR could not be sent, either.
        Some(Some(Err(refusal))) => t.refusal(&refusal),
        Some(None) => t.loading().into(),
        None => t.unknown_framing().into(),
    };
    let content = html! { <><p class="hint">{ hint }</p>{ bytes(t, row) }</> };
    (content, format::hex(&row.payload))
}

/// A line for each segment, in wire order.
fn notes(t: Language, frame: &FrameView, row: &Row) -> Html {
    let line = |segment: &SegmentView| {
        let meaning = match segment.meaning.as_str() {
            "" if segment.bytes.len() < row.payload.len() => t.encoding_note(&segment.bytes),
            "" => t.payload_note(row),
            meaning => meaning.into(),
        };
        html! {
            <div class={segment.class(frame.is_whole)}>
                <dt>{ &segment.name }</dt>
                <dd><code>{ format::hex_abridged(&segment.bytes) }</code>{ " " }{ meaning }</dd>
            </div>
        }
    };
    html! {
        <dl class="notes">
            if let Some(note) = &frame.note {
                <div class="header">
                    <dt>{ t.framing() }</dt>
                    <dd>{ note }</dd>
                </div>
            }
            { for frame.segments.iter().map(line) }
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
            { hex_dump_view(&hex_dump::dump_payload(&row.payload)) }
            { truncation_note(t, row.full_len()) }
        </>
    }
}

fn truncation_note(t: Language, len: usize) -> Html {
    html! {
        if let Some(note) = t.truncation_note(len) {
            <p class="hint">{ note }</p>
        }
    }
}

/// The beginning of the text. The button copies all of it.
fn text(t: Language, row: &Row) -> (Html, String) {
    match std::str::from_utf8(&row.payload) {
        Ok(text) => (lines(t, text, row.full_len()), text.into()),
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
    let end = text.floor_char_boundary(hex_dump::MAX_SHOWN);
    html! {
        <>
            <pre class="lines">{ format::escape_invisible(&text[..end]) }</pre>
            { truncation_note(t, len) }
        </>
    }
}
