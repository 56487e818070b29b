//! Manual pages and shell completions, generated from the definition of the command line.

use std::io;
use std::path::{Path, PathBuf};

use clap::CommandFactory;
use clap_complete::Shell;
use net::error_text::io_error_text;
use thiserror::Error;

use crate::cli::args::Cli;

/// The manual pages cannot be written.
#[derive(Debug, Error)]
#[error("cannot write to {}: {}", .folder.display(), io_error_text(.source))]
pub struct ManualError {
    /// The folder to write to.
    pub folder: PathBuf,
    /// The system's error.
    pub source: io::Error,
}

/// Writes `framegate.1` and a page for each command into `folder`.
///
/// # Errors
/// [`ManualError`] if a page cannot be written.
pub fn write_manual(folder: &Path) -> Result<(), ManualError> {
    clap_mangen::generate_to(Cli::command(), folder).map_err(|source| ManualError {
        folder: folder.into(),
        source,
    })
}

/// Returns a script with which `shell` completes commands and options.
pub(crate) fn completions(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "framegate", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}
