//! Peers on Unix sockets: their names, limits, and the trust in proxies among them.

use std::path::PathBuf;

use gateway::Config;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio_tungstenite::client_async;

use crate::harness::{Browser, Peer, TestServer, Upstream, any_port, frame, within};
use crate::http_client::{HANDSHAKE, Response, fetch, fetch_on};
use crate::process::{GatewayProcess, assert_contains, file, framegate};
use crate::recording::records;

/// A PROXY header of version 1, and the client in it as one of version 2 has it.
const HEADER: &[u8] = b"PROXY TCP4 203.0.113.7 198.51.100.1 4660 443\r\n";
const CLIENT: [u8; 4] = [203, 0, 113, 7];

/// A gateway whose page has an address and a Unix socket, and its echo service a Unix socket.
struct Gateway {
    server: TestServer,
    folder: tempfile::TempDir,
}

impl Gateway {
    async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = |name| format!("unix:{}", folder.path().join(name).display());
        let server = TestServer::with(|config| {
            config.http = vec![any_port(), address("http").parse().unwrap()];
            config.tcp = vec![any_port(), address("tcp").parse().unwrap()];
            change(config);
        });
        Self {
            server: server.await,
            folder,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Connects to the socket called `name`, and sends `bytes`.
    async fn connect_with(&self, name: &str, bytes: &[u8]) -> Peer<UnixStream> {
        let mut stream = UnixStream::connect(self.path(name)).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        Peer(stream)
    }

    async fn fetch(&self, request: &str, headers: &[(&str, &str)]) -> Response {
        let stream = self.connect_with("http", b"").await.0;
        fetch_on(stream, request, headers, "").await
    }
}

fn trust_unix(config: &mut Config) {
    config.access.trusted_proxies = vec!["unix".parse().unwrap()];
}

#[tokio::test]
async fn host_is_checked_against_dns_rebinding() {
    let gateway = Gateway::with(|_| {}).await;
    let status = async |path: &str, host: &str| {
        let request = format!("GET {path}");
        gateway.fetch(&request, &[("host", host)]).await.status()
    };
    assert_eq!(status("/api/info", "localhost").await, 200);
    assert_eq!(status("/api/info", "rebound.example").await, 421);
    assert_eq!(status("/healthz", "rebound.example").await, 200);
}

#[tokio::test]
async fn forwarded_headers_count_only_if_unix_is_a_trusted_proxy() {
    let forwarded = [("host", "localhost"), ("x-forwarded-host", "gate.example")];
    let allow = |config: &mut Config| {
        config.access.hosts = vec!["gate.example".parse().unwrap()];
    };
    let status = async |gateway: &Gateway, origin: &str| {
        let headers = [&forwarded[..], &[("origin", origin)], &HANDSHAKE].concat();
        within(gateway.fetch("GET /ws", &headers)).await.status()
    };
    let (own, forged) = ("http://localhost", "http://gate.example");
    let untrusted = Gateway::with(|config| {
        allow(config);
        config.access.trusted_proxies = vec!["0.0.0.0/0".parse().unwrap()];
    })
    .await;
    assert_eq!(status(&untrusted, forged).await, 403);
    assert_eq!(status(&untrusted, own).await, 101);

    let trusted = Gateway::with(|config| {
        allow(config);
        trust_unix(config);
    })
    .await;
    assert_eq!(status(&trusted, forged).await, 101);
    assert_eq!(status(&trusted, own).await, 403);
    // On a TCP address, nobody is trusted by it.
    let headers = [("x-forwarded-host", "rebound.example")];
    let response = fetch(&trusted.server, "GET /api/info", &headers).await;
    assert_eq!(response.status(), 200);
    let unlisted = [
        ("host", "localhost"),
        ("x-forwarded-host", "rebound.example"),
    ];
    let response = trusted.fetch("GET /api/info", &unlisted).await;
    assert_eq!(response.status(), 421);
}

#[tokio::test]
async fn upstream_receives_the_client_that_a_trusted_proxy_forwards() {
    let upstream = Upstream::bind().await;
    let gateway = Gateway::with(|config| {
        trust_unix(config);
        config.upstreams = vec![format!("{}?proxy=v2", upstream.addr()).parse().unwrap()];
    })
    .await;
    let received = async |forwarded: &[(&str, &str)], len: usize| {
        let headers = [forwarded, &[("host", "localhost")], &HANDSHAKE].concat();
        let response = within(gateway.fetch("GET /ws", &headers)).await;
        assert_eq!(response.status(), 101);
        let mut header = vec![0; len];
        let mut peer = upstream.accept().await;
        within(peer.0.read_exact(&mut header)).await.unwrap();
        header[12..].to_vec()
    };
    let header = received(&[("x-forwarded-for", "203.0.113.7:4660")], 28).await;
    let expected = [
        &[0x21, 0x11, 0, 12][..],
        &CLIENT,
        &[0, 0, 0, 0],
        &[0x12, 0x34, 0, 0],
    ];
    assert_eq!(header, expected.concat());
    // LOCAL: a client on this machine has no address.
    assert_eq!(received(&[], 16).await, [0x20, 0, 0, 0]);
}

#[tokio::test]
async fn proxy_header_is_required_from_unix_if_it_is_a_trusted_proxy() {
    let gateway = Gateway::with(|config| {
        trust_unix(config);
        config.proxy_protocol = true;
        config.limits.max_connections_per_ip = Some(1);
    })
    .await;
    let message = frame("hello");
    let mut torn = gateway.connect_with("tcp", b"").await;
    for byte in [HEADER, &message].concat() {
        torn.write([byte]).await;
        tokio::task::yield_now().await;
    }
    assert_eq!(torn.receive_text().await, "echo : hello");
    // The limit counts the client in the header, and not the proxy.
    let mut again = gateway
        .connect_with("tcp", &[HEADER, &message].concat())
        .await;
    assert_eq!(again.rest_or_reset().await, b"");
    let other = b"PROXY TCP6 2001:db8::7 2001:db8::1 1 2\r\n";
    let mut other = gateway
        .connect_with("tcp", &[other, &message[..]].concat())
        .await;
    assert_eq!(other.receive_text().await, "echo : hello");

    for name in ["tcp", "http"] {
        let mut missing = gateway.connect_with(name, &message).await;
        assert_eq!(missing.rest_or_reset().await, b"");
    }
    drop(torn);
    let stream = gateway.connect_with("http", HEADER).await.0;
    let response = fetch_on(stream, "GET /healthz", &[("host", "localhost")], "").await;
    assert_eq!(response.status(), 200);
}

#[tokio::test]
async fn proxy_header_is_neither_required_nor_accepted_from_unix_otherwise() {
    let gateway = Gateway::with(|config| {
        config.proxy_protocol = true;
        config.access.trusted_proxies = vec!["0.0.0.0/0".parse().unwrap()];
    })
    .await;
    let mut header = gateway.connect_with("http", HEADER).await;
    assert_eq!(header.rest_or_reset().await, b"");
    let response = gateway
        .fetch("GET /healthz", &[("host", "localhost")])
        .await;
    assert_eq!(response.status(), 200);
}

#[tokio::test]
async fn all_peers_on_unix_sockets_are_one_address_for_the_limits() {
    let gateway = Gateway::with(|config| {
        config.limits.max_connections_per_ip = Some(2);
    })
    .await;
    let mut one = gateway.connect_with("tcp", &frame("one")).await;
    let mut two = gateway.connect_with("tcp", &frame("two")).await;
    assert_eq!(one.receive_text().await, "echo : one");
    assert_eq!(two.receive_text().await, "echo : two");
    let metrics = async || {
        gateway
            .fetch("GET /metrics", &[("host", "localhost")])
            .await
    };
    assert_eq!(metrics().await.status(), 503);
    let by_address = fetch(&gateway.server, "GET /metrics", &[]).await;
    assert_eq!(by_address.status(), 200);
    drop(two);
    within(async { while metrics().await.status() != 200 {} }).await;
}

#[tokio::test]
async fn wrong_tokens_are_delayed_by_the_client_that_a_trusted_proxy_forwards() {
    let token = file("0123456789abcdef\n");
    let gateway = Gateway::with(|config| {
        trust_unix(config);
        config.token_file = Some(token.path().into());
    })
    .await;
    let status = async |client: &[(&str, &str)], number: u32| {
        let guess = format!("Bearer wrong-{number}");
        let headers = [("host", "localhost"), ("authorization", guess.as_str())];
        let headers = [client, &headers].concat();
        gateway.fetch("GET /api/info", &headers).await.status()
    };
    let clients = [&[("x-forwarded-for", "203.0.113.7")][..], &[]];
    for client in clients {
        for number in 0..5 {
            assert_eq!(status(client, number).await, 401);
        }
        assert_eq!(status(client, 5).await, 429);
    }
    let other = [("x-forwarded-for", "203.0.113.8")];
    assert_eq!(status(&other, 0).await, 401);
}

/// The gateway is a process of its own here: it knows its own connections by their process.
#[tokio::test]
async fn session_with_the_own_echo_service_counts_and_is_shown_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name| folder.path().join(name);
    let address = |name| format!("unix:{}", path(name).display());
    let recording = path("recording");
    let mut gateway = GatewayProcess::start(&mut framegate(&[
        "--http",
        &address("http"),
        "--tcp",
        &address("tcp"),
        "--monitor",
        "--max-connections-per-ip=2",
        "--record",
        recording.to_str().unwrap(),
    ]));
    gateway.line("echo").await;
    let stream = UnixStream::connect(path("http")).await.unwrap();
    let (socket, _) = within(client_async("ws://localhost/ws", stream))
        .await
        .unwrap();
    let mut browser = Browser(socket);
    browser.check_echo("hello").await;

    let mut watcher = Peer(UnixStream::connect(path("http")).await.unwrap());
    let request = "GET /api/monitor HTTP/1.1\r\nhost: localhost\r\n\r\n";
    watcher.write(request).await;
    let mut events = BufReader::new(&mut watcher.0).lines();
    let (mut opened, mut received) = (0, false);
    while !received {
        let line = within(events.next_line()).await.unwrap().unwrap();
        if line.contains("\"event\":\"open\"") {
            opened += 1;
            browser.check_echo("again").await;
        }
        received = line.contains("\"direction\":\"received\"");
    }
    assert_eq!(opened, 1);

    let refused = UnixStream::connect(path("http")).await.unwrap();
    let refused = fetch_on(refused, "GET /metrics", &[("host", "localhost")], "").await;
    assert_eq!(refused.status(), 503);
    let this = std::process::id();
    let uid = std::os::unix::fs::MetadataExt::uid(&std::fs::metadata(folder.path()).unwrap());
    let peer = format!("peer=\"unix:pid={this},uid={uid}\"");
    assert_contains(&gateway.logged("session opened").await, &peer);
    assert_contains(&gateway.logged("refused a request").await, &peer);
    gateway.signal(testkit::Signal::SIGTERM);
    assert_eq!(browser.closed().await.0, 1001);
    drop((browser, watcher));
    assert_eq!(gateway.ended().await.0, Some(0));
    let records = records(&recording);
    assert_eq!(records[0]["peer"], format!("unix:pid={this},uid={uid}"));
}
