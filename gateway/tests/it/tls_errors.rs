//! TLS errors of upstreams, as explained by the bridge and by `send`.

use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, date_time_ymd};
use testkit::{NamedTempFile, temp_file};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::process::{output, text};
use crate::tls_upstream::TlsUpstream;
use crate::upstreams::with_upstreams;

/// Connects to the TLS service at `port`, trusting `ca`, and checks the errors of the bridge
/// and of `send`: both are `expected`, each with its own advice.
async fn check(port: u16, ca: &NamedTempFile, expected: &str, advice: [&str; 2]) {
    let (target, ca) = (format!("tls://localhost:{port}"), ca.path().display());
    let bridge = with_upstreams(&[format!("{target}?ca={ca}")]).await;
    let closed = bridge.open().await.closed().await;
    let reason = format!("cannot reach {target}: {expected}{}", advice[0]);
    assert_eq!(closed, (1011, reason));

    let output = output(&["send", "--to", &target, &format!("--ca={ca}"), "hello"]).await;
    assert_eq!(output.status.code(), Some(1));
    let stderr = text(&output.stderr);
    let expected = format!(": {expected}{}\n", advice[1]);
    assert!(stderr.ends_with(&expected), "{stderr}");
}

/// Checks the errors for the certificate of `service`, if `ca` is trusted.
async fn check_certificate(
    service: TlsUpstream,
    ca: &NamedTempFile,
    expected: &str,
    advice: [&str; 2],
) {
    let port = service.port();
    let serving = tokio::spawn(async move {
        loop {
            let (stream, _) = service.listener.accept().await.unwrap();
            assert!(service.acceptor.accept(stream).await.is_err());
        }
    });
    check(port, ca, expected, advice).await;
    serving.abort();
}

/// Checks the errors for a trusted self-signed certificate, after `change` to its parameters.
async fn check_own(change: impl FnOnce(&mut CertificateParams), expected: &str) {
    let service = TlsUpstream::with(change).await;
    let ca = temp_file(std::fs::read(service.ca.path()).unwrap()).unwrap();
    let advice = ["", "; --fingerprint SHA256 trusts it as it is"];
    check_certificate(service, &ca, expected, advice).await;
}

#[tokio::test]
async fn invalid_certificate_is_explained() {
    let ca = IsCa::Ca(BasicConstraints::Unconstrained);
    check_own(
        |it| it.is_ca = ca,
        "its certificate is that of a CA (CA:TRUE); a server needs one with CA:FALSE",
    )
    .await;
    check_own(
        |it| it.not_after = date_time_ymd(2020, 2, 29),
        "its certificate expired at 2020-02-29T00:00:00Z and has to be renewed",
    )
    .await;
    check_own(
        |it| it.not_before = date_time_ymd(2999, 1, 1),
        "its certificate is not valid before 2999-01-01T00:00:00Z; one of the clocks is wrong",
    )
    .await;
    let names = || CertificateParams::new(["a.example".into(), "127.0.0.1".into()]).unwrap();
    check_own(
        |it| it.subject_alt_names = names().subject_alt_names,
        "its certificate is for a.example, 127.0.0.1, not localhost",
    )
    .await;
    check_own(
        |it| it.subject_alt_names.clear(),
        "its certificate has no subjectAltName; it needs localhost there",
    )
    .await;
    check_own(
        |it| it.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth],
        "its certificate is not for servers: extendedKeyUsage needs serverAuth",
    )
    .await;
}

#[tokio::test]
async fn untrusted_issuer_error_names_the_options() {
    let advice = [
        "; ?ca=FILE trusts an issuer",
        "; --ca FILE trusts a CA, --fingerprint SHA256 this one certificate",
    ];
    let other = TlsUpstream::bind().await;
    let renewed = "its certificate is not signed with the key of the trusted CA";
    check_certificate(TlsUpstream::bind().await, &other.ca, renewed, advice).await;

    let stranger =
        TlsUpstream::with(|it| it.distinguished_name.push(rcgen::DnType::CommonName, "x"));
    let nobody = "its certificate is not signed by a trusted CA";
    check_certificate(stranger.await, &other.ca, nobody, advice).await;
}

#[tokio::test]
async fn failed_tls_handshake_is_explained() {
    let ca = &TlsUpstream::bind().await.ca;
    let check_response = async |response: &[u8], expected: &str| {
        let response = response.to_vec();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let serving = tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                stream.write_all(&response).await.unwrap();
                stream.shutdown().await.unwrap();
                let _ = stream.read_to_end(&mut Vec::new()).await;
            }
        });
        check(port, ca, expected, ["", ""]).await;
        serving.abort();
    };
    let ended = "it closed the connection during the TLS handshake; it may not speak TLS";
    check_response(b"", ended).await;
    check_response(b"220 mail.example ESMTP\r\n", "it does not speak TLS").await;
    // Fatal alerts (RFC 8446, section 6.2).
    let refused = "it refused TLS: no common cipher suite, or it requires a client certificate";
    for (alert, expected) in [
        (0x46, "it supports neither TLS 1.2 nor 1.3"),
        (0x28, refused),
        (0x70, "it has no certificate for that host name"),
        (0x50, "it sent the TLS alert \"internal error\""),
    ] {
        check_response(&[0x15, 3, 3, 0, 2, 2, alert], expected).await;
    }
}
