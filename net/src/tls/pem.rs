//! Files of certificates and keys: PEM, with a message for each way in which one is not.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use thiserror::Error;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::error_text::io_error_text;
use crate::tls::validity::is_certificate;
use crate::untrusted::Untrusted;

/// The longest file, in bytes: all CAs of a system take a quarter of a MiB.
const MAX_LEN: u64 = 8 << 20;

/// The number of section names in an error message, and the characters of each.
const MAX_NAMES: usize = 3;
const MAX_NAME: usize = 40;

/// A file without the certificates or the key that it should have.
#[derive(Debug, Error)]
#[error("{}: {fault}", path.display())]
pub struct PemError {
    /// The file.
    pub path: PathBuf,
    /// The reason.
    pub fault: PemFault,
}

/// The reason why a file cannot be used.
#[derive(Debug, Error)]
pub enum PemFault {
    /// The file cannot be read.
    #[error("cannot read it: {}", file_error_text(.0))]
    Io(#[from] io::Error),
    /// The file is longer than any PEM file.
    #[error("it is longer than {} MiB, which no file of certificates is", MAX_LEN >> 20)]
    TooLong,
    /// The file has no byte.
    #[error("it is empty")]
    Empty,
    /// The file is DER.
    #[error("it is DER, not PEM; convert it with: openssl {0} -inform der -in FILE -out NEW.pem")]
    Der(&'static str),
    /// The file is PKCS #12.
    #[error(
        "it is PKCS #12, not PEM; convert it with: openssl pkcs12 -in FILE -out NEW.pem -nodes"
    )]
    Pkcs12,
    /// The file is UTF-16.
    #[error("it is UTF-16 text; save it as UTF-8")]
    Utf16,
    /// The key needs a passphrase.
    #[error("its key is encrypted; decrypt it with: openssl pkey -in FILE -out NEW.pem")]
    Encrypted,
    /// A section has no last line.
    #[error("its section {0} has no -----END {0}----- line; the file may be cut off")]
    NoEnd(String),
    /// A section cannot be decoded.
    #[error("its PEM is damaged: {0}")]
    Damaged(&'static str),
    /// A certificate is not X.509.
    #[error("its certificate number {0} is damaged")]
    Certificate(usize),
    /// Other sections alone.
    #[error("there is no {wanted} in it, only {found}")]
    OtherSections {
        /// The missing thing.
        wanted: &'static str,
        /// The names of the sections.
        found: String,
    },
    /// No section at all.
    #[error("there is no {wanted} in it: no line \"-----BEGIN {label}-----\"")]
    NoSection {
        /// The missing thing.
        wanted: &'static str,
        /// The name of its section.
        label: &'static str,
    },
}

/// The kind of a wanted section.
#[derive(Clone, Copy)]
struct Kind {
    name: &'static str,
    label: &'static str,
    /// The openssl command that converts it.
    command: &'static str,
}

const CERTIFICATE: Kind = Kind {
    name: "certificate",
    label: "CERTIFICATE",
    command: "x509",
};

const KEY: Kind = Kind {
    name: "private key",
    label: "PRIVATE KEY",
    command: "pkey",
};

/// Reads the certificates of a PEM file, at least one.
///
/// # Errors
/// [`PemError`] names the file and the fault.
pub fn read_certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, PemError> {
    in_file(path, || {
        let bytes = read(path)?;
        let certificates: Vec<CertificateDer<'static>> = sections(&bytes, CERTIFICATE)?;
        match certificates.iter().position(|it| !is_certificate(it)) {
            Some(at) => Err(PemFault::Certificate(at + 1)),
            None => Ok(certificates),
        }
    })
}

/// Reads the first private key of a PEM file.
///
/// # Errors
/// [`PemError`] names the file and the fault.
pub fn read_key(path: &Path) -> Result<PrivateKeyDer<'static>, PemError> {
    in_file(path, || {
        let bytes = read(path)?;
        if contains(&bytes, b"Proc-Type: 4,ENCRYPTED") {
            return Err(PemFault::Encrypted);
        }
        let keys: Vec<PrivateKeyDer<'static>> = sections(&bytes, KEY)?;
        keys.into_iter().next().ok_or(PemFault::Empty)
    })
}

fn in_file<T>(path: &Path, read: impl FnOnce() -> Result<T, PemFault>) -> Result<T, PemError> {
    read().map_err(|fault| PemError {
        path: path.into(),
        fault,
    })
}

/// Reads the file, without the byte order mark that some editors put first.
fn read(path: &Path) -> Result<Vec<u8>, PemFault> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(MAX_LEN + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_LEN {
        return Err(PemFault::TooLong);
    }
    if bytes.starts_with("\u{feff}".as_bytes()) {
        bytes.drain(.."\u{feff}".len());
    }
    Ok(bytes)
}

/// Returns the sections of one kind; at least one.
fn sections<T: PemObject>(bytes: &[u8], kind: Kind) -> Result<Vec<T>, PemFault> {
    let found: Result<Vec<T>, _> = T::pem_slice_iter(bytes).collect();
    match found {
        Ok(found) if found.is_empty() => Err(missing(bytes, kind)),
        Ok(found) => Ok(found),
        Err(error) => Err(damage(error)),
    }
}

/// Returns the reason why there is no section of this kind.
fn missing(bytes: &[u8], kind: Kind) -> PemFault {
    if bytes.is_empty() {
        return PemFault::Empty;
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return PemFault::Utf16;
    }
    // A SEQUENCE with a length of two bytes; PKCS #12 begins with version 3.
    match bytes {
        [0x30, 0x82, _, _, 2, 1, 3, ..] => return PemFault::Pkcs12,
        [0x30, 0x80..=0x83, ..] => return PemFault::Der(kind.command),
        _ => {}
    }
    let names = section_names(bytes);
    match names.iter().any(|name| name == "ENCRYPTED PRIVATE KEY") {
        true if kind.name == KEY.name => PemFault::Encrypted,
        _ if names.is_empty() => PemFault::NoSection {
            wanted: kind.name,
            label: kind.label,
        },
        _ => PemFault::OtherSections {
            wanted: kind.name,
            found: names.join(", "),
        },
    }
}

/// Returns the names of the first sections, each once.
fn section_names(bytes: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    for line in bytes.split(|byte| matches!(byte, b'\n' | b'\r')) {
        let name = line.strip_prefix(b"-----BEGIN ");
        let name = name.and_then(|rest| rest.trim_ascii_end().strip_suffix(b"-----"));
        let name = name.map(|name| Untrusted::new(name).up_to(MAX_NAME).to_string());
        names.extend(name.filter(|name| !names.contains(name)));
    }
    names.truncate(MAX_NAMES);
    names
}

fn damage(error: pem::Error) -> PemFault {
    match error {
        pem::Error::Io(error) => PemFault::Io(error),
        pem::Error::MissingSectionEnd { end_marker } => {
            let marker = Untrusted::new(end_marker).to_string();
            let name = marker.trim_start_matches("-----END ").trim_end_matches('-');
            PemFault::NoEnd(name.into())
        }
        pem::Error::IllegalSectionStart { .. } => {
            PemFault::Damaged("a -----BEGIN line does not end with five dashes")
        }
        pem::Error::Base64Decode(_) => {
            PemFault::Damaged("a section has characters that are not base64")
        }
        _ => PemFault::Damaged("it cannot be parsed"),
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Returns the message of an error of opening or reading a file.
fn file_error_text(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::PermissionDenied => "this user may not read it".into(),
        _ => io_error_text(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_section_is_explained_by_what_the_file_is() {
        let check = |bytes: &[u8], expected: &str| {
            let found = sections::<PrivateKeyDer<'static>>(bytes, KEY);
            assert_eq!(found.unwrap_err().to_string(), expected);
        };
        check(b"", "it is empty");
        check(
            b"nonsense",
            "there is no private key in it: no line \"-----BEGIN PRIVATE KEY-----\"",
        );
        check(
            b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            "there is no private key in it, only CERTIFICATE",
        );
        check(
            b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
            "its key is encrypted; decrypt it with: openssl pkey -in FILE -out NEW.pem",
        );
        check(
            b"-----BEGIN PRIVATE KEY-----\nAAAA\n",
            "its section PRIVATE KEY has no -----END PRIVATE KEY----- line; the file may be cut off",
        );
        check(
            b"-----BEGIN PRIVATE KEY-----\n!!!!\n-----END PRIVATE KEY-----\n",
            "its PEM is damaged: a section has characters that are not base64",
        );
        check(b"\xff\xfe-\0", "it is UTF-16 text; save it as UTF-8");
        check(
            &[0x30, 0x82, 4, 0, 2, 1, 0],
            "it is DER, not PEM; convert it with: openssl pkey -inform der -in FILE -out NEW.pem",
        );
        check(
            &[0x30, 0x82, 4, 0, 2, 1, 3],
            "it is PKCS #12, not PEM; convert it with: openssl pkcs12 -in FILE -out NEW.pem -nodes",
        );
    }
}
