//! Where messages are written.

use std::rc::Rc;

use protocol::Framing;
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

use crate::gateway::Gateway;
use crate::{format, text};

/// The payload bytes that are shown while one types.
const BYTES_SHOWN: usize = 48;

/// What browsers report as the key code of every key that an input method took.
const IME_KEY_CODE: u32 = 229;

/// What a [`Composer`] needs.
#[derive(Debug, PartialEq, Properties)]
pub struct ComposerProps {
    /// The gateway, once it is known.
    pub gateway: Option<Rc<Gateway>>,
    /// Whether messages can be sent.
    pub open: bool,
    /// Sends a message; answers whether it went out.
    pub on_send: Callback<String, bool>,
}

/// A message in the making, and the bytes that it would be.
#[component]
pub fn Composer(props: &ComposerProps) -> Html {
    let draft = use_state_eq(String::new);
    let input = use_node_ref();
    let refusal = refusal(props.gateway.as_deref(), &draft);
    let can_send = props.open && refusal.is_none();
    use_focus_at_first(&input);

    let send = sender(&draft, can_send, &props.on_send);
    let onclick = {
        let (send, input) = (send.clone(), input.clone());
        Callback::from(move |_| {
            send.emit(());
            focus(&input);
        })
    };
    html! {
        <section class="composer" aria-label={text::COMPOSER}>
            <textarea
                ref={input}
                rows="1"
                aria-label={text::MESSAGE}
                aria-describedby="composer-note"
                placeholder={text::MESSAGE_PLACEHOLDER}
                spellcheck="false"
                value={(*draft).clone()}
                oninput={edit(&draft)}
                onkeydown={send_on_enter(send)}
            />
            <button type="button" class="primary" disabled={!can_send} {onclick}>
                { text::SEND }
            </button>
            <div class="below">
                { on_the_wire(props.gateway.as_deref(), &draft) }
                { note(props.open, refusal) }
            </div>
        </section>
    }
}

/// Sends the draft and empties it once it went out.
fn sender(
    draft: &UseStateHandle<String>,
    can_send: bool,
    on_send: &Callback<String, bool>,
) -> Callback<()> {
    let (draft, on_send) = (draft.clone(), on_send.clone());
    Callback::from(move |()| {
        if can_send && on_send.emit((*draft).clone()) {
            draft.set(String::new());
        }
    })
}

/// Why `draft` cannot be sent, whatever the connection.
fn refusal(gateway: Option<&Gateway>, draft: &str) -> Option<String> {
    let max = gateway?.upstream.max_frame;
    (draft.len() > max).then(|| text::too_long(draft.len(), max))
}

fn note(open: bool, refusal: Option<String>) -> Html {
    let class = classes!("note", refusal.is_some().then_some("refusal"));
    let default = if open { text::KEYS } else { text::NOT_OPEN };
    html! {
        <p id="composer-note" {class}>{ refusal.unwrap_or_else(|| default.into()) }</p>
    }
}

fn on_the_wire(gateway: Option<&Gateway>, draft: &str) -> Html {
    let framing = gateway.map_or(Framing::default(), |gateway| gateway.upstream.framing);
    let Ok(header) = framing.header(draft.len()) else {
        return Html::default();
    };
    let header = header.as_ref();
    let shown = &draft.as_bytes()[..draft.len().min(BYTES_SHOWN)];
    html! {
        <p class="on-the-wire">
            <span class="quiet">{ text::ON_THE_WIRE }</span>
            <code>
                <span class="header">{ format::hex(header) }</span>
                { " " }
                <span class="payload">{ format::hex(shown) }</span>
                if shown.len() < draft.len() { { " …" } }
            </code>
            <span class="quiet">{ format!("({})", text::bytes(header.len() + draft.len())) }</span>
        </p>
    }
}

fn edit(draft: &UseStateHandle<String>) -> Callback<InputEvent> {
    let draft = draft.clone();
    Callback::from(move |event: InputEvent| {
        draft.set(event.target_unchecked_into::<HtmlTextAreaElement>().value());
    })
}

/// Enter sends and Shift+Enter does not; with Ctrl or Cmd it always does. An Enter that
/// ends the input of a character by an input method is no Enter.
fn send_on_enter(send: Callback<()>) -> Callback<KeyboardEvent> {
    Callback::from(move |event: KeyboardEvent| {
        let composing = event.is_composing() || event.key_code() == IME_KEY_CODE;
        let sends = !event.shift_key() || event.ctrl_key() || event.meta_key();
        if event.key() == "Enter" && sends && !composing {
            event.prevent_default();
            send.emit(());
        }
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
