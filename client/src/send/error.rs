use std::io;
use std::time::Duration;

use humantime::format_duration;
use net::error_text::io_error_text;
use protocol::FrameError;
use thiserror::Error;

use crate::connection::LinkError;
use crate::send::input::InputError;
use crate::{ConnectError, Target};

/// Why not every message was answered.
#[derive(Debug, Error)]
pub enum SendError {
    /// The target cannot be reached.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// There is no message.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The framing cannot carry a message. The connection could go on.
    #[error("{target}: {source}")]
    Unfit {
        /// What was talked to.
        target: Target,
        /// What is wrong with the message.
        source: FrameError,
    },
    /// The connection took no message, or gave none.
    #[error("{target}: {source}")]
    Link {
        /// What was talked to.
        target: Target,
        /// What happened.
        source: LinkError,
    },
    /// A message was not taken, or not answered, in time.
    #[error("{target}: timed out, no reply for {}", format_duration(*.limit))]
    Late {
        /// What was talked to.
        target: Target,
        /// How long was waited.
        limit: Duration,
    },
    /// Replies cannot be printed.
    #[error("cannot write to standard output: {}", io_error_text(.0))]
    Output(io::Error),
}

impl SendError {
    /// The exit status that tells of it: 2 if an option is wrong, otherwise 1.
    pub(crate) fn status(&self) -> u8 {
        match self {
            Self::Connect(error) => error.status(),
            _ => 1,
        }
    }
}
