use std::io;
use std::path::PathBuf;

use net::error_text::io_error_text;
use recording::EntryError;
use thiserror::Error;

use crate::ConnectError;

/// Why the replies are not known to be as recorded.
#[derive(Debug, Error)]
pub enum ReplayError {
    /// The recording cannot be read.
    #[error("cannot read {}: {}", path.display(), io_error_text(source))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The recording has a line that is none of a recording's.
    #[error("{}:{line}: {source}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, the first being 1.
        line: usize,
        /// What is wrong with it.
        source: EntryError,
    },
    /// There is no session to replay.
    #[error("{}: there is no session in it", path.display())]
    Nothing {
        /// The file.
        path: PathBuf,
    },
    /// A session that was asked for is not there.
    #[error("{}: there is no session {id} in it", path.display())]
    NoSession {
        /// The file.
        path: PathBuf,
        /// Its number.
        id: u64,
    },
    /// The target cannot be reached.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// Differences cannot be printed.
    #[error("cannot write to standard output: {}", io_error_text(.0))]
    Output(io::Error),
    /// Replies are not as recorded.
    #[error("not as recorded: {differences} difference{}", if *.differences == 1 { "" } else { "s" })]
    Differs {
        /// How many there are.
        differences: u64,
    },
}

impl ReplayError {
    /// The exit status that tells of it: 2 if an option is wrong, otherwise 1.
    pub(crate) fn status(&self) -> u8 {
        match self {
            Self::NoSession { .. } => 2,
            Self::Connect(error) => error.status(),
            _ => 1,
        }
    }
}
