//! One echo service, reached in every way that a client knows.

use std::net::SocketAddr;
use std::path::PathBuf;

use gateway::Tls;
use protocol::Framing;
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncWrite, copy_bidirectional};
use tokio::net::{TcpStream, UnixListener};

use crate::harness::TestServer;
use crate::upstreams::TlsUpstream;

/// Gateways, and relays to the first one's echo service.
pub(crate) struct Targets {
    plain: TestServer,
    encrypted: TestServer,
    fingerprint: String,
    folder: TempDir,
    tls_port: u16,
}

impl Targets {
    pub(crate) async fn start() -> Self {
        let plain = TestServer::start().await;
        let tls = Tls::self_signed(&["localhost".into(), "127.0.0.1".into()]).unwrap();
        let fingerprint = tls.fingerprint().unwrap().to_owned();
        let encrypted = TestServer::with(|config| config.tls = Some(tls)).await;
        let folder = tempfile::tempdir().unwrap();
        relay_unix(folder.path().join("echo.sock"), plain.tcp());
        let tls = TlsUpstream::bind().await;
        let tls_port = tls.listener.local_addr().unwrap().port();
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

    /// Each with the options that it takes to reach it.
    pub(crate) fn all(&self) -> Vec<(String, Vec<String>)> {
        let folder = self.folder.path().display();
        let (http, https) = (self.plain.http(), self.encrypted.http().port());
        let bare = |target: String| (target, vec![]);
        vec![
            bare(format!("tcp://{}", self.plain.tcp())),
            bare(format!("ws://{http}/ws")),
            bare(format!("unix:{folder}/echo.sock")),
            (
                format!("tls://localhost:{}", self.tls_port),
                vec![format!("--ca={folder}/ca.pem")],
            ),
            (
                format!("wss://localhost:{https}/ws"),
                vec![format!("--fingerprint={}", self.fingerprint)],
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
    // However a client leaves, the next one is served.
    let _ = copy_bidirectional(&mut client, &mut echo).await;
}

/// An echo service that tells messages apart by `framing`.
pub(crate) async fn framed(framing: Framing) -> (TestServer, String) {
    let server = TestServer::with(|config| {
        config.framing = framing;
        if framing == Framing::Raw {
            config.prefix.clear();
        }
    })
    .await;
    let target = format!("tcp://{}", server.tcp());
    (server, target)
}
