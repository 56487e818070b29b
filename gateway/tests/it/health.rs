//! Health: `/healthz` and `/readyz` for load balancers, which send any Host or none.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::admin_listener::fetch_admin;
use crate::harness::{TestServer, any_port, within};
use crate::http_client::fetch;

/// Sends `request` and returns the status line.
async fn status_line(addr: std::net::SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = Vec::new();
    within(stream.read_to_end(&mut response)).await.unwrap();
    let response = String::from_utf8(response).unwrap();
    response.lines().next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn health_is_answered_whatever_the_host() {
    let one = TestServer::start().await;
    let two = TestServer::with(|config| config.admin = vec![any_port()]).await;
    for addr in [one.http(), two.admin()] {
        for path in ["/healthz", "/readyz"] {
            for rest in [
                "HTTP/1.0\r\n\r\n",
                "HTTP/1.0\r\nhost: gateway1\r\n\r\n",
                "HTTP/1.1\r\nconnection: close\r\n\r\n",
                "HTTP/1.1\r\nhost: gateway1:9090\r\nconnection: close\r\n\r\n",
                "HTTP/1.1\r\nhost: a@b\r\nconnection: close\r\n\r\n",
            ] {
                for method in ["GET", "HEAD"] {
                    let line = status_line(addr, &format!("{method} {path} {rest}")).await;
                    assert!(line.ends_with("200 OK"), "{method} {path} {rest}: {line}");
                }
            }
        }
    }
    let page = status_line(one.http(), "GET / HTTP/1.0\r\nhost: gateway1\r\n\r\n").await;
    assert!(page.contains(" 421 "), "{page}");
}

#[tokio::test]
async fn silent_connections_do_not_keep_the_admin_listener_from_answering() {
    let server = TestServer::with(|config| config.admin = vec![any_port()]).await;
    let mut silent = Vec::new();
    for _ in 0..250 {
        silent.push(TcpStream::connect(server.admin()).await.unwrap());
    }
    assert_eq!(fetch_admin(&server, "GET /healthz").await.status(), 200);
    // The oldest had to give way.
    let closed = within(silent[0].read(&mut [0])).await;
    assert!(matches!(closed, Ok(0) | Err(_)), "{closed:?}");
}

/// A full gateway is alive: a supervisor that restarts it would end all of its sessions.
#[tokio::test]
async fn health_is_answered_while_all_connections_are_in_use() {
    let server = TestServer::with(|config| config.limits.max_connections = Some(1)).await;
    let mut only = server.open().await;
    only.check_echo("one").await;
    for path in ["/healthz", "/readyz"] {
        let answer = fetch(&server, &format!("GET {path}"), &[]).await;
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(answer.header("connection"), Some("close"));
    }
    for path in ["/", "/metrics", "/healthz/x"] {
        let answer = fetch(&server, &format!("GET {path}"), &[]).await;
        assert_eq!(answer.status(), 503, "{path}");
    }
    // Nor does a health check take a place for long.
    only.check_echo("two").await;
    drop(only);
    within(async { while fetch(&server, "GET /", &[]).await.status() != 200 {} }).await;
}

#[tokio::test]
async fn silent_connections_beyond_the_limit_keep_no_health_check_waiting() {
    let server = TestServer::with(|config| config.limits.max_connections = Some(1)).await;
    let mut only = server.open().await;
    only.check_echo("one").await;
    let mut silent = Vec::new();
    for _ in 0..150 {
        silent.push(TcpStream::connect(server.http()).await.unwrap());
    }
    // Sooner than the silent ones time out.
    for _ in 0..3 {
        let answer = fetch(&server, "GET /healthz", &[]).await;
        assert_eq!(answer.status(), 200);
    }
    let closed = within(silent[0].read(&mut [0])).await;
    assert!(matches!(closed, Ok(0) | Err(_)), "{closed:?}");
    // Each that gave way is counted.
    drop(only);
    within(async { while fetch(&server, "GET /", &[]).await.status() != 200 {} }).await;
    let metrics = fetch(&server, "GET /metrics", &[]).await;
    let name = "framegate_refused_total{limit=\"connections\"} ";
    let mut lines = metrics.body().lines();
    let count: u32 = lines
        .find_map(|it| it.strip_prefix(name)?.parse().ok())
        .unwrap();
    assert!(count > 50, "{count}");
}
