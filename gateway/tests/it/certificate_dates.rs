//! Dates of certificates: warnings at the start and after a reload, and the metric.

use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use testkit::{FREE_PORTS, Signal, tempdir};
use tokio::net::TcpStream;

use crate::http_client::fetch_on;
use crate::process::{GatewayProcess, assert_contains, framegate};

/// Writes a certificate for localhost to `cert.pem`, valid between two years, and its key.
fn write_dated(folder: &std::path::Path, from: i32, to: i32) {
    let mut params = CertificateParams::new(["localhost".into()]).unwrap();
    params.not_before = date_time_ymd(from, 1, 1);
    params.not_after = date_time_ymd(to, 1, 1);
    let key = KeyPair::generate().unwrap();
    let made = params.self_signed(&key).unwrap();
    std::fs::write(folder.join("cert.pem"), made.pem()).unwrap();
    std::fs::write(folder.join("key.pem"), key.serialize_pem()).unwrap();
}

#[tokio::test]
async fn certificate_outside_its_dates_is_warned_of_at_the_start_and_after_a_reload() {
    let folder = tempdir().unwrap();
    let path = |name| folder.path().join(name).to_str().unwrap().to_owned();
    let (cert, key) = (path("cert.pem"), path("key.pem"));
    write_dated(folder.path(), 2019, 2020);
    let mut command = framegate(&FREE_PORTS);
    command.args([
        "--admin=127.0.0.1:0",
        "--tls-cert",
        &cert,
        "--tls-key",
        &key,
    ]);
    let mut gateway = GatewayProcess::start(&mut command);
    let admin = gateway.addr("admin").await;
    let expires = async |expected: &str| {
        let stream = TcpStream::connect(admin).await.unwrap();
        let metrics = fetch_on(stream, "GET /metrics", &[("host", "localhost")], "").await;
        let line = format!("framegate_tls_certificate_expiry_seconds {expected}\n");
        assert_contains(metrics.body(), &line);
    };
    let expired = "TLS: certificate 1 expired at 2020-01-01T00:00:00Z: renew it";
    let line = gateway.logged(expired).await;
    assert_contains(&line, "WARN");
    assert_contains(&line, &cert);
    expires("1577836800").await;

    write_dated(folder.path(), 2998, 2999);
    gateway.signal(Signal::SIGHUP);
    let early = "TLS: certificate 1 is not valid before 2998-01-01T00:00:00Z";
    assert_contains(&gateway.logged(early).await, &cert);
    gateway.logged("read the certificate again").await;
    expires("32472144000").await;
}

#[tokio::test]
async fn expired_client_certificate_of_an_upstream_is_warned_of() {
    let folder = tempdir().unwrap();
    write_dated(folder.path(), 2019, 2020);
    let at = folder.path().display();
    let upstream = format!("--upstream=tls://localhost:1?cert={at}/cert.pem&key={at}/key.pem");
    let mut command = framegate(&FREE_PORTS);
    let mut gateway = GatewayProcess::start(command.arg(upstream));
    let line = gateway
        .logged("certificate 1 expired at 2020-01-01T00:00:00Z")
        .await;
    assert_contains(&line, &format!("{at}/cert.pem"));
}
