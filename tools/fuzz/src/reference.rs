//! The reference codec: a decoder and an encoder for all framings, too simple to be wrong.

use protocol::{ByteOrder, Delimiter, FrameError, Framing, LengthPrefix};

/// The framing that a byte of the input selects.
pub fn framing(byte: u8) -> Framing {
    Framing::ALL[usize::from(byte) % Framing::ALL.len()]
}

/// Decodes a whole stream into its payloads; an error is where it ends. In `raw` the stream is
/// one payload.
pub fn decode(
    framing: Framing,
    mut stream: &[u8],
    max: usize,
) -> (Vec<Vec<u8>>, Result<(), FrameError>) {
    let mut payloads = Vec::new();
    while !stream.is_empty() {
        let first = match framing {
            Framing::Length(prefix) => {
                length(prefix, stream).and_then(|(header, len)| payload(stream, header, len, max))
            }
            Framing::Varint => {
                varint(stream).and_then(|(header, len)| payload(stream, header, len, max))
            }
            Framing::Delimited(delimiter) => delimited(delimiter, stream, max),
            Framing::Raw => Ok((stream, stream.len())),
        };
        match first {
            Ok((payload, used)) => {
                payloads.push(payload.to_vec());
                stream = &stream[used..];
            }
            Err(error) => return (payloads, Err(error)),
        }
    }
    (payloads, Ok(()))
}

/// The length of a header, and that of the payload.
type Header = (usize, u64);

fn length(prefix: LengthPrefix, stream: &[u8]) -> Result<Header, FrameError> {
    let width = prefix.field.width();
    let Some(bytes) = stream.get(..width) else {
        let have = stream.len();
        return Err(FrameError::Truncated { have, need: width });
    };
    let mut most_significant_first = bytes.to_vec();
    if prefix.field.byte_order() == Some(ByteOrder::Little) {
        most_significant_first.reverse();
    }
    let bytes = most_significant_first.into_iter();
    let len = bytes.fold(0, |len, byte| (len << 8) | u64::from(byte));
    match prefix.inclusive {
        true if len < width as u64 => Err(FrameError::LengthTooShort {
            len,
            header_len: width,
        }),
        true => Ok((width, len - width as u64)),
        false => Ok((width, len)),
    }
}

fn varint(stream: &[u8]) -> Result<Header, FrameError> {
    let mut len = 0_u128;
    for at in 0..10 {
        let Some(byte) = stream.get(at) else {
            let have = stream.len();
            let need = have + 1;
            return Err(FrameError::Truncated { have, need });
        };
        len += u128::from(byte % 128) << (7 * at);
        if *byte < 128 {
            let len = u64::try_from(len).map_err(|_| FrameError::VarintTooLong)?;
            return Ok((at + 1, len));
        }
    }
    Err(FrameError::VarintTooLong)
}

/// Returns the payload after a header, and the length of the frame.
fn payload(
    stream: &[u8],
    header: usize,
    len: u64,
    max: usize,
) -> Result<(&[u8], usize), FrameError> {
    if len > max as u64 {
        return Err(FrameError::TooLong { len, max });
    }
    let need = header + len as usize;
    match stream.get(header..need) {
        Some(payload) => Ok((payload, need)),
        None => Err(FrameError::Truncated {
            have: stream.len(),
            need,
        }),
    }
}

/// Returns the payload before a delimiter, and the length of the frame.
fn delimited(
    delimiter: Delimiter,
    stream: &[u8],
    max: usize,
) -> Result<(&[u8], usize), FrameError> {
    let delimiters: &[&[u8]] = match delimiter {
        Delimiter::Lines => &[b"\r\n", b"\n"],
        Delimiter::Crlf => &[b"\r\n"],
        Delimiter::Nul => &[b"\0"],
    };
    for len in 0..stream.len() {
        let found = delimiters.iter().find(|it| stream[len..].starts_with(it));
        if let Some(found) = found {
            return match len > max {
                true => Err(FrameError::NoDelimiter { max }),
                false => Ok((&stream[..len], len + found.len())),
            };
        }
    }
    // A CR at the end may be the beginning of a delimiter.
    let len = match (delimiter, stream) {
        (Delimiter::Lines | Delimiter::Crlf, [before @ .., b'\r']) => before.len(),
        _ => stream.len(),
    };
    match len > max {
        true => Err(FrameError::NoDelimiter { max }),
        false => Err(FrameError::Unterminated { have: stream.len() }),
    }
}

/// Encodes a frame; `None` if the framing cannot carry `payload`.
pub fn frame(framing: Framing, payload: &[u8]) -> Option<Vec<u8>> {
    let has = |bytes: &[u8]| payload.iter().any(|byte| bytes.contains(byte));
    match framing {
        Framing::Length(prefix) => {
            let width = prefix.field.width();
            let len = payload.len() as u64 + if prefix.inclusive { width as u64 } else { 0 };
            let mut header = len.to_le_bytes().to_vec();
            if header.split_off(width).iter().any(|&byte| byte != 0) {
                return None;
            }
            if prefix.field.byte_order() == Some(ByteOrder::Big) {
                header.reverse();
            }
            Some([&header, payload].concat())
        }
        Framing::Varint => {
            let (mut header, mut rest) = (Vec::new(), payload.len());
            while rest > 127 {
                header.push((rest % 128 + 128) as u8);
                rest /= 128;
            }
            header.push(rest as u8);
            Some([&header, payload].concat())
        }
        Framing::Delimited(Delimiter::Lines) if !has(b"\r\n") => Some([payload, b"\n"].concat()),
        Framing::Delimited(Delimiter::Crlf) if !has(b"\r\n") => Some([payload, b"\r\n"].concat()),
        Framing::Delimited(Delimiter::Nul) if !has(b"\0") => Some([payload, b"\0"].concat()),
        Framing::Delimited(_) => None,
        Framing::Raw => Some(payload.to_vec()),
    }
}

/// A WebSocket frame from a server: its first byte and its payload.
pub type ServerFrame = (u8, Vec<u8>);

/// Parses the frames in a server's stream (RFC 6455, section 5.2); returns true with them if
/// the last one is incomplete.
///
/// # Panics
/// If a frame is masked, or its length is not minimally encoded.
pub fn server_frames(mut stream: &[u8]) -> (Vec<ServerFrame>, bool) {
    let mut frames = Vec::new();
    while let [first, len, rest @ ..] = stream {
        let (len, rest) = match (len, rest) {
            (0..=125, rest) => (u64::from(*len), rest),
            (126, [a, b, rest @ ..]) => (u64::from(u16::from_be_bytes([*a, *b])), rest),
            (127, [a, b, c, d, e, f, g, h, rest @ ..]) => {
                let len = u64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]);
                (len, rest)
            }
            (126 | 127, _) => return (frames, true),
            _ => panic!("a server's frame is masked"),
        };
        let is_minimal = match stream[1] {
            126 => len > 125,
            127 => len > 0xffff,
            _ => true,
        };
        assert!(is_minimal, "the length {len} is not minimally encoded");
        let Some((payload, after)) = rest.split_at_checked(len as usize) else {
            return (frames, true);
        };
        frames.push((*first, payload.to_vec()));
        stream = after;
    }
    (frames, !stream.is_empty())
}
