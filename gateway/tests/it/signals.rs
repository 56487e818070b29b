//! Signals: drain, immediate exit and reload.

use std::path::Path;

use testkit::{FREE_PORTS, Signal};

use crate::harness::within;
use crate::process::{GatewayProcess, framegate};
use crate::recording::make_pipe;
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

/// Starts a gateway with a certificate in `folder`: cert.pem and key.pem.
fn start_with_certificate(folder: &Path) -> GatewayProcess {
    write_certificate(folder);
    let mut command = framegate(&FREE_PORTS);
    command.arg("--tls-cert").arg(folder.join("cert.pem"));
    command.arg("--tls-key").arg(folder.join("key.pem"));
    GatewayProcess::start(&mut command)
}

#[tokio::test]
async fn sighup_reloads_the_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let mut gateway = start_with_certificate(folder.path());
    gateway.url("page").await;
    gateway.signal(Signal::SIGHUP);
    gateway.logged("read the certificate again").await;
    std::fs::remove_file(folder.path().join("key.pem")).unwrap();
    gateway.signal(Signal::SIGHUP);
    gateway.logged("the certificate stays as it was").await;
    gateway.signal(Signal::SIGTERM);
    assert_eq!(gateway.ended().await.0, Some(0));
}

#[tokio::test]
async fn signals_without_a_use_end_no_gateway() {
    let mut gateway = GatewayProcess::start(&mut framegate(&FREE_PORTS));
    let mut client = gateway.connect().await;
    for (signal, line) in [
        (Signal::SIGHUP, "no certificate or recording to read again"),
        (Signal::SIGUSR1, "SIGUSR1 has no use"),
        (Signal::SIGUSR2, "SIGUSR2 has no use"),
    ] {
        gateway.signal(signal);
        gateway.logged(line).await;
    }
    gateway.signal(Signal::SIGPIPE);
    gateway.signal(Signal::SIGXFSZ);
    client.check_echo("still here").await;
    drop(client);
    gateway.signal(Signal::SIGTERM);
    assert_eq!(gateway.ended().await.0, Some(0));
}

/// Waits until the process catches SIGTERM, the 15th bit of the mask.
#[cfg(target_os = "linux")]
async fn catches_sigterm(pid: u32) {
    let is_caught = || {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let mask = status.lines().find_map(|it| it.strip_prefix("SigCgt:"));
        u64::from_str_radix(mask.unwrap().trim(), 16).unwrap() & 1 << 14 != 0
    };
    within(async {
        while !is_caught() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

/// A pipe without a writer stands for a file on a disk that hangs.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn start_that_waits_for_a_file_can_be_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    make_pipe(&pipe);
    let pipe = pipe.to_str().unwrap();
    let ca = format!("tls://localhost:1?ca={pipe}");
    for options in [
        &["--token-file", pipe][..],
        &["--tls-cert", pipe, "--tls-key", pipe],
        &["--upstream", &ca],
    ] {
        let mut command = framegate(&FREE_PORTS);
        let gateway = GatewayProcess::start(command.args(options));
        catches_sigterm(gateway.pid()).await;
        gateway.signal(Signal::SIGTERM);
        assert_eq!(gateway.ended().await.0, Some(0), "{options:?}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn reload_that_hangs_blocks_neither_clients_nor_a_stop() {
    let folder = tempfile::tempdir().unwrap();
    let mut gateway = start_with_certificate(folder.path());
    let mut client = gateway.connect().await;
    let cert = folder.path().join("cert.pem");
    std::fs::remove_file(&cert).unwrap();
    make_pipe(&cert);
    gateway.signal(Signal::SIGHUP);
    gateway.logged("the certificates are not read yet").await;
    client.check_echo("still here").await;
    drop(client);
    gateway.signal(Signal::SIGTERM);
    assert_eq!(gateway.ended().await.0, Some(0));
}
