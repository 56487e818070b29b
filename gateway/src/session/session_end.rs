//! Endings of a session: the close code, the reason for the client, the metric, the log.

use std::io;
use std::time::Duration;

use humantime::format_duration;
use net::error_text::io_error_text;
use net::untrusted::Untrusted;
use protocol::FrameError;
use protocol::resumable::SessionError;
use recording::EndedBy;
use thiserror::Error;

use crate::observe::Tap;
use crate::upstream::connect::Unreachable;
use crate::websocket::{CloseFrame, FrameEncoder, ProtocolError, ReceiveError, TextField, code};

/// The end of a session. Its text is the reason in the Close, for a person to read.
#[derive(Debug, Error)]
pub(crate) enum SessionEnd {
    /// The client sent a Close.
    #[error("client closed the session ({})", close_text(.0.as_ref()))]
    ClientClosed(Option<CloseFrame>),
    /// The client's connection was lost, without a Close.
    #[error("client left without closing the session")]
    ClientLost,
    /// The client broke RFC 6455.
    #[error("WebSocket protocol violated: {0}")]
    ClientViolation(ProtocolError),
    /// The client sent a text that is not UTF-8.
    #[error("{0} is not UTF-8")]
    ClientNotUtf8(TextField),
    /// The client sent a message over the limit.
    #[error("message of {len} bytes is over the limit of {max} bytes")]
    ClientTooLong { len: u64, max: usize },
    /// The client sent a message that the upstream's framing cannot carry.
    #[error(transparent)]
    ClientUncarriable(FrameError),
    /// The client violated the protocol of resumable sessions.
    #[error("resumable session violated: {0}")]
    SessionViolation(#[from] SessionError),
    /// The client of a resumable session did not come back.
    #[error("client has not come back for {}", format_duration(*.0))]
    ResumeExpired(Duration),
    /// The detached session gave way: together, all kept too much.
    #[error("detached session gave way: all together keep more than --resume-memory allows")]
    ResumeEvicted,
    /// No token could be made for a resumable session.
    #[error("the system's random number generator failed")]
    NoRandom,
    /// The client chose an upstream that does not exist.
    #[error("there is no upstream called {0:?}")]
    NoSuchUpstream(Untrusted<'static>),
    /// The upstream could not be connected to.
    #[error(transparent)]
    Unreachable(#[from] Unreachable),
    /// The upstream ended its side between frames.
    #[error("upstream closed the connection")]
    UpstreamClosed,
    /// The upstream's connection failed.
    #[error("upstream connection lost: {}", io_error_text(.0))]
    UpstreamLost(io::Error),
    /// The upstream sent bytes that are no frame.
    #[error("upstream broke the framing: {0}")]
    UpstreamFrame(FrameError),
    /// The upstream stopped reading, or stopped inside a frame.
    #[error("upstream has made no progress for {}", format_duration(*.0))]
    UpstreamStalled(Duration),
    /// The client neither sent nor took bytes for the idle timeout.
    #[error("client has given no sign of life for {}", format_duration(*.0))]
    ClientSilent(Duration),
    /// The client answered no keep-alive ping.
    #[error("client has not answered a ping for {}", format_duration(*.0))]
    PingUnanswered(Duration),
    /// The client stopped reading.
    #[error("client has taken nothing for {}", format_duration(*.0))]
    ClientStalled(Duration),
    /// The gateway was asked to stop.
    #[error("gateway is shutting down")]
    Shutdown,
}

impl SessionEnd {
    /// The end for a message that the upstream's framing cannot carry.
    pub(crate) fn from_message(error: FrameError) -> Self {
        match error {
            FrameError::TooLong { len, max } => Self::ClientTooLong { len, max },
            error => Self::ClientUncarriable(error),
        }
    }

    /// The close code for the client (RFC 6455, section 7.4.1); `None` if the client ended the
    /// session.
    pub(crate) fn code(&self) -> Option<u16> {
        match self {
            Self::ClientClosed(_) | Self::ClientLost => None,
            // The client has no connection.
            Self::ResumeExpired(_) | Self::ResumeEvicted => None,
            Self::ClientViolation(_) | Self::SessionViolation(_) => Some(code::PROTOCOL),
            Self::ClientNotUtf8(_) => Some(code::INVALID),
            Self::ClientTooLong { .. } => Some(code::SIZE),
            // Not 1007: a line break is consistent with the type of the message. 1008 is for
            // cases that no other code suits.
            Self::ClientUncarriable(_) => Some(code::POLICY),
            Self::NoSuchUpstream(_) => Some(code::POLICY),
            Self::Unreachable(_)
            | Self::UpstreamClosed
            | Self::UpstreamLost(_)
            | Self::UpstreamFrame(_)
            | Self::UpstreamStalled(_)
            // Other servers use 1011 for an unanswered keep-alive ping, too.
            | Self::ClientSilent(_)
            | Self::PingUnanswered(_)
            | Self::ClientStalled(_)
            | Self::NoRandom => Some(code::ERROR),
            Self::Shutdown => Some(code::AWAY),
        }
    }

    /// The close code of the session, from either side (RFC 6455, section 7.1.5).
    pub(crate) fn final_code(&self) -> u16 {
        match self {
            Self::ClientClosed(Some(close)) => close.code,
            Self::ClientClosed(None) => code::NONE,
            end => end.code().unwrap_or(code::LOST),
        }
    }

    /// The side that ended the session.
    pub(crate) fn by(&self) -> EndedBy {
        match self {
            Self::ClientClosed(_) | Self::ClientLost | Self::ResumeExpired(_) => EndedBy::Client,
            Self::Unreachable(_)
            | Self::UpstreamClosed
            | Self::UpstreamLost(_)
            | Self::UpstreamFrame(_) => EndedBy::Upstream,
            Self::ClientViolation(_)
            | Self::ClientNotUtf8(_)
            | Self::ClientTooLong { .. }
            | Self::ClientUncarriable(_)
            | Self::SessionViolation(_)
            | Self::ResumeEvicted
            | Self::NoRandom
            | Self::NoSuchUpstream(_)
            | Self::UpstreamStalled(_)
            | Self::ClientSilent(_)
            | Self::PingUnanswered(_)
            | Self::ClientStalled(_)
            | Self::Shutdown => EndedBy::Gateway,
        }
    }

    /// The value of the metrics' label `end`.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::ClientClosed(_) => "client_closed",
            Self::ClientLost => "client_lost",
            Self::ClientViolation(_) => "client_violation",
            Self::ClientNotUtf8(_) => "client_not_utf8",
            Self::ClientTooLong { .. } => "client_too_long",
            Self::ClientUncarriable(_) => "client_uncarriable",
            Self::SessionViolation(_) => "session_violation",
            Self::ResumeExpired(_) => "resume_expired",
            Self::ResumeEvicted => "resume_evicted",
            Self::NoRandom => "no_random",
            Self::ClientSilent(_) => "client_silent",
            Self::PingUnanswered(_) => "ping_unanswered",
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

    /// Returns true if the upstream is at fault: the log line is a warning then.
    pub(crate) fn is_fault_of_upstream(&self) -> bool {
        matches!(
            self,
            Self::Unreachable(_)
                | Self::UpstreamLost(_)
                | Self::UpstreamFrame(_)
                | Self::UpstreamStalled(_)
        )
    }

    /// The Close for this end: its code and its reason, or an echo of the client's own Close
    /// (RFC 6455, section 5.5.1).
    pub(crate) fn close_frame(&self) -> Option<CloseFrame> {
        if let Self::ClientClosed(close) = self {
            return close.clone();
        }
        let code = self.code()?;
        let reason = self.to_string().into();
        Some(CloseFrame { code, reason })
    }

    /// Appends the Close to `output`. A lost client gets none.
    pub(crate) fn push_close(&self, output: &mut FrameEncoder) {
        if !matches!(self, Self::ClientLost) {
            output.push_close(self.close_frame().as_ref());
        }
    }

    /// Returns true if the client gave no sign of life: a resumable session goes on without it.
    pub(crate) fn is_silence_of_client(&self) -> bool {
        matches!(
            self,
            Self::ClientSilent(_) | Self::PingUnanswered(_) | Self::ClientStalled(_)
        )
    }

    /// Returns true if the upstream ended the session: what it has sent is kept for a client that
    /// comes back.
    pub(crate) fn is_end_of_upstream(&self) -> bool {
        matches!(
            self,
            Self::UpstreamClosed
                | Self::UpstreamLost(_)
                | Self::UpstreamFrame(_)
                | Self::UpstreamStalled(_)
        )
    }

    /// Reports this end to those that observe the session.
    pub(crate) fn report(&self, tap: &mut Tap) {
        tap.session_ended(self.final_code(), self.close_frame().as_ref(), self.by());
    }

    /// The number of frames from the upstream that the client is owed before its Close, if it
    /// expects `expected` replies: these, if the upstream still answers; none, if either side
    /// is gone. All that come, if the upstream can take no more.
    pub(crate) fn owed(&self, expected: u64) -> u64 {
        match self {
            Self::ClientViolation(_)
            | Self::ClientNotUtf8(_)
            | Self::ClientTooLong { .. }
            | Self::ClientUncarriable(_)
            | Self::SessionViolation(_)
            | Self::Shutdown => expected,
            Self::UpstreamLost(_) => u64::MAX,
            // These cost no wait that the client notices.
            Self::ClientClosed(_) => expected,
            Self::ClientLost
            | Self::NoSuchUpstream(_)
            | Self::Unreachable(_)
            | Self::UpstreamClosed
            | Self::UpstreamFrame(_)
            | Self::UpstreamStalled(_)
            | Self::ClientSilent(_)
            | Self::PingUnanswered(_)
            | Self::ClientStalled(_)
            | Self::ResumeExpired(_)
            | Self::ResumeEvicted
            | Self::NoRandom => 0,
        }
    }
}

impl From<FrameError> for SessionEnd {
    fn from(error: FrameError) -> Self {
        Self::UpstreamFrame(error)
    }
}

impl From<ReceiveError> for SessionEnd {
    fn from(error: ReceiveError) -> Self {
        match error {
            ReceiveError::Lost => Self::ClientLost,
            ReceiveError::Violated(violation) => Self::ClientViolation(violation),
            ReceiveError::NotUtf8(text) => Self::ClientNotUtf8(text),
            ReceiveError::TooLong { len, max } => Self::ClientTooLong { len, max },
        }
    }
}

fn close_text(frame: Option<&CloseFrame>) -> String {
    frame.map_or("no code".into(), CloseFrame::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn session_end_has_its_close_code() {
        let check = |end: SessionEnd, code: Option<u16>| {
            assert_eq!(end.code(), code, "{end}");
        };
        check(SessionEnd::ClientClosed(None), None);
        check(SessionEnd::ClientLost, None);
        check(
            SessionEnd::ClientViolation(ProtocolError::ReservedBits),
            Some(1002),
        );
        check(SessionEnd::ClientNotUtf8(TextField::Message), Some(1007));
        check(SessionEnd::ClientTooLong { len: 2, max: 1 }, Some(1009));
        check(SessionEnd::NoSuchUpstream("x".into()), Some(1008));
        check(
            SessionEnd::ClientUncarriable(FrameError::Nul { at: 1 }),
            Some(1008),
        );
        check(SessionEnd::UpstreamClosed, Some(1011));
        check(SessionEnd::Shutdown, Some(1001));
    }

    #[test]
    fn final_code_is_the_clients_own_if_it_closed() {
        let close = CloseFrame {
            code: 4321,
            reason: "".into(),
        };
        assert_eq!(SessionEnd::ClientClosed(Some(close)).final_code(), 4321);
        assert_eq!(SessionEnd::ClientClosed(None).final_code(), 1005);
        assert_eq!(SessionEnd::ClientLost.final_code(), 1006);
        assert_eq!(SessionEnd::Shutdown.final_code(), 1001);
    }
}
