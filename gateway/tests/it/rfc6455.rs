//! RFC 6455 conformance, byte by byte: the bridge with an echo service without prefix.

use tokio::io::AsyncWriteExt;

use crate::harness::TestServer;
use crate::http_client::{HANDSHAKE, fetch};
use crate::raw_client::{
    BINARY, CLOSE, CONTINUATION, FIN, PING, PONG, RawClient, TEXT, close, frame,
};

/// Opens a WebSocket to an echo service without prefix.
async fn open() -> (TestServer, RawClient) {
    let server = TestServer::with(|config| config.prefix = String::new()).await;
    let client = RawClient::open(server.http(), "ws", "").await;
    (server, client)
}

/// Sends `frames`, and checks the frames received: first byte and payload of each.
async fn check_received(frames: &[Vec<u8>], expected: &[(u8, &[u8])]) {
    let (_server, mut client) = open().await;
    client.send(frames).await;
    for (first, payload) in expected {
        assert_eq!(client.receive().await, (*first, payload.to_vec()));
    }
}

/// Sends a valid message and then `frames`; expects the reply to the first, and then a Close
/// with `code`.
async fn check_refused(frames: &[Vec<u8>], code: u16) {
    let (_server, mut client) = open().await;
    client
        .send(&[&[frame(FIN | TEXT, b"good")], frames].concat())
        .await;
    assert_eq!(client.receive().await, (FIN | TEXT, b"good".to_vec()));
    assert_eq!(client.closed().await, Some(code), "{frames:02x?}");
}

#[tokio::test]
async fn messages_of_every_length_encoding_are_echoed() {
    for len in [0, 1, 125, 126, 127, 128, 65_535, 65_536, 200_000] {
        let payload = vec![b'*'; len];
        for opcode in [TEXT, BINARY] {
            check_received(
                &[frame(FIN | opcode, &payload)],
                &[(FIN | opcode, &payload)],
            )
            .await;
        }
    }
}

#[tokio::test]
async fn fragments_are_joined_across_control_frames_and_empty_fragments() {
    let check = async |frames: &[Vec<u8>]| {
        let (_server, mut client) = open().await;
        client.send(frames).await;
        assert_eq!(client.receive().await, (FIN | TEXT, b"fragment".to_vec()));
    };
    let (start, end) = (frame(TEXT, b"frag"), frame(FIN | CONTINUATION, b"ment"));
    check(&[start.clone(), end.clone()]).await;
    check(&[start.clone(), frame(CONTINUATION, b""), end.clone()]).await;
    check(&[frame(TEXT, b""), frame(FIN | CONTINUATION, b"fragment")]).await;
    check(&[frame(TEXT, b"fragment"), frame(FIN | CONTINUATION, b"")]).await;
    check(&[start, frame(FIN | PONG, b"unasked"), end]).await;
}

#[tokio::test]
async fn ping_between_fragments_is_answered_before_the_message() {
    let frames = [
        frame(TEXT, b"frag"),
        frame(FIN | PING, b"there?"),
        frame(FIN | CONTINUATION, b"ment"),
    ];
    check_received(
        &frames,
        &[(FIN | PONG, b"there?"), (FIN | TEXT, b"fragment")],
    )
    .await;
}

#[tokio::test]
async fn frame_may_arrive_byte_by_byte() {
    let (_server, mut client) = open().await;
    for byte in [frame(TEXT, b"sl"), frame(FIN | CONTINUATION, b"ow")].concat() {
        client.stream.write_all(&[byte]).await.unwrap();
    }
    assert_eq!(client.receive().await, (FIN | TEXT, b"slow".to_vec()));
}

#[tokio::test]
async fn ping_is_answered_with_its_payload() {
    for payload in [&b""[..], b"hello", b"\x00\xff\xfe", &[b'*'; 125]] {
        check_received(&[frame(FIN | PING, payload)], &[(FIN | PONG, payload)]).await;
    }
}

#[tokio::test]
async fn pings_are_answered_between_data_messages() {
    let (_server, mut client) = open().await;
    for n in 0..100_u8 {
        client
            .send(&[frame(FIN | BINARY, &[n; 1000]), frame(FIN | PING, &[n])])
            .await;
        let mut received = [client.receive().await, client.receive().await];
        received.sort();
        let expected = [(FIN | BINARY, vec![n; 1000]), (FIN | PONG, vec![n])];
        assert_eq!(received, expected);
    }
}

#[tokio::test]
async fn unsolicited_pong_is_ignored() {
    let frames = [frame(FIN | PONG, b"unasked"), frame(FIN | TEXT, b"on")];
    check_received(&frames, &[(FIN | TEXT, b"on")]).await;
}

#[tokio::test]
async fn long_or_fragmented_control_frame_is_refused() {
    check_refused(&[frame(FIN | PING, &[b'*'; 126])], 1002).await;
    check_refused(&[frame(PING, b"part")], 1002).await;
    check_refused(&[frame(CLOSE, b"")], 1002).await;
}

#[tokio::test]
async fn reserved_bits_and_opcodes_are_refused() {
    for bits in [0x10, 0x20, 0x40, 0x70] {
        check_refused(&[frame(FIN | bits | TEXT, b"x")], 1002).await;
        check_refused(&[frame(FIN | bits | PING, b"x")], 1002).await;
    }
    for opcode in (0x3..=0x7).chain(0xb..=0xf) {
        check_refused(&[frame(FIN | opcode, b"")], 1002).await;
    }
}

#[tokio::test]
async fn unmasked_frame_is_refused() {
    check_refused(&[b"\x81\x05hello".to_vec()], 1002).await;
}

#[tokio::test]
async fn fragments_out_of_order_are_refused() {
    check_refused(&[frame(FIN | CONTINUATION, b"of what?")], 1002).await;
    check_refused(&[frame(CONTINUATION, b"of what?")], 1002).await;
    check_refused(&[frame(TEXT, b"one"), frame(FIN | TEXT, b"two")], 1002).await;
    check_refused(&[frame(TEXT, b"one"), frame(BINARY, b"two")], 1002).await;
}

/// Section 5.2: headers with the two longer length encodings.
#[tokio::test]
async fn header_may_be_split_at_any_byte() {
    for len in [200, 70_000] {
        let payload = vec![b'*'; len];
        let bytes = frame(FIN | BINARY, &payload);
        for cut in 1..15 {
            let (_server, mut client) = open().await;
            let (start, end) = bytes.split_at(cut);
            client.stream.write_all(start).await.unwrap();
            client.stream.write_all(end).await.unwrap();
            assert_eq!(client.receive().await, (FIN | BINARY, payload.clone()));
        }
    }
}

#[tokio::test]
async fn utf8_character_may_span_fragments() {
    let text = "κόσμε 日本 \u{10ffff}".as_bytes();
    for cut in 0..=text.len() {
        let (start, end) = text.split_at(cut);
        let frames = [frame(TEXT, start), frame(FIN | CONTINUATION, end)];
        check_received(&frames, &[(FIN | TEXT, text)]).await;
    }
}

#[tokio::test]
async fn invalid_utf8_is_refused_in_text_and_accepted_in_binary() {
    for bytes in [
        &b"\xff"[..],
        b"caf\xe9",
        b"\xc0\xaf",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"cut short \xe6\x97",
    ] {
        check_refused(&[frame(FIN | TEXT, bytes)], 1007).await;
        let parts = [frame(TEXT, bytes), frame(FIN | CONTINUATION, b"")];
        check_refused(&parts, 1007).await;
        check_received(&[frame(FIN | BINARY, bytes)], &[(FIN | BINARY, bytes)]).await;
    }
}

#[tokio::test]
async fn close_is_answered_with_its_code() {
    let check = async |sent: Vec<u8>, code: Option<u16>| {
        let (_server, mut client) = open().await;
        client.send(std::slice::from_ref(&sent)).await;
        assert_eq!(client.closed().await, code, "{sent:02x?}");
    };
    check(frame(FIN | CLOSE, b""), None).await;
    for code in [
        1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999,
    ] {
        check(close(code, b""), Some(code)).await;
        check(close(code, "理由".as_bytes()), Some(code)).await;
    }
    check(close(1000, &[b'*'; 123]), Some(1000)).await;
}

/// Section 5.5.1: a Close may be answered after the current message is sent.
#[tokio::test]
async fn message_before_a_close_is_answered_first() {
    let (_server, mut client) = open().await;
    client
        .send(&[frame(FIN | TEXT, b"last"), close(1000, b"done")])
        .await;
    assert_eq!(client.receive().await, (FIN | TEXT, b"last".to_vec()));
    assert_eq!(client.closed().await, Some(1000));
}

#[tokio::test]
async fn invalid_close_code_or_reason_is_refused() {
    check_refused(&[frame(FIN | CLOSE, b"\x03")], 1002).await;
    for code in [
        0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999, 5000, 65_535,
    ] {
        let (_server, mut client) = open().await;
        client.send(&[close(code, b"")]).await;
        assert_eq!(client.closed().await, Some(1002), "{code}");
    }
    check_refused(&[close(1000, b"\xff")], 1007).await;
    check_refused(&[close(1000, &[b'*'; 124])], 1002).await;
}

#[tokio::test]
async fn frames_after_a_close_are_ignored() {
    let (_server, mut client) = open().await;
    client
        .send(&[
            close(1000, b""),
            frame(FIN | TEXT, b"too late"),
            frame(FIN | PING, b"too late"),
        ])
        .await;
    assert_eq!(client.closed().await, Some(1000));
}

#[tokio::test]
async fn offered_extension_is_declined() {
    let server = TestServer::start().await;
    let mut headers = HANDSHAKE.to_vec();
    headers.push(("sec-websocket-extensions", "permessage-deflate"));
    let response = fetch(&server, "GET /ws", &headers).await;
    assert_eq!(response.status(), 101);
    assert_eq!(response.header("sec-websocket-extensions"), None);
}
