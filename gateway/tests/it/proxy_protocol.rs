//! The PROXY protocol: headers from trusted proxies, and headers to upstreams.

use std::time::Duration;

use gateway::Config;
use testkit::{FREE_PORTS, Signal};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UnixListener};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, client_async};

use crate::admin_listener::fetch_admin;
use crate::harness::{Browser, Peer, TestServer, Upstream, any_port, frame, within};
use crate::http_client::{HANDSHAKE, fetch, fetch_on};
use crate::process::{GatewayProcess, assert_contains, framegate};
use crate::tls_upstream::TlsUpstream;
use crate::upstreams::with_upstreams;

/// The header of one client, in both versions.
const V1: &[u8] = b"PROXY TCP4 203.0.113.7 198.51.100.1 4660 443\r\n";
const V2: &[u8] =
    b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xcb\0\x71\x07\xc6\x33\x64\x01\x12\x34\x01\xbb";
/// The header of a connection by the proxy itself, such as a health check.
const LOCAL: &[u8] = b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0";

/// Requires headers from `proxy`.
fn require_from(config: &mut Config, proxy: &str) {
    config.proxy_protocol = true;
    config.access.trusted_proxies = vec![proxy.parse().unwrap()];
}

/// Starts a gateway that requires headers from this machine.
async fn start_behind_proxy() -> TestServer {
    TestServer::with(|config| require_from(config, "127.0.0.1")).await
}

/// Opens an HTTP connection that begins with `header`.
async fn connect_with(server: &TestServer, header: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(server.http()).await.unwrap();
    stream.write_all(header).await.unwrap();
    stream
}

/// Opens a WebSocket on a connection that begins with `header`.
async fn open_with(server: &TestServer, header: &[u8]) -> Browser {
    let stream = MaybeTlsStream::Plain(connect_with(server, header).await);
    let url = format!("ws://{}/ws", server.http());
    Browser(within(client_async(url, stream)).await.unwrap().0)
}

#[tokio::test]
async fn header_before_the_first_frame_may_be_split() {
    let unknown = b"PROXY UNKNOWN\r\n";
    // A TLV of an unknown type, longer than the gateway peeks at once.
    let tlv = [
        &V2[..14],
        &[0x10, 0x0f],
        &V2[16..],
        &[0xee, 0x10, 0],
        &[b'x'; 4096],
    ]
    .concat();
    let server = start_behind_proxy().await;
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
async fn header_precedes_the_first_http_request() {
    let server = start_behind_proxy().await;
    let host = [("host", "localhost")];
    for header in [V1, V2, LOCAL] {
        let stream = connect_with(&server, header).await;
        let response = fetch_on(stream, "GET /healthz", &host, "").await;
        assert_eq!(response.status(), 200);
    }
    let mut browser = open_with(&server, V2).await;
    browser.check_echo("hello").await;
}

#[tokio::test]
async fn per_ip_limit_counts_the_client_and_not_the_proxy() {
    let server = TestServer::with(|config| {
        require_from(config, "127.0.0.0/8");
        config.limits.max_connections_per_ip = Some(1);
    })
    .await;
    // Its connection to the built-in echo service is not counted again.
    let mut one = open_with(&server, V1).await;
    one.check_echo("one").await;

    let again = connect_with(&server, V2).await;
    let response = fetch_on(again, "GET /metrics", &[("host", "localhost")], "").await;
    assert_eq!(response.status(), 503);
    let mut again = server.connect().await;
    again.write([V2, &frame("again")].concat()).await;
    assert_eq!(again.rest_or_reset().await, b"");

    let mut other = server.connect().await;
    let header = b"PROXY TCP6 2001:db8::7 2001:db8::1 1 2\r\n";
    other.write([&header[..], &frame("other")].concat()).await;
    assert_eq!(other.receive_text().await, "echo : other");
}

#[tokio::test]
async fn trusted_proxy_without_a_valid_header_is_refused() {
    let server = TestServer::with(|config| {
        require_from(config, "127.0.0.1");
        config.admin = vec![any_port()];
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
    // No header, or an incomplete one.
    for bytes in [&b""[..], &V2[..20]] {
        let mut client = server.connect().await;
        client.write(bytes).await;
        assert_eq!(client.rest_or_reset().await, b"");
    }
    let metrics = fetch_admin(&server, "GET /metrics").await;
    let refused = "framegate_refused_total{limit=\"proxy_header\"} 10\n";
    assert_contains(metrics.body(), refused);
}

#[tokio::test]
async fn header_is_neither_required_nor_accepted_from_untrusted_peers() {
    let server = TestServer::with(|config| require_from(config, "192.0.2.1")).await;
    for header in [V1, V2] {
        let mut client = server.connect().await;
        client.write([header, &frame("hello")].concat()).await;
        assert_eq!(client.rest_or_reset().await, b"");
        let mut client = Peer(connect_with(&server, header).await);
        assert_eq!(client.rest_or_reset().await, b"");
    }
    let mut client = server.connect().await;
    client.check_echo("hello").await;
    assert_eq!(fetch(&server, "GET /healthz", &[]).await.status(), 200);
    let mut browser = server.open().await;
    browser.check_echo("hello").await;
}

#[tokio::test]
async fn message_may_look_like_a_header() {
    let server = TestServer::with(|config| {
        require_from(config, "192.0.2.1");
        config.framing = "crlf".parse().unwrap();
    })
    .await;
    let mut browser = server.open().await;
    browser.send("PROXY UNKNOWN").await;
    let reply = Message::text("echo : PROXY UNKNOWN");
    assert_eq!(browser.receive().await, reply);
}

/// The client behind a header may send a forged X-Forwarded-For, also if the header names one
/// inside the trusted network, or none.
#[tokio::test]
async fn forwarded_headers_are_never_believed_with_a_proxy_header() {
    let upstream = Upstream::bind().await;
    let server = TestServer::with(|config| {
        require_from(config, "127.0.0.1");
        config
            .access
            .trusted_proxies
            .push("203.0.113.0/24".parse().unwrap());
        config.upstreams = vec![format!("{}?proxy=v2", upstream.addr()).parse().unwrap()];
    })
    .await;
    let mut headers = vec![
        ("host", "localhost"),
        ("x-forwarded-for", "192.0.2.99"),
        ("x-forwarded-host", "gate.example"),
    ];
    headers.extend(HANDSHAKE);
    for header in [V2, V1] {
        let stream = connect_with(&server, header).await;
        let response = within(fetch_on(stream, "GET /ws", &headers, "")).await;
        assert_eq!(response.status(), 101);
        assert_eq!(read(&mut upstream.accept().await.0, V2.len()).await, V2);
    }
    for header in [LOCAL, b"PROXY UNKNOWN\r\n"] {
        let stream = connect_with(&server, header).await;
        let response = within(fetch_on(stream, "GET /ws", &headers, "")).await;
        assert_eq!(response.status(), 101);
        let received = read(&mut upstream.accept().await.0, V2.len()).await;
        assert_eq!(received[16..20], [127, 0, 0, 1]);
    }
}

#[tokio::test]
async fn upstream_receives_the_client_that_a_trusted_proxy_forwards() {
    let upstream = Upstream::bind().await;
    let server = TestServer::with(|config| {
        config.access.trusted_proxies = vec!["::ffff:127.0.0.1".parse().unwrap()];
        config.upstreams = vec![format!("{}?proxy=v2", upstream.addr()).parse().unwrap()];
    })
    .await;
    let received = async |forwarded: &str, len: usize| {
        let mut headers = vec![("x-forwarded-for", forwarded)];
        headers.extend(HANDSHAKE);
        assert_eq!(fetch(&server, "GET /ws", &headers).await.status(), 101);
        read(&mut upstream.accept().await.0, len).await
    };
    for forwarded in [
        "203.0.113.7:4660",
        "[::ffff:203.0.113.7]:4660",
        "10.9.9.9, 203.0.113.7:4660",
        // What a client sends itself, the proxy passes on whatever its bytes are.
        "caf\u{e9}, 203.0.113.7:4660",
    ] {
        let header = received(forwarded, 28).await;
        assert_eq!(header[16..20], V2[16..20], "{forwarded}");
        assert_eq!(header[24..26], [0x12, 0x34], "{forwarded}");
    }
    let v6 = received("\"[2001:db8::7]:4660\"", 52).await;
    assert_eq!(v6[16..20], [0x20, 0x01, 0x0d, 0xb8]);
    // The address of the proxy would be a wrong one.
    assert_eq!(received("unknown", LOCAL.len()).await, LOCAL);
}

/// Reads `len` bytes.
async fn read(stream: &mut (impl AsyncReadExt + Unpin), len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    within(stream.read_exact(&mut bytes)).await.unwrap();
    bytes
}

/// The version 2 header for the connection from `browser` to `server`.
fn header_of(browser: &Browser, server: &TestServer) -> Vec<u8> {
    let MaybeTlsStream::Plain(stream) = browser.0.get_ref() else {
        unreachable!("tests use ws:// only");
    };
    let ports = [stream.local_addr().unwrap().port(), server.http().port()];
    let ports = ports.map(u16::to_be_bytes).concat();
    let loopback = [127, 0, 0, 1];
    [&V2[..16], &loopback, &loopback, &ports].concat()
}

#[tokio::test]
async fn upstream_receives_the_client_address() {
    let upstream = Upstream::bind().await;
    let server = with_upstreams(&[format!("{}?proxy=v2", upstream.addr())]).await;
    let mut browser = server.open().await;
    let mut peer = upstream.accept().await;
    let expected = header_of(&browser, &server);
    assert_eq!(read(&mut peer.0, expected.len()).await, expected);
    browser.send("hello").await;
    assert_eq!(peer.receive_text().await, "hello");
    peer.send("reply").await;
    assert_eq!(browser.receive().await, Message::text("reply"));
}

#[tokio::test]
async fn tls_upstream_receives_the_header_before_the_handshake() {
    let upstream = TlsUpstream::bind().await;
    let server = with_upstreams(&[format!("{}&proxy=v2", upstream.option())]).await;
    let mut browser = server.open().await;
    let (mut stream, _) = within(upstream.listener.accept()).await.unwrap();
    let expected = header_of(&browser, &server);
    assert_eq!(read(&mut stream, expected.len()).await, expected);
    let mut peer = within(upstream.acceptor.accept(stream)).await.unwrap();
    browser.send("hello").await;
    assert_eq!(read(&mut peer, 9).await, frame("hello"));
}

#[tokio::test]
async fn unix_upstream_receives_the_address_from_the_proxy_header() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("service.sock");
    let listener = UnixListener::bind(&path).unwrap();
    let server = TestServer::with(|config| {
        require_from(config, "127.0.0.1");
        let option = format!("unix:{}?proxy=v2&framing=raw", path.display());
        config.upstreams = vec![option.parse().unwrap()];
    })
    .await;
    let mut browser = open_with(&server, V1).await;
    let (mut peer, _) = within(listener.accept()).await.unwrap();
    assert_eq!(read(&mut peer, V2.len()).await, V2);
    browser.send("hello").await;
    assert_eq!(read(&mut peer, 5).await, b"hello");
}

/// A proxy that terminates TLS says so in a TLV of the header.
#[tokio::test]
async fn http_origin_is_refused_if_the_proxy_terminated_tls() {
    let server = start_behind_proxy().await;
    let tls = [&V2[..14], &[0, 20], &V2[16..], &[0x20, 0, 5, 1, 0, 0, 0, 0]].concat();
    let check = async |header: &[u8], status: u16| {
        let mut headers = vec![("host", "localhost"), ("origin", "http://localhost")];
        headers.extend(HANDSHAKE);
        let stream = connect_with(&server, header).await;
        let response = within(fetch_on(stream, "GET /ws", &headers, "")).await;
        assert_eq!(response.status(), status);
    };
    check(V2, 101).await;
    check(&tls, 403).await;
}

#[tokio::test]
async fn log_has_the_client_address_from_the_header() {
    let options = ["--proxy-protocol", "--trusted-proxy=127.0.0.1"];
    let mut gateway = GatewayProcess::start(&mut framegate(&[&FREE_PORTS[..], &options].concat()));
    let http = gateway.addr("page").await;
    let echo = gateway.addr("echo").await;

    let mut client = Peer(TcpStream::connect(echo).await.unwrap());
    client.write([V1, &frame("hello")].concat()).await;
    assert_eq!(client.receive_text().await, "echo : hello");
    let mut without_header = Peer(TcpStream::connect(echo).await.unwrap());
    without_header.send("hello").await;
    assert_eq!(without_header.rest_or_reset().await, b"");
    let mut stream = TcpStream::connect(http).await.unwrap();
    stream.write_all(V2).await.unwrap();
    let url = format!("ws://{http}/ws");
    let stream = MaybeTlsStream::Plain(stream);
    let mut browser = Browser(within(client_async(url, stream)).await.unwrap().0);
    browser.check_echo("hello").await;
    let peer = client.0.local_addr().unwrap();
    drop((browser, client));
    gateway.signal(Signal::SIGTERM);

    let (_, log) = gateway.ended().await;
    let connected = format!("echo{{peer={peer} client=203.0.113.7:4660}}: connected");
    assert_contains(&log, &connected);
    let session = log.lines().find(|line| line.contains("session opened"));
    assert_contains(session.unwrap(), "client=203.0.113.7:4660");
    // The TCP client, and the session's connection to the echo service.
    let connected = log.matches("client=203.0.113.7:4660}: connected").count();
    assert_eq!(connected, 2, "{log}");
    let refused = "refused a connection: it does not begin with a PROXY header, which each --trusted-proxy must send";
    assert_contains(&log, refused);
}
