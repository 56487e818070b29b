//! What an empty log says: how to begin.

use std::rc::Rc;

use protocol::Framing;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::gateway::{Address, Gateway};
use crate::{clipboard, text};

/// What a [`Beginning`] needs.
#[derive(Debug, PartialEq, Properties)]
pub struct BeginningProps {
    /// The gateway, once it is known.
    pub gateway: Option<Rc<Gateway>>,
    /// Whether messages can be sent.
    pub open: bool,
    /// Sends a message; answers whether it went out.
    pub on_send: Callback<String, bool>,
}

/// The ways to a first message.
#[component]
pub fn Beginning(props: &BeginningProps) -> Html {
    let gateway = props.gateway.as_deref();
    let framing = gateway.map_or(Framing::default(), |gateway| gateway.upstream.framing);
    let echo = gateway.and_then(|gateway| gateway.echo.clone());
    let on_send = props.on_send.clone();
    let hello = move |_| {
        on_send.emit(text::HELLO.into());
    };
    html! {
        <div class="beginning">
            <h2>{ text::BEGIN }</h2>
            <section>
                <h3>{ text::BEGIN_HELLO }</h3>
                <button type="button" disabled={!props.open} onclick={hello}>
                    { text::SEND_HELLO }
                </button>
            </section>
            <section>
                <h3>{ text::BEGIN_COMPOSER }</h3>
                <p>{ text::begin_composer(framing) }</p>
            </section>
            if let Some(address) = echo {
                <section>
                    <h3>{ text::BEGIN_CLIENT }</h3>
                    <Client {address} />
                </section>
            }
        </div>
    }
}

#[derive(PartialEq, Properties)]
struct ClientProps {
    address: Address,
}

/// The snippet, and the button that copies it and says how that went.
#[component]
fn Client(props: &ClientProps) -> Html {
    let snippet = text::python_client(&props.address);
    let label = use_state(|| text::COPY);
    let pre = use_node_ref();
    let onclick = {
        let (snippet, label, pre) = (snippet.clone(), label.clone(), pre.clone());
        Callback::from(move |_| {
            let (snippet, label, pre) = (snippet.clone(), label.clone(), pre.clone());
            spawn_local(async move {
                if clipboard::copy(&snippet).await {
                    label.set(text::COPIED);
                } else if let Some(pre) = pre.get() {
                    clipboard::select(&pre);
                    label.set(text::COPY_SELECTED);
                }
            });
        })
    };
    html! {
        <div class="client">
            <pre ref={pre} tabindex="0" role="group" aria-label={text::CLIENT}>{ snippet }</pre>
            <button type="button" {onclick}>{ *label }</button>
        </div>
    }
}
