//! Upstreams: selection by name, and TCP, TLS and Unix sockets.

use gateway::{Server, StartError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixListener;
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{TestServer, Upstream, config, frame, within};
use crate::http_client::fetch;
use crate::process::assert_contains;
use crate::tls_upstream::TlsUpstream;

/// Starts a gateway with these upstreams.
pub(crate) async fn with_upstreams(upstreams: &[String]) -> TestServer {
    TestServer::with(|config| {
        config.upstreams = upstreams.iter().map(|it| it.parse().unwrap()).collect();
    })
    .await
}

#[tokio::test]
async fn upstream_is_selected_by_name_in_the_path() {
    let (one, two) = (Upstream::bind().await, Upstream::bind().await);
    let named = [format!("one={}", one.addr()), format!("two={}", two.addr())];
    let server = with_upstreams(&named).await;
    for (path, upstream) in [("ws/one", &one), ("ws/two", &two)] {
        let mut browser = server.open_at(path).await;
        let mut peer = upstream.accept().await;
        browser.send("hello").await;
        assert_eq!(peer.receive_text().await, "hello");
    }
    let mut browser = server.open_at("ws/echo").await;
    browser.check_echo("hello").await;
    // If every upstream has a name, `/ws` leads to the echo service.
    let mut browser = server.open().await;
    browser.check_echo("hello").await;
}

#[tokio::test]
async fn unknown_upstream_name_closes_with_1008() {
    let server = TestServer::start().await;
    for (path, name) in [("ws/nope", "nope"), ("ws/127.0.0.1:22", "127.0.0.1:22")] {
        let mut browser = server.open_at(path).await;
        let reason = format!("there is no upstream called {name:?}");
        assert_eq!(browser.closed().await, (1008, reason));
    }
}

#[tokio::test]
async fn info_endpoint_lists_the_upstreams() {
    let (one, two) = (Upstream::bind().await, Upstream::bind().await);
    let server = with_upstreams(&[format!("two={}", two.addr()), one.addr().to_string()]).await;
    let response = fetch(&server, "GET /api/info", &[]).await;
    let info: serde_json::Value = serde_json::from_str(response.body()).unwrap();
    let offered = |at: usize, key: &str| info["upstreams"][at][key].as_str().unwrap().to_owned();
    assert_eq!(
        (offered(0, "name"), offered(0, "path")),
        (one.addr().to_string(), "ws".into())
    );
    assert_eq!(
        (offered(1, "name"), offered(1, "path")),
        ("two".into(), "ws/two".into())
    );
    assert_eq!(info["upstreams"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn unix_socket_upstream_is_supported() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("service.sock");
    let listener = UnixListener::bind(&path).unwrap();
    let server = with_upstreams(&[format!("unix:{}", path.display())]).await;
    let mut browser = server.open().await;
    let (mut peer, _) = within(listener.accept()).await.unwrap();
    browser.send("hello").await;
    let mut request = [0; 9];
    within(peer.read_exact(&mut request)).await.unwrap();
    assert_eq!(request[..], frame("hello"));
    peer.write_all(&frame("reply")).await.unwrap();
    assert_eq!(browser.receive().await, Message::text("reply"));
    drop((listener, peer));
    assert_eq!(browser.closed().await.0, 1011);

    let missing = format!("cannot reach unix:{}: connection refused", path.display());
    assert_eq!(server.open().await.closed().await, (1011, missing));
}

#[tokio::test]
async fn tls_upstream_is_supported() {
    let upstream = TlsUpstream::bind().await;
    let server = with_upstreams(&[upstream.option()]).await;
    let mut browser = server.open().await;
    let (stream, _) = within(upstream.listener.accept()).await.unwrap();
    let mut peer = within(upstream.acceptor.accept(stream)).await.unwrap();
    browser.send("hello").await;
    let mut request = [0; 9];
    within(peer.read_exact(&mut request)).await.unwrap();
    assert_eq!(request[..], frame("hello"));
    peer.write_all(&frame("last")).await.unwrap();
    peer.shutdown().await.unwrap();
    assert_eq!(browser.receive().await, Message::text("last"));
    let closed = (1011, "upstream closed the connection".into());
    assert_eq!(browser.closed().await, closed);
}

#[tokio::test]
async fn unreadable_ca_file_fails_at_startup() {
    let start = async |upstream: &str| {
        let mut config = config();
        config.upstreams = vec![upstream.parse().unwrap()];
        Server::bind(config).await
    };
    let error = start("tls://db:1?ca=/nowhere.pem").await.unwrap_err();
    assert!(matches!(error, StartError::Upstream(_)));
    assert_contains(&error.to_string(), "/nowhere.pem: cannot read it");
}
