//! WebSocket messages.

use bytes::Bytes;

/// A WebSocket message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Text or binary.
    pub kind: Kind,
    /// The payload; UTF-8 if `kind` is text.
    pub payload: Bytes,
}

/// The direction of a message, seen from the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the page to the upstream.
    Sent,
    /// From the upstream to the page.
    Received,
}

/// The type of a WebSocket message (RFC 6455, section 5.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// UTF-8 text.
    Text,
    /// Any bytes.
    Binary,
}

impl Direction {
    /// Returns the name used in exports, recordings, CSS classes and tests: the same in
    /// every language.
    pub fn key(self) -> &'static str {
        match self {
            Direction::Sent => "sent",
            Direction::Received => "received",
        }
    }

    /// Returns the arrow shown beside a message.
    pub fn arrow(self) -> &'static str {
        match self {
            Direction::Sent => "↑",
            Direction::Received => "↓",
        }
    }
}

impl Kind {
    /// Returns the name used in exports and recordings.
    pub fn key(self) -> &'static str {
        match self {
            Kind::Text => "text",
            Kind::Binary => "binary",
        }
    }
}
