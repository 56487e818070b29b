//! Candidates that are no pictures: values, header blocks, byte stuffing, fixed lengths.

use std::ops::RangeInclusive;

use super::bits::{BIT, Bits, log2};
use super::capture::Capture;
use super::division::{COUNTED, Division};
use super::ranking::Ranking;
use crate::framing::Framing;
use crate::header_block::HeaderBlock;
use crate::stuffing::Stuffing;
use crate::value::ValueFormat;

/// Shortest value of a binary format that says something, in bytes.
const SHORTEST: usize = 4;
/// Evidence of a head of `lsp`, in bits: its name and its length are right.
const LSP_HEAD: Bits = 32;
/// Most values inside another one that add to its evidence.
const MAX_INSIDE: Bits = 4;
/// Deepest level of elements of BER that is looked at.
const LEVELS: u32 = 4;
/// Lengths of fixed frames, in bytes, and the fewest of them. Shorter ones are the words of
/// other messages.
const FIXED: RangeInclusive<usize> = 5..=256;
const MIN_FIXED_FRAMES: usize = 4;
/// Cost of a fixed length, in bits: that of its value.
const FIXED_COST: Bits = 11;
/// Cost of a fixed length in a text, in bits: few texts have one.
const FIXED_IN_TEXT: Bits = 40;

/// Adds all formats that divide the capture.
pub(super) fn add(ranking: &mut Ranking<'_>) {
    for format in ValueFormat::ALL {
        add_values(ranking, format);
    }
    for block in HeaderBlock::ALL {
        add_header_blocks(ranking, block);
    }
    for stuffing in Stuffing::ALL {
        add_stuffing(ranking, stuffing);
    }
    let bytes = ranking.capture.bytes;
    let cost = match ranking.capture.is_text {
        true => FIXED_COST + FIXED_IN_TEXT,
        false => FIXED_COST,
    };
    let divides = |len: &usize| bytes.len().is_multiple_of(*len);
    for len in FIXED.filter(divides) {
        let division = Division::new(bytes, |_| Ok(Some(len)));
        let is_likely =
            |it: &Division| it.len() >= MIN_FIXED_FRAMES && ranking.capture.has_mark(it);
        if let Some(division) = division.filter(is_likely) {
            // All lengths that are tried divide the capture.
            let bits = -cost * BIT - ranking.end(&division);
            ranking.add(Framing::Fixed(len as u32), &division, bits);
        }
    }
}

fn add_values(ranking: &mut Ranking<'_>, format: ValueFormat) {
    let (mut telling, mut bits) = (0, 0);
    let framing = Framing::Value(format);
    let division = Division::decoded(ranking.capture.bytes, framing, |value| {
        let told = evidence(format, value);
        telling += usize::from(told > 0);
        if telling <= COUNTED {
            bits += told;
        }
    });
    // A byte alone is a value of MessagePack, and any text a row of them.
    match division.filter(|it| telling * 2 >= it.len()) {
        // Its values are lines, all of which begin alike in other protocols, too.
        Some(division) if format == ValueFormat::Resp => {
            ranking.add_unaligned(framing, &division, bits * BIT);
        }
        Some(division) => ranking.add(framing, &division, bits * BIT),
        None => {}
    }
}

/// Returns how much a value says for its format, in bits.
fn evidence(format: ValueFormat, value: &[u8]) -> Bits {
    let Some(&first) = value.first() else {
        return 0;
    };
    match format {
        ValueFormat::Json if matches!(first, b'{' | b'[') => 10,
        ValueFormat::Resp if matches!(first, b'*' | b'$' | b'%' | b'~' | b'>') => {
            22 + 6 * strings(value).min(MAX_INSIDE)
        }
        ValueFormat::Resp => 3,
        ValueFormat::Bencode if matches!(first, b'd' | b'l') => 10,
        ValueFormat::MessagePack if value.len() >= SHORTEST => match first {
            0x81..=0x8f | 0x91..=0x9f | 0xdc..=0xdf => 8,
            _ => 0,
        },
        ValueFormat::Cbor if value.len() >= SHORTEST => match first {
            0x81..=0x9b | 0xa1..=0xbb | 0x9f | 0xbf | 0xd8..=0xdb => 8,
            _ => 0,
        },
        ValueFormat::Ber => match nested(value, LEVELS) {
            0 => 0,
            count => 6 + 4 * count.min(MAX_INSIDE),
        },
        _ => 0,
    }
}

/// Returns the number of strings of RESP in an array.
fn strings(array: &[u8]) -> Bits {
    array.windows(3).filter(|it| it == b"\r\n$").count() as Bits
}

/// Returns the number of constructed elements of BER in `element`, itself included, that hold
/// whole elements, down to `levels` levels.
fn nested(element: &[u8], levels: u32) -> Bits {
    const CONSTRUCTED: u8 = 0x20;
    let header = match element {
        [first, ..] if first & CONSTRUCTED == 0 || levels == 0 => return 0,
        [_, len, ..] if *len < 0x80 => 2,
        [_, len, ..] => 2 + usize::from(len & 0x7f),
        _ => return 0,
    };
    let ber = Framing::Value(ValueFormat::Ber);
    let (inside, mut count) = (element.get(header..).unwrap_or_default(), 1);
    let inside = Division::decoded(inside, ber, |it| count += nested(it, levels - 1));
    match inside {
        Some(inside) if inside.complete => count,
        _ => 0,
    }
}

fn add_header_blocks(ranking: &mut Ranking<'_>, block: HeaderBlock) {
    let framing = Framing::HeaderBlock(block);
    let (mut count, mut bits) = (0, 10);
    let division = Division::decoded(ranking.capture.bytes, framing, |message| {
        count += 1;
        bits += match block {
            _ if count > COUNTED => 0,
            HeaderBlock::Lsp => LSP_HEAD,
            HeaderBlock::Headers => head_evidence(message),
        };
    });
    if let Some(division) = division {
        ranking.add(framing, &division, bits * BIT);
    }
}

/// Returns the evidence of a message's head for header lines, in bits.
fn head_evidence(message: &[u8]) -> Bits {
    const NAME: &[u8] = b"content-length";
    let mut names = message.windows(NAME.len());
    let has_length = names.any(|name| name.eq_ignore_ascii_case(NAME));
    let colons = message.windows(2).filter(|it| it == b": ").count() as Bits;
    16 * Bits::from(has_length) + 4 * colons.min(MAX_INSIDE)
}

fn add_stuffing(ranking: &mut Ranking<'_>, stuffing: Stuffing) {
    let capture = ranking.capture;
    let framing = Framing::Stuffed(stuffing);
    let Some(division) = Division::decoded(capture.bytes, framing, |_| {}) else {
        return;
    };
    let bits = match stuffing {
        Stuffing::Slip => escapes(capture, &[0xdb]) + escapes(capture, &[0xc0, 0xc0]),
        Stuffing::Hdlc => escapes(capture, &[0x7d]) + division.counted() * capture.surprise(0x7e),
        // Counts that lead to each zero byte.
        Stuffing::Cobs => {
            let counts = division.frames().take(COUNTED);
            counts
                .map(|(begin, end)| log2((end - begin) as u32) - BIT)
                .sum()
        }
    };
    ranking.add(framing, &division, bits - 5 * BIT);
}

/// Returns the evidence of `sequence`, which is followed as it has to be wherever it is.
fn escapes(capture: &Capture<'_>, sequence: &[u8]) -> Bits {
    let found = capture.bytes.windows(sequence.len());
    let count = found.filter(|it| *it == sequence).take(COUNTED).count();
    count as Bits * 6 * BIT
}
