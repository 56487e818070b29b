//! HTTP: the page, the WebSocket handshake, health and metrics.

use futures_util::StreamExt;

use crate::harness::TestServer;
use crate::http_client::{HANDSHAKE, KEY, fetch, handshake, wait_for_metric};
use crate::process::{assert_contains, file};

#[tokio::test]
async fn page_is_revalidated_with_its_etag() {
    let server = TestServer::start().await;
    let first = fetch(&server, "GET /", &[]).await;
    assert_eq!(first.status(), 200);
    assert_eq!(first.header("content-type"), Some("text/html"));
    assert_eq!(first.header("cache-control"), Some("no-cache"));
    assert!(first.body().contains("framegate"));

    let etag = first.header("etag").unwrap();
    let second = fetch(&server, "GET /", &[("if-none-match", etag)]).await;
    assert_eq!(second.status(), 304);
    assert_eq!(second.body(), "");
}

#[tokio::test]
async fn client_library_is_served_to_pages_of_any_origin() {
    let token = file("0123456789abcdef");
    let server = TestServer::with(|config| config.token_file = Some(token.path().into())).await;
    let foreign = ("origin", "https://app.example.com");
    let first = fetch(&server, "GET /client.js", &[foreign]).await;
    assert_eq!(first.status(), 200, "without the token, too");
    assert_eq!(first.header("content-type"), Some("text/javascript"));
    assert_eq!(first.header("access-control-allow-origin"), Some("*"));
    assert_eq!(first.header("cache-control"), Some("no-cache"));
    assert_contains(first.body(), "export class Framegate");

    let etag = ("if-none-match", first.header("etag").unwrap());
    let second = fetch(&server, "GET /client.js", &[foreign, etag]).await;
    assert_eq!(second.status(), 304);

    let page = fetch(&server, "GET /login", &[foreign]).await;
    assert_eq!(page.header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn info_endpoint_describes_the_gateway() {
    let server = TestServer::start().await;
    let response = fetch(&server, "GET /api/info", &[]).await;
    let info: serde_json::Value = serde_json::from_str(response.body()).unwrap();
    assert_eq!(
        info,
        serde_json::json!({
            "version": env!("FRAMEGATE_VERSION"),
            "tcp": server.tcp().to_string(),
            "tcp_addresses": [server.tcp().to_string()],
            "tcp_framing": "u32le",
            "upstreams": [{
                "name": "echo", "path": "ws", "framing": "u32le", "max_frame": 16_777_216,
                "subprotocols": ["binary", "framegate"], "any_subprotocol": false,
            }],
            "resume": { "subprotocol": "framegate.1", "timeout_seconds": 60.0 },
            "token": false,
            "monitor": false,
        })
    );
}

#[tokio::test]
async fn unknown_path_is_404_and_wrong_method_405() {
    let server = TestServer::start().await;
    for path in ["/nothing", "/../Cargo.toml", "/%2e%2e/Cargo.toml", "/ws/"] {
        let response = fetch(&server, &format!("GET {path}"), &[]).await;
        assert_eq!(response.status(), 404, "{path}");
    }
    assert_eq!(fetch(&server, "POST /", &[]).await.status(), 405);
}

#[tokio::test]
async fn handshake_accept_header_matches_the_rfc_6455_example() {
    // The example of section 1.3.
    let server = TestServer::start().await;
    let response = fetch(&server, "GET /ws", &HANDSHAKE).await;
    assert_eq!(response.status(), 101);
    assert_eq!(
        response.header("sec-websocket-accept"),
        Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    );
}

#[tokio::test]
async fn refused_handshake_names_the_cause() {
    let server = TestServer::start().await;

    let plain = fetch(&server, "GET /ws", &[]).await;
    assert_eq!(plain.status(), 426);
    assert_eq!(plain.header("upgrade"), Some("websocket"));
    assert!(plain.body().contains("WebSocket only"));

    let old = fetch(&server, "GET /ws", &handshake("8", KEY)).await;
    assert_eq!(old.status(), 426);
    assert_eq!(old.header("sec-websocket-version"), Some("13"));

    for key in ["", "short", "dGhlIHNhbXBsZQ==", "!!!!!!!!!!!!!!!!!!!!!!=="] {
        let response = fetch(&server, "GET /ws", &handshake("13", key)).await;
        assert_eq!(response.status(), 400, "{key:?}");
        assert!(response.body().contains("Sec-WebSocket-Key"));
    }
}

#[tokio::test]
async fn every_response_has_security_headers() {
    let server = TestServer::start().await;
    for path in ["/", "/api/info", "/nothing", "/ws"] {
        let response = fetch(&server, &format!("GET {path}"), &[]).await;
        let policy = response.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'"));
        assert!(!policy.contains("unsafe-inline"), "{policy}");
        assert_eq!(response.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(response.header("x-frame-options"), Some("DENY"));
    }
}

#[tokio::test]
async fn healthz_and_readyz_are_200_while_serving() {
    let server = TestServer::start().await;
    assert_eq!(fetch(&server, "GET /healthz", &[]).await.status(), 200);
    assert_eq!(fetch(&server, "GET /readyz", &[]).await.status(), 200);
}

/// Sends the Accept header of Prometheus.
#[tokio::test]
async fn metrics_format_is_negotiated_by_accept() {
    let server = TestServer::start().await;
    let accept = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3";
    let openmetrics = fetch(&server, "GET /metrics", &[("accept", accept)]).await;
    let format = openmetrics.header("content-type").unwrap();
    assert!(
        format.starts_with("application/openmetrics-text"),
        "{format}"
    );
    let text = openmetrics.body();
    assert!(text.ends_with("# EOF\n"), "{text}");
    assert_contains(text, "# TYPE framegate_frames_sent counter\n");

    let response = fetch(&server, "GET /metrics", &[]).await;
    let text = response.body();
    for line in [
        "# HELP framegate_frames_sent_total Frames from clients to the upstream.",
        "# TYPE framegate_frames_sent_total counter",
        "framegate_frames_sent_total 0",
        "# TYPE framegate_sessions gauge",
    ] {
        assert!(text.lines().any(|it| it == line), "{line} in {text}");
    }
    assert!(
        !text.contains("# UNIT") && !text.contains("# EOF"),
        "{text}"
    );
}

#[tokio::test]
async fn metrics_count_sessions_frames_and_refusals() {
    let server = TestServer::start().await;
    let mut client = server.connect().await;
    client.check_echo("12345").await;
    let mut browser = server.open().await;
    browser.send("123").await;
    assert_eq!(browser.receive().await.len(), 10);
    let foreign = [("origin", "http://evil.example")];
    assert_eq!(fetch(&server, "GET /ws", &foreign).await.status(), 403);

    let response = fetch(&server, "GET /metrics", &[]).await;
    let format = response.header("content-type").unwrap();
    assert!(format.starts_with("text/plain; version=0.0.4"), "{format}");
    for line in [
        "framegate_sessions 1",
        "framegate_frames_sent_total 1",
        "framegate_payload_sent_bytes_total 3",
        "framegate_frames_received_total 1",
        "framegate_payload_received_bytes_total 10",
        "framegate_connect_duration_seconds_count 1",
        // One of the TCP client, one of the session.
        "framegate_echo_connections 2",
        "framegate_frames_echoed_total 2",
        "framegate_payload_echoed_bytes_total 8",
        "framegate_refused_total{limit=\"origin\"} 1",
    ] {
        let found = response.body().lines().any(|found| found == line);
        assert!(found, "{line} is missing in:\n{}", response.body());
    }

    browser.0.close(None).await.unwrap();
    while browser.0.next().await.is_some() {}
    let ended = "framegate_sessions_ended_total{end=\"client_closed\"} 1";
    // The session ends after the client has received the answer to its Close.
    wait_for_metric(&server, ended).await;
}

/// A proxy would take for the body what the gateway reads as frames.
#[tokio::test]
async fn handshake_with_a_body_is_refused() {
    let server = TestServer::start().await;
    for body in [
        ("content-length", "5"),
        ("content-length", "5, 5"),
        ("transfer-encoding", "chunked"),
    ] {
        let headers = [&HANDSHAKE[..], &[body]].concat();
        let refused = fetch(&server, "GET /ws", &headers).await;
        assert_eq!(refused.status(), 400, "{body:?}");
    }
    let headers = [&HANDSHAKE[..], &[("content-length", "5")]].concat();
    let refused = fetch(&server, "GET /ws", &headers).await;
    assert!(
        refused
            .body()
            .starts_with("a WebSocket handshake has no body")
    );
    let empty = [&HANDSHAKE[..], &[("content-length", "0")]].concat();
    assert_eq!(fetch(&server, "GET /ws", &empty).await.status(), 101);
}

#[tokio::test]
async fn handshake_with_a_repeated_header_is_refused() {
    let server = TestServer::start().await;
    for repeated in [("sec-websocket-key", KEY), ("sec-websocket-version", "13")] {
        let mut headers = HANDSHAKE.to_vec();
        headers.push(repeated);
        let response = fetch(&server, "GET /ws", &headers).await;
        assert_eq!(response.status(), 400);
        assert_contains(response.body(), repeated.0);
    }
}

#[tokio::test]
async fn repeated_or_malformed_host_is_refused_beside_an_absolute_target() {
    let server = TestServer::start().await;
    let status = async |hosts: &[(&str, &str)]| {
        let request = "GET http://localhost/healthz2";
        crate::http_client::fetch_exactly(&server, request, hosts)
            .await
            .status()
    };
    assert_eq!(
        status(&[("host", "localhost"), ("host", "localhost")]).await,
        400
    );
    assert_eq!(status(&[("host", "a@b")]).await, 400);
    assert_eq!(status(&[("host", "localhost")]).await, 404);
}

#[tokio::test]
async fn head_is_answered_as_get_without_a_body() {
    let server = TestServer::start().await;
    for path in ["/", "/api/info", "/metrics", "/healthz", "/ws", "/nothing"] {
        let get = fetch(&server, &format!("GET {path}"), &[]).await;
        let head = fetch(&server, &format!("HEAD {path}"), &[]).await;
        assert_eq!(head.status(), get.status(), "{path}");
        assert_eq!(
            head.header("content-type"),
            get.header("content-type"),
            "{path}"
        );
        assert_eq!(head.body(), "", "{path}");
    }
    for request in ["TRACE /", "CONNECT localhost:80", "OPTIONS *"] {
        let status = fetch(&server, request, &[]).await.status();
        assert!((400..500).contains(&status), "{request}: {status}");
    }
}
