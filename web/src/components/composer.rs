//! The composer: the draft, a preview of its frame, and the ways to send it.

use std::rc::Rc;

use web_core::action::Action;
use web_core::batch::BatchRun;
use web_core::draft::{Draft, InputFormat};
use web_core::format;
use web_core::frame_view::{FrameView, SegmentView};
use web_core::gateway_info::SendLimits;
use web_core::json;
use web_core::language::Language;
use web_core::message::Message;
use web_core::step::Step;
use web_sys::{ClipboardEvent, DragEvent, File, HtmlTextAreaElement};
use yew::prelude::*;

use super::event::filter_callback;
use super::file_button::FileButton;
use super::focus::focus;
use super::language::use_language;
use super::menu::Menu;
use super::repeat_group::RepeatGroup;
use super::select::Select;
use crate::browser::file;
use crate::browser::late_file::FileRequest;

/// The most payload bytes in the preview.
const MAX_PREVIEW: usize = 48;

/// The longest draft that is checked for valid JSON on every keystroke, in bytes.
const MAX_CHECKED: usize = 100_000;

/// A message and its frame.
type Framed = (Message, Option<FrameView>);

/// The key code of every key that an input method handled.
const IME_KEY_CODE: u32 = 229;

/// The properties of a [`Composer`].
#[derive(Debug, PartialEq, Properties)]
pub struct ComposerProps {
    /// The draft.
    pub draft: Draft,
    /// The limits for messages.
    pub limits: Rc<SendLimits>,
    /// The last batch and its progress.
    pub batch_run: Option<BatchRun>,
    /// True if the connection is open.
    pub open: bool,
    /// Sends a message; returns true on success.
    pub on_send: Callback<Message, bool>,
    /// Sends a file as a message.
    pub on_file: Callback<File>,
    /// Opens the dialog of saved messages.
    pub on_request: Callback<FileRequest>,
    /// Dispatches actions.
    pub on_action: Callback<Action>,
}

/// The composer.
#[component]
pub fn Composer(props: &ComposerProps) -> Html {
    let t = use_language();
    let input = use_node_ref();
    let message = use_memo(
        (props.draft.clone(), props.limits.clone(), t),
        |(draft, limits, t)| check(draft, limits, *t),
    );
    let can_send = props.open && message.is_ok();
    use_initial_focus(&input);
    let send = sender(props, t, &input);
    let onclick = {
        let (send, input) = (send.clone(), input.clone());
        Callback::from(move |_| {
            send.emit(());
            focus(&input);
        })
    };
    let format = InputFormat::ALL
        .iter()
        .position(|&it| it == props.draft.format);
    html! {
        <section
            class="composer"
            aria-label={t.composer()}
            ondragover={Callback::from(|event: DragEvent| event.prevent_default())}
            ondrop={drop_file(&props.on_file)}
        >
            <Select
                label={t.format()}
                options={InputFormat::ALL.map(|it| t.format_name(it).into()).to_vec()}
                selected={format.unwrap_or_default()}
                on_choose={props.on_action.reform(|it: usize| Action::SetInputFormat(InputFormat::ALL[it]))}
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
                    Action::EditDraft(event.target_unchecked_into::<HtmlTextAreaElement>().value())
                })}
                onkeydown={on_key(send, &input, &props.on_action)}
                onpaste={paste_file(&props.on_file)}
            />
            <button type="button" class="primary send" disabled={!can_send} {onclick}>
                { t.send() }
            </button>
            <div class="below">
                if let Ok((_, Some(frame))) = &*message {
                    { on_the_wire(t, frame) }
                    { wrong_length(t, frame, &props.on_action) }
                }
                { note(t, props, message.as_ref().as_ref().err()) }
            </div>
            <Menu label="⋯" name={t.more_sending()} inline=true>{ more(t, props, &message) }</Menu>
        </section>
    }
}

fn more(t: Language, props: &ComposerProps, message: &Result<Framed, String>) -> Html {
    html! {
        <>
            <RepeatGroup
                message={message.as_ref().ok().map(|(message, _)| message.clone())}
                batch_run={props.batch_run.clone()}
                open={props.open}
                on_action={&props.on_action}
            />
            <button type="button" onclick={props.on_request.reform(|_| FileRequest::Saved)}>
                { t.saved() }
            </button>
            <FileButton label={t.file()} disabled={!props.open} on_file={&props.on_file} />
        </>
    }
}

/// Decodes and checks a draft, or explains why it cannot be sent. The frame is `None` until
/// the late part that draws it is loaded.
fn check(draft: &Draft, limits: &SendLimits, t: Language) -> Result<Framed, String> {
    let message = draft
        .message(limits.explainer.as_ref())
        .map_err(|error| t.input_error(error))?;
    let frame = limits.frame(&message.payload, t);
    Ok((message, frame.map_err(|refusal| t.refusal(&refusal))?))
}

/// Returns a callback that sends the input's content, which may be newer than the drawn
/// draft, and clears the input at once, so that the next keystrokes are not lost.
fn sender(props: &ComposerProps, t: Language, input: &NodeRef) -> Callback<()> {
    let (open, format, limits) = (props.open, props.draft.format, props.limits.clone());
    let (on_send, on_action) = (props.on_send.clone(), props.on_action.clone());
    let input = input.clone();
    Callback::from(move |()| {
        let Some(input) = input.cast::<HtmlTextAreaElement>().filter(|_| open) else {
            return;
        };
        let text = input.value();
        let draft = Draft { format, text };
        if check(&draft, &limits, t).is_ok_and(|(message, _)| on_send.emit(message)) {
            input.set_value("");
            on_action.emit(Action::DraftSent(draft));
            on_action.emit(Action::EditDraft(String::new()));
        }
    })
}

fn note(t: Language, props: &ComposerProps, refusal: Option<&String>) -> Html {
    let class = classes!("note", refusal.is_some().then_some("refusal"));
    let text = match refusal {
        Some(refusal) => refusal.clone(),
        None if !props.open => t.not_open().into(),
        None => json_note(t, &props.draft).unwrap_or_else(|| t.key_hint().into()),
    };
    html! { <p id="composer-note" {class}>{ text }</p> }
}

/// The result of the JSON check, for a draft that looks like JSON.
fn json_note(t: Language, draft: &Draft) -> Option<String> {
    let looks_so =
        draft.format == InputFormat::Text && draft.text.trim_start().starts_with(['{', '[']);
    (looks_so && draft.text.len() <= MAX_CHECKED).then(|| match json::parse(&draft.text) {
        Ok(_) => t.is_json().into(),
        Err(place) => t.not_json(place),
    })
}

fn on_the_wire(t: Language, frame: &FrameView) -> Html {
    let run = |segment: &SegmentView| {
        let bytes = &segment.bytes;
        let shown = &bytes[..bytes.len().min(MAX_PREVIEW)];
        html! {
            <>
                <span class={segment.class(frame.is_whole)}>{ format::hex(shown) }</span>
                if shown.len() < bytes.len() { { " …" } }
                { " " }
            </>
        }
    };
    html! {
        <p class="on-the-wire">
            <span class="muted">{ t.on_the_wire() }</span>
            <code>{ for frame.segments.iter().map(run) }</code>
            <span class="muted">{ format!("({})", t.bytes(frame.wire_len())) }</span>
        </p>
    }
}

/// A button that sets the length of a whole frame whose length is wrong. The frame's note
/// says what is wrong; the message can be sent as it is.
fn wrong_length(t: Language, frame: &FrameView, on_action: &Callback<Action>) -> Html {
    let Some(repaired) = frame.repaired.clone() else {
        return Html::default();
    };
    let onclick = on_action.reform(move |_| {
        Action::LoadDraft(Draft {
            format: InputFormat::Hex,
            text: format::hex(&repaired),
        })
    });
    html! {
        <p class="wrong-length">
            { frame.note.clone() }
            { " " }
            <button type="button" {onclick}>{ t.set_length() }</button>
        </p>
    }
}

/// Handles keys: Enter sends, Shift+Enter adds a line, Ctrl+Enter and Cmd+Enter always send.
/// On the first and the last line, the arrow keys recall drafts. Keys handled by an input
/// method are ignored.
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
            "ArrowUp" if plain && is_at_edge(&input, Step::Previous) => {
                event.prevent_default();
                on_action.emit(Action::RecallDraft(Step::Previous));
            }
            "ArrowDown" if plain && is_at_edge(&input, Step::Next) => {
                event.prevent_default();
                on_action.emit(Action::RecallDraft(Step::Next));
            }
            _ => {}
        }
    })
}

/// Returns true if the caret is on the first line, or on the last.
fn is_at_edge(input: &NodeRef, step: Step) -> bool {
    input.cast::<HtmlTextAreaElement>().is_some_and(|input| {
        // Positions are in UTF-16 code units.
        let text: Vec<u16> = input.value().encode_utf16().collect();
        let caret = input.selection_start().ok().flatten().unwrap_or_default();
        let caret = text.len().min(caret as usize);
        let line_break = u16::from(b'\n');
        match step {
            Step::Previous | Step::First => !text[..caret].contains(&line_break),
            Step::Next | Step::Last => !text[caret..].contains(&line_break),
        }
    })
}

fn drop_file(on_file: &Callback<File>) -> Callback<DragEvent> {
    filter_callback(on_file, |event: DragEvent| {
        event.prevent_default();
        file::of_transfer(event.data_transfer())
    })
}

/// Handles pasted files. Pasted text is left to the browser.
fn paste_file(on_file: &Callback<File>) -> Callback<Event> {
    filter_callback(on_file, |event: Event| {
        let event: ClipboardEvent = wasm_bindgen::JsCast::unchecked_into(event);
        let file = file::of_transfer(event.clipboard_data())?;
        event.prevent_default();
        Some(file)
    })
}

#[hook]
fn use_initial_focus(input: &NodeRef) {
    let input = input.clone();
    use_effect_with((), move |()| focus(&input));
}
