//! Standard output, and notes on standard error.

use std::io::ErrorKind::BrokenPipe;
use std::io::{self, Write};

use net::error_text::io_error_text;
use net::untrusted::Untrusted;
use thiserror::Error;

/// Standard output cannot be written.
#[derive(Debug, Error)]
#[error("cannot write to standard output: {}", io_error_text(.0))]
pub struct OutputError(#[from] io::Error);

impl OutputError {
    /// Returns true if the reader of a pipe has closed it, having seen enough.
    pub(crate) fn is_closed_pipe(&self) -> bool {
        self.0.kind() == BrokenPipe
    }
}

/// Prints and flushes `bytes`.
pub(crate) fn print(bytes: &[u8]) -> Result<(), OutputError> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes)?;
    Ok(stdout.flush()?)
}

/// Prints a part of a report, which a closed pipe does not change.
pub(crate) fn print_report(text: &str) -> Result<(), OutputError> {
    match print(text.as_bytes()) {
        Err(error) if error.is_closed_pipe() => Ok(()),
        printed => printed,
    }
}

/// Prints a line to standard error, if that can be written.
pub(crate) fn note(text: String) {
    const MAX_LEN: usize = 4096;
    let _ = writeln!(io::stderr(), "{}", Untrusted::from(text).up_to(MAX_LEN));
}
