//! Markup of the components. Effects do not run here.

mod composer;
mod empty_state;
mod log_panel;
mod top_bar;
mod wire_view;

use std::rc::Rc;

use web_core::action::Action;
use web_core::framing::{Framing, Framings};
use web_core::gateway_info::{EchoService, GatewayInfo, TcpAddress, Upstream, UpstreamChoice};
use web_core::language::Language;
use web_core::message::{Kind, Message};
use web_core::message_log::RowId;
use web_core::message_pane::MessagePane;
use web_core::state::State;
use web_core::stored_state::StoredState;
use web_core::time::Moment;
use web_core::wire_view_tab::WireViewTab;
use yew::LocalServerRenderer;
use yew::prelude::*;

use super::locale::Locale;
use super::log_panel::log_panel;
use super::wire_view::wire_view;

async fn render<C>(props: C::Properties) -> String
where
    C: BaseComponent,
{
    LocalServerRenderer::<C>::with_props(props)
        .hydratable(false)
        .render()
        .await
}

#[derive(PartialEq, Properties)]
struct ShownProps {
    html: Html,
}

#[component]
fn Shown(props: &ShownProps) -> Html {
    props.html.clone()
}

async fn shown(html: Html) -> String {
    render::<Shown>(ShownProps { html }).await
}

fn gateway() -> Option<Rc<GatewayInfo>> {
    Some(Rc::new(GatewayInfo {
        version: "0.1.0".into(),
        echo: Some(EchoService {
            address: TcpAddress {
                host: "127.0.0.1".into(),
                port: 34568,
            },
            framing: Framing::default(),
        }),
        upstreams: vec![Upstream {
            name: "echo".into(),
            path: "ws".into(),
            framings: Framings::default(),
            max_frame: 16,
        }],
        token: true,
        live_feed: false,
        resume: false,
    }))
}

fn at(ms: f64) -> Moment {
    Moment {
        utc_ms: 43_263_120.0 + ms,
        steady_ms: ms,
    }
}

fn message(text: &'static str) -> Message {
    Message {
        kind: Kind::Text,
        payload: text.into(),
    }
}

fn sent(text: &'static str) -> Action {
    let message = message(text);
    Action::SendMessage {
        message,
        at: at(0.0),
    }
}

fn received(text: &'static str) -> Action {
    let message = message(text);
    Action::MessageReceived {
        message,
        at: at(0.4),
    }
}

fn after(actions: impl IntoIterator<Item = Action>) -> State {
    let mut state = State::new(UpstreamChoice::First, StoredState::default());
    actions.into_iter().for_each(|action| state.apply(action));
    state
}

/// The state after actions on a connection to an upstream of this framing.
fn over(framing: &str, actions: impl IntoIterator<Item = Action>) -> State {
    let mut offered = Rc::unwrap_or_clone(gateway().unwrap());
    offered.upstreams[0].framings = framing.into();
    let (answer, at) = (Ok(offered), at(0.0));
    let random = 1.0;
    let open = [
        Action::InfoLoaded { answer, at, random },
        Action::SocketOpened { at },
    ];
    let mut state = after(open);
    // Without the event of the opening, so that the first message is row 0.
    state.console = MessagePane::new(state.settings.max_rows);
    actions.into_iter().for_each(|action| state.apply(action));
    state
}

fn exchange(message: &'static str, reply: &'static str) -> State {
    over("u32le", [sent(message), received(reply)])
}

fn select(mut state: State, id: RowId) -> State {
    state.apply(Action::SelectRow(Some(id)));
    state
}

async fn log_of(state: &State) -> String {
    let empty_log = || html! { "the empty log" };
    let on_action = Callback::noop();
    let on_copy = Callback::from(|()| String::new());
    shown(log_panel(
        Locale::default(),
        state,
        &on_action,
        &on_copy,
        &Callback::noop(),
        empty_log,
    ))
    .await
}

async fn detail(mut state: State, view: WireViewTab) -> String {
    state.apply(Action::SelectWireViewTab(view));
    let on_send = Callback::noop();
    shown(wire_view(
        Language::English,
        &state,
        &on_send,
        &Callback::noop(),
        &Callback::noop(),
    ))
    .await
}

#[track_caller]
fn contains(html: &str, parts: &[&str]) {
    for part in parts {
        assert!(html.contains(part), "no {part:?} in {html}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn markup_in_a_payload_is_escaped() {
    let state = select(exchange("<b>bold</b>", "<img src=x onerror=alert(1)>"), 1);
    let html = log_of(&state).await;
    assert!(
        !html.contains("<b>bold") && !html.contains("<img"),
        "{html}"
    );
    contains(&html, &["&lt;img"]);
}
