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
pub use crate::process::ServerProcess;

/// Options with which `framegate` takes free ports instead of its default ones, so that
/// tests pass while another gateway runs.
pub const FREE_PORTS: [&str; 2] = ["--http=127.0.0.1:0", "--tcp=127.0.0.1:0"];

/// Creates a temporary file with `text`; it is deleted on drop.
///
/// # Errors
/// The system's, if it cannot be created or written.
pub fn temp_file(text: impl AsRef<[u8]>) -> io::Result<NamedTempFile> {
    let file = NamedTempFile::new()?;
    std::fs::write(file.path(), text)?;
    Ok(file)
}
