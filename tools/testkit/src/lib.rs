//! Test kit: server processes on free ports, reserved ports, and temporary files.
//!
//! Shared by the gateway's integration tests and soak, the benchmark and the cluster test.
//! Servers listen on port 0 and announce their addresses in a start-up text; this crate is
//! the one place that parses it.

mod port;
mod process;
mod startup;

use std::io;

pub use nix::sys::signal::Signal;
pub use tempfile::{NamedTempFile, TempDir, tempdir};

pub use crate::port::{ReservedPort, wait_until_listening};
pub use crate::process::{FREE_PORTS, ServerProcess};

/// Creates a temporary file with `text`; it is deleted on drop.
///
/// # Errors
/// The system's, if it cannot be created or written.
pub fn temp_file(text: impl AsRef<[u8]>) -> io::Result<NamedTempFile> {
    let file = NamedTempFile::new()?;
    std::fs::write(file.path(), text)?;
    Ok(file)
}
