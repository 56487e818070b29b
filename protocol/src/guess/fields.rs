//! Candidates with a length among a frame's first bytes.

use super::bits::{BIT, Bits, log2};
use super::division::Division;
use super::ranking::Ranking;
use crate::framing::Framing;
use crate::integer::ByteOrder::{self, Big, Little};
use crate::length_prefix::{LengthField, LengthPrefix};
use crate::number::Number;
use crate::picture::{Counts, Length, Picture, Template};

/// Most bytes before a length.
const MAX_BEFORE: usize = 16;
/// Most bytes after a length that it does not count: EtherNet/IP has twenty.
const MAX_AFTER: usize = 20;
/// Most bytes before and after a length whose width varies: few headers have any.
const MAX_BEFORE_VARINT: usize = 2;
const MAX_AFTER_VARINT: usize = 1;
/// Fewest bytes beside the length of a header that may be a frame on its own.
const LONG_HEADER: usize = 4;
/// Cost of any picture, in bits.
const BASE: Bits = 3;
/// Evidence of lengths that end within the capture, at most.
const MAX_FIT: Bits = 12 * BIT;
/// Cost of a length of one byte that is not among a frame's first ones, in bits: few headers
/// have one.
const LATE_BYTE: Bits = 8;
/// Cost of a short length beside zeros, in bits: they are the rest of a longer one.
const BESIDE_ZEROS: Bits = 5;
/// Cost of a binary length in a text, in bits: its bytes are characters.
const IN_TEXT: Bits = 24;

const NUMBERS: [Number; 18] = [
    integer(1, Big),
    integer(2, Big),
    integer(2, Little),
    integer(3, Big),
    integer(3, Little),
    integer(4, Big),
    integer(4, Little),
    integer(6, Big),
    integer(6, Little),
    integer(8, Big),
    integer(8, Little),
    Number::Varint,
    Number::Gob,
    Number::Ascii(4),
    Number::Ascii(8),
    Number::Hex(4),
    Number::Hex(8),
    Number::Bcd(2),
];

const fn integer(width: u8, order: ByteOrder) -> Number {
    Number::Integer { width, order }
}

/// Header with a length: `before` free bytes, a number, and `after` more that it does not count.
#[derive(Debug, Clone, Copy)]
struct Header {
    before: usize,
    number: Number,
    counts: Counts,
    after: usize,
}

/// Adds all headers that divide the capture.
pub(super) fn add(ranking: &mut Ranking<'_>) {
    for number in NUMBERS {
        let (max_before, max_after) = match number.width() {
            Some(_) => (MAX_BEFORE, MAX_AFTER),
            None => (MAX_BEFORE_VARINT, MAX_AFTER_VARINT),
        };
        for before in 0..=max_before {
            // With nothing before the length, `Frame` is the same as `Itself`.
            let counting = [Counts::Itself, Counts::Frame].into_iter();
            let counting = counting
                .take(if before == 0 { 1 } else { 2 })
                .filter(|_| number.width().is_some())
                .map(|counts| (counts, 0));
            let exclusive = (0..=max_after).map(|after| (Counts::Body, after));
            for (counts, after) in counting.chain(exclusive) {
                let header = Header {
                    before,
                    number,
                    counts,
                    after,
                };
                add_header(ranking, header);
            }
        }
    }
}

fn add_header(ranking: &mut Ranking<'_>, header: Header) {
    let bytes = ranking.capture.bytes;
    let (mut empty, mut frames, mut fit) = (0, 0, 0);
    let division = Division::new(bytes, |rest| {
        let Some((body, len)) = header.frame_len(rest)? else {
            return Ok(None);
        };
        frames += 1;
        empty += usize::from(body == 0);
        if frames > 1 {
            fit += header.fit(len, rest.len());
        }
        Ok(Some(len))
    });
    // Zeros are empty frames to many framings.
    let is_long = header.before + header.after >= LONG_HEADER;
    let is_plausible = empty * 2 < frames || is_long && empty * 3 <= frames * 2;
    let Some(division) = division.filter(|_| is_plausible) else {
        return;
    };
    let cost = header.cost(ranking.capture.is_text) + header.beside_zeros(bytes, &division);
    let bits = header.claim(ranking) + fit.min(MAX_FIT) - cost;
    ranking.add_picture(header.framing(), &division, bits);
}

impl Header {
    /// Returns the lengths of the body and the frame at the front of `src`.
    fn frame_len(self, src: &[u8]) -> Result<Option<(usize, usize)>, ()> {
        let Some(field) = src.get(self.before..) else {
            return Ok(None);
        };
        let Some(number) = self.number.read(field, 0).map_err(drop)? else {
            return Ok(None);
        };
        let header = self.before + number.width;
        let counted = match self.counts {
            Counts::Body => 0,
            Counts::Itself => number.width,
            Counts::Frame => header,
        };
        let value = usize::try_from(number.value).map_err(drop)?;
        let body = value.checked_sub(counted).ok_or(())?;
        let len = body.checked_add(header + self.after).ok_or(())?;
        Ok(Some((body, len)))
    }

    /// Returns the evidence of the first frame's length itself: the zeros that a short one
    /// begins with, or its digits. The division shows that of all others.
    fn claim(self, ranking: &Ranking<'_>) -> Bits {
        let capture = ranking.capture;
        let Some(field) = capture.bytes.get(self.before..) else {
            return 0;
        };
        let zeros = |bytes: &mut dyn Iterator<Item = &u8>| {
            let zeros = bytes.take_while(|&&byte| byte == 0).count();
            zeros as Bits * (capture.surprise(0) / 4).min(BIT)
        };
        match self.number {
            Number::Integer { width, order } => match (field.get(..width.into()), order) {
                (Some(field), Big) => zeros(&mut field.iter()),
                (Some(field), Little) => zeros(&mut field.iter().rev()),
                (None, _) => 0,
            },
            Number::Ascii(digits) if !capture.is_text => Bits::from(digits) * 3 * BIT,
            Number::Hex(digits) if !capture.is_text => Bits::from(digits) * 3 * BIT,
            // Few digits among the characters of a text.
            Number::Ascii(digits) => Bits::from(digits) * 2 * BIT,
            _ => 0,
        }
    }

    /// Returns the evidence of a frame of `len` bytes that ends within the `rest` of the capture:
    /// another length of as many digits might have ended beyond.
    fn fit(self, len: usize, rest: usize) -> Bits {
        let significant = match self.number {
            Number::Integer { .. } => (usize::BITS - len.leading_zeros()).div_ceil(8),
            Number::Varint | Number::Gob if len < 0x80 => 1,
            _ => return 0,
        };
        let longest = 1_usize.checked_shl(8 * significant).unwrap_or(usize::MAX);
        match len <= rest {
            true => log2((longest / rest.max(1)).clamp(1, 1 << 30) as u32),
            false => 0,
        }
    }

    /// Returns true if a short length is a single byte.
    const fn is_byte(self) -> bool {
        matches!(
            self.number,
            Number::Integer { width: 1, .. } | Number::Varint | Number::Gob
        )
    }

    /// Returns the cost of a short length that has zeros beside it in all frames: after a
    /// little-endian one, and before or after a single byte.
    fn beside_zeros(self, bytes: &[u8], division: &Division) -> Bits {
        let are_zeros = |place: usize| {
            let mut frames = division.frames();
            frames.all(|(begin, end)| begin + place < end && bytes[begin + place] == 0)
        };
        let after = match self.number {
            Number::Integer {
                width: width @ 2..=3,
                order: Little,
            } => usize::from(width),
            _ if self.is_byte() => 1,
            _ => return 0,
        };
        let before = self.before.checked_sub(1).filter(|_| self.is_byte());
        match before.is_some_and(are_zeros) || are_zeros(self.before + after) {
            true => BESIDE_ZEROS * BIT,
            false => 0,
        }
    }

    /// Returns the cost of the notation: that of picking it among all others.
    fn cost(self, is_text: bool) -> Bits {
        let (number, width) = match self.number {
            Number::Integer { width: 1, .. } => (3, 1),
            Number::Integer {
                width: width @ (2 | 4),
                order: Big,
            } => (1, width),
            Number::Integer {
                width: width @ (2 | 4),
                order: Little,
            } => (2, width),
            Number::Integer { width: 6, .. } => (5, 1),
            Number::Integer { width: 3, .. } => (3, 1),
            Number::Integer { width, .. } => (3, width),
            Number::Varint => (2, 1),
            Number::Gob => (7, 1),
            Number::Ascii(4) => (2, 1),
            Number::Bcd(_) => (4, 1),
            Number::Ascii(_) | Number::Hex(_) | Number::Digits => (3, 1),
        };
        let aligned = match self.number {
            // In a word of four bytes, beside another field.
            Number::Integer { width: 3, order } => {
                self.before == 0 || self.before % 4 == usize::from(order == Big)
            }
            _ => self.before.is_multiple_of(width.into()),
        };
        let before = match self.before {
            0 => 0,
            1 | 2 | 4 => 2,
            3 | 8 => 3,
            5..=7 | 12 | 16 => 4,
            _ => 6,
        };
        let after = match self.after {
            0 => 0,
            1 => 3,
            2 | 4 => 4,
            3 | 8 | 12 | 16 => 6,
            _ => 8,
        };
        let counts = Bits::from(self.counts != Counts::Body);
        let is_binary = !matches!(self.number, Number::Ascii(_) | Number::Hex(_));
        let in_text = if is_text && is_binary { IN_TEXT } else { 0 };
        let is_late = self.is_byte() && (self.before > 2 || self.after > 1);
        let misplaced = match (aligned, is_late) {
            (_, true) => LATE_BYTE,
            (true, _) => 0,
            (false, _) => 3,
        };
        (BASE + number + before + after + counts + misplaced + in_text) * BIT
    }

    fn framing(self) -> Framing {
        self.prefix()
            .map_or_else(|| self.picture(), Framing::Length)
    }

    /// Returns the length prefix that the header is, if it is nothing more.
    fn prefix(self) -> Option<LengthPrefix> {
        let Number::Integer { width, order } = self.number else {
            return None;
        };
        let field = match (width, order) {
            _ if self.before + self.after > 0 => return None,
            (1, _) => LengthField::U8,
            (2, Big) => LengthField::U16Be,
            (2, Little) => LengthField::U16Le,
            (3, Big) => LengthField::U24Be,
            (3, Little) => LengthField::U24Le,
            (4, Big) => LengthField::U32Be,
            (4, Little) => LengthField::U32Le,
            (8, Big) => LengthField::U64Be,
            (8, Little) => LengthField::U64Le,
            _ => return None,
        };
        let inclusive = self.counts != Counts::Body;
        Some(LengthPrefix { field, inclusive })
    }

    fn picture(self) -> Framing {
        if self.number == Number::Varint && self.before + self.after == 0 {
            return Framing::Varint;
        }
        let free = |count| {
            let mut template = Template::default();
            if count > 0 {
                let _ = template.push_free(count);
            }
            template
        };
        Framing::Picture(Picture {
            before: free(self.before),
            length: Some(Length {
                number: self.number,
                counts: self.counts,
            }),
            after: free(self.after),
            tail: Template::default(),
            whole: false,
            name: None,
        })
    }
}
