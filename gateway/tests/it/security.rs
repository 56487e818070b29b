//! Promises of SECURITY.md that no other file proves.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use gateway::TlsSource;
use testkit::FREE_PORTS;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use tokio_tungstenite::MaybeTlsStream;

use crate::harness::{Peer, TestServer, open_session, within};
use crate::http_client::fetch;
use crate::process::{GatewayProcess, file, framegate, output, text};
use crate::tls_upstream::write_certificate;

const TOKEN: &str = "correct-horse-battery";

#[tokio::test]
async fn no_response_can_be_read_by_another_origin() {
    let server = TestServer::start().await;
    let headers = [
        ("origin", "http://evil.example"),
        ("access-control-request-method", "GET"),
    ];
    for request in [
        "GET /",
        "GET /api/info",
        "OPTIONS /api/info",
        "GET /metrics",
        "GET /nothing",
        "GET /ws",
    ] {
        let response = fetch(&server, request, &headers).await;
        assert_eq!(response.header("access-control-allow-origin"), None);
        let policy = response.header("cross-origin-resource-policy");
        assert_eq!(policy, Some("same-origin"), "{request}");
    }
}

#[tokio::test]
async fn token_is_in_no_listing() {
    let token_file = file(TOKEN);
    let option = ["--token-file", token_file.path().to_str().unwrap()];
    let config = output(&["config", option[0], option[1]]).await;
    assert!(config.status.success());
    assert!(!text(&config.stdout).contains(TOKEN));

    let mut gateway = GatewayProcess::start(framegate(&FREE_PORTS).args(option));
    assert!(!gateway.line("page").await.contains(TOKEN));
    if cfg!(target_os = "linux") {
        for listing in ["cmdline", "environ"] {
            let path = format!("/proc/{}/{listing}", gateway.pid());
            let listed = String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
            assert!(!listed.contains(TOKEN), "{listed}");
        }
    }
}

/// A ClientHello of TLS 1.0, with one cipher and no extension (RFC 2246, section 7.4.1.2).
fn old_client_hello() -> Vec<u8> {
    let record = b"\x16\x03\x01\x00\x2d";
    let handshake = b"\x01\x00\x00\x29\x03\x01";
    let rest = b"\x00\x00\x02\x00\x2f\x01\x00";
    [&record[..], handshake, &[7; 32], rest].concat()
}

#[tokio::test]
async fn tls_1_2_and_1_3_are_accepted_and_1_0_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(write_certificate(folder.path())).unwrap();
    let server = TestServer::with(|config| {
        config.tls = Some(TlsSource::Files {
            cert: folder.path().join("cert.pem"),
            key: folder.path().join("key.pem"),
        });
    })
    .await;
    let connect = async |version: &'static SupportedProtocolVersion| {
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_protocol_versions(&[version])
            .unwrap()
            .with_root_certificates(roots.clone())
            .with_no_client_auth();
        let stream = TcpStream::connect(server.http()).await.unwrap();
        let name = "localhost".try_into().unwrap();
        within(TlsConnector::from(Arc::new(config)).connect(name, stream)).await
    };
    for version in [&TLS12, &TLS13] {
        let stream = connect(version).await.unwrap();
        let agreed = stream.get_ref().1.protocol_version();
        assert_eq!(agreed, Some(version.version));
    }
    let mut old = Peer(TcpStream::connect(server.http()).await.unwrap());
    old.write(old_client_hello()).await;
    let alert = old.rest_or_reset().await;
    assert_eq!(alert.first(), Some(&0x15), "{alert:?}");
}

/// Waits until the kernel has a keep-alive timer, number 2, for a socket of this machine.
#[cfg(target_os = "linux")]
async fn is_probed(local: SocketAddr, remote: SocketAddr) {
    let hex = |addr: SocketAddr| format!("0100007F:{:04X}", addr.port());
    let ends = format!(" {} {} ", hex(local), hex(remote));
    let has_timer = || {
        let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
        let line = table.lines().find(|line| line.contains(&ends));
        let timer = line.and_then(|line| line.split_whitespace().nth(5));
        timer.is_some_and(|timer| timer.starts_with("02:"))
    };
    within(async {
        while !has_timer() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn kernel_probes_each_peer_that_is_silent() {
    let (server, client, upstream) = open_session().await;
    let MaybeTlsStream::Plain(socket) = client.0.get_ref() else {
        unreachable!("tests use ws:// only");
    };
    is_probed(server.http(), socket.local_addr().unwrap()).await;
    let (own, remote) = (upstream.0.peer_addr(), upstream.0.local_addr());
    is_probed(own.unwrap(), remote.unwrap()).await;
    for listener in [server.http(), server.tcp()] {
        let silent = TcpStream::connect(listener).await.unwrap();
        is_probed(listener, silent.local_addr().unwrap()).await;
    }
}

#[cfg(unix)]
#[tokio::test]
async fn clients_wait_while_no_file_descriptor_is_left() {
    let binary = framegate(&[]).as_std().get_program().to_owned();
    let mut command = Command::new("sh");
    command
        .args(["-c", "ulimit -n 256 && exec \"$0\" \"$@\""])
        .arg(binary)
        .args(FREE_PORTS)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut gateway = GatewayProcess::start(&mut command);
    let addr = gateway.addr("echo").await;
    let mut clients = Vec::new();
    for _ in 0..300 {
        clients.push(Peer(TcpStream::connect(addr).await.unwrap()));
    }
    gateway.logged("cannot accept connections; they wait").await;
    clients[0].check_echo("served before").await;
    clients.drain(1..200);
    for client in &mut clients {
        client.check_echo("served after all").await;
    }
}

#[test]
fn no_crate_may_contain_unsafe_code() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let manifest = |folder: &str| {
        let path = root.join(folder).join("Cargo.toml");
        let manifest: toml::Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
        manifest
    };
    let workspace = &manifest("")["workspace"];
    for lints in [&workspace["lints"], &manifest("tools/fuzz")["lints"]] {
        assert_eq!(lints["rust"]["unsafe_code"].as_str(), Some("forbid"));
    }
    for member in workspace["members"].as_array().unwrap() {
        let lints = &manifest(member.as_str().unwrap())["lints"];
        assert_eq!(lints["workspace"].as_bool(), Some(true), "{member}");
    }
    // A panic would end the process otherwise.
    assert_eq!(manifest("")["profile"]["release"].get("panic"), None);
}

#[tokio::test]
async fn absolute_request_line_leads_to_no_other_service() {
    let server = TestServer::start().await;
    let other = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/metrics", other.local_addr().unwrap());
    let mut stream = TcpStream::connect(server.http()).await.unwrap();
    let host = url
        .trim_start_matches("http://")
        .trim_end_matches("/metrics");
    let request = format!("GET {url} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    within(stream.read_to_string(&mut response)).await.unwrap();
    // The gateway's own metrics.
    assert!(response.contains("framegate_sessions"), "{response}");
}
