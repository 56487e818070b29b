//! Errors of cutting a capture into frames.

use net::untrusted::Untrusted;
use protocol::{CutError, Framing, HexError};
use recording::RecordError;
use thiserror::Error;

use crate::output::OutputError;
use crate::read::ReadError;

/// A capture that is not all whole frames, or cannot be read.
#[derive(Debug, Error)]
pub enum FramesError {
    /// The capture cannot be read.
    #[error(transparent)]
    File(#[from] ReadError),
    /// A frame is broken or incomplete.
    #[error(transparent)]
    Frame(#[from] CutError),
    /// No framing is likely.
    #[error(
        "no framing is likely: too few bytes, or none that is known; --framing cuts by any framing"
    )]
    Unknown,
    /// There are no bytes to guess from.
    #[error("the capture is empty: there is nothing to guess from")]
    Empty,
    /// A character that is not hexadecimal.
    #[error(transparent)]
    Hex(#[from] HexError),
    /// A packet capture, which holds packets of any number of connections.
    #[error(
        "this is a packet capture: extract one direction of a connection first, as with tshark \
         -r FILE -q -z follow,tcp,raw,0"
    )]
    PacketCapture,
    /// A line of the recording is no record.
    #[error("line {line} of the recording: {}", Untrusted::from(.source.to_string()))]
    Record {
        /// The number of the line, from 1 on.
        line: u64,
        /// The error.
        source: RecordError,
    },
    /// The session is not in the recording.
    #[error("there is no session {id} in the recording")]
    NoSession {
        /// The session's id.
        id: u64,
    },
    /// The messages of the session are frames already.
    #[error(
        "session {id} has framing {framing}: its messages are recorded without their frames; \
         record with framing=raw"
    )]
    NotRaw {
        /// The session's id.
        id: u64,
        /// Its framing.
        framing: Framing,
    },
    /// The frames cannot be printed.
    #[error(transparent)]
    Output(#[from] OutputError),
}
