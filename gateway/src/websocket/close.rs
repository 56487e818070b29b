//! Close frames: codes and reasons (RFC 6455, sections 5.5.1 and 7.4).

use std::fmt;

use net::untrusted::Untrusted;

use crate::websocket::error::{ProtocolError, ReceiveError, TextField};

/// Close codes (section 7.4.1).
pub(crate) mod code {
    pub(crate) const AWAY: u16 = 1001;
    pub(crate) const PROTOCOL: u16 = 1002;
    /// Stands for a Close without a code. Never sent.
    pub(crate) const NONE: u16 = 1005;
    /// Stands for the end of a connection without a Close. Never sent.
    pub(crate) const LOST: u16 = 1006;
    pub(crate) const INVALID: u16 = 1007;
    pub(crate) const POLICY: u16 = 1008;
    pub(crate) const SIZE: u16 = 1009;
    pub(crate) const ERROR: u16 = 1011;
    pub(crate) const TRY_AGAIN: u16 = 1013;
}

/// Longest reason, in bytes: the payload of a control frame is at most 125 bytes long, two of
/// which are the code.
const MAX_REASON: usize = 123;

/// Code and reason of a Close.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CloseFrame {
    pub(crate) code: u16,
    pub(crate) reason: Untrusted<'static>,
}

impl CloseFrame {
    /// Parses the payload of a Close; returns `None` if it is empty.
    pub(super) fn parse(payload: &[u8]) -> Result<Option<Self>, ReceiveError> {
        if payload.is_empty() {
            return Ok(None);
        }
        let (code, reason) = payload
            .split_first_chunk()
            .ok_or(ReceiveError::Violated(ProtocolError::ShortCloseCode))?;
        let reason =
            str::from_utf8(reason).map_err(|_| ReceiveError::NotUtf8(TextField::CloseReason))?;
        let code = u16::from_be_bytes(*code);
        if !may_be_sent(code) {
            return Err(ReceiveError::Violated(ProtocolError::CloseCode(code)));
        }
        let reason = Untrusted::from(reason).into_owned();
        Ok(Some(Self { code, reason }))
    }

    /// Returns the reason as it is sent and recorded: escaped, and at most [`MAX_REASON`] bytes
    /// long.
    pub(crate) fn reason_text(&self) -> String {
        self.reason.within_bytes(MAX_REASON)
    }
}

impl fmt::Display for CloseFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reason {
            reason if reason.is_empty() => write!(f, "{}", self.code),
            reason => write!(f, "{}: {reason}", self.code),
        }
    }
}

/// Returns true for the codes that IANA has registered for Closes, and those for libraries
/// and applications. 1004 to 1006 and 1015 never appear in a frame.
fn may_be_sent(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}
