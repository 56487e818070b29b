use std::fmt;
use std::str::FromStr;

use crate::delimiter::Delimiter;
use crate::error::FrameError;
use crate::header_block::HeaderBlock;
use crate::layout::{Layout, LengthOnWire, check_len};
use crate::length_prefix::{LengthField, LengthPrefix};
use crate::message::Message;
use crate::notation_error::{NotationError, Refusal};
use crate::number_bytes::{NumberBytes, ReadNumber};
use crate::picture::{self, Picture, PictureName};
use crate::picture_problem::PictureProblem;
use crate::scan::Scan;
use crate::segment::{Piece, Role, Segment};
use crate::stuffing::Stuffing;
use crate::value::ValueFormat;
use crate::varint;

/// Framing: the rule that divides a byte stream into messages.
///
/// Displayed and parsed as its notation; the [crate's documentation](crate) has a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Framing {
    /// Length prefix of fixed width, then the payload.
    Length(LengthPrefix),
    /// Length prefix as an unsigned varint, then the payload.
    Varint,
    /// Payload, then a delimiter.
    Delimited(Delimiter),
    /// No frames: the bytes available are a message.
    Raw,
    /// Picture of a frame: length, fixed and free bytes in wire order.
    Picture(Picture),
    /// Values of a self-delimiting format.
    Value(ValueFormat),
    /// Messages with reserved bytes written otherwise.
    Stuffed(Stuffing),
    /// Header lines, one of which announces the body's length.
    HeaderBlock(HeaderBlock),
    /// Messages of exactly so many bytes, at least one.
    Fixed(u32),
}

impl Framing {
    /// `u32le`, the default: the payload's length as an unsigned 32-bit little-endian
    /// integer, then the payload.
    pub const U32LE: Self = exclusive(LengthField::U32Le);

    /// Length prefixes, delimiters and `raw`, the default first.
    const BASIC: [Self; 23] = [
        Self::U32LE,
        inclusive(LengthField::U32Le),
        exclusive(LengthField::U32Be),
        inclusive(LengthField::U32Be),
        exclusive(LengthField::U8),
        inclusive(LengthField::U8),
        exclusive(LengthField::U16Le),
        inclusive(LengthField::U16Le),
        exclusive(LengthField::U16Be),
        inclusive(LengthField::U16Be),
        exclusive(LengthField::U24Le),
        inclusive(LengthField::U24Le),
        exclusive(LengthField::U24Be),
        inclusive(LengthField::U24Be),
        exclusive(LengthField::U64Le),
        inclusive(LengthField::U64Le),
        exclusive(LengthField::U64Be),
        inclusive(LengthField::U64Be),
        Self::Varint,
        Self::Delimited(Delimiter::Lines),
        Self::Delimited(Delimiter::Crlf),
        Self::Delimited(Delimiter::Nul),
        Self::Raw,
    ];

    /// Returns all framings that have a name, the default first.
    pub fn named() -> impl Iterator<Item = Self> {
        let pictures = PictureName::ALL.into_iter().filter_map(|name| {
            let picture = picture::parse(name.as_str()).ok()?;
            Some(Self::Picture(picture))
        });
        Self::BASIC
            .into_iter()
            .chain(pictures)
            .chain(Self::named_formats())
    }

    /// Returns the values, header blocks and byte stuffings.
    fn named_formats() -> impl Iterator<Item = Self> {
        let values = ValueFormat::ALL.map(Self::Value).into_iter();
        values
            .chain(HeaderBlock::ALL.map(Self::HeaderBlock))
            .chain(Stuffing::ALL.map(Self::Stuffed))
    }

    /// Returns the longest message that the framing can announce and a `usize` can count,
    /// in bytes.
    pub fn max_payload_len(&self) -> usize {
        match self {
            Self::Length(prefix) => usize::try_from(prefix.max_payload_len()).unwrap_or(usize::MAX),
            Self::Picture(picture) => picture.max_len(),
            Self::Fixed(len) => *len as usize,
            _ => usize::MAX,
        }
    }

    /// Returns the number of bytes that the framing takes from a message for a frame's header
    /// and trailer: a shorter message is refused.
    pub fn min_payload_len(&self) -> usize {
        match self {
            Self::Picture(picture) if !picture.whole => picture.free(),
            Self::Fixed(len) => *len as usize,
            _ => 0,
        }
    }

    /// Returns true if any bytes can be put before a message without breaking it: a message
    /// is neither a value nor a whole frame, and none of its bytes are a part of the header.
    pub fn allows_prefix(&self) -> bool {
        match self {
            Self::Picture(picture) => !picture.whole && picture.free() == 0,
            Self::Length(_) | Self::Varint | Self::Delimited(_) | Self::Stuffed(_) => true,
            Self::HeaderBlock(block) => *block == HeaderBlock::Lsp,
            Self::Raw | Self::Value(_) | Self::Fixed(_) => false,
        }
    }

    /// Returns true if a message is the whole frame, by `whole:`.
    pub fn is_whole(&self) -> bool {
        matches!(self, Self::Picture(picture) if picture.whole)
    }

    /// Checks that a message of `len` bytes is neither too long nor too short.
    ///
    /// # Errors
    /// [`FrameError::TooLong`] or [`FrameError::TooShort`].
    pub fn check_len(&self, len: usize) -> Result<(), FrameError> {
        let (min, max) = (self.min_payload_len(), self.max_payload_len());
        if len < min {
            return Err(FrameError::TooShort { len, min });
        }
        if len > max {
            let len = len as u64;
            return Err(FrameError::TooLong { len, max });
        }
        Ok(())
    }

    /// Writes the frame of a message, in pieces.
    ///
    /// # Errors
    /// A [`FrameError`] if the framing cannot carry the message. Nothing is written then.
    pub(crate) fn write(
        &self,
        message: &Message<'_, impl AsRef<[u8]>>,
        sink: &mut impl FnMut(Piece<'_>),
    ) -> Result<(), FrameError> {
        self.check_len(message.len())?;
        let mut number = NumberBytes::default();
        let mut payload = 0..message.len();
        let mut trailer: &[u8] = &[];
        match self {
            Self::Length(prefix) => prefix.write(message.len() as u64, &mut number),
            Self::Varint => varint::write(message.len() as u64, &mut number),
            Self::Delimited(delimiter) => {
                delimiter.check(message.parts())?;
                trailer = delimiter.trailer();
            }
            Self::Value(format) => {
                payload = format.only_value(&message.joined())?;
                trailer = format.trailer();
            }
            Self::HeaderBlock(block) => {
                block.check(message)?;
                sink(Piece::Bytes(Role::Length, &block.header(message.len())));
            }
            Self::Picture(picture) if !picture.whole => return picture.write(message, sink),
            Self::Stuffed(stuffing) => return stuffing.write(message, sink),
            Self::Picture(_) | Self::Raw | Self::Fixed(_) => {}
        }
        sink(Piece::Bytes(Role::Length, number.as_ref()));
        sink(Piece::Message(Role::Payload, payload));
        sink(Piece::Bytes(Role::Fixed, trailer));
        Ok(())
    }

    /// Returns the number of bytes at the front of `src`, between two frames, that belong to
    /// none: white space between JSON values, repeated flags, empty lines before a head.
    #[inline]
    pub(crate) fn skip(&self, src: &[u8], scan: &mut Scan) -> usize {
        match self {
            Self::Value(format) => format.skip(src),
            Self::Stuffed(stuffing) => stuffing.skip(src, scan),
            Self::HeaderBlock(block) => block.skip(src),
            _ => 0,
        }
    }

    /// Finds the frame at the front of `src`; returns `None` until its length is known.
    /// `scan` is the progress through this frame.
    pub(crate) fn layout(
        &self,
        src: &[u8],
        max_len: usize,
        scan: &mut Scan,
    ) -> Result<Option<Layout>, FrameError> {
        if src.is_empty() {
            return Ok(None);
        }
        let number = match self {
            Self::Length(prefix) => return prefix.layout(src, max_len),
            Self::Varint => varint::read(src)?,
            Self::Delimited(delimiter) => return delimiter.layout(src, max_len, &mut scan.at),
            Self::Raw => return raw_layout(src, max_len),
            Self::Picture(picture) => return picture.layout(src, max_len, scan),
            Self::Value(format) => {
                let end = format.end(src, max_len, false, scan)?;
                return Ok(end.map(payload_only));
            }
            Self::Stuffed(stuffing) => return stuffing.layout(src, max_len, scan),
            Self::HeaderBlock(block) => return block.layout(src, max_len, scan),
            &Self::Fixed(len) => {
                return check_len(len.into(), max_len, None).map(|len| Some(payload_only(len)));
            }
        };
        number
            .map(|number| prefix_layout(number, src, max_len))
            .transpose()
    }

    /// Returns true if a message lies in one piece in its frame.
    pub(crate) fn is_contiguous(&self) -> bool {
        match self {
            Self::Picture(picture) => picture.is_contiguous(),
            Self::Stuffed(_) => false,
            _ => true,
        }
    }

    /// Returns the message of `frame`, one that does not lie [in one piece](Self::is_contiguous).
    pub(crate) fn assemble(&self, frame: &[u8], layout: Layout) -> Vec<u8> {
        match self {
            Self::Picture(picture) => picture.assemble(frame, layout),
            Self::Stuffed(stuffing) => {
                stuffing.decode(&frame[layout.header_len..][..layout.payload_len])
            }
            _ => frame[layout.header_len..][..layout.payload_len].to_vec(),
        }
    }

    /// Returns the segments of `frame`, a complete one, in wire order; empty ones are left
    /// out, but for the payload's. A frame that is none, such as one sent with `whole:`, is
    /// a payload.
    pub fn segments(&self, frame: &[u8]) -> Vec<Segment> {
        // The flag that ended the frame before may have begun this one.
        let mut scan = Scan {
            begun: true,
            ..Scan::default()
        };
        let layout = self.layout(frame, usize::MAX, &mut scan);
        let whole = |layout: &Layout| layout.wire_len() == frame.len();
        let Some(layout) = layout.ok().flatten().filter(whole) else {
            let len = frame.len();
            return vec![Segment {
                role: Role::Payload,
                len,
            }];
        };
        let (header, payload) = match self {
            Self::Picture(picture) => return picture.segments(frame),
            Self::Stuffed(_) => (Role::Fixed, Role::Encoded),
            _ => (Role::Length, Role::Payload),
        };
        let parts = [
            (header, layout.header_len),
            (payload, layout.payload_len),
            (Role::Fixed, layout.trailer_len),
        ];
        let parts = parts.into_iter().map(|(role, len)| Segment { role, len });
        parts
            .filter(|segment| segment.len > 0 || segment.role == Role::Payload)
            .collect()
    }

    /// Checks the end of a stream with `have` > 0 bytes left over, too few for a
    /// [layout](Self::layout).
    pub(crate) fn truncated(&self, have: usize) -> Result<(), FrameError> {
        let need = match self {
            Self::Length(prefix) => prefix.field.width(),
            Self::Picture(picture) if picture.length.is_some() => {
                picture.min_header_len().max(have + 1)
            }
            Self::Varint | Self::Value(_) | Self::HeaderBlock(_) => have + 1,
            Self::Fixed(len) => *len as usize,
            Self::Delimited(_) | Self::Picture(_) | Self::Stuffed(_) => {
                return Err(FrameError::Unterminated { have });
            }
            Self::Raw => return Ok(()),
        };
        Err(FrameError::Truncated { have, need })
    }

    /// Returns the bound below which a payload takes the fast path of a decoder or an
    /// encoder that allows `max_len`, in bytes; 0 for all framings but `u32le`.
    pub(crate) fn fast_path_below(&self, max_len: usize) -> usize {
        match *self {
            Self::U32LE => max_len.min(u32::MAX as usize).saturating_add(1),
            _ => 0,
        }
    }

    /// Parses a framing whose notation is a name alone, or `fixed` and a count.
    fn parse_name(notation: &str) -> Option<Self> {
        if let Some(count) = notation.strip_prefix(FIXED) {
            let is_count = !count.starts_with('0') && count.bytes().all(|it| it.is_ascii_digit());
            return count.parse().ok().filter(|_| is_count).map(Self::Fixed);
        }
        let mut named = Self::BASIC.into_iter().chain(Self::named_formats());
        named.find(|framing| framing.name() == Some(notation))
    }

    /// Returns the name of a framing that is no picture and has one.
    const fn name(&self) -> Option<&'static str> {
        Some(match self {
            Self::Length(prefix) => prefix.name(),
            Self::Varint => "varint",
            Self::Delimited(delimiter) => delimiter.name(),
            Self::Raw => "raw",
            Self::Value(format) => format.as_str(),
            Self::Stuffed(stuffing) => stuffing.as_str(),
            Self::HeaderBlock(block) => block.as_str(),
            Self::Picture(_) | Self::Fixed(_) => return None,
        })
    }
}

const fn exclusive(field: LengthField) -> Framing {
    let inclusive = false;
    Framing::Length(LengthPrefix { field, inclusive })
}

const fn inclusive(field: LengthField) -> Framing {
    let inclusive = true;
    Framing::Length(LengthPrefix { field, inclusive })
}

const fn payload_only(payload_len: usize) -> Layout {
    Layout {
        header_len: 0,
        payload_len,
        trailer_len: 0,
    }
}

fn prefix_layout(number: ReadNumber, src: &[u8], max: usize) -> Result<Layout, FrameError> {
    let header_len = number.width;
    let wire = LengthOnWire {
        bytes: &src[..header_len],
        order: None,
        counted: 0,
        besides: 0,
    };
    Ok(Layout {
        header_len,
        payload_len: check_len(number.value, max, Some(wire))?,
        trailer_len: 0,
    })
}

/// Takes all of `src` as the payload, up to `max_len` bytes.
fn raw_layout(src: &[u8], max_len: usize) -> Result<Option<Layout>, FrameError> {
    match src.len().min(max_len) {
        0 => Err(FrameError::TooLong {
            len: src.len() as u64,
            max: max_len,
        }),
        payload_len => Ok(Some(payload_only(payload_len))),
    }
}

impl Default for Framing {
    /// Returns [`Framing::U32LE`]. This will not change.
    fn default() -> Self {
        Self::U32LE
    }
}

impl fmt::Display for Framing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self, self.name()) {
            (_, Some(name)) => f.pad(name),
            (Self::Picture(picture), _) => picture.fmt(f),
            (Self::Fixed(len), _) => write!(f, "{FIXED}{len}"),
            _ => Ok(()),
        }
    }
}

impl FromStr for Framing {
    type Err = NotationError;

    fn from_str(notation: &str) -> Result<Self, Self::Err> {
        let refused = |refusal| NotationError::new(notation, refusal);
        if let Some(rest) = notation.strip_prefix(WHOLE) {
            let whole = true;
            return match picture::parse(rest) {
                Ok(picture) => Ok(Self::Picture(Picture { whole, ..picture })),
                Err(_) if Self::parse_name(rest).is_some() => Err(refused(Some(Refusal {
                    reason: PictureProblem::NotWhole { name: rest.into() },
                    at: 0,
                }))),
                Err(refusal) => Err(refused(Some(Refusal {
                    at: refusal.at + WHOLE.len(),
                    ..with_name_reason(refusal)
                }))),
            };
        }
        if let Some(framing) = Self::parse_name(notation) {
            return Ok(framing);
        }
        if notation.starts_with(FIXED) {
            let (reason, at) = (PictureProblem::FixedCount, FIXED.len());
            return Err(refused(Some(Refusal { reason, at })));
        }
        match picture::parse(notation) {
            // A length alone: the body is at the end with or without "...".
            Ok(picture) => {
                Ok(Self::parse_name(&picture.to_string()).unwrap_or(Self::Picture(picture)))
            }
            Err(_) if !is_picture(notation) => Err(refused(None)),
            Err(refusal) => Err(refused(Some(with_name_reason(refusal)))),
        }
    }
}

/// Name of a fixed length, without its count of bytes.
const FIXED: &str = "fixed";

/// Prefix of pictures whose message is the whole frame.
const WHOLE: &str = "whole:";

/// Returns `refusal` with a reason of its own for the name of a framing in place of a part.
fn with_name_reason(refusal: Refusal) -> Refusal {
    let is_name = |word: &str| Framing::parse_name(word).is_some() || picture::parse(word).is_ok();
    let reason = match refusal.reason {
        PictureProblem::NoPart { part: name } if is_name(&name) => {
            PictureProblem::NameInPicture { name }
        }
        reason => reason,
    };
    Refusal { reason, ..refusal }
}

/// Returns true if `notation` was meant as a picture: it is more than a word.
fn is_picture(notation: &str) -> bool {
    let begins_part = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_digit()) || picture::is_number(part)
    };
    notation.contains(['+', ' ']) || notation.contains("...") || begins_part(notation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn framing_name_parses_back() {
        for framing in Framing::named() {
            assert_eq!(framing.to_string().parse(), Ok(framing));
        }
    }

    #[test]
    fn default_framing_is_u32le() {
        assert_eq!(Framing::default().to_string(), "u32le");
        assert_eq!(Framing::named().next(), Some(Framing::default()));
    }

    #[test]
    fn framing_names_need_no_escaping_in_urls_and_toml() {
        for framing in Framing::named() {
            let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
            assert!(framing.to_string().bytes().all(unreserved), "{framing}");
        }
    }

    #[test]
    fn crate_docs_list_every_framing() {
        let table = include_str!("lib.rs");
        for framing in Framing::named() {
            let name = framing.to_string();
            let name = name.trim_end_matches("-inclusive");
            assert!(table.contains(&format!("`{name}`")), "{name}");
        }
    }

    #[test]
    fn length_alone_has_the_body_at_the_end() {
        for name in ["u32be", "u8-inclusive", "varint", "u40be", "u32be-all"] {
            let framing: Framing = format!("{name}...").parse().unwrap();
            assert_eq!(name.parse(), Ok(framing));
            assert_eq!(framing.to_string(), name);
        }
    }

    #[test]
    fn unknown_framing_error_gives_valid_examples() {
        let error = "mqtt".parse::<Framing>().unwrap_err().to_string();
        let examples = "u32le u24be u16be-inclusive varint lines crlf nul raw json 1+u32be \
                        0x02...0x03";
        for example in examples.split_whitespace() {
            assert!(example.parse::<Framing>().is_ok(), "{example}");
            assert!(error.contains(example), "{error}");
        }
    }
}
