//! What the command line's definition is worth beside parsing: manual pages, and
//! completions for shells.

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
    /// Where they were to be.
    pub folder: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

/// Writes `framegate.1` and a page for each command into `folder`.
///
/// # Errors
/// [`ManualError`] if one of them cannot be written.
pub fn write_manual(folder: &Path) -> Result<(), ManualError> {
    clap_mangen::generate_to(Cli::command(), folder).map_err(|source| ManualError {
        folder: folder.into(),
        source,
    })
}

/// The script that makes `shell` complete commands and options.
pub(crate) fn completions(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "framegate", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}
