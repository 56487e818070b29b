//! The wire view, without the content that the page's late part draws.

use super::*;

#[tokio::test(flavor = "current_thread")]
async fn the_wire_view_has_tabs_and_the_buttons_of_a_message() {
    let state = select(exchange("a", "hello"), 1);
    let html = detail(state.clone(), WireViewTab::Wire).await;
    contains(
        &html,
        &[
            r#"aria-label="Wire view""#,
            r#"id="message-view""#,
            r#"id="view-fields""#,
            r#"aria-selected="true""#,
            "Show request",
            "Send again",
            "Close",
            "Loading…",
        ],
    );
    let latest = detail(exchange("a", "hello"), WireViewTab::Wire).await;
    assert!(!latest.contains("Close"), "{latest}");
}

#[tokio::test(flavor = "current_thread")]
async fn bytes_are_shown_while_the_late_part_cannot_be_loaded() {
    let mut state = select(exchange("a", "hello"), 1);
    state.apply(Action::LatePartFailed);
    let html = detail(state.clone(), WireViewTab::Text).await;
    contains(
        &html,
        &["could not be loaded", "Try again", "68 65 6c 6c 6f"],
    );
    state.apply(Action::RetryLatePart);
    let html = detail(state, WireViewTab::Text).await;
    contains(&html, &["Loading…"]);
}
