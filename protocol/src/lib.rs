//! Message framing for byte streams: no I/O (sans-I/O), no clock, no runtime.
//!
//! TCP carries a stream of bytes; a [`Framing`] is the rule for where one message ends
//! and the next begins. The default, `u32le`, is a length prefix and a payload:
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
//! Flags, files and URLs use these names:
//!
//! | name | end of a message | `hello` |
//! | --- | --- | --- |
//! | `u32le`, `u32be` | length prefix: an unsigned integer of four bytes, little-endian or big-endian | `05 00 00 00 68…` `00 00 00 05 68…` |
//! | `u8` | length prefix of one byte | `05 68…` |
//! | `u16le`, `u16be` | length prefix of two bytes | `05 00 68…` `00 05 68…` |
//! | `u24le`, `u24be` | length prefix of three bytes | `05 00 00 68…` `00 00 05 68…` |
//! | `u64le`, `u64be` | length prefix of eight bytes | `05 00 00 00 00 00 00 00 68…` … |
//! | any of these and `-inclusive` | length prefix that counts its own bytes too, such as `u16be-inclusive` | `00 07 68…` |
//! | `varint` | length prefix as an unsigned LEB128 varint of at most 64 bits in ten bytes, as in Protocol Buffers' delimited messages; 300 is `ac 02`. The shortest form is written; longer forms are read | `05 68…` |
//! | `lines` | delimiter LF; CRLF is read as well. A message to send may contain neither CR nor LF | `68… 0a` |
//! | `crlf` | delimiter CRLF; a lone CR or LF that is read is part of the message. A message to send may contain neither | `68… 0d 0a` |
//! | `nul` | delimiter NUL. A message may not contain NUL | `68… 00` |
//! | `raw` | none: the bytes available are a message. A message is sent as it is, and an empty one is not sent | `68…` |
//!
//! A message that its framing cannot carry is refused, never split or changed.
//!
//! [`Decoder`] turns bytes, in chunks of any size, into payloads; [`Encoder`] lays frames
//! out for writing; [`Frame`] is a single frame with its header and trailer. The caller
//! does the I/O. The crate builds for WebAssembly: framegate's gateway and page share it.
//!
//! ```
//! use bytes::Buf;
//! use protocol::{Decoder, Encoder, Framing};
//!
//! let mut encoder = Encoder::new(Framing::default());
//! encoder.push_copy(&[b"echo : ", b"hello"])?;
//! let written = encoder.copy_to_bytes(encoder.remaining());
//! assert_eq!(written, &b"\x0c\0\0\0echo : hello"[..]);
//!
//! let mut decoder = Decoder::new(Framing::default(), 1024);
//! let mut stream = &written[..];
//! assert_eq!(decoder.next_payload(&mut stream)?, Some(&b"echo : hello"[..]));
//! assert_eq!(decoder.next_payload(&mut stream)?, None);
//! # Ok::<(), protocol::FrameError>(())
//! ```

mod decoder;
mod delimiter;
mod encoder;
mod error;
mod frame;
mod framing;
mod framings;
mod guess;
mod header_block;
mod integer;
mod layout;
mod length_prefix;
mod message;
mod message_kind;
mod notation_error;
mod number;
mod payload;
mod picture;
mod scan;
mod segment;
mod stuffing;
mod text_hint;
mod value;
mod varint;
mod write_queue;

pub use decoder::Decoder;
pub use delimiter::Delimiter;
pub use encoder::Encoder;
pub use error::FrameError;
pub use frame::Frame;
pub use framing::Framing;
pub use framings::Framings;
pub use guess::{Evidence, Guess, guess, is_text};
pub use header_block::HeaderBlock;
pub use integer::ByteOrder;
pub use length_prefix::{LengthField, LengthPrefix};
pub use message_kind::MessageKind;
pub use notation_error::NotationError;
pub use number::Number;
pub use payload::Payload;
pub use picture::{Counts, Length, Picture, PictureName, Template};
pub use segment::{Role, Segment};
pub use stuffing::Stuffing;
pub use text_hint::TextHint;
pub use value::ValueFormat;
pub use write_queue::WriteQueue;
