//! Signals: drain, immediate exit and reload.

use testkit::{FREE_PORTS, Signal};

use crate::process::{GatewayProcess, framegate};
use crate::tls_upstream::write_certificate;

#[tokio::test]
async fn sigint_and_sigterm_exit_with_status_0() {
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let mut gateway = GatewayProcess::start(&mut framegate(&FREE_PORTS));
        gateway.url("page").await;
        gateway.signal(signal);
        assert_eq!(gateway.ended().await.0, Some(0), "{signal}");
    }
}

#[tokio::test]
async fn second_signal_exits_at_once() {
    let mut gateway = GatewayProcess::start(&mut framegate(&FREE_PORTS));
    let url = gateway.url("bridge").await;
    // A client that does not close its session delays the drain.
    let (unclosed, _) = tokio_tungstenite::connect_async(url).await.unwrap();
    gateway.signal(Signal::SIGTERM);
    gateway.logged("stopping").await;
    gateway.signal(Signal::SIGTERM);
    assert_eq!(gateway.ended().await.0, Some(130));
    drop(unclosed);
}

#[tokio::test]
async fn sighup_reloads_the_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name| folder.path().join(name).to_str().unwrap().to_owned();
    write_certificate(folder.path());
    let (cert, key) = (path("cert.pem"), path("key.pem"));
    let mut command = framegate(&FREE_PORTS);
    command.args(["--tls-cert", &cert, "--tls-key", &key]);
    let mut gateway = GatewayProcess::start(&mut command);
    gateway.url("page").await;
    gateway.signal(Signal::SIGHUP);
    gateway.logged("read the certificate again").await;
    std::fs::remove_file(key).unwrap();
    gateway.signal(Signal::SIGHUP);
    gateway.logged("the certificate stays as it was").await;
    gateway.signal(Signal::SIGTERM);
    assert_eq!(gateway.ended().await.0, Some(0));
}
