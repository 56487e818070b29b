//! Segments of a frame: its bytes in wire order, each with a role.

use std::ops::Range;

/// Role of a run of bytes in a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Length of the frame, or a header that holds it.
    Length,
    /// Bytes that the framing writes and checks: fixed ones, delimiters.
    Fixed,
    /// Bytes of the message in the frame's header or trailer.
    Free,
    /// Bytes of the message.
    Payload,
    /// Bytes of the message, written otherwise: escaped, or with counts between them.
    Encoded,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 5] = [
        Self::Length,
        Self::Fixed,
        Self::Free,
        Self::Payload,
        Self::Encoded,
    ];

    /// Returns the name in output for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Length => "length",
            Self::Fixed => "fixed",
            Self::Free => "free",
            Self::Payload => "payload",
            Self::Encoded => "encoded",
        }
    }
}

/// Run of bytes in a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Segment {
    /// Role of the bytes.
    pub role: Role,
    /// Number of bytes.
    pub len: usize,
}

/// Piece of a frame to write.
#[derive(Debug)]
pub(crate) enum Piece<'a> {
    /// Bytes of the framing, or encoded ones of the message.
    Bytes(Role, &'a [u8]),
    /// Range of the message.
    Message(Role, Range<usize>),
}
