//! Value framings: where a value ends, in bytes from the specifications, in random ones, and
//! according to other readers.

mod generator;
mod limits;
mod naive;
mod oracle;
mod properties;
mod vectors;

use bytes::BytesMut;
use protocol::{Decoder, FrameError, Framing, ValueFormat};

/// Reads `chunks` as a socket would; returns the messages and the result at the end of the
/// stream.
fn read<'a>(
    format: ValueFormat,
    max: usize,
    chunks: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<Vec<u8>>, Result<(), FrameError>) {
    let mut decoder = Decoder::new(Framing::Value(format), max);
    let (mut buffer, mut messages) = (BytesMut::new(), Vec::new());
    for chunk in chunks {
        buffer.extend_from_slice(chunk);
        loop {
            match decoder.split_payload(&mut buffer) {
                Ok(Some(message)) => messages.push(message.to_vec()),
                Ok(None) => break,
                Err(error) => return (messages, Err(error)),
            }
        }
    }
    let end = decoder.finish(&buffer).map(|last| {
        messages.extend(last.map(<[u8]>::to_vec));
    });
    (messages, end)
}

/// Sends `message`; returns the bytes on the wire.
fn send(format: ValueFormat, message: &[u8]) -> Result<Vec<u8>, FrameError> {
    use bytes::Buf;
    let mut encoder = protocol::Encoder::new(Framing::Value(format));
    encoder.push_copy(&[message])?;
    Ok(encoder.copy_to_bytes(encoder.remaining()).to_vec())
}
