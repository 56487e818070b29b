//! Message framing for byte streams.
//!
//! TCP carries a stream of bytes; a [`Framing`] says where one message ends and
//! the next begins. The default, `u32le`, is a length and a payload:
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
//! # Framings
//!
//! Each has one name, the same in flags, files and URLs:
//!
//! | name | what tells where a message ends | `hello` |
//! | --- | --- | --- |
//! | `u32le`, `u32be` | its length before it, an unsigned integer of four bytes, little-endian or big-endian | `05 00 00 00 68…` `00 00 00 05 68…` |
//! | `u8` | the same in one byte | `05 68…` |
//! | `u16le`, `u16be` | … in two bytes | `05 00 68…` `00 05 68…` |
//! | `u24le`, `u24be` | … in three bytes | `05 00 00 68…` `00 00 05 68…` |
//! | `u64le`, `u64be` | … in eight bytes | `05 00 00 00 00 00 00 00 68…` … |
//! | any of these and `-inclusive` | the same, the length counting its own bytes too: `u16be-inclusive` | `00 07 68…` |
//! | `varint` | its length before it, an unsigned LEB128 integer of at most 64 bits in ten bytes, as before Protocol Buffers' delimited messages; 300 is `ac 02`. Written as short as can be, read in any length | `05 68…` |
//! | `lines` | an LF after it; CRLF is read as well. Neither CR nor LF can be in a message that is sent | `68… 0a` |
//! | `crlf` | a CRLF after it; a CR or LF by itself is read as a part of the message. Neither can be in one that is sent | `68… 0d 0a` |
//! | `nul` | a NUL after it. None can be in a message | `68… 00` |
//! | `raw` | nothing does: what has arrived is a message, and a message is sent as it is, an empty one not at all | `68…` |
//!
//! A message that its framing cannot carry is refused, never split or changed.
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
//! let mut decoder = Decoder::new(Framing::default(), 1024);
//! assert_eq!(decoder.next_payload(&mut stream)?, Some(&b"echo : hello"[..]));
//! assert_eq!(decoder.next_payload(&mut stream)?, None, "half a header is no frame yet");
//! assert_eq!(stream, b"\x05\0");
//! # Ok::<(), protocol::FrameError>(())
//! ```

mod decoder;
mod delimiter;
mod encoder;
mod error;
mod frame;
mod framing;
mod layout;
mod length_prefix;
mod varint;
mod write_queue;

pub use decoder::Decoder;
pub use delimiter::Delimiter;
pub use encoder::Encoder;
pub use error::{FrameError, UnknownFraming};
pub use frame::Frame;
pub use framing::Framing;
pub use layout::Header;
pub use length_prefix::{ByteOrder, LengthField, LengthPrefix};
pub use write_queue::WriteQueue;
