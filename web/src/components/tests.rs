//! The components as the markup that they give. Effects do not run here.

mod beginning;
mod composer;
mod log;
mod top_bar;
mod wire_view;

use std::rc::Rc;

use protocol::Framing;
use web_core::action::Action;
use web_core::draft::Message;
use web_core::gateway::{Address, Choice, Echo, Gateway, Upstream};
use web_core::log::{Id, Kind};
use web_core::settings::Kept;
use web_core::state::State;
use web_core::text::Language;
use web_core::time::Moment;
use web_core::view::View;
use yew::LocalServerRenderer;
use yew::prelude::*;

use super::messages::messages;
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

fn gateway() -> Option<Rc<Gateway>> {
    Some(Rc::new(Gateway {
        version: "0.1.0".into(),
        echo: Some(Echo {
            address: Address {
                host: "127.0.0.1".into(),
                port: 34568,
            },
            framing: Framing::U32LE,
        }),
        upstreams: vec![Upstream {
            name: "echo".into(),
            path: "ws".into(),
            framing: Framing::U32LE,
            max_frame: 16,
        }],
        token: true,
        monitor: false,
    }))
}

fn at(ms: f64) -> Moment {
    Moment {
        local_ms: 43_263_120.0 + ms,
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
    Action::Sent {
        message,
        at: at(0.0),
    }
}

fn received(text: &'static str) -> Action {
    let message = message(text);
    Action::Received {
        message,
        at: at(0.4),
    }
}

fn after(actions: impl IntoIterator<Item = Action>) -> State {
    let mut state = State::new(Choice::First, Kept::default());
    actions.into_iter().for_each(|action| state.apply(action));
    state
}

fn exchange(message: &'static str, reply: &'static str) -> State {
    after([sent(message), received(reply)])
}

fn select(mut state: State, id: Id) -> State {
    state.apply(Action::Select(Some(id)));
    state
}

async fn log_of(state: &State) -> String {
    let beginning = || html! { "the beginning" };
    let on_action = Callback::noop();
    shown(messages(Language::English, state, &on_action, beginning)).await
}

async fn detail(mut state: State, view: View) -> String {
    state.apply(Action::View(view));
    let on_send = Callback::from(|_| false);
    shown(wire_view(
        Language::English,
        &state,
        &on_send,
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
async fn markup_from_a_peer_is_text() {
    let state = select(exchange("<b>bold</b>", "<img src=x onerror=alert(1)>"), 1);
    let mut pages = vec![log_of(&state).await];
    for view in View::ALL {
        pages.push(detail(state.clone(), view).await);
    }
    for html in &pages {
        assert!(
            !html.contains("<b>bold") && !html.contains("<img"),
            "{html}"
        );
    }
    assert_eq!(pages.iter().filter(|it| it.contains("&lt;img")).count(), 4);
}
