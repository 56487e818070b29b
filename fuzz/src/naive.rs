//! The default framing, read in the plainest way.

use protocol::FrameError;

/// The payloads in `stream`, and how it ends.
pub fn decode(stream: &[u8], max: usize) -> (Vec<Vec<u8>>, Result<(), FrameError>) {
    let (mut payloads, mut at) = (Vec::new(), 0);
    loop {
        let have = stream.len() - at;
        if have == 0 {
            return (payloads, Ok(()));
        }
        if have < 4 {
            return (payloads, Err(FrameError::Truncated { have, need: 4 }));
        }
        let header = [stream[at], stream[at + 1], stream[at + 2], stream[at + 3]];
        let len = u32::from_le_bytes(header) as usize;
        if len > max {
            return (
                payloads,
                Err(FrameError::TooLong {
                    len: len as u64,
                    max,
                }),
            );
        }
        if have < 4 + len {
            let need = 4 + len;
            return (payloads, Err(FrameError::Truncated { have, need }));
        }
        payloads.push(stream[at + 4..at + 4 + len].to_vec());
        at += 4 + len;
    }
}

/// A frame of `payload`.
pub fn frame(payload: &[u8]) -> Vec<u8> {
    let len = u32::try_from(payload.len()).expect("an input is short");
    [&len.to_le_bytes(), payload].concat()
}

/// A frame as a server sends it: its first byte and its payload.
pub type ServerFrame = (u8, Vec<u8>);

/// The frames in what a server sent (RFC 6455, section 5.2), and whether the last one is
/// torn.
///
/// # Panics
/// If a frame is masked, or its length is not in the shortest notation.
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
        let shortest = match stream[1] {
            126 => len > 125,
            127 => len > 0xffff,
            _ => true,
        };
        assert!(shortest, "a length of {len} in a long notation");
        let Some((payload, after)) = rest.split_at_checked(len as usize) else {
            return (frames, true);
        };
        frames.push((*first, payload.to_vec()));
        stream = after;
    }
    (frames, !stream.is_empty())
}
