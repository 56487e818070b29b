//! Choice of framings by the first bytes of an input, as a reference codec whose notation
//! `protocol` parses.
//!
//! A byte modulo 64 selects: below 38 one of [`names`]; 38 `fixedN`, the next byte being N; 39
//! `whole:` before the name that the next byte selects; from 40 on a picture: a byte with the
//! counts of parts, a byte for its length, then the parts.

use crate::reference::{Codec, Codecs, Counts, Format, Line, Number, Part, Picture, Stuffing};

/// Bytes of an input; zeros follow its end.
pub struct Input<'a>(pub &'a [u8]);

impl Input<'_> {
    pub fn byte(&mut self) -> u8 {
        let (first, rest) = self.0.split_first().unwrap_or((&0, &[]));
        self.0 = rest;
        *first
    }

    /// Takes the next byte and as many bytes as it says.
    pub fn counted(&mut self) -> Vec<u8> {
        let count = self.byte();
        (0..count).map(|_| self.byte()).collect()
    }
}

/// Returns the codecs that an input selects: a framing, and after an odd byte that of the
/// first message. A stream without frames has no first one.
pub fn codecs(input: &mut Input<'_>) -> Codecs {
    let codec = codec(input);
    let first = (input.byte() % 2 == 1).then(|| self::codec(input));
    let has_frames = |codec: &Codec| *codec != Codec::Raw;
    let first = first.filter(|first| has_frames(first) && has_frames(&codec));
    Codecs { first, codec }
}

fn codec(input: &mut Input<'_>) -> Codec {
    let names = names();
    match usize::from(input.byte() % 64) {
        38 => Codec::Fixed(usize::from(input.byte()).max(1)),
        39 => {
            let index = usize::from(input.byte());
            let pictures = names.into_iter().filter_map(|codec| match codec {
                Codec::Picture(picture) => Some(picture),
                _ => None,
            });
            let pictures: Vec<Picture> = pictures.collect();
            let named = pictures[index % pictures.len()].clone();
            Codec::Picture(Picture {
                whole: true,
                ..named
            })
        }
        index => names
            .into_iter()
            .nth(index)
            .unwrap_or_else(|| Codec::Picture(picture(input))),
    }
}

/// Codecs of all names.
fn names() -> Vec<Codec> {
    let widths = [4, 4, 1, 2, 2, 3, 3, 8, 8].into_iter();
    let orders = [false, true, true, false, true, false, true, false, true];
    let integers = widths.zip(orders).flat_map(|(width, is_big_endian)| {
        let number = Number::Integer {
            width,
            is_big_endian,
        };
        [(number, Counts::Body), (number, Counts::Itself)]
    });
    let lengths = integers.chain([(Number::Varint, Counts::Body)]);
    let lengths = lengths.map(|length| Codec::Picture(drawn(None, &[], Some(length), &[], &[])));
    let digits = Some((Number::Digits, Counts::Body));
    let pictures = [
        drawn(Some("mllp"), b"\x0b", None, b"", b"\x1c\r"),
        drawn(Some("stx-etx"), b"\x02", None, b"", b"\x03"),
        drawn(Some("netstring"), b"", digits, b":", b","),
        drawn(Some("octet-counting"), b"", digits, b" ", b""),
    ];
    let formats = [
        Format::Json,
        Format::MessagePack,
        Format::Cbor,
        Format::Resp,
        Format::Bencode,
        Format::Ber,
    ];
    let stuffings = [Stuffing::Slip, Stuffing::Cobs, Stuffing::Hdlc];
    lengths
        .chain([Line::Lines, Line::Crlf, Line::Nul].map(Codec::Line))
        .chain([Codec::Raw])
        .chain(pictures.map(Codec::Picture))
        .chain(formats.map(Codec::Value))
        .chain([Codec::Lsp, Codec::Headers])
        .chain(stuffings.map(Codec::Stuffed))
        .collect()
}

/// A picture with fixed bytes around the length and the body.
fn drawn(
    name: Option<&'static str>,
    before: &[u8],
    length: Option<(Number, Counts)>,
    after: &[u8],
    tail: &[u8],
) -> Picture {
    let part = |bytes: &[u8]| match bytes {
        [] => Vec::new(),
        bytes => vec![Part::Fixed(bytes.to_vec())],
    };
    Picture {
        before: part(before),
        length,
        after: part(after),
        tail: part(tail),
        whole: false,
        name,
    }
}

fn picture(input: &mut Input<'_>) -> Picture {
    let shape = input.byte();
    let length = length(input);
    let mut parts = |count: u8| (0..count % 4).map(|_| part(input)).collect::<Vec<_>>();
    let (mut before, mut after, tail) = (parts(shape), parts(shape >> 2), parts(shape >> 4));
    if length.is_none() {
        before.append(&mut after);
    }
    Picture {
        before,
        length,
        after,
        tail,
        whole: shape >> 6 == 3,
        name: None,
    }
}

/// The lowest four bits of a byte are the kind of the length, one the byte order, and two what
/// it counts.
fn length(input: &mut Input<'_>) -> Option<(Number, Counts)> {
    let byte = input.byte();
    let mut up_to = |max: usize| usize::from(input.byte()) % max + 1;
    let number = match byte % 16 {
        width @ 1..=8 => Number::Integer {
            width: width.into(),
            is_big_endian: byte & 0x10 != 0,
        },
        9 => Number::Varint,
        10 => Number::Gob,
        11 => Number::Ascii(up_to(19)),
        12 => Number::Hex(up_to(16)),
        13 => Number::Bcd(up_to(9)),
        14 => Number::Digits,
        _ => return None,
    };
    let counts = match byte >> 5 & 3 {
        1 => Counts::Itself,
        2 => Counts::All,
        _ => Counts::Body,
    };
    Some((number, counts))
}

/// An odd byte is followed by fixed bytes.
fn part(input: &mut Input<'_>) -> Part {
    let byte = input.byte();
    let count = match byte {
        0xf0.. => 12 + usize::from(byte % 16),
        _ => usize::from(byte >> 1) % 4 + 1,
    };
    match byte % 2 {
        1 => Part::Fixed((0..count).map(|_| input.byte()).collect()),
        _ => Part::Free(count),
    }
}
