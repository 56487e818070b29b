//! The reference codec: a decoder and an encoder for all framings, too simple to be wrong. It
//! reads each frame anew, from the whole of the bytes that have come.

mod frame;
mod header_block;
mod line;
mod number;
mod picture;
mod stuffing;
mod value;
mod websocket;

pub use self::frame::{Frame, Stop};
pub use self::line::Line;
pub use self::number::Number;
pub use self::picture::{Counts, Part, Picture};
pub use self::stuffing::Stuffing;
pub use self::value::Format;
pub use self::websocket::{ServerFrame, server_frames};

use crate::kind::Kind;

/// Codec of a framing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Codec {
    Picture(Picture),
    Line(Line),
    Raw,
    Fixed(usize),
    Value(Format),
    Stuffed(Stuffing),
    Lsp,
    Headers,
}

impl Codec {
    /// Returns the notation.
    pub fn notation(&self) -> String {
        match self {
            Self::Picture(picture) => picture.notation(),
            Self::Line(line) => line.name().into(),
            Self::Raw => "raw".into(),
            Self::Fixed(len) => format!("fixed{len}"),
            Self::Value(format) => format.name().into(),
            Self::Stuffed(stuffing) => stuffing.name().into(),
            Self::Lsp => "lsp".into(),
            Self::Headers => "headers".into(),
        }
    }

    /// Returns true if the notation describes a framing.
    pub fn is_valid(&self) -> bool {
        match self {
            Self::Picture(picture) => picture.is_valid(),
            _ => true,
        }
    }

    /// Returns the number of bytes at the front of `stream` that are in no frame.
    fn between(&self, stream: &[u8]) -> usize {
        let leading = |bytes: &[u8]| {
            let is_other = |byte| !bytes.contains(byte);
            stream.iter().position(is_other).unwrap_or(stream.len())
        };
        match self {
            Self::Value(Format::Json) => leading(b" \t\r\n"),
            Self::Stuffed(stuffing) => leading(&[stuffing.end()]),
            Self::Headers => header_block::empty_lines(stream),
            _ => 0,
        }
    }

    /// Reads the frame at the front of `stream`, which is not empty. `is_first` is true if it
    /// is the first in this framing.
    fn read(&self, stream: &[u8], max: usize, is_first: bool) -> Result<Frame, Stop> {
        match self {
            Self::Picture(picture) => picture.read(stream, max),
            Self::Line(line) => line.read(stream, max),
            Self::Raw => Ok(exactly(stream)),
            Self::Fixed(len) if *len > max => Err(Stop::Fault(Kind::TooLong)),
            Self::Fixed(len) => stream.get(..*len).map(exactly).ok_or(Stop::More),
            Self::Value(format) => format.read(stream, max, false),
            Self::Stuffed(stuffing) => stuffing.read(stream, max, is_first),
            Self::Lsp => header_block::read(stream, max as u128, true),
            Self::Headers => header_block::read(stream, max as u128, false),
        }
    }

    /// Returns the message that the end of the stream ends, `rest` being what is left of it.
    fn end(&self, rest: &[u8], max: usize) -> Result<Frame, Kind> {
        match self {
            Self::Value(format) => match format.read(rest, max, true) {
                Ok(frame) => Ok(frame),
                Err(Stop::More) => Err(Kind::Truncated),
                Err(Stop::Fault(kind)) => Err(kind),
            },
            Self::Picture(picture) => Err(picture.unfinished(rest)),
            Self::Line(_) | Self::Stuffed(_) => Err(Kind::Unterminated),
            Self::Fixed(_) | Self::Lsp | Self::Headers | Self::Raw => Err(Kind::Truncated),
        }
    }

    /// Returns the frame of a message.
    pub fn write(&self, message: &[u8]) -> Result<Vec<u8>, Kind> {
        match self {
            Self::Picture(picture) => picture.write(message),
            Self::Line(line) => line.write(message),
            Self::Raw => Ok(message.to_vec()),
            Self::Fixed(len) if message.len() < *len => Err(Kind::TooShort),
            Self::Fixed(len) if message.len() > *len => Err(Kind::TooLong),
            Self::Fixed(_) => Ok(message.to_vec()),
            Self::Value(format) => format.write(message),
            Self::Stuffed(stuffing) => stuffing.write(message),
            Self::Lsp => Ok(header_block::write_lsp(message)),
            Self::Headers => header_block::check(message).map(|()| message.to_vec()),
        }
    }
}

/// A frame that is its message.
fn exactly(stream: &[u8]) -> Frame {
    Frame {
        message: stream.to_vec(),
        used: stream.len(),
        is_shortest: true,
    }
}

/// Codecs of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Codecs {
    /// Codec of the first message, if it has one of its own.
    pub first: Option<Codec>,
    pub codec: Codec,
}

/// Messages of a stream, and where it stops.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// Frames, and the offset of each.
    pub frames: Vec<(usize, Frame)>,
    pub end: Result<(), Kind>,
}

impl Codecs {
    /// Returns the codec of a message.
    pub fn of(&self, index: usize) -> &Codec {
        self.first
            .as_ref()
            .filter(|_| index == 0)
            .unwrap_or(&self.codec)
    }

    /// Decodes what has come of a stream, and its end if it has `ended`.
    pub fn decode(&self, stream: &[u8], max: usize, ended: bool) -> Decoded {
        let (mut at, mut frames) = (0, Vec::new());
        loop {
            let index = frames.len();
            let codec = self.of(index);
            let between = codec.between(&stream[at..]);
            at += between;
            let rest = &stream[at..];
            if rest.is_empty() {
                return Decoded {
                    frames,
                    end: Ok(()),
                };
            }
            let is_first = between == 0 && (index == 0 || index == 1 && self.first.is_some());
            let end = match codec.read(rest, max, is_first) {
                Ok(frame) => {
                    let used = frame.used;
                    frames.push((at, frame));
                    at += used;
                    continue;
                }
                Err(Stop::Fault(kind)) => Err(kind),
                Err(Stop::More) if ended => {
                    let last = codec.end(rest, max);
                    last.map(|frame| frames.push((at, frame)))
                }
                Err(Stop::More) => Ok(()),
            };
            return Decoded { frames, end };
        }
    }
}

impl Decoded {
    /// Returns the messages.
    pub fn messages(&self) -> impl Iterator<Item = &Vec<u8>> {
        self.frames.iter().map(|(_, frame)| &frame.message)
    }
}
