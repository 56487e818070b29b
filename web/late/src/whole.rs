//! Whole frames: checks that a message sent with `whole:` is one frame, and sets its length.

use bytes::Bytes;
use protocol::{Counts, Decoder, Frame, FrameError, Framing, Length, Number, Picture};

/// Fault of a message that should be a whole frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Length that counts another number of bytes than follow.
    Length {
        /// Number that the length has.
        says: u64,
        /// Number that it should have.
        follow: u64,
        /// Frame with its length set right.
        repaired: Bytes,
    },
    /// Bytes that are no frame.
    NoFrame(FrameError),
    /// Bytes after the frame's end.
    Longer {
        /// Length of the frame, in bytes.
        frame: usize,
    },
}

/// Returns the fault of `message` if it is not one whole frame.
pub fn fault(picture: Picture, message: &Bytes) -> Option<Fault> {
    let mut decoder = Decoder::new(Framing::Picture(picture), usize::MAX);
    let mut rest = &message[..];
    let len = match decoder.next_payload(&mut rest) {
        Ok(Some(_)) if rest.is_empty() => return None,
        Ok(Some(frame)) => frame.len(),
        Ok(None) => match decoder.finish(&message[..]) {
            Err(FrameError::Truncated { need, .. }) => need,
            Err(error) => return Some(Fault::NoFrame(error)),
            Ok(_) => return None,
        },
        Err(error @ FrameError::LengthTooShort { .. }) => {
            return set_length(picture, message, 0).or(Some(Fault::NoFrame(error)));
        }
        Err(error) => return Some(Fault::NoFrame(error)),
    };
    let other = match len > message.len() {
        true => Fault::NoFrame(FrameError::Truncated {
            have: message.len(),
            need: len,
        }),
        false => Fault::Longer { frame: len },
    };
    set_length(picture, message, len).or(Some(other))
}

/// Sets the length of a frame that is `len` bytes long by it. Returns `None` if the picture has
/// no length, or the message is too short for the parts around it.
fn set_length(picture: Picture, message: &Bytes, len: usize) -> Option<Fault> {
    let length = picture.length?;
    let begin = picture.before.len();
    let width = width(length.number, message.get(begin..)?)?;
    let around = begin + width + picture.after.len() + picture.tail.len();
    let body = message.len().checked_sub(around)?;
    let framing = Framing::Picture(Picture {
        whole: false,
        ..picture
    });
    let mut free = Vec::with_capacity(message.len());
    let tail = begin + width + picture.after.len() + body;
    let parts = [
        (&picture.before, &message[..begin]),
        (&picture.after, &message[begin + width..tail - body]),
    ];
    let free_of = |template: &protocol::Template, bytes: &[u8]| -> Vec<u8> {
        let free = bytes.iter().enumerate();
        let free = free.filter(|(index, _)| template.fixed(*index).is_none());
        free.map(|(_, &byte)| byte).collect()
    };
    for (template, bytes) in parts {
        free.extend(free_of(template, bytes));
    }
    free.extend(&message[tail - body..tail]);
    free.extend(free_of(&picture.tail, &message[tail..]));
    let frame = Frame::new(framing, free).ok()?;
    let segments = frame
        .segments()
        .iter()
        .flat_map(|(_, bytes)| bytes.to_vec());
    let counted = |len: usize| count(length, len, begin, around);
    Some(Fault::Length {
        says: counted(len),
        follow: counted(message.len()),
        repaired: segments.collect(),
    })
}

/// Returns the number that the length of a frame of `len` bytes has.
fn count(length: Length, len: usize, before: usize, around: usize) -> u64 {
    let not_counted = match length.counts {
        Counts::Body => around,
        Counts::Itself => before,
        Counts::Frame => 0,
    };
    len.saturating_sub(not_counted) as u64
}

/// Returns the width of the number at the front of `bytes`.
fn width(number: Number, bytes: &[u8]) -> Option<usize> {
    if let Some(width) = number.width() {
        return Some(width);
    }
    match number {
        Number::Varint => Some(bytes.iter().position(|byte| *byte < 0x80)? + 1),
        Number::Gob => match *bytes.first()? {
            0..0x80 => Some(1),
            count => Some(1 + usize::from(count.wrapping_neg())),
        },
        _ => bytes.iter().position(|byte| !byte.is_ascii_digit()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault_of(framing: &str, message: &'static [u8]) -> Option<Fault> {
        let Ok(Framing::Picture(picture)) = framing.parse() else {
            panic!("{framing} is no picture");
        };
        fault(picture, &Bytes::from_static(message))
    }

    #[test]
    fn a_wrong_length_is_found_and_set_right() {
        let framing = "whole:1+u32be-inclusive";
        assert_eq!(fault_of(framing, b"Q\0\0\0\x06hi"), None);
        for says in [5, 12] {
            let message: &'static [u8] = match says {
                5 => b"Q\0\0\0\x05hi",
                _ => b"Q\0\0\0\x0chi",
            };
            let repaired = Bytes::from_static(b"Q\0\0\0\x06hi");
            let follow = 6;
            let expected = Fault::Length {
                says,
                follow,
                repaired,
            };
            assert_eq!(fault_of(framing, message), Some(expected));
        }
        let Some(Fault::Length { repaired, .. }) = fault_of("whole:1+varint", b"0\x03hi") else {
            panic!("no wrong length");
        };
        assert_eq!(repaired, b"0\x02hi"[..]);
    }

    #[test]
    fn bytes_that_are_no_frame_are_told() {
        let fault = fault_of("whole:0x0300+u16be-all", b"HTTP/1.1").unwrap();
        assert!(matches!(
            fault,
            Fault::NoFrame(FrameError::FixedByte { at: 0, .. })
        ));
        assert_eq!(
            fault_of("whole:...0x0a", b"a\nb"),
            Some(Fault::Longer { frame: 2 })
        );
    }
}
