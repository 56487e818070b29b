//! The top bar.

use std::time::Duration;

use web_core::connection::{Close, Connection, ConnectionEnd};
use web_core::gateway_info::InfoError;

use super::super::top_bar::use_top_bar;
use super::*;

#[derive(PartialEq, Properties)]
struct TopBarProps {
    language: Language,
    state: State,
}

#[component]
fn TopBar(TopBarProps { language, state }: &TopBarProps) -> Html {
    use_top_bar(*language, state, &Callback::noop(), &Callback::noop())
}

async fn top_bar_in(language: Language, connection: Connection) -> String {
    let mut state = after([]);
    state.gateway = gateway();
    state.connection = connection;
    render::<TopBar>(TopBarProps { language, state }).await
}

async fn top_bar(connection: Connection) -> String {
    top_bar_in(Language::English, connection).await
}

#[tokio::test(flavor = "current_thread")]
async fn the_status_explains_every_connection_state() {
    let since = at(0.0);
    let close = |opened| {
        ConnectionEnd::Closed(Close {
            code: 1001,
            reason: "the gateway is stopping".into(),
            opened,
            unanswered: 2,
        })
    };
    let check = async |connection: Connection, parts: &[&str]| {
        let html = top_bar(connection).await;
        contains(&html, &[r#"role="status" aria-label="Connection""#]);
        contains(&html, parts);
    };
    check(Connection::Idle, &["Disconnected", ">Connect<"]).await;
    check(Connection::FetchingInfo, &["Connecting…", ">Disconnect<"]).await;
    check(Connection::Open { since }, &[">Open<", ">Disconnect<"]).await;
    let closed = ["1001 going away", "the gateway is stopping", ">Connect<"];
    check(Connection::Ended(close(true)), &closed).await;
    let failed = ["could not be opened", ">Connect<"];
    check(Connection::Ended(close(false)), &failed).await;
    let gone = ConnectionEnd::Unavailable(InfoError::Unreachable);
    check(Connection::Ended(gone), &["does not answer", ">Connect<"]).await;
    let waiting = Connection::Waiting {
        attempt: 0,
        delay: Duration::from_millis(2500),
        since,
        end: close(true),
    };
    let parts = [
        "Trying again in",
        "3 s",
        ">Now<",
        ">Disconnect<",
        "2 messages were not",
    ];
    check(waiting, &parts).await;
}

#[tokio::test(flavor = "current_thread")]
async fn components_use_the_language_of_the_context() {
    let html = top_bar_in(Language::Japanese, Connection::Idle).await;
    contains(&html, &["未接続", ">接続<", r#"aria-label="言語""#]);
}
