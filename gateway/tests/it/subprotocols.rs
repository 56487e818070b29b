//! Subprotocols: the choice among a client's offers, and its log line.

use protocol::Framing;
use testkit::{FREE_PORTS, Signal};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

use crate::framings::start_with;
use crate::harness::{Peer, TestServer, Upstream};
use crate::http_client::{HANDSHAKE, fetch};
use crate::process::{GatewayProcess, assert_contains, framegate, output, text};
use crate::upstreams::with_upstreams;

/// Sends a WebSocket handshake with these headers of offers; checks the confirmed one.
async fn check(server: &TestServer, path: &str, offers: &[&str], confirmed: Option<&str>) {
    let headers = offers.iter().map(|it| ("sec-websocket-protocol", *it));
    let headers: Vec<_> = HANDSHAKE.into_iter().chain(headers).collect();
    let response = fetch(server, &format!("GET /{path}"), &headers).await;
    assert_eq!(response.status(), 101);
    let found = response.header("sec-websocket-protocol");
    assert_eq!(found, confirmed, "{path} {offers:?}");
}

#[tokio::test]
async fn first_offer_that_the_upstream_has_is_confirmed() {
    let server = with_upstreams(&[
        "lines=127.0.0.1:1?framing=lines&subprotocol=b&subprotocol=a".into(),
        "raw=127.0.0.1:1?framing=raw&subprotocol=mqtt".into(),
        "plain=127.0.0.1:1".into(),
    ])
    .await;
    check(&server, "ws/lines", &[], None).await;
    check(&server, "ws/lines", &[""], None).await;
    check(&server, "ws/lines", &["a, b"], Some("a")).await;
    check(&server, "ws/lines", &["x", "y,b , a"], Some("b")).await;
    check(&server, "ws/lines", &["binary,a"], Some("binary")).await;
    check(&server, "ws/lines", &["A"], None).await;
    check(&server, "ws/raw", &["mqttv3.1, mqtt"], Some("mqtt")).await;
    check(&server, "ws/raw", &["amqp"], None).await;
    check(&server, "ws/plain", &["mqtt"], None).await;
    check(&server, "ws/plain", &["base64, binary"], Some("binary")).await;
    check(&server, "ws/plain", &["Binary"], None).await;
    check(
        &server,
        "ws/plain",
        &["mqtt", "framegate"],
        Some("framegate"),
    )
    .await;
    check(&server, "ws/echo", &["a"], None).await;
}

#[tokio::test]
async fn raw_upstream_without_the_setting_confirms_the_first_offer() {
    let server = start_with(Framing::Raw).await;
    check(&server, "ws", &[], None).await;
    check(&server, "ws", &["mqtt"], Some("mqtt")).await;
    check(&server, "ws", &["v12.stomp, v11.stomp"], Some("v12.stomp")).await;
    check(&server, "ws", &["AMQPWSB10", "amqp"], Some("AMQPWSB10")).await;
    // Messages that are encoded in base64 do not pass through unchanged.
    check(&server, "ws", &["base64, binary"], Some("binary")).await;
    check(&server, "ws", &["base64"], None).await;
    check(&server, "ws", &["framegate.token.YQ, xmpp"], Some("xmpp")).await;
    check(&server, "ws", &["framegate.token.YQ"], None).await;
    check(&server, "ws", &["Framegate.Token.YQ"], None).await;
    check(&server, "ws", &["no name, \"quoted\", a/b"], None).await;
    check(&server, "ws", &[&"x".repeat(101)], None).await;
}

#[tokio::test]
async fn messages_are_binary_under_any_subprotocol_of_a_raw_upstream() {
    let upstream = Upstream::bind().await;
    let any = format!("any={}?framing=raw", upstream.addr());
    let listed = format!("listed={}?framing=raw&subprotocol=mqtt", upstream.addr());
    let server = with_upstreams(&[any, listed]).await;
    for path in ["ws/any", "ws/listed"] {
        let (mut browser, confirmed) = server.open_offering(path, "mqtt").await;
        assert_eq!(confirmed.as_deref(), Some("mqtt"));
        let mut peer = upstream.accept().await;
        browser.send("hello").await;
        peer.write("hello").await;
        assert_eq!(browser.receive().await, Message::binary("hello"));
    }
}

#[tokio::test]
async fn only_the_subprotocol_binary_disables_text_messages_of_a_framed_upstream() {
    let upstream = Upstream::bind().await;
    let server = with_upstreams(&[format!("{}?subprotocol=chat", upstream.addr())]).await;
    for (name, reply) in [
        ("binary", Message::binary("hello")),
        ("chat", Message::text("hello")),
        ("framegate", Message::text("hello")),
    ] {
        let (mut browser, confirmed) = server.open_offering("ws", name).await;
        assert_eq!(confirmed.as_deref(), Some(name));
        let mut peer = upstream.accept().await;
        browser.send("hello").await;
        assert_eq!(peer.receive_text().await, "hello");
        peer.send("hello").await;
        assert_eq!(browser.receive().await, reply, "{name}");
    }
}

#[tokio::test]
async fn unknown_upstream_is_told_under_any_subprotocol() {
    let server = TestServer::start().await;
    let (mut browser, _) = server.open_offering("ws/nope", "mqtt").await;
    let reason = "there is no upstream called \"nope\"".into();
    assert_eq!(browser.closed().await, (1008, reason));
}

#[tokio::test]
async fn info_endpoint_lists_the_subprotocols() {
    let server = with_upstreams(&[
        "127.0.0.1:1?framing=raw&subprotocol=mqtt&subprotocol=mqtt".into(),
        "any=127.0.0.1:1?framing=raw".into(),
    ])
    .await;
    let response = fetch(&server, "GET /api/info", &[]).await;
    let info: serde_json::Value = serde_json::from_str(response.body()).unwrap();
    let subprotocols = |at: usize| &info["upstreams"][at]["subprotocols"];
    assert_eq!(
        *subprotocols(0),
        serde_json::json!(["mqtt", "binary", "framegate"])
    );
    assert_eq!(info["upstreams"][0]["any_subprotocol"], false);
    assert_eq!(*subprotocols(1), serde_json::json!(["binary", "framegate"]));
    assert_eq!(info["upstreams"][1]["any_subprotocol"], true);
}

/// Offers these to a gateway with one framed upstream; returns its log.
async fn log_of_offers(more: &[&str], offers: &[&[u8]]) -> String {
    let mut gateway = GatewayProcess::start(framegate(&FREE_PORTS).args(more));
    let url = gateway.url("bridge").await;
    let addr = url.split('/').nth(2).unwrap();
    let mut request = format!("GET /ws HTTP/1.1\r\nhost: {addr}\r\n");
    for (name, value) in HANDSHAKE {
        request += &format!("{name}: {value}\r\n");
    }
    request += "sec-websocket-protocol: ";
    let mut client = Peer(TcpStream::connect(addr).await.unwrap());
    let offers = offers.join(&b", "[..]);
    let request = [request.as_bytes(), &offers, b"\r\n\r\n"].concat();
    client.write(request).await;
    client.half_close().await;
    let response = client.rest_or_reset().await;
    assert!(response.starts_with(b"HTTP/1.1 101 "));
    gateway.logged("session opened").await;
    gateway.signal(Signal::SIGTERM);
    gateway.ended().await.1
}

#[tokio::test]
async fn log_names_the_offers_and_the_setting_that_confirms_one() {
    let upstream = ["--upstream", "127.0.0.1:1"];
    let log = log_of_offers(&upstream, &[b"mqttv3.1", b"mqtt"]).await;
    assert_contains(
        &log,
        ": mqttv3.1, mqtt; subprotocol=mqttv3.1 in the settings of --upstream",
    );
    let log = log_of_offers(&[], &[b"mqtt"]).await;
    assert_contains(&log, "the echo service confirms framegate and binary");
    let log = log_of_offers(&upstream, &[b"framegate.token.c2VjcmV0"]).await;
    assert_contains(
        &log,
        ": framegate.token.…; offer framegate or binary as well",
    );
}

#[tokio::test]
async fn offers_are_bounded_and_escaped_in_the_log() {
    let long = [b'x'; 20_000];
    let bidi = "a\u{202e}b".as_bytes();
    let many = [&b"n"[..]; 100];
    let offers = [&[&long[..], b"say \"no\"", bidi, b"\xff"], &many[..]].concat();
    let log = log_of_offers(&["--upstream", "127.0.0.1:1"], &offers).await;
    let shown = format!("{}…, say \"no\", a\\u{{202e}}b, \\xff, ", "x".repeat(32));
    assert_contains(&log, &shown);
    assert_contains(&log, "n, 96 more; subprotocol=n in");
    assert!(log.lines().all(|line| line.len() < 1000), "{log}");
}

#[tokio::test]
async fn impossible_subprotocol_is_refused_at_start() {
    for (setting, expected) in [
        ("subprotocol=", "\"\" is not a subprotocol"),
        ("subprotocol=\"mqtt\"", "expected a name such as mqtt"),
        ("subprotocol=framegate.token.x", "is never confirmed"),
        ("subprotocols=mqtt", "first-received, proxy=v2, subprotocol"),
    ] {
        let upstream = format!("127.0.0.1:1?{setting}");
        let output = output(&["--upstream", &upstream]).await;
        assert_eq!(output.status.code(), Some(2), "{setting}");
        assert_contains(&text(&output.stderr), expected);
    }
}
