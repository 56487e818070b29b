//! TLS settings of upstreams and of `send`: client certificates, server names, fingerprints and
//! files, which SIGHUP reads again.

use std::path::Path;

use net::tls::pinning::Fingerprint;
use testkit::{FREE_PORTS, Signal, tempdir};
use tokio_tungstenite::tungstenite::Message;

use crate::harness::Browser;
use crate::process::{GatewayProcess, assert_contains, framegate, output, text};
use crate::tls_upstream::{TlsUpstream, write_certificate};
use crate::upstreams::with_upstreams;

/// The reply to "hello", or the reason why there is none, through a bridge to `upstream`.
async fn through_bridge(upstream: &str) -> Result<(), String> {
    let bridge = with_upstreams(&[upstream.to_owned()]).await;
    let browser = bridge.open().await;
    answered(browser).await
}

async fn answered(mut browser: Browser) -> Result<(), String> {
    // Fails if the bridge has closed the session already.
    let _ = futures_util::SinkExt::send(&mut browser.0, Message::text("hello")).await;
    match browser.receive().await {
        Message::Close(Some(close)) => Err(close.reason.to_string()),
        message => {
            assert_eq!(message, Message::text("reply"));
            Ok(())
        }
    }
}

/// The reply to "hello", or the error, of `send` with `args`.
async fn through_send(args: &[&str]) -> Result<(), String> {
    let output = output(&[&["send", "hello"], args].concat()).await;
    if output.status.code() != Some(0) {
        assert_eq!(output.status.code(), Some(1));
        return Err(text(&output.stderr));
    }
    assert_eq!(text(&output.stdout), "reply\n");
    Ok(())
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).to_str().unwrap().to_owned()
}

#[tokio::test]
async fn client_certificate_is_sent_to_a_service_that_requires_one() {
    let folder = tempdir().unwrap();
    let service = TlsUpstream::requiring(write_certificate(folder.path())).await;
    let (cert, key) = (
        path(folder.path(), "cert.pem"),
        path(folder.path(), "key.pem"),
    );
    let option = service.option();
    let (port, ca) = service.serve();
    let identified = format!("{option}&cert={cert}&key={key}");
    assert_eq!(through_bridge(&identified).await, Ok(()));
    let refused = "it requires a client certificate: set cert and key";
    assert_contains(&through_bridge(&option).await.unwrap_err(), refused);

    let target = format!("tls://localhost:{port}");
    let ca = ca.path().to_str().unwrap();
    let args = ["--to", &target, "--ca", ca];
    let identity = ["--cert", &cert, "--key", &key];
    assert_eq!(through_send(&[&args[..], &identity].concat()).await, Ok(()));
    assert_contains(&through_send(&args).await.unwrap_err(), refused);

    let other = tempdir().unwrap();
    write_certificate(other.path());
    let (cert, key) = (
        path(other.path(), "cert.pem"),
        path(other.path(), "key.pem"),
    );
    let error = through_bridge(&format!("{option}&cert={cert}&key={key}")).await;
    assert_contains(
        &error.unwrap_err(),
        "it does not trust the certificate of this side",
    );
}

#[tokio::test]
async fn name_setting_takes_the_place_of_the_host() {
    let service = TlsUpstream::with(|params| {
        params.subject_alt_names = vec![rcgen::SanType::DnsName("db.example".try_into().unwrap())];
    });
    let (port, ca) = service.await.serve();
    let ca = ca.path().to_str().unwrap();
    let target = format!("tls://127.0.0.1:{port}");
    let option = format!("{target}?ca={ca}");
    let other = "its certificate is for db.example, not 127.0.0.1";
    assert_contains(&through_bridge(&option).await.unwrap_err(), other);
    assert_eq!(
        through_bridge(&format!("{option}&name=db.example")).await,
        Ok(())
    );

    let args = ["--to", &target, "--ca", ca];
    assert_contains(&through_send(&args).await.unwrap_err(), other);
    let named = [&args[..], &["--name", "db.example"]].concat();
    assert_eq!(through_send(&named).await, Ok(()));
}

#[tokio::test]
async fn send_trusts_the_pinned_certificate_alone() {
    let service = TlsUpstream::bind().await;
    let own = Fingerprint::of(&service.certificate()).to_string();
    let target = format!("tls://127.0.0.1:{}", service.port());
    let (_, _ca) = service.serve();
    let pinned = async |pin: &str| through_send(&["--to", &target, "--fingerprint", pin]).await;
    assert_eq!(pinned(&own).await, Ok(()));
    let error = pinned(&["AB"; 32].join(":")).await.unwrap_err();
    let expected = format!("is not trusted: its certificate has another fingerprint: {own}");
    assert_contains(&error, &expected);
}

#[tokio::test]
async fn sighup_reads_the_files_of_an_upstream_again() {
    let folder = tempdir().unwrap();
    let service = TlsUpstream::requiring(write_certificate(folder.path())).await;
    let (port, own) = service.serve();
    let strange = TlsUpstream::bind().await;
    let ca = path(folder.path(), "ca.pem");
    std::fs::copy(strange.ca.path(), &ca).unwrap();
    let (cert, key) = (
        path(folder.path(), "cert.pem"),
        path(folder.path(), "key.pem"),
    );
    let option = format!("tls://localhost:{port}?ca={ca}&cert={cert}&key={key}");
    let mut command = framegate(&FREE_PORTS);
    let mut gateway = GatewayProcess::start(command.args(["--upstream", &option]));
    let url = gateway.url("bridge").await;
    let error = answered(Browser::connect(&url).await).await.unwrap_err();
    assert_contains(&error, "; ?ca=FILE trusts an issuer");

    std::fs::copy(own.path(), &ca).unwrap();
    gateway.signal(Signal::SIGHUP);
    gateway
        .logged("read the TLS files of upstreams again")
        .await;
    assert_eq!(answered(Browser::connect(&url).await).await, Ok(()));

    std::fs::remove_file(&key).unwrap();
    gateway.signal(Signal::SIGHUP);
    let kept = gateway.logged("the upstream's TLS stays as it was").await;
    assert_contains(
        &kept,
        &format!("setting key: {key}: cannot read it: there is no such file"),
    );
    assert_eq!(answered(Browser::connect(&url).await).await, Ok(()));
}

#[tokio::test]
async fn unusable_file_is_named_with_its_setting() {
    let (folder, other) = (tempdir().unwrap(), tempdir().unwrap());
    for folder in [&folder, &other] {
        write_certificate(folder.path());
    }
    let (cert, key) = (
        path(folder.path(), "cert.pem"),
        path(folder.path(), "key.pem"),
    );
    let (wrong, none) = (
        path(other.path(), "key.pem"),
        path(other.path(), "none.pem"),
    );
    let missing = format!("{none}: cannot read it: there is no such file or folder");
    let mismatch = format!("{cert} cannot be used with {wrong}: the key does not belong");
    let no_certificate = format!("{key}: there is no certificate in it, only PRIVATE KEY");
    for (settings, setting, expected) in [
        ([("cert", &none), ("key", &key)], "cert", &missing),
        ([("cert", &cert), ("key", &none)], "key", &missing),
        ([("cert", &cert), ("key", &wrong)], "cert", &mismatch),
        ([("cert", &key), ("key", &key)], "cert", &no_certificate),
    ] {
        let [(a, x), (b, y)] = settings;
        let upstream = format!("--upstream=tls://localhost:1?{a}={x}&{b}={y}");
        let gateway = output(&[&FREE_PORTS[..], &[&upstream]].concat()).await;
        assert_eq!(gateway.status.code(), Some(2));
        let expected_line = format!("upstream tls://localhost:1: setting {setting}: {expected}");
        assert_contains(&text(&gateway.stderr), &expected_line);

        let (a, b) = (format!("--{a}={x}"), format!("--{b}={y}"));
        let send = output(&["send", "--to=tls://localhost:1", &a, &b, "hello"]).await;
        assert_eq!(send.status.code(), Some(2));
        assert_contains(&text(&send.stderr), &format!("--{setting}: {expected}"));
    }
}
