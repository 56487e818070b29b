//! Compression of an upstream's messages on their way to and from clients.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// Compression of messages, if the client offers permessage-deflate (RFC 7692).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Compression {
    /// No message is compressed.
    #[default]
    Off,
    /// Each message is compressed by itself: an idle session has no memory for it.
    Messages,
    /// A message is compressed with those before as its context, which saves more, and takes some
    /// 300 KiB for each session.
    Takeover,
}

/// A text that is no [`Compression`].
#[derive(Debug, Error)]
#[error("compress={0:?}: expected off, messages or takeover")]
pub struct CompressionError(String);

impl FromStr for Compression {
    type Err = CompressionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "off" => Ok(Self::Off),
            "messages" => Ok(Self::Messages),
            "takeover" => Ok(Self::Takeover),
            other => Err(CompressionError(other.into())),
        }
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Off => "off",
            Self::Messages => "messages",
            Self::Takeover => "takeover",
        })
    }
}
