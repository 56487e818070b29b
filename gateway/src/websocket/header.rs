//! The header of a frame (RFC 6455, section 5.2).
//!
//! ```text
//!   FIN RSV1-3 opcode │ MASK length │ 0, 2 or 8 bytes of length │ masking key
//! ```

use protocol::MessageKind;

use crate::websocket::ProtocolError;
use crate::websocket::mask::Mask;

/// The longest that a header is, in bytes.
pub(super) const MAX_HEADER: usize = 14;

/// The longest payload of a control frame, in bytes (section 5.5).
const MAX_CONTROL: u64 = 125;

/// The bit that says: last frame of its message.
pub(super) const FIN: u8 = 0x80;
/// Opcodes.
pub(super) const CONTINUATION: u8 = 0x0;
pub(super) const TEXT: u8 = 0x1;
pub(super) const BINARY: u8 = 0x2;
pub(super) const CLOSE: u8 = 0x8;
pub(super) const PING: u8 = 0x9;
pub(super) const PONG: u8 = 0xa;

const RESERVED_BITS: u8 = 0x70;
const OPCODE: u8 = 0x0f;
/// The bit that says: masked, in the second byte.
pub(super) const MASKED: u8 = 0x80;
const LENGTH: u8 = 0x7f;

/// A client's frame, before its payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) holds: Opcode,
    pub(super) fin: bool,
    /// The payload's length in bytes.
    pub(super) len: u64,
    pub(super) mask: Mask,
}

/// What a frame's payload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opcode {
    /// The beginning of a message.
    Start(MessageKind),
    /// The next part of a message.
    Continuation,
    Control(Control),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Control {
    Close,
    Ping,
    Pong,
}

impl Header {
    /// The header that `bytes` begin with, and its length; `None` while it is incomplete.
    ///
    /// # Errors
    /// What is wrong with it, as early as its bytes show it.
    #[inline]
    pub(super) fn parse(bytes: &[u8]) -> Result<Option<(Self, usize)>, ProtocolError> {
        let [first, second, rest @ ..] = bytes else {
            return Ok(None);
        };
        let (fin, holds) = (first & FIN != 0, Opcode::parse(first & OPCODE)?);
        let short = second & LENGTH;
        check(*first, *second, holds)?;
        let (len, rest) = match short {
            126 => match rest.split_first_chunk() {
                Some((len, rest)) => (u64::from(u16::from_be_bytes(*len)), rest),
                None => return Ok(None),
            },
            127 => match rest.split_first_chunk() {
                Some((len, rest)) => (u64::from_be_bytes(*len), rest),
                None => return Ok(None),
            },
            len => (u64::from(len), rest),
        };
        if matches!(holds, Opcode::Control(_)) && len > MAX_CONTROL {
            return Err(ProtocolError::LongControl);
        }
        let Some((key, rest)) = rest.split_first_chunk() else {
            return Ok(None);
        };
        let mask = Mask::new(*key);
        let header = Self {
            holds,
            fin,
            len,
            mask,
        };
        Ok(Some((header, bytes.len() - rest.len())))
    }
}

fn check(first: u8, second: u8, holds: Opcode) -> Result<(), ProtocolError> {
    if first & RESERVED_BITS != 0 {
        return Err(ProtocolError::ReservedBits);
    }
    if matches!(holds, Opcode::Control(_)) && first & FIN == 0 {
        return Err(ProtocolError::FragmentedControl);
    }
    if second & MASKED == 0 {
        return Err(ProtocolError::Unmasked);
    }
    Ok(())
}

impl Opcode {
    fn parse(opcode: u8) -> Result<Self, ProtocolError> {
        Ok(match opcode {
            CONTINUATION => Self::Continuation,
            TEXT => Self::Start(MessageKind::Text),
            BINARY => Self::Start(MessageKind::Binary),
            CLOSE => Self::Control(Control::Close),
            PING => Self::Control(Control::Ping),
            PONG => Self::Control(Control::Pong),
            reserved => return Err(ProtocolError::ReservedOpcode(reserved)),
        })
    }
}

/// The first bytes of a header that is not complete yet.
#[derive(Debug)]
pub(super) struct PartialHeader {
    bytes: [u8; MAX_HEADER],
    len: u8,
}

impl PartialHeader {
    pub(super) const EMPTY: Self = Self {
        bytes: [0; MAX_HEADER],
        len: 0,
    };

    pub(super) fn len(&self) -> usize {
        self.len.into()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len()]
    }

    /// Appends `bytes`, as many as there is room for.
    pub(super) fn fill(&mut self, bytes: &[u8]) {
        let room = &mut self.bytes[usize::from(self.len)..];
        let count = room.len().min(bytes.len());
        room[..count].copy_from_slice(&bytes[..count]);
        self.len += count as u8;
    }

    pub(super) fn clear(&mut self) {
        self.len = 0;
    }
}
