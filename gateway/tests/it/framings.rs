//! Every framing, through the bridge and with the echo service over TCP.

use std::time::Duration;

use protocol::Framing;
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{TestServer, Upstream};
use crate::http_client::fetch;

/// Starts a gateway whose echo service, and so its bridge, uses `framing`.
pub(crate) async fn start_with(framing: Framing) -> TestServer {
    TestServer::with(|config| {
        config.framing = framing;
        if framing == Framing::Raw {
            config.prefix.clear();
        }
    })
    .await
}

#[tokio::test]
async fn every_framing_works_through_the_bridge() {
    for &framing in Framing::ALL {
        let server = start_with(framing).await;
        let mut browser = server.open().await;
        for text in ["hello", "日本語"] {
            browser.send(text).await;
            let reply = match framing {
                // Raw has no frames to prefix, and no reliable message type.
                Framing::Raw => Message::binary(text),
                _ => Message::text(format!("echo : {text}")),
            };
            assert_eq!(browser.receive().await, reply, "{framing}");
        }
    }
}

#[tokio::test]
async fn every_framing_works_with_the_echo_service_over_tcp() {
    let check = async |framing: &str, sent: &[u8], expected: &[u8]| {
        let server = start_with(framing.parse().unwrap()).await;
        let mut client = server.connect().await;
        client.write(sent).await;
        client.half_close().await;
        assert_eq!(client.rest().await, expected, "{framing}");
    };
    check("u8", b"\x02hi\0", b"\x09echo : hi\x07echo : ").await;
    check("u16be-inclusive", b"\0\x04hi", b"\0\x0becho : hi").await;
    check(
        "u64be",
        b"\0\0\0\0\0\0\0\x02hi",
        b"\0\0\0\0\0\0\0\x09echo : hi",
    )
    .await;
    check("varint", b"\x02hi", b"\x09echo : hi").await;
    check("lines", b"hi\r\n\n", b"echo : hi\necho : \n").await;
    check("crlf", b"hi\r\n", b"echo : hi\r\n").await;
    check("nul", b"hi\n\0", b"echo : hi\n\0").await;
    check("raw", b"h\0\r\ni", b"h\0\r\ni").await;
}

#[tokio::test]
async fn echo_service_closes_when_a_reply_cannot_be_framed() {
    let check = async |framing: &str, sent: &[u8], expected: &[u8]| {
        let server = start_with(framing.parse().unwrap()).await;
        let mut client = server.connect().await;
        client.write(sent).await;
        assert_eq!(client.rest_or_reset().await, expected, "{framing}");
    };
    // Some readers take a lone CR as a line break.
    check("lines", b"owed\na\rb\nmore\n", b"echo : owed\n").await;
    check("crlf", b"owed\r\na\nb\r\nmore\r\n", b"echo : owed\r\n").await;
    // The reply with its prefix would be over 255 bytes.
    let too_long = [&b"\x04owed\xf9"[..], &[b'x'; 249]].concat();
    check("u8", &too_long, b"\x0becho : owed").await;
}

#[tokio::test]
async fn unframeable_message_is_refused_after_pending_replies() {
    let check = async |framing: &str, message: &str, code: u16, reason: &str| {
        let server = start_with(framing.parse().unwrap()).await;
        let mut browser = server.open().await;
        browser.send("owed").await;
        browser.send(message).await;
        assert_eq!(browser.receive().await, Message::text("echo : owed"));
        assert_eq!(browser.closed().await, (code, reason.into()), "{framing}");
    };
    let line_break = "message has a line break after 3 bytes, which its framing cannot carry";
    check("lines", "one\ntwo", 1008, line_break).await;
    check("crlf", "one\r\ntwo", 1008, line_break).await;
    let nul = "message has a NUL after 0 bytes, which its framing cannot carry";
    check("nul", "\0", 1008, nul).await;
    // The framing's maximum of 255 bytes, less the reply's prefix.
    let too_long = "message of 249 bytes is over the limit of 248 bytes";
    check("u8", &"x".repeat(249), 1009, too_long).await;
}

#[tokio::test]
async fn longest_message_of_the_framing_is_answered() {
    let server = start_with("u8".parse().unwrap()).await;
    let response = fetch(&server, "GET /api/info", &[]).await;
    assert!(response.body().contains(r#""max_frame":248"#));
    let mut browser = server.open().await;
    browser.send("x".repeat(248)).await;
    assert_eq!(browser.receive().await.len(), 255);
}

/// The upstream stays connected: the gateway must not expect a reply to the refused message.
#[tokio::test]
async fn refused_message_closes_without_waiting_for_a_reply() {
    let upstream = Upstream::bind().await;
    let server = TestServer::with(|config| {
        let address = format!("{}?framing=lines", upstream.addr());
        config.upstreams = vec![address.parse().unwrap()];
        config.limits.drain_timeout = Some(Duration::from_secs(3600));
    })
    .await;
    let mut browser = server.open().await;
    let _peer = upstream.accept().await;
    browser.send("one\ntwo").await;
    assert_eq!(browser.closed().await.0, 1008);
}
