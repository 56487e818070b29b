//! Echo services over every transport, as targets of `send`, `bench` and `replay`.

use std::net::SocketAddr;
use std::path::PathBuf;

use gateway::TlsSource;
use protocol::Framing;
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncWrite, copy_bidirectional};
use tokio::net::{TcpStream, UnixListener};

use crate::framings;
use crate::harness::TestServer;
use crate::tls_upstream::TlsUpstream;

/// An echo service over TCP, WebSocket, a Unix socket, and each of the first two over TLS.
pub(crate) struct EchoTargets {
    plain: TestServer,
    encrypted: TestServer,
    fingerprint: String,
    folder: TempDir,
    tls_port: u16,
}

impl EchoTargets {
    pub(crate) async fn start() -> Self {
        let plain = TestServer::start().await;
        let names = vec!["localhost".into(), "127.0.0.1".into()];
        let source = TlsSource::SelfSigned { names };
        let encrypted = TestServer::with(|config| config.tls = Some(source)).await;
        let fingerprint = encrypted.tls().fingerprint().unwrap().to_owned();
        let folder = tempfile::tempdir().unwrap();
        relay_unix(folder.path().join("echo.sock"), plain.tcp());
        let tls = TlsUpstream::bind().await;
        let tls_port = tls.port();
        std::fs::copy(tls.ca.path(), folder.path().join("ca.pem")).unwrap();
        relay_tls(tls, plain.tcp());
        Self {
            plain,
            encrypted,
            fingerprint,
            folder,
            tls_port,
        }
    }

    /// Calls `check` with the URL of each, and the option for its certificate, if it has one.
    pub(crate) async fn for_each(&self, mut check: impl AsyncFnMut(&str, &[&str])) {
        for (target, option) in self.all() {
            check(&target, option.as_deref().as_slice()).await;
        }
    }

    fn all(&self) -> Vec<(String, Option<String>)> {
        let folder = self.folder.path().display();
        let (http, https) = (self.plain.http(), self.encrypted.http().port());
        let bare = |target| (target, None);
        vec![
            bare(tcp_url(self.plain.tcp())),
            bare(ws_url(http)),
            bare(format!("unix:{folder}/echo.sock")),
            (
                format!("tls://localhost:{}", self.tls_port),
                Some(format!("--ca={folder}/ca.pem")),
            ),
            (
                format!("wss://localhost:{https}/ws"),
                Some(format!("--fingerprint={}", self.fingerprint)),
            ),
        ]
    }
}

fn relay_unix(path: PathBuf, echo: SocketAddr) {
    let listener = UnixListener::bind(path).unwrap();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(relay(client, echo));
        }
    });
}

fn relay_tls(upstream: TlsUpstream, echo: SocketAddr) {
    tokio::spawn(async move {
        while let Ok((client, _)) = upstream.listener.accept().await {
            let acceptor = upstream.acceptor.clone();
            tokio::spawn(async move {
                if let Ok(client) = acceptor.accept(client).await {
                    relay(client, echo).await;
                }
            });
        }
    });
}

async fn relay(mut client: impl AsyncRead + AsyncWrite + Unpin, echo: SocketAddr) {
    let mut echo = TcpStream::connect(echo).await.unwrap();
    // A client's reset ends its own relay only.
    let _ = copy_bidirectional(&mut client, &mut echo).await;
}

/// Starts an echo service with `framing`; returns it and its URL.
pub(crate) async fn echo_target(framing: Framing) -> (TestServer, String) {
    let server = framings::start_with(framing).await;
    let target = tcp_url(server.tcp());
    (server, target)
}

pub(crate) fn tcp_url(addr: SocketAddr) -> String {
    format!("tcp://{addr}")
}

/// The URL of a gateway's bridge.
pub(crate) fn ws_url(addr: SocketAddr) -> String {
    format!("ws://{addr}/ws")
}
