//! Reading of files and standard input, up to a length.

use std::io::{self, Read};
use std::path::Path;

use bytesize::ByteSize;
use net::error_text::io_error_text;
use net::text_file::read_text_file;
use net::untrusted::Untrusted;
use thiserror::Error;

/// A file, or standard input, that cannot be read.
#[derive(Debug, Error)]
#[error("cannot read {}: {}", path_text(.name), io_error_text(.source))]
pub struct ReadError {
    name: String,
    source: io::Error,
}

impl ReadError {
    pub(crate) fn new(name: impl Into<String>, source: io::Error) -> Self {
        let name = name.into();
        Self { name, source }
    }

    pub(crate) fn file(path: &Path, source: io::Error) -> Self {
        Self::new(path.display().to_string(), source)
    }
}

/// Reads a small text file, such as one with a token.
pub(crate) fn read_text(path: &Path) -> Result<String, ReadError> {
    read_text_file(path).map_err(|source| ReadError::file(path, source))
}

/// Reads `source` to its end, which has to come within `max_len` bytes: `/dev/zero` has none.
pub(crate) fn read_up_to(max_len: usize, source: impl Read, advice: &str) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = (max_len as u64).saturating_add(1);
    source.take(limit).read_to_end(&mut bytes)?;
    match bytes.len() > max_len {
        true => Err(too_long(max_len, advice)),
        false => Ok(bytes),
    }
}

/// The error of something longer than `max_len` bytes, with `advice`.
pub(crate) fn too_long(max_len: usize, advice: &str) -> io::Error {
    let max_len = ByteSize(max_len as u64);
    io::Error::other(format!("longer than {max_len}{advice}"))
}

/// The path of a file, as it is printed.
pub(crate) fn path_text(path: &str) -> Untrusted<'_> {
    const PATH_MAX: usize = 4096;
    Untrusted::from(path).up_to(PATH_MAX)
}
