//! Message framing for byte streams.
//!
//! TCP carries a stream of bytes; a [`Framing`] says where one message ends and
//! the next begins. The default, [`Framing::U32Le`], is a length and a payload:
//!
//! ```text
//!   0        1        2        3        4              4 + length
//!   ┌────────┬────────┬────────┬────────┬───── … ──────┐
//!   │ length, u32, little-endian        │ payload      │
//!   └────────┴────────┴────────┴────────┴───── … ──────┘
//!     05       00       00       00       68 65 6c 6c 6f     "hello"
//! ```
//!
//! The length counts the payload alone and may be zero. A payload is UTF-8 by
//! convention, but any bytes are carried.
//!
//! This crate owns the bytes on the wire and nothing else: it has no sockets, no
//! clock and no runtime, and it builds for WebAssembly, so that the gateway and
//! the page read and write frames by the same code. [`Decoder`] turns bytes into
//! payloads, however they were chunked; [`Encoder`] lays frames out for writing;
//! [`Frame`] is one frame, taken apart.
//!
//! ```
//! use protocol::{Decoder, Encoder, Framing};
//!
//! let mut encoder = Encoder::new(Framing::default());
//! encoder.push_copy(&[b"echo : ", b"hello"])?;
//!
//! let mut stream: &[u8] = b"\x0c\0\0\0echo : hello\x05\0";
//! let decoder = Decoder::new(Framing::default(), 1024);
//! assert_eq!(decoder.next_payload(&mut stream)?, Some(&b"echo : hello"[..]));
//! assert_eq!(decoder.next_payload(&mut stream)?, None, "half a header is no frame yet");
//! assert_eq!(stream, b"\x05\0");
//! # Ok::<(), protocol::FrameError>(())
//! ```

mod decoder;
mod encoder;
mod error;
mod frame;
mod framing;

pub use decoder::Decoder;
pub use encoder::Encoder;
pub use error::{FrameError, UnknownFraming};
pub use frame::Frame;
pub use framing::{Framing, Header};
