//! How a session ends, and what its client is told.

use std::io;
use std::time::Duration;

use humantime::format_duration;
use protocol::FrameError;
use thiserror::Error;
use tokio_tungstenite::tungstenite::error::{CapacityError, ProtocolError};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error as WebSocketError, Utf8Bytes};

use crate::dial::Unreachable;
use crate::reason::reason;

/// Why a session ended, worded for the person at the other end.
#[derive(Debug, Error)]
pub(crate) enum End {
    /// The client sent a Close.
    #[error("client closed the session ({})", close_text(.0.as_ref()))]
    ClientClosed(Option<CloseFrame>),
    /// The client's connection is gone, without a Close.
    #[error("client left without closing the session")]
    ClientLost,
    /// The client broke RFC 6455.
    #[error("WebSocket protocol violated: {0}")]
    ClientViolation(ProtocolError),
    /// The client sent a text message that is no text.
    #[error("text message is not UTF-8")]
    ClientNotUtf8,
    /// The client sent more than a frame may hold.
    #[error("message of {len} bytes is over the limit of {max} bytes")]
    ClientTooLong { len: usize, max: usize },
    /// There is no upstream of the name that the client chose.
    #[error("there is no upstream called {0:?}")]
    NoSuchUpstream(String),
    /// The upstream could not be dialled.
    #[error(transparent)]
    Unreachable(#[from] Unreachable),
    /// The upstream ended its side between frames.
    #[error("upstream closed the connection")]
    UpstreamClosed,
    /// The upstream's connection failed.
    #[error("upstream connection lost: {}", reason(.0))]
    UpstreamLost(io::Error),
    /// The upstream sent something that is no frame.
    #[error("upstream broke the framing: {0}")]
    UpstreamFrame(FrameError),
    /// The upstream takes nothing, or has stopped inside a frame.
    #[error("upstream has made no progress for {}", format_duration(*.0))]
    UpstreamStalled(Duration),
    /// The client says nothing, not even that it is there.
    #[error("client has given no sign of life for {}", format_duration(*.0))]
    ClientSilent(Duration),
    /// The client takes nothing of what it is sent.
    #[error("client has taken nothing for {}", format_duration(*.0))]
    ClientStalled(Duration),
    /// The gateway was asked to stop.
    #[error("gateway is shutting down")]
    Shutdown,
}

/// The most that a reason can hold: a control frame's payload is at most 125 bytes
/// long, two of which are the code (RFC 6455, section 5.5).
const MAX_REASON: usize = 123;

impl End {
    /// What a read from the client failing with `error` means.
    pub(crate) fn from_client(error: WebSocketError) -> Self {
        match error {
            WebSocketError::Capacity(CapacityError::MessageTooLong { size, max_size }) => {
                Self::ClientTooLong {
                    len: size,
                    max: max_size,
                }
            }
            WebSocketError::Utf8(_) => Self::ClientNotUtf8,
            WebSocketError::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
                Self::ClientLost
            }
            WebSocketError::Protocol(violation) => Self::ClientViolation(violation),
            _ => Self::ClientLost,
        }
    }

    /// What a message that no frame can hold means.
    pub(crate) fn from_message(error: FrameError) -> Self {
        match error {
            FrameError::TooLong { len, max } => Self::ClientTooLong { len, max },
            // Only reading can find a frame cut short.
            FrameError::Truncated { .. } => Self::ClientLost,
        }
    }

    /// The code that tells a client of this end (RFC 6455, section 7.4.1), unless it
    /// has ended the session itself.
    pub(crate) fn code(&self) -> Option<CloseCode> {
        match self {
            Self::ClientClosed(_) | Self::ClientLost => None,
            Self::ClientViolation(_) => Some(CloseCode::Protocol),
            Self::ClientNotUtf8 => Some(CloseCode::Invalid),
            Self::ClientTooLong { .. } => Some(CloseCode::Size),
            Self::NoSuchUpstream(_) => Some(CloseCode::Policy),
            Self::Unreachable(_)
            | Self::UpstreamClosed
            | Self::UpstreamLost(_)
            | Self::UpstreamFrame(_)
            | Self::UpstreamStalled(_)
            // As other servers do where a keep-alive ping stays unanswered.
            | Self::ClientSilent(_)
            | Self::ClientStalled(_) => Some(CloseCode::Error),
            Self::Shutdown => Some(CloseCode::Away),
        }
    }

    /// The name that metrics have for it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::ClientClosed(_) => "client_closed",
            Self::ClientLost => "client_lost",
            Self::ClientViolation(_) => "client_violation",
            Self::ClientNotUtf8 => "client_not_utf8",
            Self::ClientTooLong { .. } => "client_too_long",
            Self::ClientSilent(_) => "client_silent",
            Self::ClientStalled(_) => "client_stalled",
            Self::NoSuchUpstream(_) => "upstream_unknown",
            Self::Unreachable(_) => "upstream_unreachable",
            Self::UpstreamClosed => "upstream_closed",
            Self::UpstreamLost(_) => "upstream_lost",
            Self::UpstreamFrame(_) => "upstream_frame",
            Self::UpstreamStalled(_) => "upstream_stalled",
            Self::Shutdown => "shutdown",
        }
    }

    /// Whether the operator should look after the upstream.
    pub(crate) fn is_fault_of_upstream(&self) -> bool {
        matches!(
            self,
            Self::Unreachable(_)
                | Self::UpstreamLost(_)
                | Self::UpstreamFrame(_)
                | Self::UpstreamStalled(_)
        )
    }

    /// The Close to send for this end.
    pub(crate) fn close_frame(&self) -> Option<CloseFrame> {
        let mut reason = self.to_string();
        reason.truncate(reason.floor_char_boundary(MAX_REASON));
        Some(CloseFrame {
            code: self.code()?,
            reason: reason.into(),
        })
    }

    /// How many frames the client should have had from the upstream before it is told
    /// of this end, having sent `sent` messages: one for each where it still listens,
    /// and whatever there is where the upstream can add no more.
    pub(crate) fn owed(&self, sent: u64) -> u64 {
        match self {
            Self::ClientViolation(_)
            | Self::ClientNotUtf8
            | Self::ClientTooLong { .. }
            | Self::Shutdown => sent,
            Self::UpstreamLost(_) => u64::MAX,
            Self::ClientClosed(_)
            | Self::ClientLost
            | Self::NoSuchUpstream(_)
            | Self::Unreachable(_)
            | Self::UpstreamClosed
            | Self::UpstreamFrame(_)
            | Self::UpstreamStalled(_)
            | Self::ClientSilent(_)
            | Self::ClientStalled(_) => 0,
        }
    }
}

fn close_text(frame: Option<&CloseFrame>) -> String {
    match frame {
        None => "no code".into(),
        Some(CloseFrame { code, reason }) if *reason == Utf8Bytes::default() => code.to_string(),
        Some(CloseFrame { code, reason }) => format!("{code}: {reason}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_end_has_its_close_code() {
        let check = |end: End, code: Option<u16>| {
            assert_eq!(end.code().map(u16::from), code, "{end}");
        };
        check(End::ClientClosed(None), None);
        check(End::ClientLost, None);
        check(
            End::ClientViolation(ProtocolError::NonZeroReservedBits),
            Some(1002),
        );
        check(End::ClientNotUtf8, Some(1007));
        check(End::ClientTooLong { len: 2, max: 1 }, Some(1009));
        check(End::NoSuchUpstream("x".into()), Some(1008));
        check(End::UpstreamClosed, Some(1011));
        check(End::Shutdown, Some(1001));
    }

    #[test]
    fn a_reason_fits_a_control_frame_and_stays_utf8() {
        let long = "語".repeat(100);
        let end = End::UpstreamLost(io::Error::other(long));
        let reason = end.close_frame().unwrap().reason;
        assert!(reason.len() <= MAX_REASON && reason.len() > MAX_REASON - 3);
        assert!(reason.starts_with("upstream connection lost: 語"));
    }
}
