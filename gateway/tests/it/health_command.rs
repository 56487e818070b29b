//! `framegate health`: the health of a running gateway, as an exit status.

use gateway::TlsSource;
use testkit::ReservedPort;
use tokio::io::AsyncReadExt;

use crate::harness::{TestServer, Upstream, any_port, within};
use crate::process::{assert_contains, framegate, output, text};

#[tokio::test]
async fn ready_gateway_is_found_by_url_and_by_variable() {
    let server = TestServer::with(|config| config.admin = vec![any_port()]).await;
    let plain = TestServer::start().await;
    for addr in [plain.http(), server.admin()] {
        let output = output(&["health", &format!("http://{addr}")]).await;
        assert_eq!(text(&output.stderr), "");
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(
            text(&output.stdout),
            format!("http://{addr}/readyz: ready\n")
        );
    }
    let dead = ReservedPort::new().unwrap();
    let mut command = framegate(&["health"]);
    command.env("FRAMEGATE_HTTP", dead.addr().to_string());
    let refused = within(command.output()).await.unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert_contains(&text(&refused.stderr), "/readyz: connection refused");
    let port = server.admin().port();
    // In every form that the gateway takes, such as the quotes of a file for docker --env-file.
    for list in [
        format!("0.0.0.0:{port}"),
        format!("\"0.0.0.0:{port}\""),
        format!(" '0.0.0.0:{port}', gate.example:1, "),
    ] {
        command.env("FRAMEGATE_ADMIN", &list);
        let ready = within(command.output()).await.unwrap();
        let stderr = text(&ready.stderr);
        assert_eq!(ready.status.code(), Some(0), "{list}: {stderr}");
    }
}

#[tokio::test]
async fn gateway_with_a_self_signed_certificate_is_asked_over_tls() {
    let names = vec!["localhost".into()];
    let source = TlsSource::SelfSigned { names };
    let server = TestServer::with(|config| config.tls = Some(source)).await;
    let url = format!("https://{}", server.http());
    let output = output(&["health", &url]).await;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}

#[tokio::test]
async fn gateway_that_is_not_ready_fails_with_a_sentence() {
    let upstream = Upstream::bind().await;
    let addr = upstream.addr();
    tokio::spawn(async move {
        for response in [
            "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 9\r\n\r\nbusy\x1b[2J\n",
            "SSH-2.0-OpenSSH\r\n",
        ] {
            let mut peer = upstream.accept().await;
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(within(peer.0.read_u8()).await.unwrap());
            }
            peer.write(response).await;
        }
        let _silent = upstream.accept().await;
        std::future::pending::<()>().await;
    });
    let check = async |expected: &str| {
        let output = output(&["health", &addr.to_string()]).await;
        assert_eq!(output.status.code(), Some(1));
        let begins = format!("framegate: http://{addr}/readyz: {expected}");
        let stderr = text(&output.stderr);
        assert!(stderr.starts_with(&begins), "{stderr}");
    };
    check("not ready: 503 Service Unavailable: busy\\x1b[2J").await;
    check("no HTTP response: ").await;
    check("no answer within 3s").await;
    let invalid = output(&["health", "ftp://127.0.0.1:1"]).await;
    assert_eq!(invalid.status.code(), Some(2));
    assert_contains(&text(&invalid.stderr), "expected http://HOST:PORT");
}
