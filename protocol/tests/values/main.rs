//! Value framings: where a value ends, in bytes from the specifications, in random ones, and
//! according to other readers.

#[path = "../common/mod.rs"]
mod common;
mod generator;
mod limits;
mod naive;
mod oracle;
mod properties;
mod vectors;

use bytes::Bytes;
use protocol::{FrameError, Framing, ValueFormat};

/// Reads `chunks` as a socket would; returns the messages and the result at the end of the
/// stream.
fn read<'a>(
    format: ValueFormat,
    max: usize,
    chunks: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<Vec<u8>>, Result<(), FrameError>) {
    let (messages, end) = common::read(Framing::Value(format), max, chunks);
    (messages.into_iter().map(Into::into).collect(), end)
}

/// Sends `message`; returns the bytes on the wire.
fn send(format: ValueFormat, message: &[u8]) -> Result<Vec<u8>, FrameError> {
    common::encode(Framing::Value(format), &[Bytes::copy_from_slice(message)])
}
