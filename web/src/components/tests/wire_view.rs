//! The wire view.

use super::*;

#[tokio::test(flavor = "current_thread")]
async fn the_wire_view_marks_header_and_payload() {
    let state = select(exchange("a", "hello"), 1);
    let html = detail(state.clone(), WireViewTab::Wire).await;
    contains(
        &html,
        &[
            r#"aria-label="Wire view""#,
            r#"<span class="header">05 00 00 00</span>"#,
            r#"<span class="payload">68 65 6c 6c 6f</span>"#,
            r#"<span class="payload">hello</span>"#,
            "= 5, u32, little-endian",
            "5 bytes of UTF-8",
            "reply after 0.4 ms",
            "Show request",
            "Send again",
            "Close",
        ],
    );
    let latest = detail(exchange("a", "hello"), WireViewTab::Wire).await;
    assert!(!latest.contains("Close"), "{latest}");
}

#[tokio::test(flavor = "current_thread")]
async fn the_wire_view_has_text_json_and_hex_tabs() {
    let state = exchange("a", r#"{"n":1.0}"#);
    let html = detail(state.clone(), WireViewTab::Json).await;
    contains(&html, &["{\n  \"n\": 1.0\n}", r#"aria-selected="true""#]);
    let html = detail(exchange("a", "{"), WireViewTab::Json).await;
    contains(&html, &["Not JSON: line 1, column 2."]);
    let html = detail(exchange("a", "x\u{202e}y"), WireViewTab::Text).await;
    contains(&html, &["x\\u202ey"]);
    let html = detail(exchange("a", "hello"), WireViewTab::Hex).await;
    assert!(!html.contains(r#"class="header""#), "{html}");
    contains(&html, &["68 65 6c 6c 6f"]);
}

#[tokio::test(flavor = "current_thread")]
async fn the_wire_view_marks_the_trailer() {
    let speaking = |framing: &str, text| {
        let state = select(over(framing, [sent(text)]), 0);
        detail(state, WireViewTab::Wire)
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
async fn an_unknown_framing_is_not_made_up() {
    // Without a connection that told a framing, and with a gateway that offers one now.
    let mut state = select(after([sent("hello")]), 0);
    state.gateway = gateway();
    let html = detail(state, WireViewTab::Wire).await;
    contains(&html, &["is unknown", "68 65 6c 6c 6f"]);
    assert!(!html.contains("05 00 00 00"), "{html}");
}

#[tokio::test(flavor = "current_thread")]
async fn a_row_keeps_the_framing_it_crossed_with() {
    let mut state = select(over("lines", [sent("hello")]), 0);
    state.gateway = gateway();
    let html = detail(state, WireViewTab::Wire).await;
    contains(&html, &[">0a<"]);
    assert!(!html.contains("05 00 00 00"), "{html}");
}
