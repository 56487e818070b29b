//! Frames of a WebSocket server.

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
