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
async fn monitoring_is_there_and_nowhere_else() {
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
async fn a_name_that_was_pointed_there_gets_nothing() {
    let server = server().await;
    let stream = TcpStream::connect(server.admin()).await.unwrap();
    let host = [("host", "rebound.example")];
    let answer = ask_on(stream, "GET /metrics", &host, "").await;
    assert_eq!(answer.status(), 421);
}

#[tokio::test]
async fn a_drain_can_be_watched() {
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
async fn it_answers_while_the_service_is_full() {
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
