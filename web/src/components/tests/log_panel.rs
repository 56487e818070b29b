//! The log, its tools and the statistics bar.

use std::time::Duration;

use web_core::filter::Filter;
use web_core::resumable_connection::SessionEvent;

use super::super::filter_bar::use_filter_bar;
use super::super::stats_bar::stats_bar;
use super::*;

#[tokio::test(flavor = "current_thread")]
async fn a_log_has_a_name_and_rows_have_a_direction() {
    let html = log_of(&select(exchange("hello", "echo : hello"), 1)).await;
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
    assert_eq!(
        html.matches("row sent paired").count(),
        1,
        "the other of the pair"
    );
}

#[tokio::test(flavor = "current_thread")]
async fn only_rows_near_the_viewport_are_drawn() {
    let state = after((0..10_000).map(|_| sent("hello")));
    let html = log_of(&state).await;
    let drawn = html.matches(r#"role="option""#).count();
    assert!((20..100).contains(&drawn), "{drawn}");
    contains(&html, &[r#"aria-posinset="10000" aria-setsize="10000""#]);
}

#[tokio::test(flavor = "current_thread")]
async fn requests_without_a_reply_are_marked() {
    let mut state = after([sent("hello")]);
    contains(&log_of(&state).await, &["…"]);
    state.apply(Action::Disconnect);
    contains(&log_of(&state).await, &["unanswered"]);
}

#[tokio::test(flavor = "current_thread")]
async fn events_of_a_session_are_rows_of_another_look() {
    let mut state = exchange("hello", "echo : hello");
    state.console.log.add_event(
        SessionEvent::Resumed {
            after: Duration::from_millis(12_300),
            again: 3,
            waited: 0,
        },
        at(1.0),
    );
    let html = log_of(&state).await;
    let text = "Connection kept · back after 12.3 s, 3 messages sent again, 0 that waited";
    contains(
        &html,
        &[r#"class="row event""#, r#"data-direction="event""#, text],
    );
    assert_eq!(
        html.matches(r#"class="arrow""#).count(),
        2,
        "messages alone"
    );
}

#[tokio::test(flavor = "current_thread")]
async fn a_log_counts_evicted_and_filtered_messages() {
    let keep = Action::SetMaxRows(1000);
    let mut state = after([keep].into_iter().chain((0..1002).map(|_| sent("hello"))));
    let note = "2 older removed: the log keeps at most 1,000 messages";
    contains(&log_of(&state).await, &[note]);
    state.apply(Action::SetFilter(Filter {
        direction: Some(web_core::message::Direction::Received),
        ..Filter::default()
    }));
    let html = log_of(&state).await;
    contains(&html, &["0 of 1,000", "No message matches", "Show all"]);
}

#[tokio::test(flavor = "current_thread")]
async fn new_messages_are_counted_while_scrolled_up() {
    let html = log_of(&after([sent("a"), Action::LeaveEnd, sent("b"), sent("c")])).await;
    contains(&html, &["↓ 2 new"]);
}

#[tokio::test(flavor = "current_thread")]
async fn an_empty_log_has_its_content_and_no_list() {
    let html = log_of(&after([])).await;
    contains(&html, &["the empty log"]);
    assert!(!html.contains("listbox"), "{html}");
}

#[derive(PartialEq, Properties)]
struct FilterBarProps {
    state: State,
}

#[component]
fn FilterBar(FilterBarProps { state }: &FilterBarProps) -> Html {
    use_filter_bar(
        Language::English,
        state.pane(),
        &Callback::noop(),
        &Callback::noop(),
    )
}

#[tokio::test(flavor = "current_thread")]
async fn the_filter_bar_has_tools_pause_count_and_regex_error() {
    let mut state = exchange("hello", "echo : hello");
    let tools = async |state: &State| {
        let state = state.clone();
        render::<FilterBar>(FilterBarProps { state }).await
    };
    let html = tools(&state).await;
    let names = [r#"aria-label="Filter""#, ">Pause<", ">Clear<", ">Export<"];
    contains(&html, &names);
    state.apply(Action::SetFilter(Filter {
        text: "/(/".into(),
        matcher: Some(Err("Unterminated group".into())),
        ..Filter::default()
    }));
    state.apply(Action::SetPaused(true));
    state.apply(sent("more"));
    let html = tools(&state).await;
    contains(
        &html,
        &[">Resume<", "1 new while paused", "Unterminated group"],
    );
}

#[tokio::test(flavor = "current_thread")]
async fn stats_count_payload_bytes() {
    let mut state = exchange("hello", "echo : hello");
    state.apply(Action::Tick(at(1000.0)));
    let html = shown(stats_bar(Language::English, &state, &Callback::noop())).await;
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
