//! The composer.

use web_core::draft::{Draft, InputFormat};
use web_core::gateway_info::SendLimits;

use super::super::composer::{Composer, ComposerProps};
use super::super::repeat_group::use_repeat_group;
use super::*;

async fn composer(open: bool, format: InputFormat, text: &str) -> String {
    composer_speaking(Framing::default(), open, format, text).await
}

async fn composer_speaking(
    framing: Framing,
    open: bool,
    format: InputFormat,
    text: &str,
) -> String {
    render::<Composer>(ComposerProps {
        language: Language::English,
        draft: Draft {
            format,
            text: text.into(),
        },
        limits: Rc::new(SendLimits {
            framing: Some(framing),
            max_len: Some(16),
            ..SendLimits::default()
        }),
        on_request: Callback::noop(),
        batch_run: None,
        open,
        on_send: Callback::from(|_| false),
        attachments: Vec::new(),
        on_file: Callback::noop(),
        on_action: Callback::noop(),
    })
    .await
}

#[tokio::test(flavor = "current_thread")]
async fn the_composer_enables_send_for_valid_drafts_only() {
    let send = r#"<button type="button" class="primary send">"#;
    let open = composer(true, InputFormat::Text, "").await;
    contains(
        &open,
        &[r#"aria-label="Message""#, "00 00 00 00", "4 bytes", send],
    );
    let closed = composer(false, InputFormat::Text, "").await;
    contains(&closed, &["disabled", "once the connection is open"]);
    let check = async |format, text: &str, note: &str| {
        let html = composer(true, format, text).await;
        contains(&html, &[note, r#"aria-invalid="true""#]);
        assert!(!html.contains(send), "{html}");
    };
    check(InputFormat::Text, "12345678901234567", "Too long by 1 byte").await;
    check(InputFormat::Hex, "6", "A byte needs two digits.").await;
    check(InputFormat::Base64, "a!", "Character 2, “!”, is invalid.").await;
    let hex = composer(true, InputFormat::Hex, "ff 00").await;
    contains(&hex, &["02 00 00 00", "ff 00", send]);
    contains(&composer(true, InputFormat::Text, "[1]").await, &["JSON ✓"]);
    contains(
        &composer(true, InputFormat::Text, "[1").await,
        &["Not JSON", send],
    );
}

#[tokio::test(flavor = "current_thread")]
async fn the_composer_explains_what_the_framing_refuses() {
    let check = async |framing: &str, text: &str, refusal: Option<&str>| {
        let framing = framing.into();
        let html = composer_speaking(framing, true, InputFormat::Text, text).await;
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

#[component]
fn Repeat() -> Html {
    use_repeat_group(
        Language::English,
        Some(message("")),
        None,
        true,
        &Callback::noop(),
    )
}

#[tokio::test(flavor = "current_thread")]
async fn the_repeat_group_is_ready_to_send_ten_times() {
    let html = render::<Repeat>(()).await;
    let parts = [
        r#"role="group" aria-label="Repeat""#,
        r#"type="number""#,
        ">Start<",
    ];
    contains(&html, &parts);
    assert!(!html.contains("disabled"), "{html}");
}
