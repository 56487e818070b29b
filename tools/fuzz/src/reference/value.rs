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
        let message = if is_json { trim(message) } else { message };
        match self.read(message, usize::MAX, true) {
            Ok(frame) if frame.used < message.len() => Err(Kind::SeveralValues),
            Ok(_) if is_json => Ok([message, b"\n"].concat()),
            Ok(_) => Ok(message.to_vec()),
            Err(Stop::More | Stop::Fault(Kind::TooLong)) => Err(Kind::NotWhole),
            Err(Stop::Fault(kind)) => Err(kind),
        }
    }
}

fn trim(message: &[u8]) -> &[u8] {
    let is_other = |byte: &u8| !b" \t\r\n".contains(byte);
    let begin = message.iter().position(is_other);
    let end = message.iter().rposition(is_other);
    match (begin, end) {
        (Some(begin), Some(end)) => &message[begin..=end],
        _ => &[],
    }
}
