//! One message in detail: as it crosses TCP, as text, as JSON, as bytes.

use std::rc::Rc;

use protocol::{Frame, Framing};
use web_sys::HtmlElement;
use yew::prelude::*;

use super::copy::Copy;
use super::dump::DumpView;
use super::use_language;
use crate::action::Action;
use crate::draft::Message;
use crate::format;
use crate::json;
use crate::log::Row;
use crate::state::View;
use crate::text::{Language, arrow};
use crate::wire;

/// What a [`WireView`] needs.
#[derive(Debug, PartialEq, Properties)]
pub struct WireViewProps {
    /// The message to show.
    pub row: Option<Rc<Row>>,
    /// Whether the person chose it, or it is only the latest.
    pub chosen: bool,
    /// How to show it.
    pub view: View,
    /// How the upstream frames messages.
    pub framing: Framing,
    /// Whether messages can be sent.
    pub open: bool,
    /// Sends a message; answers whether it went out.
    pub on_send: Callback<Message, bool>,
    /// Told what the person wants.
    pub on_action: Callback<Action>,
}

/// The detailed view of a message. On small screens it is there for chosen ones alone.
#[component]
pub fn WireView(props: &WireViewProps) -> Html {
    let t = use_language();
    let close = props.on_action.reform(|_| Action::Select(None));
    html! {
        <section
            class={classes!("wire-view", props.chosen.then_some("chosen"))}
            aria-label={t.wire_view()}
        >
            <div class="tools">
                <h2 class="unseen">{ t.wire_view() }</h2>
                <Tabs view={props.view} on_action={&props.on_action} />
                if let Some(row) = &props.row {
                    <p class={super::row::class(row.direction)}>{ title(t, row) }</p>
                }
                if props.chosen {
                    <button type="button" onclick={close}>{ t.close() }</button>
                }
            </div>
            <div
                class="frame"
                id="view"
                role="tabpanel"
                aria-labelledby={tab_id(props.view)}
                tabindex="0"
            >
                if let Some(row) = &props.row {
                    <Content
                        row={row.clone()}
                        view={props.view}
                        framing={props.framing}
                    />
                    { tie(t, props, row) }
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

#[derive(PartialEq, Properties)]
struct TabsProps {
    view: View,
    on_action: Callback<Action>,
}

/// One tab is in the order of the Tab key; the arrow keys go to the others.
#[component]
fn Tabs(props: &TabsProps) -> Html {
    let t = use_language();
    let list = use_node_ref();
    let onkeydown = {
        let (view, list, on_action) = (props.view, list.clone(), props.on_action.clone());
        Callback::from(move |event: KeyboardEvent| {
            let step = match event.key().as_str() {
                "ArrowLeft" => View::ALL.len() - 1,
                "ArrowRight" => 1,
                _ => return,
            };
            let index = View::ALL.iter().position(|&it| it == view);
            let next = (index.unwrap_or_default() + step) % View::ALL.len();
            on_action.emit(Action::View(View::ALL[next]));
            focus_child(&list, next);
        })
    };
    let tab = |view: View| {
        let selected = view == props.view;
        html! {
            <button
                type="button"
                id={tab_id(view)}
                role="tab"
                aria-selected={selected.to_string()}
                aria-controls="view"
                tabindex={if selected { "0" } else { "-1" }}
                onclick={props.on_action.reform(move |_| Action::View(view))}
            >
                { t.view(view) }
            </button>
        }
    };
    html! {
        <div ref={&list} class="tabs" role="tablist" aria-label={t.views()} {onkeydown}>
            { for View::ALL.into_iter().map(tab) }
        </div>
    }
}

fn focus_child(list: &NodeRef, index: usize) {
    let children = list.cast::<HtmlElement>().map(|list| list.children());
    let child = u32::try_from(index)
        .ok()
        .and_then(|index| children?.item(index));
    if let Some(child) = child {
        // Fails where the page may not take the focus, and then it has none.
        let _ = wasm_bindgen::JsCast::unchecked_into::<HtmlElement>(child).focus();
    }
}

fn tab_id(view: View) -> &'static str {
    match view {
        View::Wire => "view-wire",
        View::Text => "view-text",
        View::Json => "view-json",
        View::Hex => "view-hex",
    }
}

#[derive(PartialEq, Properties)]
struct ContentProps {
    row: Rc<Row>,
    view: View,
    framing: Framing,
}

/// The message in the view that was chosen, and what copies it so.
#[component]
fn Content(props: &ContentProps) -> Html {
    let t = use_language();
    let shown = use_node_ref();
    let row = &props.row;
    let (content, copied) = match props.view {
        View::Wire => wire(t, props.framing, row),
        View::Hex => (bytes(t, &row.payload), format::hex(&row.payload)),
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
    // Only a message that the gateway could not have carried has no frame.
    match Frame::new(framing, row.payload.clone()) {
        Ok(frame) => {
            let content = html! {
                <>
                    { notes(t, framing, &frame, row) }
                    <DumpView dump={wire::dump(&frame)} />
                    { cut(t, frame.wire_len()) }
                </>
            };
            let copied = format!(
                "{} {}",
                format::hex(frame.header()),
                format::hex(&row.payload)
            );
            (content, copied)
        }
        Err(error) => (
            html! { <p class="hint">{ error.to_string() }</p> },
            String::new(),
        ),
    }
}

fn notes(t: Language, framing: Framing, frame: &Frame, row: &Row) -> Html {
    let (header, meaning) = t.header_note(framing, frame);
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
            <div>
                <dt>{ t.on_tcp() }</dt>
                <dd>{ t.bytes(frame.wire_len()) }</dd>
            </div>
        </dl>
    }
}

fn bytes(t: Language, payload: &[u8]) -> Html {
    html! {
        <>
            <DumpView dump={wire::dump_payload(payload)} />
            { cut(t, payload.len()) }
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
        Ok(text) => (lines(t, text), text.into()),
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
            (lines(t, &pretty), pretty)
        }
        Err(place) => (
            html! { <p class="hint">{ t.not_json(place) }</p> },
            text.into(),
        ),
    }
}

fn lines(t: Language, text: &str) -> Html {
    let end = text.floor_char_boundary(wire::MAX_SHOWN);
    html! {
        <>
            <pre class="lines">{ format::visible(&text[..end]) }</pre>
            { cut(t, text.len()) }
        </>
    }
}

fn tie(t: Language, props: &WireViewProps, row: &Rc<Row>) -> Html {
    let on_action = &props.on_action;
    let show = |partner| on_action.reform(move |_| Action::Select(Some(partner)));
    let again = {
        let (row, on_send) = (row.clone(), props.on_send.clone());
        move |_| {
            on_send.emit(Message {
                kind: row.kind,
                payload: row.payload.clone(),
            });
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
            <button type="button" disabled={!props.open} onclick={again}>{ t.send_again() }</button>
        </p>
    }
}
