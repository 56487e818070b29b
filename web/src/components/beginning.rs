//! What an empty log says: how to begin.

use yew::prelude::*;

use super::copy::Copy;
use super::use_language;
use crate::action::Action;
use crate::draft::Message;
use crate::gateway::Echo;
use crate::log::Kind;
use crate::repeat::{Order, Pace};
use crate::state::State;
use crate::text::{self, Language};

/// How often the second button sends.
const TIMES: u32 = 10;

/// The ways to a first message.
pub fn beginning(
    t: Language,
    state: &State,
    on_send: &Callback<Message, bool>,
    on_action: &Callback<Action>,
) -> Html {
    let framing = state.framing();
    let echo = state.gateway.as_ref().and_then(|it| it.echo.clone());
    let on_send = on_send.clone();
    let send = move |_| {
        on_send.emit(hello());
    };
    let ten_times = on_action.reform(|_| Action::Repeat(Order::repeat(hello(), TIMES, Pace::Fast)));
    let disabled = !state.connection.is_open();
    html! {
        <div class="beginning">
            <h2>{ t.begin() }</h2>
            <section>
                <h3>{ t.begin_hello() }</h3>
                <div class="buttons">
                    <button type="button" {disabled} onclick={send}>{ t.send_hello() }</button>
                    <button type="button" {disabled} onclick={ten_times}>
                        { t.send_hello_ten() }
                    </button>
                </div>
            </section>
            <section>
                <h3>{ t.begin_composer() }</h3>
                <p>{ t.begin_composer_note(framing) }</p>
            </section>
            if let Some(echo) = echo {
                <section>
                    <h3>{ t.begin_client() }</h3>
                    <Client {echo} />
                </section>
            }
        </div>
    }
}

fn hello() -> Message {
    Message {
        kind: Kind::Text,
        payload: text::HELLO.into(),
    }
}

#[derive(PartialEq, Properties)]
struct ClientProps {
    echo: Echo,
}

/// The snippet, to be copied.
#[component]
fn Client(props: &ClientProps) -> Html {
    let t = use_language();
    let snippet = AttrValue::from(text::python_client(&props.echo));
    let pre = use_node_ref();
    html! {
        <div class="client">
            <pre ref={&pre} tabindex="0" role="group" aria-label={t.client()}>{ &snippet }</pre>
            <Copy text={snippet} shown={pre} />
        </div>
    }
}
