//! The components as the markup that they give. Effects do not run here.

use std::rc::Rc;

use protocol::Framing;
use yew::LocalServerRenderer;
use yew::prelude::*;

use super::beginning::{Beginning, BeginningProps};
use super::composer::{Composer, ComposerProps};
use super::messages::{Messages, MessagesProps};
use super::stats::{Stats, StatsProps};
use super::top_bar::{TopBar, TopBarProps};
use super::wire_view::{WireView, WireViewProps};
use crate::app::App;
use crate::gateway::{Address, Gateway, InfoError, Upstream};
use crate::log::{Id, Kind, Log, MAX_ROWS};
use crate::state::{Close, Connection};
use crate::time::Moment;

async fn render<C>(props: C::Properties) -> String
where
    C: BaseComponent,
{
    LocalServerRenderer::<C>::with_props(props)
        .hydratable(false)
        .render()
        .await
}

fn gateway(max_frame: usize) -> Option<Rc<Gateway>> {
    Some(Rc::new(Gateway {
        version: "0.1.0".into(),
        echo: Some(Address {
            host: "127.0.0.1".into(),
            port: 34568,
        }),
        upstream: Upstream {
            name: "echo".into(),
            path: "ws".into(),
            framing: Framing::U32Le,
            max_frame,
        },
    }))
}

fn at(ms: f64) -> Moment {
    Moment {
        local_ms: 43_263_120.0 + ms,
        steady_ms: ms,
    }
}

fn exchange(message: &'static str, reply: &'static str) -> Log {
    let mut log = Log::default();
    log.sent(message.into(), at(0.0));
    log.received(Kind::Text, reply.into(), at(0.4));
    log
}

async fn messages(log: Log, selected: Option<Id>) -> String {
    render::<Messages>(MessagesProps {
        log: Rc::new(log),
        selected,
        on_action: Callback::noop(),
        children: html! { "the beginning" },
    })
    .await
}

async fn wire_view(log: Log, chosen: bool) -> String {
    render::<WireView>(WireViewProps {
        row: log.latest().cloned(),
        chosen,
        framing: Framing::U32Le,
        on_action: Callback::noop(),
    })
    .await
}

async fn top_bar(connection: Connection) -> String {
    render::<TopBar>(TopBarProps {
        connection,
        gateway: gateway(16),
        on_action: Callback::noop(),
    })
    .await
}

async fn composer(open: bool) -> String {
    render::<Composer>(ComposerProps {
        gateway: gateway(16),
        open,
        on_send: Callback::from(|_| false),
    })
    .await
}

#[track_caller]
fn contains(html: &str, parts: &[&str]) {
    for part in parts {
        assert!(html.contains(part), "no {part:?} in {html}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_log_names_itself_and_its_rows_tell_their_direction() {
    let html = messages(exchange("hello", "echo : hello"), Some(1)).await;
    contains(
        &html,
        &[
            r#"role="log" aria-label="Messages""#,
            r#"aria-activedescendant="message-1""#,
            r#"data-direction="sent""#,
            r#"data-direction="received""#,
            "12:01:03.120",
            "0.4 ms",
            "echo : hello",
        ],
    );
    assert_eq!(html.matches(r#"aria-selected="true""#).count(), 1);
    assert_eq!(html.matches("tied").count(), 1, "the other of the pair");
}

#[tokio::test(flavor = "current_thread")]
async fn markup_from_a_peer_is_text() {
    let log = exchange("<b>bold</b>", "<img src=x onerror=alert(1)>");
    for html in [
        messages(log.clone(), None).await,
        wire_view(log, true).await,
    ] {
        assert!(
            !html.contains("<b>bold") && !html.contains("<img"),
            "{html}"
        );
        assert!(html.contains("&lt;img"), "{html}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn messages_without_an_answer_are_marked() {
    let mut log = Log::default();
    log.sent("hello".into(), at(0.0));
    contains(&messages(log.clone(), None).await, &["…"]);
    log.abandon_pending();
    contains(&messages(log, None).await, &["unanswered"]);
}

#[tokio::test(flavor = "current_thread")]
async fn a_log_says_what_it_let_go() {
    let mut log = Log::default();
    for _ in 0..MAX_ROWS + 2 {
        log.sent("hello".into(), at(0.0));
    }
    let html = messages(log, None).await;
    contains(&html, &["2 older let go: the log keeps 1,000 messages"]);
}

#[tokio::test(flavor = "current_thread")]
async fn an_empty_log_holds_the_beginning_and_no_list() {
    let html = messages(Log::default(), None).await;
    contains(&html, &["the beginning"]);
    assert!(!html.contains("listbox"), "{html}");
}

#[tokio::test(flavor = "current_thread")]
async fn the_wire_view_tells_header_from_payload() {
    let html = wire_view(exchange("a", "hello"), true).await;
    contains(
        &html,
        &[
            r#"aria-label="Wire view""#,
            r#"<span class="header">05 00 00 00</span>"#,
            r#"<span class="payload">68 65 6c 6c 6f</span>"#,
            r#"<span class="payload">hello</span>"#,
            "= 5, u32, little-endian",
            "5 bytes of UTF-8",
            "answer after 0.4 ms",
            "Show request",
            "Close",
        ],
    );
    let latest = wire_view(exchange("a", "hello"), false).await;
    assert!(!latest.contains("Close"), "{latest}");
}

#[tokio::test(flavor = "current_thread")]
async fn the_connection_says_how_it_is() {
    let since = at(0.0);
    let close = |opened| {
        Connection::Closed(Close {
            code: 1001,
            reason: "the gateway is stopping".into(),
            opened,
        })
    };
    let check = async |connection: Connection, parts: &[&str]| {
        let html = top_bar(connection).await;
        contains(&html, &[r#"role="status" aria-label="Connection""#]);
        contains(&html, parts);
    };
    check(Connection::Idle, &["Disconnected", ">Connect<"]).await;
    check(Connection::Asking, &["Connecting…", ">Disconnect<"]).await;
    check(Connection::Open { since }, &[">Open<", ">Disconnect<"]).await;
    let closed = ["1001 going away", "the gateway is stopping", ">Connect<"];
    check(close(true), &closed).await;
    check(close(false), &["could not be opened", ">Connect<"]).await;
    let gone = Connection::Unavailable(InfoError::Unreachable);
    check(gone, &["does not answer", ">Connect<"]).await;
}

#[tokio::test(flavor = "current_thread")]
async fn the_composer_sends_only_on_an_open_connection() {
    let open = composer(true).await;
    contains(
        &open,
        &[r#"aria-label="Message""#, "00 00 00 00", "4 bytes"],
    );
    assert!(!open.contains("disabled"), "{open}");
    contains(&composer(false).await, &["disabled", "Connect to send"]);
}

#[tokio::test(flavor = "current_thread")]
async fn the_beginning_knows_the_address_of_the_echo_service() {
    let props = |gateway| BeginningProps {
        gateway,
        open: true,
        on_send: Callback::from(|_| false),
    };
    let html = render::<Beginning>(props(gateway(16))).await;
    contains(&html, &["hello", "127.0.0.1", "34568", ">Copy<"]);
    let unknown = render::<Beginning>(props(None)).await;
    assert!(!unknown.contains("Python"), "{unknown}");
}

#[tokio::test(flavor = "current_thread")]
async fn figures_are_of_payloads() {
    let log = Rc::new(exchange("hello", "echo : hello"));
    let html = render::<Stats>(StatsProps { log }).await;
    contains(&html, &["1 · 5 B", "1 · 12 B", "0.4 ms"]);
}

#[tokio::test(flavor = "current_thread")]
async fn the_page_sets_out_to_connect() {
    let html = render::<App>(()).await;
    contains(&html, &["Connecting…", ">Disconnect<", "No messages yet"]);
}
