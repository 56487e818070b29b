//! Resumable sessions at their limits: backpressure, connection limits, and the PROXY protocol.

use std::time::Duration;

use gateway::Config;
use testkit::FREE_PORTS;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, client_async};

use crate::admin_listener::fetch_admin;
use crate::harness::{Browser, Peer, TestServer, Upstream, any_port, frame, within};
use crate::http_client::{HANDSHAKE, fetch, fetch_on};
use crate::process::{GatewayProcess, framegate};
use crate::resumable_client::ResumableClient;

/// Length of a message of the flood, and the count of them: more bytes than the buffers of all
/// sockets hold.
const LEN: usize = 10_000;
const COUNT: u32 = 4000;

/// Sends the messages of the flood, each with its number, and counts those that are written.
async fn flood(mut service: Peer, written: watch::Sender<u32>) -> Peer {
    for number in 0..COUNT {
        let message = [&number.to_le_bytes()[..], &[7; LEN - 4]].concat();
        service.0.write_all(&frame(message)).await.unwrap();
        written.send_replace(number + 1);
    }
    service
}

/// Waits until nothing more can be written; returns the count of messages that were.
async fn stalled(written: &mut watch::Receiver<u32>) -> u32 {
    while let Ok(Ok(())) = timeout(Duration::from_millis(500), written.changed()).await {}
    *written.borrow()
}

/// Receives the next message of the flood, and checks its number.
async fn receive_numbered(client: &mut ResumableClient) {
    let number = u32::try_from(client.received).unwrap();
    let message = client.receive().await;
    assert_eq!(message.payload.len(), LEN);
    assert_eq!(message.payload[..4], number.to_le_bytes());
}

#[cfg(target_os = "linux")]
fn resident_kib(gateway: &GatewayProcess) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", gateway.pid())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1));
    kib.unwrap().parse().unwrap()
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn client_that_acknowledges_nothing_holds_the_service_back_and_loses_nothing() {
    let upstream = Upstream::bind().await;
    let option = format!("--upstream={}", upstream.addr());
    let options = [&FREE_PORTS[..], &[&option, "--resume-buffer=98KiB"]].concat();
    let mut gateway = GatewayProcess::start(&mut framegate(&options));
    let mut request = gateway.url("bridge").await.into_client_request().unwrap();
    let offer = "framegate.1".parse().unwrap();
    request
        .headers_mut()
        .insert("sec-websocket-protocol", offer);
    let opened = within(tokio_tungstenite::connect_async(request)).await;
    let mut client = ResumableClient::greeted(Browser(opened.unwrap().0), 0).await;
    let before = resident_kib(&gateway);

    let (sender, mut written) = watch::channel(0);
    let flooding = tokio::spawn(flood(upstream.accept().await, sender));
    // 98 KiB have room for ten messages of 10,005 bytes.
    for _ in 0..10 {
        receive_numbered(&mut client).await;
    }
    let held_at = stalled(&mut written).await;
    assert!(held_at < COUNT, "the service is held back");
    client.browser.send(Message::Ping("still".into())).await;
    let next = client.browser.receive().await;
    assert_eq!(next, Message::Pong("still".into()), "no eleventh message");
    let grown = resident_kib(&gateway) - before;
    assert!(grown < 4096, "{grown} KiB more for {held_at} messages");

    while client.received < COUNT.into() {
        client.acknowledge().await;
        receive_numbered(&mut client).await;
    }
    within(flooding).await.unwrap();
    let grown = resident_kib(&gateway) - before;
    assert!(grown < 4096, "{grown} KiB more after {COUNT} messages");
}

async fn server_for(upstream: &Upstream, change: impl FnOnce(&mut Config)) -> TestServer {
    TestServer::with(|config| {
        config.upstreams = vec![upstream.addr().to_string().parse().unwrap()];
        change(config);
    })
    .await
}

/// Neither a loss nor a takeover takes a place beside the session's own.
#[tokio::test]
async fn returning_client_needs_no_second_place() {
    let upstream = Upstream::bind().await;
    let server = server_for(&upstream, |config| {
        config.limits.max_connections = Some(1);
        config.admin = vec![any_port()];
    })
    .await;
    let mut client = ResumableClient::open(&server, "ws").await;
    let mut service = upstream.accept().await;
    for round in 0..3 {
        let text = format!("round {round}");
        client.send(&text).await;
        assert_eq!(service.receive_text().await, text);
        let mut taken_over = client;
        client = taken_over.resume(&server, "ws").await;
        assert_eq!(taken_over.closed().await.0, 4409);
        client = client.lose_and_resume(&server, "ws").await;
        assert_eq!(client.hello["received"], round + 1);
    }
    let metrics = fetch_admin(&server, "GET /metrics").await;
    let refused = r#"limit="connections""#;
    assert!(!metrics.body().contains(refused), "{}", metrics.body());
}

/// A connection over the limit begins nothing new, whatever its query says.
#[tokio::test]
async fn only_a_known_token_is_let_in_over_the_limit() {
    let upstream = Upstream::bind().await;
    let server = server_for(&upstream, |config| {
        config.limits.max_connections = Some(1);
    })
    .await;
    let client = ResumableClient::open(&server, "ws").await;
    let _service = upstream.accept().await;
    let full = "all 1 connections that this gateway takes are in use: --max-connections\n";
    let check = async |path: &str, offer: Option<&str>| {
        let offer = offer.map(|offer| ("sec-websocket-protocol", offer));
        let headers: Vec<_> = HANDSHAKE.into_iter().chain(offer).collect();
        let response = fetch(&server, &format!("GET /{path}"), &headers).await;
        assert_eq!((response.status(), response.body()), (503, full), "{path}");
    };
    let query = |token: &str| format!("resume={token}&received=0");
    let known = query(client.token());
    check("ws", Some("framegate.1")).await;
    check(
        &format!("ws?{}", query("gate.unknown")),
        Some("framegate.1"),
    )
    .await;
    check(&format!("ws?{known}"), None).await;
    check(&format!("ws?{known}"), Some("binary")).await;
    check(&format!("ws/none?{known}"), Some("framegate.1")).await;
    check(&format!("?{known}"), None).await;
    check(&format!("api/monitor?{known}"), None).await;
    assert_eq!(client.resume(&server, "ws").await.hello["received"], 0);
}

/// Connects, with a PROXY header for `client`.
async fn connect_for(server: &TestServer, client: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.http()).await.unwrap();
    let header = format!("PROXY TCP4 {client} 198.51.100.1 4660 443\r\n");
    stream.write_all(header.as_bytes()).await.unwrap();
    stream
}

/// Opens or resumes a session on a connection with a PROXY header for `client`.
async fn open_for(server: &TestServer, client: &str, query: &str) -> ResumableClient {
    let url = format!("ws://{}/ws{query}", server.http());
    let mut request = url.into_client_request().unwrap();
    let offer = "framegate.1".parse().unwrap();
    request
        .headers_mut()
        .insert("sec-websocket-protocol", offer);
    let stream = MaybeTlsStream::Plain(connect_for(server, client).await);
    let (socket, _) = within(client_async(request, stream)).await.unwrap();
    ResumableClient::greeted(Browser(socket), 0).await
}

/// A phone that changes networks comes back from another address. The service keeps its
/// connection, and has been told the first one.
#[tokio::test]
async fn session_behind_a_proxy_is_resumed_from_another_address() {
    let upstream = Upstream::bind().await;
    let server = TestServer::with(|config| {
        config.proxy_protocol = true;
        config.access.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
        config.limits.max_connections_per_ip = Some(1);
        config.upstreams = vec![format!("{}?proxy=v2", upstream.addr()).parse().unwrap()];
    })
    .await;
    let (wifi, mobile) = ("203.0.113.7", "192.0.2.9");
    let is_free = async |client: &str| {
        let stream = connect_for(&server, client).await;
        let response = fetch_on(stream, "GET /api/info", &[("host", "localhost")], "").await;
        response.status() == 200
    };
    let mut client = open_for(&server, wifi, "").await;
    let mut service = upstream.accept().await;
    let header = service.read(28).await;
    assert_eq!(header[16..20], [203, 0, 113, 7]);
    client.send("one").await;
    assert_eq!(service.receive_text().await, "one");
    assert!(!is_free(wifi).await);

    // The loss is not noticed yet: the address has no place beside the session's.
    let query = |client: &ResumableClient| format!("?resume={}&received=0", client.token());
    let mut again = open_for(&server, wifi, &query(&client)).await;
    again.acknowledge().await;
    assert_eq!(client.closed().await.0, 4409);

    let mut client = open_for(&server, mobile, &query(&again)).await;
    assert_eq!(client.hello["received"], 1);
    client.send("two").await;
    assert_eq!(service.receive_text().await, "two");
    service.send("reply").await;
    assert_eq!(client.receive_text().await, "reply");
    assert!(is_free(wifi).await && !is_free(mobile).await);
    client.browser.0.close(None).await.unwrap();
    assert_eq!(service.rest().await, b"", "all on one connection");
}
