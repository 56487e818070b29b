//! Framings as the page knows them: by notation. The common ones are built in; all others are
//! explained by the page's late part, which has the whole of `protocol`.

use std::fmt;
use std::rc::Rc;

use bytes::Bytes;
use protocol::{ByteOrder, Delimiter, LengthField, LengthPrefix, Role};

/// Framing, by its notation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Framing(Rc<str>);

/// Framings of a connection: that of all messages, and those of the first ones.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Framings {
    /// Framing of all messages without one of their own.
    pub framing: Framing,
    /// Framing of the first message to the service.
    pub first_sent: Option<Framing>,
    /// Framing of the first message from the service.
    pub first_received: Option<Framing>,
}

/// Framing that is built in: the page draws its frames from the first visit on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BuiltIn {
    /// Length prefix of fixed width.
    Length(LengthPrefix),
    /// Length prefix as a varint.
    Varint,
    /// Delimiter after the message.
    Delimited(Delimiter),
    /// No frames.
    Raw,
}

/// Reason that a message cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Longer than the gateway accepts, or than the framing can announce.
    TooLong {
        /// Length of the message, in bytes.
        len: u64,
        /// Longest message, in bytes.
        max: u64,
    },
    /// Line break, which would end the message.
    LineBreak {
        /// Offset in the message.
        at: usize,
    },
    /// NUL, which would end the message.
    Nul {
        /// Offset in the message.
        at: usize,
    },
    /// Sentence of the late part.
    Explained(String),
}

/// Notation of the framing without frames.
pub const RAW: &str = "raw";

const FIELDS: [(&str, LengthField); 9] = [
    ("u8", LengthField::U8),
    ("u16le", LengthField::U16Le),
    ("u16be", LengthField::U16Be),
    ("u24le", LengthField::U24Le),
    ("u24be", LengthField::U24Be),
    ("u32le", LengthField::U32Le),
    ("u32be", LengthField::U32Be),
    ("u64le", LengthField::U64Le),
    ("u64be", LengthField::U64Be),
];

impl Framing {
    /// Returns the framing that is built in under this notation; `None` if the late part
    /// explains it.
    pub fn built_in(&self) -> Option<BuiltIn> {
        Some(match &*self.0 {
            "varint" => BuiltIn::Varint,
            "lines" => BuiltIn::Delimited(Delimiter::Lines),
            "crlf" => BuiltIn::Delimited(Delimiter::Crlf),
            "nul" => BuiltIn::Delimited(Delimiter::Nul),
            RAW => BuiltIn::Raw,
            notation => {
                let (name, inclusive) = match notation.strip_suffix("-inclusive") {
                    Some(name) => (name, true),
                    None => (notation, false),
                };
                let &(_, field) = FIELDS.iter().find(|(it, _)| *it == name)?;
                BuiltIn::Length(LengthPrefix { field, inclusive })
            }
        })
    }

    /// Returns the notation.
    pub fn notation(&self) -> &str {
        &self.0
    }
}

impl BuiltIn {
    /// Returns the segments of a message's frame, in wire order.
    ///
    /// # Errors
    /// The reason if the framing cannot carry the message.
    pub fn frame(self, message: &Bytes) -> Result<Vec<(Role, Bytes)>, Refusal> {
        if let Self::Delimited(delimiter) = self {
            let refused: &[u8] = match delimiter {
                Delimiter::Lines | Delimiter::Crlf => b"\r\n",
                Delimiter::Nul => b"\0",
            };
            match message.iter().position(|byte| refused.contains(byte)) {
                Some(at) if delimiter == Delimiter::Nul => return Err(Refusal::Nul { at }),
                Some(at) => return Err(Refusal::LineBreak { at }),
                None => {}
            }
        }
        let mut segments = self.around(message.len() as u64)?;
        for (role, bytes) in &mut segments {
            if *role == Role::Payload {
                *bytes = message.clone();
            }
        }
        Ok(segments)
    }

    /// Returns the segments of a frame with a payload of so many bytes, which is left empty.
    ///
    /// # Errors
    /// The reason if the framing cannot announce that length.
    pub fn around(self, len: u64) -> Result<Vec<(Role, Bytes)>, Refusal> {
        let payload = (Role::Payload, Bytes::new());
        Ok(match self {
            Self::Length(prefix) => vec![(Role::Length, length(prefix, len)?), payload],
            Self::Varint => vec![(Role::Length, varint(len)), payload],
            Self::Delimited(delimiter) => {
                let end: &'static [u8] = match delimiter {
                    Delimiter::Lines => b"\n",
                    Delimiter::Crlf => b"\r\n",
                    Delimiter::Nul => b"\0",
                };
                vec![payload, (Role::Fixed, Bytes::from_static(end))]
            }
            Self::Raw => vec![payload],
        })
    }
}

fn length(prefix: LengthPrefix, len: u64) -> Result<Bytes, Refusal> {
    let width = prefix.field.width();
    let own = match prefix.inclusive {
        true => width as u64,
        false => 0,
    };
    let max = (u64::MAX >> (64 - 8 * width)) - own;
    if len > max {
        return Err(Refusal::TooLong { len, max });
    }
    let bytes = (len + own).to_le_bytes();
    let mut bytes = bytes[..width].to_vec();
    if prefix.field.byte_order() == Some(ByteOrder::Big) {
        bytes.reverse();
    }
    Ok(bytes.into())
}

fn varint(mut len: u64) -> Bytes {
    let mut bytes = Vec::new();
    while len > 0x7f {
        bytes.push(len as u8 | 0x80);
        len >>= 7;
    }
    bytes.push(len as u8);
    bytes.into()
}

impl Default for Framing {
    /// Returns `u32le`.
    fn default() -> Self {
        "u32le".into()
    }
}

impl From<&str> for Framing {
    fn from(notation: &str) -> Self {
        Self(notation.into())
    }
}

impl From<&str> for Framings {
    fn from(notation: &str) -> Self {
        Self {
            framing: notation.into(),
            ..Self::default()
        }
    }
}

impl fmt::Display for Framing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The oracle is `protocol`, which the gateway and the page's late part use.
    #[test]
    fn built_in_frames_are_those_of_the_gateway() {
        let messages = [
            "",
            "hello",
            "a\nb\r",
            "\0",
            &"x".repeat(300),
            &"x".repeat(70_000),
        ];
        let mut built_in = 0;
        for gateway in protocol::Framing::named() {
            let Some(framing) = Framing::from(&*gateway.to_string()).built_in() else {
                continue;
            };
            built_in += 1;
            for message in messages.map(|it| Bytes::from(it.to_owned())) {
                let frame = protocol::Frame::new(gateway, message.clone());
                let segments = frame.as_ref().ok().map(|frame| frame.segments().to_vec());
                assert_eq!(framing.frame(&message).ok(), segments, "{gateway}");
            }
        }
        assert_eq!(built_in, 23);
        assert_eq!(Framing::from("1+u32be").built_in(), None);
        assert_eq!(Framing::from("json").built_in(), None);
    }
}
