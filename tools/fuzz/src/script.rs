//! An input as what happens around a session, step by step.

/// One step. On the wire of the fuzzer: a byte for its kind, a byte for its length, and as
/// many bytes of data; those without data take the length for their number.
#[derive(Debug)]
pub enum Step<'a> {
    /// The client sends these bytes.
    Client(&'a [u8]),
    /// The client sends a masked frame: its first byte, then its payload.
    ClientFrame(&'a [u8]),
    /// The upstream sends these bytes.
    Upstream(&'a [u8]),
    /// The upstream sends a frame of this payload, in its framing.
    UpstreamFrame(&'a [u8]),
    /// The client takes as many bytes more, and then none; 255 is any number.
    ClientTakes(u8),
    /// The same of the upstream.
    UpstreamTakes(u8),
    /// The client ends its side (even) or resets the connection (odd).
    ClientLeaves(u8),
    /// The same of the upstream.
    UpstreamLeaves(u8),
    /// Reads and writes move at most as many bytes; 0 is any number.
    Tear(u8),
    /// Every so-manieth call that could move something is pending instead; below 2 is none.
    Delay(u8),
    /// As many seconds pass.
    Wait(u8),
    /// The gateway is asked to stop.
    Stop,
}

/// The steps that `input` spells.
pub fn steps(mut input: &[u8]) -> Vec<Step<'_>> {
    let mut steps = Vec::new();
    while let [kind, number, rest @ ..] = input {
        let data = rest.get(..usize::from(*number)).unwrap_or(rest);
        let (step, used) = match kind {
            b'c' => (Step::Client(data), data.len()),
            b'C' => (Step::ClientFrame(data), data.len()),
            b'u' => (Step::Upstream(data), data.len()),
            b'U' => (Step::UpstreamFrame(data), data.len()),
            b't' => (Step::ClientTakes(*number), 0),
            b'T' => (Step::UpstreamTakes(*number), 0),
            b'l' => (Step::ClientLeaves(*number), 0),
            b'L' => (Step::UpstreamLeaves(*number), 0),
            b'r' => (Step::Tear(*number), 0),
            b'd' => (Step::Delay(*number), 0),
            b'w' => (Step::Wait(*number), 0),
            b's' => (Step::Stop, 0),
            _ => return steps,
        };
        steps.push(step);
        input = &rest[used..];
    }
    steps
}
