//! The PROXY protocol: whom connections are from, told by trusted proxies and to upstreams.

use std::time::Duration;

use gateway::Config;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UnixListener};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, client_async};

use crate::admin::ask_admin;
use crate::command::{ANY_PORTS, Running, framegate};
use crate::harness::{Browser, Peer, TestServer, Upstream, any_port, frame, within};
use crate::request::{ask, ask_on};
use crate::upstreams::TlsUpstream;

/// One client, by each version.
const V1: &[u8] = b"PROXY TCP4 203.0.113.7 198.51.100.1 4660 443\r\n";
const V2: &[u8] =
    b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xcb\0\x71\x07\xc6\x33\x64\x01\x12\x34\x01\xbb";
/// The proxy's own.
const LOCAL: &[u8] = b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0";

/// Expects headers from `proxy`.
fn expect_from(config: &mut Config, proxy: &str) {
    config.proxy_protocol = true;
    config.access.trusted_proxies = vec![proxy.parse().unwrap()];
}

/// A gateway that expects headers from this machine.
async fn behind_a_proxy() -> TestServer {
    TestServer::with(|config| expect_from(config, "127.0.0.1")).await
}

/// An HTTP connection that begins with `header`.
async fn http_behind(server: &TestServer, header: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(server.http()).await.unwrap();
    stream.write_all(header).await.unwrap();
    stream
}

/// A WebSocket whose connection begins with `header`.
async fn open_behind(server: &TestServer, header: &[u8]) -> Browser {
    let stream = MaybeTlsStream::Plain(http_behind(server, header).await);
    let url = format!("ws://{}/ws", server.http());
    Browser(within(client_async(url, stream)).await.unwrap().0)
}

#[tokio::test]
async fn a_header_stands_before_the_first_frame_however_it_is_cut() {
    let unknown = b"PROXY UNKNOWN\r\n";
    // A TLV of a kind that nobody knows, and longer than is looked at in one go.
    let tlv = [
        &V2[..14],
        &[0x10, 0x0f],
        &V2[16..],
        &[0xee, 0x10, 0],
        &[b'x'; 4096],
    ]
    .concat();
    let server = behind_a_proxy().await;
    for header in [V1, V2, LOCAL, unknown, &tlv] {
        let mut client = server.connect().await;
        client.write([header, &frame("at once")].concat()).await;
        assert_eq!(client.receive_text().await, "echo : at once");
    }
    for header in [V1, V2] {
        let mut client = server.connect().await;
        for byte in [header, &frame("torn")].concat() {
            client.write([byte]).await;
            tokio::task::yield_now().await;
        }
        assert_eq!(client.receive_text().await, "echo : torn");
    }
}

#[tokio::test]
async fn a_header_stands_before_the_first_request() {
    let server = behind_a_proxy().await;
    let host = [("host", "localhost")];
    for header in [V1, V2, LOCAL] {
        let stream = http_behind(&server, header).await;
        let answer = ask_on(stream, "GET /healthz", &host, "").await;
        assert_eq!(answer.status(), 200);
    }
    let mut browser = open_behind(&server, V2).await;
    browser.send("hello").await;
    assert_eq!(browser.receive().await, Message::text("echo : hello"));
}

#[tokio::test]
async fn limits_count_the_client_and_not_its_proxy() {
    let server = TestServer::with(|config| {
        expect_from(config, "127.0.0.0/8");
        config.limits.max_connections_per_ip = Some(1);
    })
    .await;
    // With it goes a connection to the own echo service, which is not counted again.
    let mut one = open_behind(&server, V1).await;
    one.send("one").await;
    assert_eq!(one.receive().await, Message::text("echo : one"));

    let again = http_behind(&server, V2).await;
    let answer = ask_on(again, "GET /healthz", &[("host", "localhost")], "").await;
    assert_eq!(answer.status(), 503);
    let mut again = server.connect().await;
    again.write([V2, &frame("again")].concat()).await;
    assert_eq!(again.rest_or_reset().await, b"");

    let mut other = server.connect().await;
    let header = b"PROXY TCP6 2001:db8::7 2001:db8::1 1 2\r\n";
    other.write([&header[..], &frame("other")].concat()).await;
    assert_eq!(other.receive_text().await, "echo : other");
}

#[tokio::test]
async fn a_trusted_proxy_without_a_good_header_is_not_served() {
    let server = TestServer::with(|config| {
        expect_from(config, "127.0.0.1");
        config.admin = Some(any_port());
        config.limits.header_timeout = Duration::from_millis(200);
    })
    .await;
    let endless = [&b"PROXY TCP4 "[..], &[b'1'; 200]].concat();
    let malformed = b"PROXY TCP4 203.0.113.7 nonsense 1 2\r\n";
    for bytes in [
        &frame("hello"),
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        &endless,
        malformed,
    ] {
        for addr in [server.tcp(), server.http()] {
            let mut client = Peer(TcpStream::connect(addr).await.unwrap());
            client.write(bytes).await;
            assert_eq!(client.rest_or_reset().await, b"");
        }
    }
    // It does not come, or not all of it.
    for bytes in [&b""[..], &V2[..20]] {
        let mut client = server.connect().await;
        client.write(bytes).await;
        assert_eq!(client.rest_or_reset().await, b"");
    }
    let metrics = ask_admin(&server, "GET /metrics").await;
    let refused = "framegate_refused_total{limit=\"proxy_header\"} 10\n";
    assert!(metrics.body().contains(refused), "{}", metrics.body());
}

#[tokio::test]
async fn nobody_else_is_believed_or_asked() {
    let server = TestServer::with(|config| expect_from(config, "192.0.2.1")).await;
    for header in [V1, V2] {
        let mut client = server.connect().await;
        client.write([header, &frame("hello")].concat()).await;
        assert_eq!(client.rest_or_reset().await, b"");
        let mut client = Peer(http_behind(&server, header).await);
        assert_eq!(client.rest_or_reset().await, b"");
    }
    let mut client = server.connect().await;
    client.send("hello").await;
    assert_eq!(client.receive_text().await, "echo : hello");
    assert_eq!(ask(&server, "GET /healthz", &[]).await.status(), 200);
    let mut browser = server.open().await;
    browser.send("hello").await;
    assert_eq!(browser.receive().await, Message::text("echo : hello"));
}

#[tokio::test]
async fn a_message_may_look_like_a_header() {
    let server = TestServer::with(|config| {
        expect_from(config, "192.0.2.1");
        config.framing = "crlf".parse().unwrap();
    })
    .await;
    let mut browser = server.open().await;
    browser.send("PROXY UNKNOWN").await;
    let reply = Message::text("echo : PROXY UNKNOWN");
    assert_eq!(browser.receive().await, reply);
}

/// Whom a header names may lie in what it sends.
#[tokio::test]
async fn a_client_is_not_trusted_because_its_proxy_is() {
    let upstream = Upstream::bind().await;
    let server = TestServer::with(|config| {
        expect_from(config, "127.0.0.1");
        config.upstreams = vec![format!("{}?proxy=v2", upstream.addr()).parse().unwrap()];
    })
    .await;
    let headers = [
        ("host", "localhost"),
        ("x-forwarded-for", "192.0.2.99"),
        ("connection", "Upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", crate::request::KEY),
    ];
    let stream = http_behind(&server, V2).await;
    let answer = within(ask_on(stream, "GET /ws", &headers, "")).await;
    assert_eq!(answer.status(), 101);
    assert_eq!(told(&mut upstream.accept().await.0, V2.len()).await, V2);
}

/// The first bytes that an upstream gets.
async fn told(stream: &mut (impl AsyncReadExt + Unpin), len: usize) -> Vec<u8> {
    let mut header = vec![0; len];
    within(stream.read_exact(&mut header)).await.unwrap();
    header
}

/// The header for a connection from `browser` to `server`.
fn header_of(browser: &Browser, server: &TestServer) -> Vec<u8> {
    let MaybeTlsStream::Plain(stream) = browser.0.get_ref() else {
        unreachable!("tests speak ws:// only");
    };
    let ports = [stream.local_addr().unwrap().port(), server.http().port()];
    let ports = ports.map(u16::to_be_bytes).concat();
    let loopback = [127, 0, 0, 1];
    [&V2[..16], &loopback, &loopback, &ports].concat()
}

#[tokio::test]
async fn an_upstream_is_told_whom_it_serves() {
    let upstream = Upstream::bind().await;
    let option = format!("{}?proxy=v2", upstream.addr());
    let server = TestServer::with(|config| config.upstreams = vec![option.parse().unwrap()]).await;
    let mut browser = server.open().await;
    let mut peer = upstream.accept().await;
    let expected = header_of(&browser, &server);
    assert_eq!(told(&mut peer.0, expected.len()).await, expected);
    browser.send("hello").await;
    assert_eq!(peer.receive_text().await, "hello");
    peer.send("reply").await;
    assert_eq!(browser.receive().await, Message::text("reply"));
}

#[tokio::test]
async fn one_behind_tls_is_told_before_the_handshake() {
    let upstream = TlsUpstream::bind().await;
    let option = format!("{}&proxy=v2", upstream.option(&upstream.ca));
    let server = TestServer::with(|config| config.upstreams = vec![option.parse().unwrap()]).await;
    let mut browser = server.open().await;
    let (mut stream, _) = within(upstream.listener.accept()).await.unwrap();
    let expected = header_of(&browser, &server);
    assert_eq!(told(&mut stream, expected.len()).await, expected);
    let mut peer = within(upstream.acceptor.accept(stream)).await.unwrap();
    browser.send("hello").await;
    assert_eq!(told(&mut peer, 9).await, frame("hello"));
}

#[tokio::test]
async fn one_at_a_unix_socket_is_told_what_a_proxy_has_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("service.sock");
    let listener = UnixListener::bind(&path).unwrap();
    let server = TestServer::with(|config| {
        expect_from(config, "127.0.0.1");
        let option = format!("unix:{}?proxy=v2&framing=raw", path.display());
        config.upstreams = vec![option.parse().unwrap()];
    })
    .await;
    let mut browser = open_behind(&server, V1).await;
    let (mut peer, _) = within(listener.accept()).await.unwrap();
    assert_eq!(told(&mut peer, V2.len()).await, V2);
    browser.send("hello").await;
    assert_eq!(told(&mut peer, 5).await, b"hello");
}

/// As a proxy says it that ends TLS and passes on what was inside.
#[tokio::test]
async fn a_page_in_the_clear_is_foreign_where_the_proxy_has_tls() {
    let server = behind_a_proxy().await;
    let tls = [&V2[..14], &[0, 20], &V2[16..], &[0x20, 0, 5, 1, 0, 0, 0, 0]].concat();
    let check = async |header: &[u8], status: u16| {
        let headers = [
            ("host", "localhost"),
            ("origin", "http://localhost"),
            ("connection", "Upgrade"),
            ("upgrade", "websocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", crate::request::KEY),
        ];
        let stream = http_behind(&server, header).await;
        let answer = within(ask_on(stream, "GET /ws", &headers, "")).await;
        assert_eq!(answer.status(), status);
    };
    check(V2, 101).await;
    check(&tls, 403).await;
}

#[tokio::test]
async fn the_log_names_the_client() {
    let options = ["--proxy-protocol", "--trusted-proxy=127.0.0.1"];
    let mut running = Running::start(&mut framegate(&[&ANY_PORTS[..], &options].concat()));
    let http = running.url("page").await;
    let http = http
        .trim_start_matches("http://")
        .trim_end_matches('/')
        .to_owned();
    let echo = running.url("echo").await;
    let echo = echo.strip_prefix("tcp://").unwrap();

    let mut client = Peer(TcpStream::connect(echo).await.unwrap());
    client.write([V1, &frame("hello")].concat()).await;
    assert_eq!(client.receive_text().await, "echo : hello");
    let mut stranger = Peer(TcpStream::connect(echo).await.unwrap());
    stranger.send("hello").await;
    assert_eq!(stranger.rest_or_reset().await, b"");
    let mut stream = TcpStream::connect(&http).await.unwrap();
    stream.write_all(V2).await.unwrap();
    let url = format!("ws://{http}/ws");
    let stream = MaybeTlsStream::Plain(stream);
    let mut browser = Browser(within(client_async(url, stream)).await.unwrap().0);
    browser.send("hello").await;
    assert_eq!(browser.receive().await, Message::text("echo : hello"));
    let peer = client.0.local_addr().unwrap();
    drop((browser, client));
    running.signal("TERM").await;

    let (_, log) = running.ended().await;
    let connected = format!("echo{{peer={peer} client=203.0.113.7:4660}}: connected");
    assert!(log.contains(&connected), "{log}");
    let session = log.lines().find(|line| line.contains("session opened"));
    assert!(
        session.unwrap().contains("client=203.0.113.7:4660"),
        "{log}"
    );
    // The session's own connection to the echo service, too.
    let own = log.matches("client=203.0.113.7:4660}: connected").count();
    assert_eq!(own, 2, "{log}");
    let refused = "refused a connection: it does not begin with a PROXY header, which each --trusted-proxy must send";
    assert!(log.contains(refused), "{log}");
}
