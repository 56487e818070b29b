//! Test certificates, and an upstream with TLS.

use std::path::Path;
use std::sync::Arc;

use net::tls::pinning::Fingerprint;
use rcgen::{CertificateParams, KeyPair};
use testkit::{NamedTempFile, temp_file};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::harness::within;
use crate::upstreams::with_upstreams;

/// Writes a new self-signed certificate for localhost to `cert.pem`, and its key to `key.pem`.
pub(crate) fn write_certificate(folder: &Path) -> CertificateDer<'static> {
    let made = rcgen::generate_simple_self_signed(["localhost".into()]).unwrap();
    std::fs::write(folder.join("cert.pem"), made.cert.pem()).unwrap();
    std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    made.cert.der().clone()
}

/// A TLS listener at localhost, and a file with its self-signed certificate.
pub(crate) struct TlsUpstream {
    pub(crate) listener: TcpListener,
    pub(crate) acceptor: TlsAcceptor,
    pub(crate) ca: NamedTempFile,
}

impl TlsUpstream {
    pub(crate) async fn bind() -> Self {
        Self::with(|_| {}).await
    }

    /// Listens with a certificate for localhost, after `change` to its parameters.
    pub(crate) async fn with(change: impl FnOnce(&mut CertificateParams)) -> Self {
        let mut params = CertificateParams::new(["localhost".into()]).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let ca = temp_file(certificate.pem()).unwrap();
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        Self {
            listener: TcpListener::bind("127.0.0.1:0").await.unwrap(),
            acceptor: Arc::new(config).into(),
            ca,
        }
    }

    pub(crate) fn certificate(&self) -> CertificateDer<'static> {
        CertificateDer::from_pem_file(self.ca.path()).unwrap()
    }

    pub(crate) fn port(&self) -> u16 {
        self.listener.local_addr().unwrap().port()
    }

    /// The `--upstream` value that trusts its certificate.
    pub(crate) fn option(&self) -> String {
        let ca = self.ca.path().display();
        format!("tls://localhost:{}?ca={ca}", self.port())
    }
}

#[tokio::test]
async fn pinned_certificate_is_trusted_whatever_its_issuer_and_name() {
    let pins = async |fingerprint: String| {
        let service = TlsUpstream::bind().await;
        let own = Fingerprint::of(&service.certificate()).to_string();
        let pin = if fingerprint.is_empty() {
            own
        } else {
            fingerprint
        };
        let option = format!(
            "tls://127.0.0.1:{}?fingerprint=SHA256:{pin}",
            service.port()
        );
        let bridge = with_upstreams(&[option]).await;
        let browser = tokio::spawn(async move { bridge.open().await.closed().await });
        let (stream, _) = within(service.listener.accept()).await.unwrap();
        let accepted = within(service.acceptor.accept(stream)).await.is_ok();
        (accepted, within(browser).await.unwrap().1)
    };
    assert!(pins(String::new()).await.0);
    let (accepted, reason) = pins(["AB"; 32].join(":")).await;
    assert!(!accepted);
    assert!(reason.contains("another fingerprint"), "{reason}");
}
