//! Messages of a given length that a framing can carry.

use bytes::{Buf, Bytes};
use protocol::{Encoder, FrameError, Framing, HeaderBlock, Picture, ValueFormat};

use crate::bench::error::BenchError;

/// Returns a message of `len` bytes, as pseudo-random as the framing allows, seeded by `index`:
/// a value of the format, a head and a body, a whole frame, or any letters and digits.
///
/// # Errors
/// [`BenchError::Frame`] if the framing cannot carry such a message, [`BenchError::NoMessage`]
/// if none has exactly this length.
pub(super) fn message(framing: Framing, index: usize, len: usize) -> Result<Bytes, BenchError> {
    let message = match framing {
        Framing::Value(format) => value(format, index, len),
        Framing::HeaderBlock(HeaderBlock::Headers) => head_and_body(index, len),
        Framing::Picture(picture) if picture.whole => whole_frame(picture, index, len)?,
        _ => Some(letters(index, len)),
    };
    let message: Bytes = message
        .ok_or(BenchError::NoMessage { len, framing })?
        .into();
    encode(framing, message.clone())?;
    Ok(message)
}

/// Returns the frame of a message.
///
/// # Errors
/// A [`FrameError`] if the framing cannot carry it.
pub(super) fn encode(framing: Framing, message: Bytes) -> Result<Vec<u8>, FrameError> {
    let mut encoder = Encoder::new(framing);
    encoder.push([message])?;
    let mut frame = vec![0; encoder.remaining()];
    encoder.copy_to_slice(&mut frame);
    Ok(frame)
}

/// Returns pseudo-random letters and digits, seeded by `index`.
fn letters(index: usize, len: usize) -> Vec<u8> {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz012345";
    let mut state = index as u64;
    let letters = std::iter::repeat_with(|| {
        // Knuth's MMIX generator, whose upper bits are the most random.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        LETTERS[(state >> 59) as usize]
    });
    letters.take(len).collect()
}

/// Returns a string of the format, of `len` bytes; a list with one if no string has this length.
fn value(format: ValueFormat, index: usize, len: usize) -> Option<Vec<u8>> {
    let between = |before: Vec<u8>, after: &[u8]| {
        let letters = letters(index, len.checked_sub(before.len() + after.len())?);
        Some([&before[..], &letters, after].concat())
    };
    match format {
        ValueFormat::Json => between(b"\"".to_vec(), b"\""),
        ValueFormat::MessagePack => between(binary_header(len, &MESSAGE_PACK)?, b""),
        ValueFormat::Cbor => between(binary_header(len, &CBOR)?, b""),
        ValueFormat::Ber => between(binary_header(len, &BER)?, b""),
        ValueFormat::Resp => match digits(len, "$\r\n\r\n".len()) {
            Some(count) => between(format!("${count}\r\n").into_bytes(), b"\r\n"),
            None => between(b"+".to_vec(), b"\r\n"),
        },
        ValueFormat::Bencode => match digits(len, ":".len()) {
            Some(count) => between(format!("{count}:").into_bytes(), b""),
            None => {
                let count = digits(len, "l:e".len())?;
                between(format!("l{count}:").into_bytes(), b"e")
            }
        },
    }
}

/// Header of a string: the longest string for it, the bytes before its length, and how many
/// bytes the length has.
type StringHeader = (usize, u8, usize);

const MESSAGE_PACK: [StringHeader; 4] = [
    (31, 0xa0, 0),
    (0xff, 0xd9, 1),
    (0xffff, 0xda, 2),
    (u32::MAX as usize, 0xdb, 4),
];
const CBOR: [StringHeader; 4] = [
    (23, 0x60, 0),
    (0xff, 0x78, 1),
    (0xffff, 0x79, 2),
    (u32::MAX as usize, 0x7a, 4),
];
/// Octet strings, whose tag goes before.
const BER: [StringHeader; 4] = [
    (127, 0, 0),
    (0xff, 0x81, 1),
    (0xffff, 0x82, 2),
    (u32::MAX as usize, 0x84, 4),
];

/// Returns the header of a string that is `len` bytes long with it.
fn binary_header(len: usize, headers: &[StringHeader; 4]) -> Option<Vec<u8>> {
    const OCTET_STRING: u8 = 4;
    let tag: &[u8] = if *headers == BER {
        &[OCTET_STRING]
    } else {
        &[]
    };
    headers.iter().find_map(|&(max, first, width)| {
        let count = len.checked_sub(tag.len() + 1 + width)?;
        let count_bytes = (count as u64).to_be_bytes();
        let first = if width == 0 {
            first | count as u8
        } else {
            first
        };
        let header = [tag, &[first], &count_bytes[8 - width..]].concat();
        (count <= max).then_some(header)
    })
}

/// Returns the length that, as decimal digits beside `others` bytes, makes `len` bytes.
fn digits(len: usize, others: usize) -> Option<usize> {
    (1..=20).find_map(|digits| {
        let count = len.checked_sub(digits + others)?;
        (count.to_string().len() == digits).then_some(count)
    })
}

/// Returns a head with a length, and a body, of `len` bytes together.
fn head_and_body(index: usize, len: usize) -> Option<Vec<u8>> {
    const NAME: &str = "Content-Length:";
    // A second space where no length has the right number of digits.
    [" ", "  "].into_iter().find_map(|space| {
        let count = digits(len, NAME.len() + space.len() + "\r\n\r\n".len())?;
        let head = format!("{NAME}{space}{count}\r\n\r\n");
        Some([head.into_bytes(), letters(index, count)].concat())
    })
}

/// Returns a frame of `len` bytes.
fn whole_frame(picture: Picture, index: usize, len: usize) -> Result<Option<Vec<u8>>, BenchError> {
    const TRIES: usize = 4;
    let whole = false;
    let framing = Framing::Picture(Picture { whole, ..picture });
    let mut message_len = picture.free().max(len.min(picture.free() + 1));
    for _ in 0..TRIES {
        let frame = encode(framing, letters(index, message_len).into())?;
        if frame.len() == len {
            return Ok(Some(frame));
        }
        // The length of what is around the message can depend on it.
        let around = frame.len() - message_len;
        match len.checked_sub(around) {
            Some(next) if next >= picture.free() => message_len = next,
            _ => return Ok(None),
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_of_any_length_is_valid_in_each_framing() {
        let whole = [
            "whole:1+u32be-inclusive",
            "whole:1+varint",
            "whole:mllp",
            "1+u16be...2",
        ];
        let whole = whole.map(|notation| notation.parse().unwrap());
        for framing in Framing::named().chain(whole) {
            for len in (40..140).chain([200, 255, 256, 257, 258, 259, 1000, 10_000, 70_000]) {
                match message(framing, 7, len) {
                    Ok(message) => assert_eq!(message.len(), len, "{framing}"),
                    Err(error) => {
                        let is_length = framing.check_len(len).is_err();
                        assert!(is_length || is_gap(&error), "{framing} {len}: {error}");
                    }
                }
            }
        }
    }

    /// Returns true for lengths between a frame with a short length and one with a long one.
    fn is_gap(error: &BenchError) -> bool {
        let BenchError::NoMessage { framing, .. } = error else {
            return false;
        };
        framing.is_whole()
    }

    #[test]
    fn impossible_length_is_an_error() {
        let error = |notation: &str, len| {
            let framing = notation.parse().unwrap();
            message(framing, 0, len).unwrap_err().to_string()
        };
        assert!(error("json", 1).contains("no message of 1 byte"));
        assert!(error("headers", 10).contains("--size"));
        assert!(error("4+u16be", 3).contains("shorter than the 4"));
        assert!(error("fixed8", 9).contains("bytes"));
        assert!(error("u8", 256).contains("over the limit of 255 bytes"));
        assert!(error("whole:4+u16be", 5).contains("no message of 5 bytes"));
    }
}
