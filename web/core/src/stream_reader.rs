//! Reading of a raw upstream as framed messages: by the page, while the gateway passes bytes.

use std::fmt;
use std::rc::Rc;

use bytes::Bytes;

use crate::framing::Framing;

/// Framing by which the page reads a raw upstream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Name of the upstream.
    pub upstream: String,
    /// Framing.
    pub framing: Framing,
}

/// Late part's function that cuts a received stream into messages.
#[derive(Clone)]
pub struct StreamReader(Rc<Read>);

/// Function that reads a stream: number of the connection, notation, and bytes in, none at the
/// stream's end; pieces out. It keeps an incomplete frame until its connection's next call.
type Read = dyn Fn(u32, &str, &[u8]) -> Vec<StreamPiece>;

/// Piece of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StreamPiece {
    /// Message.
    Message(Bytes),
    /// Reason that no frame follows, as a sentence. The stream's next bytes are raw.
    Broken(String),
}

impl StreamReader {
    /// Wraps the late part's function.
    pub fn new(read: impl Fn(u32, &str, &[u8]) -> Vec<StreamPiece> + 'static) -> Self {
        Self(Rc::new(read))
    }

    /// Reads the next bytes of a connection's stream, or its end if there are none.
    pub fn read(&self, connection: u32, framing: &Framing, bytes: &[u8]) -> Vec<StreamPiece> {
        (self.0)(connection, framing.notation(), bytes)
    }
}

impl PartialEq for StreamReader {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for StreamReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StreamReader")
    }
}
