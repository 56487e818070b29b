//! The certificate of all contenders with TLS.

use std::path::PathBuf;
use std::{fs, io};

use rcgen::{CertifiedKey, generate_simple_self_signed};

use crate::program::sibling_program;

/// Returns the folder of `certificate.pem`, `key.pem`, and `both.pem`, as HAProxy reads them.
pub(crate) fn folder() -> PathBuf {
    sibling_program("tls")
}

/// Writes a new self-signed certificate with an ECDSA key on P-256, the fastest to sign with.
///
/// # Errors
/// Those of the file system.
pub(crate) fn write_certificate() -> io::Result<()> {
    let names = ["127.0.0.1".to_owned()];
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(names).map_err(io::Error::other)?;
    let (cert, key) = (cert.pem(), signing_key.serialize_pem());
    let folder = folder();
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("certificate.pem"), &cert)?;
    fs::write(folder.join("key.pem"), &key)?;
    fs::write(folder.join("both.pem"), cert + &key)
}
