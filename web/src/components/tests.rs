//! The components as the markup that they give. Effects do not run here.

use std::rc::Rc;
use std::time::Duration;

use protocol::Framing;
use yew::LocalServerRenderer;
use yew::prelude::*;

use super::beginning::beginning;
use super::composer::{Composer, ComposerProps};
use super::filter_bar::{FilterBar, FilterBarProps};
use super::messages::messages;
use super::repeat_group::{RepeatGroup, RepeatGroupProps};
use super::stats::stats;
use super::top_bar::{TopBar, TopBarProps};
use super::wire_view::wire_view;
use crate::action::Action;
use crate::connection::{Close, Connection, End};
use crate::draft::{Draft, Format, Message};
use crate::filter::Filter;
use crate::gateway::{Address, Bounds, Choice, Echo, Gateway, InfoError, Upstream};
use crate::log::{Id, Kind};
use crate::settings::{Kept, Settings};
use crate::state::State;
use crate::text::Language;
use crate::time::Moment;
use crate::view::View;

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

async fn log(state: &State) -> String {
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

async fn top_bar(connection: Connection) -> String {
    render::<TopBar>(TopBarProps {
        connection,
        gateway: gateway(),
        choice: Choice::First,
        settings: Settings::default(),
        now: at(0.0),
        pages: Html::default(),
        on_action: Callback::noop(),
    })
    .await
}

async fn composer(open: bool, format: Format, text: &str) -> String {
    composer_speaking(Framing::U32LE, open, format, text).await
}

async fn composer_speaking(framing: Framing, open: bool, format: Format, text: &str) -> String {
    render::<Composer>(ComposerProps {
        draft: Draft {
            format,
            text: text.into(),
        },
        bounds: Bounds {
            framing,
            max_len: Some(16),
        },
        saved: Rc::default(),
        repeat: None,
        open,
        on_send: Callback::from(|_| false),
        on_file: Callback::noop(),
        on_action: Callback::noop(),
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
    let html = log(&select(exchange("hello", "echo : hello"), 1)).await;
    contains(
        &html,
        &[
            r#"role="log" aria-live="off" aria-label="Messages""#,
            r#"aria-activedescendant="message-1""#,
            r#"data-direction="sent""#,
            r#"data-direction="received""#,
            r#"aria-posinset="2" aria-setsize="2""#,
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
    let state = select(exchange("<b>bold</b>", "<img src=x onerror=alert(1)>"), 1);
    let mut pages = vec![log(&state).await];
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

#[tokio::test(flavor = "current_thread")]
async fn only_rows_that_can_be_seen_are_drawn() {
    let state = after((0..10_000).map(|_| sent("hello")));
    let html = log(&state).await;
    let drawn = html.matches(r#"role="option""#).count();
    assert!((20..100).contains(&drawn), "{drawn}");
    contains(&html, &[r#"aria-posinset="10000" aria-setsize="10000""#]);
}

#[tokio::test(flavor = "current_thread")]
async fn messages_without_an_answer_are_marked() {
    let mut state = after([sent("hello")]);
    contains(&log(&state).await, &["…"]);
    state.apply(Action::Disconnect);
    contains(&log(&state).await, &["unanswered"]);
}

#[tokio::test(flavor = "current_thread")]
async fn a_log_says_what_it_let_go_and_what_is_filtered() {
    let keep = Action::Keep(1000);
    let mut state = after([keep].into_iter().chain((0..1002).map(|_| sent("hello"))));
    let note = "2 older let go: the log keeps 1,000 messages";
    contains(&log(&state).await, &[note]);
    state.apply(Action::Filter(Filter {
        direction: Some(crate::log::Direction::Received),
        ..Filter::default()
    }));
    let html = log(&state).await;
    contains(&html, &["0 of 1,000", "No message passes", "Show all"]);
}

#[tokio::test(flavor = "current_thread")]
async fn away_from_the_end_the_new_are_counted() {
    let html = log(&after([sent("a"), Action::LeaveEnd, sent("b"), sent("c")])).await;
    contains(&html, &["↓ 2 new"]);
}

#[tokio::test(flavor = "current_thread")]
async fn an_empty_log_holds_the_beginning_and_no_list() {
    let html = log(&after([])).await;
    contains(&html, &["the beginning"]);
    assert!(!html.contains("listbox"), "{html}");
}

#[tokio::test(flavor = "current_thread")]
async fn the_tools_of_the_log() {
    let tools = async |paused, filter| {
        render::<FilterBar>(FilterBarProps {
            filter,
            paused,
            is_empty: false,
            on_export: Callback::noop(),
            on_import: Callback::noop(),
            on_action: Callback::noop(),
        })
        .await
    };
    let html = tools(None, Filter::default()).await;
    let names = [
        r#"aria-label="Filter""#,
        ">Pause<",
        ">Clear<",
        ">Export<",
        ">NDJSON<",
    ];
    contains(&html, &names);
    let broken = Filter {
        text: "/(/".into(),
        matcher: Some(Err("Unterminated group".into())),
        ..Filter::default()
    };
    let html = tools(Some(42), broken).await;
    contains(
        &html,
        &[">Resume<", "42 new while paused", "Unterminated group"],
    );
}

#[tokio::test(flavor = "current_thread")]
async fn the_wire_view_tells_header_from_payload() {
    let state = select(exchange("a", "hello"), 1);
    let html = detail(state.clone(), View::Wire).await;
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
            "Send again",
            "Close",
        ],
    );
    let latest = detail(exchange("a", "hello"), View::Wire).await;
    assert!(!latest.contains("Close"), "{latest}");
}

#[tokio::test(flavor = "current_thread")]
async fn a_message_has_other_views() {
    let state = exchange("a", r#"{"n":1.0}"#);
    let html = detail(state.clone(), View::Json).await;
    contains(&html, &["{\n  \"n\": 1.0\n}", r#"aria-selected="true""#]);
    let html = detail(exchange("a", "{"), View::Json).await;
    contains(&html, &["Not JSON: line 1, column 2."]);
    let html = detail(exchange("a", "x\u{202e}y"), View::Text).await;
    contains(&html, &["x\\u202ey"]);
    let html = detail(exchange("a", "hello"), View::Hex).await;
    assert!(!html.contains(r#"class="header""#), "{html}");
    contains(&html, &["68 65 6c 6c 6f"]);
}

#[tokio::test(flavor = "current_thread")]
async fn the_connection_says_how_it_is() {
    let since = at(0.0);
    let close = |opened| {
        End::Closed(Close {
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
    check(Connection::Asking, &["Connecting…", ">Disconnect<"]).await;
    check(Connection::Open { since }, &[">Open<", ">Disconnect<"]).await;
    let closed = ["1001 going away", "the gateway is stopping", ">Connect<"];
    check(Connection::Ended(close(true)), &closed).await;
    let failed = ["could not be opened", ">Connect<"];
    check(Connection::Ended(close(false)), &failed).await;
    let gone = End::Unavailable(InfoError::Unreachable);
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
async fn the_composer_sends_only_what_can_be_sent() {
    let send = r#"<button type="button" class="primary send">"#;
    let open = composer(true, Format::Text, "").await;
    contains(
        &open,
        &[r#"aria-label="Message""#, "00 00 00 00", "4 bytes", send],
    );
    let closed = composer(false, Format::Text, "").await;
    contains(&closed, &["disabled", "Connect to send"]);
    let check = async |format, text: &str, note: &str| {
        let html = composer(true, format, text).await;
        contains(&html, &[note, r#"aria-invalid="true""#]);
        assert!(!html.contains(send), "{html}");
    };
    check(Format::Text, "12345678901234567", "Too long by 1 byte").await;
    check(Format::Hex, "6", "A byte needs two digits.").await;
    check(Format::Base64, "a!", "Character 2, “!”").await;
    let hex = composer(true, Format::Hex, "ff 00").await;
    contains(&hex, &["02 00 00 00", "ff 00", send]);
    contains(&composer(true, Format::Text, "[1]").await, &["JSON ✓"]);
    contains(
        &composer(true, Format::Text, "[1").await,
        &["Not JSON", send],
    );
}

#[tokio::test(flavor = "current_thread")]
async fn the_composer_warns_of_what_the_framing_refuses() {
    let check = async |framing: &str, text: &str, refusal: Option<&str>| {
        let framing = framing.parse().unwrap();
        let html = composer_speaking(framing, true, Format::Text, text).await;
        let invalid = format!(r#"aria-invalid="{}""#, refusal.is_some());
        contains(&html, &[&invalid, refusal.unwrap_or("on the wire")]);
    };
    let line_break = "A line break after 1 byte would end the message early";
    check("lines", "a\nb", Some(line_break)).await;
    check("crlf", "a\nb", Some(line_break)).await;
    check("nul", "a\nb", None).await;
    check("nul", "\0", Some("A NUL after 0 bytes")).await;
    check("raw", "a\n\0", None).await;
    check("u8", "12345678901234567", Some("Too long by 1 byte")).await;
}

#[tokio::test(flavor = "current_thread")]
async fn the_wire_view_has_the_trailer_after_the_payload() {
    let speaking = |framing: &str, text| {
        let mut state = select(after([sent(text)]), 0);
        let mut offered = Rc::unwrap_or_clone(gateway().unwrap());
        offered.upstreams[0].framing = framing.parse().unwrap();
        state.gateway = Some(Rc::new(offered));
        detail(state, View::Wire)
    };
    let lines = speaking("lines", "hello").await;
    contains(
        &lines,
        &["68 65 6c 6c 6f", ">0a<", "CRLF is read as well", "6 bytes"],
    );
    let raw = speaking("raw", "hello").await;
    contains(&raw, &["bytes as they are", "5 bytes"]);
    assert!(!raw.contains("trailer"), "{raw}");
    let refused = speaking("lines", "a\nb").await;
    contains(&refused, &["would end the message early", ">0a<"]);
}

#[tokio::test(flavor = "current_thread")]
async fn ten_times_is_one_click_away() {
    let html = render::<RepeatGroup>(RepeatGroupProps {
        message: Some(message("")),
        repeat: None,
        open: true,
        on_action: Callback::noop(),
    })
    .await;
    let parts = [
        r#"role="group" aria-label="Repeat""#,
        r#"value="10""#,
        ">Start<",
    ];
    contains(&html, &parts);
    assert!(!html.contains("disabled"), "{html}");
}

#[tokio::test(flavor = "current_thread")]
async fn the_beginning_knows_where_the_gateway_is() {
    let html = async |state: &State, url: Option<&str>| {
        let (url, on_send) = (url.map(Into::into), Callback::from(|_| false));
        let html = beginning(Language::English, state, url, &on_send, &Callback::noop());
        shown(html).await
    };
    let mut state = after([]);
    let unknown = html(&state, None).await;
    for absent in ["Python", "framegate send", "token"] {
        assert!(!unknown.contains(absent), "{unknown}");
    }
    state.gateway = gateway();
    let url = "wss://gate.example/ws";
    let parts = [
        "hello",
        "127.0.0.1",
        "34568",
        "framegate send --to wss://gate.example/ws hello",
        "set FRAMEGATE_TOKEN",
        ">Copy<",
    ];
    contains(&html(&state, Some(url)).await, &parts);
    state.choice = Choice::Url(url.into());
    let other = html(&state, Some(url)).await;
    assert!(!other.contains("FRAMEGATE_TOKEN"), "{other}");
}

#[tokio::test(flavor = "current_thread")]
async fn figures_are_of_payloads() {
    let mut state = exchange("hello", "echo : hello");
    state.apply(Action::Tick(at(1000.0)));
    let html = shown(stats(Language::English, &state)).await;
    let parts = [
        "1 · 5 B",
        "1 · 12 B",
        "2/s",
        "p99",
        "0.4 ms",
        "at most 1",
        "<svg",
    ];
    contains(&html, &parts);
}

#[derive(PartialEq, Properties)]
struct JapaneseProps {
    connection: Connection,
}

#[component]
fn Japanese(props: &JapaneseProps) -> Html {
    html! {
        <ContextProvider<Language> context={Language::Japanese}>
            <TopBar
                connection={props.connection.clone()}
                gateway={gateway()}
                choice={Choice::First}
                settings={Settings::default()}
                now={at(0.0)}
                on_action={Callback::noop()}
            />
        </ContextProvider<Language>>
    }
}

#[tokio::test(flavor = "current_thread")]
async fn the_language_reaches_every_component() {
    let connection = Connection::Idle;
    let html = render::<Japanese>(JapaneseProps { connection }).await;
    contains(&html, &["未接続", ">接続<", r#"aria-label="言語""#]);
}
