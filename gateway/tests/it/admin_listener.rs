//! The admin listener: health and metrics at an address of their own.

use tokio::net::TcpStream;

use crate::harness::{TestServer, any_port, within};
use crate::http_client::{Response, fetch, fetch_on};
use crate::process::assert_contains;

async fn server() -> TestServer {
    TestServer::with(|config| config.admin = vec![any_port()]).await
}

pub(crate) async fn fetch_admin(server: &TestServer, request: &str) -> Response {
    let stream = TcpStream::connect(server.admin()).await.unwrap();
    fetch_on(stream, request, &[("host", "localhost")], "").await
}

#[tokio::test]
async fn health_and_metrics_are_served_on_the_admin_listener_only() {
    let server = server().await;
    for path in ["/healthz", "/readyz", "/metrics"] {
        let request = format!("GET {path}");
        assert_eq!(fetch_admin(&server, &request).await.status(), 200, "{path}");
        assert_eq!(fetch(&server, &request, &[]).await.status(), 404, "{path}");
    }
    for path in ["/", "/ws", "/api/info"] {
        let response = fetch_admin(&server, &format!("GET {path}")).await;
        assert_eq!(response.status(), 404, "{path}");
        assert_contains(response.body(), "/metrics");
    }
    assert_eq!(fetch(&server, "GET /", &[]).await.status(), 200);
}

#[tokio::test]
async fn unlisted_host_is_refused() {
    let server = server().await;
    let stream = TcpStream::connect(server.admin()).await.unwrap();
    let host = [("host", "rebound.example")];
    let response = fetch_on(stream, "GET /metrics", &host, "").await;
    assert_eq!(response.status(), 421);
}

#[tokio::test]
async fn readiness_and_metrics_are_served_during_a_drain() {
    let server = server().await;
    // This client does not answer the Close: the drain waits for it.
    let unclosed = server.open().await;
    server.ask_to_stop();
    within(async { while fetch_admin(&server, "GET /readyz").await.status() != 503 {} }).await;
    let metrics = fetch_admin(&server, "GET /metrics").await;
    assert!(metrics.body().contains("framegate_sessions 1\n"));
    drop(unclosed);
    server.stopped().await;
}

#[tokio::test]
async fn metrics_are_served_at_the_connection_limit() {
    let server = TestServer::with(|config| {
        config.admin = vec![any_port()];
        config.limits.max_connections = Some(1);
    })
    .await;
    let _only = server.open().await;
    assert_eq!(fetch(&server, "GET /", &[]).await.status(), 503);
    let metrics = fetch_admin(&server, "GET /metrics").await;
    let refused = "framegate_refused_total{limit=\"connections\"} 1\n";
    assert_contains(metrics.body(), refused);
}
