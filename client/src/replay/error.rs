//! Errors of a replay.

use std::io;
use std::path::PathBuf;

use net::error_text::io_error_text;
use recording::RecordError;
use thiserror::Error;

use crate::connect::ConnectError;
use crate::read_error::ReadError;

/// A replay that failed, or found differences.
#[derive(Debug, Error)]
pub enum ReplayError {
    /// The recording cannot be read.
    #[error(transparent)]
    File(#[from] ReadError),
    /// A line of the file is not a record.
    #[error("{}:{line}: {source}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The number of the line, from 1 on.
        line: usize,
        /// The error in it.
        source: RecordError,
    },
    /// The recording has no sessions.
    #[error("{}: there is no session in it", path.display())]
    NoSessions {
        /// The file.
        path: PathBuf,
    },
    /// A selected session is not in the recording.
    #[error("{}: there is no session {id} in it", path.display())]
    NoSession {
        /// The file.
        path: PathBuf,
        /// The session's id.
        id: u64,
    },
    /// The target cannot be reached.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// Differences cannot be printed.
    #[error("cannot write to standard output: {}", io_error_text(.0))]
    Output(io::Error),
    /// Replies differ from the recorded ones.
    #[error("not as recorded: {differences} difference{}", if *.differences == 1 { "" } else { "s" })]
    Differs {
        /// The number of differences.
        differences: u64,
    },
}
