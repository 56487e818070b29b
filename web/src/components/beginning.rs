//! What an empty log says: how to begin.

use web_core::action::Action;
use web_core::draft::Message;
use web_core::log::Kind;
use web_core::repeat::{Order, Pace};
use web_core::state::State;
use web_core::text::{self, Language};
use yew::prelude::*;

use super::copy::Copy;

/// How often the second button sends.
const TIMES: u32 = 10;

/// The ways to a first message: from here, from a command line, from a program. `url` is
/// where the WebSocket is, as far as that is known.
pub fn beginning(
    t: Language,
    state: &State,
    url: Option<String>,
    on_send: &Callback<Message, bool>,
    on_action: &Callback<Action>,
) -> Html {
    html! {
        <div class="beginning">
            <h2>{ t.begin() }</h2>
            <section>
                <h3>{ t.begin_hello() }</h3>
                { buttons(t, !state.connection.is_open(), on_send, on_action) }
                <p class="quiet">{ t.begin_composer(state.framing()) }</p>
            </section>
            if let Some(url) = url {
                { command(t, state, &url) }
            }
            if let Some(echo) = state.gateway.as_ref().and_then(|it| it.echo.as_ref()) {
                <Snippet
                    heading={t.begin_client()}
                    name={t.client()}
                    text={text::python_client(echo)}
                />
            }
        </div>
    }
}

fn buttons(
    t: Language,
    disabled: bool,
    on_send: &Callback<Message, bool>,
    on_action: &Callback<Action>,
) -> Html {
    let on_send = on_send.clone();
    let send = move |_| {
        on_send.emit(hello());
    };
    let ten_times = on_action.reform(|_| Action::Repeat(Order::repeat(hello(), TIMES, Pace::Fast)));
    html! {
        <div class="buttons">
            <button type="button" {disabled} onclick={send}>{ t.send_hello() }</button>
            <button type="button" {disabled} onclick={ten_times}>{ t.send_hello_ten() }</button>
        </div>
    }
}

fn command(t: Language, state: &State, url: &str) -> Html {
    // What is known of a token is the gateway's, not any other URL's.
    let is_own = state.upstream().is_some();
    let asks_token = is_own && state.gateway.as_ref().is_some_and(|it| it.token);
    html! {
        <Snippet
            heading={t.begin_command()}
            name={t.command()}
            text={text::send_command(url)}
            wraps=true
            note={asks_token.then(|| t.command_token())}
        />
    }
}

fn hello() -> Message {
    Message {
        kind: Kind::Text,
        payload: text::HELLO.into(),
    }
}

#[derive(PartialEq, Properties)]
struct SnippetProps {
    heading: &'static str,
    name: &'static str,
    text: AttrValue,
    #[prop_or_default]
    wraps: bool,
    #[prop_or_default]
    note: Option<&'static str>,
}

/// A way to begin elsewhere: code to be copied.
#[component]
fn Snippet(props: &SnippetProps) -> Html {
    let pre = use_node_ref();
    let SnippetProps { text, name, .. } = props;
    let class = props.wraps.then_some("wraps");
    html! {
        <section class="snippet">
            <h3>{ props.heading }</h3>
            <Copy {text} shown={&pre} />
            <pre ref={pre} {class} tabindex="0" role="group" aria-label={*name}>{ text }</pre>
            if let Some(note) = props.note {
                <p class="quiet">{ note }</p>
            }
        </section>
    }
}
