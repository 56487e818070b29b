//! Compression of messages: permessage-deflate (RFC 7692), byte by byte.

use crate::harness::{Peer, TestServer, Upstream, within};
use crate::http_client::{HANDSHAKE, fetch};
use crate::process::{assert_contains, output, text};
use crate::raw_client::{BINARY, CONTINUATION, FIN, PING, RawClient, TEXT, frame};
use crate::upstreams::with_upstreams;
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress};

/// First byte of a compressed text and binary message.
const RSV1: u8 = 0x40;
const OFFER: &str = "permessage-deflate; client_max_window_bits";
const BOTH_WITHOUT_TAKEOVER: &str =
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

/// The examples of section 7.2.3: compressed forms of "Hello", as frames of one message each.
const HELLO: [u8; 7] = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];

/// A client of an upstream with the setting `compress`.
struct Setup {
    _server: TestServer,
    client: RawClient,
    peer: Peer,
}

impl Setup {
    async fn open(compress: &str, offer: &str) -> Self {
        let upstream = Upstream::bind().await;
        let server = with_upstreams(&[format!("{}?compress={compress}", upstream.addr())]).await;
        let client = RawClient::open(server.http(), "ws", offer).await;
        let peer = upstream.accept().await;
        Self {
            _server: server,
            client,
            peer,
        }
    }

    async fn check_taken(&mut self, frames: &[Vec<u8>], expected: &[u8]) {
        self.client.send(frames).await;
        let payload = within(self.peer.receive()).await;
        assert_eq!(payload.as_deref(), Some(expected), "{frames:02x?}");
    }
}

/// Compresses a message as a client does.
fn deflate(compress: &mut Compress, payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(payload.len() + 1024);
    compress
        .compress_vec(payload, &mut bytes, FlushCompress::Sync)
        .unwrap();
    assert!(bytes.ends_with(&[0, 0, 0xff, 0xff]));
    bytes.truncate(bytes.len() - 4);
    bytes
}

/// Decompresses a message as a client does.
fn inflate(decompress: &mut Decompress, payload: &[u8], len: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(len + 1);
    let payload = [payload, &[0, 0, 0xff, 0xff]].concat();
    decompress
        .decompress_vec(&payload, &mut bytes, FlushDecompress::Sync)
        .unwrap();
    bytes
}

fn json(len: usize) -> Vec<u8> {
    let record = |at: usize| {
        format!(
            "{{\"id\":{at},\"name\":\"sensor {at}\",\"value\":{}}},",
            at * 37 % 1000
        )
    };
    let text: String = (0..).map(record).take(len / 20 + 2).collect();
    text.into_bytes()[..len].to_vec()
}

#[tokio::test]
async fn compression_is_agreed_on_for_upstreams_that_have_it() {
    let server = with_upstreams(&[
        "plain=127.0.0.1:1".into(),
        "off=127.0.0.1:1?compress=off".into(),
        "each=127.0.0.1:1?compress=messages".into(),
        "all=127.0.0.1:1?compress=takeover".into(),
    ])
    .await;
    for (path, offer, expected) in [
        ("ws", OFFER, None),
        ("ws/plain", OFFER, None),
        ("ws/off", OFFER, None),
        ("ws/each", "", None),
        ("ws/each", "x-webkit-deflate-frame", None),
        ("ws/each", OFFER, Some(BOTH_WITHOUT_TAKEOVER)),
        ("ws/all", OFFER, Some("permessage-deflate")),
    ] {
        let offers = [("sec-websocket-extensions", offer)];
        let headers: Vec<_> = HANDSHAKE.into_iter().chain(offers).collect();
        let response = fetch(&server, &format!("GET /{path}"), &headers).await;
        assert_eq!(response.status(), 101);
        let found = response.header("sec-websocket-extensions");
        assert_eq!(found, expected, "{path} {offer:?}");
    }
}

#[tokio::test]
async fn long_messages_to_the_client_are_compressed_and_short_ones_are_not() {
    let mut setup = Setup::open("messages", OFFER).await;
    assert_eq!(
        setup.client.extensions.as_deref(),
        Some(BOTH_WITHOUT_TAKEOVER)
    );
    // The kind of the replies is that of the client's last message.
    setup.check_taken(&[frame(FIN | TEXT, b"{}")], b"{}").await;
    for len in [200, 2 << 10, 64 << 10, 256 << 10] {
        let payload = json(len);
        setup.peer.send(&payload).await;
        let (first, compressed) = setup.client.receive().await;
        assert_eq!(first, FIN | RSV1 | TEXT);
        assert!(
            compressed.len() < len * 3 / 4,
            "{} of {len}",
            compressed.len()
        );
        let inflated = inflate(&mut Decompress::new(false), &compressed, len);
        assert!(inflated == payload, "{len} bytes");
    }
    let mut seed = 1_u32;
    let random = (0..1000).map(|_| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 24) as u8
    });
    for (kind, payload) in [
        (TEXT, json(100)),
        (BINARY, random.collect()),
        (TEXT, json((256 << 10) + 1)),
    ] {
        setup.peer.send(&payload).await;
        let (first, sent) = setup.client.receive().await;
        assert_eq!(first, FIN | kind);
        assert!(sent == payload);
    }
}

#[tokio::test]
async fn compressed_messages_of_a_client_are_passed_on_whole() {
    let mut setup = Setup::open("messages", OFFER).await;
    let hello = b"Hello";
    let first = RSV1 | TEXT;
    setup
        .check_taken(&[frame(FIN | first, &HELLO)], hello)
        .await;
    // Fragments: only the first has the bit. A Ping may come between them.
    let fragments = [
        frame(first, &HELLO[..3]),
        frame(FIN | PING, b""),
        frame(CONTINUATION, b""),
        frame(FIN | CONTINUATION, &HELLO[3..]),
    ];
    setup.check_taken(&fragments, hello).await;
    setup.client.receive().await;
    for compressed in [
        // A block without compression, a final block, and two blocks.
        &[
            0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00,
        ][..],
        &[0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00],
        &[
            0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00,
        ],
    ] {
        setup
            .check_taken(&[frame(FIN | first, compressed)], hello)
            .await;
    }
    // An empty message, and one that is not compressed.
    setup.check_taken(&[frame(FIN | first, &[0x00])], b"").await;
    setup.check_taken(&[frame(FIN | TEXT, hello)], hello).await;
    for len in [70_000, 1 << 20] {
        let payload = json(len);
        let compressed = deflate(&mut Compress::new(Compression::fast(), false), &payload);
        for size in [compressed.len(), 5000] {
            let mut frames: Vec<_> = compressed
                .chunks(size)
                .map(|chunk| frame(CONTINUATION, chunk))
                .collect();
            frames[0][0] |= RSV1 | BINARY;
            *frames.last_mut().unwrap().first_mut().unwrap() |= FIN;
            setup.client.send(&frames).await;
            assert!(
                setup.peer.receive().await == Some(payload.clone()),
                "{len} {size}"
            );
        }
    }
}

#[tokio::test]
async fn context_is_kept_over_messages_both_ways() {
    let mut setup = Setup::open("takeover", OFFER).await;
    assert_eq!(
        setup.client.extensions.as_deref(),
        Some("permessage-deflate")
    );
    setup
        .check_taken(&[frame(FIN | RSV1 | TEXT, &HELLO)], b"Hello")
        .await;
    let again = [0xf2, 0x00, 0x11, 0x00, 0x00];
    setup
        .check_taken(&[frame(FIN | RSV1 | TEXT, &again)], b"Hello")
        .await;
    let (payload, mut decompress) = (json(2000), Decompress::new(false));
    let mut lengths = Vec::new();
    for _ in 0..3 {
        setup.peer.send(&payload).await;
        let (_, compressed) = setup.client.receive().await;
        assert_eq!(inflate(&mut decompress, &compressed, 2000), payload);
        lengths.push(compressed.len());
    }
    assert!(lengths[1] < 100 && lengths[2] < 100, "{lengths:?}");
}

#[tokio::test]
async fn messages_of_resumable_sessions_are_compressed_with_their_heads() {
    const HEAD: usize = 5;
    let upstream = Upstream::bind().await;
    let server = with_upstreams(&[format!("{}?compress=messages", upstream.addr())]).await;
    let offers = [
        ("sec-websocket-protocol", "framegate.1"),
        ("sec-websocket-extensions", OFFER),
    ];
    let mut client = RawClient::open_with(server.http(), "ws", &offers).await;
    let mut peer = upstream.accept().await;
    let (first, hello) = client.receive().await;
    assert_eq!(first & TEXT, TEXT, "{}", hello.escape_ascii());
    for len in [200, 2 << 10, 64 << 10] {
        let payload = json(len);
        peer.send(&payload).await;
        let (first, compressed) = client.receive().await;
        assert_eq!(first, FIN | RSV1 | BINARY, "{len} bytes");
        assert!(
            compressed.len() < len * 3 / 4,
            "{} of {len}",
            compressed.len()
        );
        let inflated = inflate(&mut Decompress::new(false), &compressed, HEAD + len);
        assert!(inflated[HEAD..] == payload, "{len} bytes");
    }
}

#[tokio::test]
async fn shorter_window_is_kept_to_if_the_client_asks_for_it() {
    let offer = "permessage-deflate; server_max_window_bits=9";
    let mut setup = Setup::open("messages", offer).await;
    let agreed = format!("{BOTH_WITHOUT_TAKEOVER}; server_max_window_bits=9");
    assert_eq!(setup.client.extensions.as_deref(), Some(&*agreed));
    let payload = json(20_000);
    for _ in 0..2 {
        setup.peer.send(&payload).await;
        let (_, compressed) = setup.client.receive().await;
        let mut decompress = Decompress::new_with_window_bits(false, 9);
        assert!(inflate(&mut decompress, &compressed, 20_000) == payload);
    }
}

#[tokio::test]
async fn bad_compressed_messages_end_the_session_with_the_reason() {
    let bomb = deflate(
        &mut Compress::new(Compression::best(), false),
        &vec![0; 17 << 20],
    );
    assert!(bomb.len() < 20_000);
    let not_utf8 = deflate(&mut Compress::new(Compression::fast(), false), &[0xff; 300]);
    for (frames, code) in [
        (vec![frame(FIN | RSV1 | BINARY, &bomb)], 1009),
        (vec![frame(FIN | RSV1 | TEXT, &not_utf8)], 1007),
        (
            vec![frame(FIN | RSV1 | BINARY, b"\xff\xff\xff not DEFLATE")],
            1002,
        ),
        (
            vec![frame(TEXT, b"a"), frame(FIN | RSV1 | CONTINUATION, b"b")],
            1002,
        ),
        (vec![frame(FIN | RSV1 | PING, b"")], 1002),
        (vec![frame(FIN | 0x20 | TEXT, &HELLO)], 1002),
        (vec![frame(FIN | RSV1 | 0x20 | TEXT, &HELLO)], 1002),
    ] {
        let mut setup = Setup::open("messages", OFFER).await;
        setup
            .check_taken(&[frame(FIN | RSV1 | TEXT, &HELLO)], b"Hello")
            .await;
        setup.client.send(&frames).await;
        assert_eq!(setup.client.closed().await, Some(code));
    }
    // Without an offer there is no compression.
    let mut setup = Setup::open("messages", "").await;
    setup.client.send(&[frame(FIN | RSV1 | TEXT, &HELLO)]).await;
    assert_eq!(setup.client.closed().await, Some(1002));
}

#[tokio::test]
async fn unknown_compression_is_a_usage_error() {
    let upstream = "--upstream=127.0.0.1:1?compress=gzip";
    let output = output(&[upstream]).await;
    assert_eq!(output.status.code(), Some(2));
    let expected = "setting compress=\"gzip\": expected off, messages or takeover";
    assert_contains(&text(&output.stderr), expected);
}
