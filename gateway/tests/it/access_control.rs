//! Access control: the Host allow-list and the Origin allow-list.

use crate::harness::TestServer;
use crate::http_client::{HANDSHAKE, fetch, fetch_exactly};
use crate::process::{assert_contains, output, text};

/// Sends a WebSocket handshake with these Host and Origin headers; returns the status.
async fn handshake_status(server: &TestServer, host: &str, origin: &str) -> u16 {
    let mut headers = vec![("host", host), ("origin", origin)];
    headers.extend(HANDSHAKE);
    fetch_exactly(server, "GET /ws", &headers).await.status()
}

#[tokio::test]
async fn websocket_handshake_from_another_origin_is_refused() {
    let server = TestServer::start().await;
    let host = server.http().to_string();
    let own = format!("http://{host}");
    assert_eq!(handshake_status(&server, &host, &own).await, 101);
    assert_eq!(
        handshake_status(&server, &host, "http://evil.example").await,
        403
    );
    assert_eq!(
        handshake_status(&server, &host, "http://127.0.0.1:1").await,
        403
    );
    assert_eq!(handshake_status(&server, &host, "null").await, 403);
}

#[tokio::test]
async fn allowed_origin_may_open_websockets() {
    let server = TestServer::with(|config| {
        config.access.origins = ["https://app.example", "https://full.example."]
            .map(|origin| origin.parse().unwrap())
            .into();
    })
    .await;
    let host = server.http().to_string();
    for origin in ["https://app.example.", "https://full.example"] {
        assert_eq!(handshake_status(&server, &host, origin).await, 101);
    }
    assert_eq!(
        handshake_status(&server, &host, "https://app.example").await,
        101
    );
    assert_eq!(
        handshake_status(&server, &host, "http://app.example").await,
        403
    );
}

#[tokio::test]
async fn refused_origin_response_names_the_option() {
    let server = TestServer::start().await;
    let mut headers = vec![("origin", "http://evil.example")];
    headers.extend(HANDSHAKE);
    let response = fetch(&server, "GET /ws", &headers).await;
    assert_contains(response.body(), "--allow-origin");
}

#[tokio::test]
async fn unlisted_host_is_refused_against_dns_rebinding() {
    let server = TestServer::with(|config| {
        config.access.hosts = vec!["gate.example".parse().unwrap()];
    })
    .await;
    let status = async |host| {
        let response = fetch_exactly(&server, "GET /", &[("host", host)]).await;
        response.status()
    };
    assert_eq!(status("localhost:3000").await, 200);
    assert_eq!(status("gate.example").await, 200);
    // As browsers send it after http://gate.example./ is entered.
    assert_eq!(status("gate.example.").await, 200);
    assert_eq!(status("rebound.example:3000").await, 421);
    // DNS rebinding: Origin and Host agree, and only the Host is not on its allow-list.
    let upgrade = handshake_status(&server, "rebound.example", "http://rebound.example").await;
    assert_eq!(upgrade, 421);
    for malformed in ["localhost:+3000", "localhost:x", "localhost:65536"] {
        assert_eq!(status(malformed).await, 400, "{malformed}");
    }
    assert_eq!(fetch_exactly(&server, "GET /", &[]).await.status(), 400);
}

#[tokio::test]
async fn forwarded_host_and_scheme_count_only_from_a_trusted_proxy() {
    let upgrade = async |trusted: &[&str], origin| {
        let server = TestServer::with(|config| {
            config.access.hosts = vec!["gate.example".parse().unwrap()];
            config.access.trusted_proxies = trusted.iter().map(|p| p.parse().unwrap()).collect();
        })
        .await;
        let mut headers = vec![
            ("x-forwarded-host", "gate.example"),
            ("x-forwarded-proto", "https"),
            ("origin", origin),
        ];
        headers.extend(HANDSHAKE);
        fetch(&server, "GET /ws", &headers).await.status()
    };
    assert_eq!(upgrade(&["127.0.0.1"], "https://gate.example").await, 101);
    assert_eq!(upgrade(&["127.0.0.0/8"], "http://gate.example").await, 403);
    assert_eq!(upgrade(&["192.0.2.1"], "https://gate.example").await, 403);
    assert_eq!(upgrade(&[], "https://gate.example").await, 403);
}

#[tokio::test]
async fn unlisted_forwarded_host_is_refused() {
    let server = TestServer::with(|config| {
        config.access.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    })
    .await;
    let headers = [("x-forwarded-host", "rebound.example")];
    assert_eq!(fetch(&server, "GET /", &headers).await.status(), 421);
}

#[tokio::test]
async fn wildcards_allow_hosts_and_origins_below_a_domain() {
    let server = TestServer::with(|config| {
        config.access.hosts = vec!["*.example.com".parse().unwrap()];
        config.access.origins = vec!["https://*.app.example".parse().unwrap()];
    })
    .await;
    for (host, origin, status) in [
        ("a.example.com", "https://b.app.example", 101),
        ("a.b.example.com", "https://c.b.app.example", 101),
        ("example.com", "https://b.app.example", 421),
        ("a.example.com", "https://app.example", 403),
        ("a.example.com", "http://b.app.example", 403),
    ] {
        let upgrade = handshake_status(&server, host, origin).await;
        assert_eq!(upgrade, status, "{host} {origin}");
    }
}

#[tokio::test]
async fn entry_that_would_never_match_stops_the_start_with_the_right_one() {
    for (option, entry, right) in [
        (
            "--allow-origin",
            "https://a.example/",
            "write https://a.example",
        ),
        (
            "--allow-origin",
            "\"https://a.example\"",
            "write https://a.example",
        ),
        ("--allow-origin", "https://*", "would never match"),
        ("--allow-origin", "null", "serve the page by HTTP"),
        ("--allow-host", "https://a.example", "write a.example"),
        ("--allow-host", "a.example:443", "write a.example"),
        ("--trusted-proxy", "10.0.0.1:80", "write 10.0.0.1"),
    ] {
        let refused = output(&["serve", option, entry]).await;
        assert_eq!(refused.status.code(), Some(2), "{option} {entry}");
        assert_contains(&text(&refused.stderr), right);
    }
}
