//! Request to resume a session: the query of a handshake, `resume=TOKEN&received=N`.

use net::units::digits;
use thiserror::Error;

use crate::resume::token::TokenHash;

/// Request to resume a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ResumeRequest {
    pub(crate) token: TokenHash,
    /// Count of the gateway's messages that the client has received.
    pub(crate) received: u64,
}

/// Reason why a session cannot be resumed, for the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum ResumeRefusal {
    #[error("malformed: a resume needs ?resume=TOKEN&received=COUNT")]
    Malformed,
    #[error("unknown session: it has ended, was kept no longer, or is another gateway's")]
    Unknown,
    #[error("the session is with another upstream")]
    OtherUpstream,
}

impl ResumeRequest {
    /// Parses the query of a handshake; returns `None` if it asks for no session.
    pub(crate) fn parse(query: &str) -> Option<Result<Self, ResumeRefusal>> {
        let mut token = None;
        let mut received = None;
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            match name {
                "resume" => token = Some(value),
                "received" => received = Some(value),
                _ => {}
            }
        }
        let token = TokenHash::of(token?);
        let received = received.and_then(digits);
        Some(match received {
            Some(received) => Ok(Self { token, received }),
            None => Err(ResumeRefusal::Malformed),
        })
    }
}
