//! The script of a session: the steps that an input encodes.

/// A step of a script. Encoded as a byte for its kind, a byte for the length, and as many
/// bytes of data; steps without data use the length as their number.
#[derive(Debug)]
pub enum Step<'a> {
    /// The client sends these bytes.
    Client(&'a [u8]),
    /// The client sends a masked frame; the data is its first byte and its payload.
    ClientFrame(&'a [u8]),
    /// The upstream sends these bytes.
    Upstream(&'a [u8]),
    /// The upstream sends a frame with this payload.
    UpstreamFrame(&'a [u8]),
    /// The client accepts this many bytes more, and then none; 255 is any number.
    ClientAccepts(u8),
    /// The upstream accepts this many bytes more, and then none; 255 is any number.
    UpstreamAccepts(u8),
    /// The client ends its side (even) or resets the connection (odd).
    ClientCloses(u8),
    /// The upstream ends its side (even) or resets the connection (odd).
    UpstreamCloses(u8),
    /// Reads and writes transfer at most this many bytes; 0 is any number.
    LimitChunks(u8),
    /// Every n-th call that could transfer bytes is pending instead; below 2 is none.
    MakePending(u8),
    /// This many seconds pass.
    Wait(u8),
    /// The gateway is stopped.
    Stop,
}

/// Decodes the steps in `input`, up to the first byte that is no kind.
pub fn steps(mut input: &[u8]) -> Vec<Step<'_>> {
    let mut steps = Vec::new();
    while let [kind, number, rest @ ..] = input {
        let data = rest.get(..usize::from(*number)).unwrap_or(rest);
        let (step, used) = match kind {
            b'c' => (Step::Client(data), data.len()),
            b'C' => (Step::ClientFrame(data), data.len()),
            b'u' => (Step::Upstream(data), data.len()),
            b'U' => (Step::UpstreamFrame(data), data.len()),
            b't' => (Step::ClientAccepts(*number), 0),
            b'T' => (Step::UpstreamAccepts(*number), 0),
            b'l' => (Step::ClientCloses(*number), 0),
            b'L' => (Step::UpstreamCloses(*number), 0),
            b'r' => (Step::LimitChunks(*number), 0),
            b'd' => (Step::MakePending(*number), 0),
            b'w' => (Step::Wait(*number), 0),
            b's' => (Step::Stop, 0),
            _ => return steps,
        };
        steps.push(step);
        input = &rest[used..];
    }
    steps
}
