//! Where messages are written.

use std::rc::Rc;

use protocol::{Frame, Framing};
use web_core::action::{Action, Step};
use web_core::draft::{Draft, Format, Message, Saved};
use web_core::format;
use web_core::gateway::Bounds;
use web_core::json;
use web_core::repeat::Repeat;
use web_core::text::Language;
use web_sys::{ClipboardEvent, DragEvent, File, HtmlTextAreaElement};
use yew::prelude::*;

use super::file_button::FileButton;
use super::menu::Menu;
use super::repeat_group::RepeatGroup;
use super::saved_menu::SavedMenu;
use super::select::Select;
use super::{reading, use_language};
use crate::browser::file;

/// The payload bytes that are shown while one types.
const BYTES_SHOWN: usize = 48;

/// The longest text that is checked for being JSON while one types, in bytes.
const MAX_CHECKED: usize = 100_000;

/// What browsers report as the key code of every key that an input method took.
const IME_KEY_CODE: u32 = 229;

/// What a [`Composer`] needs.
#[derive(Debug, PartialEq, Properties)]
pub struct ComposerProps {
    /// The message in the making.
    pub draft: Draft,
    /// Which messages can be sent.
    pub bounds: Bounds,
    /// What is kept for later.
    pub saved: Rc<Vec<Saved>>,
    /// What was last repeated.
    pub repeat: Option<Repeat>,
    /// Whether messages can be sent.
    pub open: bool,
    /// Sends a message; answers whether it went out.
    pub on_send: Callback<Message, bool>,
    /// Sends a file.
    pub on_file: Callback<File>,
    /// Told what the person wants.
    pub on_action: Callback<Action>,
}

/// A message in the making, and the bytes that it would be.
#[component]
pub fn Composer(props: &ComposerProps) -> Html {
    let t = use_language();
    let input = use_node_ref();
    let message = use_memo(
        (props.draft.clone(), props.bounds, t),
        |(draft, bounds, t)| check(draft, *bounds, *t),
    );
    let can_send = props.open && message.is_ok();
    use_focus_at_first(&input);
    let send = sender(props, t, &input);
    let onclick = {
        let (send, input) = (send.clone(), input.clone());
        Callback::from(move |_| {
            send.emit(());
            focus(&input);
        })
    };
    let formats = Format::ALL.map(|format| t.format_name(format).into());
    let format = Format::ALL.iter().position(|&it| it == props.draft.format);
    html! {
        <section
            class="composer"
            aria-label={t.composer()}
            ondragover={Callback::from(|event: DragEvent| event.prevent_default())}
            ondrop={drop_file(&props.on_file)}
        >
            <Select
                label={t.format()}
                options={formats.to_vec()}
                selected={format.unwrap_or_default()}
                on_choose={props.on_action.reform(|index: usize| Action::Format(Format::ALL[index]))}
            />
            <textarea
                ref={&input}
                rows="1"
                aria-label={t.message()}
                aria-describedby="composer-note"
                aria-invalid={message.is_err().to_string()}
                placeholder={t.placeholder(props.draft.format)}
                spellcheck="false"
                value={props.draft.text.clone()}
                oninput={props.on_action.reform(|event: InputEvent| {
                    Action::Write(event.target_unchecked_into::<HtmlTextAreaElement>().value())
                })}
                onkeydown={on_key(send, &input, &props.on_action)}
                onpaste={paste_file(&props.on_file)}
            />
            <button type="button" class="primary send" disabled={!can_send} {onclick}>
                { t.send() }
            </button>
            <div class="below">
                if let Ok(message) = &*message {
                    { on_the_wire(t, props.bounds.framing, message) }
                }
                { note(t, props, message.as_ref().as_ref().err()) }
            </div>
            <Menu label="⋯" name={t.more_sending()} inline=true>{ more(t, props, &message) }</Menu>
        </section>
    }
}

fn more(t: Language, props: &ComposerProps, message: &Result<Message, String>) -> Html {
    html! {
        <>
            <RepeatGroup
                message={message.clone().ok()}
                repeat={props.repeat.clone()}
                open={props.open}
                on_action={&props.on_action}
            />
            <SavedMenu
                saved={props.saved.clone()}
                can_save={!props.draft.text.is_empty()}
                on_action={&props.on_action}
            />
            <FileButton label={t.file()} disabled={!props.open} on_file={&props.on_file} />
        </>
    }
}

/// The message that the draft is, or why it cannot be sent, whatever the connection.
fn check(draft: &Draft, bounds: Bounds, t: Language) -> Result<Message, String> {
    let message = draft.message().map_err(|error| t.input_error(error))?;
    let checked = bounds.check(&message.payload);
    checked.map_err(|error| t.refusal(error)).map(|()| message)
}

/// Sends what is in the input, which may be newer than what was last drawn, and empties
/// it at once, so that what is typed next is not lost.
fn sender(props: &ComposerProps, t: Language, input: &NodeRef) -> Callback<()> {
    let (open, format, bounds) = (props.open, props.draft.format, props.bounds);
    let (on_send, on_action) = (props.on_send.clone(), props.on_action.clone());
    let input = input.clone();
    Callback::from(move |()| {
        let Some(input) = input.cast::<HtmlTextAreaElement>().filter(|_| open) else {
            return;
        };
        let text = input.value();
        let draft = Draft { format, text };
        if check(&draft, bounds, t).is_ok_and(|message| on_send.emit(message)) {
            input.set_value("");
            on_action.emit(Action::Submitted(draft));
            on_action.emit(Action::Write(String::new()));
        }
    })
}

fn note(t: Language, props: &ComposerProps, refusal: Option<&String>) -> Html {
    let class = classes!("note", refusal.is_some().then_some("refusal"));
    let text = match refusal {
        Some(refusal) => refusal.clone(),
        None if !props.open => t.not_open().into(),
        None => json_note(t, &props.draft).unwrap_or_else(|| t.keys().into()),
    };
    html! { <p id="composer-note" {class}>{ text }</p> }
}

/// What is said of a draft that looks like JSON.
fn json_note(t: Language, draft: &Draft) -> Option<String> {
    let looks_so = draft.format == Format::Text && draft.text.trim_start().starts_with(['{', '[']);
    (looks_so && draft.text.len() <= MAX_CHECKED).then(|| match json::parse(&draft.text) {
        Ok(_) => t.is_json().into(),
        Err(place) => t.not_json(place),
    })
}

fn on_the_wire(t: Language, framing: Framing, message: &Message) -> Html {
    let payload = &message.payload;
    let Ok(frame) = Frame::new(framing, payload.clone()) else {
        return Html::default();
    };
    let shown = &payload[..payload.len().min(BYTES_SHOWN)];
    html! {
        <p class="on-the-wire">
            <span class="quiet">{ t.on_the_wire() }</span>
            <code>
                <span class="header">{ format::hex(frame.header()) }</span>
                { " " }
                <span class="payload">{ format::hex(shown) }</span>
                if shown.len() < payload.len() { { " …" } }
                { " " }
                <span class="header">{ format::hex(frame.trailer()) }</span>
            </code>
            <span class="quiet">{ format!("({})", t.bytes(frame.wire_len())) }</span>
        </p>
    }
}

/// Enter sends and Shift+Enter does not; with Ctrl or Cmd it always does. From the first
/// and the last line, the arrow keys go through what was sent before. A key that an input
/// method took is none of them.
fn on_key(
    send: Callback<()>,
    input: &NodeRef,
    on_action: &Callback<Action>,
) -> Callback<KeyboardEvent> {
    let (input, on_action) = (input.clone(), on_action.clone());
    Callback::from(move |event: KeyboardEvent| {
        let commanded = event.ctrl_key() || event.meta_key();
        let plain = !event.shift_key() && !commanded && !event.alt_key();
        if event.is_composing() || event.key_code() == IME_KEY_CODE {
            return;
        }
        match event.key().as_str() {
            "Enter" if commanded || !event.shift_key() => {
                event.prevent_default();
                send.emit(());
            }
            "ArrowUp" if plain && is_at_edge(&input, Step::Earlier) => {
                event.prevent_default();
                on_action.emit(Action::Recall(Step::Earlier));
            }
            "ArrowDown" if plain && is_at_edge(&input, Step::Later) => {
                event.prevent_default();
                on_action.emit(Action::Recall(Step::Later));
            }
            _ => {}
        }
    })
}

/// Whether the caret has no line before it, or none after it.
fn is_at_edge(input: &NodeRef, step: Step) -> bool {
    input.cast::<HtmlTextAreaElement>().is_some_and(|input| {
        // Positions are in UTF-16 units.
        let text: Vec<u16> = input.value().encode_utf16().collect();
        let caret = input.selection_start().ok().flatten().unwrap_or_default();
        let caret = text.len().min(caret as usize);
        let line_break = u16::from(b'\n');
        match step {
            Step::Earlier | Step::First => !text[..caret].contains(&line_break),
            Step::Later | Step::Last => !text[caret..].contains(&line_break),
        }
    })
}

fn drop_file(on_file: &Callback<File>) -> Callback<DragEvent> {
    reading(on_file, |event: DragEvent| {
        event.prevent_default();
        file::of_transfer(event.data_transfer())
    })
}

/// A pasted text is left to the browser.
fn paste_file(on_file: &Callback<File>) -> Callback<Event> {
    reading(on_file, |event: Event| {
        let event: ClipboardEvent = wasm_bindgen::JsCast::unchecked_into(event);
        let file = file::of_transfer(event.clipboard_data())?;
        event.prevent_default();
        Some(file)
    })
}

#[hook]
fn use_focus_at_first(input: &NodeRef) {
    let input = input.clone();
    use_effect_with((), move |()| focus(&input));
}

fn focus(input: &NodeRef) {
    if let Some(input) = input.cast::<HtmlTextAreaElement>() {
        // Fails where the page may not take the focus, and then it has none.
        let _ = input.focus();
    }
}
