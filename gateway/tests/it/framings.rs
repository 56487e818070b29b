//! Every framing from end to end: from a browser through the bridge to the echo service.

use std::time::Duration;

use protocol::Framing;
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{TestServer, Upstream};

/// A gateway whose echo service, and so its bridge, speaks this framing.
async fn speaking(framing: Framing) -> TestServer {
    TestServer::with(|config| config.framing = framing).await
}

#[tokio::test]
async fn every_framing_carries_a_message_and_its_reply() {
    for &framing in Framing::ALL {
        let server = speaking(framing).await;
        let mut browser = server.open().await;
        for text in ["hello", "日本語"] {
            browser.send(text).await;
            let reply = Message::text(format!("echo : {text}"));
            assert_eq!(browser.receive().await, reply, "{framing}");
        }
    }
}

#[tokio::test]
async fn a_message_that_its_framing_cannot_carry_is_refused_after_the_replies_owed() {
    let check = async |framing: &str, message: &str, code: u16, reason: &str| {
        let server = speaking(framing.parse().unwrap()).await;
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
    let too_long = "message of 256 bytes is over the limit of 255 bytes";
    check("u8", &"x".repeat(256), 1009, too_long).await;
}

/// The upstream goes on listening: that the last message is owed no reply must be known.
#[tokio::test]
async fn a_refused_message_is_not_waited_for() {
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
