//! Frame headers (RFC 6455, section 5.2).
//!
//! ```text
//!   FIN RSV1-3 opcode │ MASK length │ 0, 2 or 8 bytes of length │ masking key
//! ```

use protocol::MessageKind;

use crate::websocket::error::ProtocolError;
use crate::websocket::mask::Mask;

/// Longest header, in bytes.
pub(super) const MAX_HEADER: usize = 14;

/// Longest payload of a control frame, in bytes (section 5.5).
const MAX_CONTROL: u64 = 125;

/// Bit of the first byte: last frame of its message.
pub(super) const FIN: u8 = 0x80;
/// Opcodes.
pub(super) const CONTINUATION: u8 = 0x0;
pub(super) const TEXT: u8 = 0x1;
pub(super) const BINARY: u8 = 0x2;
pub(super) const CLOSE: u8 = 0x8;
pub(super) const PING: u8 = 0x9;
pub(super) const PONG: u8 = 0xa;

const RESERVED_BITS: u8 = 0x70;
/// Bit of the first byte: RSV1, compressed.
pub(super) const COMPRESSED: u8 = 0x40;
const OPCODE_BITS: u8 = 0x0f;
/// Bit of the second byte: masked.
pub(super) const MASKED: u8 = 0x80;
const LENGTH_BITS: u8 = 0x7f;

/// Header of a client's frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) opcode: Opcode,
    pub(super) fin: bool,
    /// True if the frame begins a compressed message (RFC 7692, section 6).
    pub(super) is_compressed: bool,
    /// Length of the payload, in bytes.
    pub(super) len: u64,
    pub(super) mask: Mask,
}

/// Opcode: the kind of payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opcode {
    /// First frame of a message.
    Start(MessageKind),
    /// Further frame of a message.
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
    /// Parses the header at the front of `bytes`, and returns it with its own length; `None`
    /// while it is incomplete. Messages are compressed only if `may_compress`.
    ///
    /// # Errors
    /// [`ProtocolError`] as early as the bytes show it.
    #[inline]
    pub(super) fn parse(
        bytes: &[u8],
        may_compress: bool,
    ) -> Result<Option<(Self, usize)>, ProtocolError> {
        let [first, second, rest @ ..] = bytes else {
            return Ok(None);
        };
        let (fin, opcode) = (first & FIN != 0, Opcode::parse(first & OPCODE_BITS)?);
        let short = second & LENGTH_BITS;
        let is_compressed = may_compress
            && first & RESERVED_BITS == COMPRESSED
            && matches!(opcode, Opcode::Start(_));
        if first & RESERVED_BITS != 0 && !is_compressed {
            return Err(ProtocolError::ReservedBits);
        }
        check(*first, *second, opcode)?;
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
        if matches!(opcode, Opcode::Control(_)) && len > MAX_CONTROL {
            return Err(ProtocolError::LongControl);
        }
        let Some((key, rest)) = rest.split_first_chunk() else {
            return Ok(None);
        };
        let mask = Mask::new(*key);
        let header = Self {
            opcode,
            fin,
            is_compressed,
            len,
            mask,
        };
        Ok(Some((header, bytes.len() - rest.len())))
    }
}

fn check(first: u8, second: u8, opcode: Opcode) -> Result<(), ProtocolError> {
    if matches!(opcode, Opcode::Control(_)) && first & FIN == 0 {
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
