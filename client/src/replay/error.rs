//! Errors of a replay.

use std::path::PathBuf;

use net::untrusted::Untrusted;
use recording::{LineError, RecordError};
use thiserror::Error;

use crate::connect::ConnectError;
use crate::output::OutputError;
use crate::read::ReadError;

/// A replay that failed, or found differences.
#[derive(Debug, Error)]
pub enum ReplayError {
    /// The recording cannot be read.
    #[error(transparent)]
    File(#[from] ReadError),
    /// A line of the file is not a record.
    #[error("{}:{line}: {}", path.display(), Untrusted::from(.source.to_string()))]
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
    /// A line of the file is longer than that of the longest message.
    #[error("{}:{line}: {source}; --max-frame accepts longer messages", path.display())]
    Length {
        /// The file.
        path: PathBuf,
        /// The number of the line, from 1 on.
        line: usize,
        /// The error.
        source: LineError,
    },
    /// Differences cannot be printed.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// Replies differ from the recorded ones.
    #[error("not as recorded: {differences} difference{}", if *.differences == 1 { "" } else { "s" })]
    Differs {
        /// The number of differences.
        differences: u64,
    },
}
