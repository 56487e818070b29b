//! Streams for tests: written by an encoder, and read in chunks as from a socket.

use bytes::{Buf, Bytes, BytesMut};
use protocol::{Decoder, Encoder, FrameError, Framing};

/// Returns the frames of `messages`.
pub(crate) fn encode(framing: Framing, messages: &[Bytes]) -> Result<Vec<u8>, FrameError> {
    let mut encoder = Encoder::new(framing);
    for message in messages {
        encoder.push([message.clone()])?;
    }
    Ok(encoder.copy_to_bytes(encoder.remaining()).to_vec())
}

/// Reader of a stream, whose messages are taken after each chunk.
pub(crate) struct Reader {
    decoder: Decoder,
    buffer: BytesMut,
    pub(crate) messages: Vec<Bytes>,
}

impl Reader {
    pub(crate) fn new(framing: Framing, max: usize) -> Self {
        Self {
            decoder: Decoder::new(framing, max),
            buffer: BytesMut::new(),
            messages: Vec::new(),
        }
    }

    /// Receives a chunk.
    pub(crate) fn receive(&mut self, chunk: &[u8]) -> Result<(), FrameError> {
        self.buffer.extend_from_slice(chunk);
        while let Some(message) = self.decoder.split_payload(&mut self.buffer)? {
            self.messages.push(message);
        }
        Ok(())
    }

    /// Ends the stream.
    pub(crate) fn finish(&mut self) -> Result<(), FrameError> {
        let last = self.decoder.finish(&self.buffer)?;
        self.messages.extend(last.map(Bytes::copy_from_slice));
        Ok(())
    }
}

/// Reads `chunks` up to the end of the stream; returns the messages and the result.
pub(crate) fn read<'a>(
    framing: Framing,
    max: usize,
    chunks: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<Bytes>, Result<(), FrameError>) {
    let mut reader = Reader::new(framing, max);
    let mut chunks = chunks.into_iter();
    let result = chunks
        .try_for_each(|chunk| reader.receive(chunk))
        .and_then(|()| reader.finish());
    (reader.messages, result)
}

/// Cuts `stream` into chunks of these sizes, repeated in turn.
pub(crate) fn chunks<'a>(stream: &'a [u8], sizes: &[usize]) -> Vec<&'a [u8]> {
    let mut rest = stream;
    let chunks = sizes.iter().cycle().map_while(|&size| {
        let (chunk, after) = rest.split_at(size.min(rest.len()));
        rest = after;
        (!chunk.is_empty()).then_some(chunk)
    });
    chunks.collect()
}
