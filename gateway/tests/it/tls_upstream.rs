//! Test certificates, and an upstream with TLS.

use std::path::Path;
use std::sync::Arc;

use net::tls::pinning::Fingerprint;
use rcgen::{CertificateParams, KeyPair};
use testkit::{NamedTempFile, temp_file};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::server::danger::ClientCertVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use crate::harness::{frame, within};
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
        Self::with_clients(change, None).await
    }

    /// Listens, and requires the certificate `client` of its clients.
    pub(crate) async fn requiring(client: CertificateDer<'static>) -> Self {
        let mut trusted = RootCertStore::empty();
        trusted.add(client).unwrap();
        let provider = Arc::new(default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(trusted.into(), provider);
        Self::with_clients(|_| {}, Some(verifier.build().unwrap())).await
    }

    async fn with_clients(
        change: impl FnOnce(&mut CertificateParams),
        clients: Option<Arc<dyn ClientCertVerifier>>,
    ) -> Self {
        let mut params = CertificateParams::new(["localhost".into()]).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let ca = temp_file(certificate.pem()).unwrap();
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(clients.unwrap_or_else(WebPkiClientVerifier::no_client_auth))
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        Self {
            listener: TcpListener::bind("127.0.0.1:0").await.unwrap(),
            acceptor: Arc::new(config).into(),
            ca,
        }
    }

    /// Answers the first message of each connection, "hello", with "reply", until the test ends.
    pub(crate) fn serve(self) -> (u16, NamedTempFile) {
        let (port, listener, acceptor) = (self.port(), self.listener, self.acceptor);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(mut peer) = acceptor.accept(stream).await else {
                    continue;
                };
                tokio::spawn(async move {
                    let mut request = [0; 9];
                    if peer.read_exact(&mut request).await.is_ok() {
                        assert_eq!(request[..], frame("hello"));
                        peer.write_all(&frame("reply")).await.unwrap();
                    }
                    let _ = peer.read(&mut request).await;
                });
            }
        });
        (port, self.ca)
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
