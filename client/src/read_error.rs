//! Errors of reading files and standard input.

use std::io;
use std::path::Path;

use net::error_text::io_error_text;
use thiserror::Error;

/// A file, or standard input, that cannot be read.
#[derive(Debug, Error)]
#[error("cannot read {name}: {}", io_error_text(.source))]
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
