//! The top bar.

use web_core::connection::{Close, Connection, ConnectionEnd};
use web_core::gateway_info::InfoError;
use web_core::settings::Settings;

use std::time::Duration;

use super::super::top_bar::{TopBar, TopBarProps};
use super::*;

#[derive(PartialEq, Properties)]
struct JapaneseProps {
    connection: Connection,
}

#[component]
fn Japanese(props: &JapaneseProps) -> Html {
    html! {
            <TopBar
                language={Language::Japanese}
                connection={props.connection.clone()}
                gateway={gateway()}
                choice={UpstreamChoice::First}
                settings={Settings::default()}
                now={at(0.0)}
                time_left={None::<Duration>}
                on_action={Callback::noop()}
            />
    }
}

async fn top_bar(connection: Connection) -> String {
    render::<TopBar>(TopBarProps {
        language: Language::English,
        connection,
        gateway: gateway(),
        choice: UpstreamChoice::First,
        reading: None,
        settings: Settings::default(),
        now: at(0.0),
        time_left: None,
        last_end: None,
        page_tabs: Html::default(),
        on_try: Callback::noop(),
        on_action: Callback::noop(),
    })
    .await
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
    let connection = Connection::Idle;
    let html = render::<Japanese>(JapaneseProps { connection }).await;
    contains(&html, &["未接続", ">接続<", r#"aria-label="言語""#]);
}
