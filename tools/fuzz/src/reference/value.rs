//! Values of self-delimiting formats, read by recursive descent.

mod bencode;
mod ber;
mod cbor;
mod json;
mod msgpack;
mod reader;
mod resp;

use self::reader::Reader;
use super::frame::{Frame, Stop};
use crate::kind::Kind;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Json,
    MessagePack,
    Cbor,
    Resp,
    Bencode,
    Ber,
}

impl Format {
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::MessagePack => "msgpack",
            Self::Cbor => "cbor",
            Self::Resp => "resp",
            Self::Bencode => "bencode",
            Self::Ber => "ber",
        }
    }

    /// Reads the value at the front of `stream`; `is_all` is true if no more bytes come.
    pub fn read(self, stream: &[u8], max: usize, is_all: bool) -> Result<Frame, Stop> {
        let mut reader = Reader::new(stream, max, is_all);
        match self {
            Self::Json => json::text(&mut reader),
            Self::MessagePack => msgpack::value(&mut reader),
            Self::Cbor => cbor::value(&mut reader),
            Self::Resp => resp::value(&mut reader),
            Self::Bencode => bencode::value(&mut reader),
            Self::Ber => ber::element(&mut reader),
        }?;
        Ok(Frame {
            message: stream[..reader.at].to_vec(),
            used: reader.at,
            is_shortest: self != Self::Json,
        })
    }

    /// Writes a message that is one value, without the white space around it.
    pub fn write(self, message: &[u8]) -> Result<Vec<u8>, Kind> {
        let is_json = self == Self::Json;
        let white_space: &[u8] = if is_json { b" \t\r\n" } else { b"" };
        let is_other = |byte| !white_space.contains(byte);
        let begin = message.iter().position(is_other);
        let message = &message[begin.unwrap_or(message.len())..];
        match self.read(message, usize::MAX, true) {
            Ok(frame) if message[frame.used..].iter().any(is_other) => Err(Kind::SeveralValues),
            Ok(frame) if is_json => Ok([&frame.message, &b"\n"[..]].concat()),
            Ok(frame) => Ok(frame.message),
            Err(Stop::More | Stop::Fault(Kind::TooLong)) => Err(Kind::NotWhole),
            Err(Stop::Fault(kind)) => Err(kind),
        }
    }
}
