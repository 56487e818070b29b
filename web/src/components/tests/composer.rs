//! What is about to be sent.

use web_core::draft::{Draft, Format};
use web_core::gateway::Bounds;

use super::super::composer::{Composer, ComposerProps};
use super::super::repeat_group::{RepeatGroup, RepeatGroupProps};
use super::*;

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

#[tokio::test(flavor = "current_thread")]
async fn the_composer_sends_only_what_can_be_sent() {
    let send = r#"<button type="button" class="primary send">"#;
    let open = composer(true, Format::Text, "").await;
    contains(
        &open,
        &[r#"aria-label="Message""#, "00 00 00 00", "4 bytes", send],
    );
    let closed = composer(false, Format::Text, "").await;
    contains(&closed, &["disabled", "once the connection is open"]);
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
