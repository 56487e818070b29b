//! Subprotocols of an upstream (RFC 6455, section 1.9): the names that are confirmed to clients.

use protocol::Framing;
use protocol::resumable::SUBPROTOCOL;
use thiserror::Error;

use crate::access::token_subprotocol::{PREFIX, may_be_token};

/// `binary`, known from websockify and noVNC: every message to the client is binary.
pub(crate) const BINARY: &str = "binary";

/// The gateway's own messages, text or binary, for pages that offer a token: a browser requires
/// that one of the offers is confirmed, and the token never is.
pub(crate) const FRAMEGATE: &str = "framegate";

/// Maximum length of a name, in bytes.
const MAX_NAME: usize = 100;

/// Names of subprotocols that an upstream's setting lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subprotocols(Vec<String>);

/// Error: a text is not the name of a subprotocol that can be confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SubprotocolError {
    /// A character that a header's token cannot contain.
    #[error(
        "{0:?} is not a subprotocol, expected a name such as mqtt: letters, digits and !#$%'*+-.^_`|~, {MAX_NAME} at most"
    )]
    Name(String),
    /// The name of a token.
    #[error("the subprotocol {PREFIX}... carries a token, and is never confirmed")]
    Token,
    /// The name of resumable sessions.
    #[error("the subprotocol {SUBPROTOCOL} is the gateway's own: see --resume-timeout")]
    Resumable,
}

impl Subprotocols {
    pub(crate) fn add(&mut self, name: &str) -> Result<(), SubprotocolError> {
        if may_be_token(name.as_bytes()) {
            return Err(SubprotocolError::Token);
        }
        if name == SUBPROTOCOL {
            return Err(SubprotocolError::Resumable);
        }
        let name =
            parse_name(name.as_bytes()).ok_or_else(|| SubprotocolError::Name(name.into()))?;
        if !self.0.iter().any(|it| it == name) {
            self.0.push(name.into());
        }
        Ok(())
    }

    /// Returns the names that are always confirmed; they are case-sensitive (RFC 6455, section 4.1).
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let listed = self.0.iter().map(String::as_str);
        let own = [BINARY, FRAMEGATE].into_iter();
        listed.chain(own.filter(|own| !self.0.iter().any(|it| it == own)))
    }

    /// Returns true if every name is confirmed: with `raw` and without a setting. Whatever the
    /// subprotocol, its bytes pass through unchanged, and the service judges them.
    pub(crate) fn confirm_any(&self, framing: Framing) -> bool {
        framing == Framing::Raw && self.0.is_empty()
    }

    /// Returns true if `name` is confirmed for an upstream of this framing.
    pub(crate) fn confirm(&self, name: &str, framing: Framing) -> bool {
        // base64, of websockify, and base64.* name an encoding that the gateway does not undo.
        let encoded = name.starts_with("base64");
        let is_own = name == SUBPROTOCOL;
        self.names().any(|it| it == name) || (self.confirm_any(framing) && !encoded && !is_own)
    }

    /// Returns the names as settings of an option.
    pub(crate) fn settings(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|name| format!("subprotocol={name}"))
    }
}

/// Returns the subprotocol's name if it is a token (RFC 9110, section 5.6.2) of bounded length.
pub(crate) fn parse_name(name: &[u8]) -> Option<&str> {
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    let fits = (1..=MAX_NAME).contains(&name.len()) && name.iter().all(is_token);
    std::str::from_utf8(name).ok().filter(|_| fits)
}
