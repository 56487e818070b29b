//! Which upstream a session goes to, and how that is spoken to.

use std::sync::Arc;

use gateway::{Server, StartError};
use rcgen::{CertificateParams, KeyPair};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UnixListener};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{TestServer, Upstream, config, frame, within};
use crate::request::ask;

/// A gateway with these upstreams beside its echo service.
pub(crate) async fn server(upstreams: &[String]) -> TestServer {
    TestServer::with(|config| {
        config.upstreams = upstreams.iter().map(|it| it.parse().unwrap()).collect();
    })
    .await
}

#[tokio::test]
async fn a_client_chooses_by_name() {
    let (one, two) = (Upstream::bind().await, Upstream::bind().await);
    let named = [format!("one={}", one.addr()), format!("two={}", two.addr())];
    let server = server(&named).await;
    for (path, upstream) in [("ws/one", &one), ("ws/two", &two)] {
        let mut browser = server.open_at(path).await;
        let mut peer = upstream.accept().await;
        browser.send("hello").await;
        assert_eq!(peer.receive_text().await, "hello");
    }
    let mut browser = server.open_at("ws/echo").await;
    browser.send("hello").await;
    assert_eq!(browser.receive().await, Message::text("echo : hello"));
    // Without a name it is the echo service, as long as no other is without one.
    let mut browser = server.open().await;
    browser.send("hello").await;
    assert_eq!(browser.receive().await, Message::text("echo : hello"));
}

#[tokio::test]
async fn a_name_that_is_none_is_told_in_the_close() {
    let server = TestServer::start().await;
    for (path, name) in [("ws/nope", "nope"), ("ws/127.0.0.1:22", "127.0.0.1:22")] {
        let mut browser = server.open_at(path).await;
        let reason = format!("there is no upstream called {name:?}");
        assert_eq!(browser.closed().await, (1008, reason));
    }
}

#[tokio::test]
async fn the_page_learns_of_each() {
    let (one, two) = (Upstream::bind().await, Upstream::bind().await);
    let server = server(&[format!("two={}", two.addr()), one.addr().to_string()]).await;
    let answer = ask(&server, "GET /api/info", &[]).await;
    let info: serde_json::Value = serde_json::from_str(answer.body()).unwrap();
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
async fn a_unix_socket_can_be_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("service.sock");
    let listener = UnixListener::bind(&path).unwrap();
    let server = server(&[format!("unix:{}", path.display())]).await;
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

/// A TLS service at localhost, and the file with its certificate.
pub(crate) struct TlsUpstream {
    pub(crate) listener: TcpListener,
    pub(crate) acceptor: TlsAcceptor,
    pub(crate) ca: tempfile::NamedTempFile,
}

impl TlsUpstream {
    pub(crate) async fn bind() -> Self {
        Self::with(|_| {}).await
    }

    /// The same, with a certificate that `change` has seen to.
    pub(crate) async fn with(change: impl FnOnce(&mut CertificateParams)) -> Self {
        let mut params = CertificateParams::new(["localhost".into()]).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let ca = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(ca.path(), certificate.pem()).unwrap();
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        Self {
            listener: TcpListener::bind("127.0.0.1:0").await.unwrap(),
            acceptor: Arc::new(config).into(),
            ca,
        }
    }

    pub(crate) fn option(&self, ca: &tempfile::NamedTempFile) -> String {
        let port = self.listener.local_addr().unwrap().port();
        format!("tls://localhost:{port}?ca={}", ca.path().display())
    }
}

#[tokio::test]
async fn one_can_be_spoken_to_over_tls() {
    let upstream = TlsUpstream::bind().await;
    let server = server(&[upstream.option(&upstream.ca)]).await;
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
async fn what_could_never_be_reached_is_said_at_the_start() {
    let start = async |upstream: &str| {
        let mut config = config();
        config.upstreams = vec![upstream.parse().unwrap()];
        Server::bind(config).await
    };
    let error = start("tls://db:1?ca=/nowhere.pem").await.unwrap_err();
    assert!(matches!(error, StartError::Upstream(_)));
    assert!(
        error.to_string().contains("cannot read /nowhere.pem"),
        "{error}"
    );
}
