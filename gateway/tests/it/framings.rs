//! Every framing, through the bridge and with the echo service over TCP.

use std::time::Duration;

use protocol::Framing;
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{Browser, Peer, TestServer, Upstream};
use crate::http_client::fetch;

/// Starts a gateway whose echo service, and so its bridge, uses `framing`.
pub(crate) async fn start_with(framing: Framing) -> TestServer {
    TestServer::with(|config| {
        config.framing = framing;
        if !framing.allows_prefix() {
            config.prefix.clear();
        }
    })
    .await
}

/// Opens a session with a service of these settings, such as `framing=lines`: returns the
/// gateway, the client and the service's end.
async fn open_session(settings: &str) -> (TestServer, Browser, Peer) {
    let service = Upstream::bind().await;
    let server = TestServer::in_front_of(&service, settings).await;
    let browser = server.open().await;
    let peer = service.accept().await;
    (server, browser, peer)
}

/// Opens a WebSocket to the echo service of a gateway that uses `framing`.
async fn open_echo(framing: &str) -> (TestServer, Browser) {
    let server = start_with(framing.parse().unwrap()).await;
    let browser = server.open().await;
    (server, browser)
}

/// Connects to the echo service of a gateway that uses `framing`.
async fn connect_echo(framing: &str) -> (TestServer, Peer) {
    let server = start_with(framing.parse().unwrap()).await;
    let client = server.connect().await;
    (server, client)
}

/// Returns a message in UTF-8 that the framing carries.
pub(crate) fn text_message(framing: Framing) -> &'static str {
    match &*framing.to_string() {
        "json" => r#"["hello"]"#,
        // An integer.
        "msgpack" => "a",
        // A string of one letter.
        "cbor" => "ah",
        "resp" => "+hello\r\n",
        "bencode" => "5:hello",
        "ber" => "\x04\x05hello",
        "headers" => "Subject: hello\r\n\r\n",
        _ => "hello",
    }
}

#[tokio::test]
async fn every_framing_works_through_the_bridge() {
    for framing in Framing::named() {
        let server = start_with(framing).await;
        let mut browser = server.open().await;
        for _ in 0..2 {
            let text = text_message(framing);
            browser.send(text).await;
            let reply = match framing {
                // Raw has no frames to prefix, and no reliable message type.
                Framing::Raw => Message::binary(text),
                _ if framing.allows_prefix() => Message::text(format!("echo : {text}")),
                _ => Message::text(text),
            };
            assert_eq!(browser.receive().await, reply, "{framing}");
        }
    }
}

/// A message is the frame without its length and fixed bytes, whose other bytes stay in order.
#[tokio::test]
async fn pictures_of_frames_are_bridged_in_both_directions() {
    let check = async |framing: &str, message: &[u8], frame: &[u8]| {
        let (_server, mut browser, mut peer) = open_session(&format!("framing={framing}")).await;
        for _ in 0..2 {
            browser.send(Message::binary(message.to_vec())).await;
            assert_eq!(peer.read(frame.len()).await, frame, "{framing}");
        }
        for byte in [frame, frame].concat() {
            peer.write([byte]).await;
        }
        for _ in 0..2 {
            let received = browser.receive().await;
            assert_eq!(received.into_data(), message, "{framing}");
        }
    };
    check(
        "1+u32be-inclusive",
        b"QSELECT 1\0",
        b"Q\0\0\0\x0dSELECT 1\0",
    )
    .await;
    check("1+varint", b"0\0\x01ah", b"0\x04\0\x01ah").await;
    check("u24le+1", b"\0\x0e", b"\x01\0\0\0\x0e").await;
    check(
        "4+u16be",
        b"\0\x01\0\0\x01\x03",
        b"\0\x01\0\0\0\x02\x01\x03",
    )
    .await;
    check(
        "0x0300+u16be-all",
        b"\x02\xf0\x80",
        b"\x03\0\0\x07\x02\xf0\x80",
    )
    .await;
    check("3+u32be...0xce", b"\x01\0\0hi", b"\x01\0\0\0\0\0\x02hi\xce").await;
    check("0x0b...0x1c0d", b"MSH|\r", b"\x0bMSH|\r\x1c\r").await;
    check("digits+0x3a...0x2c", b"a,b", b"3:a,b,").await;
    check("ascii4", b"hello", b"0005hello").await;
    check("whole:1+varint", b"0\x02hi", b"0\x02hi").await;
    check("fixed5", b"hello", b"hello").await;
}

#[tokio::test]
async fn long_messages_of_pictures_arrive_whole() {
    let (_server, mut browser, mut peer) = open_session("framing=1+u32be-inclusive").await;
    let body = vec![b'x'; 3 << 20];
    let message = [b"Q", &body[..]].concat();
    let frame = [&b"Q\0\x30\0\x04"[..], &body].concat();
    browser.send(Message::binary(message.clone())).await;
    assert_eq!(peer.read(frame.len()).await, frame);
    peer.write([&frame[..], b"Z\0\0\0\x05I"].concat()).await;
    assert_eq!(browser.receive().await.into_data(), message);
    assert_eq!(browser.receive().await.into_data(), &b"ZI"[..]);
}

/// A connection whose first message, each way or one way, has another framing.
struct Opening {
    settings: &'static str,
    sent: &'static [&'static [u8]],
    /// Bytes that the service reads.
    written: &'static [u8],
    /// Bytes that the service writes.
    reply: &'static [u8],
    received: &'static [&'static [u8]],
}

const OPENINGS: [Opening; 4] = [
    // PostgreSQL: only the client's first message has no type.
    Opening {
        settings: "framing=1+u32be-inclusive&first-sent=u32be-inclusive",
        sent: &[b"\0\x03\0\0user\0a\0\0", b"QSELECT 1\0"],
        written: b"\0\0\0\x10\0\x03\0\0user\0a\0\0Q\0\0\0\x0dSELECT 1\0",
        reply: b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I",
        received: &[b"R\0\0\0\0", b"ZI"],
    },
    // NNG: eight bytes each way.
    Opening {
        settings: "framing=u64be&first=fixed8",
        sent: &[b"\0SP\0\0\x10\0\0", b"hi"],
        written: b"\0SP\0\0\x10\0\0\0\0\0\0\0\0\0\x02hi",
        reply: b"\0SP\0\0\x11\0\0\0\0\0\0\0\0\0\x02hi",
        received: &[b"\0SP\0\0\x11\0\0", b"hi"],
    },
    // AMQP 1.0: a header each way.
    Opening {
        settings: "framing=u32be-inclusive&first=fixed8",
        sent: &[b"AMQP\0\x01\0\0", b"\x02\0\0\0"],
        written: b"AMQP\0\x01\0\0\0\0\0\x08\x02\0\0\0",
        reply: b"AMQP\0\x01\0\0\0\0\0\x08\x02\0\0\0",
        received: &[b"AMQP\0\x01\0\0", b"\x02\0\0\0"],
    },
    // PostgreSQL without an opening: whole: does not check what is sent.
    Opening {
        settings: "framing=whole:1+u32be-inclusive",
        sent: &[b"\0\0\0\x10\0\x03\0\0user\0a\0\0", b"Q\0\0\0\x0dSELECT 1\0"],
        written: b"\0\0\0\x10\0\x03\0\0user\0a\0\0Q\0\0\0\x0dSELECT 1\0",
        reply: b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I",
        received: &[b"R\0\0\0\x08\0\0\0\0", b"Z\0\0\0\x05I"],
    },
];

#[tokio::test]
async fn first_message_may_be_framed_otherwise() {
    for opening in OPENINGS {
        let Opening {
            settings,
            sent,
            written,
            reply,
            received,
        } = opening;
        for chunk_len in [1, reply.len()] {
            let (_server, mut browser, mut peer) = open_session(settings).await;
            for message in sent {
                browser.send(Message::binary(message.to_vec())).await;
            }
            assert_eq!(peer.read(written.len()).await, written, "{settings}");
            for chunk in reply.chunks(chunk_len) {
                peer.write(chunk).await;
            }
            for message in received {
                let reply = browser.receive().await;
                assert_eq!(&reply.into_data()[..], *message, "{settings}");
            }
        }
    }
}

/// A number at the top of JSON ends where the stream does.
#[tokio::test]
async fn value_that_the_end_of_the_stream_ends_is_delivered() {
    let (_server, mut browser, mut peer) = open_session("framing=json").await;
    browser.send("[1]").await;
    assert_eq!(peer.read(4).await, b"[1]\n");
    peer.write(b" {}\r\n12").await;
    assert_eq!(browser.receive().await, Message::text("{}"));
    peer.half_close().await;
    assert_eq!(browser.receive().await, Message::text("12"));
    let end = (1011, "upstream closed the connection".into());
    assert_eq!(browser.closed().await, end);

    let (_server, mut client) = connect_echo("json").await;
    client.write(b" [1] 12").await;
    client.half_close().await;
    assert_eq!(client.rest().await, b"[1]\n12\n");
}

#[tokio::test]
async fn service_that_breaks_the_framing_is_told_apart_by_its_bytes() {
    let check = async |framing: &str, bytes: &[u8], reason: &str| {
        let (_server, mut browser, mut peer) = open_session(&format!("framing={framing}")).await;
        peer.write(bytes).await;
        let reason = format!("upstream broke the framing: {reason}");
        assert_eq!(browser.closed().await, (1011, reason), "{framing}");
    };
    let http = b"HTTP/1.1 400 Bad Request\r\n";
    let text = "frame of 1213486160 bytes is over the limit of 16842752 bytes: its length is the \
        text \"HTTP\"";
    check("u32be", http, text).await;
    let swapped = "frame of 83886080 bytes is over the limit of 16842752 bytes: as u32le it has 5 \
        bytes";
    check("u32be", b"\x05\0\0\0hello", swapped).await;
    let swapped = "frame of 83886081 bytes is over the limit of 16842752 bytes: as u32be it has 6 \
        bytes";
    check("1+u32le", b"Q\0\0\0\x05hello", swapped).await;
    let fixed = "byte 0 of the frame is 0x48, expected 0x03; it looks like text: \"HTTP/1.1 4\"";
    check("0x0300+u16be-all", http, fixed).await;
    let short = "length of 3 bytes is less than the 4 that it has to count";
    check("1+u32be-inclusive", b"Q\0\0\0\x03", short).await;
    let digit = "byte 2 of the frame is 0x3a, which is not part of a length";
    check("ascii4", b"00:0", digit).await;
}

#[tokio::test]
async fn message_that_a_picture_cannot_carry_is_refused() {
    let check = async |framing: &str, message: &[u8], code: u16, reason: &str| {
        let (_server, mut browser) = open_echo(framing).await;
        browser.send(Message::binary(message.to_vec())).await;
        assert_eq!(browser.closed().await, (code, reason.into()), "{framing}");
    };
    let short = "message of 3 bytes is shorter than the 4 that its framing needs";
    check("4+u16be", b"abc", 1008, short).await;
    let delimiter = "message has the bytes that end a frame after 1 bytes";
    check("mllp", b"a\x1c\x0db", 1008, delimiter).await;
    let long = "message of 6 bytes is over the limit of 5 bytes";
    check("fixed5", b"longer", 1009, long).await;
}

#[tokio::test]
async fn every_framing_works_with_the_echo_service_over_tcp() {
    let check = async |framing: &str, sent: &[u8], expected: &[u8]| {
        let (_server, mut client) = connect_echo(framing).await;
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
        let (_server, mut client) = connect_echo(framing).await;
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
        let (_server, mut browser) = open_echo(framing).await;
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
