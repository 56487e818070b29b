//! Who may come in.

use crate::harness::TestServer;
use crate::http_client::{KEY, ask, ask_exactly, handshake};

/// The status that a handshake for `host` from a page of `origin` gets.
async fn handshake_from(server: &TestServer, host: &str, origin: &str) -> u16 {
    let mut headers = vec![("host", host), ("origin", origin)];
    headers.extend(handshake("13", KEY));
    ask_exactly(server, "GET /ws", &headers).await.status()
}

#[tokio::test]
async fn websocket_handshake_from_another_origin_is_refused() {
    let server = TestServer::start().await;
    let host = server.http().to_string();
    let own = format!("http://{host}");
    assert_eq!(handshake_from(&server, &host, &own).await, 101);
    assert_eq!(
        handshake_from(&server, &host, "http://evil.example").await,
        403
    );
    assert_eq!(
        handshake_from(&server, &host, "http://127.0.0.1:1").await,
        403
    );
    assert_eq!(handshake_from(&server, &host, "null").await, 403);
}

#[tokio::test]
async fn allowed_origin_may_open_websockets() {
    let server = TestServer::with(|config| {
        config.access.origins = vec!["https://app.example".parse().unwrap()];
    })
    .await;
    let host = server.http().to_string();
    assert_eq!(
        handshake_from(&server, &host, "https://app.example").await,
        101
    );
    assert_eq!(
        handshake_from(&server, &host, "http://app.example").await,
        403
    );
}

#[tokio::test]
async fn refused_origin_response_names_the_option() {
    let server = TestServer::start().await;
    let mut headers = vec![("origin", "http://evil.example")];
    headers.extend(handshake("13", KEY));
    let answer = ask(&server, "GET /ws", &headers).await;
    assert!(
        answer.body().contains("--allow-origin"),
        "{}",
        answer.body()
    );
}

#[tokio::test]
async fn unlisted_host_is_refused_against_dns_rebinding() {
    let server = TestServer::with(|config| {
        config.access.hosts = vec!["gate.example".parse().unwrap()];
    })
    .await;
    let status = async |host| {
        let answer = ask_exactly(&server, "GET /", &[("host", host)]).await;
        answer.status()
    };
    assert_eq!(status("localhost:3000").await, 200);
    assert_eq!(status("gate.example").await, 200);
    assert_eq!(status("rebound.example:3000").await, 421);
    // Its pages are of the same origin: the Host alone gives them away.
    let from = handshake_from(&server, "rebound.example", "http://rebound.example").await;
    assert_eq!(from, 421);
    assert_eq!(ask_exactly(&server, "GET /", &[]).await.status(), 400);
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
        headers.extend(handshake("13", KEY));
        ask(&server, "GET /ws", &headers).await.status()
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
    assert_eq!(ask(&server, "GET /", &headers).await.status(), 421);
}
