//! The console's empty state: three ways to send a first message.

use web_core::action::Action;
use web_core::batch::{Batch, SendRate};
use web_core::language::Language;
use web_core::message::Message;
use web_core::snippets;
use web_core::state::State;
use yew::prelude::*;

use super::changing::changing;
use crate::browser::late_file::FileRequest;

/// The repetitions of the second button.
const TIMES: u32 = 10;

/// The ways to a first message: from the page, from a command line, from Python. `url` is
/// the WebSocket's absolute URL, once it is known.
pub fn empty_state(
    t: Language,
    state: &State,
    url: Option<String>,
    on_send: &Callback<Message>,
    on_action: &Callback<Action>,
    on_request: &Callback<FileRequest>,
) -> Html {
    html! {
        // Without a button that can have the focus, keys scroll it all the same.
        <div class="empty-state" tabindex={(!state.connection.is_open()).then_some("0")}>
            <h2>{ t.no_messages_yet() }</h2>
            <section>
                <h3>{ t.first_from_page() }</h3>
                { buttons(t, !state.connection.is_open(), on_send, on_action) }
                if let Some(framing) = state.framing() {
                    <p class="muted">{ changing(t.composer_hint(&framing)) }</p>
                }
            </section>
            if let Some(url) = url {
                { command(t, state, &url) }
                { code(t, on_request) }
            }
        </div>
    }
}

fn buttons(
    t: Language,
    disabled: bool,
    on_send: &Callback<Message>,
    on_action: &Callback<Action>,
) -> Html {
    let send = on_send.reform(|_| snippets::hello());
    let ten_times = on_action.reform(|_| {
        Action::StartBatch(Batch::repeat(snippets::hello(), TIMES, SendRate::Unlimited))
    });
    html! {
        <div class="buttons">
            <button type="button" {disabled} onclick={send}>{ t.send_hello() }</button>
            <button type="button" {disabled} onclick={ten_times}>{ t.send_hello_ten() }</button>
        </div>
    }
}

/// A button that shows the code, which the late part has.
fn code(t: Language, on_request: &Callback<FileRequest>) -> Html {
    let onclick = on_request.reform(|_| FileRequest::Code(None));
    html! {
        <section>
            <h3>{ t.first_from_code() }</h3>
            <div class="buttons">
                <button type="button" {onclick}>{ t.show_code() }</button>
            </div>
        </section>
    }
}

fn command(t: Language, state: &State, url: &str) -> Html {
    // The info is the gateway's own, and says nothing about another URL.
    let is_own = state.upstream().is_some();
    let needs_token = is_own && state.gateway.as_ref().is_some_and(|it| it.token);
    html! {
        <section class="snippet">
            <h3>{ t.first_from_command_line() }</h3>
            // A click selects all of it.
            <pre translate="no" tabindex="0" role="group" aria-label={t.command()}>
                { snippets::send_command(url) }
            </pre>
            if needs_token {
                <p class="muted">{ t.command_token() }</p>
            }
        </section>
    }
}
