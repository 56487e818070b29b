//! The bridge: WebSocket messages to frames and back, errors, close codes and drain.

use testkit::ReservedPort;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};

use crate::harness::{Peer, TestServer, Upstream, frame, open_session, within};

#[tokio::test]
async fn message_is_echoed_with_the_prefix() {
    let server = TestServer::start().await;
    let mut browser = server.open().await;
    for text in ["hello", "こんにちは", ""] {
        browser.check_echo(text).await;
    }
}

#[tokio::test]
async fn each_message_is_sent_upstream_as_one_frame() {
    let (_server, mut browser, mut upstream) = open_session().await;
    browser.send("hello").await;
    browser.send("").await;
    browser.send(vec![0xff, 0x00]).await;
    browser.0.close(None).await.unwrap();
    assert_eq!(
        upstream.rest().await,
        b"\x05\0\0\0hello\0\0\0\0\x02\0\0\0\xff\0"
    );
}

#[tokio::test]
async fn fragmented_message_is_sent_upstream_as_one_frame() {
    let (_server, mut browser, mut upstream) = open_session().await;
    let fragment = |bytes: &'static [u8], opcode, last| {
        Message::Frame(Frame::message(bytes, OpCode::Data(opcode), last))
    };
    browser.send(fragment(b"he", Data::Text, false)).await;
    // A control frame between fragments is answered at once.
    browser.send(Message::Ping("still there?".into())).await;
    assert_eq!(
        browser.receive().await,
        Message::Pong("still there?".into())
    );
    browser.send(fragment(b"ll", Data::Continue, false)).await;
    browser.send(fragment(b"o", Data::Continue, true)).await;
    assert_eq!(upstream.receive_text().await, "hello");
}

#[tokio::test]
async fn each_frame_is_sent_as_one_message_however_tcp_splits_it() {
    let (_server, mut browser, mut upstream) = open_session().await;
    for byte in frame("torn") {
        upstream.write([byte]).await;
    }
    upstream
        .write([frame("joined"), frame(""), frame("again")].concat())
        .await;
    for text in ["torn", "joined", "", "again"] {
        assert_eq!(browser.receive().await, Message::text(text));
    }
}

#[tokio::test]
async fn reply_has_the_message_type_of_the_clients_latest_message() {
    let server = TestServer::with(|config| config.prefix = String::new()).await;
    let mut browser = server.open().await;
    for message in [
        Message::text("text"),
        Message::binary("bytes"),
        Message::text("text again"),
    ] {
        browser.send(message.clone()).await;
        assert_eq!(browser.receive().await, message);
    }
}

#[tokio::test]
async fn unsolicited_frames_are_sent_as_text_if_they_are_utf8() {
    let (_server, mut browser, mut upstream) = open_session().await;
    upstream.send("welcome").await;
    assert_eq!(browser.receive().await, Message::text("welcome"));
    upstream.send(b"\xff\xfe").await;
    assert_eq!(browser.receive().await, Message::binary(&b"\xff\xfe"[..]));
}

#[tokio::test]
async fn pipelined_messages_are_answered_in_order() {
    let server = TestServer::start().await;
    let mut browser = server.open().await;
    for n in 0..1000 {
        browser.send(n.to_string()).await;
    }
    for n in 0..1000 {
        assert_eq!(
            browser.receive().await,
            Message::text(format!("echo : {n}"))
        );
    }
}

#[tokio::test]
async fn message_at_the_size_limit_may_have_a_longer_reply() {
    let server = TestServer::with(|config| config.limits.max_frame = 100_000).await;
    let mut browser = server.open().await;
    browser.send("x".repeat(100_000)).await;
    assert_eq!(browser.receive().await.len(), 100_007);
}

#[tokio::test]
async fn message_over_the_size_limit_closes_with_1009_and_both_sizes() {
    let server = TestServer::with(|config| config.limits.max_frame = 1000).await;
    let mut browser = server.open().await;
    browser.send("owed").await;
    browser.send("x".repeat(1001)).await;
    assert_eq!(browser.receive().await, Message::text("echo : owed"));
    assert_eq!(
        browser.closed().await,
        (
            1009,
            "message of 1001 bytes is over the limit of 1000 bytes".into()
        )
    );
}

#[tokio::test]
async fn size_limit_applies_to_the_sum_of_fragments() {
    let server = TestServer::with(|config| config.limits.max_frame = 1000).await;
    let mut browser = server.open().await;
    let fragment = |opcode, last| {
        let payload = vec![b'x'; 600];
        Message::Frame(Frame::message(payload, OpCode::Data(opcode), last))
    };
    browser.send(fragment(Data::Text, false)).await;
    browser.send(fragment(Data::Continue, true)).await;
    let reason = "message of 1200 bytes is over the limit of 1000 bytes";
    assert_eq!(browser.closed().await, (1009, reason.into()));
}

#[tokio::test]
async fn protocol_error_closes_with_its_code_after_pending_replies() {
    let masked_text = |payload: &[u8]| {
        let mut bytes = vec![
            0x81,
            0x80 | u8::try_from(payload.len()).unwrap(),
            0,
            0,
            0,
            0,
        ];
        bytes.extend(payload);
        bytes
    };
    let reserved_bits = vec![0xf1, 0x80, 0, 0, 0, 0];
    let check = async |bytes: &[u8], code: u16, reason: &str| {
        let server = TestServer::start().await;
        let mut browser = server.open().await;
        let good = masked_text(b"good");
        browser.write_raw(&[&good, bytes].concat()).await;
        assert_eq!(browser.receive().await, Message::text("echo : good"));
        let closed = browser.closed().await;
        assert_eq!(closed.0, code);
        assert!(closed.1.contains(reason), "{}", closed.1);
    };
    check(&masked_text(b"\xff\xff"), 1007, "not UTF-8").await;
    check(&reserved_bits, 1002, "reserved bits").await;
    let close = |payload: &[u8]| [&[0x88], &masked_text(payload)[1..]].concat();
    check(&close(b"\x03\xe8\xff"), 1007, "close reason is not UTF-8").await;
    check(&close(b"\x03\xed"), 1002, "close code 1005").await;
}

#[tokio::test]
async fn unreachable_upstream_closes_with_1011_and_its_address() {
    let closed = ReservedPort::new().unwrap();
    let server = TestServer::bridging_to(closed.addr()).await;
    let mut browser = server.open().await;
    assert_eq!(
        browser.closed().await,
        (
            1011,
            format!("cannot reach {}: connection refused", closed.addr())
        )
    );
}

#[tokio::test]
async fn frames_before_upstream_eof_are_delivered_before_the_close() {
    let (_server, mut browser, mut upstream) = open_session().await;
    upstream.write([frame("one"), frame("two")].concat()).await;
    drop(upstream);
    assert_eq!(browser.receive().await, Message::text("one"));
    assert_eq!(browser.receive().await, Message::text("two"));
    assert_eq!(
        browser.closed().await,
        (1011, "upstream closed the connection".into())
    );
}

#[tokio::test]
async fn framing_error_of_the_upstream_closes_with_1011() {
    let check = async |bytes: &[u8], reason: &str| {
        let (_server, mut browser, mut upstream) = open_session().await;
        upstream.send("good").await;
        upstream.write(bytes).await;
        upstream.half_close().await;
        assert_eq!(browser.receive().await, Message::text("good"));
        let reason = format!("upstream broke the framing: {reason}");
        assert_eq!(browser.closed().await, (1011, reason));
    };
    check(
        b"\x05\0\0\0he",
        "stream ended inside a frame, after 6 of 9 bytes",
    )
    .await;
    check(
        b"\xff\xff\xff\xff",
        "frame of 4294967295 bytes is over the limit of 16842752 bytes",
    )
    .await;
}

#[tokio::test]
async fn close_is_answered_and_half_closes_the_upstream_after_the_last_message() {
    let (_server, mut browser, mut upstream) = open_session().await;
    browser.send("last").await;
    let close = CloseFrame {
        code: CloseCode::Normal,
        reason: "done".into(),
    };
    within(browser.0.close(Some(close))).await.unwrap();
    assert_eq!(upstream.receive_text().await, "last");
    assert_eq!(upstream.receive().await, None);
    assert_eq!(browser.closed().await, (1000, "done".into()));
}

#[tokio::test]
async fn client_disconnect_half_closes_the_upstream() {
    let (_server, mut browser, mut upstream) = open_session().await;
    browser.send("last").await;
    drop(browser);
    assert_eq!(upstream.receive_text().await, "last");
    assert_eq!(upstream.receive().await, None);
}

#[tokio::test]
async fn concurrent_sessions_receive_their_own_replies() {
    let server = TestServer::start().await;
    let mut browsers = Vec::new();
    for n in 0..50 {
        let mut browser = server.open().await;
        browser.send(format!("session {n}")).await;
        browsers.push(browser);
    }
    for (n, browser) in browsers.iter_mut().enumerate() {
        let expected = Message::text(format!("echo : session {n}"));
        assert_eq!(browser.receive().await, expected);
    }
}

#[tokio::test]
async fn drain_closes_with_1001_after_pending_replies() {
    let (server, mut browser, mut upstream) = open_session().await;
    browser.send("one").await;
    browser.send("two").await;
    assert_eq!(upstream.receive_text().await, "one");
    assert_eq!(upstream.receive_text().await, "two");
    server.ask_to_stop();

    upstream.send("first reply").await;
    assert_eq!(browser.receive().await, Message::text("first reply"));
    // The half-close tells the upstream that no further messages come.
    assert_eq!(upstream.receive().await, None);
    upstream.send("second reply").await;
    assert_eq!(browser.receive().await, Message::text("second reply"));
    assert_eq!(
        browser.closed().await,
        (1001, "gateway is shutting down".into())
    );
    drop(upstream);
    drop(browser);
    server.stopped().await;
}

#[tokio::test]
async fn drain_ends_sessions_with_the_built_in_echo_service() {
    let server = TestServer::start().await;
    let mut browser = server.open().await;
    browser.check_echo("hello").await;
    server.ask_to_stop();
    assert_eq!(browser.closed().await.0, 1001);
    drop(browser);
    server.stopped().await;
}

#[tokio::test]
async fn bridge_works_without_the_echo_service() {
    let upstream = Upstream::bind().await;
    let server = TestServer::with(|config| {
        config.tcp = vec![];
        config.upstreams = vec![upstream.addr().to_string().parse().unwrap()];
    })
    .await;
    let mut browser = server.open().await;
    let mut peer: Peer = upstream.accept().await;
    browser.send("hello").await;
    assert_eq!(peer.receive_text().await, "hello");
}
