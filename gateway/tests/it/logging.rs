//! Logging: connections and sessions are logged, payloads and secrets are not.

use data_encoding::BASE64URL_NOPAD;
use futures_util::{SinkExt, StreamExt};
use testkit::{FREE_PORTS, Signal};
use tokio::net::TcpStream;
use tokio_tungstenite::MaybeTlsStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::harness::within;
use crate::http_client::{HANDSHAKE, fetch_on};
use crate::process::{GatewayProcess, assert_contains, file, framegate, output, text};

#[tokio::test]
async fn connects_and_disconnects_are_logged_without_payloads() {
    let mut gateway = GatewayProcess::start(&mut framegate(&FREE_PORTS));
    let mut client = gateway.connect().await;
    let peer = client.0.local_addr().unwrap();
    client.check_echo("a secret").await;
    client.half_close().await;
    assert_eq!(client.receive().await, None);
    gateway.signal(Signal::SIGTERM);

    let (status, log) = gateway.ended().await;
    assert_eq!(status, Some(0));
    assert_contains(&log, &format!("peer={peer}"));
    assert_contains(&log, ": connected");
    assert_contains(&log, ": disconnected frames=1");
    assert!(!log.contains("secret"), "{log}");
}

#[tokio::test]
async fn payloads_are_logged_at_trace_level() {
    let mut gateway = GatewayProcess::start(framegate(&FREE_PORTS).env("RUST_LOG", "trace"));
    let mut client = gateway.connect().await;
    client.check_echo("no secret").await;
    drop(client);
    gateway.signal(Signal::SIGTERM);
    assert!(gateway.ended().await.1.contains("no secret"));
}

#[tokio::test]
async fn json_log_format_writes_one_object_per_line() {
    let mut gateway = GatewayProcess::start(framegate(&FREE_PORTS).args(["--log-format", "json"]));
    let mut client = gateway.connect().await;
    client.check_echo("hello").await;
    client.half_close().await;
    assert_eq!(client.receive().await, None);
    gateway.signal(Signal::SIGTERM);
    let log = gateway.ended().await.1;
    let lines: Vec<serde_json::Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let ended = lines
        .iter()
        .find(|line| line["message"] == "disconnected")
        .unwrap();
    assert_eq!(ended["frames"], 1);
    assert_eq!(ended["span"]["name"], "echo");
}

#[tokio::test]
async fn session_end_is_logged_with_all_fields() {
    let mut command = framegate(&FREE_PORTS);
    command.args(["--log-format", "json", "--trusted-proxy", "127.0.0.1"]);
    let mut gateway = GatewayProcess::start(&mut command);
    let url = gateway.url("bridge").await;
    let mut request = url.into_client_request().unwrap();
    let forwarded = "198.51.100.7".parse().unwrap();
    request.headers_mut().insert("x-forwarded-for", forwarded);
    let (mut socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();
    socket.send(Message::text("hello")).await.unwrap();
    assert_eq!(
        within(socket.next()).await.unwrap().unwrap(),
        Message::text("echo : hello")
    );
    let MaybeTlsStream::Plain(stream) = socket.get_ref() else {
        unreachable!("the URL begins with ws:");
    };
    let peer = stream.local_addr().unwrap().to_string();
    gateway.signal(Signal::SIGTERM);
    while within(socket.next()).await.is_some() {}
    drop(socket);

    let log = gateway.ended().await.1;
    let lines = log.lines().map(|line| serde_json::from_str(line).unwrap());
    let mut lines = lines.filter(|line: &serde_json::Value| line["span"]["name"] == "session");
    let ended = lines.next_back().unwrap();
    assert_eq!(ended["message"], "session ended: gateway is shutting down");
    assert_eq!(ended["code"], 1001);
    assert_eq!(
        (&ended["sent"], &ended["sent_bytes"]),
        (&1.into(), &5.into())
    );
    assert_eq!(
        (&ended["received"], &ended["received_bytes"]),
        (&1.into(), &12.into())
    );
    let span = &ended["span"];
    assert_eq!((&span["id"], &span["peer"]), (&1.into(), &peer.into()));
    assert_eq!(
        (&span["client"], &span["upstream"]),
        (&"198.51.100.7".into(), &"echo".into())
    );
}

#[tokio::test]
async fn token_cookie_and_login_code_are_not_logged() {
    let token = file("correct-horse-battery");
    let path = token.path().to_str().unwrap();
    let mut command = framegate(&FREE_PORTS);
    command
        .args(["--token-file", path])
        .env("RUST_LOG", "trace");
    let mut gateway = GatewayProcess::start(&mut command);
    let page = gateway.url("page").await;
    let link = output(&["login-link", "--token-file", path, &page]).await;
    let link = text(&link.stdout);
    let (addr, query) = link
        .trim_end()
        .strip_prefix("http://")
        .unwrap()
        .split_once('/')
        .unwrap();
    let code = query.strip_prefix("login?code=").unwrap();
    let get = async |path: &str, header: (&str, &str)| {
        let stream = TcpStream::connect(addr).await.unwrap();
        let headers = [("host", addr), header];
        fetch_on(stream, &format!("GET /{path}"), &headers, "").await
    };
    assert_eq!(get("", ("x", "y")).await.status(), 303);
    let welcome = get(query, ("x", "y")).await;
    let cookie = welcome
        .header("set-cookie")
        .unwrap()
        .split(';')
        .next()
        .unwrap();
    assert_eq!(get("", ("cookie", cookie)).await.status(), 200);
    let bearer = "Bearer correct-horse-battery";
    assert_eq!(get("", ("authorization", bearer)).await.status(), 200);
    let encoded = BASE64URL_NOPAD.encode(b"correct-horse-battery");
    for (offers, status) in [
        (format!("framegate, framegate.token.{encoded}"), 101),
        (format!("framegate.token.{encoded}"), 101),
        (format!("framegate.token.{encoded}x"), 401),
        (format!("mqtt, FrameGate.Token.{encoded}"), 401),
    ] {
        let offers = ("sec-websocket-protocol", offers.as_str());
        assert_eq!(upgrade(addr, &[offers]).await, status);
    }
    // With the cookie, so that the session begins and logs the offers.
    let offers = format!("mqtt, FrameGate.Token.{encoded}");
    let headers = [("cookie", cookie), ("sec-websocket-protocol", &offers)];
    assert_eq!(upgrade(addr, &headers).await, 101);
    gateway.signal(Signal::SIGTERM);

    let log = gateway.ended().await.1;
    assert_contains(&log, "framegate.token.…");
    let cookie = cookie.split_once('=').unwrap().1;
    for secret in ["correct-horse", &encoded, code, cookie] {
        assert!(!log.contains(secret), "{secret} is in the log:\n{log}");
    }
}

/// Opens a session, closes it with `reason`, and returns what is logged.
async fn log_of_a_close(format: &str, path: &str, reason: &str) -> String {
    let mut command = framegate(&FREE_PORTS);
    command.args(["--log-format", format]);
    let mut gateway = GatewayProcess::start(&mut command);
    let url = gateway.url("bridge").await;
    let (mut socket, _) = tokio_tungstenite::connect_async(format!("{url}{path}"))
        .await
        .unwrap();
    let close = CloseFrame {
        code: CloseCode::Normal,
        reason: reason.into(),
    };
    // Fails if the gateway has closed the session already.
    let _ = socket.close(Some(close)).await;
    while within(socket.next()).await.is_some() {}
    gateway.signal(Signal::SIGTERM);
    gateway.ended().await.1
}

#[tokio::test]
async fn close_reason_cannot_forge_a_log_line() {
    let forged = "bye\r\n2026-01-01T00:00:00Z  INFO forged \u{202e}\u{1b}[2J";
    for format in ["text", "json"] {
        let log = log_of_a_close(format, "", forged).await;
        let lines = log.lines().filter(|line| line.contains("forged"));
        let lines: Vec<_> = lines.collect();
        assert_eq!(lines.len(), 1, "{log}");
        assert!(lines[0].contains("session ended"), "{log}");
        assert!(!log.contains(['\r', '\u{1b}', '\u{202e}']), "{log:?}");
    }
}

#[tokio::test]
async fn long_name_makes_no_long_log_line() {
    let path = format!("/{}", "x".repeat(20_000));
    for format in ["text", "json"] {
        let log = log_of_a_close(format, &path, "").await;
        assert_contains(&log, "there is no upstream called");
        assert!(log.lines().all(|line| line.len() < 5000), "{log}");
    }
}

/// Sends a WebSocket handshake with `headers`; returns the status.
async fn upgrade(addr: &str, headers: &[(&str, &str)]) -> u16 {
    let stream = TcpStream::connect(addr).await.unwrap();
    let headers = [&HANDSHAKE[..], &[("host", addr)], headers].concat();
    fetch_on(stream, "GET /ws", &headers, "").await.status()
}
