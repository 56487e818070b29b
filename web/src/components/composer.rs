//! The composer: the draft, a preview of its frame, and the ways to send it.

use std::rc::Rc;

use web_core::action::Action;
use web_core::attachment::Attachment;
use web_core::batch::BatchRun;
use web_core::draft::{Draft, InputFormat};
use web_core::format;
use web_core::frame_view::{FrameView, SegmentView};
use web_core::gateway_info::SendLimits;
use web_core::json;
use web_core::language::Language;
use web_core::message::Message;
use web_sys::{File, HtmlTextAreaElement};
use yew::prelude::*;

use super::attachments::attachment_list;
use super::changing::changing;
use super::composer_keys::on_key;
use super::file_button::file_button;
use super::focus::focus;
use super::menu::Menu;
use super::repeat_group::use_repeat_group;
use super::select::select;
use super::text_box::use_text;
use crate::browser::late_file::FileRequest;

/// The most payload bytes in the preview.
const MAX_PREVIEW: usize = 48;

/// The longest draft that is checked for valid JSON on every keystroke, in bytes.
const MAX_CHECKED: usize = 100_000;

/// The bytes of the draft that its box grows with, more than fit its greatest height.
const GROWING_LEN: usize = 1 << 14;

/// A message and its frame.
type Framed = (Message, Option<FrameView>);

/// The properties of a [`Composer`].
#[derive(Debug, PartialEq, Properties)]
pub struct ComposerProps {
    /// The language.
    pub language: Language,
    /// The draft.
    pub draft: Draft,
    /// The limits for messages.
    pub limits: Rc<SendLimits>,
    /// The last batch and its progress.
    pub batch_run: Option<BatchRun>,
    /// True if the connection is open.
    pub open: bool,
    /// Sends the draft and the files; returns true if no text is left.
    pub on_send: Callback<(), bool>,
    /// The files to send with the next Send.
    pub attachments: Vec<Rc<Attachment>>,
    /// Adds a file to them.
    pub on_file: Callback<File>,
    /// Opens the dialog of saved messages.
    pub on_request: Callback<FileRequest>,
    /// Dispatches actions.
    pub on_action: Callback<Action>,
}

/// The composer.
#[component]
pub fn Composer(props: &ComposerProps) -> Html {
    let t = props.language;
    let input = use_node_ref();
    let message = use_memo(
        (props.draft.clone(), props.limits.clone(), t),
        |(draft, limits, t)| check(draft, limits, *t),
    );
    let can_send =
        props.open && message.is_ok() && props.attachments.iter().all(|it| it.content.is_ok());
    use_initial_focus(&input);
    use_text(&input, &props.draft.text.clone().into());
    let repeat = use_repeat_group(
        t,
        message.as_ref().as_ref().ok().map(|it| it.0.clone()),
        props.batch_run.as_ref(),
        props.open,
        &props.on_action,
    );
    let send = sender(&props.on_send, &input);
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
    let text = &*props.draft.text;
    html! {
        <section class="composer" aria-label={t.composer()} tabindex="-1">
            { attachment_list(t, &props.attachments, &props.on_action) }
            { formats(t, format.unwrap_or_default(), &props.on_action) }
            <div class="grow" data-text={text[..text.floor_char_boundary(GROWING_LEN)].to_owned()}>
                <textarea
                    ref={&input}
                    rows="1"
                    aria-label={t.message()}
                    aria-describedby="composer-note"
                    aria-invalid={message.is_err().to_string()}
                    placeholder={t.placeholder(props.draft.format)}
                    spellcheck="false"
                    translate="no"
                    oninput={props.on_action.reform(|event: InputEvent| {
                        Action::EditDraft(event.target_unchecked_into::<HtmlTextAreaElement>().value())
                    })}
                    onkeydown={on_key(send, &input, &props.on_action)}
                />
            </div>
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
            <Menu label="⋯" name={t.more_sending()} inline=true>{ more(t, props, repeat) }</Menu>
        </section>
    }
}

fn formats(t: Language, selected: usize, on_action: &Callback<Action>) -> Html {
    let names = InputFormat::ALL.map(|it| t.format_name(it));
    let choose = on_action.reform(|it: usize| Action::SetInputFormat(InputFormat::ALL[it]));
    select(t.format(), names, selected, &choose)
}

fn more(t: Language, props: &ComposerProps, repeat: Html) -> Html {
    html! {
        <>
            { repeat }
            <button type="button" onclick={props.on_request.reform(|_| FileRequest::Saved)}>
                { t.saved() }
            </button>
            { file_button(t.file(), &props.on_file) }
        </>
    }
}

/// Decodes and checks a draft, or explains why it cannot be sent. The frame is `None` until
/// the late part that draws it is loaded.
fn check(draft: &Draft, limits: &SendLimits, t: Language) -> Result<Framed, String> {
    let message = draft
        .message(limits.explainer.as_ref())
        .map_err(|error| t.input_error(error))?;
    let frame = limits.frame(&message.payload);
    Ok((message, frame.map_err(|refusal| t.refusal(&refusal))?))
}

/// Returns a callback that sends, and clears the input at once: the draft that was typed may not be
/// drawn yet, and so no redraw would clear it.
fn sender(on_send: &Callback<(), bool>, input: &NodeRef) -> Callback<()> {
    let (on_send, input) = (on_send.clone(), input.clone());
    Callback::from(move |()| {
        if on_send.emit(())
            && let Some(input) = input.cast::<HtmlTextAreaElement>()
        {
            input.set_value("");
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
    html! { <p id="composer-note" {class}>{ changing(text) }</p> }
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
            <code translate="no">{ for frame.segments.iter().map(run) }</code>
            <span class="muted">{ changing(format!("({})", t.bytes(frame.wire_len()))) }</span>
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

#[hook]
fn use_initial_focus(input: &NodeRef) {
    let input = input.clone();
    use_effect_with((), move |()| focus(&input));
}
