//! TLS settings of a client: trusted CAs or a pinned certificate, a certificate of its own, and
//! the server's name.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::WantsClientCert;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{
    ClientConfig, ConfigBuilder, DEFAULT_VERSIONS, Error, RootCertStore, WantsVerifier,
};

use crate::error_text::tls_error_text;
use crate::tls::pem::{PemError, read_certificates, read_key};
use crate::tls::pinning::{Fingerprint, PinnedVerifier};

/// The settings of TLS connections to one service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TlsSettings {
    /// A PEM file of CAs; `None` trusts the system's.
    pub ca: Option<PathBuf>,
    /// The pinned certificate; the CAs, the name and the dates then don't matter.
    pub fingerprint: Option<Fingerprint>,
    /// A PEM file of the client's certificate, and of its issuers after it.
    pub cert: Option<PathBuf>,
    /// A PEM file of that certificate's private key.
    pub key: Option<PathBuf>,
    /// The server's name, for SNI and for its certificate; `None` is the host of the address.
    pub name: Option<String>,
}

/// A setting that cannot be used.
#[derive(Debug, Error)]
#[error("{fault}")]
pub struct TlsSettingsError {
    /// The name of the setting.
    pub setting: &'static str,
    /// The reason.
    pub fault: TlsSettingsFault,
}

/// The reason why a setting cannot be used.
#[derive(Debug, Error)]
pub enum TlsSettingsFault {
    /// Its file cannot be used.
    #[error(transparent)]
    File(#[from] PemError),
    /// The system trusts no CA.
    #[error("this system trusts no CAs; a file of them is needed")]
    NoRoots,
    /// No certificate of the file can be a CA.
    #[error("{}: none of its certificates can be used as a CA", .0.display())]
    UnusableRoots(PathBuf),
    /// CAs and a pinned certificate contradict each other.
    #[error("a fingerprint takes the place of CAs: only one of both can be set")]
    PinnedAndCa,
    /// A certificate without a key, or the reverse.
    #[error("a client certificate takes both cert and key")]
    HalfIdentity,
    /// Certificate and key do not belong together.
    #[error("{} cannot be used with {}: {}", cert.display(), key.display(), tls_error_text(source))]
    Identity {
        /// The certificate file.
        cert: PathBuf,
        /// The key file.
        key: PathBuf,
        /// The reason.
        source: Box<Error>,
    },
    /// No certificate can be for this host.
    #[error("a certificate cannot be for the host {0:?}")]
    Name(String),
}

impl TlsSettings {
    /// Checks the settings against each other, without opening a file.
    ///
    /// # Errors
    /// [`TlsSettingsError`] names the setting.
    pub fn check(&self) -> Result<(), TlsSettingsError> {
        let error = |setting, fault| Err(TlsSettingsError { setting, fault });
        if self.fingerprint.is_some() && self.ca.is_some() {
            return error("fingerprint", TlsSettingsFault::PinnedAndCa);
        }
        match (&self.cert, &self.key) {
            (Some(_), None) => error("cert", TlsSettingsFault::HalfIdentity),
            (None, Some(_)) => error("key", TlsSettingsFault::HalfIdentity),
            _ => Ok(()),
        }
    }

    /// Returns true if files are set, which can change.
    pub fn has_files(&self) -> bool {
        self.ca.is_some() || self.cert.is_some()
    }

    /// The name of the server at `host`, for SNI and its certificate.
    ///
    /// # Errors
    /// [`TlsSettingsError`] if no certificate can be for it.
    pub fn server_name(&self, host: &str) -> Result<ServerName<'static>, TlsSettingsError> {
        let name = self.name.as_deref().unwrap_or(host);
        ServerName::try_from(name.to_owned()).map_err(|_| TlsSettingsError {
            setting: "name",
            fault: TlsSettingsFault::Name(name.into()),
        })
    }

    /// Reads the files, and returns a connector.
    ///
    /// # Errors
    /// [`TlsSettingsError`] names the setting, and its file.
    pub fn connector(&self) -> Result<TlsConnector, TlsSettingsError> {
        self.check()?;
        let in_setting = |setting| move |fault| TlsSettingsError { setting, fault };
        let config = self.verified().map_err(in_setting("ca"))?;
        let (Some(cert), Some(key)) = (&self.cert, &self.key) else {
            return Ok(Arc::new(config.with_no_client_auth()).into());
        };
        let chain = read_certificates(cert).map_err(|error| in_setting("cert")(error.into()))?;
        let private = read_key(key).map_err(|error| in_setting("key")(error.into()))?;
        let config = config.with_client_auth_cert(chain, private);
        let config = config.map_err(|source| {
            in_setting("cert")(TlsSettingsFault::Identity {
                cert: cert.clone(),
                key: key.clone(),
                source: Box::new(source),
            })
        })?;
        Ok(Arc::new(config).into())
    }

    /// Begins a configuration that verifies servers as the settings say.
    fn verified(&self) -> Result<ConfigBuilder<ClientConfig, WantsClientCert>, TlsSettingsFault> {
        let config = client_config();
        match self.fingerprint {
            None => Ok(config.with_root_certificates(roots(self.ca.as_deref())?)),
            pinned => Ok(trusting(config, pinned)),
        }
    }
}

/// Returns a connector that accepts any certificate, also an expired one: for loopback
/// connections, which have no third party.
pub fn unverified_connector() -> TlsConnector {
    let config = trusting(client_config(), None).with_no_client_auth();
    Arc::new(config).into()
}

/// Trusts the certificate with `fingerprint` alone; any, if there is none.
fn trusting(
    config: ConfigBuilder<ClientConfig, WantsVerifier>,
    fingerprint: Option<Fingerprint>,
) -> ConfigBuilder<ClientConfig, WantsClientCert> {
    let verifier = PinnedVerifier {
        fingerprint,
        provider: Arc::clone(config.crypto_provider()),
    };
    let config = config.dangerous();
    config.with_custom_certificate_verifier(Arc::new(verifier))
}

/// Begins a client's TLS configuration: TLS 1.2 and 1.3 with ring.
fn client_config() -> ConfigBuilder<ClientConfig, WantsVerifier> {
    ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(DEFAULT_VERSIONS)
        .expect("the provider has ciphers for each version")
}

fn roots(ca: Option<&Path>) -> Result<RootCertStore, TlsSettingsFault> {
    let mut roots = RootCertStore::empty();
    let trusted = match ca {
        None => rustls_native_certs::load_native_certs().certs,
        Some(path) => read_certificates(path)?,
    };
    match (roots.add_parsable_certificates(trusted), ca) {
        ((0, _), None) => Err(TlsSettingsFault::NoRoots),
        ((0, _), Some(path)) => Err(TlsSettingsFault::UnusableRoots(path.into())),
        _ => Ok(roots),
    }
}
