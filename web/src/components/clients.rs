//! The gateway's clients, above their messages.

use web_core::action::Action;
use web_core::format;
use web_core::monitor::{Client, Life, Tab};
use web_core::state::State;
use web_core::text::Language;
use web_core::time::Moment;
use yew::prelude::*;

/// The choice between this page's messages and everybody's, where the gateway offers that.
pub fn pages(t: Language, state: &State, on_action: &Callback<Action>) -> Html {
    let offers = state.gateway.as_ref().is_some_and(|it| it.monitor);
    let page = |(tab, name): (Tab, &'static str)| {
        let current = (tab == state.tab).then_some("page");
        let onclick = on_action.reform(move |_| Action::Tab(tab));
        html! { <button type="button" aria-current={current} {onclick}>{ name }</button> }
    };
    let all = [(Tab::Console, t.console()), (Tab::Monitor, t.monitor())];
    html! {
        if offers || state.tab == Tab::Monitor {
            <nav class="tabs pages" aria-label={t.pages()}>{ for all.into_iter().map(page) }</nav>
        }
    }
}

/// How the gateway is watched, and what that leaves out.
pub fn watching(t: Language, state: &State, on_action: &Callback<Action>) -> Html {
    let monitor = &state.monitor;
    let there = monitor.clients().iter().filter(|it| it.end.is_none());
    let class = match monitor.life {
        Life::Open => "open",
        Life::Connecting | Life::Lost => "connecting",
        Life::Refused => "refused",
    };
    let again = on_action.reform(|_| Action::Watch(Life::Connecting));
    html! {
        <section class="stats" aria-label={t.monitor()}>
            <p class={classes!("status", class)} role="status">
                <span class="dot"></span>
                <b>{ t.watching(monitor.life) }</b>
            </p>
            if monitor.life == Life::Refused {
                <button type="button" class="now" onclick={again}>{ t.try_again() }</button>
            }
            <span>{ t.clients_there(there.count()) }</span>
            if monitor.missed > 0 {
                <span class="held-back">{ t.missed(monitor.missed) }</span>
            }
        </section>
    }
}

/// The clients; one that is chosen is the only one whose messages are listed.
pub fn clients(t: Language, state: &State, on_action: &Callback<Action>) -> Html {
    let chosen = state.monitor.book.listing.current_filter().client;
    let client = |client: &Client| {
        let id = client.id;
        let is_chosen = chosen == Some(id);
        let onclick = on_action.reform(move |_| Action::Client((!is_chosen).then_some(id)));
        html! {
            <li key={id}>
                <button
                    type="button"
                    class={classes!("client-row", client.end.is_some().then_some("gone"))}
                    aria-pressed={is_chosen.to_string()}
                    {onclick}
                >
                    { columns(t, client) }
                </button>
            </li>
        }
    };
    html! {
        <ul class="clients" aria-label={t.clients()}>
            { for state.monitor.clients().iter().rev().map(client) }
        </ul>
    }
}

fn columns(t: Language, client: &Client) -> Html {
    let since = Moment {
        local_ms: client.since_ms,
        steady_ms: 0.0,
    };
    html! {
        <>
            <span class="time">{ format::time_of_day(since) }</span>
            <span>{ t.client_name(client.id) }</span>
            <span class="peer">
                { t.transport(client.by_websocket) }{ " " }{ &client.peer }{ " → " }
                { &client.upstream }
            </span>
            <span class="counts">
                { "↑ " }{ format::count(client.sent) }{ "  ↓ " }{ format::count(client.received) }
            </span>
            <span class="end">{ t.client_state(client) }</span>
        </>
    }
}

/// What stands in place of messages while there are none.
pub fn nothing_yet(t: Language) -> Html {
    html! { <div class="nothing"><p>{ t.nothing_passed() }</p></div> }
}
