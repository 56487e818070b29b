//! Wires the state, the browser and the components.

use yew::prelude::*;

use crate::components::beginning::Beginning;
use crate::components::composer::Composer;
use crate::components::messages::Messages;
use crate::components::stats::Stats;
use crate::components::top_bar::TopBar;
use crate::components::wire_view::WireView;
use crate::info::use_info;
use crate::socket::{Target, use_socket};
use crate::state::{Action, Connection, State};

/// The page.
#[component]
pub fn App() -> Html {
    let state = use_reducer(State::default);
    let dispatch = state.dispatcher();
    use_info(attempt_to_ask(&state), dispatch.clone());
    let on_send = use_socket(socket_target(&state), dispatch.clone());
    let on_action: Callback<Action> = dispatch.to_callback();

    let State { log, gateway, .. } = &*state;
    let open = state.connection.is_open();
    let upstream = gateway.as_ref().map(|gateway| &gateway.upstream);
    html! {
        <>
            <TopBar connection={state.connection.clone()} {gateway} on_action={&on_action} />
            <Stats {log} />
            <main onkeydown={deselect_on_escape(&on_action)}>
                <Messages {log} selected={state.selected} on_action={&on_action}>
                    <Beginning {gateway} {open} on_send={&on_send} />
                </Messages>
                <WireView
                    row={state.shown().cloned()}
                    chosen={state.selected.is_some()}
                    framing={upstream.map(|upstream| upstream.framing).unwrap_or_default()}
                    on_action={&on_action}
                />
            </main>
            <Composer {gateway} {open} {on_send} />
        </>
    }
}

fn attempt_to_ask(state: &State) -> Option<u32> {
    (state.connection == Connection::Asking).then_some(state.attempt)
}

/// The same while the socket opens and while it is open, so that it stays.
fn socket_target(state: &State) -> Option<Target> {
    match state.connection {
        Connection::Connecting | Connection::Open { .. } => Some(Target {
            attempt: state.attempt,
            path: state.gateway.as_ref()?.upstream.path.clone(),
        }),
        Connection::Idle
        | Connection::Asking
        | Connection::Unavailable(_)
        | Connection::Closed(_) => None,
    }
}

fn deselect_on_escape(on_action: &Callback<Action>) -> Callback<KeyboardEvent> {
    let on_action = on_action.clone();
    Callback::from(move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            on_action.emit(Action::Select(None));
        }
    })
}
