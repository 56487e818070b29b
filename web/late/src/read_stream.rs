//! Reading of a raw stream as messages, however it is divided into WebSocket messages.

use std::cell::RefCell;

use bytes::BytesMut;
use protocol::{CutError, Cutter};
use web_core::language::Language;
use web_core::stream_reader::StreamPiece;

use crate::cut::MAX_LEN;
use crate::reason;

/// Stream of a connection.
struct Stream {
    connection: u32,
    framing: String,
    cutter: Cutter,
    /// Bytes of the incomplete frame.
    buffer: BytesMut,
}

thread_local! {
    static STREAM: RefCell<Option<Stream>> = const { RefCell::new(None) };
}

/// Reads the next bytes of a connection's stream; none are its end. Another connection or
/// framing begins a new one.
pub fn read(connection: u32, framing: &str, bytes: &[u8], t: Language) -> Vec<StreamPiece> {
    STREAM.with_borrow_mut(|stream| {
        stream.take_if(|it| it.connection != connection || it.framing != framing);
        if stream.is_none() {
            *stream = Stream::new(connection, framing);
        }
        let Some(mut current) = stream.take() else {
            return vec![StreamPiece::Message(bytes.to_vec().into())];
        };
        current.buffer.extend_from_slice(bytes);
        let (pieces, goes_on) = current.pieces(bytes.is_empty(), t);
        *stream = goes_on.then_some(current);
        pieces
    })
}

impl Stream {
    fn new(connection: u32, framing: &str) -> Option<Self> {
        Some(Self {
            connection,
            framing: framing.into(),
            cutter: Cutter::new(framing.parse().ok()?, None, MAX_LEN),
            buffer: BytesMut::new(),
        })
    }

    /// Takes the whole frames; returns true if the stream goes on. After a frame that is none,
    /// the rest is a raw message.
    fn pieces(&mut self, is_end: bool, t: Language) -> (Vec<StreamPiece>, bool) {
        let mut pieces = Vec::new();
        let error = loop {
            match self.cutter.next(&mut self.buffer) {
                Ok(Some(frame)) => pieces.push(StreamPiece::Message(frame.message)),
                Ok(None) if !is_end => return (pieces, true),
                Ok(None) => match self.cutter.finish(&self.buffer) {
                    Ok(last) => {
                        pieces.extend(last.map(|it| StreamPiece::Message(it.message)));
                        return (pieces, false);
                    }
                    Err(error) => break error,
                },
                Err(error) => break error,
            }
        };
        pieces.push(StreamPiece::Broken(self.sentence(&error, t)));
        if !self.buffer.is_empty() {
            pieces.push(StreamPiece::Message(self.buffer.split().freeze()));
        }
        (pieces, false)
    }

    fn sentence(&self, error: &CutError, t: Language) -> String {
        let why = reason::of_frame(t, &error.source);
        if reason::is_end(&error.source) {
            return t.reading_cut(&self.framing, &why);
        }
        let at = error.offset + reason::offset(&error.source) as u64;
        t.reading_broken(&self.framing, at, &why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use web_core::language::Language::English;
    use web_core::stream_reader::StreamPiece::{Broken, Message};

    fn message(bytes: &'static [u8]) -> StreamPiece {
        Message(bytes.into())
    }

    #[test]
    fn messages_are_read_whatever_the_chunks() {
        let stream = b"Q\0\0\0\x06hiZ\0\0\0\x05I";
        for size in 1..stream.len() {
            let chunks = stream.chunks(size);
            let read = chunks.flat_map(|chunk| read(1, "1+u32be-inclusive", chunk, English));
            assert_eq!(read.collect::<Vec<_>>(), [message(b"Qhi"), message(b"ZI")]);
        }
        assert_eq!(read(1, "1+u32be-inclusive", b"", English), []);
    }

    #[test]
    fn a_broken_frame_is_told_and_the_rest_is_raw() {
        let pieces = read(2, "0x51+u8", b"Q\x01aX\x01b", English);
        let [first, Broken(reason), rest] = &pieces[..] else {
            panic!("{pieces:?}");
        };
        assert_eq!((first, rest), (&message(b"a"), &message(b"X\x01b")));
        assert!(reason.contains("at byte 3 since reading began"), "{reason}");
        assert!(reason.contains("0x58, expected 0x51"), "{reason}");
    }

    #[test]
    fn a_connection_begins_a_stream_and_its_end_shows_the_rest() {
        assert_eq!(read(3, "u8", b"\x05he", English), []);
        assert_eq!(read(4, "u8", b"\x02hi", English), [message(b"hi")]);
        assert_eq!(read(4, "u8", b"\x09x", English), []);
        let pieces = read(4, "u8", b"", English);
        let [Broken(reason), rest] = &pieces[..] else {
            panic!("{pieces:?}");
        };
        assert_eq!(rest, &message(b"\x09x"));
        assert!(reason.contains("after 2 of 10 bytes"), "{reason}");
        assert_eq!(read(4, "json", b"12", English), []);
        assert_eq!(read(4, "json", b"", English), [message(b"12")]);
    }
}
