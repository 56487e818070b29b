//! The live feed's parts of the page: tabs, status, and list of clients.

use web_core::action::Action;
use web_core::format;
use web_core::language::Language;
use web_core::live_feed::{ConnectedClient, FeedStatus};
use web_core::page_tab::PageTab;
use web_core::state::State;
use web_core::zone::Zone;
use yew::prelude::*;

/// The page's tabs; none if the gateway has no live feed.
pub fn page_tabs(t: Language, state: &State, on_action: &Callback<Action>) -> Html {
    let is_offered = state.gateway.as_ref().is_some_and(|it| it.live_feed);
    let button = |(tab, name): (PageTab, &'static str)| {
        let current = (tab == state.tab).then_some("page");
        let onclick = on_action.reform(move |_| Action::SelectPageTab(tab));
        html! { <button type="button" aria-current={current} {onclick}>{ name }</button> }
    };
    let tabs = [
        (PageTab::Console, t.console()),
        (PageTab::LiveFeed, t.live_feed()),
    ];
    html! {
        if is_offered || state.tab == PageTab::LiveFeed {
            <nav class="tabs page-tabs" aria-label={t.page_tabs()}>
                { for tabs.into_iter().map(button) }
            </nav>
        }
    }
}

/// The live feed's status, number of clients, and number of dropped messages.
pub fn feed_status(t: Language, state: &State, on_action: &Callback<Action>) -> Html {
    let feed = &state.live_feed;
    let connected = feed.clients().iter().filter(|it| it.end.is_none());
    let class = match feed.status {
        FeedStatus::Open => "open",
        FeedStatus::Connecting | FeedStatus::Lost => "connecting",
        FeedStatus::Refused => "refused",
    };
    let retry = on_action.reform(|_| Action::FeedStatus(FeedStatus::Connecting));
    html! {
        <section class="stats" aria-label={t.live_feed()}>
            <p class={classes!("status", class)} role="status">
                <span class="dot"></span>
                <b>{ t.feed_status(feed.status) }</b>
            </p>
            if feed.status == FeedStatus::Refused {
                <button type="button" class="retry" onclick={retry}>{ t.try_again() }</button>
            }
            <span>{ t.client_count(connected.count()) }</span>
            if feed.dropped > 0 {
                <span class="held-back">{ t.dropped(feed.dropped) }</span>
            }
        </section>
    }
}

/// The list of clients, the latest first. Selecting one filters the messages.
pub fn client_list(t: Language, state: &State, on_action: &Callback<Action>) -> Html {
    let selected = state.live_feed.pane.view.filter().client;
    let zone = state.zone();
    let client = |client: &ConnectedClient| {
        let id = client.id;
        let is_selected = selected == Some(id);
        let onclick =
            on_action.reform(move |_| Action::SetClientFilter((!is_selected).then_some(id)));
        html! {
            <li key={id}>
                <button
                    type="button"
                    class={classes!("client-row", client.end.is_some().then_some("closed"))}
                    aria-pressed={is_selected.to_string()}
                    {onclick}
                >
                    { columns(t, &zone, client) }
                </button>
            </li>
        }
    };
    html! {
        <ul class="clients" translate="no" aria-label={t.clients()}>
            { for state.live_feed.clients().iter().rev().map(client) }
        </ul>
    }
}

fn columns(t: Language, zone: &Zone, client: &ConnectedClient) -> Html {
    html! {
        <>
            <span class="time" title={zone.instant(client.opened_at)}>{ zone.time(client.opened_at) }</span>
            <span>{ t.client_name(client.id) }</span>
            <span class="peer">
                { t.transport(client.is_websocket) }{ " " }{ &client.peer }{ " → " }
                { &client.upstream }
            </span>
            <span class="counts">
                { "↑ " }{ format::count(client.framings.sent()) }{ "  ↓ " }{ format::count(client.framings.received()) }
            </span>
            <span class="end">{ t.client_state(client) }</span>
        </>
    }
}

/// The live feed's empty log.
pub fn no_client_messages(t: Language) -> Html {
    html! { <div class="no-rows"><p>{ t.no_client_messages() }</p></div> }
}
