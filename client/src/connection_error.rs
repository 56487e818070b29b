//! Errors of open connections.

use std::io;
use std::time::Duration;

use humantime::format_duration;
use net::error_text::io_error_text;
use net::untrusted::Untrusted;
use protocol::FrameError;
use protocol::resumable::SessionError;
use thiserror::Error;
use tokio_tungstenite::tungstenite::error::{CapacityError, ProtocolError};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{self, Error as WsError};

/// An error of sending or receiving a message.
#[derive(Debug, Error)]
pub enum ConnectionError {
    /// The stream failed.
    #[error("connection lost: {}", io_error_text(.0))]
    Io(#[from] io::Error),
    /// A message is too long, or not valid in the framing.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// The server broke the WebSocket protocol.
    #[error("{}", Untrusted::from(.0.to_string()))]
    WebSocket(Box<tungstenite::Error>),
    /// The server has closed the connection, with a Close frame if it is a WebSocket.
    #[error("closed by the server{}", close_frame_suffix(.0.as_ref()))]
    Closed(Option<CloseFrame>),
    /// The server broke the protocol of resumable sessions.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The server sent more than the window of a resumable session.
    #[error("the server sent more than its own window, which this client has not acknowledged")]
    WindowExceeded,
    /// A resumable session is lost: the gateway does not know it any more, or could not be reached
    /// in time.
    #[error("session lost: {cause}; {}", unacknowledged_text(*.unacknowledged))]
    Lost {
        /// The cause, as the gateway or the last attempt to connect gave it.
        cause: String,
        /// Messages that may or may not have arrived: those that were sent and not acknowledged.
        unacknowledged: u64,
    },
    /// The server has not answered a Close frame.
    #[error("it did not close the WebSocket for {}", format_duration(*.0))]
    StillOpen(Duration),
}

impl ConnectionError {
    /// Returns true for the end of a connection that served its purpose: the end of a stream, or
    /// a Close without a code, or with 1000 or 1001.
    pub(crate) fn is_normal_end(&self) -> bool {
        matches!(self, Self::Closed(frame) if is_normal_close(frame.as_ref()))
    }

    /// Returns true for the end of a WebSocket's stream without a Close.
    pub(crate) fn is_hang_up(&self) -> bool {
        let Self::WebSocket(error) = self else {
            return false;
        };
        matches!(
            **error,
            WsError::Protocol(ProtocolError::ResetWithoutClosingHandshake)
        )
    }
}

impl From<WsError> for ConnectionError {
    fn from(error: WsError) -> Self {
        match error {
            WsError::Io(error) => Self::Io(error),
            WsError::ConnectionClosed | WsError::AlreadyClosed => Self::Closed(None),
            WsError::Capacity(CapacityError::MessageTooLong { size, max_size }) => {
                let (len, max) = (size as u64, max_size);
                Self::Frame(FrameError::TooLong { len, max })
            }
            error => Self::WebSocket(Box::new(error)),
        }
    }
}

/// Returns true for a Close frame with 1000 or 1001, or without a code; also without a frame.
pub(crate) fn is_normal_close(frame: Option<&CloseFrame>) -> bool {
    frame.is_none_or(|frame| matches!(frame.code, CloseCode::Normal | CloseCode::Away))
}

/// Returns [`close_suffix`] for a Close frame; nothing without one.
pub(crate) fn close_frame_suffix(frame: Option<&CloseFrame>) -> String {
    let suffix = |frame: &CloseFrame| close_suffix(frame.code.into(), &frame.reason);
    frame.map(suffix).unwrap_or_default()
}

/// Returns a close code and its reason as the end of a sentence: " with 1011: no upstream".
pub(crate) fn close_suffix(code: u16, reason: &str) -> String {
    match reason {
        "" => format!(" with {code}"),
        reason => format!(" with {code}: {}", Untrusted::from(reason)),
    }
}

fn unacknowledged_text(count: u64) -> String {
    match count {
        0 => "every message has arrived".into(),
        1 => "1 message may or may not have arrived".into(),
        count => format!("{count} messages may or may not have arrived"),
    }
}
