//! TLS: the page and the bridge, and reloading of certificates.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use gateway::{Tls, TlsError, TlsSource};
use testkit::FREE_PORTS;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::harness::{Browser, TestServer, within};
use crate::http_client::{HANDSHAKE, fetch_on};
use crate::process::{GatewayProcess, assert_contains, framegate};
use crate::resumable_client::ResumableClient;
use crate::tls_upstream::write_certificate;
use crate::token::TOKEN;

/// Files of a certificate for localhost and its key.
struct CertificateFiles {
    folder: tempfile::TempDir,
    certificate: CertificateDer<'static>,
}

impl CertificateFiles {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let certificate = write_certificate(folder.path());
        Self {
            folder,
            certificate,
        }
    }

    /// Replaces them by those of another certificate.
    fn renew(&mut self) {
        self.certificate = write_certificate(self.folder.path());
    }

    fn source(&self) -> TlsSource {
        self.source_with_key_of(self)
    }

    /// This certificate, with the key of another.
    fn source_with_key_of(&self, other: &Self) -> TlsSource {
        TlsSource::Files {
            cert: self.folder.path().join("cert.pem"),
            key: other.folder.path().join("key.pem"),
        }
    }

    /// Connects a client that trusts only this certificate.
    async fn connect(&self, server: &TestServer) -> std::io::Result<TlsStream<TcpStream>> {
        let stream = TcpStream::connect(server.http()).await.unwrap();
        self.connect_on(stream).await
    }

    fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).unwrap();
        roots
    }

    async fn connect_on(&self, stream: TcpStream) -> std::io::Result<TlsStream<TcpStream>> {
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(self.roots())
            .with_no_client_auth();
        let name = "localhost".try_into().unwrap();
        within(TlsConnector::from(Arc::new(config)).connect(name, stream)).await
    }
}

async fn start_with(files: &CertificateFiles) -> TestServer {
    TestServer::with(|config| config.tls = Some(files.source())).await
}

const HOST: (&str, &str) = ("host", "localhost");

#[tokio::test]
async fn page_and_bridge_are_served_over_tls() {
    let files = CertificateFiles::new();
    let server = start_with(&files).await;
    let stream = files.connect(&server).await.unwrap();
    let page = fetch_on(stream, "GET /", &[HOST], "").await;
    assert_eq!(page.status(), 200);

    let stream = files.connect(&server).await.unwrap();
    let upgraded = tokio_tungstenite::client_async("ws://localhost/ws", stream).await;
    let mut socket = upgraded.unwrap().0;
    let long = "x".repeat(300_000);
    for payload in ["hello", &long] {
        socket.send(Message::text(payload)).await.unwrap();
        let reply = within(socket.next()).await.unwrap().unwrap();
        assert!(reply == Message::text(format!("echo : {payload}")));
    }
    socket.close(None).await.unwrap();
    while let Some(message) = within(socket.next()).await {
        assert!(message.unwrap().is_close());
    }
}

#[tokio::test]
async fn session_is_resumed_over_tls() {
    let files = CertificateFiles::new();
    let server = start_with(&files).await;
    let open = async |query: &str| {
        let url = format!("ws://localhost/ws{query}");
        let mut request = url.into_client_request().unwrap();
        let offer = "framegate.1".parse().unwrap();
        request
            .headers_mut()
            .insert("sec-websocket-protocol", offer);
        let stream = files.connect(&server).await.unwrap();
        let opened = tokio_tungstenite::client_async(request, stream).await;
        ResumableClient::greeted(Browser(opened.unwrap().0), 0).await
    };
    let mut client = open("").await;
    client.send("one").await;
    assert_eq!(client.receive_text().await, "echo : one");
    let query = format!("?resume={}&received=1", client.token());
    drop(client);
    let mut client = open(&query).await;
    assert_eq!(client.hello["received"], 1);
    client.send("two").await;
    assert_eq!(client.receive_text().await, "echo : two");
}

#[tokio::test]
async fn login_cookie_over_tls_is_bound_to_the_host() {
    let files = CertificateFiles::new();
    let token = testkit::temp_file(TOKEN).unwrap();
    let server = TestServer::with(|config| {
        config.tls = Some(files.source());
        config.token_file = Some(token.path().into());
    })
    .await;
    let form = format!("token={TOKEN}");
    let length = form.len().to_string();
    let headers = [
        ("host", "localhost"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("content-length", &length),
    ];
    let stream = files.connect(&server).await.unwrap();
    let welcome = fetch_on(stream, "POST /login", &headers, &form).await;
    let set = welcome.header("set-cookie").unwrap();
    assert!(set.starts_with("__Host-framegate-443="), "{set}");
    assert_contains(set, "; Secure");
    assert_contains(set, "; Path=/");

    let cookie = set.split(';').next().unwrap();
    let headers = [("host", "localhost"), ("cookie", cookie)];
    let stream = files.connect(&server).await.unwrap();
    let info = fetch_on(stream, "GET /api/info", &headers, "").await;
    assert_eq!(info.status(), 200);
}

#[tokio::test]
async fn drain_closes_a_tls_session_with_1001() {
    let files = CertificateFiles::new();
    let server = start_with(&files).await;
    let stream = files.connect(&server).await.unwrap();
    let upgraded = tokio_tungstenite::client_async("ws://localhost/ws", stream).await;
    let mut socket = upgraded.unwrap().0;
    server.ask_to_stop();
    let Message::Close(Some(close)) = within(socket.next()).await.unwrap().unwrap() else {
        panic!("expected a Close");
    };
    assert_eq!(u16::from(close.code), 1001);
    while within(socket.next()).await.is_some() {}
    drop(socket);
    server.stopped().await;
}

/// Without one, a client cannot tell the end from an attacker's cut (RFC 8446, section 6.1).
#[tokio::test]
async fn connection_ends_with_close_notify() {
    let files = CertificateFiles::new();
    let server = TestServer::with(|config| {
        config.tls = Some(files.source());
        config.limits.header_timeout = Duration::from_millis(500);
    })
    .await;
    let idle_after = "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let closed = "GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    for request in [idle_after, closed, "not HTTP\r\n\r\n", "GET / HT", ""] {
        let mut stream = files.connect(&server).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut response = Vec::new();
        // Fails without a close_notify.
        let read = within(stream.read_to_end(&mut response)).await;
        assert!(read.is_ok(), "{request:?}: {read:?}");
    }
}

#[tokio::test]
async fn plain_http_request_is_400_and_names_https() {
    let server = start_with(&CertificateFiles::new()).await;
    let stream = TcpStream::connect(server.http()).await.unwrap();
    let response = fetch_on(stream, "GET /", &[HOST], "").await;
    assert_eq!(response.status(), 400);
    assert_contains(response.body(), "https://");
}

#[tokio::test]
async fn http_origin_is_refused_over_tls() {
    let files = CertificateFiles::new();
    let server = start_with(&files).await;
    for (origin, status) in [("https://localhost", 101), ("http://localhost", 403)] {
        let headers = [&[HOST, ("origin", origin)], &HANDSHAKE[..]].concat();
        let stream = files.connect(&server).await.unwrap();
        let response = fetch_on(stream, "GET /ws", &headers, "").await;
        assert_eq!(response.status(), status, "{origin}");
    }
}

#[tokio::test]
async fn slow_handshake_times_out_and_delays_no_other_client() {
    let files = CertificateFiles::new();
    let server = TestServer::with(|config| {
        config.tls = Some(files.source());
        config.limits.header_timeout = Duration::from_millis(200);
    })
    .await;
    let mut silent = TcpStream::connect(server.http()).await.unwrap();
    // The first bytes of a ClientHello.
    silent.write_all(&[22, 3, 1, 2]).await.unwrap();
    assert!(files.connect(&server).await.is_ok());
    let mut rest = Vec::new();
    let _ = within(silent.read_to_end(&mut rest)).await;
}

#[tokio::test]
async fn failed_handshake_leaves_a_line_with_its_reason_and_is_counted() {
    let files = CertificateFiles::new();
    let option =
        |name: &str, file: &str| format!("--{name}={}", files.folder.path().join(file).display());
    let tls = [option("tls-cert", "cert.pem"), option("tls-key", "key.pem")];
    let args = ["--admin=127.0.0.1:0", &tls[0], &tls[1]];
    let mut gateway = GatewayProcess::start(&mut framegate(&[&FREE_PORTS[..], &args].concat()));
    let (page, admin) = (gateway.addr("page").await, gateway.addr("admin").await);
    let distrustful = CertificateFiles::new();
    let stream = TcpStream::connect(page).await.unwrap();
    assert!(distrustful.connect_on(stream).await.is_err());
    let line = gateway.logged("the TLS handshake failed").await;
    assert_contains(&line, "it does not trust the certificate of this side");
    assert_contains(&line, "peer=127.0.0.1:");
    // A check of the port.
    drop(TcpStream::connect(page).await.unwrap());
    let stream = TcpStream::connect(page).await.unwrap();
    assert!(files.connect_on(stream).await.is_ok());
    let metrics = fetch_on(
        TcpStream::connect(admin).await.unwrap(),
        "GET /metrics",
        &[HOST, ("connection", "close")],
        "",
    );
    let metrics = metrics.await;
    assert_contains(metrics.body(), "framegate_refused_total{limit=\"tls\"} 1\n");
}

/// Over TLS 1.3, the alert follows the server's first records.
#[tokio::test]
async fn client_that_speaks_http_2_alone_is_told_by_an_alert() {
    let files = CertificateFiles::new();
    let server = start_with(&files).await;
    for version in [&TLS12, &TLS13] {
        let mut config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_protocol_versions(&[version])
            .unwrap()
            .with_root_certificates(files.roots())
            .with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec()];
        let stream = TcpStream::connect(server.http()).await.unwrap();
        let name = "localhost".try_into().unwrap();
        let connecting = TlsConnector::from(Arc::new(config)).connect(name, stream);
        let error = within(connecting).await.unwrap_err().to_string();
        assert_contains(&error, "NoApplicationProtocol");
    }
}

#[tokio::test]
async fn reloaded_certificate_is_used_for_new_connections() {
    let mut files = CertificateFiles::new();
    let server = start_with(&files).await;
    let open = files.connect(&server).await.unwrap();

    files.renew();
    assert!(files.connect(&server).await.is_err(), "not read yet");
    server.tls().reload().unwrap();
    assert!(files.connect(&server).await.is_ok());
    assert_eq!(fetch_on(open, "GET /", &[HOST], "").await.status(), 200);
}

#[tokio::test]
async fn failed_reload_keeps_the_current_certificate() {
    let files = CertificateFiles::new();
    let server = start_with(&files).await;
    let cert = files.folder.path().join("cert.pem");
    std::fs::write(&cert, "nonsense").unwrap();
    let error = server.tls().reload().unwrap_err().to_string();
    assert_contains(&error, "cert.pem: there is no certificate in it");
    assert!(files.connect(&server).await.is_ok());
}

#[test]
fn key_must_match_the_certificate() {
    let (files, other) = (CertificateFiles::new(), CertificateFiles::new());
    let error = Tls::new(&files.source_with_key_of(&other));
    assert!(matches!(error, Err(TlsError::Unusable { .. })), "{error:?}");
    std::fs::remove_file(files.folder.path().join("cert.pem")).unwrap();
    let error = Tls::new(&files.source()).unwrap_err().to_string();
    assert!(
        error.ends_with("cert.pem: cannot read it: there is no such file or folder"),
        "{error}"
    );
}

#[tokio::test]
async fn self_signed_certificate_has_a_fingerprint() {
    let names = ["localhost", "127.0.0.1", "gate.example"].map(String::from);
    let names = names.into();
    let tls = Tls::new(&TlsSource::SelfSigned { names }).unwrap();
    let fingerprint = tls.fingerprint().unwrap();
    assert_eq!(fingerprint.len(), 32 * 3 - 1);
    assert!(!tls.can_reload());
}

#[tokio::test]
async fn proxy_protocol_header_precedes_the_handshake() {
    let files = CertificateFiles::new();
    let server = TestServer::with(|config| {
        config.tls = Some(files.source());
        config.proxy_protocol = true;
        config.access.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    })
    .await;
    let mut stream = TcpStream::connect(server.http()).await.unwrap();
    let header = b"PROXY TCP4 203.0.113.7 198.51.100.1 4660 443\r\n";
    stream.write_all(header).await.unwrap();
    let stream = files.connect_on(stream).await.unwrap();
    assert_eq!(fetch_on(stream, "GET /", &[HOST], "").await.status(), 200);
    // A handshake without a header before it fails.
    assert!(files.connect(&server).await.is_err());
}

#[test]
fn unusable_file_is_explained_with_its_name() {
    let files = CertificateFiles::new();
    let check = |name: &str, change: &dyn Fn(Vec<u8>) -> Vec<u8>, expected: &str| {
        let path = files.folder.path().join(name);
        let before = std::fs::read(&path).unwrap();
        std::fs::write(&path, change(before.clone())).unwrap();
        let error = Tls::new(&files.source()).unwrap_err().to_string();
        assert_contains(&error, &format!("{name}: {expected}"));
        std::fs::write(&path, before).unwrap();
    };
    let encrypted =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    check("key.pem", &|_| encrypted.into(), "its key is encrypted");
    let cut = |mut pem: Vec<u8>| {
        pem.truncate(pem.len() - 30);
        pem
    };
    check(
        "cert.pem",
        &cut,
        "its section CERTIFICATE has no -----END CERTIFICATE",
    );
    check("cert.pem", &|_| files.certificate.to_vec(), "it is DER");
    let key = std::fs::read(files.folder.path().join("key.pem")).unwrap();
    check(
        "cert.pem",
        &|_| key.clone(),
        "there is no certificate in it, only PRIVATE KEY",
    );
    let other = CertificateFiles::new();
    let other = std::fs::read(other.folder.path().join("cert.pem")).unwrap();
    let last = |own: Vec<u8>| [other.clone(), own].concat();
    check(
        "cert.pem",
        &last,
        "the server's certificate has to come first",
    );
}

#[test]
fn byte_order_mark_is_skipped() {
    let files = CertificateFiles::new();
    for name in ["cert.pem", "key.pem"] {
        let path = files.folder.path().join(name);
        let pem = std::fs::read_to_string(&path).unwrap();
        std::fs::write(path, format!("\u{feff}{pem}")).unwrap();
    }
    Tls::new(&files.source()).unwrap();
}
