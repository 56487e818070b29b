//! The product's name, the upstream, the connection, and the button that changes it.

use std::rc::Rc;

use gloo_timers::callback::Interval;
use yew::prelude::*;

use crate::gateway::{Gateway, Upstream};
use crate::state::{Action, Close, Connection};
use crate::time::Moment;
use crate::{clock, format, text};

/// What a [`TopBar`] needs.
#[derive(Debug, PartialEq, Properties)]
pub struct TopBarProps {
    /// The life of the connection.
    pub connection: Connection,
    /// The gateway, once it is known.
    pub gateway: Option<Rc<Gateway>>,
    /// Told what the person wants.
    pub on_action: Callback<Action>,
}

/// The line at the top of the page; a connection that ended gets a second one.
#[component]
pub fn TopBar(props: &TopBarProps) -> Html {
    html! {
        <header class="bar">
            <h1>{ text::NAME }</h1>
            { for props.gateway.as_deref().map(gateway) }
            { status(&props.connection) }
            { toggle(props.connection.is_live(), &props.on_action) }
        </header>
    }
}

fn gateway(
    Gateway {
        version, upstream, ..
    }: &Gateway,
) -> Html {
    let Upstream { name, framing, .. } = upstream;
    html! {
        <>
            <span class="version quiet">{ version }</span>
            <p class="upstream" title={text::framing(*framing)}>
                <span class="quiet">{ text::UPSTREAM }</span>
                <b>{ name }</b>
                <code>{ framing.name() }</code>
            </p>
        </>
    }
}

fn status(connection: &Connection) -> Html {
    let (state, more) = match connection {
        Connection::Idle => ("idle", Html::default()),
        Connection::Asking | Connection::Connecting => ("connecting", Html::default()),
        Connection::Open { since } => ("open", html! { <Uptime since={*since} /> }),
        Connection::Unavailable(error) => ("ended", advice(&text::info_error(error))),
        Connection::Closed(close) => ("ended", end(close)),
    };
    html! {
        <div class={classes!("status", state)} role="status" aria-label={text::CONNECTION}>
            <span class="dot" aria-hidden="true"></span>
            <b>{ text::connection(connection) }</b>
            { more }
        </div>
    }
}

fn end(close: &Close) -> Html {
    html! {
        <>
            <code class="code">{ text::close_code(close.code) }</code>
            if !close.reason.is_empty() {
                <q class="reason">{ &close.reason }</q>
            }
            { advice(text::close_advice(close)) }
        </>
    }
}

fn advice(text: &str) -> Html {
    html! { <span class="advice">{ text }</span> }
}

fn toggle(live: bool, on_action: &Callback<Action>) -> Html {
    let onclick = on_action.reform(move |_| match live {
        true => Action::Disconnect,
        false => Action::Connect,
    });
    html! {
        <button type="button" class={classes!("toggle", (!live).then_some("primary"))} {onclick}>
            { if live { text::DISCONNECT } else { text::CONNECT } }
        </button>
    }
}

#[derive(PartialEq, Properties)]
struct UptimeProps {
    since: Moment,
}

/// Hidden from assistive tools, which would read out every second.
#[component]
fn Uptime(props: &UptimeProps) -> Html {
    let now = use_state(|| props.since);
    use_effect_with(props.since, {
        let now = now.clone();
        move |_| {
            let ticks = Interval::new(1000, move || now.set(clock::now()));
            move || drop(ticks)
        }
    });
    let elapsed = format::elapsed(now.since(props.since));
    html! { <span class="uptime" aria-hidden="true">{ elapsed }</span> }
}
