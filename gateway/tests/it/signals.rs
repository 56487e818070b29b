//! What signals do.

use testkit::{FREE_PORTS, Signal};

use crate::process::{GatewayProcess, framegate};

#[tokio::test]
async fn sigint_and_sigterm_exit_with_status_0() {
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let mut running = GatewayProcess::start(&mut framegate(&FREE_PORTS));
        running.url("page").await;
        running.signal(signal);
        assert_eq!(running.ended().await.0, Some(0), "{signal}");
    }
}

#[tokio::test]
async fn second_signal_exits_at_once() {
    let mut running = GatewayProcess::start(&mut framegate(&FREE_PORTS));
    let url = running.url("bridge").await;
    // A client that stays keeps the first one waiting.
    let (stuck, _) = tokio_tungstenite::connect_async(url).await.unwrap();
    running.signal(Signal::SIGTERM);
    running.logged("stopping").await;
    running.signal(Signal::SIGTERM);
    assert_eq!(running.ended().await.0, Some(130));
    drop(stuck);
}

#[tokio::test]
async fn sighup_reloads_the_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name| folder.path().join(name).to_str().unwrap().to_owned();
    let made = rcgen::generate_simple_self_signed(["localhost".into()]).unwrap();
    std::fs::write(path("cert.pem"), made.cert.pem()).unwrap();
    std::fs::write(path("key.pem"), made.signing_key.serialize_pem()).unwrap();
    let (cert, key) = (path("cert.pem"), path("key.pem"));
    let mut command = framegate(&FREE_PORTS);
    command.args(["--tls-cert", &cert, "--tls-key", &key]);
    let mut running = GatewayProcess::start(&mut command);
    running.url("page").await;
    running.signal(Signal::SIGHUP);
    running.logged("read the certificate again").await;
    std::fs::remove_file(key).unwrap();
    running.signal(Signal::SIGHUP);
    running.logged("the certificate stays as it was").await;
    running.signal(Signal::SIGTERM);
    assert_eq!(running.ended().await.0, Some(0));
}
