//! Monitoring at an address of its own.

use tokio::net::TcpStream;

use crate::harness::{TestServer, any_port, within};
use crate::http_client::{Answer, ask, ask_on};

async fn server() -> TestServer {
    TestServer::with(|config| config.admin = Some(any_port())).await
}

pub(crate) async fn ask_admin(server: &TestServer, request: &str) -> Answer {
    let stream = TcpStream::connect(server.admin()).await.unwrap();
    ask_on(stream, request, &[("host", "localhost")], "").await
}

#[tokio::test]
async fn health_and_metrics_are_served_on_the_admin_listener_only() {
    let server = server().await;
    for path in ["/healthz", "/readyz", "/metrics"] {
        let request = format!("GET {path}");
        assert_eq!(ask_admin(&server, &request).await.status(), 200, "{path}");
        assert_eq!(ask(&server, &request, &[]).await.status(), 404, "{path}");
    }
    for path in ["/", "/ws", "/api/info"] {
        let answer = ask_admin(&server, &format!("GET {path}")).await;
        assert_eq!(answer.status(), 404, "{path}");
        assert!(answer.body().contains("/metrics"), "{}", answer.body());
    }
    assert_eq!(ask(&server, "GET /", &[]).await.status(), 200);
}

#[tokio::test]
async fn unlisted_host_is_refused() {
    let server = server().await;
    let stream = TcpStream::connect(server.admin()).await.unwrap();
    let host = [("host", "rebound.example")];
    let answer = ask_on(stream, "GET /metrics", &host, "").await;
    assert_eq!(answer.status(), 421);
}

#[tokio::test]
async fn readiness_and_metrics_are_served_during_a_drain() {
    let server = server().await;
    // It never answers the Close, so that the drain waits for it.
    let stuck = server.open().await;
    server.ask_to_stop();
    within(async { while ask_admin(&server, "GET /readyz").await.status() != 503 {} }).await;
    let metrics = ask_admin(&server, "GET /metrics").await;
    assert!(metrics.body().contains("framegate_sessions 1\n"));
    drop(stuck);
    server.stopped().await;
}

#[tokio::test]
async fn metrics_are_served_at_the_connection_limit() {
    let server = TestServer::with(|config| {
        config.admin = Some(any_port());
        config.limits.max_connections = Some(1);
    })
    .await;
    let _only = server.open().await;
    assert_eq!(ask(&server, "GET /", &[]).await.status(), 503);
    let metrics = ask_admin(&server, "GET /metrics").await;
    let refused = "framegate_refused_total{limit=\"connections\"} 1\n";
    assert!(metrics.body().contains(refused), "{}", metrics.body());
}
